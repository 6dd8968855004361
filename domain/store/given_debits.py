"""What was paid for the lots of transactions that are to be taken back, by blocks and by bills, and what came back of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from domain.blocks import BLOCK_DECIMALS
from domain.engine.originals import GivenBill, GivenDebit, GivenLot
from domain.store import driver
from domain.store.database import Reader

DEBITS = """
select d.lot_transaction_id, d.lot_position, d.id, d.block_id, b.partner_id, p.code, d.points, d.price, b.currency,
       d.promotion_id, coalesce((select -sum(r.points) from block_debit r where r.reverses_id = d.id), 0)
from block_debit d join point_block b on b.id = d.block_id left join partner p on p.id = b.partner_id
where d.transaction_id = any($1) and d.reverses_id is null order by d.id
"""
BILLS = """
select d.lot_transaction_id, d.lot_position, d.id, d.partner_id, p.code, d.promotion_id, d.points, d.price, d.currency,
       d.percentage, d.amount, coalesce(r.points, 0), coalesce(r.amount, 0)
from transaction t
join billing_entry d on d.member_id = t.member_id and d.lot_transaction_id = t.id and d.reverses_id is null
join partner p on p.id = d.partner_id
left join lateral (
  select -sum(r.points) as points, -sum(r.amount) as amount from billing_entry r where r.reverses_id = d.id
) r on true
where t.id = any($1) order by d.id
"""

Key = tuple[int, int]
"""A lot: its transaction and position."""


@dataclass(slots=True)
class Costs:
    """By lot."""

    debits: Mapping[Key, Sequence[GivenDebit]] = field(default_factory=dict)
    bills: Mapping[Key, Sequence[GivenBill]] = field(default_factory=dict)


async def load(reader: Reader, ids: Sequence[int]) -> Costs:
    """What was paid for the lots of these transactions; nothing is asked where there are none."""
    if not ids:
        return Costs()
    debits: dict[Key, list[GivenDebit]] = defaultdict(list)
    for transaction_id, position, *values in await driver.fetch(reader, DEBITS, ids):
        debits[transaction_id, position].append(_debit(*values))
    bills: dict[Key, list[GivenBill]] = defaultdict(list)
    for transaction_id, position, *values in await driver.fetch(reader, BILLS, ids):
        bills[transaction_id, position].append(GivenBill(*values))
    return Costs(debits, bills)


def with_costs(transaction_id: int, lots: tuple[GivenLot, ...], costs: Costs) -> tuple[GivenLot, ...]:
    """The lots of a transaction, each with what was paid for it."""
    if not costs.debits and not costs.bills:
        return lots
    return tuple(
        replace(lot, debits=tuple(costs.debits.get(key, ())), bills=tuple(costs.bills.get(key, ())))
        for lot in lots
        for key in [(transaction_id, lot.lot.position)]
    )


def _debit(*values: Any) -> GivenDebit:
    key, block_id, owner, code, points, price, currency, promotion_id, returned = values
    return GivenDebit(
        key, block_id, owner, code, _units(points), price, currency, promotion_id, returned=_units(returned)
    )


def _units(points: Any) -> int:
    return int(points.scaleb(BLOCK_DECIMALS))
