"""Every operation, called by every role, is let through or refused as the committed schema says of it."""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, build_schema

from app.build import schema
from domain.commands.members import MemberReference
from domain.people import LOG_INS, Person, Principal, Role
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from resolvers.context import NOBODY, Context
from tests.docs.pages import ROOT
from tests.rights.documents import call
from tests.support.factories import a_partner, a_person, a_program, acting
from tests.support.graphql import Client
from tests.support.members import a_member

ROLES = re.compile(r"Roles: ([A-Z_, ]+|all)\.$")
UNGUARDED = {"_service"}
"""Fields of the library's own, which show the schema and no rows."""


@pytest.fixture(scope="module")
def committed() -> GraphQLSchema:
    """The schema as it is committed, which people read."""
    return build_schema((ROOT / "schema.graphql").read_text(), assume_valid=True)


def operations() -> Iterator[tuple[str, str, Any]]:
    """Kind, name and field of every operation that there is."""
    built = schema()._schema
    for kind, root in (
        ("query", built.query_type), ("mutation", built.mutation_type), ("subscription", built.subscription_type),
    ):  # fmt: skip
        for name, field in (root.fields if root else {}).items():
            if name not in UNGUARDED:
                yield kind, name, field


def allowed(committed: GraphQLSchema, kind: str, name: str) -> frozenset[Role]:
    """Who may call an operation, as its description says."""
    if name == "_entities":  # the library's, without a description: like `nodes`
        name = "nodes"
    root = committed.type_map[kind.title()]
    assert isinstance(root, GraphQLObjectType)
    said = ROLES.search(" ".join((root.fields[name].description or "").split()))
    assert said is not None, f"the description of {name} does not end with its roles: run `milepost schema`"
    return frozenset(LOG_INS) if said[1] == "all" else frozenset(Role(role) for role in said[1].split(", "))


async def everybody(database: Database) -> dict[Role, Person]:
    """Somebody of every role, with what the role is bound to."""
    program = await a_program(database)
    partner, member = await a_partner(database, program), await a_member(database, program)
    bonds: dict[Role, dict[str, Any]] = {
        Role.MEMBER: {"program": program.code, "member": MemberReference(number=member.number)},
        Role.PARTNER_REPRESENTATIVE: {"program": program.code, "partner": partner.code},
        Role.PARTNER_APPROVER: {"program": program.code, "partner": partner.code},
    }
    return {role: await a_person(database, role, **bonds.get(role, {})) for role in LOG_INS}


async def code_of(client: Client, kind: str, document: str, variables: dict[str, Any]) -> str | None:
    """The code with which an operation is refused as a whole, if it is."""
    if kind == "subscription":
        return await _code_of_stream(client, document, variables)
    _, errors = await client.execute(document, **variables)
    return next(((error.extensions or {}).get("code", error.message) for error in errors), None)


async def _code_of_stream(client: Client, document: str, variables: dict[str, Any]) -> str | None:
    """How a subscription is refused, if it is; where it is let through, nothing has to come."""
    context = Context(client.settings, client.database, client.desk, client.principal)
    events = await schema().subscribe(document, variables, context_value=context)
    assert isinstance(events, AsyncGenerator)
    first = asyncio.ensure_future(anext(events, None))
    while not first.done() and not context.streams.open:  # noqa: ASYNC110 - either may come first
        await asyncio.sleep(0.001)
    if first.done():
        return _code(first.result())
    first.cancel()
    await asyncio.wait([first])
    await events.aclose()
    context.watches.close()
    return None


def _code(result: Any) -> str | None:
    return next(
        ((error.extensions or {}).get("code", error.message) for error in (result and result.errors) or ()), None
    )


async def test_every_operation_answers_every_role_as_the_schema_says(
    fresh_database: Database, committed: GraphQLSchema
) -> None:
    people = {role: acting(person) for role, person in (await everybody(fresh_database)).items()}
    desk = Desk(fresh_database, EnginePrograms())
    wrong, cases = [], 0
    for kind, name, field in operations():
        document, variables = call(kind, name, field)
        may = allowed(committed, kind, name)
        callers: list[tuple[Role | None, Principal]] = [*people.items(), (None, NOBODY)]
        for role, principal in callers:
            code = await code_of(Client(fresh_database, principal, desk), kind, document, variables)
            expected = role in may
            cases += 1
            if expected == (code in {"FORBIDDEN", "UNAUTHENTICATED"}) or code == "INTERNAL":
                wrong.append((name, role, code))
    await desk.close()
    assert not wrong, "\n".join(map(str, wrong))
    assert cases == len(list(operations())) * (len(LOG_INS) + 1)


def test_nothing_is_for_the_engine_and_everything_is_for_somebody(committed: GraphQLSchema) -> None:
    for kind, name, _ in operations():
        assert allowed(committed, kind, name)
        assert Role.ENGINE not in allowed(committed, kind, name)
