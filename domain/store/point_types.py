"""Point types of a program. They are written under the program's lock, because every change of them is a new version of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, Row, Select, any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.people import Scope
from domain.programs import PointType
from domain.store import definitions
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.documents import to_document
from domain.store.numbers import exact
from domain.store.programs import program_of_member, programs_of_partner

IDS = bindparam("ids", type_=ARRAY(BigInteger))

ROWS: Select[Any] = select(t.point_type).order_by(t.point_type.c.id)
BY_IDS = ROWS.where(t.point_type.c.id == any_(IDS))
BY_PROGRAMS = ROWS.where(t.point_type.c.program_id == any_(IDS))
INSERT = insert(t.point_type).returning(t.point_type)
UPDATE = update(t.point_type).where(t.point_type.c.id == bindparam("key")).returning(t.point_type)
NO_DEFAULT = (
    update(t.point_type)
    .where(t.point_type.c.program_id == bindparam("key"), t.point_type.c.is_default)
    .values(is_default=False)
)


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the point types of programs that somebody may see."""
    program_id = t.point_type.c.program_id
    if scope.program_id is not None:
        query = query.where(program_id == scope.program_id)
    if scope.partner_id is not None:
        query = query.where(program_id.in_(programs_of_partner(scope.partner_id)))
    if scope.member_id is not None:
        query = query.where(program_id.in_(program_of_member(scope.member_id)))
    return query


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[PointType | None]:
    """The point types with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: point_type_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def load_of_programs(reader: Reader, scope: Scope, program_ids: Sequence[int]) -> list[list[PointType]]:
    """The point types of each of these programs, the oldest first."""
    found: dict[int, list[PointType]] = {each: [] for each in program_ids}
    for row in await reader.execute(in_scope(BY_PROGRAMS, scope), {"ids": list(program_ids)}):
        found[row.program_id].append(point_type_of(row))
    return [found[each] for each in program_ids]


async def of_program(reader: Reader, program_id: int) -> dict[str, PointType]:
    """All point types of a program by code, the oldest first."""
    rows = await reader.execute(BY_PROGRAMS, {"ids": [program_id]})
    return {row.code: point_type_of(row) for row in rows}


async def add(writer: Writer, **values: Any) -> PointType:
    """A new point type of a locked program."""
    if values["is_default"]:
        await writer.execute(NO_DEFAULT, {"key": values["program_id"]})
    return point_type_of((await writer.execute(INSERT, _documents(values))).one())


async def change(writer: Writer, point_type: PointType, **values: Any) -> PointType:
    """Write some fields of a point type of a locked program."""
    if values.get("is_default"):
        await writer.execute(NO_DEFAULT, {"key": point_type.program_id})
    return point_type_of((await writer.execute(UPDATE.values(**_documents(values)), {"key": point_type.id})).one())


def point_type_of(row: Row[Any]) -> PointType:
    """A point type from its row, its weights without the zeros that their columns add."""
    made = definitions.point_type_of(row)
    weights = exact(made.weight_qualifying), exact(made.weight_non_qualifying)
    return replace(made, weight_qualifying=weights[0], weight_non_qualifying=weights[1])


def _documents(values: dict[str, Any]) -> dict[str, Any]:
    if values.get("expiry") is None:
        return values
    return {**values, "expiry": to_document(values["expiry"])}
