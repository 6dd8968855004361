"""Messages that are lost on their way, or come when everything is done: neither is noticed."""

from pathlib import Path

from sqlalchemy import text

from domain.store.database import Database
from tests.faults.grounds import ground, kill, until
from tests.faults.test_restarted import told

LOSE = (
    "create table lost as select message from dramatiq.queue where false",
    (
        "create function lose() returns trigger language plpgsql as"
        " 'begin insert into lost values (new.message); return null; end'"
    ),
    "create trigger lose before insert on dramatiq.queue for each row execute function lose()",
)
LOST = text("select count(*) from lost")
DELAY = (
    (
        "create function delay() returns trigger language plpgsql as"
        " 'begin new.available_at := ''infinity''; return new; end'"
    ),
    "create trigger delay before insert on dramatiq.queue for each row execute function delay()",
)
ARRIVE = text("update dramatiq.queue set available_at = clock_timestamp()")
ON_THEIR_WAY = text("select count(*) from dramatiq.queue")


async def count(database: Database, statement: object) -> int:
    async with database.read() as reader:
        return int((await reader.execute(statement)).scalar_one())  # type: ignore[call-overload]


async def do(database: Database, *statements: str) -> None:
    async with database.write() as writer:
        for statement in statements:
            await writer.exec_driver_sql(statement)


async def test_every_message_is_lost(fresh_database: Database, tmp_path: Path) -> None:
    async with ground(fresh_database, tmp_path, members=10, each=10) as made:
        await do(fresh_database, *LOSE)
        run = await made.begin()
        await told(made.url, made.stage.program.id, times=3)
        worker = made.worker()
        await made.until_done()
        await made.check(run)
        kill(worker)
        assert await count(fresh_database, LOST) >= 3
        assert await count(fresh_database, ON_THEIR_WAY) == 0


async def test_messages_come_when_everything_is_done(fresh_database: Database, tmp_path: Path) -> None:
    async with ground(fresh_database, tmp_path, members=10, each=10) as made:
        await do(fresh_database, *DELAY)
        run = await made.begin()
        await told(made.url, made.stage.program.id, times=5)
        worker = made.worker()
        await made.until_done()
        await made.check(run)
        assert await count(fresh_database, ON_THEIR_WAY) >= 5
        await do(fresh_database, "drop trigger delay on dramatiq.queue")
        async with fresh_database.write() as writer:
            await writer.execute(ARRIVE)

        async def taken() -> bool:
            return not await count(fresh_database, ON_THEIR_WAY)

        await until(taken)
        assert worker.poll() is None
        await made.check(run)
        kill(worker)
