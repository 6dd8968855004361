"""The campaign: a site is set up, visitors come, the saboteur works until they are through, and everything is audited."""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg

from domain.people import Role
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store import migrate
from domain.store.database import Database
from tests.app.milepost import milepost
from tests.faults.grounds import with_queue
from tests.support.factories import a_person
from tests.support.members import a_member
from tests.support.stock import Hotel, a_hotel
from tests.torture.account import Account
from tests.torture.audit import NOW, audit
from tests.torture.client import Client, Tally
from tests.torture.proxy import proxy
from tests.torture.saboteur import LOSE_HALF, LOST, Saboteur
from tests.torture.site import PATIENCE_S, Site, site
from tests.torture.visitor import Visitor

MEMBERS = 12
IN_STOCK = 1_000_000_000
WAITING = "select count(*) from queued where program_id = $1"


@dataclass(frozen=True)
class Orders:
    """How long (in steps of each visitor, or in seconds), from which seed, with which mistake put in."""

    seed: int
    steps: int | None = None
    seconds: float | None = None
    bug: str | None = None
    visitors: int = 8
    apart: tuple[int, int] = (20, 120)


@dataclass(frozen=True)
class Report:
    """What was done, and what is wrong."""

    counts: dict[str, int]
    wrong: list[str]


async def run(folder: Path, orders: Orders) -> Report:
    """A campaign in a folder of its own."""
    with site(folder, orders.bug) as place:
        await asyncio.to_thread(migrate.upgrade, place.server.url)
        database = Database(place.server.url, pool_size=2)
        hotel = await a_hotel(Desk(database, EnginePrograms()))
        with_queue(database)
        try:
            return await _torture(place, hotel, orders)
        finally:
            await database.close()


async def _torture(place: Site, hotel: Hotel, orders: Orders) -> Report:
    await hotel.block(IN_STOCK)
    numbers = [(await a_member(hotel.database, hotel.program)).number for _ in range(MEMBERS)]
    token = await _token(place, hotel)
    began: datetime = await _ask(place, NOW)
    await _ask(place, LOSE_HALF, run=True)
    place.start_all()
    await place.until_serving()
    account, tally = Account(), Tally()
    cut: set[bytes] = set()
    async with AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(proxy(port, cut)) for port in place.ports]
        visitors = [
            Visitor(
                number, orders.seed, Client(proxies, token, tally, random.Random(f"{orders.seed}/client/{number}"), place=number % 2),
                account, hotel.program.code, hotel.hotel.code, numbers,
            )
            for number in range(orders.visitors)
        ]  # fmt: skip
        saboteur = Saboteur(place, tally, random.Random(f"{orders.seed}/faults"), orders.apart, hotel.program.id)
        await _visit(visitors, saboteur, orders)
        tally.counts["cut by the proxy"] = len(cut)
    await _until_worked(place, hotel.program.id)
    await place.stop_all()
    tally.counts["messages lost"] = await _ask(place, LOST)
    wrong = await _audited(place, hotel, account, began)
    kills = {f"kill: {what}": times for what, times in sorted(place.kills.items())}
    return Report({"faults": saboteur.faults, **tally.counts, **kills}, [*tally.wrong, *wrong])


async def _visit(visitors: list[Visitor], saboteur: Saboteur, orders: Orders) -> None:
    """All visitors and the saboteur, until the visitors are through."""
    ends = None if orders.seconds is None else time.monotonic() + orders.seconds

    def over(visitor: Visitor) -> bool:
        if ends is not None:
            return time.monotonic() > ends
        return visitor.step >= (orders.steps or 0)

    async def visit(visitor: Visitor) -> None:
        while not over(visitor):
            await visitor.next()

    visits = [asyncio.create_task(visit(each)) for each in visitors]
    sabotage = asyncio.create_task(saboteur.work(lambda: all(each.done() for each in visits)))
    try:
        await asyncio.gather(sabotage, *visits)
    finally:
        for task in (sabotage, *visits):
            task.cancel()


async def _until_worked(place: Site, program_id: int) -> None:
    """Return when nothing is queued any more: the workers have all the time they need."""
    async with asyncio.timeout(PATIENCE_S):
        while await _ask(place, WAITING, program_id):  # noqa: ASYNC110 - the workers are other processes
            await asyncio.sleep(0.1)


async def _audited(place: Site, hotel: Hotel, account: Account, began: datetime) -> list[str]:
    database = Database(place.server.url, pool_size=4)
    try:
        return await audit(place.url, database, hotel.program.id, account, began)
    finally:
        await database.close()


async def _token(place: Site, hotel: Hotel) -> str:
    """Of a manager who may do everything that visitors do."""
    boss = await a_person(
        hotel.database, Role.MANAGER, program=hotel.program.code, transaction_approval_limit=Decimal(IN_STOCK)
    )
    said = await milepost("token", "--subject", boss.subject, DATABASE_URL=place.url)
    assert said.code == 0, said.err
    return said.out.strip()


async def _ask(place: Site, statement: str, *given: object, run: bool = False) -> Any:
    connection = await asyncpg.connect(place.url)
    try:
        ask: Callable[..., Any] = connection.execute if run else connection.fetchval
        return await ask(statement, *given)
    finally:
        await connection.close()
