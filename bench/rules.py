"""Rule evaluation alone: microseconds per transaction with 1, 10 and 50 candidate promotions, every one of which is judged.

Three promotions in ten fire and assign points; the others say why they did not. Beside them the same conditions, formula and
decision table in ZEN's own evaluator, with numbers handed over and taken back exactly: why expressions run as closures.
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
from domain.rules import Facts
from rules import Definition, compile_program
from rules.expressions import Kind, compile_expression
from rules.frames import framing
from rules.scope import scope_of
from rules.tables import compile_table

Step = Callable[[], Any]

SIZES = (1, 10, 50)
ROUNDS, REPEATS = 9, 200

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
}
CONDITION = "tier.code in ['GOLD', 'SILVER'] and transaction.amount > "
FORMULA = "transaction.basePoints * 1.5 + 100"

_encoder = msgspec.json.Encoder(decimal_format="number")


def _structured(least: int) -> Rule:
    tier = Criterion("tier.code", Operator.IN, ("GOLD", "SILVER"))
    channel = Criterion("transaction.attributes.channel", Operator.NOT_EQUALS, ("STORE",))
    amount = Criterion("transaction.amount", Operator.AT_LEAST, (str(least),))
    return Rule((AssignPoints(attribute="transaction.basePoints", factor=Decimal("1.5")),), (tier, channel, amount))


def _expressed(least: int) -> Rule:
    return Rule((AssignPoints(expression=FORMULA),), (), f"{CONDITION}{least}")


def _on_lines(least: int) -> Rule:
    wanted = Criterion("attributes.department", Operator.EQUALS, ("PRODUCE",))
    total = Criterion("amount", Operator.AT_LEAST, (str(least),), lines=LineTest.SUM, where=(wanted,))
    return Rule((AssignPoints(attribute="amount", lines=(wanted,)),), (total,))


MIX = (
    _structured,
    _expressed,
    _on_lines,
    _structured,
    _expressed,
    _structured,
    _expressed,
    _structured,
    _expressed,
    _structured,
)


def _mixed(size: int) -> tuple[Promotion, ...]:
    """Nearly half structured, nearly half expressed and one on line items in ten; the first three of ten fire."""
    return tuple(_promotion(n, MIX[n % 10](100 if n % 10 < 3 else 200 + n)) for n in range(size))


def _promotion(n: int, rule: Rule) -> Promotion:
    return Promotion(
        id=n, program_id=1, code=f"P{n}", name=f"Promotion {n}", starts_on=date(2026, 1, 1), ends_on=None, active=True,
        applies_to=(), partners=(), product_scope=ProductScope.ALL, products=(), tiers=(), always_apply=False,
        enrollment_required=False, limits=Limits(), rules=(rule,), version=1,
    )  # fmt: skip


def _microseconds(step: Step) -> float:
    """Processor time of one step: the mean of many repetitions, in the least disturbed of several rounds."""
    step()
    rounds = []
    for _ in range(ROUNDS):
        begin = time.process_time_ns()
        for _ in range(REPEATS):
            step()
        rounds.append((time.process_time_ns() - begin) / REPEATS / 1000)
    return round(min(rounds), 2)


def _judging(promotions: tuple[Promotion, ...]) -> Step:
    program, candidates = (
        compile_program(Definition(promotions=promotions, attributes=ATTRIBUTES)),
        range(len(promotions)),
    )
    return lambda: program.judge(FACTS, candidates)


def _conditions(size: int) -> Step:
    points = (AssignPoints(constant=Decimal(1)),)
    return _judging(tuple(_promotion(n, Rule(points, (), f"{CONDITION}{200 + n}")) for n in range(size)))


def _conditions_in_zen(size: int) -> Step:
    """As one list, each guarded against empty values."""
    guard = "tier.code != null and transaction.amount != null and "
    compiled = zen.compile_expression(f"[{', '.join(f'({guard}{CONDITION}{200 + n})' for n in range(size))}]")
    read = {"transaction": {"amount": Decimal("149.95")}, "tier": {"code": "GOLD"}}
    return lambda: compiled.evaluate(_encoder.encode(read))


def _formula() -> Step:
    scope = scope_of(Definition())
    formula, frames = compile_expression(FORMULA, scope, Kind.NUMBER), framing(scope)
    return lambda: formula.run(frames.frame(FACTS)[0], None)


def _formula_in_zen() -> Step:
    compiled, read = zen.compile_expression(f"string({FORMULA})"), {"transaction": {"basePoints": Decimal(149)}}
    return lambda: Decimal(compiled.evaluate(_encoder.encode(read)))


def _table_document(text: str) -> dict[str, Any]:
    """Twenty rows, of which the last fits; `text` turns an output into text where that is needed."""
    rows = [{"tier": f"'T{n}'", "amount": f"> {n}", "points": f"{text}(transaction.amount * 2)"} for n in range(19)]
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": "tier", "field": "tier.code"}, {"id": "amount", "field": "transaction.amount"}],
        "outputs": [{"id": "points", "field": "points"}],
        "rules": [*rows, {"tier": "", "amount": "", "points": f"{text}(transaction.amount * 3)"}],
    }
    at = {"position": {"x": 0, "y": 0}}
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", **at},
        {"id": "table", "type": "decisionTableNode", "name": "table", "content": content, **at},
        {"id": "out", "type": "outputNode", "name": "out", **at},
    ]
    edges = [
        {"id": f"to-{end}", "sourceId": begin, "targetId": end, "type": "edge"}
        for begin, end in (("in", "table"), ("table", "out"))
    ]
    return {"nodes": nodes, "edges": edges}


def _table() -> Step:
    scope = scope_of(Definition())
    decide, frames = compile_table(_table_document(""), scope), framing(scope)
    return lambda: decide(frames.frame(FACTS)[0])


def _table_in_zen() -> Step:
    decision = zen.ZenEngine().create_decision(json.dumps(_table_document("string")))
    read = {"transaction": {"amount": Decimal("149.95")}, "tier": {"code": "GOLD"}}
    return lambda: Decimal(decision.evaluate(_encoder.encode(read))["result"]["points"])


def run() -> dict[str, Any]:
    """Microseconds per transaction by number of candidate promotions, and the same work done by ZEN's own evaluator."""
    return {
        "bench": "rules",
        "unit": "microseconds per transaction",
        "promotions": {str(size): _microseconds(_judging(_mixed(size))) for size in SIZES},
        "conditions": {str(size): _microseconds(_conditions(size)) for size in SIZES},
        "conditions_in_zen": {str(size): _microseconds(_conditions_in_zen(size)) for size in SIZES},
        "formula": _microseconds(_formula()),
        "formula_in_zen": _microseconds(_formula_in_zen()),
        "table": _microseconds(_table()),
        "table_in_zen": _microseconds(_table_in_zen()),
    }


if __name__ == "__main__":
    print(json.dumps(run()))
