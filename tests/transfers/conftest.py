"""A program whose members may send points to each other without approval, with two members of it."""

from collections.abc import AsyncIterator

import pytest_asyncio

from domain.commands.programs import SettingsChange
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.support.members import a_member
from tests.support.transactions import a_stage
from tests.transfers.pair import Pair


@pytest_asyncio.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A desk of this test alone."""
    desk = Desk(database, EnginePrograms())
    yield desk
    await desk.close()


@pytest_asyncio.fixture
async def pair(desk: Desk) -> Pair:
    """Ada, who has nothing yet, and Grace, who has nothing either."""
    stage = await a_stage(desk, settings=SettingsChange(approval_above={}))
    return Pair(stage, await a_member(desk.database, stage.program, name="Grace Hopper"))
