"""Writing who paid for what a chunk gave: one partner transaction for each block and promotion, its debits, and bills.

The rows are new and wait for nobody. The blocks come last of everything, each by one conditional update, so that a hot one is
held only from there to the commit; where a block has too little by now, or was closed, it is Contended, and nothing is written.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from msgspec.structs import replace

from domain.engine import Outcome
from domain.engine.giving_back import NEW_BLOCK
from domain.engine.outcome import Bill, BlockDebit
from domain.engine.supply import spoken
from domain.partner_transactions import Direction, PartnerTransactionKind
from domain.store import driver
from domain.store.bulk import BulkCopy, BulkInsert
from domain.store.database import Writer
from domain.store.failures import Contended

NEW = """
insert into point_block (program_id, partner_id, kind, status, original, remaining, starts_on, price, currency, cost, version,
                         created_at, approved_at)
values ($1, $2, 'NORMAL', 'APPROVED', $3, $3, $4, $5, $6, 0, 1, $7, $7) returning id
"""
TRANSACTIONS = BulkInsert(
    "partner_transaction",
    [
        ("program_id", "bigint"), ("partner_id", "bigint"), ("kind", "text"), ("direction", "text"), ("posted_on", "date"),
        ("created_at", "timestamptz"), ("points", "numeric"), ("block_id", "bigint"), ("price", "numeric"),
        ("promotion_id", "bigint"),
    ],
    "returning id, block_id, price, promotion_id, kind",
)  # fmt: skip
DEBITS = BulkCopy(
    "block_debit",
    [
        "partner_transaction_id", "program_id", "member_id", "transaction_id", "lot_transaction_id", "lot_position",
        "block_id", "points", "price", "promotion_id", "reverses_id", "created_at",
    ],
)  # fmt: skip
BILLS = BulkCopy(
    "billing_entry",
    [
        "program_id", "partner_id", "member_id", "transaction_id", "lot_transaction_id", "lot_position", "point_type_id",
        "promotion_id", "transaction_date", "points", "price", "currency", "percentage", "amount", "reverses_id",
        "posted_on", "created_at",
    ],
)  # fmt: skip
DRAW = """
with mine as materialized (select id from point_block where id = any($1) order by id for no key update)
update point_block b set remaining = b.remaining - n.need
from mine, unnest($1::bigint[], $2::numeric[]) as n(id, need)
where b.id = mine.id and n.id = b.id and b.status = 'APPROVED'
  and case b.kind when 'OVERDRAFT' then b.remaining - n.need <= 0 and (n.need <= 0 or b.remaining - n.need >= -coalesce(
    (select t.credit_limit from partner_terms t where t.program_id = b.program_id and t.partner_id = b.partner_id), 0))
  else b.remaining >= n.need end
returning b.id
"""

Group = tuple[int, Decimal, int | None, PartnerTransactionKind]
"""What one partner transaction stands for: a block, a price, a promotion, and whether points left or came back."""


async def write(writer: Writer, program_id: int, done: Iterable[Outcome], today: date, now: datetime) -> dict[int, int]:
    """The rows of debits and bills; what is still to be drawn from each block, in hundredths (below 0: to be added)."""
    debits, bills = list[BlockDebit](), list[Bill]()
    for outcome in done:
        debits += outcome.debits
        bills += outcome.bills
    await BILLS(writer, [_bill_row(program_id, each, today, now) for each in bills])
    need: dict[int, int] = defaultdict(int)
    for each in debits:
        if each.block_id != NEW_BLOCK:
            need[each.block_id] += each.points
    if debits:
        await _write(writer, program_id, await _placed(writer, program_id, debits, today, now), today, now)
    return {key: points for key, points in sorted(need.items()) if points}


async def draw(writer: Writer, need: dict[int, int]) -> None:
    """Take so much from each of these blocks, or add it; raises Contended where one cannot give it any more."""
    if need:
        drawn = await driver.fetch(writer, DRAW, list(need), [spoken(points) for points in need.values()])
        if len(drawn) < len(need):
            raise Contended


async def _placed(
    writer: Writer, program_id: int, debits: Sequence[BlockDebit], today: date, now: datetime
) -> Sequence[BlockDebit]:
    """The same, with a block made for what no block of its owner can take back."""
    homeless: dict[tuple[int | None, Decimal, str], int] = defaultdict(int)
    for each in debits:
        if each.block_id == NEW_BLOCK:
            homeless[each.owner, each.price, each.currency] -= each.points
    made = {}
    for (owner, price, currency), points in homeless.items():
        values = (program_id, owner, spoken(points), today, price, currency, now)
        [[made[owner, price, currency]]] = await driver.fetch(writer, NEW, *values)
    if not made:
        return debits
    return [
        replace(each, block_id=made[each.owner, each.price, each.currency]) if each.block_id == NEW_BLOCK else each
        for each in debits
    ]


async def _write(writer: Writer, program_id: int, debits: Sequence[BlockDebit], today: date, now: datetime) -> None:
    sums: dict[Group, int] = defaultdict(int)
    owners = {}
    for each in debits:
        sums[_group(each)] += abs(each.points)
        owners[each.block_id] = each.owner
    rows = [
        (
            program_id, owners[block_id], kind.value, DIRECTIONS[kind].value, today, now, spoken(points), block_id, price,
            promotion_id,
        )
        for (block_id, price, promotion_id, kind), points in sums.items()
    ]  # fmt: skip
    keys = {
        (block_id, price, promotion_id, PartnerTransactionKind(kind)): key
        for key, block_id, price, promotion_id, kind in await TRANSACTIONS(writer, rows)
    }
    await DEBITS(writer, [_debit_row(program_id, keys[_group(each)], each, now) for each in debits])


DIRECTIONS = {
    PartnerTransactionKind.ACCRUAL_DEBIT: Direction.DEBIT,
    PartnerTransactionKind.ACCRUAL_REVERSAL: Direction.CREDIT,
}


def _group(each: BlockDebit) -> Group:
    kind = PartnerTransactionKind.ACCRUAL_DEBIT if each.points > 0 else PartnerTransactionKind.ACCRUAL_REVERSAL
    return each.block_id, each.price, each.promotion_id, kind


def _debit_row(program_id: int, key: int, each: BlockDebit, now: datetime) -> Sequence[object]:
    return (
        key, program_id, each.member_id, each.transaction_id, each.lot_transaction_id, each.lot_position, each.block_id,
        spoken(each.points), each.price, each.promotion_id, each.reverses_id, now,
    )  # fmt: skip


def _bill_row(program_id: int, each: Bill, today: date, now: datetime) -> Sequence[object]:
    return (
        program_id, each.partner_id, each.member_id, each.transaction_id, each.lot_transaction_id, each.lot_position,
        each.point_type_id, each.promotion_id, each.transaction_date, each.points, each.price, each.currency,
        each.percentage, each.amount, each.reverses_id, today, now,
    )  # fmt: skip
