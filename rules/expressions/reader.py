"""From the text of an expression to its parts: the grammar of ZEN, as far as rules need it.

Precedence is ZEN's, low to high: `? :`, `or`, `and`, comparisons, `+ -`, `* / %`, `??`, then `-` and `not`.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import reduce

from rules.exact import MAX_DIGITS
from rules.expressions.nodes import Binary, Call, Choice, Interval, Item, Listing, Literal, Node, Path, Subject, Unary
from rules.expressions.stream import Stream, shown
from rules.expressions.tokens import Token

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in"})
POWER: Mapping[str, int] = {
    "or": 2,
    "and": 3,
    **dict.fromkeys(COMPARISONS, 4),
    "+": 5, "-": 5,
    "*": 6, "/": 6, "%": 6,
    "??": 8,
}  # fmt: skip
TERNARY, UNARY = 1, 9

MAX_DEPTH = 40
WORDS = frozenset({"and", "or", "not", "in"})
CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}


def read(expression: str) -> Node:
    """The parts of an expression; refuses a wrong one with the place and what would be right."""
    reader = _Reader(expression)
    node = reader.expression(0)
    reader.end()
    return node


def read_cell(expression: str) -> Node:
    """A cell of a decision table, as a condition on `$`: tests between commas of which one must hold.

    `'F', 'A'` and `[1..10]` ask whether `$` is among these, `> 5 and < 9` compares `$`; what names `$` itself is any condition.
    """
    reader = _Reader(expression, in_cell=True)
    tests = [reader.test()]
    while reader.accept(","):
        tests.append(reader.test())
    reader.end()
    return reduce(lambda left, right: Binary(right.position, "or", left, right), tests)


class _Reader(Stream):
    """A precedence climber over the tokens."""

    def __init__(self, expression: str, *, in_cell: bool = False) -> None:
        super().__init__(expression)
        self.in_cell = in_cell
        self.subjects = 0
        self.depth = 0

    def test(self) -> Node:
        """One test of a cell: a condition if it names `$` or begins with a comparison, else what `$` must be."""
        before, position = self.subjects, self.next.position
        node = self.expression(0)
        if self.subjects > before:
            return node
        among = isinstance(node, (Listing, Interval))
        return Binary(position, "in" if among else "==", Subject(position), node)

    def subject(self, token: Token) -> Subject:
        if not self.in_cell:
            raise self.wrong(token, "`$` stands for the value of a column: use it in the cells of a decision table")
        self.subjects += 1
        return Subject(token.position)

    def expression(self, power: int) -> Node:
        """An expression whose operators all bind tighter than `power`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.wrong(self.next, f"brackets are nested more than {MAX_DEPTH} deep")
        left = self.operand()
        while (operator := self.operator()) is not None and POWER[operator] > power:
            token = self.take()
            if operator == "not in":
                self.take()
            left = Binary(token.position, operator, left, self.expression(POWER[operator]))
        if power < TERNARY and (mark := self.accept("?")):
            left = self.choice(mark, left)
        self.depth -= 1
        return left

    def operator(self) -> str | None:
        """The binary operator that comes next, if one does."""
        token = self.next
        if token.kind == "name" and token.text == "not":
            return "not in" if self.tokens[self.at + 1].text == "in" else None
        known = token.kind in ("sign", "name") and token.text in POWER
        if token.text == "^" and token.kind == "sign":
            raise self.wrong(token, "powers are not supported: multiply instead")
        return token.text if known else None

    def choice(self, mark: Token, condition: Node) -> Node:
        yes = self.expression(0)
        self.expect(":")
        return Choice(mark.position, condition, yes, self.expression(0))

    def operand(self) -> Node:
        if self.in_cell and (operator := self.operator()) in COMPARISONS:
            return self.comparison(operator)
        token = self.take()
        if token.kind == "number":
            return Literal(token.position, self.number(token))
        if token.kind == "text":
            return Literal(token.position, token.text[1:-1])
        if token.kind == "sign":
            return self.signed(token)
        if token.kind == "name":
            return self.named(token)
        raise self.wrong(token, "a value is missing: the expression ends too early")

    def comparison(self, operator: str) -> Node:
        """A comparison of a cell whose left side is `$`."""
        token = self.take()
        if operator == "not in":
            self.take()
        return Binary(token.position, operator, self.subject(token), self.expression(POWER[operator]))

    def number(self, token: Token) -> Decimal:
        number = Decimal(token.text.replace("_", ""))
        if len(number.as_tuple().digits) > MAX_DIGITS:
            raise self.wrong(token, f"a number has at most {MAX_DIGITS} digits")
        return number

    def signed(self, token: Token) -> Node:
        if token.text in ("-", "!"):
            return Unary(token.position, "not" if token.text == "!" else "-", self.expression(UNARY))
        if token.text in ("(", "["):
            return self.bracketed(token)
        if token.text == "$":
            return self.subject(token)
        if token.text == "#":
            return Item(token.position, ".".join(self.names()))
        raise self.wrong(token, f"expected a value, found {shown(token)}")

    def named(self, token: Token) -> Node:
        if token.text in CONSTANTS:
            return Literal(token.position, CONSTANTS[token.text])
        if token.text == "not":
            return Unary(token.position, "not", self.expression(UNARY))
        if token.text in WORDS:
            raise self.wrong(token, f"expected a value, found {shown(token)}")
        if self.accept("("):
            return Call(token.position, token.text, self.listed(")"))
        return Path(token.position, ".".join([token.text, *self.names()]))

    def names(self) -> list[str]:
        """What follows a name or `#`: any number of `.name`, or of `[12]` and `['A-1']` where a name would not do."""
        found = []
        while opened := self.accept(".", "["):
            token = self.take()
            if token.kind not in (("name",) if opened.text == "." else ("number", "text")):
                raise self.wrong(token, f"expected the name of an attribute, found {shown(token)}")
            found.append(token.text.strip("'\""))
            if opened.text == "[":
                self.expect("]")
        return found

    def bracketed(self, token: Token) -> Node:
        """A group, a list, or an interval: the bracket that opens does not yet tell."""
        if token.text == "[" and self.accept("]"):
            return Listing(token.position, ())
        first = self.expression(0)
        if self.accept(".."):
            high = self.expression(0)
            closing = self.expect("]", ")")
            return Interval(token.position, first, high, token.text == "[", closing.text == "]")
        if token.text == "(":
            self.expect(")")
            return first
        items = [first]
        while self.expect(",", "]").text == ",":
            items.append(self.expression(0))
        return Listing(token.position, tuple(items))

    def listed(self, closing: str) -> tuple[Node, ...]:
        """Expressions between commas, up to the closing bracket."""
        if self.accept(closing):
            return ()
        items = [self.expression(0)]
        while self.expect(",", closing).text == ",":
            items.append(self.expression(0))
        return tuple(items)
