"""Frozen snapshots for the engine: everything a chunk touches, read a set at a time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import BigInteger, Text, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.engine import BalanceState, HoldState, LotState, MemberState, PartnerState, Price, ProductState
from domain.expiry import later
from domain.lots import LotOrigin
from domain.memberships import FINAL
from domain.store import driver, holds, loans, promotion_enrollments
from domain.store import member_rows as rows_of
from domain.store import tables as t
from domain.store.database import Reader
from domain.store.families import flow_of
from domain.store.member_rows import MemberRow

IDS = bindparam("ids", type_=ARRAY(BigInteger))

BALANCES = """
select member_id, point_type_id, available, held, pending, earned, redeemed, expired, lifetime_qualifying, loan_outstanding,
       changes_on from balance where member_id = any($1)
"""
LOT = (
    "member_id, extended, transaction_id, position, point_type_id, qualifying, origin, remaining, transaction_date, effective_on,"
    " expires_on, extends_by"
)
LOTS = f"select {LOT} from lot where member_id = any($1) and open"  # noqa: S608 - columns of our own
ORIGINS = {origin.value: origin for origin in LotOrigin}
NOTHING_KEPT = holds.Kept({}, {})
FIRST = 32
"""How many lots of each point type are read at first for somebody who spends: more are rarely needed."""

FIRST_LOTS = f"""
    select l.* from balance b cross join lateral (
        select {LOT} from lot l
        where l.member_id = b.member_id and l.point_type_id = b.point_type_id and l.open
          and (l.expires_on is null or l.expires_on >= $2 or l.extends_by is not null or l.extended)
          and (l.effective_on is null or l.effective_on <= $2)
        order by l.expires_on, l.transaction_date, l.transaction_id, l.position limit $3
    ) l where b.member_id = any($1)
