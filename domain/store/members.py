"""Members as they are read, one, some or a page at a time. A row outside the reader's scope does not exist.

A member sees itself; a partner's user sees the members whom the partner enrolled or served; others see their program's.
"""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    Text,
    any_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from domain.commands.members import MemberFilter, MemberOrder, MemberReference
from domain.members import Address, Consent, Identifier, Member, MemberChange
from domain.people import Scope
from domain.store import tables as t
from domain.store.asked import arrays, asked
from domain.store.database import KNOWN_SCOPES, Reader
from domain.store.documents import from_document
from domain.store.keyset import Listing, Order

IDS = bindparam("ids", type_=ARRAY(BigInteger))
PROGRAM = bindparam("program_id", type_=BigInteger)
VALUE = bindparam("value", type_=Text)
MOST_CANDIDATES = 20
"""So many members who share an email or phone are looked at; more of them would be ambiguous anyway."""

_card = t.member_identifier.c
_pair = func.jsonb_build_array(_card.kind, _card.value)
_pairs = func.jsonb_agg(aggregate_order_by(_pair, _card.kind, _card.value))
IDENTIFIERS = select(_pairs).where(_card.member_id == t.member.c.id).scalar_subquery()

ROWS: Select[Any] = select(t.member, IDENTIFIERS.label("identifiers"))
"""Every read of members begins here."""

BY_IDS = ROWS.where(t.member.c.id == any_(IDS))
ERASED = select(t.member.c.id).where(t.member.c.id == any_(IDS), t.member.c.erased_at.is_not(None))
MERGED_INTO = ROWS.where(t.member.c.merged_into_id == any_(IDS)).order_by(t.member.c.id)
_OF_PROGRAM = ROWS.where(t.member.c.program_id == PROGRAM).order_by(t.member.c.id).limit(MOST_CANDIDATES)
_HOLDERS = select(_card.member_id).where(_card.program_id == PROGRAM, _card.value == VALUE)


def _called(condition: ColumnElement[bool]) -> Select[Any]:
    """Who is called so; for who was merged, the one who stayed."""
    meant = select(func.coalesce(t.member.c.merged_into_id, t.member.c.id)).where(
        t.member.c.program_id == PROGRAM, condition
    )
    return _OF_PROGRAM.where(t.member.c.id.in_(meant.correlate(None)))


BY_REFERENCE: dict[str, Select[Any]] = {
    "number": _called(t.member.c.number == VALUE),
    "card": _OF_PROGRAM.where(t.member.c.id.in_(_HOLDERS)),
    "email": _called(func.lower(t.member.c.email) == func.lower(VALUE)),
    "phone": _called(t.member.c.phone == VALUE),
}
"""How a member of a program is found by what people know."""

_cards = asked(kind=Text, value=Text)
TAKEN_CARDS = (
    select(t.member_identifier)
    .join(_cards, (_cards.c.kind == _card.kind) & (_cards.c.value == _card.value))
    .where(_card.program_id == PROGRAM)
)
NAME_WORDS = func.to_tsvector(text("'simple'::regconfig"), t.member.c.name)

ORDERS: dict[MemberOrder, tuple[Any, ...]] = {
    MemberOrder.NUMBER: (t.member.c.number, t.member.c.id),
    MemberOrder.NAME: (t.member.c.name, t.member.c.id),
    MemberOrder.ENROLLED_ON: (t.member.c.enrolled_on, t.member.c.id),
    MemberOrder.ID: (t.member.c.id,),
}


