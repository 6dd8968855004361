"""Plain values as callers send them: texts, numbers and bags of attributes, checked before anything else looks at them.

Every check collects problems instead of stopping at the first; `path` is the place of the value in the caller's words.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any

from domain.problems import Invalid, Problem, TooMany

MAX_TEXT = 1_000
MAX_ATTRIBUTES = 100
MAX_NAME = 64
MAX_NUMBER = Decimal(10**15)
MAX_DECIMALS = 6
SHOWN = 60
"""So much of a refused text is repeated in the answer."""

_USUAL = 40
_UNITS = [Decimal(1).scaleb(-decimals) for decimals in range(_USUAL)]
_ROUND = Context(prec=2 * _USUAL)
"""For numbers of usual size; to write out any other would take memory before its size is known."""
_NAME = re.compile(rf"[A-Za-z_][A-Za-z0-9_]{{0,{MAX_NAME - 1}}}")
_UNPRINTABLE = frozenset({"Cc", "Cs"})
"""Control characters and halves of surrogate pairs: neither can be stored or shown."""
_LINE_BREAKS = frozenset("\t\n\r")


def text_problems(text: str | None, longest: int, *path: str, lines: bool = False) -> Iterator[Problem]:
    """A text given at all is not blank, not too long, and has no control characters (with `lines`: but line breaks and tabs)."""
    if text is None or _is_plain(text, longest):
        return
    if not text.strip():
        yield Invalid(value=shown(text), expected="a text that is not blank", path=path)
    if len(text) > longest:
        yield Invalid(value=shown(text), expected=f"at most {longest} characters, not {len(text)}", path=path)
    if any(_unprintable(character, lines=lines) for character in text):
        yield Invalid(value=shown(text), expected="a text without control characters", path=path)


def number_problems(number: Decimal | None, highest: Decimal, decimals: int, *path: str) -> Iterator[Problem]:
    """A number given at all is finite, not negative, below `highest` and not finer than `decimals`."""
    if number is None:
        return
    if not number.is_finite():
        yield Invalid(value=str(number), expected="a finite number", path=path)
    elif not 0 <= number < highest:
        yield Invalid(value=shown(str(number)), expected=f"0 or more, and less than {highest:,}", path=path)
    elif finer_than(number, decimals):
        yield Invalid(value=shown(str(number)), expected=f"at most {decimals} decimals", path=path)


def attribute_problems(attributes: Mapping[str, Any], *path: str) -> Iterator[Problem]:
    """A bag of attributes is small and flat: up to 100 simple names, each with a text, number, truth value or date."""
    if len(attributes) > MAX_ATTRIBUTES:
        yield TooMany(what="attributes", limit=MAX_ATTRIBUTES, found=len(attributes), path=path)
        return
    for name, value in attributes.items():
        if not _NAME.fullmatch(name):
            expected = f"a name of letters, digits and _ that begins with a letter, at most {MAX_NAME} long"
            yield Invalid(value=shown(name), expected=expected, path=(*path, shown(name)))
        if not (type(value) is str and _is_plain(value, MAX_TEXT)):
            yield from _value_problems(value, (*path, shown(name)))


def _value_problems(value: Any, path: tuple[str, ...]) -> Iterator[Problem]:
    match value:
        case None | bool():
            return
        case date() if not isinstance(value, datetime):
            return
        case str() if value:
            yield from text_problems(value, MAX_TEXT, *path, lines=True)
        case str():
            return
        case int() | Decimal():
            number = Decimal(value)
            size = abs(number) if number.is_finite() else number
            yield from number_problems(size, MAX_NUMBER, MAX_DECIMALS, *path)
        case _:
            expected = "a text, an exact number, true, false, a date or null, without lists or objects inside"
            yield Invalid(value=shown(repr(value)), expected=expected, path=path)


def choice_problems(value: str, choices: Sequence[str], *path: str) -> Iterator[Problem]:
    """A value is one of those that are possible here."""
    if value not in choices:
        yield Invalid(value=value, expected=f"one of {', '.join(choices)}", path=path)


def finer_than(number: Decimal, decimals: int) -> bool:
    """Whether a finite number has digits beyond so many decimals; zeros at the end do not count."""
    if number.adjusted() < _USUAL:
        return _ROUND.quantize(number, _UNITS[decimals]) != number
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    excess = -exponent - decimals
    return excess > 0 and any(digits[-excess:])


def shown(text: str) -> str:
    """A text as an answer may repeat it: not all of a huge one, and nothing that cannot be encoded."""
    printable = text[: SHOWN + 1]
    if not printable.isprintable():
        printable = "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) == "Cs" else c for c in printable)
    return printable if len(text) <= SHOWN else f"{printable[:SHOWN]}…"


def _is_plain(text: str, longest: int) -> bool:
    """Nearly every text: nothing more needs to be asked about it."""
    return len(text) <= longest and text.isprintable() and not text.isspace() and text != ""


def _unprintable(character: str, *, lines: bool) -> bool:
    return unicodedata.category(character) in _UNPRINTABLE and not (lines and character in _LINE_BREAKS)
