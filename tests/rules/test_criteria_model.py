"""A compiled criterion against a naive interpreter that fits on a page, for thousands of generated criteria and baskets."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.promotions import Criterion, LineTest, Operator
from tests.rules.samples import a_line, facts, holds

NUMBER, TEXT, DAY = "transaction.amount", "transaction.attributes.channel", "transaction.attributes.checkIn"
amounts = st.none() | st.decimals(-3, 3, places=1)
texts = st.none() | st.sampled_from(["", "A", "B", "AB"])
days = st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 4))
baskets = st.lists(st.builds(a_line, st.sampled_from(["A", "B"]), amounts, amounts, department=texts), max_size=3)

SIMPLE: Mapping[Operator, Callable[[Any, tuple[Any, ...]], bool]] = {
    Operator.EQUALS: lambda value, given: value == given[0],
    Operator.NOT_EQUALS: lambda value, given: value != given[0],
    Operator.LESS: lambda value, given: value < given[0],
    Operator.AT_MOST: lambda value, given: value <= given[0],
    Operator.GREATER: lambda value, given: value > given[0],
    Operator.AT_LEAST: lambda value, given: value >= given[0],
    Operator.BETWEEN: lambda value, given: given[0] <= value <= given[1],
    Operator.IN: lambda value, given: value in given,
    Operator.NOT_IN: lambda value, given: value not in given,
    Operator.CONTAINS: lambda value, given: given[0] in value,
}


def found(path: str, source: Any) -> Any:
    """The value of a path, None where it is empty."""
    for name in path.split("."):
        source = source.get(name) if source is not None else None
    return None if source == "" else source


def interpreted(criterion: Criterion, source: Any) -> bool:
    """What the specification says of a criterion, word for word."""
    if criterion.lines is not None:
        return on_lines(
            criterion, [line for line in source["lines"] if all(interpreted(each, line) for each in criterion.where)]
        )
    return compared(criterion, found(criterion.attribute, source), source)


def compared(criterion: Criterion, value: Any, source: Any) -> bool:
    if criterion.operator is Operator.IS_EMPTY:
        return value is None
    if criterion.operator is Operator.IS_NOT_EMPTY:
        return value is not None
    given_values = criterion.values
    if criterion.other is not None:
        other = found(criterion.other, source)
        if other is None:
            return False
        given_values = (other if criterion.factor is None else other * criterion.factor,)
    return value is not None and SIMPLE[criterion.operator](value, given_values)


def on_lines(criterion: Criterion, lines: list[Any]) -> bool:
    values = [found(criterion.attribute, line) for line in lines]
    if criterion.lines is LineTest.COUNT:
        return compared(criterion, Decimal(sum(value is not None for value in values)), {})
    results = [compared(criterion, value, line) for value, line in zip(values, lines, strict=True)]
    return any(results) if criterion.lines is LineTest.ANY else bool(results) and all(results)


@st.composite
def criteria(
    draw: st.DrawFn, /, path: str, values: st.SearchStrategy[Any], other: str | None = None, **fixed: Any
) -> Criterion:
    some = values.filter(lambda value: value not in (None, ""))
    operator = draw(
        st.sampled_from(
            [each for each in Operator if each is not Operator.CONTAINS or path in (TEXT, "attributes.department")]
        )
    )
    if operator in (Operator.IS_EMPTY, Operator.IS_NOT_EMPTY):
        return Criterion(path, operator, **fixed)
    if other is not None and operator in COMPARISONS and draw(st.booleans()):
        factor = draw(st.none() | st.decimals("0.5", 2, places=1))
        return Criterion(path, operator, other=other, factor=factor, **fixed)
    if operator is Operator.BETWEEN:
        return Criterion(path, operator, tuple(sorted((draw(some), draw(some)))), **fixed)
    many = operator in (Operator.IN, Operator.NOT_IN)
    return Criterion(path, operator, tuple(draw(st.lists(some, min_size=1, max_size=3 if many else 1))), **fixed)


COMPARISONS = frozenset(SIMPLE) - {Operator.BETWEEN, Operator.IN, Operator.NOT_IN, Operator.CONTAINS}
counts = st.decimals(0, 3, places=0)
any_or_all = st.sampled_from([LineTest.ANY, LineTest.ALL])
IN_LINES = st.one_of(criteria("amount", amounts, "quantity"), criteria("attributes.department", texts))
CRITERIA = st.one_of(
    criteria(NUMBER, amounts, "transaction.quantity"),
    criteria(TEXT, texts),
    criteria(DAY, days),
    st.tuples(any_or_all, IN_LINES, st.lists(IN_LINES, max_size=2)).map(
        lambda drawn: Criterion(
            drawn[1].attribute,
            drawn[1].operator,
            drawn[1].values,
            drawn[1].other,
            drawn[1].factor,
            drawn[0],
            tuple(drawn[2]),
        )
    ),
    st.lists(IN_LINES, max_size=2).flatmap(
        lambda where: criteria("product", counts, lines=LineTest.COUNT, where=tuple(where)).filter(
            lambda made: made.operator not in (Operator.IS_EMPTY, Operator.IS_NOT_EMPTY)
        )
    ),
)


snapshots = st.builds(
    lambda basket, amount, quantity, text, day: facts(
        *basket,
        transaction__amount=amount,
        transaction__quantity=quantity,
        transaction__attributes={"channel": text, "checkIn": day},
    ),
    baskets,
    amounts,
    amounts,
    texts,
    days,
)


@settings(max_examples=600, deadline=None)
@given(CRITERIA, snapshots)
def test_a_compiled_criterion_holds_where_a_naive_interpreter_says_so(
    criterion: Criterion, snapshot: dict[str, Any]
) -> None:
    assert holds(criterion, snapshot) is interpreted(criterion, snapshot)
