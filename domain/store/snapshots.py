"""Frozen snapshots for the engine: everything a chunk touches, read a set at a time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Row, any_, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from domain.engine import BalanceState, LotState, MemberState, PartnerState, Price, ProductState
from domain.expiry import later
from domain.store import promotion_enrollments
from domain.store import tables as t
from domain.store.database import Reader

IDS = bindparam("ids", type_=ARRAY(BigInteger))

MEMBERS = select(t.member).where(t.member.c.id == any_(IDS))
BALANCES = select(t.balance).where(t.balance.c.member_id == any_(IDS))
LOTS = select(t.lot).where(t.lot.c.member_id == any_(IDS), t.lot.c.open)
FIRST = 32
"""How many lots of each point type are read at first for somebody who spends: more are rarely needed."""

FIRST_LOTS = (
    text("""
    select l.* from balance b cross join lateral (
        select * from lot l
        where l.member_id = b.member_id and l.point_type_id = b.point_type_id and l.open
          and (l.expires_on is null or l.expires_on >= :today or l.extends_by is not null or l.extended)
          and (l.effective_on is null or l.effective_on <= :today)
        order by l.expires_on, l.transaction_date, l.transaction_id, l.position limit :most
    ) l where b.member_id = any(:ids)
""")
    .columns(*t.lot.c)
    .bindparams(IDS)
)
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


async def member_rows(reader: Reader, ids: Collection[int]) -> Sequence[Row[Any]]:
    """The rows of members whom nobody need lock, because nothing is written."""
    return (await reader.execute(MEMBERS, {"ids": list(ids)})).all() if ids else ()


async def members(
    reader: Reader,
    rows: Sequence[Row[Any]],
    spenders: Collection[int],
    today: date,
    *,
    joined: Collection[int] = (),
    whole: bool = False,
) -> dict[int, MemberState]:
    """Snapshots of locked members. Of those who spend, the lots that may pay first (all, if `whole`); all lots of those whose
    balance is stale. `joined`: the promotions for which it matters who joined them.
    """
    ids = [row.id for row in rows]
    balances = await _balances(reader, ids)
    stale = {member_id for member_id, mine in balances.items() if any(_is_stale(each, today) for each in mine.values())}
    all_of = stale.union(spenders if whole else ()).intersection(ids)
    first, extended = await _first_lots(reader, set(spenders).intersection(ids) - all_of, today)
    lots = {**first, **await _lots(reader, all_of | extended)}
    complete = all_of | extended
    enrolled = await promotion_enrollments.enrolled(reader, ids, joined)
    return {
        row.id: MemberState(
            row.id,
            row.status,
            member_facts(row),
            balances.get(row.id, {}),
            lots.get(row.id),
            enrolled=enrolled.get(row.id, frozenset()),
            complete=row.id in complete,
            counters=row.counters,
        )
        for row in rows
    }


def _is_stale(balance: BalanceState, today: date) -> bool:
    return balance.changes_on is not None and balance.changes_on <= today


async def _first_lots(
    reader: Reader, ids: Collection[int], today: date
) -> tuple[dict[int, tuple[LotState, ...]], set[int]]:
    """The first lots in paying order, and the members for whom extensions may change that order: they need all."""
    if not ids:
        return {}, set()
    rows = (await reader.execute(FIRST_LOTS, {"ids": list(ids), "today": today, "most": FIRST})).all()
    extended = {row.member_id for row in rows if _may_be_extended(row)}
    found: dict[int, list[LotState]] = {member_id: [] for member_id in ids}
    for row in rows:
        found[row.member_id].append(_lot(row, {}))
    return {member_id: tuple(mine) for member_id, mine in found.items()}, extended


async def _balances(reader: Reader, ids: Sequence[int]) -> dict[int, dict[int, BalanceState]]:
    found: dict[int, dict[int, BalanceState]] = defaultdict(dict)
    for row in await reader.execute(BALANCES, {"ids": ids}):
        found[row.member_id][row.point_type_id] = BalanceState(*row[2:])
    return found


async def _lots(reader: Reader, ids: Collection[int]) -> dict[int, tuple[LotState, ...]]:
    if not ids:
        return {}
    rows = (await reader.execute(LOTS, {"ids": list(ids)})).all()
    extended = await _extensions(reader, {row.member_id for row in rows if _may_be_extended(row)})
    found: dict[int, list[LotState]] = {member_id: [] for member_id in ids}
    for row in rows:
        found[row.member_id].append(_lot(row, extended))
    return {member_id: tuple(mine) for member_id, mine in found.items()}


def _lot(row: Row[Any], extended: Mapping[tuple[int, int, int], date]) -> LotState:
    expires_on = row.expires_on
    if until := extended.get((row.member_id, row.transaction_id, row.position)):
        expires_on = later(expires_on, until)
    return LotState(
        row.transaction_id, row.position, row.point_type_id, row.qualifying, row.origin, row.remaining,
        row.transaction_date, row.effective_on, expires_on, row.extends_by,
    )  # fmt: skip


def _may_be_extended(row: Row[Any]) -> bool:
    return row.extends_by is not None or row.extended


async def _extensions(reader: Reader, ids: Collection[int]) -> dict[tuple[int, int, int], date]:
    if not ids:
        return {}
    rows = await reader.execute(EXTENSIONS, {"ids": list(ids)})
    return {(row.member_id, row.lot_transaction_id, row.lot_position): row.expires_on for row in rows}


def member_facts(row: Row[Any]) -> dict[str, Any]:
    """A member's fields under the names that rules and required-data settings use."""
    address = row.address or {}
    return {
        "number": row.number,
        "name": row.name,
        "status": row.status.value,
        "kind": row.kind.value,
        "email": row.email,
        "phone": row.phone,
        "birthDate": row.birth_date,
        "language": row.language,
        "enrolledOn": row.enrolled_on,
        "address": {
            "lines": address.get("lines"),
            "city": address.get("city"),
            "region": address.get("region"),
            "postalCode": address.get("postal_code"),
            "country": address.get("country"),
        },
        "attributes": row.attributes,
    }


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


async def partners(reader: Reader, program_id: int, ids: Iterable[int | None]) -> dict[int, PartnerState]:
    """Partners as the program's terms have them."""
    wanted = list({each for each in ids if each is not None})
    if not wanted:
        return {}
    rows = await reader.execute(PARTNERS, {"ids": wanted, "program_id": program_id})
    return {row.id: PartnerState(row.id, row.code, row.active, row.report_within_days) for row in rows}
