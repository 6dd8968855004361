"""Applications: read within somebody's scope, moved under the lock of their partner program, every move kept.

A partner's user sees its own, a member none.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, Select, any_, bindparam, false, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.applications import (
    Application,
    ApplicationKind,
    ApplicationMove,
    ApplicationRecord,
    ApplicationStatus,
)
from domain.commands.applications import ApplicationFilter
from domain.partner_programs import EligibilityList
from domain.people import Principal, Scope
from domain.store import tables as t
from domain.store.bulk import BulkInsert
from domain.store.database import Reader, Writer
from domain.store.keyset import Listing, Order

_a = t.application.c
_v = t.application_move.c
_l = t.partner_program_list.c
IDS = bindparam("ids", type_=ARRAY(BigInteger))
KEY = bindparam("key", type_=BigInteger)

ROWS: Select[Any] = select(t.application)
BY_IDS = ROWS.where(_a.id == any_(IDS))
MOVES = select(t.application_move).where(_v.application_id == any_(IDS)).order_by(_v.id)
INSERT = insert(t.application).returning(t.application)
UPDATE = update(t.application).where(_a.id == KEY).values(version=_a.version + 1).returning(t.application)
RECORD = BulkInsert(
    "application_move",
    [
        ("application_id", "bigint"), ("person_id", "bigint"), ("move", "text"), ("from_status", "text"),
        ("to_status", "text"), ("comment", "text"), ("created_at", "timestamptz"),
    ],
)  # fmt: skip


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the applications that somebody may see."""
    if scope.partner_id is not None:
        query = query.where(_a.partner_id == scope.partner_id)
    return query if scope.member_id is None else query.where(false())


async def find(reader: Reader, scope: Scope, key: int) -> Application | None:
    """The application, if the scope shows it."""
    return (await load_many(reader, scope, [key]))[0]


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[Application | None]:
    """The applications with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: application_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def load_moves(reader: Reader, _: Scope, ids: Sequence[int]) -> list[list[ApplicationRecord]]:
    """The moves of each application, the first one first; whoever has the application may see them."""
    found: dict[int, list[ApplicationRecord]] = {each: [] for each in ids}
    for row in await reader.execute(MOVES, {"ids": list(ids)}):
        found[row.application_id].append(_record_of(row))
    return [found[each] for each in ids]


def listing(scope: Scope, filter: ApplicationFilter, *, descending: bool) -> Listing[Application]:
    """The applications of a list, in the order in which they were begun."""
    query = in_scope(ROWS, scope)
    if filter.partner_program is not None:
        program = select(t.partner_program.c.id).where(t.partner_program.c.code == filter.partner_program)
        query = query.where(_a.partner_program_id.in_(program))
    if filter.partner is not None:
        query = query.where(_a.partner_id.in_(select(t.partner.c.id).where(t.partner.c.code == filter.partner)))
    if filter.kind is not None:
        query = query.where(_a.kind == filter.kind)
    if filter.status:
        query = query.where(_a.status.in_(filter.status))
    if filter.accepted_by is not None:
        taker = select(t.person.c.id).where(t.person.c.subject == filter.accepted_by)
        query = query.where(_a.accepted_by_id.in_(taker))
    return Listing(query, Order((_a.id,), descending), application_of)


async def renewals(reader: Reader, pairs: Sequence[tuple[int, int]]) -> list[Application]:
    """The applications for renewal of these pairs of program and partner that were not approved."""
    mine = tuple_(_a.partner_program_id, _a.partner_id).in_(pairs)
    query = ROWS.where(mine, _a.kind == ApplicationKind.RENEWAL, _a.status != ApplicationStatus.APPROVED)
    return [application_of(row) for row in await reader.execute(query)]


async def lists(reader: Reader, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], frozenset[EligibilityList]]:
    """On which lists of the program the partner of each pair is."""
    query = select(t.partner_program_list).where(tuple_(_l.partner_program_id, _l.partner_id).in_(pairs))
    found: dict[tuple[int, int], set[EligibilityList]] = {pair: set() for pair in pairs}
    for row in await reader.execute(query):
        found[row.partner_program_id, row.partner_id].add(row.list)
    return {pair: frozenset(mine) for pair, mine in found.items()}


async def add(writer: Writer, **values: Any) -> Application:
    """A new application."""
    return application_of((await writer.execute(INSERT, {**values, "version": 1})).one())


async def change(writer: Writer, key: int, **values: Any) -> Application:
    """Write some of an application's fields."""
    return application_of((await writer.execute(UPDATE.values(**values), {"key": key})).one())


async def record(
    writer: Writer,
    actor: Principal,
    now: datetime,
    moves: Iterable[tuple[Application, ApplicationStatus | None, ApplicationMove]],
    comment: str | None = None,
) -> None:
    """Keep moves for ever: the application after it, the status before, and the move."""
    rows = [
        (each.id, actor.person_id, move.value, before and before.value, each.status.value, comment, now)
        for each, before, move in moves
    ]
    await RECORD(writer, rows)


def application_of(row: Row[Any]) -> Application:
    """An application from its row."""
    return Application(**{name: getattr(row, name) for name in Application.__slots__})


def _record_of(row: Row[Any]) -> ApplicationRecord:
    return ApplicationRecord(**{name: getattr(row, name) for name in ApplicationRecord.__slots__})
