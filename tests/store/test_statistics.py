"""Figures over all members: summed from the ledger, by the month of the transaction."""

from datetime import UTC, date, datetime
from decimal import Decimal

from domain.programs import PointType
from domain.statistics import MonthOfPoints
from domain.store import point_types, statistics
from domain.store.database import Database
from domain.transactions import SubType
from tests.members.ledgers import a_program


def moment(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


async def points_of(database: Database, program_id: int) -> PointType:
    async with database.read() as reader:
        return (await point_types.of_program(reader, program_id))["POINTS"]


async def test_points_are_summed_by_month_and_by_how_they_left(database: Database) -> None:
    program, other = await a_program(database), await a_program(database)
    first, second = await program.member(), await program.member()
    lot = await first.lot(1_050, moment(2026, 1, 31))
    await second.lot(500, moment(2026, 1, 1))
    await second.lot(7, moment(2026, 3, 15))
    await first.take(lot, 300, moment(2026, 2, 1))
    await first.take(lot, 50, moment(2026, 2, 28), SubType.EXPIRY)
    await (await other.member()).lot(99_999, moment(2026, 1, 5))
    point_type = await points_of(database, program.id)
    async with database.read() as reader:
        assert await statistics.by_month(reader, point_type) == [
            MonthOfPoints(date(2026, 1, 1), Decimal("15.50"), Decimal("0.00"), Decimal("0.00")),
            MonthOfPoints(date(2026, 2, 1), Decimal("0.00"), Decimal("3.00"), Decimal("0.50")),
            MonthOfPoints(date(2026, 3, 1), Decimal("0.07"), Decimal("0.00"), Decimal("0.00")),
        ]


async def test_a_program_without_points_has_no_months(database: Database) -> None:
    program = await a_program(database)
    async with database.read() as reader:
        assert await statistics.by_month(reader, await points_of(database, program.id)) == []
