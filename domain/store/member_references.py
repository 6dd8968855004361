"""From what people call a member (id, number, card, email, phone) to the member's key, a set at a time.

A partner may name any member of the program by what the member shows it, a card or number; by anything else only its own.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Text, any_, bindparam, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.commands.members import MemberReference
from domain.contacts import normalize_email, normalize_phone
from domain.people import Scope
from domain.problems import NotFound, Problem
from domain.store import tables as t
from domain.store.database import Reader
from domain.store.driver import Written

VALUES = bindparam("values", type_=ARRAY(Text))
KEYS = bindparam("values", type_=ARRAY(BigInteger))
PROGRAM = bindparam("program_id", type_=BigInteger)
PARTNER = bindparam("partner_id", type_=BigInteger)

_m, _i = t.member.c, t.member_identifier.c

_WHO = func.coalesce(_m.merged_into_id, _m.id)
"""Of a member who was merged, the one who stayed."""
FINDERS = {
    "id": Written(select(_m.id, _m.id).where(_m.program_id == PROGRAM, _m.id == any_(KEYS))),
    "number": Written(select(_m.number, _WHO).where(_m.program_id == PROGRAM, _m.number == any_(VALUES))),
    "card": Written(select(_i.value, _i.member_id).where(_i.program_id == PROGRAM, _i.value == any_(VALUES))),
    "email": Written(
        select(func.lower(_m.email), _WHO).where(_m.program_id == PROGRAM, func.lower(_m.email) == any_(VALUES))
    ),
    "phone": Written(select(_m.phone, _WHO).where(_m.program_id == PROGRAM, _m.phone == any_(VALUES))),
}
"""By what a member may be named, and how it is found."""

SHOWN_TO_PARTNERS = frozenset({"number", "card"})

SERVED = select(_m.id).where(
    _m.id == any_(KEYS),
    or_(
        _m.enrolled_by_partner_id == PARTNER,
        exists().where(t.transaction.c.member_id == _m.id, t.transaction.c.partner_id == PARTNER),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbiguousMember(Problem):
    """An email, phone or card that several members share."""

    code = "AMBIGUOUS_MEMBER"
    by: str
    count: int

    @property
    def message(self) -> str:
        return f"{self.count} members have this {self.by}: name the member by number."


async def find(
    reader: Reader, program_id: int, references: Collection[MemberReference]
) -> dict[MemberReference, int | Problem]:
    """The member's key for each reference, or why there is none."""
    wanted: dict[str, dict[MemberReference, str | int]] = defaultdict(dict)
    for reference in references:
        kind, given = reference.given
        wanted[kind][reference] = _as_stored(kind, given)
    found: dict[MemberReference, int | Problem] = {}
    for kind, by_reference in wanted.items():
        keys = await _keys(reader, FINDERS[kind], program_id, list(set(by_reference.values())))
        for reference, value in by_reference.items():
            found[reference] = _one(kind, str(value), keys.get(value, []))
    return found


def _as_stored(kind: str, value: str) -> str | int:
    match kind:
        case "id":
            return int(value)
        case "email":
            return normalize_email(value) or value
        case "phone":
            return normalize_phone(value) or value
        case _:
            return value.strip()


async def _keys(
    reader: Reader, finder: Written, program_id: int, values: Sequence[str | int]
) -> Mapping[str | int, list[int]]:
    found: dict[str | int, list[int]] = defaultdict(list)
    rows = await finder.rows(reader, program_id=program_id, values=values)
    for value, member_id in rows:
        if member_id not in found[value]:
            found[value].append(member_id)
    return found


def _one(kind: str, value: str, ids: Sequence[int]) -> int | Problem:
    if len(ids) == 1:
        return ids[0]
    if ids:
        return AmbiguousMember(by=kind, count=len(ids))
    return NotFound(what="member", key=None if kind == "id" else value)


async def served(reader: Reader, scope: Scope, ids: Collection[int]) -> frozenset[int]:
    """Those of the members whom the scope's partner has enrolled or served; all of them where no partner asks."""
    if scope.partner_id is None or not ids:
        return frozenset(ids)
    rows = await reader.execute(SERVED, {"values": list(ids), "partner_id": scope.partner_id})
    return frozenset(rows.scalars())
