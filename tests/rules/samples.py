"""Small things for tests of rules: a promotion, a program's rules compiled through the public door, and facts to judge."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.attributes import AttributeType
from domain.problems import Problem, Refused
from domain.programs import BaseRule, PointType
from domain.promotions import Action, AssignPoints, Criterion, Limits, ProductScope, Promotion, Rule
from domain.rules import Award, CompiledRules, Fired, NotFired, RuleError, Verdict
from rules import Definition, compile_program
from rules.registry import Registry

ATTRIBUTES: Mapping[str, AttributeType] = {
    "transaction.attributes.miles": AttributeType.INTEGER,
    "transaction.attributes.channel": AttributeType.TEXT,
    "transaction.attributes.checkIn": AttributeType.DATE,
    "transaction.attributes.online": AttributeType.BOOLEAN,
    "transaction.attributes.rate": AttributeType.NUMBER,
    "line.attributes.department": AttributeType.TEXT,
    "line.attributes.weight": AttributeType.NUMBER,
    "member.attributes.segment": AttributeType.TEXT,
    "member.attributes.nights": AttributeType.NUMBER,
    "member.attributes.anniversary": AttributeType.DATE,
    "product.attributes.brand": AttributeType.TEXT,
    "counters.flights": AttributeType.INTEGER,
}


def point_type(code: str, decimals: int = 0) -> PointType:
    return PointType(
        id=1, program_id=1, code=code, name=code.title(), decimals=decimals, qualifying=True, weight_qualifying=Decimal(1),
        weight_non_qualifying=Decimal("0.5"), expiry=None, is_default=True,
    )  # fmt: skip


POINT_TYPES = {"BASE": point_type("BASE"), "BONUS": point_type("BONUS", 2)}
ONE = AssignPoints(constant=Decimal(1))
"""The smallest action: it only shows that its rule fired."""


def a_promotion(*rules: Rule, code: str = "SPRING", **changes: Any) -> Promotion:
    promotion = Promotion(
        id=1, program_id=1, code=code, name=code.title(), starts_on=date(2026, 1, 1), ends_on=None, active=True,
        applies_to=(), partners=(), product_scope=ProductScope.ALL, products=(), tiers=(), always_apply=False,
        enrollment_required=False, limits=Limits(), rules=rules or (Rule((ONE,)),), version=1,
    )  # fmt: skip
    return replace(promotion, **changes)


def a_line(product: str = "SKU1", amount: Any = "10", quantity: Any = 1, **attributes: Any) -> dict[str, Any]:
    return {
        "product": product,
        "quantity": None if quantity is None else Decimal(quantity),
        "amount": None if amount is None else Decimal(amount),
        "attributes": attributes,
    }


def facts(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Facts as the engine hands them over; changes are by path, `transaction__amount=…`, `member__attributes__segment=…`."""
    made: dict[str, Any] = {
        "transaction": {
            "type": "ACCRUAL", "subType": "PRODUCT", "date": date(2026, 3, 14), "amount": Decimal(100),
            "currency": "USD", "quantity": Decimal(2), "product": "SKU1", "partner": "HOTEL",
            "basePoints": Decimal(100), "attributes": {"miles": 600, "channel": "WEB"},
        },
        "lines": list(lines),
        "member": {
            "number": "M1", "name": "Ada", "status": "ACTIVE", "kind": "INDIVIDUAL", "birthDate": date(1980, 3, 14),
            "enrolledOn": date(2024, 3, 10), "language": "en", "address": {"country": "US"}, "attributes": {},
        },
        "product": {"code": "SKU1", "attributes": {"brand": "ACME"}},
        "partner": {"code": "HOTEL"},
        "tier": {"code": "GOLD", "class": "STATUS"},
        "points": {},
        "counters": {},
    }  # fmt: skip
    for path, value in changes.items():
        *sections, name = path.split("__")
        place = made
        for section in sections:
            place = place[section]
        place[name] = value
    return made


def compiled(
    *promotions: Promotion, base: tuple[BaseRule, ...] = (), kinds: Registry | None = None, **attributes: AttributeType
) -> CompiledRules:
    return compile_program(Definition(base, promotions, POINT_TYPES, {**ATTRIBUTES, **attributes}), kinds)


def verdict_of(rule: Rule, given: Mapping[str, Any], kinds: Registry | None = None) -> Verdict:
    (verdict,) = compiled(a_promotion(rule), kinds=kinds).judge(given, [0])
    return verdict


def holds(criterion: Criterion, given: Mapping[str, Any]) -> bool:
    return bool(verdict_of(Rule((ONE,), (criterion,)), given).fired)


def met(expression: str, given: Mapping[str, Any]) -> bool:
    return bool(verdict_of(Rule((ONE,), (), expression), given).fired)


def seen(criterion: Criterion, given: Mapping[str, Any]) -> str:
    failed = verdict_of(Rule((ONE,), (criterion,)), given).failed
    assert failed == NotFired(0, 0, 0, failed.seen if failed else "")
    return failed.seen


def proposed(action: Action, given: Mapping[str, Any], kinds: Registry | None = None) -> tuple[Any, ...]:
    (fired,) = verdict_of(Rule((action,)), given, kinds).fired
    assert isinstance(fired, Fired)
    return fired.proposals


def points(action: AssignPoints, given: Mapping[str, Any]) -> Decimal:
    (award,) = proposed(action, given)
    assert isinstance(award, Award)
    return award.points


def error_of(action: Action, given: Mapping[str, Any], kinds: Registry | None = None) -> str:
    with pytest.raises(RuleError) as caught:
        proposed(action, given, kinds)
    assert caught.value.where == "promotion SPRING, rule 1"
    return caught.value.message


def refusal(
    *rules: Rule, kinds: Registry | None = None, base: tuple[BaseRule, ...] = ()
) -> list[tuple[tuple[str, ...], str]]:
    """Places and messages of everything that keeps a promotion (and base rules) from compiling."""
    return [(problem.path, problem.message) for problem in problems(*rules, kinds=kinds, base=base)]


def problems(*rules: Rule, kinds: Registry | None = None, base: tuple[BaseRule, ...] = ()) -> tuple[Problem, ...]:
    with pytest.raises(Refused) as caught:
        compiled(*([a_promotion(*rules)] if rules else []), base=base, kinds=kinds)
    return caught.value.problems
