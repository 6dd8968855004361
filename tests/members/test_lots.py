"""Lots, lot uses and what expires, as members and partners read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.commands.ledger import LotFilter, LotOrder
from domain.lots import Lot, LotOrigin, LotUse
from domain.members import ExpiringPoints
from domain.pages import PageRequest
from domain.people import Scope
from domain.store import expiring, ledger_reads
from domain.store.database import Database
from domain.store.keyset import page_of
from domain.transactions import SubType
from tests.members.ledgers import START, Ledger, a_program

EVERYTHING = Scope()
DAY = timedelta(days=1)


async def lots(
    ledger: Ledger, wanted: LotFilter | None = None, order: LotOrder | None = None, scope: Scope = EVERYTHING
) -> list[str]:
    """The points of the lots: the newest first, or upwards in an order."""
    listing = ledger_reads.lots(
        scope, ledger.member_id, wanted or LotFilter(), order or LotOrder.TRANSACTION_DATE, descending=order is None
    )
    page = await page_of(ledger.program.database, listing, PageRequest(100))
    return [str(edge.node.points) for edge in page.edges]


async def test_a_lot_is_shown_with_the_points_of_its_type_and_its_effective_expiry(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    transaction, position = await ledger.lot(
        1050, START, expires_on=date(2026, 2, 1), effective_on=date(2026, 1, 20), extends_by="1:MONTH:NONE"
    )
    await ledger.take((transaction, position), 50, START + DAY)
    await ledger.extend((transaction, position), date(2026, 3, 1), START + DAY)
    async with database.read() as reader:
        found = await ledger_reads.lots_by_key(reader, EVERYTHING, [(ledger.member_id, transaction, position)])
    assert found == [
        Lot(
            member_id=ledger.member_id, transaction_id=transaction, position=0, point_type="POINTS", qualifying=False,
            origin=LotOrigin.BASE, promotion_id=None, points=Decimal("10.50"), remaining=Decimal("10.00"),
            transaction_date=START.date(), effective_on=date(2026, 1, 20), expires_on=date(2026, 3, 1), created_at=START,
        )
    ]  # fmt: skip


async def test_lots_are_listed_newest_first_or_as_redemptions_take_them(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    await ledger.lot(1, START, expires_on=None)
    await ledger.lot(2, START + DAY, expires_on=date(2026, 5, 1))
    await ledger.lot(3, START + 2 * DAY, expires_on=date(2026, 4, 1))
    await ledger.lot(4, START + 3 * DAY, expires_on=date(2026, 5, 1))
    assert await lots(ledger) == ["0.04", "0.03", "0.02", "0.01"]
    assert await lots(ledger, order=LotOrder.EXPIRES_ON) == ["0.03", "0.02", "0.04", "0.01"]


@pytest.mark.parametrize("order", LotOrder)
async def test_pages_of_lots_meet_without_gap_or_overlap(database: Database, order: LotOrder) -> None:
    ledger = await (await a_program(database)).member()
    for points in range(1, 8):
        await ledger.lot(points, START, expires_on=date(2026, 5, 1) if points % 3 else None)
    listing = ledger_reads.lots(EVERYTHING, ledger.member_id, LotFilter(), order, descending=False)
    seen, after = [], None
    while True:
        page = await page_of(database, listing, PageRequest(3, after))
        seen += [str(edge.node.points) for edge in page.edges]
        if not page.has_next_page:
            break
        after = page.end_cursor
    assert seen == await lots(ledger, order=order)
    assert len(seen) == await page.count() == 7


async def test_lots_are_filtered_by_what_is_left_point_type_and_qualifying(database: Database) -> None:
    program = await a_program(database)
    miles = await program.point_type("MILES")
    ledger = await program.member()
    spent = await ledger.lot(1, START)
    await ledger.take(spent, 1, START + DAY)
    await ledger.lot(2, START + DAY, qualifying=True)
    await ledger.lot(3, START + 2 * DAY, point_type_id=miles)
    assert await lots(ledger, LotFilter(open=True)) == ["3", "0.02"]
    assert await lots(ledger, LotFilter(open=False)) == ["0.01"]
    assert await lots(ledger, LotFilter(point_type="MILES")) == ["3"]
    assert await lots(ledger, LotFilter(qualifying=True)) == ["0.02"]
    assert await lots(ledger, LotFilter(point_type="NONE")) == []


async def test_lots_and_uses_are_found_by_transaction_and_by_lot(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    earned = await ledger.transaction(START)
    base = await ledger.lot(500, START, transaction_id=earned)
    bonus = await ledger.lot(70, START, transaction_id=earned, position=1)
    spent = await ledger.take(base, 200, START + DAY)
    restored = await ledger.take(
        base, -200, START + 2 * DAY, SubType.CANCELLATION, reverses_transaction_id=spent, reverses_position=0
    )
    member = ledger.member_id
    async with database.read() as reader:
        of_transactions = await ledger_reads.lots_of_transactions(
            reader, EVERYTHING, [(member, spent), (member, earned)]
        )
        taken = await ledger_reads.uses_of_transactions(reader, EVERYTHING, [(member, spent), (member, earned)])
        of_lots = await ledger_reads.uses_of_lots(reader, EVERYTHING, [(member, *bonus), (member, *base)])
    assert [[str(lot.points) for lot in found] for found in of_transactions] == [[], ["5.00", "0.70"]]
    use = LotUse(
        member_id=member, transaction_id=spent, position=0, lot_transaction_id=earned, lot_position=0, point_type="POINTS",
        points=Decimal("2.00"), reverses_transaction_id=None, reverses_position=None, created_at=START + DAY,
    )  # fmt: skip
    assert taken == [[use], []]
    assert [[one.transaction_id for one in found] for found in of_lots] == [[], [spent, restored]]
    assert of_lots[1][1].points == Decimal("-2.00")
    assert of_lots[1][1].reverses_transaction_id == spent


async def test_a_partner_reads_only_lots_and_uses_of_its_own_transactions(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    mine = await ledger.lot(100, START, partner_id=7)
    foreign = await ledger.lot(200, START, partner_id=8)
    spent = await ledger.take(mine, 50, START)
    partner, member = Scope(partner_id=7), ledger.member_id
    assert await lots(ledger, scope=partner) == ["1.00"]
    async with database.read() as reader:
        by_key = await ledger_reads.lots_by_key(reader, partner, [(member, *foreign), (member, *mine)])
        taken = await ledger_reads.uses_of_transactions(reader, partner, [(member, spent)])
    assert [one and str(one.points) for one in by_key] == [None, "1.00"]
    assert taken == [[]]


async def test_a_member_reads_no_lots_of_another(database: Database) -> None:
    program = await a_program(database)
    ledger, other = await program.member(), await program.member()
    lot = await ledger.lot(100)
    foreign_program = (await a_program(database)).id
    for scope in (Scope(member_id=other.member_id), Scope(program_id=foreign_program)):
        assert await lots(ledger, scope=scope) == []
        async with database.read() as reader:
            assert await ledger_reads.lots_by_key(reader, scope, [(ledger.member_id, *lot)]) == [None]
    assert await lots(ledger, scope=Scope(program.id, member_id=ledger.member_id)) == ["1.00"]


async def lapsing(ledger: Ledger, within: int, now: datetime, scope: Scope = EVERYTHING) -> list[ExpiringPoints]:
    async with ledger.program.database.read() as reader:
        return (await expiring.load_many(reader, scope, [(ledger.member_id, within)], now))[0]


async def test_what_expires_is_summed_by_point_type_and_date(database: Database) -> None:
    program = await a_program(database)
    miles = await program.point_type("MILES")
    ledger = await program.member()
    await ledger.lot(100, expires_on=date(2026, 3, 31))
    partly = await ledger.lot(200, expires_on=date(2026, 3, 31))
    await ledger.take(partly, 50, START)
    await ledger.lot(5, expires_on=date(2026, 3, 31), point_type_id=miles)
    await ledger.lot(70, expires_on=date(2026, 4, 30), effective_on=date(2026, 4, 1))
    await ledger.lot(999)
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert await lapsing(ledger, 60, now) == [
        ExpiringPoints("MILES", date(2026, 3, 31), Decimal(5)),
        ExpiringPoints("POINTS", date(2026, 3, 31), Decimal("2.50")),
        ExpiringPoints("POINTS", date(2026, 4, 30), Decimal("0.70")),
    ]


async def test_both_ends_of_the_span_count_and_what_has_lapsed_does_not(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    for of_month in (9, 10, 20, 21):
        await ledger.lot(of_month, expires_on=date(2026, 3, of_month))
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert [one.expires_on.day for one in await lapsing(ledger, 10, now)] == [10, 20]
    assert [one.expires_on.day for one in await lapsing(ledger, 0, now)] == [10]


async def test_an_extended_lot_expires_later(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    lot = await ledger.lot(100, expires_on=date(2026, 3, 12), extends_by="1:YEAR:NONE")
    await ledger.extend(lot, date(2026, 4, 1), START)
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert await lapsing(ledger, 10, now) == []
    assert [one.expires_on for one in await lapsing(ledger, 30, now)] == [date(2026, 4, 1)]


async def test_today_is_that_of_the_program(database: Database) -> None:
    ledger = await (await a_program(database, "Pacific/Auckland")).member()
    await ledger.lot(100, expires_on=date(2026, 3, 10))
    assert await lapsing(ledger, 5, datetime(2026, 3, 10, 10, 59, tzinfo=UTC)) != []
    assert await lapsing(ledger, 5, datetime(2026, 3, 10, 11, 0, tzinfo=UTC)) == []  # midnight in Auckland
    assert await lapsing(ledger, 5, datetime(2026, 3, 10, 9, tzinfo=UTC), Scope(member_id=0)) == []