@lru_cache(maxsize=KNOWN_SCOPES)
def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the rows that somebody may see."""
    if scope.program_id is not None:
        query = query.where(t.member.c.program_id == scope.program_id)
    if scope.partner_id is not None:
        query = query.where(or_(t.member.c.enrolled_by_partner_id == scope.partner_id, _served_by(scope.partner_id)))
    if scope.member_id is not None:
        query = query.where(t.member.c.id == scope.member_id)
    return query


def _served_by(partner_id: int) -> ColumnElement[bool]:
    return exists().where(t.transaction.c.member_id == t.member.c.id, t.transaction.c.partner_id == partner_id)


async def erased(reader: Reader, ids: Collection[int]) -> frozenset[int]:
    """Those of these members who were erased."""
    return frozenset((await reader.execute(ERASED, {"ids": list(ids)})).scalars())


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[Member | None]:
    """The members with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: member_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def merged_into(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[list[Member]]:
    """Those who were merged into each of the members, through however many merges."""
    found: dict[int, list[Member]] = {each: [] for each in ids}
    for row in await reader.execute(in_scope(MERGED_INTO, scope), {"ids": list(ids)}):
        found[row.merged_into_id].append(member_of(row))
    return [found[each] for each in ids]


async def load(reader: Reader, scope: Scope, id: int) -> Member | None:
    """The member with this id, if the scope shows it."""
    return (await load_many(reader, scope, [id]))[0]


async def candidates(reader: Reader, scope: Scope, program_id: int, reference: MemberReference) -> list[Member]:
    """Everyone of a program whom a reference may mean; by number and id that is at most one."""
    by, value = reference.given
    if reference.id is not None:
        found = await load(reader, scope, reference.id)
        return [found] if found and found.program_id == program_id else []
    query = in_scope(BY_REFERENCE[by], scope)
    return [member_of(row) for row in await reader.execute(query, {"program_id": program_id, "value": value})]


async def cards_taken(reader: Reader, program_id: int, cards: Sequence[Identifier]) -> dict[Identifier, int]:
    """Which of these cards belong to whom already."""
    parameters = {"program_id": program_id, **arrays([(one.kind, one.value) for one in cards], "kind", "value")}
    return {Identifier(row.kind, row.value): row.member_id for row in await reader.execute(TAKEN_CARDS, parameters)}


def listing(scope: Scope, filter: MemberFilter, order: MemberOrder, *, descending: bool) -> Listing[Member]:
    """The members of a list."""
    return Listing(
        in_scope(ROWS, scope).where(*_conditions(filter, scope)), Order(ORDERS[order], descending), member_of
    )


def _conditions(wanted: MemberFilter, scope: Scope) -> list[ColumnElement[bool]]:
    member, conditions = t.member.c, list[ColumnElement[bool]]()
    if wanted.program is not None:
        program = select(t.program.c.id).where(t.program.c.code == wanted.program)
        conditions.append(member.program_id == program.scalar_subquery())
    if wanted.enrolled_by_partner is not None:
        partner = select(t.partner.c.id).where(t.partner.c.code == wanted.enrolled_by_partner)
        if scope.partner_id is not None:
            partner = partner.where(t.partner.c.id == scope.partner_id)
        conditions.append(member.enrolled_by_partner_id == partner.scalar_subquery())
    if wanted.status:
        conditions.append(member.status.in_(wanted.status))
    if wanted.kind is not None:
        conditions.append(member.kind == wanted.kind)
    if wanted.enrolled_from is not None:
        conditions.append(member.enrolled_on >= wanted.enrolled_from)
    if wanted.enrolled_through is not None:
        conditions.append(member.enrolled_on <= wanted.enrolled_through)
    if wanted.search is not None:
        conditions.append(_matches(wanted.search))
    return conditions


def _matches(search: str) -> ColumnElement[bool]:
    """Each word begins a word of the name, or the whole begins the number."""
    by_number = t.member.c.number.startswith(search.strip(), autoescape=True)
    if not (words := re.findall(r"[^\W_]+", search)):
        return by_number
    beginnings = " & ".join(f"{word}:*" for word in words)
    return or_(by_number, NAME_WORDS.op("@@")(func.to_tsquery(text("'simple'::regconfig"), beginnings)))


def member_of(row: Row[Any]) -> Member:
    """A member as it is shown."""
    return Member(
        id=row.id, program_id=row.program_id, number=row.number, kind=row.kind, name=row.name, email=row.email,
        phone=row.phone, birth_date=row.birth_date, address=row.address and from_document(row.address, Address),
        language=row.language, identifiers=tuple(Identifier(*pair) for pair in row.identifiers or ()),
        consents=from_document(row.consents, tuple[Consent, ...]), referrer_id=row.referrer_id,
        attributes=row.attributes, status=row.status, enrolled_on=row.enrolled_on, enrolled_by_id=row.enrolled_by_id,
        enrolled_by_partner_id=row.enrolled_by_partner_id, created_at=row.created_at, version=row.version,
        merged_into_id=row.merged_into_id, erased_at=row.erased_at,
    )  # fmt: skip


def changes(scope: Scope, member_id: int) -> Listing[MemberChange]:
    """What was changed about a member, newest first. The member itself sees none, nor a partner that did not enrol it."""
    rows = select(t.member_change).where(t.member_change.c.member_id == member_id)
    if scope.program_id is not None or scope.partner_id is not None or scope.member_id is not None:
        visible = in_scope(select(t.member.c.id), scope).where(t.member.c.id == member_id)
        if scope.partner_id is not None:
            visible = visible.where(t.member.c.enrolled_by_partner_id == scope.partner_id)
        rows = rows.where(visible.exists(), literal(scope.member_id is None))
    return Listing(rows, Order((t.member_change.c.version,), descending=True), change_of)


def change_of(row: Row[Any]) -> MemberChange:
    """A change as it is shown."""
    return MemberChange(
        member_id=row.member_id, version=row.version, person_id=row.person_id, fields=tuple(row.fields),
        from_status=row.from_status, to_status=row.to_status, reason=row.reason, created_at=row.created_at,
    )  # fmt: skip
