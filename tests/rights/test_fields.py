"""Whose fields somebody sees: every field of every type, asked in the name of every role, is shown or not as a table says.

The table (`fields.json`) names, for each type, the roles that are shown any of its objects, and the fields of these that some of them are never
shown. It is written by people: what this test prints when it fails is what has changed, to be judged and then written down.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from domain.people import LOG_INS, Principal, Role, Scope
from domain.store.database import Database
from tests.graphql.web import serving
from tests.rights.crawl import Crawl
from tests.rights.world import World, a_world
from tests.support.factories import acting

TABLE = Path(__file__).with_name("fields.json")


async def callers(world: World) -> dict[Role, Principal]:
    """Somebody of every role who belongs to the world."""
    shop, alfa = world.shop, world.alfa
    manager = await shop.web.person(Role.PARTNER_MANAGER)
    people = {
        Role.MSR: shop.msr, Role.MANAGER: shop.manager, Role.PROGRAM_ADMINISTRATOR: shop.administrator, Role.PARTNER_MANAGER: manager,
        Role.PARTNER_PROGRAM_ADMINISTRATOR: world.guild, Role.PARTNER_REPRESENTATIVE: alfa.representative,
        Role.PARTNER_APPROVER: alfa.approver, Role.MEMBER: alfa.member,
    }  # fmt: skip
    assert set(people) == set(LOG_INS)
    return {role: acting(caller.person) for role, caller in people.items()}


async def shown(crawl: Crawl, principal: Principal, ids: set[str]) -> set[str]:
    """The fields that somebody who knows every id is shown with a value."""
    return (await crawl.objects(principal, ids)).fields | (await crawl.roots(principal)).fields


def table_of(seen: dict[Role, set[str]]) -> dict[str, Any]:
    """Per type: who is shown any of it, and which of its fields some of them are not."""
    types: dict[str, Any] = {}
    for field in sorted(set().union(*seen.values())):
        kind, _, name = field.partition(".")
        roles = sorted(
            role.value for role, fields in seen.items() if any(each.startswith(f"{kind}.") for each in fields)
        )
        entry = types.setdefault(kind, {"roles": roles, "but": {}})
        if missing := sorted(
            role.value for role, fields in seen.items() if role.value in roles and field not in fields
        ):
            entry["but"][name] = missing
    return types


async def test_every_role_is_shown_the_fields_of_the_table_and_no_others(world: World) -> None:
    crawl = Crawl(world.shop.web, world.shop.program)
    person = world.shop.administrator.person
    everything = await crawl.everything(Principal(person.id, person.subject, frozenset(Role), Scope()))
    ids = {id_ for found in everything.shown.values() for id_ in found}
    seen = {role: await shown(crawl, principal, ids) for role, principal in (await callers(world)).items()}
    found, expected = table_of(seen), json.loads(TABLE.read_text())
    assert found == expected, json.dumps(found)


@pytest_asyncio.fixture
async def world(fresh_database: Database) -> AsyncIterator[World]:
    """A world of one test."""
    async with serving(fresh_database) as web:
        yield await a_world(web)
