"""A program with tiers and a member of it, whose days are chosen by the test: `club.earn(date(2025, 11, 20), 500)`."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import domain.commands.transactions as c
from domain.commands.programs import SettingsChange
from domain.commands.tiers import TierClassCreate, TierCreate, TierThreshold
from domain.entries import NewTransaction
from domain.members import Balance, Member
from domain.people import ENGINE, Scope
from domain.programs import Program
from domain.services import transactions as services
from domain.services.engine_programs import EnginePrograms
from domain.services.expiry import expire
from domain.services.member_tiers import Standing, standings
from domain.services.posting import Desk
from domain.services.tier_evaluation import Evaluated, evaluate
from domain.services.tiers import tier_class_create, tier_create
from domain.services.verify import verify
from domain.store import balances
from domain.store.database import Database
from domain.tiers import Tier, TierClass, TierModel
from domain.transactions import Transaction, Type
from tests.support.factories import a_program, result_of
from tests.support.members import a_member, at, by_number
from tests.support.transactions import a_key

EVERYTHING = Scope()
ENROLLED = date(2024, 3, 10)


def noon(day: date) -> datetime:
    """When things happen on a day."""
    return datetime.combine(day, time(12), UTC)


@dataclass(frozen=True)
class Club:
    """A program of this test alone, and a member who joined it on 10 March 2024."""

    database: Database
    program: Program
    member: Member

    @asynccontextmanager
    async def on(self, day: date) -> AsyncIterator[Desk]:
        """The desk on a day."""
        database = at(self.database, noon(day))
        desk = Desk(database, EnginePrograms())
        yield desk
        await desk.close()
        await database.close()

    async def earn(self, day: date, dollars: int, *, dated: date | None = None, **values: Any) -> Transaction:
        """A purchase recorded on a day, for one point a dollar."""
        said = NewTransaction(
            program=self.program.code, member="", type=Type.ACCRUAL, amount=Decimal(dollars), transaction_date=dated or day,
            **values,
        )  # fmt: skip
        command = c.PointsEarn(idempotency_key=a_key(), member=by_number(self.member), entry=said)
        async with self.on(day) as desk:
            return result_of(await services.points_earn(desk, ENGINE, command))

    async def redeem(self, day: date, points: int) -> Transaction:
        """Points spent on a day."""
        said = NewTransaction(program=self.program.code, member="", type=Type.REDEMPTION, points=Decimal(points))
        command = c.PointsRedeem(idempotency_key=a_key(), member=by_number(self.member), entry=said)
        async with self.on(day) as desk:
            return result_of(await services.points_redeem(desk, ENGINE, command))

    async def night(self, day: date) -> Evaluated:
        """The evaluation of a night."""
        done = Evaluated()
        async with self.on(day) as desk:
            async for progress in evaluate(desk.database, desk.programs, self.program.id):
                done = progress
        return done

    async def lapse(self, day: date) -> None:
        """The expiry of a night."""
        async with self.on(day) as desk:
            async for _ in expire(desk.database, desk.programs, self.program.id):
                pass

    async def standing(self, day: date) -> Standing:
        """What there is to know of the member's tiers on a day."""
        async with self.database.read() as reader:
            return (await standings(reader, EVERYTHING, [self.member.id], noon(day)))[self.member.id]

    async def tier(self, day: date) -> str | None:
        """The dominant tier, seen on a day."""
        tier = (await self.standing(day)).tier
        return None if tier is None else tier.code

    async def history(self, day: date) -> list[tuple[str, date, date | None, str | None]]:
        """Tier, first and last day and reason of everything held, the latest first."""
        return [
            (each.tier, each.starts_on, each.ends_on, each.reason and each.reason.value)
            for each in (await self.standing(day)).history
        ]

    async def balance(self, day: date) -> Balance:
        """What the member has on a day."""
        async with self.database.read() as reader:
            [[balance]] = await balances.load_many(reader, EVERYTHING, [self.member.id], noon(day))
        return balance

    async def verified(self, day: date) -> None:
        """Nothing that is stored of the member contradicts itself on a day."""
        mine = re.compile(rf"\bmember {self.member.id}\b")
        async with self.on(day) as desk:
            found = [each async for finding in verify(desk.database) for each in finding.violations]
        assert [each for each in found if mine.search(each.place)] == []


def points(at_least: int) -> tuple[TierThreshold, ...]:
    """So many points."""
    return (TierThreshold(at_least=Decimal(at_least), point_type="POINTS"),)


async def a_class(database: Database, program: Program, code: str = "STATUS", **values: Any) -> TierClass:
    """A class of tiers, without any yet."""
    given = {"name": code.title(), "sequence": 1, "model": TierModel.ANNIVERSARY, **values}
    return result_of(
        await tier_class_create(database, ENGINE, TierClassCreate(program=program.code, code=code, **given))
    )


async def a_tier(database: Database, program: Program, code: str, sequence: int, **values: Any) -> Tier:
    """Another tier of a class."""
    given = {"tier_class": "STATUS", "name": code.title(), **values}
    command = TierCreate(program=program.code, code=code, sequence=sequence, **given)
    return result_of(await tier_create(database, ENGINE, command))


async def a_club(
    database: Database,
    *,
    settings: SettingsChange | None = None,
    gold: dict[str, Any] | None = None,
    platinum: dict[str, Any] | None = None,
    **values: Any,
) -> Club:
    """BASIC, GOLD from 500 points and PLATINUM from 1,000 in a year; `values` are those of the class."""
    program = await a_program(database, settings=settings or SettingsChange())
    await a_class(database, program, **values)
    await a_tier(database, program, "BASIC", 1)
    await a_tier(database, program, "GOLD", 2, thresholds=points(500), **(gold or {}))
    await a_tier(database, program, "PLATINUM", 3, thresholds=points(1000), **(platinum or {}))
    then = at(database, noon(ENROLLED))
    member = await a_member(then, program)
    await then.close()
    return Club(database, program, member)
