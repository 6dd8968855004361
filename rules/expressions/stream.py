"""The tokens of one expression, taken from left to right."""

from domain.problems import Refused
from rules.expressions.tokens import Token, refuse, tokens


class Stream:
    """Tokens, and the place reached among them."""

    def __init__(self, expression: str) -> None:
        self.source = expression
        self.tokens = tokens(expression)
        self.at = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.next
        self.at += token.kind != "end"
        return token

    def wrong(self, token: Token, reason: str) -> Refused:
        return refuse(self.source, token.position, reason)

    def accept(self, *signs: str) -> Token | None:
        return self.take() if self.next.kind == "sign" and self.next.text in signs else None

    def expect(self, *signs: str) -> Token:
        token = self.accept(*signs)
        if token is None:
            raise self.wrong(self.next, f"expected {' or '.join(signs)}, found {shown(self.next)}")
        return token

    def end(self) -> None:
        if self.next.kind != "end":
            hint = ": to compare, write `==`" if self.next.text == "=" else ""
            raise self.wrong(self.next, f"{shown(self.next)} is left over{hint}")


def shown(token: Token) -> str:
    """A token as a problem names it."""
    return "the end" if token.kind == "end" else repr(token.text)
