"""Stored decisions: small, and those of earlier releases are read as they were written."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec

from domain.decisions import Obstacle, ProgramVersion, read
from domain.engine.decision import decode, encode
from domain.promotions import Criterion, Operator, Promotion, Rule
from tests.engine.samples import accrual, member, one, points, program, promotion
from tests.rules.samples import a_promotion

NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)


def version_of(*promotions: Promotion) -> ProgramVersion:
    made = program(*promotions)
    return ProgramVersion(made.program, made.point_types, {each.id: each for each in promotions})


def test_a_decision_of_the_first_release_is_read_as_it_was_written() -> None:
    spring, may = promotion("SPRING", points("5")), promotion("MAY", points("5"))
    body = msgspec.msgpack.encode([
        3, NOW, date(2026, 6, 15), "SUCCESS", ["RULE", 0, Decimal("10.00"), 1], [[spring.id, 1, [0]]],
        [[may.id, 1, "CRITERION", 0, 1, "GOLD"]], [[spring.id, 1, False, Decimal(5), 5, 5, True, False]], [[1, 0, 15]],
        None, [], None, [],
    ])  # fmt: skip

    found = read(decode(body), version_of(may, spring), transaction_id=1, member_id=7, attempt=1)

    assert [(each.promotion.code, each.rules, each.reason, each.rule, each.criterion, each.seen) for each in found.considered] == [
        ("SPRING", (1,), None, None, None, None), ("MAY", (), Obstacle.CRITERION, 1, 2, "GOLD"),
    ]  # fmt: skip


def test_a_decision_about_fifty_promotions_is_small() -> None:
    over = [
        promotion(f"P{n:02}", points("5"), id=n, rules=a_promotion().rules)
        if n < 3
        else promotion(f"P{n:02}", points("5"), id=n, rules=(_over(100 + n),))
        for n in range(50)
    ]
    outcome = one(program(*over), member(), accrual())

    body = encode(outcome.decision)

    assert len(body) < 220
    found = read(decode(body), version_of(*over), transaction_id=1, member_id=7, attempt=1)
    assert [each.seen for each in found.considered] == [None] * 3 + ["10"] * 47


def _over(amount: int) -> Rule:
    return Rule((points("5"),), (Criterion("transaction.amount", Operator.GREATER, (amount,)),))
