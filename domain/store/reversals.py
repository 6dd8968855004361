"""What cancellations write besides the points they take: what was put back, how much of each lot came back, and what that ends."""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Numeric, Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from domain.engine.limits import FIRST_DAYS
from domain.engine.outcome import Outcome, Outcomes, Reversed
from domain.store.bulk import BulkInsert, BulkUpdate
from domain.store.database import Writer
from domain.transactions import Status

RESTORES = BulkInsert(
    "lot_use",
    [
        ("member_id", "bigint"), ("transaction_id", "bigint"), ("position", "integer"), ("lot_transaction_id", "bigint"),
        ("lot_position", "smallint"), ("point_type_id", "bigint"), ("points", "bigint"),
        ("reverses_transaction_id", "bigint"), ("reverses_position", "integer"), ("created_at", "timestamptz"),
    ],
)  # fmt: skip
REVERSALS = BulkInsert(
    "lot_reversal",
    [
        ("member_id", "bigint"), ("transaction_id", "bigint"), ("lot_transaction_id", "bigint"), ("lot_position", "smallint"),
        ("point_type_id", "bigint"), ("points", "bigint"), ("lapsed", "bigint"), ("created_at", "timestamptz"),
    ],
)  # fmt: skip
REVERSED = BulkUpdate(
    "lot",
    [("member_id", "bigint"), ("transaction_id", "bigint"), ("position", "smallint"), ("reversed", "bigint")],
    keys=3,
)
CANCELLED = BulkUpdate(
    "transaction", [("id", "bigint"), ("status", "text")], keys=1, suffix=", version = x.version + 1"
)
USAGE = text("""
    update promotion_usage x set points = greatest(0, x.points - u.points)
    from unnest(:members, :promotions, :spans, :points) as u(member_id, promotion_id, span, points)
    where (x.member_id, x.promotion_id, x.span) = (u.member_id, u.promotion_id, u.span)
""").bindparams(
    bindparam("members", type_=ARRAY(BigInteger)),
    bindparam("promotions", type_=ARRAY(BigInteger)),
    bindparam("spans", type_=ARRAY(Text)),
    bindparam("points", type_=ARRAY(Numeric)),
)
TOTALS = text("""
    update promotion_total x set points = greatest(0, x.points - u.points)
    from unnest(:promotions, :points) as u(promotion_id, points) where x.promotion_id = u.promotion_id
""").bindparams(bindparam("promotions", type_=ARRAY(BigInteger)), bindparam("points", type_=ARRAY(Numeric)))


async def write(writer: Writer, outcomes: Outcomes, now: datetime) -> None:
    """Everything of a chunk's cancellations; nothing where there are none."""
    done = outcomes.outcomes
    found = [(each, each.reversed) for each in done if each.reversed is not None]
    if not found:
        return
    undone = [each for _, each in found]
    await RESTORES(writer, [_restore_row(each, now) for one in undone for each in one.restores])
    await REVERSALS(writer, [_reversal_row(each, now) for one in undone for each in one.reversals])
    await REVERSED(writer, list(_reversed_rows(undone)))
    await CANCELLED(writer, [(one.original_id, Status.CANCELLED.value) for one in undone if one.whole])
    await _hand_back(writer, found, outcomes.paid)


def _restore_row(each: Any, now: datetime) -> Sequence[Any]:
    return (
        each.member_id, each.transaction_id, each.position, each.lot_transaction_id, each.lot_position,
        each.point_type_id, -each.points, each.reverses_transaction_id, each.reverses_position, now,
    )  # fmt: skip


def _reversal_row(each: Any, now: datetime) -> Sequence[Any]:
    return (
        each.member_id, each.transaction_id, each.lot_transaction_id, each.lot_position, each.point_type_id, each.points,
        each.lapsed, now,
    )  # fmt: skip


def _reversed_rows(undone: Iterable[Reversed]) -> Iterable[Sequence[Any]]:
    """What has come back of each lot in all; of two cancellations the later one knows."""
    latest = {
        (each.member_id, each.lot_transaction_id, each.lot_position): each.reversed
        for one in undone
        for each in one.reversals
    }
    return ((*key, units) for key, units in latest.items())


async def _hand_back(writer: Writer, found: Iterable[tuple[Outcome, Reversed]], counted: Container[int]) -> None:
    """What limited promotions may give again; the totals of those that are `counted` have been written already."""
    usage: dict[tuple[int, int, str], Decimal] = defaultdict(Decimal)
    totals: dict[int, Decimal] = defaultdict(Decimal)
    for outcome, one in found:
        for back in one.handed_back:
            totals[back.promotion_id] += back.points
            for name, first in FIRST_DAYS.items():
                usage[outcome.member_id, back.promotion_id, f"{name}:{first(back.day)}"] += back.points
    if not usage:
        return
    members, promotions, spans = (list(each) for each in zip(*sorted(usage), strict=True))
    points = [usage[key] for key in sorted(usage)]
    await writer.execute(USAGE, {"members": members, "promotions": promotions, "spans": spans, "points": points})
    rest = sorted((key, each) for key, each in totals.items() if key not in counted)
    await writer.execute(TOTALS, {"promotions": [key for key, _ in rest], "points": [each for _, each in rest]})
