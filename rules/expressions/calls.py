"""Calls of functions in expressions: their arguments checked against the table, closures over lists, and what is forbidden."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from rules.expressions.arithmetic import empty
from rules.expressions.functions import FORBIDDEN, FUNCTIONS, QUANTIFIERS, Function, length
from rules.expressions.kinds import Kind, ListOf, Part, Run
from rules.expressions.nodes import Call

if TYPE_CHECKING:
    from rules.expressions.compiler import Compiler


def compile_call(compiler: "Compiler", node: Call) -> Part:
    """A call of a function that exists and may be used."""
    if node.name in FORBIDDEN:
        asks = f"{node.name}() asks {FORBIDDEN[node.name]}: a rule must give the same result whenever it runs"
        raise compiler.wrong(node.position, asks)
    if node.name in QUANTIFIERS or node.name in ("filter", "map"):
        return _over_list(compiler, node)
    if node.name == "len":
        return _length(compiler, node)
    function = FUNCTIONS.get(node.name)
    if function is None:
        near = get_close_matches(node.name, [*FUNCTIONS, *QUANTIFIERS, "filter", "len", "map"], n=1)
        hint = f"did you mean {near[0]}()?" if near else f"there are {', '.join(sorted(FUNCTIONS))}"
        raise compiler.wrong(node.position, f"there is no function {node.name!r}; {hint}")
    return _plain(compiler, node, function)


def _length(compiler: "Compiler", node: Call) -> Part:
    if len(node.arguments) != 1:
        raise compiler.wrong(node.position, f"len() takes one text or list, not {len(node.arguments)} arguments")
    measured = compiler.compile(node.arguments[0])
    if not isinstance(measured.kind, ListOf):
        compiler.need(measured, Kind.TEXT)
    take = measured.run
    return Part(Kind.NUMBER, lambda frame, item: length(take(frame, item)), node.position)


def _plain(compiler: "Compiler", node: Call, function: Function) -> Part:
    most, least = len(function.takes), len(function.takes) - function.optional
    if not least <= len(node.arguments) <= most:
        takes = str(most) if least == most else f"{least} to {most}"
        raise compiler.wrong(node.position, f"{node.name}() takes {takes} arguments, not {len(node.arguments)}")
    given = zip(node.arguments, function.takes, strict=False)
    arguments = [compiler.need(compiler.compile(argument), kind) for argument, kind in given]
    return Part(function.gives, _applying(function, arguments), node.position)


def _applying(function: Function, arguments: list[Part]) -> Run:
    apply, computes = function.apply, function.computes

    def run(frame: Any, item: Any) -> Any:
        values = [argument.run(frame, item) for argument in arguments]
        for argument, value in zip(arguments, values, strict=True):
            if value is None or (type(value) is list and None in value):
                if computes:
                    raise empty(argument)
                return None
        return apply(*values)

    return run


def _over_list(compiler: "Compiler", node: Call) -> Part:
    if len(node.arguments) != 2:  # noqa: PLR2004 - a list, and what to do with each element
        raise compiler.wrong(node.position, f"{node.name}() takes a list and an expression about each element `#`")
    source = compiler.compile(node.arguments[0])
    if not isinstance(source.kind, ListOf):
        raise compiler.wrong(source.position, f"{node.name}() takes a list such as `lines`, found {source.kind.value}")
    each = compiler.within(source.kind.element, node.arguments[1])
    if node.name == "map":
        return _mapped(compiler, source, each, node.position)
    compiler.need(each, Kind.BOOLEAN)
    if node.name == "filter":
        return Part(source.kind, _filtered(source.run, each.run), node.position)
    return _quantified(node, source.run, each.run)


def _mapped(compiler: "Compiler", source: Part, each: Part, position: int) -> Part:
    if not isinstance(each.kind, Kind) or each.kind is Kind.NULL:
        raise compiler.wrong(each.position, f"map() gives a list of values, not of {each.kind.value}")
    take, make = source.run, each.run
    return Part(
        ListOf(each.kind), lambda frame, item: [make(frame, element) for element in take(frame, item)], position
    )


def _filtered(take: Run, holds: Run) -> Run:
    return lambda frame, item: [element for element in take(frame, item) if holds(frame, element) is True]


def _quantified(node: Call, take: Run, holds: Run) -> Part:
    answer = QUANTIFIERS[node.name]
    kind = Kind.NUMBER if node.name == "count" else Kind.BOOLEAN
    return Part(
        kind,
        lambda frame, item: answer([holds(frame, element) is True for element in take(frame, item)]),
        node.position,
    )
