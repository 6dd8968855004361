"""People: read within somebody's scope, written under their lock; who reports to whom changes one change at a time.

A partner's user sees its own partner's people, a member only itself. Someone bound to a program sees those bound to it,
and the employees who are bound to none.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Row, Select, Text, and_, any_, bindparam, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.commands.people import PersonFilter, PersonOrder
from domain.people import Person, Role, Scope
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.keyset import Listing, Order
from domain.store.numbers import exact

IDS = bindparam("ids", type_=ARRAY(BigInteger))
SUBJECT = bindparam("subject", type_=Text)
KEY = bindparam("key", type_=BigInteger)
MOST_MANAGERS = 100
"""No chain of managers is longer."""

_p = t.person.c
ROWS: Select[Any] = select(t.person)
BY_SUBJECT = ROWS.where(_p.subject == SUBJECT)
BY_IDS = ROWS.where(_p.id == any_(IDS))
INSERT = insert(t.person).on_conflict_do_nothing(index_elements=["subject"]).returning(t.person)
UPDATE = update(t.person).where(_p.id == KEY).values(version=_p.version + 1).returning(t.person)
LOCK_REPORTING_LINES = text("select pg_advisory_xact_lock(2, 0)")
ADDRESSES = (
    select(_p.partner_id, _p.email)
    .where(_p.partner_id == any_(IDS), _p.active, _p.email.is_not(None))
    .order_by(_p.partner_id, _p.id)
)
ADMINISTRATORS = (
    select(_p.email)
    .where(
        _p.active,
        _p.email.is_not(None),
        _p.roles.overlap([Role.PROGRAM_ADMINISTRATOR.value]),
        or_(_p.program_id.is_(None), _p.program_id == bindparam("program_id", type_=BigInteger)),
    )
    .order_by(_p.id)
)
ORDERS: dict[PersonOrder, tuple[Any, ...]] = {
    PersonOrder.SUBJECT: (_p.subject,),
    PersonOrder.NAME: (_p.name, _p.id),
    PersonOrder.CREATED_AT: (_p.created_at, _p.id),
}

_above = select(_p.id, _p.subject, _p.manager_id).where(_p.id == KEY).cte("above", recursive=True)
_next = t.person.alias("next")
_above = _above.union(select(_next.c.id, _next.c.subject, _next.c.manager_id).where(_next.c.id == _above.c.manager_id))
CHAIN = select(_above.c.id, _above.c.subject).limit(MOST_MANAGERS)


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the people that somebody may see."""
    if scope.program_id is not None:
        of_the_host = and_(_p.program_id.is_(None), _p.partner_id.is_(None))
        query = query.where(or_(_p.program_id == scope.program_id, of_the_host))
    if scope.partner_id is not None:
        query = query.where(_p.partner_id == scope.partner_id)
    if scope.member_id is not None:
        query = query.where(_p.member_id == scope.member_id)
    return query


async def find(reader: Reader, scope: Scope, subject: str) -> Person | None:
    """The person whom tokens call by this subject, if the scope shows them."""
    return _one((await reader.execute(in_scope(BY_SUBJECT, scope), {"subject": subject})).one_or_none())


async def lock(writer: Writer, scope: Scope, subject: str) -> Person | None:
    """The same, locked."""
    query = in_scope(BY_SUBJECT, scope).with_for_update(key_share=True)
    return _one((await writer.execute(query, {"subject": subject})).one_or_none())


async def lock_reporting_lines(writer: Writer) -> None:
    """Only one unit of work at a time decides who reports to whom: two at once could close a circle that neither sees."""
    await writer.execute(LOCK_REPORTING_LINES)


async def chain_above(reader: Reader, person_id: int) -> list[tuple[int, str]]:
    """A person, their manager, and so on up: key and subject of each."""
    return [(row.id, row.subject) for row in await reader.execute(CHAIN, {"key": person_id})]


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[Person | None]:
    """The people with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: person_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def addresses(reader: Reader, partner_ids: Sequence[int]) -> dict[int, list[str]]:
    """The email addresses of each of these partners: those of its active people, each once."""
    found: dict[int, dict[str, None]] = {each: {} for each in partner_ids}
    for row in await reader.execute(ADDRESSES, {"ids": list(partner_ids)}):
        found[row.partner_id][row.email] = None
    return {partner_id: list(mine) for partner_id, mine in found.items()}


async def administrators(reader: Reader, program_id: int) -> list[str]:
    """The email addresses of the active administrators of a program, each once: its own, and those of all programs."""
    rows = await reader.execute(ADMINISTRATORS, {"program_id": program_id})
    return list(dict.fromkeys(row.email for row in rows))


def listing(scope: Scope, filter: PersonFilter, order: PersonOrder, *, descending: bool) -> Listing[Person]:
    """The people of a list."""
    query = in_scope(ROWS, scope)
    if filter.program is not None:
        query = query.where(_p.program_id.in_(select(t.program.c.id).where(t.program.c.code == filter.program)))
    if filter.partner is not None:
        query = query.where(_p.partner_id.in_(select(t.partner.c.id).where(t.partner.c.code == filter.partner)))
    if filter.manager is not None:
        manager = t.person.alias("manager")
        query = query.where(_p.manager_id.in_(select(manager.c.id).where(manager.c.subject == filter.manager)))
    if filter.roles:
        query = query.where(_p.roles.overlap(sorted(role.value for role in filter.roles)))
    if filter.active is not None:
        query = query.where(_p.active == filter.active)
    if filter.search is not None:
        columns = (_p.subject, _p.name, _p.email)
        query = query.where(or_(*(column.icontains(filter.search, autoescape=True) for column in columns)))
    return Listing(query, Order(ORDERS[order], descending), person_of)


async def add(writer: Writer, **values: Any) -> Person | None:
    """A new person; None if the subject is taken."""
    return _one((await writer.execute(INSERT, {**_stored(values), "version": 1})).one_or_none())


async def change(writer: Writer, person_id: int, **values: Any) -> Person:
    """Write some of a locked person's fields."""
    return person_of((await writer.execute(UPDATE.values(**_stored(values)), {"key": person_id})).one())


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    if "roles" not in values:
        return values
    return {**values, "roles": sorted(role.value for role in values["roles"])}


def person_of(row: Row[Any]) -> Person:
    """A person from their row."""
    return Person(
        id=row.id, subject=row.subject, name=row.name, email=row.email, roles=frozenset(map(Role, row.roles)),
        program_id=row.program_id, partner_id=row.partner_id, member_id=row.member_id, manager_id=row.manager_id,
        tier_approver=row.tier_approver, transaction_approval_limit=exact(row.transaction_approval_limit),
        loan_approval_limit=exact(row.loan_approval_limit), active=row.active, version=row.version,
    )  # fmt: skip


def _one(row: Row[Any] | None) -> Person | None:
    return None if row is None else person_of(row)
