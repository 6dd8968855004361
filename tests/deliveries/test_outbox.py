"""The outbox: what is told is written in the commit of what it tells of, and nothing where nobody listens."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from domain.deliveries import Email, Event, EventType
from domain.services.deliveries import KEPT, clean
from domain.services.verify import verify
from domain.store import outbox
from domain.store.database import Database
from domain.store.json import decode
from tests.deliveries.outboxes import told
from tests.deliveries.telling import an_endpoint, messages
from tests.support.factories import a_program
from tests.support.members import at

NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)


async def test_emails_wait_to_be_sent(database: Database) -> None:
    program = await a_program(database)
    async with database.write() as writer:
        await outbox.add_emails(writer, [Email("ada@example.org", "Hello", "You are in.", program.id)], NOW)
    letter = {"to": "ada@example.org", "subject": "Hello", "text": "You are in."}
    assert await told(database, program.id) == [("email", letter)]


async def test_what_is_undone_is_not_told(database: Database) -> None:
    program = await a_program(database)
    async with database.rehearse() as writer:
        await outbox.add_emails(writer, [Email("ada@example.org", "Hello", "You are in.", program.id)], NOW)
    assert await told(database, program.id) == []


async def test_an_event_that_nobody_asked_for_is_not_written(database: Database) -> None:
    program = await a_program(database)
    async with database.write() as writer:
        await outbox.add_events(writer, [Event(EventType.MEMBER_ENROLLED, program.id, {"member": "x"})], NOW)
        await outbox.add_events(writer, [], NOW)
    assert await told(database, program.id) == []


async def test_verify_finds_a_program_that_does_not_know_who_listens(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    told = await an_endpoint(fresh_database, program, "https://example.org/")
    assert await broken(fresh_database) == []
    async with fresh_database.write() as writer:
        await writer.execute(text("update program set listening = '{points.expired}'"))
        await writer.execute(text("update webhook_endpoint set active = false"))
    assert await broken(fresh_database) == [
        (f"program {program.code}", "{member.enrolled}", "{points.expired}"),
        (f"webhook endpoint {told.endpoint.id}", "a reason", "none"),
    ]


async def broken(database: Database) -> list[tuple[str, str, str]]:
    """What `milepost verify` finds of webhooks."""
    found = [finding async for finding in verify(database) if finding.invariant.name == "listening"]
    return [(each.place, each.expected, each.found) for finding in found for each in finding.violations]


async def test_what_nobody_may_replay_any_more_is_removed(fresh_database: Database) -> None:
    async with fresh_database.write() as writer:
        for age in (timedelta(0), KEPT - timedelta(hours=1), KEPT + timedelta(hours=1), 2 * KEPT):
            await outbox.add_emails(writer, [Email(f"{age.days}@example.org", "Hello", "Text")], NOW - age)
    there = at(fresh_database, NOW)
    assert [count async for count in clean(there)] == [2]
    assert [count async for count in clean(there)] == []
    await there.close()
    left = [decode(each.body)["to"] for each in await messages(fresh_database)]
    assert left == ["0@example.org", "29@example.org"]
