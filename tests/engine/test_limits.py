"""Limits cut awards exactly, in whole units, before the contest; only what was paid counts."""

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from domain.attributes import AttributeType
from domain.engine import Outcomes, run
from domain.engine.limits import spans
from domain.programs import CalculationRule
from domain.promotions import (
    AppliesToTransaction,
    AssignPoints,
    AttributeOperation,
    Criterion,
    Limits,
    Operator,
    Promotion,
    Rule,
    UpdateAttribute,
)
from domain.transactions import Type
from tests.engine.samples import (
    MEMBER,
    NOW,
    POINTS,
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


def limited(number: str = "10", **limits: str) -> Promotion:
    return promotion(
        "LIMITED", points(number), limits=Limits(**{name: Decimal(value) for name, value in limits.items()})
    )


def given(done: Outcomes) -> list[int]:
    return [sum(lot.points for lot in outcome.lots if lot.promotion_id) for outcome in done.outcomes]


def test_a_limit_per_member_and_day_cuts_the_second_award_and_stops_the_third() -> None:
    done = worked(program(limited(per_member_day="15")), member(), *(accrual(key, amount=None) for key in (1, 2, 3)))

    assert given(done) == [10, 5, 0]
    assert [line.limited for outcome in done.outcomes for line in outcome.decision.awards] == [10, 5, 0]


@pytest.mark.parametrize(
    ("span", "same", "other"),
    [
        ("per_member_day", date(2026, 6, 15), date(2026, 6, 16)),
        ("per_member_week", date(2026, 6, 21), date(2026, 6, 22)),
        ("per_member_month", date(2026, 6, 30), date(2026, 7, 1)),
        ("per_member_year", date(2026, 12, 31), date(2025, 12, 31)),
    ],
)
def test_a_span_is_that_of_the_transaction_date(span: str, same: date, other: date) -> None:
    lasting = promotion(
        "L", points("10"), limits=Limits(**{span: Decimal(10)}), starts_on=date(2025, 1, 1), ends_on=None
    )
    days = (date(2026, 6, 15), same, other)

    done = worked(
        program(lasting), member(), *(accrual(key, None, transaction_date=day) for key, day in enumerate(days))
    )

    assert given(done) == [10, 0, 10]


def test_what_was_given_before_the_chunk_counts() -> None:
    once = limited(per_member_ever="12")
    [(span, _)] = spans(once, date(2026, 6, 15))
    known = replace(member(), granted={(once.id, span): Decimal(9)})

    assert given(worked(program(once), known, accrual(1, None))) == [3]


def test_a_limit_in_all_is_shared_by_all_members() -> None:
    both = program(limited(total="25"))

    done = run(
        both,
        {MEMBER: member()},
        [accrual(key, None) for key in (1, 2, 3)],
        NOW,
        {both.rules.promotions[0].id: Decimal(4)},
    )

    assert given(done) == [10, 10, 1]
    assert done.paid == {both.rules.promotions[0].id: Decimal(25)}


def test_a_fraction_that_the_limit_leaves_is_rounded_down() -> None:
    assert given(worked(program(limited(per_member_day="7.9")), member(), accrual(1, None))) == [7]


def test_two_awards_of_one_promotion_share_its_limit() -> None:
    twice = promotion("TWICE", points("6"), points("6"), limits=Limits(per_member_day=Decimal(10)))

    outcome = one(program(twice), member(), accrual(1, None))

    assert [lot.points for lot in outcome.lots] == [6, 4]


def test_the_limit_cuts_before_the_contest_and_only_what_paid_counts() -> None:
    rival = promotion("RIVAL", points("8"))
    contest = program(limited(per_member_day="15"), rival)

    done = worked(contest, member(), accrual(1, None), accrual(2, None), accrual(3, None))

    assert [[lot.promotion_id for lot in outcome.lots] for outcome in done.outcomes] == [
        [contest.rules.promotions[0].id],
        [rival.id],
        [rival.id],
    ]
    assert given(done) == [10, 8, 8]


def test_an_award_on_a_redemption_is_an_accrual_of_its_own_that_follows_it() -> None:
    back = promotion(
        "BACK",
        AssignPoints("POINTS", attribute="transaction.basePoints", factor=Decimal("0.1")),
        applies_to=(AppliesToTransaction(Type.REDEMPTION, None),),
    )

    done = worked(program(back), member(lot(1, 100)), redemption(9, 50), numbers=[77])

    paid, reward = done.outcomes
    assert ([use.points for use in paid.uses], paid.lots) == ([50], ())
    assert (reward.transaction_id, [(lot.transaction_id, lot.points) for lot in reward.lots]) == (77, [(77, 5)])
    assert reward.follow_up is not None
    assert (reward.follow_up.follows_id, reward.follow_up.type) == (9, Type.ACCRUAL)
    assert done.balances[MEMBER, POINTS].available == 55


def counting() -> Promotion:
    """Every third flight pays 3,000 and starts again."""
    third = Rule(
        (points("3000"), UpdateAttribute("counters.flights", AttributeOperation.SET, 0)),
        (Criterion("counters.flights", Operator.EQUALS, (2,)),),
    )
    others = Rule((UpdateAttribute("counters.flights", AttributeOperation.ADD, 1),))
    return promotion("THIRD", rules=(third, others))


def test_every_third_flight_pays_at_once_and_the_count_begins_again() -> None:
    flights = program(counting(), attributes={"counters.flights": AttributeType.INTEGER})

    done = worked(flights, member(), *(accrual(key, None) for key in range(7)))

    assert given(done) == [0, 0, 3000, 0, 0, 3000, 0]
    assert done.attributes[MEMBER].counters == {"flights": 1}
    assert [(line.before, line.after) for line in done.outcomes[2].decision.changes] == [(2, 0)]


def test_attributes_change_whether_or_not_their_promotion_wins() -> None:
    loser = promotion("LOSER", points("1"), UpdateAttribute("member.attributes.seen", AttributeOperation.SET, "yes"))
    contest = program(
        loser,
        promotion("WINNER", points("2")),
        calculation_rule=CalculationRule.MAX_BY_PROMOTION,
        attributes={"member.attributes.seen": AttributeType.TEXT},
    )

    done = worked(contest, member(), accrual(1, None))

    assert given(done) == [2]
    assert done.attributes[MEMBER].attributes == {"seen": "yes"}


def test_of_two_that_set_the_same_attribute_the_later_starting_promotion_wins() -> None:
    def setting(code: str, day: date) -> Promotion:
        action = UpdateAttribute("member.attributes.last", AttributeOperation.SET, code)
        return promotion(code, action, starts_on=day)

    early, late = setting("Z", date(2026, 1, 1)), setting("A", date(2026, 2, 1))
    for order in ((early, late), (late, early)):
        done = worked(
            program(*order, attributes={"member.attributes.last": AttributeType.TEXT}), member(), accrual(1, None)
        )
        assert done.attributes[MEMBER].attributes == {"last": "A"}


def test_a_limit_of_a_point_type_with_decimals_is_in_points_as_people_speak_them() -> None:
    fine = program(limited("10.25", per_member_day="10.5"), point_types=(point_type(decimals=2),))

    assert given(worked(fine, member(), accrual(1, None), accrual(2, None))) == [1025, 25]
