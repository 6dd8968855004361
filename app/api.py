"""The API of one process: the application on a runtime, and what `/ready` asks: database, migrations, broker."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from dramatiq import Broker
from starlette.applications import Starlette

from app.addresses import broker_url
from app.asgi import Check, create_app
from app.runtime import Runtime
from domain.people import Person, Scope
from domain.store import health, people
from workers import broker as brokers
from workers.nudging import Nudger

EVERYBODY = Scope()


def application(runtime: Runtime, url: str, beside: Sequence[AbstractAsyncContextManager[object]] = ()) -> Starlette:
    """The ASGI application of a runtime on the database at `url`; what is `beside` it lives as long."""

    async def find_person(subject: str) -> Person | None:
        async with runtime.database.read() as reader:
            return await people.find(reader, EVERYBODY, subject)

    checks, broker = _checks(runtime, broker_url(runtime.settings, url))
    nudger = Nudger(broker)
    return create_app(
        runtime.settings,
        runtime.database,
        runtime.desk,
        find_person=find_person,
        nudge=nudger,
        checks=checks,
        beside=(nudger.running(), *beside),
    )


def _checks(runtime: Runtime, url: str) -> tuple[dict[str, Check], Broker]:
    broker = brokers.connect(url)

    async def migrations() -> None:
        await health.check(runtime.database)

    async def reach_broker() -> None:
        await asyncio.to_thread(brokers.check, broker, url)

    return {"migrations": migrations, "broker": reach_broker}, broker
