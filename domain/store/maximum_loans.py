"""Maximum loans: one per member and point type, decided under the lock of their member, every move kept for good."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Row, Select, any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.loans import MaximumLoan, MaximumLoanMove
from domain.people import Scope
from domain.points import from_units
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.members import in_scope


class Said(NamedTuple):
    """Who made a move, when, and what they said about it."""

    person_id: int | None
    comment: str | None
    at: datetime


IDS = bindparam("ids", type_=ARRAY(BigInteger))
_m, _moved = t.maximum_loan.c, t.maximum_loan_move.c

ROWS: Select[Any] = (
    select(t.maximum_loan, t.point_type.c.code.label("point_type"), t.point_type.c.decimals)
    .join_from(t.maximum_loan, t.member, t.member.c.id == _m.member_id)
    .join(t.point_type, t.point_type.c.id == _m.point_type_id)
)
BY_IDS = ROWS.where(_m.id == any_(IDS))
BY_MEMBERS = ROWS.where(_m.member_id == any_(IDS)).order_by(_m.member_id, _m.id)
OF_MEMBER = ROWS.where(_m.member_id == bindparam("member_id"), _m.point_type_id == bindparam("point_type_id"))
MOVES = (
    select(t.maximum_loan_move, t.point_type.c.decimals)
    .join_from(t.maximum_loan_move, t.maximum_loan, _m.id == _moved.maximum_loan_id)
    .join(t.point_type, t.point_type.c.id == _m.point_type_id)
    .where(_moved.maximum_loan_id == any_(IDS))
    .order_by(_moved.id)
)


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[MaximumLoan | None]:
    """The maximum loans with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: maximum_loan_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def find(reader: Reader, scope: Scope, key: int) -> MaximumLoan | None:
    """One of them."""
    return (await load_many(reader, scope, [key]))[0]


async def of_members(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[list[MaximumLoan]]:
    """The maximum loans of each member, the oldest first."""
    found: dict[int, list[MaximumLoan]] = {each: [] for each in ids}
    for row in await reader.execute(in_scope(BY_MEMBERS, scope), {"ids": list(ids)}):
        found[row.member_id].append(maximum_loan_of(row))
    return [found[each] for each in ids]


async def load_moves(reader: Reader, _: Scope, ids: Sequence[int]) -> list[list[MaximumLoanMove]]:
    """The moves of each, the first one first; whoever has the maximum loan may see them."""
    found: dict[int, list[MaximumLoanMove]] = {each: [] for each in ids}
    for row in await reader.execute(MOVES, {"ids": list(ids)}):
        found[row.maximum_loan_id].append(_move_of(row))
    return [found[each] for each in ids]


async def current(writer: Writer, member_id: int, point_type_id: int) -> MaximumLoan | None:
    """That of a locked member for a point type."""
    asked = {"member_id": member_id, "point_type_id": point_type_id}
    row = (await writer.execute(OF_MEMBER, asked)).one_or_none()
    return None if row is None else maximum_loan_of(row)


async def put(writer: Writer, now: datetime, **values: Any) -> int:
    """A maximum loan of a locked member anew, whatever there was before; its key."""
    made = insert(t.maximum_loan).values(**values, version=1, created_at=now)
    changed = {name: made.excluded[name] for name in values if name not in {"program_id", "member_id", "point_type_id"}}
    statement = made.on_conflict_do_update(
        index_elements=["member_id", "point_type_id"], set_={**changed, "version": _m.version + 1}
    ).returning(_m.id)
    return int((await writer.execute(statement)).scalar_one())


async def change(writer: Writer, key: int, **values: Any) -> None:
    """Write some fields of the maximum loan of a locked member."""
    await writer.execute(update(t.maximum_loan).where(_m.id == key).values(version=_m.version + 1, **values))


async def record(writer: Writer, key: int, before: MaximumLoan | None, said: Said) -> MaximumLoan:
    """Keep the move by which it has become what it is now."""
    after = await find(writer, Scope(), key)
    assert after is not None
    await writer.execute(
        insert(t.maximum_loan_move).values(
            maximum_loan_id=key, person_id=said.person_id, from_status=before.status if before else None,
            to_status=after.status, points=int(after.points.scaleb(after.decimals)), submit_to_id=after.submit_to_id,
            comment=said.comment, created_at=said.at,
        )
    )  # fmt: skip
    return after


def maximum_loan_of(row: Row[Any]) -> MaximumLoan:
    """A maximum loan from its row."""
    return MaximumLoan(
        id=row.id,
        program_id=row.program_id,
        member_id=row.member_id,
        point_type_id=row.point_type_id,
        point_type=row.point_type,
        decimals=row.decimals,
        points=from_units(row.points, row.decimals),
        status=row.status,
        requested_by_id=row.requested_by_id,
        submit_to_id=row.submit_to_id,
        version=row.version,
        created_at=row.created_at,
    )


def _move_of(row: Row[Any]) -> MaximumLoanMove:
    return MaximumLoanMove(
        maximum_loan_id=row.maximum_loan_id,
        person_id=row.person_id,
        from_status=row.from_status,
        to_status=row.to_status,
        points=from_units(row.points, row.decimals),
        submit_to_id=row.submit_to_id,
        comment=row.comment,
        created_at=row.created_at,
    )
