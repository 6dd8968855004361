"""All promotions as one generated function: whatever the rules and facts, it agrees with the promotions asked one by one."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.promotions import (
    AppliesTo,
    AssignPoints,
    AttributeOperation,
    Criterion,
    LineTest,
    Operator,
    Promotion,
    Rule,
    UpdateAttribute,
)
from domain.rules import CompiledRules, Facts, Fired, RuleError, Weighed
from domain.verdicts import places, sights
from rules import Definition
from rules.faults import Fault
from rules.frames import framing
from rules.scope import scope_of
from tests.rules.samples import ATTRIBUTES, ONE, POINT_TYPES, a_line, a_promotion, compiled, facts

AMOUNT, CHANNEL, ONLINE = "transaction.amount", "transaction.attributes.channel", "transaction.attributes.online"
COMPARISONS = [
    Operator.EQUALS,
    Operator.NOT_EQUALS,
    Operator.LESS,
    Operator.AT_MOST,
    Operator.GREATER,
    Operator.AT_LEAST,
]
AMOUNTS = st.sampled_from(["0", "50", "50.00", "100", "149.95"])
CHANNELS = st.sampled_from(["WEB", "SHOP", "W"])
CRITERIA = st.one_of(
    st.builds(lambda operator, value: Criterion(AMOUNT, operator, (value,)), st.sampled_from(COMPARISONS), AMOUNTS),
    st.builds(lambda low, more: Criterion(AMOUNT, Operator.BETWEEN, (low, str(Decimal(low) + more))), AMOUNTS, st.integers(0, 99)),
    st.builds(
        lambda operator, values: Criterion(CHANNEL, operator, tuple(values)),
        st.sampled_from([Operator.IN, Operator.NOT_IN]), st.lists(CHANNELS, min_size=1, max_size=3),
    ),
    st.builds(
        Criterion,
        st.sampled_from([AMOUNT, CHANNEL, ONLINE, "tier.code"]), st.sampled_from([Operator.IS_EMPTY, Operator.IS_NOT_EMPTY]),
    ),
    st.builds(lambda value: Criterion(CHANNEL, Operator.CONTAINS, (value,)), CHANNELS),
    st.builds(lambda value: Criterion(ONLINE, Operator.EQUALS, (value,)), st.booleans()),
    st.builds(
        lambda operator, factor: Criterion(AMOUNT, operator, other="transaction.basePoints", factor=factor),
        st.sampled_from(COMPARISONS), st.sampled_from([None, Decimal("1.5")]),
    ),
    st.builds(
        lambda least: Criterion("amount", Operator.AT_LEAST, (least,), lines=LineTest.SUM), st.sampled_from(["5", "20"])
    ),
    st.just(Criterion("member.birthDate", Operator.LESS, ("1990-01-01",))),
)  # fmt: skip
ACTIONS = st.sampled_from(
    [
        ONE,
        AssignPoints(attribute=AMOUNT, factor=Decimal("0.5")),
        AssignPoints(expression="transaction.amount / 3"),
        UpdateAttribute("counters.flights", AttributeOperation.ADD, other="transaction.quantity"),
    ]
)
EXPRESSIONS = st.sampled_from([None, None, "transaction.amount > 75", "count(lines, #.amount > 5) == 1"])
RULES = st.builds(
    lambda action, criteria, expression, applies_to: Rule((action,), tuple(criteria), expression, applies_to),
    ACTIONS, st.lists(CRITERIA, max_size=3), EXPRESSIONS,
    st.sampled_from([AppliesTo.TRANSACTION, AppliesTo.TRANSACTION, AppliesTo.ATTRIBUTES]),
)  # fmt: skip
PROMOTIONS = st.lists(st.lists(RULES, min_size=1, max_size=3), min_size=1, max_size=6)
FACTS = st.builds(
    lambda amount, channel, online, quantity, lines: facts(
        *[a_line(amount=each) for each in lines], transaction__amount=amount, transaction__quantity=quantity,
        transaction__attributes={"channel": channel, "online": online},
    ),
    st.one_of(st.none(), AMOUNTS.map(Decimal)), st.one_of(st.none(), CHANNELS), st.sampled_from([None, True, False, "yes"]),
    st.sampled_from([None, Decimal(2)]), st.lists(st.sampled_from(["1", "6", None]), max_size=3),
)  # fmt: skip


def one_by_one(rules: CompiledRules, given_facts: Facts, unfit: Sequence[int]) -> Weighed:
    """What `weigh` must give, by the verdicts of the promotions."""
    numbers, fired = list(unfit), list[Fired]()
    seen: dict[object, str] = {}
    for verdict in rules.judge(given_facts, [index for index, each in enumerate(unfit) if not each]):
        promotion = rules.promotions[verdict.promotion]
        fired += verdict.fired
        if verdict.failed is not None:
            found = verdict.failed
            numbers[verdict.promotion] = 1 + places(promotion).index((found.rule, found.criterion))
            [sight] = sights([promotion], [numbers[verdict.promotion]])
            assert seen.setdefault(sight, found.seen) == found.seen
    return Weighed(tuple(numbers), fired, tuple(seen.values()))


def outcome_of(ask: Any) -> Any:
    try:
        return ask()
    except RuleError as error:
        return str(error)


@settings(max_examples=300, deadline=None)
@given(PROMOTIONS, FACTS, st.data())
def test_the_generated_function_agrees_with_the_promotions_one_by_one(
    drawn: list[list[Rule]], given_facts: dict[str, Any], data: st.DataObject
) -> None:
    rules = compiled(*[a_promotion(*each, code=f"P{n}") for n, each in enumerate(drawn)])
    unfit = data.draw(st.lists(st.sampled_from([0, 0, 0, -1, -4]), min_size=len(drawn), max_size=len(drawn)))
    expected = outcome_of(lambda: one_by_one(rules, given_facts, unfit))
    assert outcome_of(lambda: rules.weigh(given_facts, unfit)) == expected


def weighed(*promotions: Promotion, **changes: Any) -> Weighed:
    return compiled(*promotions).weigh(facts(**changes), [0] * len(promotions))


def test_a_promotion_that_is_not_for_the_transaction_keeps_its_obstacle_and_is_not_asked() -> None:
    broken = a_promotion(Rule((AssignPoints(expression="transaction.amount / 0"),)), code="BROKEN")
    assert compiled(broken, a_promotion()).weigh(facts(), [-3, 0]).verdicts == (-3, 0)
    with pytest.raises(RuleError, match="promotion BROKEN, rule 1"):
        compiled(broken, a_promotion()).weigh(facts(), [0, 0])


def test_a_value_that_several_criteria_saw_is_kept_once() -> None:
    over = [
        a_promotion(Rule((ONE,), (Criterion(AMOUNT, Operator.GREATER, (n,)),)), code=f"P{n}") for n in (99, 150, 200)
    ]
    tiered = a_promotion(Rule((ONE,), (Criterion("tier.code", Operator.EQUALS, ("BASIC",)),)), code="TIER")
    found = weighed(*over, tiered)
    assert (found.verdicts, found.seen) == ((0, 1, 1, 1), ("100", "GOLD"))


def test_long_promotions_are_asked_as_they_are() -> None:
    steps = [Rule((ONE,), (Criterion(AMOUNT, Operator.EQUALS, (n,)),)) for n in range(60, 101)]
    most = tuple(Criterion(AMOUNT, Operator.AT_LEAST, (n,)) for n in range(80, 120))
    found = weighed(a_promotion(*steps), a_promotion(Rule((ONE,), most), code="MOST"))
    assert found.verdicts == (0, 22)
    assert [(each.promotion, each.rule) for each in found.fired] == [(0, 40)]


def test_nothing_that_somebody_wrote_becomes_code() -> None:
    """Texts are constants by name, however they look."""
    nasty = "WEB' or __import__('os').abort() or '"
    criteria = (Criterion(CHANNEL, Operator.EQUALS, (nasty,)),)
    assert weighed(a_promotion(Rule((ONE,), criteria))).verdicts == (1,)


def test_dates_and_the_last_place_count_too() -> None:
    rule = Rule((ONE,), (Criterion("transaction.date", Operator.AT_MOST, ("2026-03-14",)),), "transaction.amount > 100")
    assert weighed(a_promotion(rule)).verdicts == (2,)
    assert weighed(a_promotion(rule), transaction__date=date(2026, 3, 15)).verdicts == (1,)


@settings(max_examples=200, deadline=None)
@given(FACTS, st.sampled_from([None, {}, {"flights": 2}, {"flights": "many"}]))
def test_a_frame_taken_at_once_is_that_of_the_readers_one_by_one(given_facts: dict[str, Any], counters: Any) -> None:
    """Unusual values are converted, blank texts are empty, and wrong ones break what reads them, and nothing else."""
    paths = [AMOUNT, CHANNEL, ONLINE, "transaction.currency", "member.birthDate", "member.address.country", "tier.code",
             "transaction.attributes.miles", "counters.flights", "points.BASE.lastMonths.3", "product.attributes.brand"]  # fmt: skip
    scope = scope_of(Definition((), (), POINT_TYPES, {**ATTRIBUTES}))
    for path in paths:
        scope.resolve(path)
    scope.line_items()
    made = framing(scope)
    facts_now = {**given_facts, "counters": counters or {}}
    if counters is None:
        facts_now = {**facts_now, "tier": None, "product": {}, "points": {"BASE.lastMonths.3": Decimal(7)}}
    try:
        expected: Any = [read(facts_now) for read in made.reads]
    except Fault as fault:
        expected = str(fault)
    try:
        found: Any = made.take(facts_now)[:-1]
    except Fault as fault:
        found = str(fault)
    assert found == expected
