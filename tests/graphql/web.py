"""The application over HTTP, asked by people with tokens of their own."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette

from app.api import identity_on
from app.asgi import create_app
from app.identity import make_token
from app.settings import Environment, Settings
from domain.people import Person, Role
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.support.factories import a_person

SETTINGS = Settings(environment=Environment.TEST, _env_file=None)


def a_key() -> str:
    """An idempotency key that was never used."""
    return secrets.token_hex(8)


@dataclass(frozen=True)
class Caller:
    """Somebody who asks."""

    http: httpx.AsyncClient
    person: Person

    @property
    def token(self) -> dict[str, str]:
        """The header that says who this is."""
        return {"authorization": f"Bearer {make_token(SETTINGS, self.person.subject)}"}

    async def answer(self, query: str, /, **variables: Any) -> Any:
        """The whole answer."""
        body = {"query": query, "variables": variables}
        response = await self.http.post("/graphql", json=body, headers=self.token)
        found = response.json()
        # What an operation costs is told with every answer, and tested by itself.
        if isinstance(found, dict):
            found.pop("extensions", None)
        return found

    async def ask(self, query: str, /, **variables: Any) -> Any:
        """The data of an answer without top-level errors."""
        answer = await self.answer(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def command(self, mutation: str, shown: str = "", /, **given: Any) -> Any:
        """The payload of one mutation; `shown` are its fields beside the errors."""
        kind = f"{mutation[:1].upper()}{mutation[1:]}Input"
        errors = "errors { __typename code message path ... on InsufficientPoints { available required pointType } }"
        query = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {shown} {errors} }} }}"
        return (await self.ask(query, input=given))[mutation]

    async def done(self, mutation: str, shown: str, /, **given: Any) -> Any:
        """The payload of a mutation that was carried out."""
        payload = await self.command(mutation, shown, **given)
        assert payload["errors"] == [], payload["errors"]
        return payload

    async def refused(self, mutation: str, /, **given: Any) -> list[tuple[str, str]]:
        """Why a mutation was refused: code and path of each error, the path without `input`."""
        errors = (await self.command(mutation, **given))["errors"]
        assert errors != [], f"{mutation} was carried out"
        return [(error["code"], ".".join(error["path"][1:])) for error in errors]


@dataclass(frozen=True)
class Web:
    """The application of one test."""

    database: Database
    desk: Desk
    http: httpx.AsyncClient
    app: Starlette
    nudged: list[int]
    """The programs of which workers were told."""

    async def person(self, *roles: Role, **values: Any) -> Caller:
        """Somebody new with these roles."""
        return Caller(self.http, await a_person(self.database, *roles, **values))

    def caller(self, person: Person) -> Caller:
        """Somebody known."""
        return Caller(self.http, person)


@asynccontextmanager
async def serving(database: Database) -> AsyncIterator[Web]:
    """The application on a database, for as long as the block."""
    desk = Desk(database, EnginePrograms())
    nudged: list[int] = []
    app = create_app(SETTINGS, database, desk, identity=identity_on(SETTINGS, database), nudge=nudged.append)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://milepost.test", timeout=60) as http:
        yield Web(database, desk, http, app, nudged)
    await desk.close()
