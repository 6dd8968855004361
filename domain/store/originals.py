"""Transactions that are to be taken back, with everything that the engine needs of them, read a set at a time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, and_, any_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.engine import LotState
from domain.engine.decision import Decision, decode
from domain.engine.originals import GivenLot, OriginalState, OwnVouchers, RollUp, TakenUse
from domain.move_rights import PROCESSED_SUB_STATUSES
from domain.points import Units
from domain.promotion_steps import COUNTERS
from domain.refunds import Part
from domain.store import decisions, flowed, given_debits, promotion_steps
from domain.store import tables as t
from domain.store.asked import arrays, asked
from domain.store.database import Reader
from domain.store.effective import expiry
from domain.store.flowed import Follower
from domain.store.refunds import read_lines, read_share
from domain.store.transactions import BY_IDS, transaction_of
from domain.transactions import SubType, Transaction
from domain.vouchers import VoucherSource, VoucherStatus

Key = tuple[int, int]
"""A member and one of its transactions."""

IDS = bindparam("ids", type_=ARRAY(BigInteger))
NO_VOUCHERS = OwnVouchers()
NOTHING_CLOSED: frozenset[str] = frozenset()

_t, _l, _u, _r, _v = t.transaction.c, t.lot.c, t.lot_use.c, t.lot_reversal.c, t.voucher.c
_of = asked(member_id=BigInteger, transaction_id=BigInteger)
_back, _by = t.lot_use.alias("back"), t.transaction.alias("by")

_lapsed = (
    select(func.coalesce(func.sum(_u.points), 0))
    .join_from(t.lot_use, _by, _by.c.id == _u.transaction_id)
    .where(
        _u.member_id == _l.member_id, _u.lot_transaction_id == _l.transaction_id, _u.lot_position == _l.position,
        _by.c.sub_type == SubType.EXPIRY,
    )
    .scalar_subquery()
)  # fmt: skip
_counted = (
    select(func.coalesce(func.sum(_r.lapsed), 0))
    .where(_r.member_id == _l.member_id, _r.lot_transaction_id == _l.transaction_id, _r.lot_position == _l.position)
    .scalar_subquery()
)
_restored = (
    select(func.coalesce(-func.sum(_back.c.points), 0))
    .where(
        _back.c.member_id == _u.member_id, _back.c.lot_transaction_id == _u.lot_transaction_id,
        _back.c.lot_position == _u.lot_position, _back.c.reverses_transaction_id == _u.transaction_id,
        _back.c.reverses_position == _u.position,
    )
    .scalar_subquery()
)  # fmt: skip
_LOT = (
    _l.transaction_id, _l.position, _l.point_type_id, _l.qualifying, _l.origin, _l.remaining, _l.transaction_date,
    _l.effective_on, expiry().label("lapses_on"), _l.extends_by,
)  # fmt: skip

GIVEN = (
    select(
        *_LOT, _l.member_id, _l.promotion_id, _l.points, _l.reversed, _lapsed.label("lapsed"), _counted.label("counted")
    )
    .join_from(_of, t.lot, and_(_l.member_id == _of.c.member_id, _l.transaction_id == _of.c.transaction_id))
    .order_by(_l.transaction_id, _l.position)
)
TAKEN = (
    select(
        *_LOT, _u.transaction_id.label("user_id"), _u.position.label("place"), _u.points.label("taken"),
        _restored.label("restored"),
    )
    .join_from(_of, t.lot_use, and_(_u.member_id == _of.c.member_id, _u.transaction_id == _of.c.transaction_id))
    .join(
        t.lot,
        and_(
            _l.member_id == _u.member_id, _l.transaction_id == _u.lot_transaction_id, _l.position == _u.lot_position
        ),
    )
    .where(_u.points > 0)
    .order_by(_u.transaction_id, _u.position)
)  # fmt: skip
PARTS = (
    select(_t.cancels_id, _t.quantity, _t.amount, _t.points, _t.refund)
    .where(_t.cancels_id == any_(IDS), _t.sub_status.in_(PROCESSED_SUB_STATUSES))
    .order_by(_t.cancels_id, _t.processed_at, _t.id)
)
VOUCHERS = (
    select(_v.id, _v.transaction_id, _v.used_by_id, _v.source)
    .where(or_(_v.transaction_id == any_(IDS), _v.used_by_id == any_(IDS)), _v.status != VoucherStatus.REISSUED)
    .order_by(_v.id)
)
"""One that was replaced under another number has given its place to the other."""


async def load(reader: Reader, ids: Collection[int]) -> dict[int, OriginalState]:
    """The transactions with these numbers, as they are now; nothing is asked where there are none."""
    if not ids:
        return {}
    followers = await flowed.followers(reader, ids)
    found = await _load(reader, sorted({*ids, *(each.id for each in followers)}))
    of: dict[int, list[Follower]] = defaultdict(list)
    for each in followers:
        of[each.follows_id].append(each)
    return {number: _joined(found, of, number) for number in ids if number in found}


def _joined(found: Mapping[int, OriginalState], of: Mapping[int, Sequence[Follower]], number: int) -> OriginalState:
    """A transaction with those that go back with it."""
    mine, original = of.get(number, ()), found[number]
    bonuses = [each for each in mine if each.sub_type is SubType.ACTION_BASED_BONUS]
    rewards = tuple(_joined(found, of, each.id) for each in bonuses if each.other_member_id is None)
    twin = next((found[each.id] for each in bonuses if each.other_member_id is not None), None)
    for out in mine:
        if out.sub_type is SubType.ROLLUP_OUT:
            [into] = of[out.id]
            original = _rolled_up(original, RollUp(found[out.id], found[into.id]))
    return replace(original, rewards=rewards, twin=twin)


def _rolled_up(original: OriginalState, roll_up: RollUp) -> OriginalState:
    """What lapsed at the parent lapsed."""
    arrived = {each.lot.position: each.lapsed for each in roll_up.into.lots}
    lapsed = {use.lot.key: arrived[use.position] for use in roll_up.out.uses}
    lots = tuple(replace(each, lapsed=each.lapsed + lapsed.get(each.lot.key, 0)) for each in original.lots)
    return replace(original, lots=lots, roll_up=roll_up)


async def _load(reader: Reader, ids: Sequence[int]) -> dict[int, OriginalState]:
    transactions = [transaction_of(row) for row in await reader.execute(BY_IDS, {"ids": list(ids)})]
    keys = [(each.member_id, each.id) for each in transactions]
    lots = _grouped((row.transaction_id, _given(row)) for row in await reader.execute(GIVEN, _keys(keys)))
    uses = _grouped((row.user_id, _taken(row)) for row in await reader.execute(TAKEN, _keys(keys)))
    parts = _grouped((row.cancels_id, _part(row)) for row in await reader.execute(PARTS, {"ids": list(ids)}))
    decided = await _decisions(reader, ids)
    vouchers = await _vouchers(reader, decided)
    closed = await _closed(reader, transactions, decided)
    costs = await given_debits.load(reader, [number for number, one in decided.items() if one.debits or one.bills])
    return {
        each.id: OriginalState(
            id=each.id, program_id=each.program_id, member_id=each.member_id, type=each.type, sub_type=each.sub_type, status=each.status,
            transaction_date=each.transaction_date, amount=each.amount, currency=each.currency, quantity=each.quantity,
            line_items=each.line_items, parts=parts[each.id],
            lots=given_debits.with_costs(each.id, lots[each.id], costs), uses=uses[each.id],
            changes=decided[each.id].changes if each.id in decided else (),
            vouchers=vouchers.get(each.id, NO_VOUCHERS), closed=closed.get(each.id, NOTHING_CLOSED),
        )
        for each in transactions
    }  # fmt: skip


def _keys(keys: Sequence[Key]) -> dict[str, Any]:
    return arrays(keys, "member_id", "transaction_id")


def _grouped(pairs: Iterable[tuple[int, Any]]) -> dict[int, tuple[Any, ...]]:
    found: dict[int, tuple[Any, ...]] = defaultdict(tuple)
    for number, each in pairs:
        found[number] += (each,)
    return found


async def _decisions(reader: Reader, ids: Sequence[int]) -> dict[int, Decision]:
    """What was decided when each went through: the latest."""
    return {number: decode(body) for number, body in (await decisions.latest(reader, ids)).items()}


async def _closed(
    reader: Reader, transactions: Iterable[Transaction], decided: Mapping[int, Decision]
) -> dict[int, frozenset[str]]:
    """The counters of each that a stepped promotion has closed since; nothing is asked where none counted anything."""
    counting = [
        each
        for each in transactions
        if each.id in decided and any(line.path.startswith(COUNTERS) for line in decided[each.id].changes)
    ]
    if not counting:
        return {}
    since = await promotion_steps.closed(reader, {each.member_id for each in counting})
    return {
        each.id: frozenset(
            COUNTERS + counter
            for counter, moment in since.get(each.member_id, ())
            if each.processed_at is not None and each.processed_at <= moment
        )
        for each in counting
    }


async def _vouchers(reader: Reader, decided: Mapping[int, Decision]) -> dict[int, OwnVouchers]:
    """The vouchers of those that gave or used some; nothing is asked where none did."""
    paid = {number: sum(each.kind == "VOUCHER" for each in one.payments) for number, one in decided.items()}
    concerned = [number for number, one in decided.items() if one.vouchers or paid[number]]
    if not concerned:
        return {}
    rows = (await reader.execute(VOUCHERS, {"ids": concerned})).all()
    bought = _grouped((row.transaction_id, row.id) for row in rows if row.source is VoucherSource.REDEMPTION)
    given = _grouped((row.transaction_id, row.id) for row in rows if row.source is VoucherSource.PROMOTION)
    used = _grouped((row.used_by_id, row.id) for row in rows)
    return {each: OwnVouchers(bought[each], given[each], used[each], paid[each]) for each in concerned}


def _lot(row: Any) -> LotState:
    return LotState(*tuple(row)[:10])


def _given(row: Any) -> GivenLot:
    lapsed, counted = int(row.lapsed), int(row.counted)
    return GivenLot(_lot(row), row.promotion_id, Units(row.points), row.reversed, lapsed, counted)


def _taken(row: Any) -> TakenUse:
    return TakenUse(row.place, _lot(row), Units(row.taken), int(row.restored))


def _part(row: Any) -> Part:
    return Part(read_lines(row.refund), row.quantity, row.amount, row.points, read_share(row.refund))
