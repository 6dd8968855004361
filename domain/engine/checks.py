"""Whether a transaction may be processed at all: program, member, partner and required data, in this order."""

from typing import Any

from domain.engine.book import Book
from domain.engine.program import EngineProgram
from domain.engine.rejections import (
    LateReport,
    MemberInactive,
    MissingMemberData,
    PartnerInactive,
    ProgramInactive,
    Rejected,
)
from domain.engine.snapshot import Entry
from domain.members import BURNS, EARNS, MemberStatus
from domain.programs import ProgramStatus
from domain.transactions import SubType, Type

EVEN_IF_INACTIVE = frozenset({SubType.EXPIRY})
"""What the engine does to a member whatever the status: points lapse all the same."""


def check(program: EngineProgram, entry: Entry, book: Book) -> None:
    """Raises Rejected with the first reason against it."""
    if entry.sub_type in EVEN_IF_INACTIVE:
        return
    if program.program.status is not ProgramStatus.ACTIVE:
        raise Rejected(ProgramInactive(status=program.program.status.value))
    _check_member(entry.type, book.status)
    _check_partner(entry)
    required = _required(program, entry.type)
    if empty := tuple(name for name in required if is_empty(book.member.facts, name)):
        raise Rejected(MissingMemberData(fields=empty))


def _check_member(kind: Type, status: MemberStatus) -> None:
    allowed = EARNS if kind is Type.ACCRUAL else BURNS
    if status not in allowed:
        raise Rejected(MemberInactive(status=status.value, allowed=tuple(sorted(each.value for each in allowed))))


def _check_partner(entry: Entry) -> None:
    partner = entry.partner
    if partner is None:
        return
    if not partner.active:
        raise Rejected(PartnerInactive(partner=partner.code))
    days = partner.report_within_days
    if days is not None and (entry.reported_on - entry.transaction_date).days > days:
        earliest = entry.reported_on.fromordinal(entry.reported_on.toordinal() - days)
        raise Rejected(LateReport(days=days, earliest=earliest))


def _required(program: EngineProgram, kind: Type) -> tuple[str, ...]:
    settings = program.program.settings
    return settings.required_for_accrual if kind is Type.ACCRUAL else settings.required_for_redemption


def is_empty(facts: Any, name: str) -> bool:
    """Whether a field (`email`, `address.city`, `attributes.shoeSize`) of a member is not filled in."""
    value: Any = facts
    for part in name.split("."):
        value = value.get(part) if hasattr(value, "get") else None
    return value is None or value in ("", [], {}, ())
