"""Rule evaluation alone: microseconds per transaction with 1, 10 and 50 candidate promotions, every one of which is judged.

Half of the criteria are structured and half are expressions; three promotions in ten fire and assign points. Beside it, the same
fifty conditions as one guarded list in ZEN, with the snapshot handed over exactly.
"""

import json
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import zen

from domain.attributes import AttributeType
from domain.promotions import AssignPoints, Criterion, Limits, LineTest, Operator, ProductScope, Promotion, Rule
from domain.rules import CompiledRules, Facts
from rules import Definition, compile_program

SIZES = (1, 10, 50)
ROUNDS, REPEATS = 9, 300

FACTS: Facts = {
    "transaction": {
        "type": "ACCRUAL", "subType": "PRODUCT", "date": date(2026, 3, 14), "amount": Decimal("149.95"), "currency": "USD",
        "quantity": Decimal(3), "product": "SKU1", "partner": "HOTEL", "basePoints": Decimal(149),
        "attributes": {"channel": "WEB"},
    },
    "lines": [
        {"product": f"SKU{n}", "quantity": Decimal(n + 1), "amount": Decimal("14.95"), "attributes": {"department": "PRODUCE"}}
        for n in range(10)
    ],
    "member": {"birthDate": date(1980, 3, 1), "attributes": {"segment": "FAMILY"}},
    "product": {"code": "SKU1"}, "partner": {"code": "HOTEL"}, "tier": {"code": "GOLD", "class": "STATUS"},
    "points": {}, "counters": {"visits": Decimal(4)},
}  # fmt: skip
ATTRIBUTES = {
    "transaction.attributes.channel": AttributeType.TEXT,
    "member.attributes.segment": AttributeType.TEXT,
    "line.attributes.department": AttributeType.TEXT,
    "counters.visits": AttributeType.NUMBER,
}


def _structured(n: int, *, fires: bool) -> Rule:
    least = "100" if fires else str(200 + n)
    amount = Criterion("transaction.amount", Operator.AT_LEAST, (least,))
    tier = Criterion("tier.code", Operator.IN, ("GOLD", "SILVER"))
    channel = Criterion("transaction.attributes.channel", Operator.NOT_EQUALS, ("STORE",))
    return Rule((AssignPoints(attribute="transaction.basePoints", factor=Decimal("1.5")),), (tier, channel, amount))


def _expressed(n: int, *, fires: bool) -> Rule:
    condition = f"tier.code in ['GOLD', 'SILVER'] and transaction.amount > {100 if fires else 200 + n}"
    return Rule((AssignPoints(expression="transaction.basePoints * 0.5 + 100"),), (), condition)


def _on_lines(n: int, *, fires: bool) -> Rule:
    wanted = Criterion("attributes.department", Operator.EQUALS, ("PRODUCE",))
    total = Criterion("amount", Operator.AT_LEAST, ("10" if fires else str(500 + n),), lines=LineTest.SUM, where=(wanted,))
    return Rule((AssignPoints(attribute="amount", lines=(wanted,)),), (total,))


def _promotion(n: int) -> Promotion:
    make = (_structured, _expressed, _structured, _expressed, _structured, _expressed, _structured, _expressed, _on_lines, _expressed)
    return Promotion(
        id=n, program_id=1, code=f"P{n}", name=f"Promotion {n}", starts_on=date(2026, 1, 1), ends_on=None, active=True,
        applies_to=(), partners=(), product_scope=ProductScope.ALL, products=(), tiers=(), always_apply=False,
        enrollment_required=False, limits=Limits(), rules=(make[n % 10](n, fires=n % 10 < 3),), version=1,
    )  # fmt: skip


def _program(size: int) -> CompiledRules:
    promotions = tuple(_promotion(n) for n in range(size))
    return compile_program(Definition(promotions=promotions, attributes=ATTRIBUTES))


def _microseconds(step: Callable[[], Any]) -> float:
    """Time of one step: the mean of many repetitions, in the least disturbed of several rounds."""
    step()
    rounds = []
    for _ in range(ROUNDS):
        begin = time.process_time_ns()
        for _ in range(REPEATS):
            step()
        rounds.append((time.process_time_ns() - begin) / REPEATS / 1000)
    return round(min(rounds), 2)


def _zen_list(size: int) -> Callable[[], Any]:
    guard = "tier.code != null and transaction.amount != null"
    tests = (f"({guard} and tier.code in ['GOLD', 'SILVER'] and transaction.amount > {n})" for n in range(size))
    compiled, encoder = zen.compile_expression(f"[{', '.join(tests)}]"), msgspec.json.Encoder(decimal_format="number")
    read = {"transaction": {"amount": Decimal("149.95")}, "tier": {"code": "GOLD"}}
    return lambda: compiled.evaluate(encoder.encode(read))


def _closures(size: int) -> Callable[[], Any]:
    rules = [Rule((AssignPoints(constant=Decimal(1)),), (), f"tier.code in ['GOLD', 'SILVER'] and transaction.amount > {n}") for n in range(size)]
    promotions = tuple(msgspec.structs.replace(_promotion(n), rules=(rule,)) if False else _with(n, rule) for n, rule in enumerate(rules))
    program = compile_program(Definition(promotions=promotions, attributes=ATTRIBUTES))
    return lambda: program.judge(FACTS, range(size))


def run() -> dict[str, Any]:
    """Microseconds per transaction, by number of promotions."""
    judged = {str(size): _judged(size) for size in SIZES}
    return {"bench": "rules", "unit": "microseconds per transaction", "promotions": judged}


def _judged(size: int) -> float:
    program, candidates = _program(size), range(size)
    return _microseconds(lambda: program.judge(FACTS, candidates))


if __name__ == "__main__":
    print(json.dumps(run()))
