"""A compiled expression: what it gives, how to run it, and which attributes it reads."""

from dataclasses import dataclass

from rules.expressions.compiler import Compiler
from rules.expressions.kinds import Kind, ListOf, Run
from rules.expressions.nodes import Path
from rules.expressions.reader import read, read_cell
from rules.expressions.tokens import refuse
from rules.scope import Attribute, Scope
from rules.zen import complaint


@dataclass(frozen=True, slots=True)
class Expression:
    """`run` takes the frame, and an element `#` that nothing at the top refers to."""

    text: str
    kind: Kind | ListOf
    run: Run
    attributes: tuple[Attribute, ...]


def compile_expression(text: str, scope: Scope, *wanted: Kind) -> Expression:
    """An expression that gives one of the wanted kinds; refuses any other."""
    compiler = Compiler(text, scope)
    part = compiler.need(compiler.compile(read(text)), *wanted)
    refuse_foreign(text, complaint(text))
    attributes = {attribute.path: attribute for attribute in compiler.attributes}
    return Expression(text, part.kind, part.run, tuple(attributes.values()))


def compile_cell(text: str, field: str | None, scope: Scope) -> Run:
    """A cell of a decision table as a condition on its column's field; without a field, a whole condition."""
    if field is None:
        return compile_expression(text, scope, Kind.BOOLEAN).run
    compiler = Compiler(text, scope)
    compiler.subject = compiler.path(Path(1, field))
    part = compiler.need(compiler.compile(read_cell(text)), Kind.BOOLEAN)
    refuse_foreign(text, complaint(text, cell=True))
    return part.run


def refuse_foreign(text: str, complaint: str | None) -> None:
    """What our reader takes must be ZEN, so that its editor and its documentation hold."""
    if complaint is not None:
        raise refuse(text, 1, f"it is not ZEN ({complaint})")
