"""Promotions: ordered rules, the first that fits, what the verdict says, and that their order among each other is nothing."""

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
    ChangeTier,
    Criterion,
    Operator,
    Promotion,
    Rule,
    TierDirection,
    UpdateAttribute,
)
from domain.rules import AttributeUpdate, Award, Fired, NotFired, RuleError, TierMove, Verdict
from tests.rules.samples import ONE, a_line, a_promotion, compiled, facts, refusal, verdict_of


def gives(points: int, *criteria: Criterion, applies_to: AppliesTo = AppliesTo.TRANSACTION) -> Rule:
    return Rule((AssignPoints(constant=Decimal(points)),), criteria, applies_to=applies_to)


def at_least(amount: int) -> Criterion:
    return Criterion("transaction.amount", Operator.AT_LEAST, (str(amount),))


def an_award(points: int) -> Award:
    return Award(point_type=None, qualifying=False, points=Decimal(points))


STEPS = a_promotion(gives(30, at_least(300)), gives(20, at_least(200)), gives(10, at_least(100)))


@pytest.mark.parametrize(
    ("amount", "rule", "points"), [(100, 2, 10), (199, 2, 10), (200, 1, 20), (299, 1, 20), (300, 0, 30), (9999, 0, 30)]
)
def test_the_first_rule_whose_criteria_hold_fires_and_no_other(amount: int, rule: int, points: int) -> None:
    verdicts = compiled(STEPS).judge(facts(transaction__amount=Decimal(amount)), [0])
    assert verdicts == [Verdict(0, (Fired(0, rule, (an_award(points),)),), None)]


def test_a_promotion_that_does_not_fire_says_why_by_the_last_rule_tried() -> None:
    verdicts = compiled(STEPS).judge(facts(transaction__amount=Decimal(99)), [0])
    assert verdicts == [Verdict(0, (), NotFired(0, 2, 0, "99"))]


def test_all_criteria_must_hold_and_the_first_that_fails_is_named() -> None:
    rule = Rule((ONE,), (at_least(1), Criterion("tier.code", Operator.IN, ("SILVER", "BASIC")), at_least(1000)))
    assert verdict_of(rule, facts()) == Verdict(0, (), NotFired(0, 0, 1, "GOLD"))


def test_an_expression_stands_after_the_criteria() -> None:
    rule = Rule((ONE,), (at_least(1),), "tier.code == 'BASIC'")
    assert verdict_of(rule, facts()) == Verdict(0, (), NotFired(0, 0, 1, "tier.code GOLD"))
    rule = Rule((ONE,), (at_least(1000),), "tier.code == 'BASIC'")
    assert verdict_of(rule, facts()) == Verdict(0, (), NotFired(0, 0, 0, "100"))


def test_a_rule_without_criteria_always_fires() -> None:
    assert verdict_of(gives(5), facts()).fired == (Fired(0, 0, (an_award(5),)),)


def test_at_most_one_rule_fires_for_each_thing_they_apply_to() -> None:
    counting = Rule((UpdateAttribute("counters.flights", AttributeOperation.ADD, 1),), applies_to=AppliesTo.ATTRIBUTES)
    resetting = Rule((UpdateAttribute("counters.flights", AttributeOperation.SET, 0),), applies_to=AppliesTo.ATTRIBUTES)
    upgrade = Rule((ChangeTier("STATUS", TierDirection.UP, "GOLD"),), (at_least(1000),), applies_to=AppliesTo.TIER)
    (verdict,) = compiled(a_promotion(counting, gives(5), resetting, gives(6), upgrade)).judge(facts(), [0])
    assert verdict == Verdict(
        0,
        (
            Fired(0, 1, (an_award(5),)),
            Fired(0, 0, (AttributeUpdate("counters.flights", AttributeOperation.ADD, Decimal(1)),)),
        ),
        None,
    )


def test_all_actions_of_the_fired_rule_run_in_their_order() -> None:
    move = ChangeTier("STATUS", TierDirection.KEEP)
    rule = Rule((AssignPoints(constant=Decimal(1)), move, AssignPoints(point_type="BONUS", constant=Decimal(2))))
    (fired,) = verdict_of(rule, facts()).fired
    assert fired.proposals == (
        an_award(1),
        TierMove("STATUS", TierDirection.KEEP, None),
        Award("BONUS", qualifying=False, points=Decimal(2)),
    )


