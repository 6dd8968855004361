"""Whose rows somebody sees: every field of every object of a world, asked in every name, by ids that others may not know.

What is found wrong here is a leak: somebody read what belongs to somebody else.
"""

import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest
import pytest_asyncio
from graphql import GraphQLField, GraphQLInputObjectType, get_named_type, get_nullable_type, is_list_type

from app.build import schema
from domain.people import Principal, Role, Scope
from domain.store.database import Database
from resolvers import roots
from resolvers.context import NOBODY
from schema.ids import seal, unseal
from tests.graphql.web import serving
from tests.rights.crawl import Crawl, Found
from tests.rights.documents import sample
from tests.rights.world import Side, World, a_world
from tests.support.factories import acting
from tests.support.graphql import Client

MET = {
    "Activity", "ApiKey", "Application", "BatchRun", "Campaign", "Delivery", "Lot", "MaximumLoan", "Member", "Membership", "Partner",
    "PartnerProgram", "PartnerTerms", "PartnerTransaction", "Person", "PointBlock", "PointHold", "PointType", "PricingRule", "Product", "Program",
    "Promotion", "Tier", "TierClass", "TierRequest", "Transaction", "Voucher", "WebhookEndpoint",
}  # fmt: skip
"""Types with an id of which the world has some on both sides, or for all."""
NOTHING = 10**9
"""A key that no row has."""


def like(word: str) -> str:
    """Something that looks the same and is nothing: an id of the same type, or a word."""
    found = unseal(word)
    if found is None:
        return "N0THING"
    return seal(found.type, *([NOTHING] * found.parts))


def compared(hidden: Iterable[str]) -> Iterator[str]:
    """Every hidden word after one that is nothing and looks the same; what is asked already is not asked again."""
    yield from dict.fromkeys(each for hid in hidden for each in (like(hid), hid))


async def all_ids(crawl: Crawl, world: World) -> set[str]:
    """Every id that whoever may see everything meets."""
    person = world.shop.administrator.person
    found = await crawl.everything(Principal(person.id, person.subject, frozenset(Role), Scope()))
    assert found.problems == []
    assert set(found.shown) >= MET, MET - set(found.shown)
    assert "BETA" in found.text
    return {id_ for ids in found.shown.values() for id_ in ids}


def leaks(found: Found, *allowed: str) -> list[str]:
    """Where the other side shows, with a little of what stands around it."""
    text = found.text
    for each in allowed:
        text = text.replace(each, "")
    return [text[max(0, at.start() - 200) : at.end() + 40] for at in re.finditer("beta", text, re.IGNORECASE)][:5]


async def seen(crawl: Crawl, principal: Principal, ids: set[str]) -> Found:
    """All that somebody is shown who knows every id, and whatever they find by themselves."""
    found, more = await crawl.objects(principal, ids), await crawl.everything(principal)
    found.text += more.text
    found.problems += more.problems
    return found


async def test_no_side_sees_anything_of_the_other_by_any_path(world: World) -> None:
    crawl = Crawl(world.shop.web, world.shop.program)
    ids = await all_ids(crawl, world)
    for caller in (world.alfa.representative, world.alfa.approver):
        found = await seen(crawl, acting(caller.person), ids)
        assert (leaks(found), found.problems) == ([], [])
        assert {"ApiKey", "Application", "Delivery", "Member", "Membership", "Transaction"} <= set(found.shown)
        assert "ALFA" in found.text
    found = await seen(crawl, acting(world.alfa.member.person), ids)
    assert (leaks(found, *await public(world)), found.problems) == ([], [])
    assert {"Lot", "Member", "PointHold", "Transaction", "Voucher"} <= set(found.shown)


async def public(world: World) -> list[str]:
    """What members may read of partners: who takes part, and what they offer."""
    query = (
        "query($partner: String!) { partner(code: $partner) { code name } promotions { edges { node { code name } } } }"
    )
    shown = await world.shop.administrator.ask(query, partner=world.beta.partner)
    offers = [edge["node"] for edge in shown["promotions"]["edges"]]
    return [text for each in (shown["partner"], *offers) for text in (each["name"], each["code"])]


