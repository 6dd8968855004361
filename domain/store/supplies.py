"""What the owners of a chunk's activities have agreed and have in stock, as the engine works on it: read a set at a time.

Only the blocks that may be used today, and only of these owners. Nothing is locked: whoever wants
that calls `locks.stock` before.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from domain.blocks import BLOCK_DECIMALS, BlockKind
from domain.engine.supply import NO_SUPPLY, BlockState, Owner, Rate, Supply, TermsState, supply_of
from domain.points import Units
from domain.store import driver
from domain.store.database import Reader, Writer

TERMS = """
select t.partner_id, p.code, p.active and t.active, t.billing = 'POSTPAID', t.credit_limit,
       array(select y.id from point_type y where y.program_id = t.program_id and y.code = any(t.point_types)),
       array(select c.point_type_id from terms_conversion c
             where (c.program_id, c.partner_id) = (t.program_id, t.partner_id) order by c.point_type_id),
       array(select c.rate from terms_conversion c
             where (c.program_id, c.partner_id) = (t.program_id, t.partner_id) order by c.point_type_id)
from partner_terms t join partner p on p.id = t.partner_id where t.program_id = $1 and t.partner_id = any($2)
"""
RATES = """
select partner_id, point_type_id, valid_from, valid_through, trim_scale(price), currency, trim_scale(percentage)
from billing_rate where program_id = $1 and partner_id = any($2)
"""
OWNED = "(b.partner_id = any($2) or ($3 and b.partner_id is null))"
ACTIVE = "b.status = 'APPROVED' and b.starts_on <= $4 and (b.ends_on is null or b.ends_on >= $4)"
BLOCKS = f"""
select b.id, b.partner_id, b.kind, b.remaining, b.ends_on, b.price, b.currency, b.promotion_id from point_block b
where b.program_id = $1 and {OWNED} and {ACTIVE} and (b.remaining <> 0 or b.kind = 'OVERDRAFT' or $5)
"""  # noqa: S608 - words of our own
OPEN = """
insert into point_block (program_id, partner_id, kind, status, original, remaining, starts_on, price, currency, cost, version,
                         created_at, approved_at)
select $1, o.id, 'OVERDRAFT', 'APPROVED', 0, 0, $2, 0, p.currency, 0, 1, now(), now()
from unnest($3::bigint[]) as o(id) join program p on p.id = $1
on conflict do nothing
"""


@dataclass(frozen=True, slots=True)
class Owners:
    """Who may have to pay in a chunk: partners, and perhaps the host. `taking_back`: points may come back, so that empty blocks
    matter, too.
    """

    partners: Collection[int] = field(default_factory=frozenset)
    host: bool = False
    taking_back: bool = False

    def __bool__(self) -> bool:
        return bool(self.partners) or self.host


async def load(reader: Reader, program_id: int, owners: Owners, today: date, *, host_pays: bool) -> Supply:
    """The supply of these owners on a day; that of the host pays only if the program says so."""
    if not owners:
        return NO_SUPPLY
    terms = await _terms(reader, program_id, list(owners.partners))
    host = [TermsState(None, None)] if host_pays else []
    return supply_of([*terms, *host], await _blocks(reader, program_id, owners, today))


async def open_overdrafts(writer: Writer, program_id: int, supply: Supply, today: date) -> bool:
    """Give every partner that has credit, and no overdraft yet, an empty one; whether any was missing."""
    missing = [block.owner for block in supply.by_id.values() if block.id < 0]
    if missing:
        await driver.execute(writer, OPEN, program_id, today, missing)
    return bool(missing)


async def _terms(reader: Reader, program_id: int, partners: Sequence[int]) -> list[TermsState]:
    rows = await driver.fetch(reader, TERMS, program_id, partners) if partners else []
    rates = await _rates(reader, program_id, [row[0] for row in rows if row[3]])
    return [
        TermsState(
            partner_id, code, active, postpaid, _units(credit), frozenset(point_types),
            dict(zip(charged, conversions, strict=True)), rates.get(partner_id, {}),
        )
        for partner_id, code, active, postpaid, credit, point_types, charged, conversions in rows
    ]  # fmt: skip


async def _rates(
    reader: Reader, program_id: int, partners: Sequence[int]
) -> Mapping[Owner, Mapping[int, tuple[Rate, ...]]]:
    found: dict[Owner, dict[int, tuple[Rate, ...]]] = defaultdict(dict)
    rows = await driver.fetch(reader, RATES, program_id, partners) if partners else []
    for partner_id, point_type_id, *rate in rows:
        found[partner_id][point_type_id] = (*found[partner_id].get(point_type_id, ()), Rate(*rate))
    return found


async def _blocks(reader: Reader, program_id: int, owners: Owners, today: date) -> list[BlockState]:
    rows = await driver.fetch(reader, BLOCKS, program_id, list(owners.partners), owners.host, today, owners.taking_back)
    return [_block(*row) for row in rows]


def _block(key: int, partner_id: int | None, kind: str, remaining: Any, *rest: Any) -> BlockState:
    return BlockState(key, partner_id, BlockKind(kind), _units(remaining), *rest)


def _units(points: Any) -> Units:
    return Units(int(points.scaleb(BLOCK_DECIMALS)))
