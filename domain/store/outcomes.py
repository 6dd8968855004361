"""Writing what the engine decided, a set at a time: ledger first, then the caches, then the transactions and their decisions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import astuple

from domain.engine import Outcome, Outcomes
from domain.engine.decision import encode as encode_decision
from domain.store import holds, loans, lot_extensions, member_tiers, promotion_usage, reversals, vouchers
from domain.store.bulk import BulkCopy, BulkInsert, BulkUpdate
from domain.store.database import Writer
from domain.store.json import encode
from domain.store.member_tiers import NewTier
from domain.store.refunds import write_refund
from domain.store.totals import write_totals

LOTS = BulkCopy(
    "lot",
    [
        "member_id", "transaction_id", "position", "program_id", "point_type_id", "qualifying", "origin", "promotion_id",
        "points", "remaining", "open", "transaction_date", "effective_on", "expires_on", "extends_by", "created_at",
    ],
)  # fmt: skip
USES = BulkInsert(
    "lot_use",
    [
        ("member_id", "bigint"), ("transaction_id", "bigint"), ("position", "integer"), ("lot_transaction_id", "bigint"),
        ("lot_position", "smallint"), ("point_type_id", "bigint"), ("points", "bigint"), ("created_at", "timestamptz"),
    ],
)  # fmt: skip
REMAINING = BulkUpdate(
    "lot",
    [
        ("member_id", "bigint"),
        ("transaction_id", "bigint"),
        ("position", "smallint"),
        ("remaining", "bigint"),
        ("open", "boolean"),
    ],
    keys=3,
)
BALANCES = BulkInsert(
    "balance",
    [
        ("member_id", "bigint"), ("point_type_id", "bigint"), ("available", "bigint"), ("held", "bigint"),
        ("pending", "bigint"), ("earned", "bigint"), ("redeemed", "bigint"), ("expired", "bigint"),
        ("lifetime_qualifying", "bigint"), ("loan_outstanding", "bigint"), ("changes_on", "date"),
    ],
    "on conflict (member_id, point_type_id) do update set available = excluded.available, held = excluded.held,"
    " pending = excluded.pending, earned = excluded.earned, redeemed = excluded.redeemed, expired = excluded.expired,"
    " lifetime_qualifying = excluded.lifetime_qualifying, loan_outstanding = excluded.loan_outstanding,"
    " changes_on = excluded.changes_on",
)  # fmt: skip
DECISIONS = BulkCopy("decision", ["transaction_id", "attempt", "member_id", "program_version", "body", "created_at"])
RESULTS = BulkUpdate(
    "transaction",
    [
        ("id", "bigint"), ("status", "text"), ("sub_status", "text"), ("processed_at", "timestamptz"),
        ("base_points", "numeric"), ("totals", "jsonb"), ("attempts", "integer"),
    ],
    keys=1,
    suffix=", version = x.version + 1",
    keep=("base_points",),
)  # fmt: skip
FOLLOW_UPS = BulkInsert(
    "transaction",
    [
        ("id", "bigint"), ("program_id", "bigint"), ("member_id", "bigint"), ("type", "text"), ("sub_type", "text"),
        ("status", "text"), ("sub_status", "text"), ("transaction_date", "date"), ("processed_at", "timestamptz"),
        ("created_at", "timestamptz"), ("external", "boolean"), ("follows_id", "bigint"), ("totals", "jsonb"),
        ("attempts", "integer"), ("version", "integer"), ("other_member_id", "bigint"),
        ("cancels_id", "bigint"), ("refund", "jsonb"),
        ("point_type_id", "bigint"), ("points", "bigint"), ("loan_id", "bigint"), ("partner_id", "bigint"),
    ],
)  # fmt: skip
ATTRIBUTES = BulkUpdate(
    "member",
    [("id", "bigint"), ("attributes", "jsonb"), ("counters", "jsonb")],
    keys=1,
    suffix=", version = x.version + 1",
)
WOKEN = BulkUpdate("member", [("id", "bigint"), ("status", "text")], keys=1, suffix=", version = x.version + 1")


async def write(
    writer: Writer, program_id: int, outcomes: Outcomes, now: datetime, new: Collection[int] = frozenset()
) -> None:
    """Everything that a chunk did. The rows of `new` transactions are written elsewhere, as the engine left them."""
    done = outcomes.outcomes
    await LOTS(writer, [_lot_row(program_id, lot, now) for each in done for lot in each.lots])
    await USES(writer, [(*astuple(use), now) for each in done for use in each.uses])
    await lot_extensions.write(writer, [extension for each in done for extension in each.extensions], now)
    await REMAINING(writer, [(member, *lot, left, left > 0) for (member, lot), left in outcomes.remaining.items()])
    await BALANCES(writer, [(*owner, *astuple(balance)) for owner, balance in outcomes.balances.items()])
    await member_tiers.write(writer, program_id, _begun(done), now)
    await promotion_usage.record(writer, done)
    await vouchers.write(writer, program_id, done, now)
    await holds.write(writer, done, outcomes.ended_holds, now)
    await ATTRIBUTES(
        writer,
        [(member, encode(each.attributes), encode(each.counters)) for member, each in outcomes.attributes.items()],
    )
    await reversals.write(writer, outcomes, now)
    await WOKEN(writer, [(member_id, "ACTIVE") for member_id in outcomes.woken])
    await DECISIONS(writer, [_decision_row(each, now) for each in done])
    await FOLLOW_UPS(writer, [_follow_up_row(program_id, each, now) for each in done if each.follow_up is not None])
    await loans.write(writer, program_id, done, now)
    stored = (each for each in done if each.follow_up is None and each.transaction_id not in new)
    await RESULTS(writer, [_result_row(each, now) for each in stored])


def _begun(done: Sequence[Outcome]) -> list[NewTier]:
    return [NewTier(each.member_id, change, each.transaction_id) for each in done for change in each.tier_changes]


# `_value_` is what `value` answers, in a fifth of the time: these are asked for every lot and every transaction.


def _lot_row(program_id: int, lot: Any, now: datetime) -> Sequence[Any]:
    return (
        lot.member_id, lot.transaction_id, lot.position, program_id, lot.point_type_id, lot.qualifying, lot.origin._value_,
        lot.promotion_id, lot.points, lot.points, True, lot.transaction_date, lot.effective_on, lot.expires_on,
        lot.extends_by, now,
    )  # fmt: skip


def _decision_row(each: Outcome, now: datetime) -> Sequence[Any]:
    decision = each.decision
    return each.transaction_id, each.attempt, each.member_id, decision.program_version, encode_decision(decision), now


def _result_row(each: Outcome, now: datetime) -> Sequence[Any]:
    return (
        each.transaction_id, each.status._value_, each.sub_status._value_, now, each.base_points, write_totals(each.totals),
        each.attempt,
    )  # fmt: skip


def _follow_up_row(program_id: int, each: Outcome, now: datetime) -> Sequence[Any]:
    made = each.follow_up
    assert made is not None
    return (
        each.transaction_id, program_id, each.member_id, made.type.value, made.sub_type.value, each.status.value,
        each.sub_status.value, made.transaction_date, now, now, False, made.follows_id, write_totals(each.totals), 1, 1,
        made.other_member_id,
        made.cancels_id, write_refund((), made.share),
        made.point_type_id, made.points, made.loan_id, made.partner_id,
    )  # fmt: skip
