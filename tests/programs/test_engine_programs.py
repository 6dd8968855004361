"""Compiled programs: kept while they are current, and never made of two versions."""

import pytest

from domain.deliveries import EventType
from domain.people import ENGINE
from domain.services.engine_programs import EnginePrograms
from domain.services.webhooks import webhook_endpoint_delete
from domain.store import definitions, tier_definitions
from domain.store.database import Database, Reader
from domain.store.tier_definitions import Ladders
from tests.deliveries.telling import an_endpoint
from tests.support.factories import a_program
from tests.support.promotions import a_promotion, gives


async def test_a_program_is_compiled_anew_when_something_was_published(database: Database) -> None:
    program = await a_program(database)
    programs = EnginePrograms()
    async with database.read() as reader:
        first = await programs.current(reader, program.id)
        assert await programs.current(reader, program.id) is first
        await a_promotion(database, program, gives(5))
        second = await programs.current(reader, program.id)
    assert second.program.version == first.program.version + 1
    assert (len(first.rules.promotions), len(second.rules.promotions)) == (0, 1)


async def test_what_is_published_while_it_is_read_belongs_to_its_own_version(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = await a_program(database)
    of_program, published = tier_definitions.of_program, list[int]()

    async def meanwhile(reader: Reader, program_id: int) -> Ladders:
        if not published:
            published.append(program_id)
            await a_promotion(database, program, gives(5))
        return await of_program(reader, program_id)

    monkeypatch.setattr(tier_definitions, "of_program", meanwhile)
    async with database.read() as reader:
        compiled = await EnginePrograms().current(reader, program.id)
        assert compiled.program.version == (await definitions.current(reader, program.id)).version
    assert published == [program.id]
    assert len(compiled.rules.promotions) == 1


async def test_a_program_knows_who_listens_without_being_compiled_anew(database: Database) -> None:
    program, programs = await a_program(database), EnginePrograms()
    async with database.read() as reader:
        before = await programs.current(reader, program.id)
        told = await an_endpoint(database, program, "https://example.org/", EventType.POINTS_EXPIRED)
        heard = await programs.current(reader, program.id)
        assert await programs.current(reader, program.id) is heard
        await webhook_endpoint_delete(database, ENGINE, told.endpoint.id)
        after = await programs.current(reader, program.id)
    assert before.listening == after.listening == frozenset()
    assert heard.listening == frozenset({EventType.POINTS_EXPIRED})
    assert before.rules is heard.rules is after.rules
    assert before.program.version == after.program.version
