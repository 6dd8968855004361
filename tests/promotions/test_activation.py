"""Activating promotions: everything that could never work is said, each with its place; what works makes a new version."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.attributes import AttributeType
from domain.commands.promotions import PromotionActivate, PromotionDeactivate, PromotionUpdate
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.people import ENGINE, Role
from domain.problems import NotFound, Problem, Refused, VersionConflict
from domain.programs import Program
from domain.promotion_problems import PromotionActive, PromotionInactive, PromotionNeeded
from domain.promotions import (
    AppliesToTransaction,
    AssignPoints,
    AssignVoucher,
    AttributeOperation,
    ChangeTier,
    Criterion,
    LineTest,
    Operator,
    ProductScope,
    Promotion,
    Rule,
    RunRule,
    TierDirection,
    UpdateAttribute,
)
from domain.services import promotion_checks
from domain.services.promotions import promotion_activate, promotion_deactivate, promotion_update
from domain.store import definitions, programs
from domain.store import promotions as store
from domain.store.database import Database
from domain.transactions import SubType, Type
from tests.support.factories import a_partner, a_product, a_program, somebody
from tests.support.promotions import a_draft_promotion, a_promotion, activated, deactivated, gives, over, updated
from tests.support.refusals import places, problems_of

COUNT = Rule((UpdateAttribute("counters.visits", AttributeOperation.ADD, 1),))
THIRD_VISIT = gives(25, Criterion("counters.visits", Operator.AT_LEAST, (3,)))


def expression(text: str) -> Rule:
    return replace(gives(), expression=text)


def points(**values: Any) -> Rule:
    return Rule((AssignPoints(**values),))


def table(*rules: dict[str, str], field: str = "transaction.amount", output: str = "points") -> dict[str, Any]:
    content = {
        "inputs": [{"id": "a", "field": field}], "outputs": [{"id": "p", "field": output}], "rules": list(rules),
    }  # fmt: skip
    return {"nodes": [{"type": "decisionTableNode", "content": content}]}


async def problems(database: Database, program: Program, promotion: Promotion) -> list[Problem]:
    command = PromotionActivate(program=program.code, promotion=promotion.code)
    return await problems_of(promotion_activate(database, ENGINE, command))


async def current(database: Database, program: Program) -> Program:
    async with database.read() as reader:
        found = await programs.find(reader, ENGINE.scope, program.code)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("rule", "place", "code"),
    [
        (Rule(()), "actions", "INVALID_RULE"),
        (gives(1, Criterion("transaction.amuont", Operator.LESS, (1,))), "criteria.0.attribute", "UNKNOWN_ATTRIBUTE"),
        (gives(1, over(1), Criterion("transaction.amount", Operator.LESS, other="x")), "criteria.1.other", "UNKNOWN_ATTRIBUTE"),
        (gives(1, Criterion("transaction.amount", Operator.LESS)), "criteria.0.values", "INVALID_RULE"),
        (gives(1, Criterion("transaction.amount", Operator.LESS, ("much",))), "criteria.0.values.0", "INVALID_RULE"),
        (gives(1, Criterion("transaction.amount", Operator.CONTAINS, (1,))), "criteria.0.operator", "INVALID_RULE"),
        (gives(1, Criterion("transaction.amount", Operator.LESS, (1,), factor=Decimal(2))), "criteria.0.factor", "INVALID_RULE"),
        (gives(1, Criterion("transaction.date", Operator.LESS, other="transaction.amount")), "criteria.0.other", "INVALID_RULE"),
        (gives(1, Criterion("transaction.date", Operator.BETWEEN, ("2024-12-31", "2024-01-01"))), "criteria.0.values", "INVALID_RULE"),
        (gives(1, Criterion("transaction.date", Operator.EQUALS, ("2023-02-29",))), "criteria.0.values.0", "INVALID_RULE"),
        (gives(1, Criterion("color", Operator.EQUALS, ("red",), lines=LineTest.ANY)), "criteria.0.attribute", "UNKNOWN_ATTRIBUTE"),
        (gives(1, Criterion("amount", Operator.LESS, (1,), lines=LineTest.SUM, where=(Criterion("x", Operator.IS_EMPTY),))),
         "criteria.0.where.0.attribute", "UNKNOWN_ATTRIBUTE"),
        (gives(1, Criterion("tier.code", Operator.IS_EMPTY, where=(over(1),))), "criteria.0.where", "INVALID_RULE"),
        (gives(1, Criterion("points.MILES.lastMonths.3", Operator.LESS, (1,))), "criteria.0.attribute", "UNKNOWN_ATTRIBUTE"),
        (gives(1, Criterion("counters.visits", Operator.LESS, (1,))), "criteria.0.attribute", "UNKNOWN_ATTRIBUTE"),
        (expression("transaction.amount >"), "expression", "INVALID_EXPRESSION"),
        (expression("transaction.amount + 1"), "expression", "INVALID_EXPRESSION"),
        (expression("transaction.amount > 'x'"), "expression", "INVALID_EXPRESSION"),
        (expression("transaction.amuont > 1"), "expression", "UNKNOWN_ATTRIBUTE"),
        (expression("rand(10) > 1"), "expression", "INVALID_EXPRESSION"),
        (expression("d() > transaction.date"), "expression", "INVALID_EXPRESSION"),
        (points(), "actions.0", "INVALID_RULE"),
        (points(constant=Decimal(1), expression="1"), "actions.0", "INVALID_RULE"),
        (points(constant=Decimal(0)), "actions.0.constant", "INVALID_RULE"),
        (points(constant=Decimal(-1)), "actions.0.constant", "INVALID_RULE"),
        (points(constant=Decimal(1), point_type="MILES"), "actions.0.pointType", "INVALID_RULE"),
        (points(constant=Decimal(1), starts_after_days=-1), "actions.0.startsAfterDays", "INVALID_RULE"),
        (points(constant=Decimal(1), starts_after_days=10**9), "actions.0.startsAfterDays", "INVALID_RULE"),
        (points(attribute="transaction.date"), "actions.0.attribute", "INVALID_RULE"),
        (points(attribute="transaction.miles"), "actions.0.attribute", "UNKNOWN_ATTRIBUTE"),
        (points(attribute="transaction.amount", factor=Decimal(0)), "actions.0.factor", "INVALID_RULE"),
        (points(expression="transaction.date"), "actions.0.expression", "INVALID_EXPRESSION"),
        (points(table={}), "actions.0.table.nodes", "INVALID_RULE"),
        (points(table=table({"a": "> 1", "p": "1"}, output="miles")), "actions.0.table.nodes.0.content.outputs.0.field", "INVALID_RULE"),
        (points(table=table({"a": "> 1"})), "actions.0.table.nodes.0.content.rules.0.p", "INVALID_RULE"),
        (points(table=table({"p": "1"})), "actions.0.table.nodes.0.content.rules.0.a", "INVALID_RULE"),
        (points(table=table({"a": "> 1", "p": "1"}, field="x")), "actions.0.table.nodes.0.content.inputs.0.field", "UNKNOWN_ATTRIBUTE"),
        (Rule((UpdateAttribute("member.name", AttributeOperation.SET, "x"),)), "actions.0.attribute", "INVALID_RULE"),
        (Rule((UpdateAttribute("counters.n", AttributeOperation.ADD),)), "actions.0.value", "INVALID_RULE"),
        (Rule((UpdateAttribute("counters.n", AttributeOperation.DIVIDE, 0),)), "actions.0.value", "INVALID_RULE"),
        (Rule((RunRule("nothing", {}),)), "actions.0.kind", "UNKNOWN_RULE_KIND"),
        (Rule((RunRule("perAmount", {}),)), "actions.0.kind", "INVALID_RULE"),
        (Rule((AssignVoucher("CINEMA"),)), "actions.0.voucherType", "NOT_FOUND"),
        (Rule((ChangeTier("STATUS", TierDirection.UP),)), "actions.0.tierClass", "NOT_FOUND"),
        (gives(1, starts_after_days=31, expiry=ExpiryPolicy(ExpiryKind.PERIOD, 30, PeriodUnit.DAY)),
         "actions.0.startsAfterDays", "INVALID_RULE"),
        (gives(1, starts_after_days=10, expiry=ExpiryPolicy(ExpiryKind.FIXED_DAY, month=12, day=31)),
         "actions.0.startsAfterDays", "INVALID_RULE"),
    ],
)  # fmt: skip
async def test_a_rule_that_can_never_work_is_refused_with_its_place(
    database: Database, rule: Rule, place: str, code: str
) -> None:
    program = await a_program(database)
    draft = await a_draft_promotion(database, program, gives(), rule)

    found = await problems(database, program, draft)

    assert places(found) == [(code, f"input.promotion.rules.1.{place}")]
    assert await current(database, program) == program


@pytest.mark.parametrize(
    ("values", "place", "code"),
    [
        ({"products": ("SKU",)}, "products", "INVALID_RULE"),
        ({"product_scope": ProductScope.INCLUDED}, "products", "INVALID_RULE"),
        ({"product_scope": ProductScope.EXCLUDED, "products": ("SKU",)}, "products.0", "NOT_FOUND"),
        ({"partners": ("HOTEL",)}, "partners.0", "NOT_FOUND"),
        ({"tiers": ("GOLD",)}, "tiers.0", "NOT_FOUND"),
        ({"applies_to": (AppliesToTransaction(Type.REDEMPTION, SubType.EXPIRY),)}, "appliesTo.0.subType", "INVALID_RULE"),
        ({"applies_to": (AppliesToTransaction(Type.REDEMPTION, SubType.GIFT),)}, "appliesTo.0.subType", "INVALID_RULE"),
    ],
)  # fmt: skip
async def test_what_a_promotion_is_for_must_exist(
    database: Database, values: dict[str, Any], place: str, code: str
) -> None:
    program = await a_program(database)
    draft = await a_draft_promotion(database, program, **values)

    found = await problems(database, program, draft)

    assert (code, f"input.promotion.{place}") in places(found)
    assert (await current(database, program)).version == program.version


async def test_a_promotion_without_rules_does_nothing_and_is_refused(database: Database) -> None:
    program = await a_program(database)
    draft = await a_draft_promotion(database, program)
    empty = await updated(database, program, draft, rules=())

    assert places(await problems(database, program, empty)) == [("INVALID_RULE", "input.promotion.rules")]


async def test_everything_that_is_wrong_is_said_at_once(database: Database) -> None:
    program = await a_program(database)
    first = gives(1, Criterion("x", Operator.IS_EMPTY), over(1), Criterion("y", Operator.IS_EMPTY))
    second = Rule((AssignPoints(constant=Decimal(0)), AssignVoucher("CINEMA")), expression="1 +")
    draft = await a_draft_promotion(database, program, first, second, partners=("HOTEL",), tiers=("GOLD",))

    found = await problems(database, program, draft)

    assert sorted(places(found)) == [
        ("INVALID_EXPRESSION", "input.promotion.rules.1.expression"),
        ("INVALID_RULE", "input.promotion.rules.1.actions.0.constant"),
        ("NOT_FOUND", "input.promotion.partners.0"),
        ("NOT_FOUND", "input.promotion.rules.1.actions.1.voucherType"),
        ("NOT_FOUND", "input.promotion.tiers.0"),
        ("UNKNOWN_ATTRIBUTE", "input.promotion.rules.0.criteria.0.attribute"),
        ("UNKNOWN_ATTRIBUTE", "input.promotion.rules.0.criteria.2.attribute"),
    ]


@pytest.mark.parametrize("after", [1, 30, 36_500])
async def test_points_may_start_later_than_they_are_given_as_long_as_they_live(database: Database, after: int) -> None:
    program = await a_program(database)
    month = ExpiryPolicy(ExpiryKind.PERIOD, 30, PeriodUnit.DAY)
    rule = gives(1, starts_after_days=after, expiry=month if after <= 30 else None)

    draft = await a_draft_promotion(database, program, rule, starts_on=date(2999, 1, 1), ends_on=date(2999, 12, 31))

    assert (await activated(database, program, draft)).active


async def test_a_fixed_day_must_leave_time_on_the_days_of_the_promotion_alone(database: Database) -> None:
    program = await a_program(database)
    rule = gives(1, starts_after_days=10, expiry=ExpiryPolicy(ExpiryKind.FIXED_DAY, month=12, day=31))
    autumn = await a_draft_promotion(database, program, rule, starts_on=date(2024, 9, 1), ends_on=date(2024, 12, 21))
    winter = await a_draft_promotion(database, program, rule, starts_on=date(2024, 9, 1), ends_on=date(2024, 12, 22))

    found = await problems(database, program, winter)

    assert (await activated(database, program, autumn)).active
    assert [each.message for each in found] == [
        "Points of 2024-12-22 would start on 2025-01-01, after they lapse on 2024-12-31."
    ]


async def test_what_stands_against_a_draft_can_be_asked_before(database: Database) -> None:
    program = await a_program(database)
    wrong = await a_draft_promotion(database, program, gives(1, Criterion("x", Operator.IS_EMPTY)))
    right, active = await a_draft_promotion(database, program), await a_promotion(database, program)

    async with database.read() as reader:
        found = await promotion_checks.problems_of(reader, [wrong, None, right, active])

    assert [places(each) for each in found] == [[("UNKNOWN_ATTRIBUTE", "rules.0.criteria.0.attribute")], [], [], []]


async def test_an_activated_promotion_is_in_the_next_version_of_its_program(database: Database) -> None:
    program = await a_program(database)
    product, partner = await a_product(database, program), await a_partner(database, program)
    draft = await a_draft_promotion(
        database, program, product_scope=ProductScope.INCLUDED, products=(product.code,), partners=(partner.code,)
    )

    active = await activated(database, program, draft)

    assert active == replace(draft, active=True)
    async with database.read() as reader:
        now, _, promotions = await definitions.definition(reader, program.id)
    assert (now, promotions) == (replace(program, version=program.version + 1), (active,))


async def test_a_deactivated_promotion_is_gone_from_the_next_version_and_can_come_back(database: Database) -> None:
    program = await a_program(database)
    active = await a_promotion(database, program)

    inactive = await deactivated(database, program, active)

    assert inactive == replace(active, active=False)
    async with database.read() as reader:
        now, _, promotions = await definitions.definition(reader, program.id)
    assert (now.version, promotions) == (program.version + 2, ())
    assert await activated(database, program, inactive) == active


async def test_only_what_stands_otherwise_is_switched(database: Database) -> None:
    program = await a_program(database)
    active, draft = await a_promotion(database, program), await a_draft_promotion(database, program)
    deactivation = PromotionDeactivate(program=program.code, promotion=draft.code)

    again = await problems(database, program, active)
    never = await problems_of(promotion_deactivate(database, ENGINE, deactivation))

    assert again == [PromotionActive(promotion=active.code, path=("input", "promotion"))]
    assert never == [PromotionInactive(promotion=draft.code, path=("input", "promotion"))]
    assert (await current(database, program)).version == program.version + 1


async def test_only_the_version_that_was_read_is_activated(database: Database) -> None:
    program = await a_program(database)
    draft = await a_draft_promotion(database, program)
    await updated(database, program, draft, rules=(gives(1_000_000),))
    command = PromotionActivate(program=program.code, promotion=draft.code, expected_version=1)

    found = await problems_of(promotion_activate(database, ENGINE, command))

    assert found == [VersionConflict(expected=1, current=2, path=("input", "expectedVersion"))]


async def test_of_two_who_activate_at_once_one_does(database: Database) -> None:
    program = await a_program(database)
    draft = await a_draft_promotion(database, program)
    command = PromotionActivate(program=program.code, promotion=draft.code)

    both = await asyncio.gather(*(promotion_activate(database, ENGINE, command) for _ in "ab"), return_exceptions=True)

    [refused] = [each for each in both if isinstance(each, Refused)]
    assert refused.problems == (PromotionActive(promotion=draft.code, path=("input", "promotion")),)
    assert (await current(database, program)).version == program.version + 1


async def test_a_change_and_an_activation_at_once_never_activate_what_nobody_read(database: Database) -> None:
    program = await a_program(database)
    drafts = [await a_draft_promotion(database, program) for _ in range(5)]

    for draft in drafts:
        change = PromotionUpdate(program=program.code, promotion=draft.code, expected_version=1, name="Changed")
        press = PromotionActivate(program=program.code, promotion=draft.code, expected_version=1)
        both = await asyncio.gather(
            promotion_update(database, ENGINE, change),
            promotion_activate(database, ENGINE, press),
            return_exceptions=True,
        )
        [refused] = [each for each in both if isinstance(each, Refused)]
        [code] = [problem.code for problem in refused.problems]
        async with database.read() as reader:
            [after] = await store.load_many(reader, ENGINE.scope, [draft.id])
        assert (
            after
            in {
                "PROMOTION_ACTIVE": [replace(draft, active=True)],
                "VERSION_CONFLICT": [replace(draft, name="Changed", version=2)],
            }[code]
        )


async def test_a_counter_that_others_read_keeps_its_promotion_active(database: Database) -> None:
    program = await a_program(database)
    counting = await a_promotion(database, program, COUNT)
    paying = await a_promotion(database, program, THIRD_VISIT)
    command = PromotionDeactivate(program=program.code, promotion=counting.code)

    found = await problems_of(promotion_deactivate(database, ENGINE, command))

    attributes, by = ("counters.visits",), (paying.code,)
    path = ("input", "promotion")
    assert found == [PromotionNeeded(promotion=counting.code, attributes=attributes, by=by, path=path)]
    await deactivated(database, program, paying)
    await deactivated(database, program, counting)


async def test_a_declared_attribute_is_known_to_promotions(database: Database) -> None:
    declared = {"member.attributes.homeStore": AttributeType.TEXT, "line.attributes.department": AttributeType.TEXT}
    program = await a_program(database, attributes=declared)
    home = Criterion("member.attributes.homeStore", Operator.EQUALS, ("7",))
    bakery = Criterion("attributes.department", Operator.EQUALS, ("BAKERY",), lines=LineTest.ANY)

    assert (await a_promotion(database, program, gives(1, home, bakery))).active


async def test_a_promotion_that_somebody_may_not_see_does_not_exist(database: Database) -> None:
    program, other = await a_program(database), await a_program(database)
    draft = await a_draft_promotion(database, program)
    command = PromotionActivate(program=other.code, promotion=draft.code)

    elsewhere = await problems_of(promotion_activate(database, ENGINE, command))
    stranger = somebody(Role.PROGRAM_ADMINISTRATOR, program=other)
    forbidden = await problems_of(promotion_activate(database, stranger, replace(command, program=program.code)))

    assert elsewhere == [NotFound(what="promotion", key=draft.code, path=("input", "promotion"))]
    assert forbidden == [NotFound(what="program", key=program.code, path=("input", "program"))]
