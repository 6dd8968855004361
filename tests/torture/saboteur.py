"""The saboteur: what goes wrong, one after the other, as the seed has it. How far apart is counted in answers, not in seconds."""

import asyncio
import json
import random
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import asyncpg
from dramatiq import Message

from tests.torture.client import Tally
from tests.torture.site import Site
from workers.nudging import PROCESS_QUEUE, QUEUE

POLL_S = 0.02
LOSE_HALF = """
create sequence torture_lost;
create function torture_lose() returns trigger language plpgsql as 'begin perform nextval(''torture_lost''); return null; end';
create trigger torture_lose before insert on dramatiq.queue for each row when (random() < 0.5) execute function torture_lose()
"""
"""From then on every second message is lost on its way."""
LOST = "select coalesce((select last_value from torture_lost where is_called), 0)"
DOUBLE = """
insert into dramatiq.queue (queue_name, message_id, state, message, available_at)
select $1, id, 'queued', $2::jsonb || jsonb_build_object('message_id', id::text), clock_timestamp() + n * interval '1 second'
from (select gen_random_uuid() as id, n from generate_series(0, 9) as n) as doubled
"""
"""Ten times the same message, each a second later than the one before."""
CUT_OFF = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"


@dataclass
class Saboteur:
    """`apart` are the fewest and the most answers between two faults."""

    site: Site
    tally: Tally
    chance: random.Random
    apart: tuple[int, int]
    program_id: int
    faults: int = 0

    async def work(self, over: Callable[[], bool]) -> None:
        """One fault after the other, until it is over."""
        due = self.chance.randint(*self.apart)
        while not over():
            if self.tally.counts["answers"] >= due:
                await self.strike()
                due = self.tally.counts["answers"] + self.chance.randint(*self.apart)
            await asyncio.sleep(POLL_S)

    async def strike(self) -> None:
        """The next fault."""
        [kind] = self.chance.choices(list(FAULTS), [weight for weight, _ in FAULTS.values()])
        await FAULTS[kind][1](self)
        self.faults += 1

    async def kill_server(self) -> None:
        await self.site.end(self.chance.choice(self.site.servers), signal.SIGKILL)

    async def kill_worker(self) -> None:
        await self.site.end(self.chance.choice(self.site.workers), signal.SIGKILL)

    async def kill_everything(self) -> None:
        for place in (*self.site.servers, *self.site.workers):
            await self.site.end(place, signal.SIGKILL)

    async def stop_server(self) -> None:
        await self.site.end(self.chance.choice(self.site.servers), signal.SIGTERM)

    async def stop_worker(self) -> None:
        await self.site.end(self.chance.choice(self.site.workers), signal.SIGTERM)

    async def crash_database(self) -> None:
        await self.site.crash_database()

    async def double_messages(self) -> None:
        """Workers are told the same over and over, at once and late."""
        message: Message[None] = Message(QUEUE, PROCESS_QUEUE, (self.program_id,), {}, {})
        await self._tell_database("messages doubled", DOUBLE, QUEUE, json.dumps(message.asdict()))

    async def cut_off(self) -> None:
        """Whatever is connected to the database loses its connection, wherever it is with its work."""
        await self._tell_database("cut off from the database", CUT_OFF)

    async def _tell_database(self, what: str, statement: str, *given: object) -> None:
        connection = await asyncpg.connect(self.site.url)
        try:
            said = await connection.execute(statement, *given)
        finally:
            await connection.close()
        self.tally.counts[what] += int(said.rpartition(" ")[2])


FAULTS: Mapping[str, tuple[int, Callable[[Saboteur], Awaitable[None]]]] = {
    "kill server": (25, Saboteur.kill_server), "kill worker": (20, Saboteur.kill_worker),
    "kill everything": (4, Saboteur.kill_everything), "stop server": (4, Saboteur.stop_server),
    "stop worker": (4, Saboteur.stop_worker), "crash database": (12, Saboteur.crash_database),
    "double messages": (10, Saboteur.double_messages), "cut off": (11, Saboteur.cut_off),
}  # fmt: skip
"""How often each fault happens, and what it is."""