def test_the_third_flight_is_a_count_of_two() -> None:
    """Rules see attribute values before the transaction: a simple frequency promotion pays 3,000 and resets, at once."""
    at_two = Criterion("counters.flights", Operator.AT_LEAST, ("2",))
    reset = UpdateAttribute("counters.flights", AttributeOperation.SET, 0)
    count = UpdateAttribute("counters.flights", AttributeOperation.ADD, 1)
    rules = compiled(
        a_promotion(
            gives(3000, at_two),
            Rule((reset,), (at_two,), applies_to=AppliesTo.ATTRIBUTES),
            Rule((count,), applies_to=AppliesTo.ATTRIBUTES),
        )
    )
    counter, paid = Decimal(0), []
    for _ in range(7):
        (verdict,) = rules.judge(facts(counters={"flights": counter}), [0])
        (update,) = verdict.fired[-1].proposals
        assert isinstance(update, AttributeUpdate)
        counter = update.value if update.operation is AttributeOperation.SET else counter + update.value
        paid.append([fired.proposals for fired in verdict.fired[:-1]])
    assert paid == [[], [], [(an_award(3000),)], [], [], [(an_award(3000),)], []]


@pytest.mark.parametrize(("flights", "points"), [(2, None), (3, 1000), (4, 3000), (5, 3000), (6, 5000), (60, 5000)])
def test_a_stepped_promotion_pays_by_the_final_count(flights: int, points: int | None) -> None:
    def counted(low: int, high: int) -> Criterion:
        return Criterion("counters.flights", Operator.BETWEEN, (str(low), str(high)))

    steps = a_promotion(gives(1000, counted(3, 3)), gives(3000, counted(4, 5)), gives(5000, counted(6, 9999)))
    (verdict,) = compiled(steps).judge(facts(counters={"flights": Decimal(flights)}), [0])
    assert [fired.proposals for fired in verdict.fired] == ([] if points is None else [(an_award(points),)])


def test_only_candidates_are_judged_and_in_the_order_given() -> None:
    rules = compiled(*(a_promotion(gives(n + 1), code=f"P{n}") for n in range(4)))
    assert [verdict.promotion for verdict in rules.judge(facts(), [3, 1])] == [3, 1]
    assert list(rules.judge(facts(), [])) == []


def test_one_failing_promotion_is_named_and_harms_no_transaction_without_it() -> None:
    good = a_promotion(gives(1), code="GOOD")
    bad = a_promotion(gives(2, at_least(1000)), Rule((AssignPoints(attribute="transaction.quantity"),)), code="BAD")
    rules = compiled(good, bad)
    empty = facts(transaction__quantity=None)
    with pytest.raises(RuleError) as caught:
        rules.judge(empty, [0, 1])
    assert str(caught.value) == "promotion BAD, rule 2: transaction.quantity is empty and cannot be multiplied by 1"
    assert rules.judge(empty, [0]) == [Verdict(0, (Fired(0, 0, (an_award(1),)),), None)]


def test_a_broken_value_breaks_the_promotions_that_read_it_and_no_other() -> None:
    reads = a_promotion(gives(1, Criterion("transaction.attributes.miles", Operator.AT_LEAST, ("1",))), code="READS")
    rules = compiled(a_promotion(gives(1), code="OTHER"), reads)
    broken = facts(transaction__attributes={"miles": "far"})
    assert rules.judge(broken, [0]) == [Verdict(0, (Fired(0, 0, (an_award(1),)),), None)]
    with pytest.raises(RuleError, match=r"^promotion READS, rule 1: transaction.attributes.miles is 'far'"):
        rules.judge(broken, [0, 1])


