"""The API of one process: the application on a runtime, and what `/ready` asks: database, migrations, broker."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from dramatiq import Broker
from starlette.applications import Starlette

from app.addresses import broker_url
from app.asgi import Check, create_app
from app.identity import Identity
from app.runtime import Runtime
from app.settings import Settings
from domain.api_keys import KeyHolder
from domain.people import Person, PersonClaims
from domain.services import admission, api_keys, people
from domain.store import health
from domain.store.database import Database
from workers import broker as brokers
from workers.nudging import Nudger


def identity_on(settings: Settings, database: Database) -> Identity:
    """Who makes a request, as the people and API keys of a database say."""

    async def find_person(subject: str) -> Person | None:
        return await people.person_of_subject(database, subject)

    async def find_key(secret: str) -> KeyHolder | None:
        return await api_keys.holder_of(database, secret)

    async def admit(claims: PersonClaims) -> Person | None:
        return await admission.person_of_claims(database, claims)

    return Identity(settings, find_person, find_key=find_key, admit=admit)


def application(runtime: Runtime, url: str, beside: Sequence[AbstractAsyncContextManager[object]] = ()) -> Starlette:
    """The ASGI application of a runtime on the database at `url`; what is `beside` it lives as long."""
    identity = identity_on(runtime.settings, runtime.database)
    checks, broker = _checks(runtime, broker_url(runtime.settings, url))
    if identity.open_id is not None:
        checks["identity"] = identity.open_id.keys.check
    nudger = Nudger(broker)
    return create_app(
        runtime.settings,
        runtime.database,
        runtime.desk,
        identity=identity,
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
