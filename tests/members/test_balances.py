"""Balances as of now: the stored sums while they hold, the open lots from the day on which one starts or lapses."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from domain.members import Balance
from domain.people import Scope
from domain.store import balances
from domain.store.database import Database
from tests.members.ledgers import Ledger, a_program

EVERYTHING = Scope()
MORNING = datetime(2026, 3, 1, 8, tzinfo=UTC)


async def balance(ledger: Ledger, now: datetime = MORNING, scope: Scope = EVERYTHING) -> list[Balance]:
    async with ledger.program.database.read() as reader:
        return (await balances.load_many(reader, scope, [ledger.member_id], now))[0]


async def test_a_new_member_has_nothing_of_every_point_type_of_the_program(database: Database) -> None:
    program = await a_program(database)
    await program.point_type("MILES")
    zero, whole = Decimal("0.00"), Decimal(0)
    ledger = await program.member()
    assert await balance(ledger) == [
        Balance(ledger.member_id, "POINTS", zero, zero, zero, zero, zero, zero, zero, zero),
        Balance(ledger.member_id, "MILES", whole, whole, whole, whole, whole, whole, whole, whole),
    ]
    assert [str(one.available) for one in await balance(ledger)] == ["0.00", "0"]


async def test_stored_sums_are_shown_as_they_are_until_they_change(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    await ledger.stored(
        available=500, pending=75, earned=1000, redeemed=300, expired=100, lifetime_qualifying=900,
        loan_outstanding=50, changes_on=date(2026, 3, 2),
    )  # fmt: skip
    [found] = await balance(ledger)
    assert found == Balance(
        ledger.member_id, "POINTS", Decimal("5.00"), Decimal("0.00"), Decimal("0.75"), Decimal("10.00"), Decimal("3.00"),
        Decimal("1.25"), Decimal("9.00"), Decimal("0.50"),
    )  # fmt: skip


async def test_a_lapsed_lot_counts_as_expired_before_the_nightly_job(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    await ledger.lot(300, expires_on=date(2026, 2, 28))
    await ledger.lot(200)
    await ledger.stored(available=500, earned=500, changes_on=date(2026, 3, 1))
    [before] = await balance(ledger, datetime(2026, 2, 28, 23, 59, tzinfo=UTC))
    [after] = await balance(ledger, datetime(2026, 3, 1, 0, 0, tzinfo=UTC))
    assert (before.available, before.expired, before.earned) == (Decimal("5.00"), Decimal("0.00"), Decimal("5.00"))
    assert (after.available, after.expired, after.earned) == (Decimal("2.00"), Decimal("3.00"), Decimal("5.00"))


async def test_a_lot_becomes_available_on_the_day_it_starts(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    await ledger.lot(300, effective_on=date(2026, 3, 1))
    await ledger.lot(40, effective_on=date(2026, 3, 2))
    await ledger.stored(pending=340, earned=340, changes_on=date(2026, 3, 1))
    [before] = await balance(ledger, datetime(2026, 2, 28, 23, 59, tzinfo=UTC))
    [after] = await balance(ledger)
    assert (before.available, before.pending) == (Decimal("0.00"), Decimal("3.40"))
    assert (after.available, after.pending, after.expired) == (Decimal("3.00"), Decimal("0.40"), Decimal("0.00"))


async def test_the_day_begins_at_midnight_in_the_time_zone_of_the_program(database: Database) -> None:
    moment = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)  # already March in Auckland, still February in Honolulu
    found = []
    for time_zone in ("Pacific/Auckland", "UTC", "Pacific/Honolulu"):
        ledger = await (await a_program(database, time_zone)).member()
        await ledger.lot(300, expires_on=date(2026, 2, 28))
        await ledger.stored(available=300, earned=300, changes_on=date(2026, 3, 1))
        found.append((await balance(ledger, moment))[0].available)
    assert found == [Decimal("0.00"), Decimal("3.00"), Decimal("3.00")]


async def test_an_extension_keeps_a_lot_usable(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    lot = await ledger.lot(300, expires_on=date(2026, 2, 15), extends_by="1:MONTH:NONE")
    await ledger.extend(lot, date(2026, 3, 1), datetime(2026, 2, 1, tzinfo=UTC))
    await ledger.stored(available=300, earned=300, changes_on=date(2026, 2, 16))
    assert [one.available for one in await balance(ledger)] == [Decimal("3.00")]
    assert [one.available for one in await balance(ledger, datetime(2026, 3, 2, tzinfo=UTC))] == [Decimal("0.00")]


async def test_held_points_are_taken_off_what_the_lots_hold(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    await ledger.lot(300, expires_on=date(2026, 2, 28))
    kept = await ledger.lot(200)
    await ledger.hold(kept, 50, until=MORNING + timedelta(minutes=1))
    await ledger.hold(kept, 30, until=MORNING)  # its time has come
    await ledger.stored(available=420, held=80, earned=500, changes_on=date(2026, 3, 1))
    [found] = await balance(ledger)
    assert (found.available, found.held, found.expired) == (Decimal("1.50"), Decimal("0.50"), Decimal("3.00"))


async def test_many_members_are_answered_at_once_each_with_its_own(database: Database) -> None:
    program, other = await a_program(database), await a_program(database, "Pacific/Auckland")
    fresh, stale, foreign = await program.member(), await program.member(), await other.member()
    await fresh.stored(available=100, earned=100)
    await stale.lot(200, expires_on=date(2026, 3, 1))
    await stale.stored(available=999, earned=200, changes_on=date(2026, 2, 1))
    async with database.read() as reader:
        ids = [stale.member_id, foreign.member_id, fresh.member_id]
        found = await balances.load_many(reader, EVERYTHING, ids, MORNING)
    assert [[one.available for one in mine] for mine in found] == [
        [Decimal("2.00")],
        [Decimal("0.00")],
        [Decimal("1.00")],
    ]
    assert [mine[0].member_id for mine in found] == ids


async def test_a_member_outside_the_scope_has_no_balances(database: Database) -> None:
    ledger = await (await a_program(database)).member()
    other = await (await a_program(database)).member()
    assert await balance(ledger, scope=Scope(program_id=other.program.id)) == []
    assert await balance(ledger, scope=Scope(member_id=other.member_id)) == []
    assert await balance(ledger, scope=Scope(partner_id=1)) == []
    assert len(await balance(ledger, scope=Scope(ledger.program.id, member_id=ledger.member_id))) == 1
