"""Functions of expressions, a table: what each takes and gives, with the names of ZEN.

`clock` and `chance` are not among them: a rule that asked them could not be run again with the same result.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import reduce
from typing import Any

from rules.exact import EXACT, add, divide
from rules.expressions.kinds import Kind, ListOf
from rules.faults import Fault

FORBIDDEN: Mapping[str, str] = {
    "rand": "chance",
    "d": "the clock",
    "now": "the clock",
    "time": "the clock",
    "duration": "the clock",
}
"""Functions of ZEN that a rule must not use, and what they would ask."""


@dataclass(frozen=True, slots=True)
class Function:
    """`computes`: an empty argument is a fault; else the result of one is empty, too (and a comparison of it does not hold)."""

    takes: tuple[Kind | ListOf, ...]
    gives: Kind
    apply: Callable[..., Any]
    computes: bool = False
    optional: int = 0


def _rounding(mode: str) -> Callable[..., Decimal]:
    def rounded(number: Decimal, decimals: Decimal = Decimal(0)) -> Decimal:
        if decimals != decimals.to_integral_value() or not 0 <= decimals <= MAX_DECIMALS:
            raise Fault(f"a number is rounded to 0 to {MAX_DECIMALS} decimals, not {decimals}")
        return number.quantize(Decimal(1).scaleb(-int(decimals)), mode, EXACT)

    return rounded


MAX_DECIMALS = 20


def _total(numbers: Sequence[Decimal]) -> Decimal:
    return reduce(add, numbers, Decimal(0))


def _average(numbers: Sequence[Decimal]) -> Decimal:
    return divide(_total(numbers), Decimal(len(numbers)))


def _of_some(name: str, apply: Callable[[Sequence[Decimal]], Decimal]) -> Callable[[Sequence[Decimal]], Decimal]:
    def checked(numbers: Sequence[Decimal]) -> Decimal:
        if not numbers:
            raise Fault(f"{name} of an empty list has no value")
        return apply(numbers)

    return checked


def _part_of_date(part: Callable[[date], int]) -> Function:
    return Function((Kind.DATE,), Kind.NUMBER, lambda day: Decimal(part(day)))


NUMBER, TEXT, NUMBERS = Kind.NUMBER, Kind.TEXT, ListOf(Kind.NUMBER)

FUNCTIONS: Mapping[str, Function] = {
    "abs": Function((NUMBER,), NUMBER, EXACT.abs, computes=True),
    "floor": Function((NUMBER,), NUMBER, _rounding(ROUND_FLOOR), computes=True),
    "ceil": Function((NUMBER,), NUMBER, _rounding(ROUND_CEILING), computes=True),
    "round": Function((NUMBER, NUMBER), NUMBER, _rounding(ROUND_HALF_UP), computes=True, optional=1),
    "trunc": Function((NUMBER, NUMBER), NUMBER, _rounding(ROUND_DOWN), computes=True, optional=1),
    "sum": Function((NUMBERS,), NUMBER, _total, computes=True),
    "min": Function((NUMBERS,), NUMBER, _of_some("min", min), computes=True),
    "max": Function((NUMBERS,), NUMBER, _of_some("max", max), computes=True),
    "avg": Function((NUMBERS,), NUMBER, _of_some("avg", _average), computes=True),
    "contains": Function((TEXT, TEXT), Kind.BOOLEAN, lambda text, part: part in text),
    "startsWith": Function((TEXT, TEXT), Kind.BOOLEAN, str.startswith),
    "endsWith": Function((TEXT, TEXT), Kind.BOOLEAN, str.endswith),
    "upper": Function((TEXT,), TEXT, str.upper),
    "lower": Function((TEXT,), TEXT, str.lower),
    "trim": Function((TEXT,), TEXT, str.strip),
    "year": _part_of_date(lambda day: day.year),
    "monthOfYear": _part_of_date(lambda day: day.month),
    "dayOfMonth": _part_of_date(lambda day: day.day),
    "dayOfWeek": _part_of_date(date.isoweekday),
    "dayOfYear": _part_of_date(lambda day: day.timetuple().tm_yday),
    "weekOfYear": _part_of_date(lambda day: day.isocalendar().week),
    "date": Function((Kind.DATE,), Kind.DATE, lambda day: day),
}
"""`dayOfWeek` is 1 on Monday; `round` rounds half away from zero; `date` turns a text such as '2026-01-31' into a date."""


def _some(found: Sequence[bool]) -> bool:
    return any(found)


def _all(found: Sequence[bool]) -> bool:
    return bool(found) and all(found)


def length(value: str | Sequence[Any] | None) -> Decimal | None:
    """`len`: characters of a text, elements of a list."""
    return None if value is None else Decimal(len(value))


QUANTIFIERS: Mapping[str, Callable[[Sequence[bool]], bool | Decimal]] = {
    "some": _some,
    "all": _all,
    "none": lambda found: not any(found),
    "one": lambda found: sum(found) == 1,
    "count": lambda found: Decimal(sum(found)),
}
"""Of a list and a condition on its elements; nothing is `all` of no elements (see `rules/lines.py`)."""
