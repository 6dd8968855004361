"""Words and signs of an expression, each with its place."""

import re
from typing import NamedTuple

from domain.problems import Refused
from domain.rule_problems import InvalidExpression

MAX_LENGTH = 2000

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>[0-9][0-9_]*(?:\.[0-9]+)?)
      | (?P<text>'[^']*'|"[^"]*")
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>\.\.|==|!=|<=|>=|\?\?|[-+*/%^<>()\[\],.?:\#!$])
    )""",
    re.VERBOSE,
)
_SPACE = re.compile(r"\s*")


class Token(NamedTuple):
    """`kind` is number, text, name, sign or end; `position` counts from 1."""

    kind: str
    text: str
    position: int


def refuse(expression: str, position: int, reason: str) -> Refused:
    """The refusal of an expression, to be raised."""
    return Refused(InvalidExpression(expression=expression, position=position, reason=reason))


def tokens(expression: str) -> list[Token]:
    """All tokens, and one that marks the end; refuses what is no token."""
    if len(expression) > MAX_LENGTH:
        raise refuse(expression[:40], MAX_LENGTH + 1, f"it is longer than {MAX_LENGTH} characters")
    found: list[Token] = []
    at = 0
    while match := _TOKEN.match(expression, at):
        kind = match.lastgroup or ""
        found.append(Token(kind, match[kind], match.start(kind) + 1))
        at = match.end()
    rest = _SPACE.match(expression, at)
    at = rest.end() if rest else at
    if at < len(expression):
        raise refuse(expression, at + 1, _why(expression[at]))
    return [*found, Token("end", "", len(expression) + 1)]


def _why(sign: str) -> str:
    if sign in "'\"":
        return f"the text that begins with {sign} does not end"
    hints = {"&": "write `and`", "|": "write `or`", "=": "to compare, write `==`"}
    hint = f": {hints[sign]}" if sign in hints else ""
    return f"{sign!r} means nothing here{hint}"
