"""Pricing rules: ranges that never overlap, and what a quantity costs by them."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from domain.commands.pricing_rules import PricingRuleUpdate
from domain.people import ENGINE, Role
from domain.pricing_rules import PriceRange, PriceRangesOverlap, cost_of, price_for, range_problems
from domain.problems import NotFound, VersionConflict
from domain.services.pricing_rules import pricing_rule_update
from domain.store import pricing_rules as store
from domain.store.database import Database
from tests.support.factories import a_code, a_draft, a_partner, result_of, somebody, terms
from tests.support.graphql import Client
from tests.support.partners import RANGES, a_pricing_rule, ranges
from tests.support.refusals import problems_of

MANAGER = somebody(Role.PARTNER_MANAGER)
SHOWN = """pricingRule { id code name currency active version program { code }
    ranges { fromQuantity toQuantity price } }"""


@pytest.mark.parametrize(
    ("points", "price", "cost"),
    [("1", "0.012", "0.01"), ("49999", "0.012", "599.99"), ("50000", "0.01", "500.00"), ("100000", "0.01", "1000.00")],
)
async def test_a_quantity_has_the_price_of_its_range(database: Database, points: str, price: str, cost: str) -> None:
    rule = await a_pricing_rule(database, await a_draft(database))

    found = price_for(rule, Decimal(points))

    assert found == Decimal(price)
    assert str(cost_of(Decimal(points), found, "USD")) == cost


@pytest.mark.parametrize("points", ["0.99", "49999.5", "200000", "1000000"])
async def test_a_quantity_outside_every_range_has_none(database: Database, points: str) -> None:
    rule = await a_pricing_rule(database, await a_draft(database))

    assert price_for(rule, Decimal(points)) is None


def test_a_cost_has_the_decimals_of_its_currency() -> None:
    assert str(cost_of(Decimal("333.33"), Decimal("0.015"), "JPY")) == "5"
    assert str(cost_of(Decimal("333.33"), Decimal("0.015"), "KWD")) == "5.000"


@pytest.mark.parametrize(
    ("wanted", "first", "second", "place"),
    [
        (["1-100", "100-200"], "1 to 100", "100 to 200", "1"),
        (["150-300", "1-200"], "1 to 200", "150 to 300", "0"),
        (["1-", "500-600"], "1 or more", "500 to 600", "1"),
        (["1-10", "1-10"], "1 to 10", "1 to 10", "1"),
        (["1000-49999", "49999.99-"], None, None, None),
    ],
)
def test_ranges_that_overlap_are_named_both(
    wanted: list[str], first: str | None, second: str | None, place: str | None
) -> None:
    expected = (
        [] if place is None else [PriceRangesOverlap(first=first or "", second=second or "", path=("ranges", place))]
    )

    assert list(range_problems(ranges(*wanted), "ranges")) == expected


quantities = st.integers(1, 60)


@given(st.lists(st.tuples(quantities, st.none() | st.integers(0, 20)), min_size=1, max_size=6))
def test_ranges_are_accepted_exactly_if_every_quantity_has_one_price_at_most(
    spans: list[tuple[int, int | None]],
) -> None:
    given_ranges = [
        PriceRange(Decimal(start), None if more is None else Decimal(start + more), Decimal(1)) for start, more in spans
    ]

    once = all(sum(Decimal(quantity) in each for each in given_ranges) <= 1 for quantity in range(1, 100))

    assert (list(range_problems(given_ranges)) == []) is once


async def test_a_rule_is_made_changed_and_read(database: Database) -> None:
    program, client, code = await a_draft(database), Client(database, MANAGER), a_code("R")
    given_ranges = [{"fromQuantity": "50000", "toQuantity": "199999", "price": "0.010"},
                    {"fromQuantity": 1, "toQuantity": "49999", "price": "0.012"}]  # fmt: skip

    made = await client.command(
        "pricingRuleCreate", SHOWN, program=program.code, code=code, name="Hotels", currency="EUR", ranges=given_ranges
    )
    changed = await client.command(
        "pricingRuleUpdate",
        "pricingRule { name active version ranges { fromQuantity toQuantity price } }",
        program=program.code,
        pricingRule=code,
        expectedVersion=1,
        active=False,
        ranges=[{"fromQuantity": "100.5", "price": "0.02"}],
    )

    rule_id = made["pricingRule"].pop("id")
    assert made["pricingRule"] == {
        "code": code, "name": "Hotels", "currency": "EUR", "active": True, "version": 1, "program": {"code": program.code},
        "ranges": [
            {"fromQuantity": "1", "toQuantity": "49999", "price": "0.012"},
            {"fromQuantity": "50000", "toQuantity": "199999", "price": "0.01"},
        ],
    }  # fmt: skip
    assert changed["pricingRule"] == {
        "name": "Hotels",
        "active": False,
        "version": 2,
        "ranges": [{"fromQuantity": "100.5", "toQuantity": None, "price": "0.02"}],
    }
    node = await client.ask("query($id: ID!) { node(id: $id) { ... on PricingRule { version } } }", id=rule_id)
    assert node == {"node": {"version": 2}}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"code": "A B"}, [("INVALID_INPUT", "code")]),
        ({"name": " "}, [("INVALID_INPUT", "name")]),
        ({"currency": "EURO"}, [("UNKNOWN_CURRENCY", "currency")]),
        ({"program": "NONE"}, [("NOT_FOUND", "program")]),
        ({"ranges": []}, [("MISSING_INPUT", "ranges")]),
        ({"ranges": [{"fromQuantity": 1, "price": 1}] * 101}, [("TOO_MANY", "ranges")]),
        ({"ranges": [{"fromQuantity": 0, "price": 1}]}, [("INVALID_INPUT", "ranges.0.fromQuantity")]),
        ({"ranges": [{"fromQuantity": "1.001", "price": 1}]}, [("INVALID_INPUT", "ranges.0.fromQuantity")]),
        ({"ranges": [{"fromQuantity": 2, "toQuantity": 1, "price": 1}]}, [("INVALID_INPUT", "ranges.0.toQuantity")]),
        ({"ranges": [{"fromQuantity": 1, "price": "-0.01"}]}, [("INVALID_INPUT", "ranges.0.price")]),
        ({"ranges": [{"fromQuantity": 1, "price": "0.0000001"}]}, [("INVALID_INPUT", "ranges.0.price")]),
        (
            {"ranges": [{"fromQuantity": 1, "price": 1}, {"fromQuantity": 9, "price": 1}]},
            [("PRICE_RANGES_OVERLAP", "ranges.1")],
        ),
    ],
)
async def test_a_wrong_rule_is_refused_with_the_place(
    database: Database, values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    program, code = await a_draft(database), a_code("R")
    given_values = {
        "program": program.code, "code": code, "name": "Hotels", "currency": "EUR",
        "ranges": [{"fromQuantity": 1, "price": 1}], **values,
    }  # fmt: skip

    assert await Client(database, MANAGER).refused("pricingRuleCreate", **given_values) == expected

    async with database.read() as reader:
        assert await store.find(reader, ENGINE.scope, program.id, code) is None


async def test_an_old_version_a_taken_code_and_an_unknown_rule_are_refused(database: Database) -> None:
    program = await a_draft(database)
    rule = await a_pricing_rule(database, program)
    change = PricingRuleUpdate(program=program.code, pricing_rule=rule.code, expected_version=7)
    unknown = PricingRuleUpdate(program=program.code, pricing_rule="NONE", expected_version=1)

    assert await problems_of(pricing_rule_update(database, ENGINE, change)) == [
        VersionConflict(expected=7, current=1, path=("input", "expectedVersion"))
    ]
    assert await problems_of(pricing_rule_update(database, ENGINE, unknown)) == [
        NotFound(what="pricing rule", key="NONE", path=("input", "pricingRule"))
    ]
    again = await Client(database, MANAGER).refused(
        "pricingRuleCreate", program=program.code, code=rule.code, name="R", currency="USD",
        ranges=[{"fromQuantity": 1, "price": 1}],
    )  # fmt: skip
    assert again == [("ALREADY_EXISTS", "code")]


async def test_the_database_itself_refuses_ranges_that_overlap(database: Database) -> None:
    rule = await a_pricing_rule(database, await a_draft(database))
    other = await a_pricing_rule(database, await a_draft(database))
    statement = text(
        "insert into pricing_range (pricing_rule_id, from_quantity, to_quantity, price) values (:rule, 49999, null, 1)"
    )

    async with database.write() as writer:
        with pytest.raises(IntegrityError, match="ex_pricing_range_overlap"):
            await writer.execute(statement, {"rule": rule.id})
        await writer.rollback()

    assert other.ranges == RANGES


async def test_a_partner_sees_the_rule_of_its_terms_and_no_other(database: Database) -> None:
    program = await a_draft(database)
    own, other = await a_pricing_rule(database, program), await a_pricing_rule(database, program)
    partner = await a_partner(database)
    await terms(database, program, partner, pricing_rule=own.code)
    query = "query($p: String!, $c: String!) { pricingRule(program: $p, code: $c) { code } }"
    listed = "query($f: PricingRuleFilter) { pricingRules(filter: $f) { edges { node { code } } } }"

    seen = Client(database, somebody(Role.PARTNER_REPRESENTATIVE, partner=partner))
    everything = Client(database, somebody(Role.MSR, program=program))

    assert await seen.ask(query, p=program.code, c=own.code) == {"pricingRule": {"code": own.code}}
    assert await seen.ask(query, p=program.code, c=other.code) == {"pricingRule": None}
    assert await seen.ask(listed) == {"pricingRules": {"edges": [{"node": {"code": own.code}}]}}
    codes = sorted([own.code, other.code])
    assert (await everything.ask(listed, f={"program": program.code}))["pricingRules"]["edges"] == [
        {"node": {"code": code}} for code in codes
    ]
    assert (await everything.ask(listed, f={"search": other.code, "active": True}))["pricingRules"]["edges"] == [
        {"node": {"code": other.code}}
    ]
    assert (await Client(database, somebody(Role.MSR, program=await a_draft(database))).ask(listed))["pricingRules"][
        "edges"
    ] == []


async def test_who_may_see_rules_may_not_change_them(database: Database) -> None:
    program = await a_draft(database)
    rule = await a_pricing_rule(database, program)
    mutation = "mutation($i: PricingRuleUpdateInput!) { pricingRuleUpdate(input: $i) { errors { code } } }"
    change = {"program": program.code, "pricingRule": rule.code, "expectedVersion": rule.version, "active": False}

    for role in (Role.MSR, Role.MANAGER, Role.PARTNER_APPROVER, Role.PARTNER_REPRESENTATIVE, Role.MEMBER):
        _, errors = await Client(database, somebody(role)).execute(mutation, i=change)
        assert [(error.extensions or {})["code"] for error in errors] == ["FORBIDDEN"]

    result_of(
        await pricing_rule_update(
            database, ENGINE, PricingRuleUpdate(program=program.code, pricing_rule=rule.code, expected_version=1)
        )
    )
