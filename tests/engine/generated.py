"""Programs, members and transactions by the thousand: promotions of every kind with dates, scopes, criteria, actions and limits.

Everything generated compiles; what cannot be evaluated for a transaction rejects it, which is a result like any other.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from msgspec import structs

from domain.attributes import AttributeType
from domain.engine import EngineProgram, Entry, MemberState, PartnerState, ProductState
from domain.expiry import NEVER, ExpiryKind, ExpiryPolicy, PeriodUnit, Snap
from domain.programs import CalculationRule
from domain.promotions import (
    Action,
    AppliesTo,
    AppliesToTransaction,
    AssignPoints,
    AttributeOperation,
    ChangeTier,
    Criterion,
    Limits,
    LineTest,
    Operator,
    ProductScope,
    Promotion,
    Rule,
    Step,
    Steps,
    TierDirection,
    UpdateAttribute,
)
from domain.tiers import HeldTier, Threshold, Tier, TierClass, TierModel
from domain.transactions import LineItem, SubType, Type
from tests.engine.samples import MILES, POINTS, TODAY, accrual, lot, member, point_type, program, redemption

ATTRIBUTES = {
    "transaction.attributes.channel": AttributeType.TEXT,
    "transaction.attributes.nights": AttributeType.INTEGER,
    "line.attributes.department": AttributeType.TEXT,
    "member.attributes.home": AttributeType.TEXT,
    "member.attributes.score": AttributeType.NUMBER,
    "counters.visits": AttributeType.INTEGER,
    "counters.spend": AttributeType.NUMBER,
}
JOINED, FIRST_DAY, LAST_DAY = date(2026, 1, 15), TODAY - timedelta(12), TODAY
HOTEL = PartnerState(5, "HOTEL", active=True, report_within_days=None)
TEA = ProductState(9, "TEA", "Tea", active=True, attributes={}, prices=())
LADDER = TierClass(id=1, program_id=1, code="STATUS", name="Status", sequence=1, model=TierModel.FIXED_DATE)
RUNGS = {
    each.code: each
    for each in (
        Tier(id=1, tier_class="STATUS", code="BASIC", name="Basic", sequence=1, is_default=True),
        Tier(
            id=2, tier_class="STATUS", code="GOLD", name="Gold", sequence=2,
            thresholds=(Threshold(Decimal(60), point_type="POINTS"),),
        ),
        Tier(
            id=3, tier_class="STATUS", code="TOP", name="Top", sequence=3,
            thresholds=(Threshold(Decimal(4), counter="counters.visits"),),
        ),
    )
}  # fmt: skip

numbers = st.decimals("0.01", 60, places=2) | st.integers(1, 60).map(Decimal)
days = st.integers(0, (LAST_DAY - FIRST_DAY).days).map(lambda after: FIRST_DAY + timedelta(after))
TABLE = {
    "nodes": [
        {
            "type": "decisionTableNode",
            "content": {
                "inputs": [{"id": "amount", "field": "transaction.amount"}, {"id": "tier", "field": "tier.code"}],
                "outputs": [{"id": "points", "field": "points"}],
                "rules": [
                    {"amount": ">= 20", "tier": "'GOLD'", "points": "30"},
                    {"amount": ">= 20", "tier": "", "points": "12.5"},
                    {"amount": "", "tier": "", "points": "0"},
                ],
            },
        }
    ]
}


def perhaps(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | of


def some(of: st.SearchStrategy[Any], most: int, least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, min_size=least, max_size=most).map(tuple)


department = st.builds(
    Criterion, st.just("attributes.department"), st.sampled_from([Operator.EQUALS, Operator.NOT_EQUALS]),
    st.sampled_from([("FOOD",), ("TOYS",)]),
)  # fmt: skip
_amounts = [Operator.GREATER, Operator.AT_LEAST, Operator.LESS, Operator.AT_MOST, Operator.EQUALS, Operator.NOT_EQUALS]
criteria = st.one_of(
    st.builds(
        Criterion,
        st.sampled_from(["transaction.amount", "transaction.basePoints", "member.attributes.score", "counters.visits",
                         "counters.spend", "transaction.attributes.nights", "points.POINTS.lastMonths.1"]),
        st.sampled_from(_amounts),
        st.tuples(st.integers(0, 40).map(Decimal)),
    ),
    st.builds(
        Criterion, st.just("transaction.amount"), st.just(Operator.BETWEEN), st.just((Decimal(10), Decimal(30)))
    ),
    st.builds(
        Criterion, st.sampled_from(["transaction.attributes.channel", "member.attributes.home", "tier.code"]),
        st.sampled_from([Operator.IN, Operator.NOT_IN]), st.sampled_from([("WEB", "GOLD"), ("SHOP",), ("BASIC",)]),
    ),
    st.builds(Criterion, st.sampled_from(["member.attributes.home", "transaction.partner"]), st.just(Operator.IS_EMPTY)),
    st.builds(
        Criterion, st.just("transaction.attributes.channel"), st.just(Operator.EQUALS), st.just(()),
        st.just("member.attributes.home"),
    ),
    st.builds(
        Criterion, st.just("transaction.amount"), st.just(Operator.GREATER), st.just(()), st.just("counters.spend"),
        st.sampled_from([None, Decimal("0.5")]),
    ),
    st.builds(
        replace, department, lines=st.sampled_from([LineTest.ANY, LineTest.ALL]), where=some(department, 1)
    ),
    st.builds(
        Criterion, st.just("amount"), st.sampled_from(_amounts), st.just((Decimal(12),)), lines=st.just(LineTest.SUM),
        where=some(department, 1),
    ),
    st.builds(Criterion, st.just("lines"), st.just(Operator.AT_LEAST), st.just((2,)), lines=st.just(LineTest.COUNT)),
)  # fmt: skip
policies = st.sampled_from(
    [None, NEVER, ExpiryPolicy(ExpiryKind.PERIOD, 2, PeriodUnit.MONTH, snap=Snap.END_OF_MONTH),
     ExpiryPolicy(ExpiryKind.INACTIVITY, 3, PeriodUnit.MONTH)]
)  # fmt: skip
awards = st.one_of(
    st.builds(AssignPoints, st.sampled_from([None, "POINTS", "MILES"]), st.booleans(), numbers, expiry=policies),
    st.builds(
        AssignPoints, st.sampled_from([None, "MILES"]), st.booleans(), attribute=st.sampled_from(["transaction.basePoints",
        "transaction.amount", "counters.visits"]), factor=numbers, starts_after_days=st.sampled_from([None, None, 0, 10]),
    ),
    st.builds(
        AssignPoints, st.just("POINTS"), st.booleans(), attribute=st.just("amount"), lines=some(department, 1),
    ),
    st.builds(
        AssignPoints, st.none(), st.booleans(),
        expression=st.sampled_from([
            "transaction.basePoints * 0.5", "round(transaction.amount / 3)", "transaction.attributes.nights * 2 + 1",
            "tier.code == 'GOLD' ? 20 : 5", "max([counters.visits, 1]) * 1.25",
        ]),
    ),
    st.builds(AssignPoints, st.just("MILES"), st.booleans(), table=st.just(TABLE)),
)  # fmt: skip
_sums = [AttributeOperation.ADD, AttributeOperation.SUBTRACT, AttributeOperation.MULTIPLY, AttributeOperation.DIVIDE]
updates = st.one_of(
    st.builds(
        UpdateAttribute, st.sampled_from(["counters.spend", "member.attributes.score"]),
        st.sampled_from([*_sums, AttributeOperation.SET]), st.integers(1, 3).map(Decimal),
    ),
    st.just(UpdateAttribute("counters.visits", AttributeOperation.ADD, 1)),
    st.just(UpdateAttribute("counters.visits", AttributeOperation.SET, 0)),
    st.just(UpdateAttribute("counters.spend", AttributeOperation.ADD, other="transaction.amount")),
    st.just(UpdateAttribute("member.attributes.home", AttributeOperation.SET, other="transaction.attributes.channel")),
    st.just(UpdateAttribute("member.attributes.home", AttributeOperation.SET, "SHOP")),
)  # fmt: skip
moves = st.builds(
    ChangeTier, st.just("STATUS"), st.sampled_from(list(TierDirection)),
)  # fmt: skip
expressions = st.sampled_from(
    [
        None,
        None,
        None,
        "transaction.amount > 15",
        "dayOfWeek(transaction.date) >= 3",
        "counters.visits < 3 or tier.code == 'TOP'",
    ]
)


def rules(actions: st.SearchStrategy[Action]) -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule, some(actions, 3, 1), st.one_of(st.just(()), some(criteria, 1), some(criteria, 2)), expressions,
        st.sampled_from([AppliesTo.TRANSACTION, AppliesTo.TRANSACTION, AppliesTo.ATTRIBUTES, AppliesTo.TIER]),
    )  # fmt: skip


scopes = st.sampled_from(
    [(), (), (), (AppliesToTransaction(Type.ACCRUAL, None),), (AppliesToTransaction(Type.ACCRUAL, SubType.GIFT),),
     (AppliesToTransaction(Type.ACCRUAL, SubType.PRODUCT), AppliesToTransaction(Type.REDEMPTION, SubType.PRODUCT))]
)  # fmt: skip
_most = perhaps(st.integers(1, 20).map(Decimal))
limits = st.just(Limits()) | st.builds(Limits, _most, _most, _most, _most, _most, _most)


@st.composite
def promotions(draw: st.DrawFn, number: int) -> Promotion:
    """One promotion; its code and number say which."""
    starts_on = draw(days) - timedelta(draw(st.sampled_from([0, 12, 30, 30])))
    ends_on = draw(perhaps(st.integers(5, 60).map(lambda after: starts_on + timedelta(after))))
    scope = draw(st.sampled_from([*ProductScope, ProductScope.ALL, ProductScope.ALL, ProductScope.ALL]))
    stepped = ends_on is not None and draw(st.integers(0, 5)) == 0
    actions = draw(st.sampled_from([awards, st.one_of(awards, awards, updates, moves)]))
    made = rules(updates) if stepped else rules(actions)
    return Promotion(
        id=number + 10, program_id=1, code=f"P{draw(st.integers(0, 9))}{number}", name=f"Promotion {number}",
        starts_on=starts_on, ends_on=ends_on, active=True, applies_to=draw(scopes),
        partners=draw(st.sampled_from([()] * 7 + [("HOTEL",)])), product_scope=scope,
        products=() if scope is ProductScope.ALL else draw(st.sampled_from([("TEA",), ("TEA", "CAKE")])),
        tiers=draw(st.sampled_from([()] * 6 + [("GOLD",), ("BASIC", "TOP")])), always_apply=draw(st.booleans()),
        enrollment_required=draw(st.sampled_from([False, False, False, True])),
        limits=Limits() if stepped else draw(limits),
        rules=draw(some(made, 3, 1)), version=number + 1,
        steps=Steps("counters.visits", (Step(Decimal(2), Decimal(50)),)) if stepped else None,
    )  # fmt: skip


lines = st.builds(
    LineItem, st.sampled_from([None, "TEA", "CAKE", "TOY"]), perhaps(st.integers(1, 3).map(Decimal)),
    st.sampled_from([None, *(Decimal(each) for each in ("0", "3.99", "10", "12", "25.50"))]), st.sampled_from([{}, {"department": "FOOD"}, {"department": "TOYS"}]),
)  # fmt: skip
texts = st.sampled_from(["WEB", "SHOP", "GOLD"])
bags = st.fixed_dictionaries({}, optional={"channel": texts, "nights": st.integers(0, 5)})


@st.composite
def entries(draw: st.DrawFn, number: int) -> Entry:
    """One transaction: mostly purchases, some gifts, some redemptions."""
    usual = {"transaction_date": draw(days), "attributes": draw(bags)}
    kind = draw(st.sampled_from(["purchase"] * 6 + ["gift", "redemption"]))
    if kind == "redemption":
        return redemption(number, draw(st.integers(1, 60)), **usual)
    if kind == "gift":
        points = {"sub_type": SubType.GIFT, "points": draw(st.integers(1, 60)), "point_type_id": POINTS}
        return accrual(number, None, **usual, **points)
    amount = draw(st.sampled_from([None, *["7", "12.50", "20", "33.33", "45.99"] * 2]) | st.integers(0, 50).map(str))
    shopping = {"partner": draw(st.sampled_from([None, None, HOTEL])), "product": draw(st.sampled_from([None, TEA]))}
    return accrual(number, amount, **usual, **shopping, line_items=draw(some(lines, 3)))


@dataclass(frozen=True)
class Case:
    """A program, a member of it, and transactions in the order in which they are worked."""

    promotions: tuple[Promotion, ...]
    settings: dict[str, Any]
    decimals: tuple[int, int]
    member: MemberState
    entries: tuple[Entry, ...]

    def program(self, promotions: tuple[Promotion, ...] | None = None) -> EngineProgram:
        """The program, with its promotions in this order."""
        types = (
            point_type(POINTS, decimals=self.decimals[0], weights=(Decimal(1), Decimal("0.5"))),
            point_type(MILES, "MILES", self.decimals[1], weights=(Decimal("0.8"), Decimal("0.4"))),
        )
        chosen = self.promotions if promotions is None else promotions
        made = program(*chosen, point_types=types, attributes=ATTRIBUTES, **self.settings)
        return EngineProgram(made.program, made.point_types, made.rules, RUNGS, {LADDER.code: LADDER})


@st.composite
def cases(draw: st.DrawFn, most_promotions: int = 5, most_entries: int = 4) -> Case:
    """Any of all this."""
    count = draw(st.integers(1, most_promotions))
    offers = tuple(draw(promotions(number)) for number in range(count))
    bag = draw(st.fixed_dictionaries({}, optional={"home": texts, "score": numbers}))
    facts: dict[str, Any] = {"attributes": bag, "enrolledOn": JOINED, "email": None}
    before = member(lot(1, 40), lot(2, 25, expires=TODAY), **facts)
    someone = structs.replace(
        before,
        held=draw(st.sampled_from([(), (HeldTier("GOLD", FIRST_DAY, None),)])) or (HeldTier("BASIC", JOINED, None),),
        enrolled=frozenset(each.id for each in offers if draw(st.booleans())),
        counters=draw(st.fixed_dictionaries({}, optional={"visits": st.integers(0, 3), "spend": numbers})),
        earned={POINTS: {date(2026, 1, 1): 65}},
    )
    settings = {
        "calculation_rule": draw(st.sampled_from(list(CalculationRule))),
        "expiry": draw(policies.filter(bool)),
        "spend_qualifying": draw(st.booleans()),
    }
    worked = tuple(draw(entries(100 + number)) for number in range(draw(st.integers(1, most_entries))))
    decimals = draw(st.sampled_from([(0, 0), (0, 2), (2, 1)]))
    return Case(offers, settings, decimals, someone, tuple(sorted(worked, key=lambda each: each.transaction_date)))
