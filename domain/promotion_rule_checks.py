"""What can be wrong with a rule in itself, before it is stored: sizes, texts and numbers of its criteria and actions.

Paths name an action as it is given: `actions`, `0`, `assignPoints`, `constant`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.expiry import policy_problems
from domain.problems import Invalid, Problem, TooMany
from domain.promotions import Action, AssignPoints, Criterion, Rule, RunRule, UpdateAttribute
from domain.values import MAX_DECIMALS, MAX_NUMBER, number_problems, shown, text_problems

MAX_ACTIONS = 20
MAX_CRITERIA = 100
MAX_VALUES = 10_000
MAX_WHERE = 20
MAX_TEXT = 1_000
MAX_EXPRESSION = 10_000

Path = tuple[str, ...]


def rule_problems(rule: Rule, path: Path) -> Iterator[Problem]:
    """Everything wrong with a rule that is to be kept."""
    yield from _criteria_problems(rule.criteria, MAX_CRITERIA, (*path, "criteria"))
    yield from text_problems(rule.expression, MAX_EXPRESSION, *path, "expression", lines=True)
    yield from count_problems("actions", rule.actions, MAX_ACTIONS, (*path, "actions"))
    for index, action in enumerate(rule.actions[:MAX_ACTIONS]):
        name = type(action).__name__
        yield from _action_problems(action, (*path, "actions", str(index), name[0].lower() + name[1:]))


def camel(name: str) -> str:
    """A field's name as the API writes it."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _criteria_problems(
    criteria: Sequence[Criterion], most: int, path: Path, *, inside: bool = False
) -> Iterator[Problem]:
    yield from count_problems("criteria", criteria, most, path)
    for index, criterion in enumerate(criteria[:most]):
        where = (*path, str(index))
        yield from _texts_problems(criterion, ("attribute", "other"), where)
        yield from count_problems("values", criterion.values, MAX_VALUES, (*where, "values"))
        for number, value in enumerate(criterion.values[:MAX_VALUES]):
            yield from _value_problems(value, (*where, "values", str(number)))
        yield from _factor_problems(criterion.factor, (*where, "factor"))
        if inside and criterion.where:
            expected = "no `where`: these criteria select line items already"
            yield Invalid(value=f"{len(criterion.where)} criteria", expected=expected, path=(*where, "where"))
        else:
            yield from _criteria_problems(criterion.where, MAX_WHERE, (*where, "where"), inside=True)


def _action_problems(action: Action, path: Path) -> Iterator[Problem]:
    yield from _texts_problems(
        action, ("point_type", "attribute", "other", "voucher_type", "tier_class", "tier", "kind"), path
    )
    if isinstance(action, UpdateAttribute) and action.value is not None:
        yield from _value_problems(action.value, (*path, "value"))
    if isinstance(action, RunRule):
        yield from _document_problems(action.parameters, (*path, "parameters"))
    if isinstance(action, AssignPoints):
        yield from _points_problems(action, path)


def _points_problems(action: AssignPoints, path: Path) -> Iterator[Problem]:
    yield from _factor_problems(action.constant, (*path, "constant"))
    yield from _factor_problems(action.factor, (*path, "factor"))
    yield from text_problems(action.expression, MAX_EXPRESSION, *path, "expression", lines=True)
    yield from _criteria_problems(action.lines or (), MAX_WHERE, (*path, "lines"), inside=True)
    yield from _document_problems(action.table, (*path, "table"))
    if action.expiry is not None:
        yield from policy_problems(action.expiry, *path, "expiry")


def _texts_problems(source: object, names: Iterable[str], path: Path) -> Iterator[Problem]:
    for name in names:
        yield from text_problems(getattr(source, name, None), MAX_TEXT, *path, camel(name))


def _value_problems(value: Any, path: Path) -> Iterator[Problem]:
    """A constant that an attribute is compared with or set to."""
    match value:
        case str():
            yield from text_problems(value, MAX_TEXT, *path, lines=True)
        case bool():
            return
        case int() | Decimal():
            yield from _factor_problems(Decimal(value), path)
        case date() if not isinstance(value, datetime):
            return
        case _:
            yield Invalid(
                value=shown(repr(value)), expected="a text, an exact number, a date, true or false", path=path
            )


def _document_problems(document: Any, path: Path) -> Iterator[Problem]:
    """JSON whose names and texts can all be stored."""
    for text in _texts(document):
        if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text):
            yield Invalid(value=shown(text), expected="names and texts of Unicode characters other than NUL", path=path)
            return


def _texts(document: Any) -> Iterator[str]:
    match document:
        case str():
            yield document
        case Mapping():
            yield from document
            for value in document.values():
                yield from _texts(value)
        case list() | tuple():
            for value in document:
                yield from _texts(value)


def _factor_problems(number: Decimal | None, path: Path) -> Iterator[Problem]:
    size = number if number is None or not number.is_finite() else abs(number)
    yield from number_problems(size, MAX_NUMBER, MAX_DECIMALS, *path)


def count_problems(what: str, items: Sequence[object], most: int, path: Path) -> Iterator[Problem]:
    """More items than anybody needs."""
    if len(items) > most:
        yield TooMany(what=what, limit=most, found=len(items), path=path)
