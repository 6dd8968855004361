"""From the parts of an expression to closures, checking types on the way: what compiles cannot meet a wrong type later,
unless a fact is not what it was declared to be.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import NoneType
from typing import Any

from domain.problems import Refused
from domain.rule_problems import UnknownAttribute
from rules.expressions import arithmetic, logic
from rules.expressions.calls import compile_call
from rules.expressions.comparisons import alike, compile_comparison, dated
from rules.expressions.kinds import KIND_OF, Kind, ListOf, Part
from rules.expressions.nodes import Binary, Call, Choice, Interval, Item, Listing, Literal, Node, Path, Subject, Unary
from rules.expressions.reader import COMPARISONS
from rules.expressions.tokens import refuse
from rules.scope import Attribute, LineScope, Scope


@dataclass(slots=True)
class Compiler:
    """Compiles the parts of one expression; `item` is the kind of `#`, `subject` what `$` stands for, where there is one."""

    source: str
    scope: Scope
    item: Kind | None = None
    subject: Part | None = None
    attributes: list[Attribute] = field(default_factory=list)

    def compile(self, node: Node) -> Part:
        """A part and everything below it."""
        return _COMPILE[type(node)](self, node)

    def within(self, item: Kind, node: Node) -> Part:
        """A part in which `#` is an element of a list."""
        return replace(self, item=item).compile(node)

    def wrong(self, position: int, reason: str) -> Refused:
        return refuse(self.source, position, reason)

    def need(self, part: Part, *kinds: Kind | ListOf) -> Part:
        """A part of one of these kinds; a text constant will do for a date."""
        if part.kind in kinds:
            return part
        if Kind.DATE in kinds and isinstance(part.constant, str):
            return dated(self, part)
        raise self.wrong(
            part.position, f"expected {' or '.join(kind.value for kind in kinds)}, found {part.kind.value}"
        )

    def literal(self, node: Literal) -> Part:
        value = node.value
        if value == "":
            raise self.wrong(node.position, "an empty text equals nothing: ask for `== null`")
        kind = _KIND_OF_LITERAL[type(value)]
        return Part(kind, lambda frame, item: value, node.position, constant=value)

    def path(self, node: Path) -> Part:
        if node.name == "lines":
            items = self.scope.line_items()
            return Part(ListOf(Kind.LINE), lambda frame, item: items(frame), node.position, "lines")
        attribute = self.resolve(self.scope, node.name, node.position)
        self.attributes.append(attribute)
        place = attribute.place
        return Part(KIND_OF[attribute.type], lambda frame, item: frame[place], node.position, node.name, None, place)

    def element(self, node: Item) -> Part:
        if self.item is None:
            raise self.wrong(
                node.position, "`#` is an element of a list: use it within some, all, count, filter, map and the like"
            )
        if not node.name:
            return Part(self.item, lambda frame, item: item, node.position, "#")
        if self.item is not Kind.LINE:
            raise self.wrong(node.position, f"`#` is {self.item.value} here and has no attribute {node.name!r}")
        attribute = self.resolve(self.scope.lines, node.name, node.position)
        place = attribute.place
        return Part(KIND_OF[attribute.type], lambda frame, item: item[place], node.position, f"#.{node.name}")

    def column(self, node: Subject) -> Part:
        if self.subject is None:
            raise self.wrong(node.position, "this column has no field: write a whole condition, without `$`")
        return replace(self.subject, position=node.position)

    def resolve(self, scope: Scope | LineScope, name: str, position: int) -> Attribute:
        try:
            return scope.resolve(name)
        except Refused as refused:
            found = (
                replace(each, position=position) for each in refused.problems if isinstance(each, UnknownAttribute)
            )
            raise Refused(*found) from None

    def unary(self, node: Unary) -> Part:
        operand = self.compile(node.operand)
        if node.operator == "not":
            return Part(Kind.BOOLEAN, logic.negated(self.need(operand, Kind.BOOLEAN).run), node.position)
        return Part(Kind.NUMBER, arithmetic.negation(self.need(operand, Kind.NUMBER)), node.position)

    def binary(self, node: Binary) -> Part:
        if node.operator in COMPARISONS:
            return compile_comparison(self, node)
        left, right = self.compile(node.left), self.compile(node.right)
        if node.operator == "??":
            left, right = alike(self, left, right)
            return Part(left.kind, logic.default(left.run, right.run), left.position)
        if node.operator in ("and", "or"):
            join = logic.conjunction if node.operator == "and" else logic.disjunction
            run = join(self.need(left, Kind.BOOLEAN).run, self.need(right, Kind.BOOLEAN).run)
            return Part(Kind.BOOLEAN, run, left.position)
        self.need(left, Kind.NUMBER)
        self.need(right, Kind.NUMBER)
        return Part(Kind.NUMBER, arithmetic.calculation(node.operator, left, right, node.position), left.position)

    def choice(self, node: Choice) -> Part:
        condition = self.need(self.compile(node.condition), Kind.BOOLEAN)
        yes, no = self.compile(node.yes), self.compile(node.no)
        if yes.kind != no.kind:
            raise self.wrong(no.position, f"both results must be of one kind, not {yes.kind.value} and {no.kind.value}")
        return Part(yes.kind, logic.choice(condition, yes.run, no.run), node.position)

    def listing(self, node: Listing) -> Part:
        items = [self.compile(item) for item in node.items]
        if not items or isinstance(items[0].kind, ListOf):
            raise self.wrong(node.position, "a list has at least one element here, and no lists within")
        for item in items[1:]:
            self.need(item, items[0].kind)
        runs = [item.run for item in items]
        return Part(ListOf(items[0].kind), lambda frame, item: [run(frame, item) for run in runs], node.position)

    def interval(self, node: Interval) -> Part:
        raise self.wrong(node.position, "a range stands to the right of `in`")


_KIND_OF_LITERAL: Mapping[type, Kind] = {
    Decimal: Kind.NUMBER,
    str: Kind.TEXT,
    bool: Kind.BOOLEAN,
    NoneType: Kind.NULL,
}
_COMPILE: Mapping[type[Node], Callable[[Compiler, Any], Part]] = {
    Literal: Compiler.literal,
    Path: Compiler.path,
    Item: Compiler.element,
    Unary: Compiler.unary,
    Binary: Compiler.binary,
    Choice: Compiler.choice,
    Listing: Compiler.listing,
    Interval: Compiler.interval,
    Subject: Compiler.column,
    Call: compile_call,
}
