"""Requests for a member's tier: read within somebody's scope, decided under the lock of their row, every move kept."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Row, Select, any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.people import Principal, Scope
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.keyset import Listing, Order
from domain.store.members import in_scope
from domain.tier_requests import TierRequest, TierRequestMove, TierRequestStatus

_r = t.tier_request.c
IDS = bindparam("ids", type_=ARRAY(BigInteger))

ROWS: Select[Any] = select(t.tier_request).join_from(t.tier_request, t.member, t.member.c.id == _r.member_id)
BY_IDS = ROWS.where(_r.id == any_(IDS))
BY_MEMBERS = ROWS.where(_r.member_id == any_(IDS)).order_by(_r.id.desc())
LOCK = BY_IDS.with_for_update(of=t.tier_request)
MOVES = (
    select(t.tier_request_move)
    .where(t.tier_request_move.c.tier_request_id == any_(IDS))
    .order_by(t.tier_request_move.c.id)
)
INSERT = insert(t.tier_request).on_conflict_do_nothing().returning(t.tier_request)


async def find(reader: Reader, scope: Scope, key: int) -> TierRequest | None:
    """The request, if the scope shows it."""
    return _one((await reader.execute(in_scope(BY_IDS, scope), {"ids": [key]})).one_or_none())


async def lock(writer: Writer, key: int) -> TierRequest:
    """A request that is there, as it is now, locked. Its member is locked before."""
    return request_of((await writer.execute(LOCK, {"ids": [key]})).one())


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[TierRequest | None]:
    """The requests with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: request_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def load_of_members(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[list[TierRequest]]:
    """The requests for each of these members, the newest first."""
    found: dict[int, list[TierRequest]] = {each: [] for each in ids}
    for row in await reader.execute(in_scope(BY_MEMBERS, scope), {"ids": list(ids)}):
        found[row.member_id].append(request_of(row))
    return [found[each] for each in ids]


async def load_moves(reader: Reader, _: Scope, ids: Sequence[int]) -> list[list[TierRequestMove]]:
    """The moves of each request, the first one first; whoever has the request may see them."""
    found: dict[int, list[TierRequestMove]] = {each: [] for each in ids}
    for row in await reader.execute(MOVES, {"ids": list(ids)}):
        found[row.tier_request_id].append(_move_of(row))
    return [found[each] for each in ids]


def waiting(scope: Scope) -> Listing[TierRequest]:
    """The requests that wait for a decision, the oldest first."""
    return Listing(in_scope(ROWS, scope).where(_r.status == TierRequestStatus.SUBMITTED), Order((_r.id,)), request_of)


async def add(writer: Writer, actor: Principal, **values: Any) -> TierRequest | None:
    """A new request; None if one of the same member and class waits already."""
    row = {**values, "status": TierRequestStatus.SUBMITTED, "requested_by_id": actor.person_id}
    request = _one((await writer.execute(INSERT, row)).one_or_none())
    if request is not None:
        await _record(writer, actor, request, None, values["reason"])
    return request


async def forward(
    writer: Writer, actor: Principal, request: TierRequest, submit_to_id: int, comment: str | None
) -> TierRequest:
    """Let a locked request wait for somebody else."""
    statement = update(t.tier_request).where(_r.id == request.id).values(submit_to_id=submit_to_id)
    forwarded = request_of((await writer.execute(statement.returning(t.tier_request))).one())
    await _record(writer, actor, forwarded, request.status, comment)
    return forwarded


async def decide(
    writer: Writer, actor: Principal, request: TierRequest, status: TierRequestStatus, comment: str | None
) -> TierRequest:
    """Approve or reject a locked request."""
    statement = update(t.tier_request).where(_r.id == request.id).values(status=status).returning(t.tier_request)
    decided = request_of((await writer.execute(statement)).one())
    await _record(writer, actor, decided, request.status, comment)
    return decided


async def _record(
    writer: Writer, actor: Principal, request: TierRequest, before: TierRequestStatus | None, comment: str | None
) -> None:
    move = {"tier_request_id": request.id, "person_id": actor.person_id, "from_status": before}
    row = {**move, "to_status": request.status, "comment": comment}
    await writer.execute(insert(t.tier_request_move).values(row))


def request_of(row: Row[Any]) -> TierRequest:
    """A request from its row."""
    return TierRequest(
        id=row.id,
        program_id=row.program_id,
        member_id=row.member_id,
        tier_class=row.tier_class,
        tier=row.tier,
        status=row.status,
        reason=row.reason,
        requested_by_id=row.requested_by_id,
        submit_to_id=row.submit_to_id,
        created_at=row.created_at,
    )


def _move_of(row: Row[Any]) -> TierRequestMove:
    return TierRequestMove(
        tier_request_id=row.tier_request_id,
        person_id=row.person_id,
        from_status=row.from_status,
        to_status=row.to_status,
        comment=row.comment,
        created_at=row.created_at,
    )


def _one(row: Row[Any] | None) -> TierRequest | None:
    return None if row is None else request_of(row)