"""  # noqa: S608 - columns of our own
EXTENSIONS = (
    select(
        t.lot_extension.c.member_id,
        t.lot_extension.c.lot_transaction_id,
        t.lot_extension.c.lot_position,
        func.max(t.lot_extension.c.expires_on).label("expires_on"),
    )
    .where(t.lot_extension.c.member_id == any_(IDS))
    .group_by(*list(t.lot_extension.c)[:3])
)
PRODUCTS = select(t.product).where(t.product.c.id == any_(IDS))
PRICES = select(t.product_price).where(t.product_price.c.product_id == any_(IDS))
PARTNERS = (
    select(
        t.partner.c.id,
        t.partner.c.code,
        func.coalesce(t.partner.c.active & t.partner_terms.c.active, False).label("active"),
        t.partner_terms.c.report_within_days,
        func.coalesce(t.partner_terms.c.partner_approves, False).label("approves"),
    )
    .select_from(
        t.partner.outerjoin(
            t.partner_terms,
            (t.partner_terms.c.partner_id == t.partner.c.id)
            & (t.partner_terms.c.program_id == bindparam("program_id")),
        )
    )
    .where(t.partner.c.id == any_(IDS))
)

MEMBERSHIPS = (
    select(t.membership.c.partner_id, t.membership.c.begins_on, t.membership.c.renewal_ends_on)
    .join(t.partner_program, t.partner_program.c.id == t.membership.c.partner_program_id)
    .where(
        t.membership.c.partner_id == any_(IDS),
        t.membership.c.status.not_in(FINAL),
        t.partner_program.c.code == any_(bindparam("codes", type_=ARRAY(Text))),
    )
)


async def member_rows(reader: Reader, ids: Collection[int]) -> Sequence[MemberRow]:
    """The rows of members whom nobody need lock, because nothing is written."""
    return await rows_of.read(reader, rows_of.BY_IDS, list(ids))


async def members(
    reader: Reader,
    rows: Sequence[MemberRow],
    spenders: Collection[int],
    today: date,
    *,
    now: datetime | None = None,
    joined: Collection[int] = (),
    whole: bool = False,
) -> dict[int, MemberState]:
    """Snapshots of locked members. Of those who spend, the lots that may pay first (all, if `whole`); all lots of those whose
    balance is stale. `joined`: the promotions for which it matters who joined them; `now`: as of when holds keep lots (not given:
    nobody needs to know).
    """
    ids = [row.id for row in rows]
    balances = await _balances(reader, ids)
    stale = {member_id for member_id, mine in balances.items() if any(_is_stale(each, today) for each in mine.values())}
    keeping = [] if now is None else [key for key, mine in balances.items() if any(each.held for each in mine.values())]
    all_of = stale.union(spenders if whole else (), keeping).intersection(ids)
    first, extended = await _first_lots(reader, set(spenders).intersection(ids) - all_of, today)
    lots = {**first, **await _lots(reader, all_of | extended)}
    kept = await holds.of_members(reader, keeping, now) if keeping and now is not None else NOTHING_KEPT
    lots |= {member_id: _kept(lots[member_id] or (), mine) for member_id, mine in kept.held.items()}
    complete = all_of | extended
    owed = await loans.outstanding(reader, [member_id for member_id, mine in balances.items() if _owes(mine)])
    enrolled = await promotion_enrollments.enrolled(reader, ids, joined)
    return {
        row.id: MemberState(
            row.id,
            row.status,
            row.facts,
            balances.get(row.id, {}),
            lots.get(row.id),
            enrolled=enrolled.get(row.id, frozenset()),
            complete=row.id in complete,
            counters=row.counters,
            absorbed=() if row.absorbed is None else tuple(row.absorbed),
            holds=kept.held.get(row.id, ()),
            ended_holds=kept.ended.get(row.id, ()),
            flow=None if row.family_id is None else flow_of(row),
            loans=owed.get(row.id, ()),
        )
        for row in rows
    }


def _owes(balances: Mapping[int, BalanceState]) -> bool:
    return any(each.loan_outstanding for each in balances.values())


def _kept(lots: Iterable[LotState], held: Iterable[HoldState]) -> tuple[LotState, ...]:
    """The lots, of each what holds keep told apart from what remains."""
    kept: dict[tuple[int, int], int] = defaultdict(int)
    for hold in held:
        for key, units in hold.lots:
            kept[key] += units
    return tuple(
        replace(lot, remaining=lot.remaining - kept[lot.key], kept=kept[lot.key]) if lot.key in kept else lot
        for lot in lots
    )


def _is_stale(balance: BalanceState, today: date) -> bool:
    return balance.changes_on is not None and balance.changes_on <= today


async def _first_lots(
    reader: Reader, ids: Collection[int], today: date
) -> tuple[dict[int, tuple[LotState, ...]], set[int]]:
    """The first lots in paying order, and the members for whom extensions may change that order: they need all."""
    if not ids:
        return {}, set()
    rows = await driver.fetch(reader, FIRST_LOTS, list(ids), today, FIRST)
    found: dict[int, list[LotState]] = {member_id: [] for member_id in ids}
    for member_id, _, *lot in rows:
        found[member_id].append(_lot(*lot))
    return {member_id: tuple(mine) for member_id, mine in found.items()}, _may_be_extended(rows)


async def _balances(reader: Reader, ids: Sequence[int]) -> dict[int, dict[int, BalanceState]]:
    found: dict[int, dict[int, BalanceState]] = defaultdict(dict)
    for member_id, point_type_id, *figures in await driver.fetch(reader, BALANCES, ids):
        found[member_id][point_type_id] = BalanceState(*figures)
    return found


async def _lots(reader: Reader, ids: Collection[int]) -> dict[int, tuple[LotState, ...]]:
    if not ids:
        return {}
    rows = await driver.fetch(reader, LOTS, list(ids))
    extended = await _extensions(reader, _may_be_extended(rows))
    found: dict[int, list[LotState]] = {member_id: [] for member_id in ids}
    for member_id, _, *lot in rows:
        state = _lot(*lot)
        until = extended.get((member_id, *state.key))
        found[member_id].append(state if until is None else replace(state, expires_on=later(state.expires_on, until)))
    return {member_id: tuple(mine) for member_id, mine in found.items()}


def _lot(  # noqa: PLR0917 - the columns, in their order
    transaction_id: int, position: int, point_type_id: int, qualifying: bool, origin: str, remaining: int,
    transaction_date: date, effective_on: date | None, expires_on: date | None, extends_by: str | None,
) -> LotState:  # fmt: skip
    return LotState(
        transaction_id, position, point_type_id, qualifying, ORIGINS[origin], remaining, transaction_date, effective_on,
        expires_on, extends_by,
    )  # fmt: skip


def _may_be_extended(rows: Iterable[Sequence[Any]]) -> set[int]:
    """The members of lots that may last longer than they say: by columns 0, 1 and the last."""
    return {row[0] for row in rows if row[-1] is not None or row[1]}


async def _extensions(reader: Reader, ids: Collection[int]) -> dict[tuple[int, int, int], date]:
    if not ids:
        return {}
    rows = await reader.execute(EXTENSIONS, {"ids": list(ids)})
    return {(row.member_id, row.lot_transaction_id, row.lot_position): row.expires_on for row in rows}


async def products(reader: Reader, ids: Iterable[int | None]) -> dict[int, ProductState]:
    """Products with all their prices."""
    wanted = list({each for each in ids if each is not None})
    if not wanted:
        return {}
    prices: dict[int, list[Price]] = defaultdict(list)
    for row in await reader.execute(PRICES, {"ids": wanted}):
        price = Price(row.kind, row.partner_id, row.point_type_id, row.points, row.starts_on, row.ends_on)
        prices[row.product_id].append(price)
    rows = await reader.execute(PRODUCTS, {"ids": wanted})
    return {
        row.id: ProductState(row.id, row.code, row.name, row.active, row.attributes, tuple(prices[row.id]))
        for row in rows
    }


async def partners(
    reader: Reader, program_id: int, ids: Iterable[int | None], demanded: Sequence[str] = ()
) -> dict[int, PartnerState]:
    """Partners as the program's terms have them; with the days on which they are members of what is `demanded`, if anything is."""
    wanted = list({each for each in ids if each is not None})
    if not wanted:
        return {}
    rows = await reader.execute(PARTNERS, {"ids": wanted, "program_id": program_id})
    days = await _memberships(reader, wanted, demanded) if demanded else {}
    return {
        row.id: PartnerState(
            row.id, row.code, row.active, row.report_within_days, tuple(days.get(row.id, ())), approves=row.approves
        )
        for row in rows
    }


async def _memberships(
    reader: Reader, partner_ids: Sequence[int], demanded: Sequence[str]
) -> dict[int, list[tuple[date, date]]]:
    """By dates alone, so that it makes no difference when the daily job runs."""
    found: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for row in await reader.execute(MEMBERSHIPS, {"ids": partner_ids, "codes": list(demanded)}):
        found[row.partner_id].append((row.begins_on, row.renewal_ends_on))
    return found
