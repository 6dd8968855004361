"""Taking a frame from facts as one Python function, made of the paths that rules read: each section is looked up once.

What it does is what the readers of `rules/paths.py` and `rules/values.py` do one after the other, and a test compares the two.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from domain.attributes import AttributeType
from domain.rules import Facts
from rules.paths import ZERO
from rules.values import USUAL

Convert = Callable[[Any], Any]
Take = Callable[[Facts], list[Any]]
EMPTY: dict[str, Any] = {}


class _Source:
    """Lines of the function, and what its names stand for."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {"ZERO": ZERO, "EMPTY": EMPTY, "Decimal": Decimal}
        self.sections: dict[tuple[str, ...], str] = {(): "facts"}

    def name(self, value: Any) -> str:
        """A name for an object."""
        name = f"k{len(self.names)}"
        self.names[name] = value
        return name

    def section(self, *parts: str) -> str:
        """The variable that holds a section, empty if there is none."""
        if parts not in self.sections:
            outer = self.section(*parts[:-1])
            self.sections[parts] = variable = f"s{len(self.sections)}"
            self.lines += [
                f"    {variable} = {outer}.get({self.name(parts[-1])})",
                f"    if {variable} is None: {variable} = EMPTY",
            ]
        return self.sections[parts]

    def value(self, variable: str, path: str, kind: AttributeType, convert: Convert) -> None:
        """The value at a path, of its type."""
        section, _, rest = path.partition(".")
        middle, _, name = rest.partition(".")
        if section in {"counters", "points"} or not name:
            place = f"{self.section(section)}.get({self.name(rest)})"
        else:
            place = f"{self.section(section, middle)}.get({self.name(name)})"
        self.lines.append(f"    {variable} = {place}{' or ZERO' if section == 'counters' else ''}")
        self.lines.append(self._typed(variable, kind, self.name(convert)))

    def _typed(self, variable: str, kind: AttributeType, convert: str) -> str:
        if kind is AttributeType.TEXT:
            right = f"({variable} or None) if type({variable}) is str else {convert}({variable})"
            return f"    if {variable} is not None: {variable} = {right}"
        usual = self.name(USUAL[kind]) if kind in USUAL else None
        test = f" and type({variable}) is not {usual}" if usual else ""
        return f"    if {variable} is not None{test}: {variable} = {convert}({variable})"


def generate_take(
    values: Iterable[tuple[str, AttributeType, Convert] | Convert],
) -> Take:
    """The function for values by their paths and types, each with what to do with an unusual one; or read in a way of its own.
    Its text is made of numbers and of names for constants, never of anything that somebody wrote.
    """
    source, variables = _Source(), list[str]()
    for place, each in enumerate(values):
        variables.append(f"a{place}")
        if isinstance(each, tuple):
            source.value(variables[-1], *each)
        else:
            source.lines.append(f"    {variables[-1]} = {source.name(each)}(facts)")
    text = "\n".join(["def take(facts):", *source.lines, f"    return [{', '.join([*variables, '{}'])}]"])
    exec(compile(text, "<frame>", "exec"), source.names)  # noqa: S102 - see above
    take: Take = source.names["take"]
    return take