async def test_without_the_first_wall_the_second_stands(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    crawl = Crawl(world.shop.web, world.shop.program)
    ids = await all_ids(crawl, world)
    monkeypatch.setattr(roots, "require", lambda *_: None)
    found = await seen(crawl, acting(world.alfa.representative.person), ids)
    assert (leaks(found), found.problems) == ([], [])
    found = await seen(crawl, acting(world.alfa.member.person), ids)
    assert (leaks(found, *await public(world)), found.problems) == ([], [])
    nobody = await seen(crawl, NOBODY, ids)
    assert dict(nobody.shown) == {}
    assert not re.search("alfa|beta|shop", nobody.text, re.IGNORECASE)


def filters() -> Iterator[tuple[str, str, Any, tuple[str, ...]]]:
    """Every list of the schema with every text by which it is filtered: name, argument, type, way to the text."""
    query = schema()._schema.query_type
    assert query is not None
    for name, field in query.fields.items():
        for argument, given in field.args.items():
            kind = get_named_type(given.type)
            if "first" not in field.args or argument in {"first", "after", "orderBy"}:
                continue
            if isinstance(kind, GraphQLInputObjectType):
                for key, inner in kind.fields.items():
                    if get_named_type(inner.type).name in {"String", "ID"}:
                        yield (
                            name,
                            argument,
                            given.type,
                            (key, "list" if is_list_type(get_nullable_type(inner.type)) else ""),
                        )
            elif kind.name in {"String", "ID"}:
                yield name, argument, given.type, ()


def words(side: Side, ids: set[str]) -> list[str]:
    """By what the other side's things are named: codes, numbers, subjects, texts, ids."""
    people = (side.representative, side.approver, side.member)
    return [side.partner, side.number, side.name, *(each.person.subject for each in people), *sorted(ids)]


async def test_a_filter_by_what_one_may_not_know_answers_like_one_by_nonsense(world: World) -> None:
    crawl, caller = Crawl(world.shop.web, world.shop.program), acting(world.alfa.representative.person)
    mine = (await crawl.everything(caller)).shown
    own = {id_ for ids in mine.values() for id_ in ids}
    hidden = words(world.beta, await all_ids(crawl, world) - own)
    client, asked, wrong = Client(world.shop.web.database, caller, world.shop.web.desk), 0, []
    for name, argument, kind, way in filters():
        query = f"query($x: {str(kind).rstrip('!')}) {{ {name}({argument}: $x) {{ totalCount edges {{ node {{ __typename }} }} }} }}"
        expected: dict[str, str] = {}
        for word in compared(hidden):
            value: Any = word if not way else {way[0]: [word] if way[1] else word}
            data, errors = await client.execute(query, x=value)
            answer = json.dumps([data, [error.message.replace(word, "…") for error in errors]])
            asked += 1
            if answer != expected.setdefault(like(word), answer):
                wrong.append((name, way, word, answer))
    assert not wrong, wrong[:5]
    assert asked > len(hidden) * 10


def named_by_id(field: GraphQLField) -> Iterator[str]:
    """The fields of a mutation's input that hold an id."""
    kind = get_named_type(field.args["input"].type)
    assert isinstance(kind, GraphQLInputObjectType)
    for key, inner in kind.fields.items():
        if str(get_named_type(inner.type)) == "ID" and key != "idempotencyKey":
            yield key


async def test_a_command_about_what_one_may_not_know_is_refused_like_one_about_nonsense(world: World) -> None:
    crawl, caller = Crawl(world.shop.web, world.shop.program), acting(world.alfa.approver.person)
    mine = (await crawl.everything(caller)).shown
    hidden = sorted(await all_ids(crawl, world) - {id_ for ids in mine.values() for id_ in ids})
    client, asked, wrong = Client(world.shop.web.database, caller, world.shop.web.desk), 0, []
    mutations = schema()._schema.mutation_type
    assert mutations is not None
    for name, field in mutations.fields.items():
        for key in named_by_id(field):
            expected: dict[str, str] = {}
            for id_ in compared(hidden):
                given = {**sample(field.args["input"].type), "program": world.shop.program, key: id_}
                kind = get_named_type(field.args["input"].type)
                given = {each: value for each, value in given.items() if each in kind.fields}
                query = f"mutation($input: {field.args['input'].type}) {{ {name}(input: $input) {{ errors {{ code message path }} }} }}"
                data, errors = await client.execute(query, input=given)
                answer = json.dumps([data, [error.message for error in errors]]).replace(id_, "…")
                asked += 1
                if answer != expected.setdefault(like(id_), answer):
                    wrong.append((name, key, id_, answer))
    assert not wrong, wrong[:5]
    assert asked > len(hidden) * 10


@pytest_asyncio.fixture
async def world(fresh_database: Database) -> AsyncIterator[World]:
    """A world of one test."""
    async with serving(fresh_database) as web:
        yield await a_world(web)
