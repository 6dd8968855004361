"""A desk, and two members who are the same person."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio

from domain.commands.programs import SettingsChange
from domain.members import Identifier
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.merges.twins import Twins
from tests.support.members import a_member
from tests.support.transactions import a_stage


@pytest_asyncio.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A desk of this test alone."""
    desk = Desk(database, EnginePrograms())
    yield desk
    await desk.close()


@pytest_asyncio.fixture
async def twins(desk: Desk) -> Twins:
    """Ada, who is merged, and Grace, who stays."""
    stage = await a_stage(desk, settings=SettingsChange(approval_above={}))
    database, program = desk.database, stage.program
    ada = await a_member(
        database, program, email="ada@example.org", identifiers=(Identifier("CARD", f"C{program.id}"),)
    )
    grace = await a_member(database, program, name="Ada King", phone="+4930901820")
    return Twins(replace(stage, member=ada), grace)
