"""Explanations: each sentence says what the engine did, from its own decision, lots and uses."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from domain.attributes import AttributeType
from domain.decisions import ProgramVersion, read
from domain.engine import (
    EngineProgram,
    Entry,
    LotState,
    MemberState,
    NewLot,
    NewUse,
    Outcome,
    Price,
    ProductState,
    wording,
)
from domain.engine.explain import Story, explain
from domain.expiry import ExpiryKind, ExpiryPolicy, Snap
from domain.lots import Lot, LotUse
from domain.points import from_units
from domain.programs import BaseRule, CalculationRule, PriceKind
from domain.promotions import (
    AppliesToTransaction,
    AttributeOperation,
    Criterion,
    Limits,
    LineTest,
    Operator,
    ProductScope,
    Rule,
    UpdateAttribute,
)
from domain.transactions import LineItem, SubType, Transaction, Type
from tests.engine.samples import (
    NOW,
    TODAY,
    accrual,
    lot,
    member,
    one,
    point_type,
    points,
    program,
    promotion,
    redemption,
    worked,
)

A_YEAR = ExpiryPolicy(ExpiryKind.PERIOD, 12, snap=Snap.END_OF_MONTH)
HEADING = "Worked on 2026-06-15 under version 3 of the program: {}."


def told(program: EngineProgram, member: MemberState, entry: Entry) -> list[str]:
    """What is said of a transaction that the engine has just worked."""
    return told_of(program, member, entry, worked(program, member, entry, numbers=[101]).outcomes[0])


def told_of(program: EngineProgram, member: MemberState, entry: Entry, outcome: Outcome) -> list[str]:
    version = ProgramVersion(program.program, program.point_types, {each.id: each for each in program.rules.promotions})
    decision = read(
        outcome.decision, version, transaction_id=entry.id, member_id=entry.member_id, attempt=entry.attempt
    )
    lots = {each.key: each for each in member.lots or ()}
    return explain(
        Story(
            decision=decision,
            transaction=transaction_of(entry, outcome),
            product=entry.product.code if entry.product else None,
            lots=[lot_of(new, program) for new in outcome.lots],
            uses=[use_of(new, program) for new in outcome.uses],
            sources=[source_of(lots[use.lot_transaction_id, use.lot_position], program) for use in outcome.uses],
        )
    )


def transaction_of(entry: Entry, outcome: Outcome) -> Transaction:
    return Transaction(
        id=entry.id, program_id=1, member_id=entry.member_id, type=entry.type, sub_type=entry.sub_type,
        status=outcome.status, sub_status=outcome.sub_status, transaction_date=entry.transaction_date,
        processed_at=NOW, created_at=NOW, created_by_id=None, product_id=entry.product.id if entry.product else None,
        amount=entry.amount, currency=entry.currency, quantity=entry.quantity, line_items=entry.line_items,
        attributes={}, partner_id=None, base_points=outcome.base_points, point_type_id=entry.point_type_id,
        qualifying=entry.qualifying, points=None, submit_to_id=None, external=False, source=None, external_id=None,
        comment=None, totals=(), attempts=entry.attempt, version=1,
    )  # fmt: skip


def lot_of(new: NewLot, program: EngineProgram) -> Lot:
    kind = program.point_types[new.point_type_id]
    amount = from_units(new.points, kind.decimals)
    return Lot(
        member_id=new.member_id, transaction_id=new.transaction_id, position=new.position, point_type=kind.code,
        qualifying=new.qualifying, origin=new.origin, promotion_id=new.promotion_id, points=amount, remaining=amount,
        transaction_date=new.transaction_date, effective_on=new.effective_on, expires_on=new.expires_on,
        created_at=NOW,
    )  # fmt: skip


def use_of(new: NewUse, program: EngineProgram) -> LotUse:
    kind = program.point_types[new.point_type_id]
    return LotUse(
        member_id=new.member_id, transaction_id=new.transaction_id, position=new.position,
        lot_transaction_id=new.lot_transaction_id, lot_position=new.lot_position, point_type=kind.code,
        points=from_units(new.points, kind.decimals), reverses_transaction_id=None, reverses_position=None,
        created_at=NOW,
    )  # fmt: skip


def source_of(state: LotState, program: EngineProgram) -> Lot:
    kind = program.point_types[state.point_type_id]
    amount = from_units(state.remaining, kind.decimals)
    return Lot(
        member_id=7, transaction_id=state.transaction_id, position=state.position, point_type=kind.code,
        qualifying=state.qualifying, origin=state.origin, promotion_id=None, points=amount, remaining=amount,
        transaction_date=state.transaction_date, effective_on=state.effective_on, expires_on=state.expires_on,
        created_at=NOW,
    )  # fmt: skip


def product(kind: PriceKind, cost: str) -> ProductState:
    price = Price(kind, None, 1, Decimal(cost), date(2026, 1, 1), None)
    return ProductState(5, "TOASTER", "A toaster", active=True, attributes={}, prices=(price,))


def test_a_purchase_is_told_from_amount_to_lot() -> None:
    assert told(program(expiry=A_YEAR), member(), accrual(amount="12.40")) == [
        HEADING.format("NO_PROMOTIONS_QUALIFIED"),
        "Base points: 12.40 by base rule 1 (1 point per EUR) to 12.40 EUR -> 12 POINTS, usable through 2027-06-30.",
        "Available: 0 before, 12 POINTS after.",
    ]


def test_a_purchase_without_a_rule_for_it_says_so() -> None:
    assert told(program(), member(), accrual(amount=None)) == [
        HEADING.format("NO_PROMOTIONS_QUALIFIED"),
        "Base points: 0.00 because no base rule applies.",
    ]


def test_points_of_a_product_and_given_points_name_their_source() -> None:
    priced = accrual(amount=None, product=product(PriceKind.ACCRUAL, "250"), quantity=Decimal("2.0"))
    assert told(program(), member(), priced)[1] == (
        "Base points: 500.00 by the price of product TOASTER, times 2 -> 500 POINTS, without expiry."
    )
    assert told(program(), member(), accrual(base_points=Decimal(1234)))[1] == (
        "Base points: 1,234.00 given with the transaction -> 1,234 POINTS, without expiry."
    )


def test_a_gift_is_named_by_its_transaction_and_is_a_bonus() -> None:
    gift = accrual(amount=None, sub_type=SubType.GIFT, points=50, point_type_id=1)
    assert told(program(), member(), gift)[:2] == [
        HEADING.format("SUCCESS"),
        "Base points: 50 named by the transaction -> 50 POINTS (bonus), without expiry.",
    ]


def test_a_redemption_is_told_lot_by_lot() -> None:
    owner = member(lot(1, 60, expires=date(2026, 12, 31)), lot(2, 60))
    assert told(program(), owner, redemption(100, 100)) == [
        HEADING.format("SUCCESS"),
        "Cost: 100 POINTS named by the transaction.",
        "Taken: 60 POINTS from the lot of 2026-01-01, usable through 2026-12-31.",
        "Taken: 40 POINTS from the lot of 2026-01-01, without expiry.",
        "Available: 120 before, 20 POINTS after.",
    ]


def test_a_reward_costs_its_price() -> None:
    entry = replace(redemption(100, 1), product=product(PriceKind.REDEMPTION, "40"), points=None)
    assert told(program(), member(lot(1, 60)), entry)[1] == "Cost: 40 POINTS by the price of product TOASTER."


def test_a_refusal_says_why_and_that_nothing_happened() -> None:
    assert told(program(), member(lot(1, 60)), redemption(100, 100, attempt=2)) == [
        HEADING.format("INSUFFICIENT_POINTS").replace("program:", "program, attempt 2:"),
        "Refused: 100 POINTS are needed, 60 are available. Nothing was given or taken.",
    ]


def test_what_lapsed_is_not_called_a_cost() -> None:
    entry = replace(redemption(100, 1), sub_type=SubType.EXPIRY, points=None)
    assert told(program(), member(lot(1, 60, expires=date(2026, 6, 14))), entry)[1:3] == [
        "Lapsed: 60 POINTS past the last day of use.",
        "Taken: 60 POINTS from the lot of 2026-01-01, usable through 2026-06-14.",
    ]


def test_the_contest_is_told_promotion_by_promotion() -> None:
    promotions = (promotion("LARGE", points("300")), promotion("SMALL", points("100.5")))
    because = "because another promotion gives more (MAX_BY_PROMOTION)"
    assert told(program(*promotions), member(), accrual())[2:4] == [
        "Promotion LARGE (LARGE) applied by rule 1: 300 -> 300 POINTS (bonus), without expiry.",
        f"Promotion SMALL (SMALL) applied by rule 1: 100.5 POINTS not paid, {because}.",
    ]


def test_what_lost_by_its_weight_says_what_it_weighs() -> None:
    light = point_type(weights=(Decimal(1), Decimal("0.4")))
    contested = program(
        promotion("Q", points("50", qualifying=True)), promotion("N", points("100")), point_types=(light,)
    )
    because = "because another promotion gives more (MAX_BY_PROMOTION)"
    assert told(contested, member(), accrual())[2:4] == [
        f"Promotion N (N) applied by rule 1: 100 POINTS, which weigh 40, not paid, {because}.",
        "Promotion Q (Q) applied by rule 1: 50 -> 50 POINTS, without expiry.",
    ]


def test_where_all_promotions_pay_each_has_its_lot() -> None:
    promotions = (promotion("A", points("20.4"), points("5", qualifying=True)), promotion("B", points("0.4")))
    everything = program(*promotions, calculation_rule=CalculationRule.ALL)
    assert told(everything, member(), accrual())[2:5] == [
        "Promotion A (A) applied by rule 1: 20.4 -> 20 POINTS (bonus), without expiry.",
        "Promotion A (A) applied by rule 1: 5 -> 5 POINTS, without expiry.",
        "Promotion B (B) applied by rule 1: 0.4 POINTS, which is nothing.",
    ]


def test_points_with_a_later_start_say_from_when() -> None:
    later = program(promotion("LATER", points("10", starts_after_days=14)))
    assert told(later, member(), accrual())[2] == (
        "Promotion LATER (LATER) applied by rule 1: 10 -> 10 POINTS (bonus), usable from 2026-06-29, without expiry."
    )


def test_a_promotion_that_only_counts_says_what_it_counted() -> None:
    counting = UpdateAttribute("counters.visits", AttributeOperation.ADD, 1)
    home = UpdateAttribute("member.attributes.home", AttributeOperation.SET, "Berlin")
    attributes = {"counters.visits": AttributeType.INTEGER, "member.attributes.home": AttributeType.TEXT}
    counted = program(promotion("VISITS", counting, home), attributes=attributes)
    assert told(counted, member(), accrual())[2:5] == [
        "Promotion VISITS (VISITS) applied by rule 1; it gives no points.",
        "Promotion VISITS (VISITS) changed counters.visits from 0 to 1.",
        "Promotion VISITS (VISITS) changed member.attributes.home from empty to Berlin.",
    ]


def test_a_limit_that_cuts_an_award_is_told() -> None:
    limited = program(promotion("CAPPED", points("100"), limits=Limits(per_member_day=Decimal(30))))
    assert told(limited, member(), accrual())[2] == (
        "Promotion CAPPED (CAPPED) applied by rule 1: 100, limited to 30 -> 30 POINTS (bonus), without expiry."
    )


ON_REDEMPTIONS = (AppliesToTransaction(Type.REDEMPTION, None),)


def test_a_reward_for_a_redemption_is_told_there_and_in_the_accrual_that_gives_it() -> None:
    rewarding = program(promotion("BACK", points("10"), applies_to=ON_REDEMPTIONS))
    owner, entry = member(lot(1, 60)), redemption(100, 50)
    assert told(rewarding, owner, entry)[1:] == [
        "Cost: 50 POINTS named by the transaction.",
        "Taken: 50 POINTS from the lot of 2026-01-01, without expiry.",
        "Promotion BACK (BACK) applied by rule 1: 10 -> 10 POINTS by an accrual of its own.",
        "Available: 60 before, 10 POINTS after.",
    ]
    _, reward = worked(rewarding, owner, entry, numbers=[101]).outcomes
    assert told_of(rewarding, owner, accrual(101, None, sub_type=SubType.ACTION_BASED_BONUS), reward)[1:] == [
        "Promotion BACK (BACK) rewards a redemption: 10 -> 10 POINTS (bonus), without expiry.",
        "Available: 10 before, 20 POINTS after.",
    ]


OVER_100 = Criterion("transaction.amount", Operator.AT_LEAST, (Decimal(100),))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"starts_on": date(2026, 7, 1), "ends_on": None}, "it runs from 2026-07-01, the transaction is of 2026-06-15"),
        (
            {"ends_on": date(2026, 6, 14)},
            "it runs from 2026-01-01 through 2026-06-14, the transaction is of 2026-06-15",
        ),
        (
            {"applies_to": (AppliesToTransaction(Type.ACCRUAL, SubType.GIFT), AppliesToTransaction(Type.REDEMPTION, None))},
            "it is for ACCRUAL GIFT, REDEMPTION, this is ACCRUAL PRODUCT",
        ),
        ({"partners": ("HOTEL", "CARS")}, "it is for transactions of partner HOTEL, CARS"),
        ({"product_scope": ProductScope.INCLUDED, "products": ("TV",)}, "it is only for TV"),
        ({"tiers": ("GOLD",)}, "it is for members of tier GOLD"),
        ({"enrollment_required": True}, "the member is not enrolled in it"),
        (
            {"rules": (Rule((points("5"),), (OVER_100,)),)},
            "rule 1 wants that transaction.amount is at least 100, found: 10",
        ),
        (
            {"rules": (Rule((points("5"),), (), "transaction.amount > 100"),)},
            "rule 1 wants that transaction.amount > 100, found: transaction.amount 10",
        ),
    ],
)  # fmt: skip
def test_a_promotion_that_did_not_apply_says_why(fields: dict[str, Any], why: str) -> None:
    quiet = program(promotion("QUIET", points("5"), **fields))
    assert told(quiet, member(), accrual())[2] == f"Promotion QUIET (QUIET) did not apply: {why}."


def test_an_excluded_product_is_named() -> None:
    quiet = program(promotion("QUIET", points("5"), product_scope=ProductScope.EXCLUDED, products=("TV",)))
    bought = accrual(line_items=(LineItem("TV", None, Decimal(10)),))
    assert told(quiet, member(), bought)[2] == "Promotion QUIET (QUIET) did not apply: it is not for TV."


@pytest.mark.parametrize(
    ("criterion", "words"),
    [
        (Criterion("transaction.product", Operator.IN, ("A", "B")), "transaction.product is one of A, B"),
        (
            Criterion("transaction.amount", Operator.BETWEEN, (Decimal("1.50"), Decimal(1000))),
            "transaction.amount is between 1.5 and 1,000",
        ),
        (Criterion("member.language", Operator.IS_EMPTY), "member.language is empty"),
        (
            Criterion("transaction.amount", Operator.GREATER, other="transaction.quantity", factor=Decimal(2)),
            "transaction.amount is more than 2 times transaction.quantity",
        ),
        (
            Criterion("product", Operator.EQUALS, ("TV",), lines=LineTest.ANY),
            "product of any line is TV",
        ),
        (
            Criterion(
                "amount",
                Operator.AT_LEAST,
                (50,),
                lines=LineTest.SUM,
                where=(Criterion("product", Operator.NOT_EQUALS, ("TV",)),),
            ),
            "the sum of amount over the lines where product is not TV is at least 50",
        ),
        (
            Criterion("product", Operator.LESS, (3,), lines=LineTest.COUNT),
            "the number of lines is less than 3",
        ),
    ],
)  # fmt: skip
def test_criteria_are_read_as_sentences(criterion: Criterion, words: str) -> None:
    assert wording.criterion(criterion) == words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (BaseRule("perAmount", {"points": 2, "currency": "USD"}), "2 points per full USD"),
        (
            BaseRule("perAmount", {"points": "1", "currency": "USD", "unit": "10", "counting": "STARTED"}),
            "1 point per started 10 USD",
        ),
        (BaseRule("perQuantity", {"points": "500"}), "500 points per full unit of quantity"),
        (
            BaseRule("perDistance", {"minimum": "500"}),
            "1 point per full unit of transaction.attributes.distance, at least 500",
        ),
        (
            BaseRule("ranges", {"attribute": "transaction.quantity", "ranges": []}),
            "points by ranges of transaction.quantity",
        ),
        (
            BaseRule(
                "constant",
                {
                    "points": "10",
                    "when": [{"attribute": "transaction.product", "operator": "EQUALS", "values": ["VISIT"]}],
                },
            ),
            "10 points per transaction, if transaction.product is VISIT",
        ),
        (
            BaseRule(
                "perAmount",
                {
                    "points": "1",
                    "currency": "EUR",
                    "lines": [{"attribute": "attributes.department", "operator": "IN", "values": ["BAKERY"]}],
                },
            ),
            "1 point per full EUR, on lines where attributes.department is one of BAKERY",
        ),
        (BaseRule("greatCircle", {"factor": Decimal("1.50"), "cabin": "J"}, 2), "greatCircle, version 2: factor 1.5, cabin J"),
        (BaseRule("zones", {"cabins": {"J": Decimal("1.50"), "Y": 1}, "to": ["FRA", "JFK"]}), "zones, version 1: cabins (J 1.5, Y 1), to (FRA, JFK)"),
    ],
)  # fmt: skip
def test_base_rules_are_read_as_sentences(rule: BaseRule, words: str) -> None:
    assert wording.base_rule(rule) == words


def test_rules_are_counted_from_one_and_promotions_that_fired_come_first() -> None:
    promotions = (promotion("A", points("5"), rules=(Rule((points("5"),), (OVER_100,)),)), promotion("B", points("7")))
    outcome = one(program(*promotions), member(), accrual())
    version = ProgramVersion(program().program, {1: point_type()}, {each.id: each for each in promotions})
    decision = read(outcome.decision, version, transaction_id=100, member_id=7, attempt=1)
    assert decision.today == TODAY
    assert [(each.promotion.code, each.fired, each.rules) for each in decision.considered] == [
        ("B", True, (1,)),
        ("A", False, ()),
    ]
    assert (decision.considered[1].rule, decision.considered[1].criterion, decision.considered[1].seen) == (1, 1, "10")
    assert decision.base is not None
    assert decision.base.rule == 1
