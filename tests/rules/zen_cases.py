"""Random expressions without superfluous brackets, so that precedence is tested too, and ZEN's own answer to them."""

import json
from decimal import Decimal
from typing import Any

import zen
from hypothesis import strategies as st

from domain.attributes import AttributeType
from rules.definition import Definition
from rules.expressions import Kind, compile_expression
from rules.frames import framing
from rules.scope import scope_of

DECLARED = {
    "transaction.attributes.a": AttributeType.NUMBER,
    "transaction.attributes.b": AttributeType.NUMBER,
    "transaction.attributes.s": AttributeType.TEXT,
    "transaction.attributes.t": AttributeType.BOOLEAN,
    "line.attributes.n": AttributeType.NUMBER,
}
NUMBERS = ("transaction.attributes.a", "transaction.attributes.b", "transaction.amount", "0", "1", "2.5", "10", "0.01")
DIVISORS = ("2", "4", "5", "8", "10")
TEXTS = ("transaction.attributes.s", "'x'", "'ab'", '"GOLD"')
TRUTHS = ("true", "false", "transaction.attributes.t")

values = st.decimals(-1000, 1000, places=2, allow_nan=False)
lines = st.lists(st.fixed_dictionaries({"amount": values, "n": values}), min_size=1, max_size=3)


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Any]:
    """Facts in which nothing is empty: there ZEN and we agree."""
    attributes = {
        "a": draw(values), "b": draw(values), "s": draw(st.sampled_from(["x", "ab", "GOLD", "other"])), "t": draw(st.booleans()),
    }  # fmt: skip
    items = [{"amount": each["amount"], "attributes": {"n": each["n"]}} for each in draw(lines)]
    return {"transaction": {"amount": draw(values), "attributes": attributes}, "lines": items}


def numbers(depth: int) -> st.SearchStrategy[str]:
    plain = st.sampled_from(NUMBERS)
    if depth == 0:
        return plain
    less = numbers(depth - 1)
    return st.one_of(
        plain,
        st.tuples(less, st.sampled_from("+-*"), less).map(" ".join),
        st.tuples(less, st.sampled_from("/%"), st.sampled_from(DIVISORS)).map(" ".join),
        less.map("-({})".format),
        st.sampled_from(NUMBERS[:3]).map("-{}".format),
        less.map("({})".format),
        st.tuples(st.sampled_from(["abs", "floor", "ceil", "round", "trunc"]), less).map("{0[0]}({0[1]})".format),
        st.tuples(less, st.integers(0, 3)).map("round({0[0]}, {0[1]})".format),
        st.tuples(st.sampled_from(["min", "max", "sum"]), less, less).map("{0[0]}([{0[1]}, {0[2]}])".format),
        st.tuples(less, less).map("{0[0]} ?? {0[1]}".format),
        st.tuples(truths(depth - 1), less, less).map("({0[0]} ? {0[1]} : {0[2]})".format),
        st.tuples(st.sampled_from(["#.amount", "#.attributes.n", "#.amount * 2"])).map(
            "sum(map(lines, {0[0]}))".format
        ),
        truths(0).map("count(lines, #.amount > 0 and {})".format),
    )


def truths(depth: int) -> st.SearchStrategy[str]:
    plain = st.sampled_from(TRUTHS)
    if depth == 0:
        return plain
    less, number = truths(depth - 1), numbers(depth - 1)
    comparison = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    return st.one_of(
        plain,
        st.tuples(number, comparison, number).map(" ".join),
        st.tuples(st.sampled_from(TEXTS), st.sampled_from(["==", "!="]), st.sampled_from(TEXTS)).map(" ".join),
        st.tuples(less, st.sampled_from(["and", "or"]), less).map(" ".join),
        less.map("not ({})".format),
        plain.map("not {}".format),
        less.map("({})".format),
        st.tuples(number, st.sampled_from(["in", "not in"]), number, number).map(
            "{0[0]} {0[1]} [{0[2]}, {0[3]}]".format
        ),
        st.tuples(number, st.sampled_from("[("), st.integers(-9, 9), st.integers(0, 99), st.sampled_from("])")).map(
            "{0[0]} in {0[1]}{0[2]}..{0[3]}{0[4]}".format
        ),
        st.tuples(st.sampled_from(TEXTS), st.sampled_from(TEXTS)).map("contains({0[0]}, {0[1]})".format),
        st.tuples(st.sampled_from(["some", "all", "none", "one"]), number).map(
            "{0[0]}(lines, #.amount > ({0[1]}))".format
        ),
    )


NUMBER_CHAINS = st.lists(
    st.tuples(st.sampled_from(["+", "-", "*", "??", "?? 5 *"]), st.sampled_from(NUMBERS)), min_size=2, max_size=5
).map(lambda drawn: " ".join(["transaction.amount", *(f"{operator} {operand}" for operator, operand in drawn)]))
TRUTH_CHAINS = st.lists(
    st.tuples(st.sampled_from(["and", "or", "==", "!="]), st.sampled_from([*TRUTHS, "not true", "not false", "(1 + 1 in [2])", "not (2 < 1)"])),
    min_size=2, max_size=5,
).map(lambda drawn: " ".join(["transaction.attributes.t", *(f"{operator} {operand}" for operator, operand in drawn)]))  # fmt: skip
"""Operators in a row, where only their precedence says what belongs together."""


def as_json(given: dict[str, Any]) -> str:
    """Facts as ZEN takes them, every digit kept: numbers are written as they are."""
    marked = json.dumps(given, default=lambda number: f"\x00{number}\x00")
    return marked.replace('"\\u0000', "").replace('\\u0000"', "")


def by_zen(expression: str, given: dict[str, Any], kind: Kind) -> Any:
    if kind is Kind.BOOLEAN:
        return zen.evaluate_expression(expression, as_json(given))
    return Decimal(zen.evaluate_expression(f"string({expression})", as_json(given)))


def by_us(expression: str, given: dict[str, Any], kind: Kind) -> Any:
    scope = scope_of(Definition(attributes=DECLARED))
    compiled = compile_expression(expression, scope, kind)
    frame, broken = framing(scope).frame(given)
    assert not broken
    return compiled.run(frame, None)
