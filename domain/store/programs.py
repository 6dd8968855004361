"""Programs: read within somebody's scope, written under their lock, and published as versions that never change again.

A partner's user sees the programs in which its partner has terms, a member the one it belongs to.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Row, Select, Text, any_, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.commands.programs import ProgramFilter, ProgramOrder
from domain.people import Principal, Scope
from domain.programs import PointType, Program, ProgramStatus
from domain.store import tables as t
from domain.store import tier_definitions
from domain.store.database import KNOWN_SCOPES, Reader, Writer
from domain.store.definitions import definition, program_of
from domain.store.documents import from_document, to_document
from domain.store.keyset import Listing, Order

IDS = bindparam("ids", type_=ARRAY(BigInteger))
CODE = bindparam("code", type_=Text)
KEY = bindparam("key", type_=BigInteger)

ROWS: Select[Any] = select(t.program)
BY_CODE = ROWS.where(t.program.c.code == CODE)
BY_IDS = ROWS.where(t.program.c.id == any_(IDS))
INSERT = insert(t.program).on_conflict_do_nothing(index_elements=["code"]).returning(t.program)
UPDATE = update(t.program).where(t.program.c.id == KEY).returning(t.program)
BUMP = UPDATE.values(version=t.program.c.version + 1)
INSERT_VERSION = insert(t.program_version)
VERSION = select(t.program_version.c.definition).where(
    t.program_version.c.program_id == KEY, t.program_version.c.version == bindparam("number")
)
ORDERS: dict[ProgramOrder, tuple[Any, ...]] = {
    ProgramOrder.CODE: (t.program.c.code,),
    ProgramOrder.NAME: (t.program.c.name, t.program.c.id),
    ProgramOrder.CREATED_AT: (t.program.c.created_at, t.program.c.id),
}


@lru_cache(maxsize=KNOWN_SCOPES)
def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the programs that somebody may see."""
    if scope.program_id is not None:
        query = query.where(t.program.c.id == scope.program_id)
    if scope.partner_id is not None:
        query = query.where(t.program.c.id.in_(programs_of_partner(scope.partner_id)))
    if scope.member_id is not None:
        query = query.where(t.program.c.id.in_(program_of_member(scope.member_id)))
    return query


def programs_of_partner(partner_id: int) -> Select[tuple[int]]:
    """The programs in which a partner has terms."""
    return select(t.partner_terms.c.program_id).where(t.partner_terms.c.partner_id == partner_id)


def program_of_member(member_id: int) -> Select[tuple[int]]:
    """The program to which a member belongs."""
    return select(t.member.c.program_id).where(t.member.c.id == member_id)


async def find(reader: Reader, scope: Scope, code: str) -> Program | None:
    """The program with this code, if the scope shows it."""
    return _one((await reader.execute(in_scope(BY_CODE, scope), {"code": code})).one_or_none())


async def lock(writer: Writer, scope: Scope, code: str) -> Program | None:
    """The same, locked: what is read of it and of its point types stays until the unit of work ends."""
    return _one(
        (await writer.execute(in_scope(BY_CODE, scope).with_for_update(key_share=True), {"code": code})).one_or_none()
    )


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[Program | None]:
    """The programs with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: program_of(row) for row in rows}
    return [found.get(each) for each in ids]


def listing(scope: Scope, filter: ProgramFilter, order: ProgramOrder, *, descending: bool) -> Listing[Program]:
    """The programs of a list."""
    query = in_scope(ROWS, scope)
    if filter.status:
        query = query.where(t.program.c.status.in_(filter.status))
    if filter.search is not None:
        columns = (t.program.c.code, t.program.c.name)
        query = query.where(or_(*(column.icontains(filter.search, autoescape=True) for column in columns)))
    return Listing(query, Order(ORDERS[order], descending), program_of)


async def add(writer: Writer, **values: Any) -> Program | None:
    """A new program in version 1, not yet published; None if its code is taken."""
    row = {**_documents(values), "status": ProgramStatus.DRAFT, "version": 1}
    return _one((await writer.execute(INSERT, row)).one_or_none())


async def change(writer: Writer, program_id: int, **values: Any) -> None:
    """Write some of a locked program's fields; `publish` makes a version of it."""
    await writer.execute(UPDATE.values(**_documents(values)), {"key": program_id})


async def publish(writer: Writer, program_id: int, actor: Principal) -> Program:
    """Make a new version of what the engine reads: settings, rules, point types, promotions, status. Returns the program as it is now."""
    await writer.execute(BUMP, {"key": program_id})
    return await record(writer, program_id, actor)


async def record(writer: Writer, program_id: int, actor: Principal) -> Program:
    """Keep the whole definition of the current version for ever: decisions name it."""
    program, point_types, promotions = await definition(writer, program_id)
    ladders = await tier_definitions.of_program(writer, program_id)
    parts = {
        "program": program, "point_types": point_types, "promotions": promotions,
        "tier_classes": ladders.classes, "tiers": ladders.tiers,
    }  # fmt: skip
    await writer.execute(
        INSERT_VERSION,
        {
            "program_id": program_id,
            "version": program.version,
            "definition": to_document(parts),
            "created_by_id": actor.person_id,
        },
    )
    return program


async def definition_at(reader: Reader, program_id: int, version: int) -> tuple[Program, tuple[PointType, ...]] | None:
    """A program and its point types as they were in a version."""
    document = (await reader.execute(VERSION, {"key": program_id, "number": version})).scalar_one_or_none()
    if document is None:
        return None
    return from_document(document["program"], Program), from_document(document["point_types"], tuple[PointType, ...])


def _documents(values: dict[str, Any]) -> dict[str, Any]:
    kept = ("settings", "base_rules", "attributes", "reversals")
    return {name: to_document(value) if name in kept else value for name, value in values.items()}


def _one(row: Row[Any] | None) -> Program | None:
    return None if row is None else program_of(row)
