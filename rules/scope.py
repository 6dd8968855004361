"""What a rule may read: paths become readers of a snapshot, once, when a program is compiled.

A path that is neither built in nor declared is refused here, so that no rule ever meets an unknown name at run time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from domain.attributes import BUILT_IN, LINE, LINE_PREFIX, AttributeType, last_months
from domain.problems import Refused
from domain.promotions import UpdateAttribute
from domain.rule_problems import UnknownAttribute
from rules.definition import Definition
from rules.values import typed

Read = Callable[[Any], Any]
"""From the facts (or from one line) to a value of the attribute's type, None where it is empty; raises Fault."""

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that exists: its type, and how to read it."""

    path: str
    type: AttributeType
    read: Read


@dataclass(slots=True)
class Scope:
    """The attributes of a transaction's facts or, for the scope in `lines`, of one line item.

    `reads` collects the paths that were asked for, as the engine has to load them.
    """

    types: Mapping[str, AttributeType]
    lines: "Scope | None" = None
    point_types: frozenset[str] = frozenset()
    reads: set[str] = field(default_factory=set)
    prefix: str = ""

    def resolve(self, path: str) -> Attribute:
        """The attribute of a path; refuses one that does not exist."""
        kind = self._type(path)
        if kind is None:
            near = get_close_matches(path, self.types, n=1)
            raise Refused(UnknownAttribute(attribute=path, did_you_mean=near[0] if near else None))
        self.reads.add(self.prefix + path)
        return Attribute(path, kind, typed(path, kind, _getter(path)))

    def _type(self, path: str) -> AttributeType | None:
        months = last_months(path) if self.point_types else None
        if months is not None:
            return AttributeType.NUMBER if months[0] in self.point_types else None
        return self.types.get(path)


def scope_of(definition: Definition) -> Scope:
    """Everything the rules of a program may read."""
    reads: set[str] = set()
    of_lines = {
        path.removeprefix(LINE_PREFIX): kind
        for path, kind in definition.attributes.items()
        if path.startswith(LINE_PREFIX)
    }
    of_facts = {path: kind for path, kind in definition.attributes.items() if not path.startswith(LINE_PREFIX)}
    lines = Scope({**of_lines, **LINE}, reads=reads, prefix=LINE_PREFIX)
    types = {**of_facts, **_counters(definition), **BUILT_IN}
    return Scope(types, lines, frozenset(definition.point_types), reads)


def _counters(definition: Definition) -> dict[str, AttributeType]:
    """Counters exist once any promotion updates them: a name that nobody counts is a slip of the pen."""
    return {
        action.attribute: AttributeType.NUMBER
        for promotion in definition.promotions
        for rule in promotion.rules
        for action in rule.actions
        if isinstance(action, UpdateAttribute) and action.attribute.startswith("counters.")
    }


def _getter(path: str) -> Read:
    """The raw value of a path: `amount` (of a line), `transaction.amount`, `member.address.country`, `points.<rest>`."""
    section, _, rest = path.partition(".")
    if not rest:
        return lambda source: source.get(section)
    if section == "counters":
        return lambda source: source["counters"].get(rest) or ZERO
    if section == "points" or "." not in rest:
        return lambda source: nested.get(rest) if (nested := source.get(section)) is not None else None
    middle, _, name = rest.partition(".")

    def read(source: Any) -> Any:
        outer = source.get(section)
        inner = outer.get(middle) if outer is not None else None
        return inner.get(name) if inner is not None else None

    return read
