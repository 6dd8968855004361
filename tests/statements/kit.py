"""A stage whose clock the test moves, and what its member's statement says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.calendars import start_of_day
from domain.commands.programs import SettingsChange
from domain.commands.transactions import PointsTransfer
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.members import Balance, Member
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import transactions as services
from domain.services.engine_programs import EnginePrograms
from domain.services.expiry import expire
from domain.services.posting import Desk
from domain.services.statements import member_statement
from domain.statements import PointStatement, Statement
from domain.store import past_balances
from domain.store.database import Database
from domain.transactions import SubType, Transaction, Type
from tests.support.members import a_member, by_number
from tests.support.transactions import Stage, a_key, a_stage

MONTH = ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.MONTH)
NOON = datetime(2028, 2, 1, 12, tzinfo=UTC)
"""Of a leap year."""


@dataclass
class Diary:
    """`stage.member` is Ada; Grace is there for her gifts. The clock is wherever the test puts it."""

    stage: Stage
    grace: Member
    now: datetime

    def pass_to(self, *moment: int) -> None:
        """Put the clock to a moment: year, month, day, hour and so on, in UTC."""
        self.now = datetime(*moment, tzinfo=UTC)  # type: ignore[misc,arg-type]

    async def job(self) -> None:
        """The nightly expiry."""
        async for _ in expire(self.stage.database, self.stage.desk.programs, self.stage.program.id):
            pass

    async def send(self, points: int) -> Receipt[Transaction]:
        """Points from Ada to Grace."""
        entry = self.stage.entry(type=Type.REDEMPTION, sub_type=SubType.TRANSFER, points=Decimal(points))
        command = PointsTransfer(
            idempotency_key=a_key(), member=by_number(self.stage.member), entry=entry, recipient=by_number(self.grace)
        )
        return await services.points_transfer(self.stage.desk, self.stage.director, command)

    async def whole(self, starts_on: date, ends_on: date, member: Member | None = None) -> Statement:
        """The statement of a period."""
        whom = member or self.stage.member
        found = await member_statement(self.stage.database, Scope(), whom.id, starts_on, ends_on)
        assert found is not None
        return found

    async def statement(self, starts_on: date, ends_on: date, member: Member | None = None) -> PointStatement:
        """That of the one kind of points, which must add up, and agree with the balances at both ends."""
        [account] = (await self.whole(starts_on, ends_on, member)).accounts
        assert account.closing == account.opening + sum(line.points for line in account.lines)
        assert account.closing == account.opening + account.credited - account.debited
        assert all(line.balance >= 0 for line in account.lines)
        zone, whom = self.stage.program.time_zone, member or self.stage.member
        before = start_of_day(starts_on, zone) - timedelta(microseconds=1)
        until = start_of_day(ends_on + timedelta(1), zone) - timedelta(microseconds=1)
        assert account.opening == await self.owned(before, whom)
        assert account.closing == await self.owned(min(until, self.now), whom)
        return account

    async def owned(self, moment: datetime, member: Member) -> Decimal:
        """Available, held and pending as of a moment."""
        async with self.stage.database.read() as reader:
            [[found]] = await past_balances.load_many(reader, Scope(), [member.id], moment)
        return everything(found)


def everything(balance: Balance) -> Decimal:
    """All that a member owns."""
    return balance.available + balance.held + balance.pending


def told(account: PointStatement) -> list[tuple[str, int]]:
    """What each line tells: its sub-type (or kind), and the points."""
    return [(line.sub_type.value if line.sub_type else line.kind.value, int(line.points)) for line in account.lines]


@asynccontextmanager
async def a_diary(url: str, *, settings: SettingsChange | None = None, **values: Any) -> AsyncIterator[Diary]:
    """Ada's, from February 1 of a leap year on; points lapse a month after they were earned."""
    moments: list[Diary] = []
    database = Database(url, pool_size=3, clock=lambda _: moments[0].now if moments else NOON)
    desk = Desk(database, EnginePrograms())
    try:
        stage = await a_stage(desk, settings=settings or SettingsChange(expiry=MONTH), **values)
        diary = Diary(stage, await a_member(database, stage.program, name="Grace Hopper"), NOON)
        moments.append(diary)
        yield diary
    finally:
        await desk.close()
        await database.close()