def test_what_one_promotion_finds_in_a_transaction_is_not_taken_for_what_another_looks_for() -> None:
    def of(department: str) -> Rule:
        where = (Criterion("attributes.department", Operator.EQUALS, (department,)),)
        return Rule((AssignPoints(attribute="amount", lines=where),))

    reasons = [
        a_promotion(Rule((ONE,), (), text))
        for text in ("tier.code == 'X'", "transaction.quantity > 9", "tier.code == 'Y'")
    ]
    rules = compiled(a_promotion(of("DAIRY")), a_promotion(of("DRINKS")), a_promotion(of("DAIRY")), *reasons)
    basket = facts(a_line(amount="3", department="DAIRY"), a_line(amount="20", department="DRINKS"))
    verdicts = rules.judge(basket, range(6))
    assert [verdict.fired[0].proposals for verdict in verdicts[:3]] == [(an_award(3),), (an_award(20),), (an_award(3),)]
    assert [verdict.failed and verdict.failed.seen for verdict in verdicts[3:]] == [
        "tier.code GOLD", "transaction.quantity 2", "tier.code GOLD",
    ]  # fmt: skip


def test_what_rules_read_is_known_beforehand() -> None:
    rule = Rule(
        (AssignPoints(expression="sum(map(lines, #.attributes.weight)) + transaction.basePoints"),),
        (
            Criterion("points.BONUS.lastMonths.12", Operator.LESS, ("5",)),
            Criterion("counters.flights", Operator.LESS, ("5",)),
        ),
    )
    assert compiled(a_promotion(rule)).reads == {
        "points.BONUS.lastMonths.12", "counters.flights", "transaction.basePoints", "lines", "line.attributes.weight",
    }  # fmt: skip


def test_a_promotion_without_a_rule_and_a_rule_without_an_action_are_refused() -> None:
    assert refusal(Rule(())) == [
        (("promotions", "SPRING", "rules", "0", "actions"), "A rule without an action does nothing: give it one."),
    ]


def test_everything_wrong_is_said_at_once() -> None:
    first = Rule((AssignPoints(),), (Criterion("x", Operator.IS_EMPTY),), "1 +")
    second = Rule((AssignPoints(constant=Decimal(0)),), (Criterion("tier.code", Operator.EQUALS, ()),))
    at = ("promotions", "SPRING", "rules")
    assert [path for path, _ in refusal(first, second)] == [
        (*at, "0", "criteria", "0", "attribute"), (*at, "0", "expression"), (*at, "0", "actions", "0"),
        (*at, "1", "criteria", "0", "values"), (*at, "1", "actions", "0", "constant"),
    ]  # fmt: skip


CRITERIA = st.sampled_from(
    [
        at_least(50), at_least(100), at_least(150), Criterion("tier.code", Operator.IN, ("GOLD",)),
        Criterion("member.attributes.segment", Operator.NOT_EQUALS, ("A",)),
        Criterion("transaction.date", Operator.BETWEEN, ("2026-01-01", "2026-06-30")),
    ]
)  # fmt: skip
EXPRESSIONS = st.sampled_from(
    [None, "transaction.amount > 75", "member.attributes.nights > 2", "count(lines, #.amount > 5) == 1"]
)
RULES = st.builds(
    lambda points, criteria, expression: Rule((AssignPoints(constant=Decimal(points)),), tuple(criteria), expression),
    st.integers(1, 9), st.lists(CRITERIA, max_size=2), EXPRESSIONS,
)  # fmt: skip
PROMOTIONS = st.lists(st.lists(RULES, min_size=1, max_size=3), min_size=1, max_size=5)


@settings(max_examples=150, deadline=None)
@given(PROMOTIONS, st.randoms(use_true_random=False), st.decimals(0, 200, places=2), st.sampled_from([None, "A", "B"]))
def test_the_order_in_which_promotions_are_stored_changes_nothing(
    drawn: list[list[Rule]], chance: Any, amount: Decimal, segment: str | None
) -> None:
    promotions = [a_promotion(*rules, code=f"P{n}") for n, rules in enumerate(drawn)]
    shuffled = chance.sample(promotions, len(promotions))
    given_facts = facts(
        a_line(),
        transaction__amount=amount,
        member__attributes={"segment": segment},
        transaction__date=date(2026, 6, 30),
    )
    assert judged(promotions, given_facts) == judged(shuffled, given_facts)


def judged(promotions: list[Promotion], given_facts: dict[str, Any]) -> dict[str, Any]:
    """What each promotion makes of the facts, by its code."""
    verdicts = compiled(*promotions).judge(given_facts, range(len(promotions)))
    return {
        promotions[verdict.promotion].code: (
            [fired[1:] for fired in verdict.fired],
            verdict.failed and verdict.failed[1:],
        )
        for verdict in verdicts
    }
