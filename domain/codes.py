"""Codes: the natural keys by which programs, point types, products and partners are named everywhere outside the database.

A code never changes, and is told apart by capitals: it stands in files, URLs and rules as it was given.
"""

import re
from collections.abc import Iterator

from domain.problems import Invalid, Problem
from domain.values import shown, text_problems

MAX_CODE = 64
MAX_NAME = 200

_CODE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{MAX_CODE - 1}}}")
CODE_EXPECTED = f"1 to {MAX_CODE} letters, digits, - and _, beginning with a letter or digit"


def code_problems(code: str, *path: str) -> Iterator[Problem]:
    """A code of our own making: of a program, a point type, a partner."""
    if not _CODE.fullmatch(code):
        yield Invalid(value=shown(code), expected=CODE_EXPECTED, path=path)


def foreign_code_problems(code: str, *path: str) -> Iterator[Problem]:
    """A code that other systems gave, such as a product's: any text that does not begin or end with a space."""
    if code != code.strip():
        yield Invalid(value=shown(code), expected="a code that neither begins nor ends with a space", path=path)
    else:
        yield from name_problems(code, *path, longest=MAX_CODE)


def name_problems(name: str | None, *path: str, longest: int = MAX_NAME) -> Iterator[Problem]:
    """A name: one line that is not blank; None (unchanged) is none at all."""
    if name == "":
        yield Invalid(value="", expected="a text that is not blank", path=path)
    yield from text_problems(name or None, longest, *path)
