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
from domain.transactions import ENGINE_ONLY, SubType, Type

EVEN_IF_INACTIVE = frozenset({SubType.EXPIRY, SubType.MERGE_OUT})
"""What the engine does to a member whatever the status: points lapse, and follow who is merged, all the same."""

NOT_GIVEN = ENGINE_ONLY | {SubType.CANCELLATION}
"""Accruals that no partner gives: they bring points back, or from somebody else."""
GONE = frozenset({MemberStatus.CANCELLED, MemberStatus.MERGED})


def check(program: EngineProgram, entry: Entry, book: Book) -> None:
    """Raises Rejected with the first reason against it."""
    if entry.sub_type in EVEN_IF_INACTIVE:
        return
    if program.program.status is not ProgramStatus.ACTIVE:
        raise Rejected(ProgramInactive(status=program.program.status.value))
    if entry.sub_type is SubType.CANCELLATION:
        _check_still_member(book.status)
        return
    _check_member(entry.type, book.status)
    _check_partner(entry)
    _check_membership(program, entry, book)
    required = _required(program, entry.type)
    if required and (empty := tuple(name for name in required if is_empty(book.member.facts, name))):
        raise Rejected(MissingMemberData(fields=empty))


def _check_member(kind: Type, status: MemberStatus) -> None:
    allowed = EARNS if kind is Type.ACCRUAL else BURNS
    if status not in allowed:
        raise Rejected(MemberInactive(status=status.value, allowed=tuple(sorted(each.value for each in allowed))))


def _check_still_member(status: MemberStatus) -> None:
    """What went wrong is put right for everybody who still has points, whatever the partner's terms say by now."""
    if status in GONE:
        allowed = tuple(sorted(each.value for each in MemberStatus if each not in GONE))
        raise Rejected(MemberInactive(status=status.value, allowed=allowed))


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


def _check_membership(program: EngineProgram, entry: Entry, book: Book) -> None:
    """What a partner gives needs a membership on the day of processing, if the program demands one."""
    demanded, partner = program.program.settings.partner_programs, entry.partner
    if not demanded or partner is None or entry.type is not Type.ACCRUAL or entry.sub_type in NOT_GIVEN:
        return
    if not any(first <= book.today <= last for first, last in partner.memberships):
        raise Rejected(PartnerInactive(partner=partner.code, demanded=demanded))


def _required(program: EngineProgram, kind: Type) -> tuple[str, ...]:
    settings = program.program.settings
    return settings.required_for_accrual if kind is Type.ACCRUAL else settings.required_for_redemption


def is_empty(facts: Any, name: str) -> bool:
    """Whether a field (`email`, `address.city`, `attributes.shoeSize`) of a member is not filled in."""
    value: Any = facts
    for part in name.split("."):
        value = value.get(part) if hasattr(value, "get") else None
    return value is None or value in ("", [], {}, ())
