"""Drafts of promotions: kept exactly as they were given, every version for ever, and refused where they can never be right."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from domain.commands.promotions import PromotionCreate, PromotionUpdate
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit, Snap
from domain.people import ENGINE, Role
from domain.problems import AlreadyExists, NotFound, Refused, VersionConflict
from domain.programs import Program
from domain.promotion_problems import PromotionActive
from domain.promotions import (
    AppliesTo,
    AppliesToTransaction,
    AssignPoints,
    AssignVoucher,
    AttributeOperation,
    ChangeTier,
    Criterion,
    Limits,
    LineTest,
    Operator,
    ProductScope,
    Promotion,
    Rule,
    RunRule,
    TierDirection,
    UpdateAttribute,
)
from domain.services.promotions import promotion_create, promotion_update
from domain.store import programs
from domain.store import promotions as store
from domain.store import tables as t
from domain.store.database import Database
from domain.transactions import SubType, Type
from tests.support.factories import a_code, a_draft, a_partner, a_person, a_program, acting, result_of, somebody
from tests.support.promotions import a_draft_promotion, a_promotion, deactivated, gives, over, updated
from tests.support.refusals import places, problems_of

TABLE: dict[str, Any] = {
    "nodes": [{"type": "decisionTableNode", "content": {"rules": [{"a": "> 1.50", "n": None, "p": [1, 2]}]}}],
    "deep": {"exact": Decimal("1.10"), "yes": True, "none": None, "text": "operation"},
}

EVERYTHING: dict[str, Any] = {
    "name": "Ünïcödé & quotes \" ' \\ 100%",
    "starts_on": date(2024, 2, 29),
    "ends_on": date(2024, 12, 31),
    "applies_to": (AppliesToTransaction(Type.ACCRUAL, SubType.GIFT), AppliesToTransaction(Type.REDEMPTION, None)),
    "partners": ("HOTEL", "null", "1"),
    "product_scope": ProductScope.EXCLUDED,
    "products": ("4011/B 7", "true"),
    "tiers": ("GOLD",),
    "always_apply": True,
    "enrollment_required": True,
    "limits": Limits(Decimal("1000000.5000"), Decimal("0.0001"), Decimal(7), Decimal("30.1"), None, Decimal(999)),
    "rules": (
        Rule(
            (
                AssignPoints(
                    "BONUS", qualifying=True, attribute="amount", factor=Decimal("0.000001"),
                    lines=(Criterion("attributes.department", Operator.EQUALS, ("BAKERY",)),),
                    starts_after_days=0, expiry=ExpiryPolicy(ExpiryKind.PERIOD, 6, PeriodUnit.DAY, snap=Snap.END_OF_YEAR),
                ),
                AssignPoints(table=TABLE),
                AssignPoints(expression="transaction.amount * 2\n + 1", constant=Decimal("1.50")),
                UpdateAttribute("counters.visits", AttributeOperation.ADD, Decimal(1)),
                UpdateAttribute("member.attributes.since", AttributeOperation.SET, None, "transaction.date"),
                AssignVoucher("CINEMA", 2),
                ChangeTier("STATUS", TierDirection.KEEP),
                RunRule("distance", {"minimum": Decimal("500.00"), "cabins": {"F": Decimal("1.5")}, "kind": "x"}, 3),
            ),
            (
                Criterion("transaction.amount", Operator.BETWEEN, (Decimal("10.00"), Decimal("1E+3"))),
                Criterion("transaction.date", Operator.IN, ("2024-03-01", "2024-04-01")),
                Criterion("transaction.amount", Operator.LESS, other="transaction.basePoints", factor=Decimal("-1.10")),
                Criterion("member.attributes.vip", Operator.EQUALS, (True,)),
                Criterion(
                    "quantity", Operator.AT_LEAST, (3,), lines=LineTest.SUM,
                    where=(Criterion("product", Operator.NOT_IN, ("A", "false", "null")), Criterion("amount", Operator.IS_EMPTY)),
                ),
            ),
            "transaction.amount > 1.5",
            AppliesTo.ATTRIBUTES,
        ),
        Rule(()),
    ),
}  # fmt: skip


async def find(database: Database, program: Program, code: str) -> Promotion | None:
    async with database.read() as reader:
        return await store.find(reader, ENGINE.scope, program.id, code)


async def create(database: Database, program: Program, **values: Any) -> Promotion:
    usual = {"code": a_code("A"), "name": "A promotion", "starts_on": date(2024, 1, 1)}
    command = PromotionCreate(program=program.code, **{**usual, **values})
    return result_of(await promotion_create(database, ENGINE, command))


async def test_a_draft_is_read_exactly_as_it_was_given(database: Database) -> None:
    program = await a_draft(database)

    made = await create(database, program, code="SPRING-24", **EVERYTHING)

    assert made == Promotion(id=made.id, program_id=program.id, code="SPRING-24", active=False, version=1, **EVERYTHING)
    assert await find(database, program, "SPRING-24") == made


async def test_numbers_stay_exact_and_a_date_among_values_is_its_text(database: Database) -> None:
    program = await a_draft(database)
    criterion = Criterion("x", Operator.IN, (Decimal("100.10"), 7, True, "7", date(2024, 2, 29)))

    made = await create(database, program, rules=(Rule((), (criterion,)),))

    assert [(type(value), str(value)) for value in made.rules[0].criteria[0].values] == [
        (Decimal, "100.10"), (int, "7"), (bool, "True"), (str, "7"), (str, "2024-02-29"),
    ]  # fmt: skip


async def test_a_draft_is_no_new_version_of_its_program(database: Database) -> None:
    program = await a_program(database)

    draft = await create(database, program)
    await updated(database, program, draft, name="Another")

    async with database.read() as reader:
        assert await programs.find(reader, ENGINE.scope, program.code) == program


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"code": "two words"}, "code"),
        ({"code": ""}, "code"),
        ({"name": " "}, "name"),
        ({"ends_on": date(2023, 12, 31)}, "endsOn"),
        ({"starts_on": date(1899, 12, 31)}, "startsOn"),
        ({"ends_on": date.max}, "endsOn"),
        ({"limits": Limits(total=Decimal(0))}, "limits.total"),
        ({"limits": Limits(per_member_day=Decimal(-1))}, "limits.perMemberDay"),
        ({"limits": Limits(per_member_week=Decimal("0.00001"))}, "limits.perMemberWeek"),
        ({"limits": Limits(per_member_month=Decimal("NaN"))}, "limits.perMemberMonth"),
        ({"limits": Limits(per_member_year=Decimal("Infinity"))}, "limits.perMemberYear"),
        ({"limits": Limits(per_member_ever=Decimal("1E+15"))}, "limits.perMemberEver"),
        ({"partners": ("HOTEL", "")}, "partners.1"),
        ({"products": (" SKU",)}, "products.0"),
        ({"tiers": ("T" * 65,)}, "tiers.0"),
        ({"rules": (Rule((), expression="a\0b"),)}, "rules.0.expression"),
        ({"rules": (Rule((), (Criterion("x" * 1001, Operator.IS_EMPTY),)),)}, "rules.0.criteria.0.attribute"),
        ({"rules": (Rule((), (Criterion("x", Operator.IN, ("a", None)),)),)}, "rules.0.criteria.0.values.1"),
        ({"rules": (Rule((), (Criterion("x", Operator.IN, (1.5,)),)),)}, "rules.0.criteria.0.values.0"),
        ({"rules": (Rule((), (Criterion("x", Operator.IN, (Decimal("NaN"),)),)),)}, "rules.0.criteria.0.values.0"),
        ({"rules": (Rule((), (over(1), Criterion("x", Operator.LESS, (), "y", Decimal("1E+15")))),)},
         "rules.0.criteria.1.factor"),
        ({"rules": (gives(), gives("1E+15"))}, "rules.1.actions.0.assignPoints.constant"),
        ({"rules": (Rule((AssignPoints(attribute="x", factor=Decimal("1E-7")),)),)},
         "rules.0.actions.0.assignPoints.factor"),
        ({"rules": (gives(expiry=ExpiryPolicy(ExpiryKind.PERIOD, 0)),)}, "rules.0.actions.0.assignPoints.expiry.length"),
        ({"rules": (gives(lines=(Criterion("\0", Operator.IS_EMPTY),)),)},
         "rules.0.actions.0.assignPoints.lines.0.attribute"),
        ({"rules": (Rule((UpdateAttribute("counters.x", AttributeOperation.SET, [1]),)),)},
         "rules.0.actions.0.updateAttribute.value"),
        ({"rules": (Rule((RunRule("x", {"a": [{"b\0": 1}]}),)),)}, "rules.0.actions.0.runRule.parameters"),
        ({"rules": (Rule((AssignPoints(table={"a": ["\ud800"]}),)),)}, "rules.0.actions.0.assignPoints.table"),
        ({"rules": (Rule((AssignVoucher(""),)),)}, "rules.0.actions.0.assignVoucher.voucherType"),
        ({"rules": (Rule((), (Criterion("amount", Operator.IS_EMPTY, where=(
            Criterion("x", Operator.IS_EMPTY, where=(over(1),)),)),)),)}, "rules.0.criteria.0.where.0.where"),
    ],
)  # fmt: skip
async def test_what_can_never_be_right_is_not_kept(database: Database, values: dict[str, Any], place: str) -> None:
    program = await a_draft(database)
    given = {"code": a_code("A"), "name": "A promotion", "starts_on": date(2024, 1, 1), **values}

    problems = await problems_of(promotion_create(database, ENGINE, PromotionCreate(program=program.code, **given)))

    assert places(problems) == [("INVALID_INPUT", f"input.{place}")]
    assert await find(database, program, given["code"]) is None


@pytest.mark.parametrize(
    ("values", "place", "limit"),
    [
        ({"applies_to": (AppliesToTransaction(Type.ACCRUAL, None),) * 51}, "appliesTo", 50),
        ({"products": tuple(map(str, range(1001)))}, "products", 1000),
        ({"rules": (gives(),) * 101}, "rules", 100),
        ({"rules": (Rule((), (over(1),) * 101),)}, "rules.0.criteria", 100),
        ({"rules": (Rule(gives().actions * 21),)}, "rules.0.actions", 20),
        ({"rules": (Rule((), (Criterion("x", Operator.IN, (1,) * 10_001),)),)}, "rules.0.criteria.0.values", 10_000),
    ],
)
async def test_more_than_anybody_needs_is_refused(
    database: Database, values: dict[str, Any], place: str, limit: int
) -> None:
    program = await a_draft(database)
    command = PromotionCreate(program=program.code, code="MUCH", name="Much", starts_on=date(2024, 1, 1), **values)

    problems = await problems_of(promotion_create(database, ENGINE, command))

    assert places(problems) == [("TOO_MANY", f"input.{place}")]
    assert getattr(problems[0], "limit") == limit  # noqa: B009 - a problem of this kind has it


async def test_everything_that_is_wrong_is_said_at_once(database: Database) -> None:
    program = await a_draft(database)
    values = {"ends_on": date(2020, 1, 1), "limits": Limits(Decimal(0)), "partners": ("",)}
    command = PromotionCreate(program=program.code, code="a b", name="", starts_on=date(2024, 1, 1), **values)  # type: ignore[arg-type]

    problems = await problems_of(promotion_create(database, ENGINE, command))

    expected = ("code", "name", "endsOn", "partners.0", "limits.total")
    assert places(problems) == [("INVALID_INPUT", f"input.{place}") for place in expected]


async def test_the_same_code_is_given_once_per_program_also_at_the_same_time(database: Database) -> None:
    program, other = await a_draft(database), await a_draft(database)
    command = PromotionCreate(program=program.code, code="ONCE", name="Once", starts_on=date(2024, 1, 1))

    both = await asyncio.gather(
        *(promotion_create(database, ENGINE, command) for _ in range(2)), return_exceptions=True
    )
    elsewhere = await create(database, other, code="ONCE")

    [refused] = [each for each in both if isinstance(each, Refused)]
    assert refused.problems == (AlreadyExists(what="promotion", key="ONCE", path=("input", "code")),)
    assert elsewhere.program_id == other.id


async def test_a_program_that_somebody_may_not_see_does_not_exist(database: Database) -> None:
    program, other = await a_draft(database), await a_draft(database)
    actor = somebody(Role.PROGRAM_ADMINISTRATOR, program=other)
    command = PromotionCreate(program=program.code, code="MINE", name="Mine", starts_on=date(2024, 1, 1))

    problems = await problems_of(promotion_create(database, actor, command))

    assert problems == [NotFound(what="program", key=program.code, path=("input", "program"))]


async def test_a_change_makes_a_version_and_leaves_what_it_does_not_name(database: Database) -> None:
    program = await a_draft(database)
    draft = await create(database, program, **EVERYTHING)

    changed = await updated(database, program, draft, name="Summer", ends_on=None, rules=(gives(5),))

    assert changed == replace(draft, name="Summer", ends_on=None, rules=(gives(5),), version=2)
    assert await find(database, program, draft.code) == changed


async def test_every_version_is_kept_with_who_made_it(database: Database) -> None:
    program, person = await a_draft(database), await a_person(database, Role.PROGRAM_ADMINISTRATOR)
    draft = await create(database, program, name="Spring")
    command = PromotionUpdate(program=program.code, promotion=draft.code, expected_version=1, name="Summer")

    await promotion_update(database, acting(person), command)

    columns = t.promotion_version.c
    query = select(t.promotion_version).where(columns.promotion_id == draft.id).order_by(columns.version)
    async with database.read() as reader:
        rows = (await reader.execute(query)).all()
    kept = [(row.version, row.definition["name"], row.definition["version"], row.created_by_id) for row in rows]
    assert kept == [(1, "Spring", 1, None), (2, "Summer", 2, person.id)]


async def test_only_the_version_that_was_read_is_changed(database: Database) -> None:
    program = await a_draft(database)
    draft = await create(database, program)
    await updated(database, program, draft, name="Faster")
    command = PromotionUpdate(program=program.code, promotion=draft.code, expected_version=1, name="Slower")

    problems = await problems_of(promotion_update(database, ENGINE, command))

    assert problems == [VersionConflict(expected=1, current=2, path=("input", "expectedVersion"))]


async def test_of_two_changes_of_one_version_one_is_made(database: Database) -> None:
    program = await a_draft(database)
    draft = await create(database, program)
    commands = [
        PromotionUpdate(program=program.code, promotion=draft.code, expected_version=1, name=name) for name in "AB"
    ]

    both = await asyncio.gather(
        *(promotion_update(database, ENGINE, each) for each in commands), return_exceptions=True
    )

    [refused] = [each for each in both if isinstance(each, Refused)]
    assert refused.problems == (VersionConflict(expected=1, current=2, path=("input", "expectedVersion")),)
    current = await find(database, program, draft.code)
    assert current is not None
    assert current.version == 2


async def test_a_change_is_checked_as_the_promotion_will_be(database: Database) -> None:
    program = await a_draft(database)
    draft = await create(database, program, ends_on=date(2024, 6, 30))
    command = PromotionUpdate(
        program=program.code, promotion=draft.code, expected_version=1, starts_on=date(2024, 7, 1)
    )

    problems = await problems_of(promotion_update(database, ENGINE, command))

    assert places(problems) == [("INVALID_INPUT", "input.endsOn")]
    assert await find(database, program, draft.code) == draft


async def test_an_active_promotion_is_not_changed_until_it_is_deactivated(database: Database) -> None:
    program = await a_program(database)
    promotion = await a_promotion(database, program)
    command = PromotionUpdate(program=program.code, promotion=promotion.code, expected_version=1, name="Other")

    problems = await problems_of(promotion_update(database, ENGINE, command))

    assert problems == [PromotionActive(promotion=promotion.code, path=("input", "promotion"))]
    assert problems[0].message == f"{promotion.code} is active: deactivate it, change it, and activate it again."
    assert await find(database, program, promotion.code) == promotion
    await deactivated(database, program, promotion)
    assert (await updated(database, program, promotion, name="Other")).version == 2


async def test_partners_and_members_see_what_is_active(database: Database) -> None:
    program = await a_program(database)
    draft, active = await a_draft_promotion(database, program), await a_promotion(database, program)
    partner = await a_partner(database, program)
    outside = await a_partner(database)

    async def seen(actor: Any) -> list[Promotion | None]:
        async with database.read() as reader:
            return await store.load_many(reader, actor.scope, [draft.id, active.id])

    assert await seen(ENGINE) == [draft, active]
    assert await seen(somebody(Role.PARTNER_REPRESENTATIVE, partner=partner)) == [None, active]
    assert await seen(somebody(Role.PARTNER_REPRESENTATIVE, partner=outside)) == [None, None]
    assert await seen(somebody(Role.MSR, program=await a_draft(database))) == [None, None]
