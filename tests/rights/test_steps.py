"""Whether a thing of somebody else exists is not told by the time of an answer either: the same statements are sent as about nothing."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from graphql import get_named_type

from app.build import schema
from domain.store.database import Database
from schema.ids import unseal
from tests.graphql.test_statements import counted
from tests.graphql.web import serving
from tests.rights.crawl import Crawl
from tests.rights.documents import sample
from tests.rights.test_rows import all_ids, like, named_by_id
from tests.rights.world import World, a_world
from tests.support.factories import acting
from tests.support.graphql import Client

NODE = "query($id: ID!) { node(id: $id) { __typename } }"
ENTITY = "query($r: [_Any!]!) { _entities(representations: $r) { __typename } }"


def asked(program: str, id_: str, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Every way to name something by its id: documents and their variables."""
    mutations = schema()._schema.mutation_type
    assert mutations is not None
    ways: list[tuple[str, dict[str, Any]]] = [
        (NODE, {"id": id_}),
        (ENTITY, {"r": [{"__typename": kind, "id": id_}]}),
    ]
    for name, field in mutations.fields.items():
        given_type = field.args["input"].type
        for key in named_by_id(field):
            given = {**sample(given_type), "program": program, key: id_}
            given = {each: value for each, value in given.items() if each in get_named_type(given_type).fields}
            query = f"mutation($input: {given_type}) {{ {name}(input: $input) {{ errors {{ code }} }} }}"
            ways.append((query, {"input": given}))
    return ways


async def test_what_one_may_not_know_takes_the_same_steps_as_nonsense(world: World) -> None:
    crawl, caller = Crawl(world.shop.web, world.shop.program), acting(world.alfa.approver.person)
    mine = {id_ for ids in (await crawl.everything(caller)).shown.values() for id_ in ids}
    hidden = await all_ids(crawl, world) - mine
    one_of_each = {kind: id_ for id_ in sorted(hidden) if (kind := kind_of(id_))}
    client, wrong = Client(world.shop.web.database, caller, world.shop.web.desk), []
    for kind, id_ in sorted(one_of_each.items()):
        pairs = zip(asked(world.shop.program, id_, kind), asked(world.shop.program, like(id_), kind), strict=True)
        for (query, known), (_, nothing) in pairs:
            about = [await sent(client, query, variables) for variables in (nothing, nothing, known)]
            if about[1] != about[2]:
                wrong.append((kind, query, about[1], about[2]))
    assert {"Transaction", "Member", "PointBlock", "Voucher"} <= set(one_of_each)
    assert not wrong, "\n\n".join(f"{kind} {query}\n  {a}\n  {b}" for kind, query, a, b in wrong)


def kind_of(id_: str) -> str:
    """The type that an id names."""
    found = unseal(id_)
    assert found is not None
    return found.type


async def sent(client: Client, query: str, variables: dict[str, Any]) -> list[str]:
    """The statements that an answer takes, by their beginnings."""
    with counted(client.database) as statements:
        await client.execute(query, **variables)
    return [" ".join(each.split())[:60] for each in statements]


@pytest_asyncio.fixture
async def world(fresh_database: Database) -> AsyncIterator[World]:
    """A world of one test."""
    async with serving(fresh_database) as web:
        yield await a_world(web)
