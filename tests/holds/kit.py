"""Holds for tests: kept, captured and let go by the MSR, at a moment of the test's choice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.commands.holds import PointsCapture, PointsHold, PointsRelease
from domain.commands.members import MemberReference
from domain.holds import PointHold
from domain.members import Balance
from domain.receipts import Receipt
from domain.services import holds as services
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.services.verify import verify
from domain.store import holds as store
from domain.store.database import Database
from domain.transactions import Transaction, Type
from tests.support.factories import result_of
from tests.support.members import at, by_number
from tests.support.transactions import EVERYTHING, Stage, a_key


def holding(stage: Stage, points: int, **values: Any) -> PointsHold:
    """A request to keep points of the member."""
    given = {"idempotency_key": a_key(), "program": stage.program.code, "member": by_number(stage.member), **values}
    return PointsHold(points=Decimal(points), **given)


async def hold(stage: Stage, points: int, **values: Any) -> PointHold:
    """A hold of so many points of the member."""
    command = holding(stage, points, **values)
    return result_of(await services.points_hold(stage.database, stage.desk.programs, stage.msr, command))


async def capture(
    stage: Stage, held: PointHold, points: int | None = None, *, key: str | None = None, **values: Any
) -> Receipt[Transaction]:
    """The redemption of a hold."""
    said = stage.entry(points=None if points is None else Decimal(points), type=Type.REDEMPTION, **values)
    command = PointsCapture(idempotency_key=key or a_key(), member=MemberReference(id=0), entry=said)
    return await services.points_capture(stage.desk, stage.msr, held.id, command)


async def release(stage: Stage, held: PointHold) -> PointHold:
    """The hold, let go."""
    command = PointsRelease(id=held.id)
    return result_of(await services.points_release(stage.database, stage.desk.programs, stage.msr, command))


async def job(stage: Stage) -> int:
    """What the job did: for how many members."""
    done = 0
    async for so_far in services.release_due(stage.database, stage.desk.programs, stage.program.id):
        done = so_far
    return done


async def stored(database: Database, held: PointHold) -> PointHold:
    """The hold as it is in the database."""
    async with database.read() as reader:
        [found] = await store.load_many(reader, EVERYTHING, [held.id])
    assert found is not None
    return found


@asynccontextmanager
async def later(stage: Stage, **span: float) -> AsyncIterator[Stage]:
    """The same stage, after a while."""
    async with stage.database.read() as reader:
        now = await stage.database.now(reader)
    async with at_moment(stage, now + timedelta(**span)) as moved:
        yield moved


@asynccontextmanager
async def at_moment(stage: Stage, moment: datetime) -> AsyncIterator[Stage]:
    """The same stage, whose clock stands at a moment."""
    database = at(stage.database, moment)
    desk = Desk(database, EnginePrograms())
    yield replace(stage, desk=desk)
    await desk.close()
    await database.close()


async def figures(stage: Stage) -> tuple[int, int, int]:
    """What is available, held and redeemed."""
    balance: Balance = await stage.balance()
    return int(balance.available), int(balance.held), int(balance.redeemed)


async def faults(database: Database) -> list[str]:
    """What `verify` finds."""
    return [f"{one.invariant.name}: {each}" async for one in verify(database) for each in one.violations]
