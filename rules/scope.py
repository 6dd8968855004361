"""What a rule may read: paths become places in a *frame*, the values of a transaction read once each.

A path that is neither built in nor declared is refused here, so that no rule ever meets an unknown name at run time.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from operator import itemgetter
from typing import Any

from domain.attributes import BUILT_IN, LINE, LINE_PREFIX, AttributeType, last_months
from domain.problems import Refused
from domain.promotions import Promotion, UpdateAttribute
from domain.rule_problems import UnknownAttribute
from rules.definition import Definition

LINES = "lines"
"""The place of the line items, each a frame of its own."""

WHOLE_LINES = "whole lines"
"""The place of the line items as they are in the facts, for rule kinds that read them whole."""

Read = Callable[[Any], Any]
"""From a frame (or from one line) to a value of the attribute's type, None where it is empty."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that exists: its type, and how to read it (its place in a frame, or a number made from line items)."""

    path: str
    type: AttributeType
    read: Read
    place: int = -1


@dataclass(frozen=True, slots=True)
class LineScope:
    """The attributes of a line item, by their names within the line. `places` are those asked for so far."""

    types: Mapping[str, AttributeType]
    places: dict[str, int] = field(default_factory=dict)

    def resolve(self, name: str) -> Attribute:
        """The attribute of a name; refuses one that does not exist."""
        kind = self.types.get(name)
        if kind is None:
            raise _unknown(name, self.types)
        place = self.places.setdefault(name, len(self.places))
        return Attribute(name, kind, itemgetter(place), place)


@dataclass(frozen=True, slots=True)
class Scope:
    """The attributes of a transaction. `places` are those asked for so far; `used` those that one rule asked for;
    `selections` numbers the different selections of line items.
    """

    types: Mapping[str, AttributeType]
    lines: LineScope
    point_types: frozenset[str]
    places: dict[str, int] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    selections: dict[str, int] = field(default_factory=dict)

    @property
    def reads(self) -> set[str]:
        """Paths of everything that was asked for."""
        whole = {LINES} if {LINES, WHOLE_LINES} & self.places.keys() else set()
        of_lines = {LINE_PREFIX + name for name in self.lines.places}
        return whole | of_lines | (self.places.keys() - {WHOLE_LINES})

    def for_rule(self) -> "Scope":
        """The same scope, which notes what one rule uses."""
        return replace(self, used=set())

    def resolve(self, path: str) -> Attribute:
        """The attribute of a path; refuses one that does not exist."""
        kind = self.type_of(path)
        if kind is None:
            raise _unknown(path, self.types)
        place = self._place(path)
        return Attribute(path, kind, itemgetter(place), place)

    def line_items(self) -> Read:
        """How to read all line items, each a frame."""
        return itemgetter(self._place(LINES))

    def whole_lines(self) -> Read:
        """How to read all line items as they are in the facts."""
        return itemgetter(self._place(WHOLE_LINES))

    def type_of(self, path: str) -> AttributeType | None:
        """The type of an attribute; None if there is no such."""
        months = last_months(path)
        if months is not None:
            return AttributeType.NUMBER if months[0] in self.point_types else None
        return self.types.get(path)

    def _place(self, path: str) -> int:
        place = self.places.setdefault(path, len(self.places))
        self.used.add(place)
        return place


def _unknown(path: str, known: Collection[str]) -> Refused:
    last = path.rpartition(".")[2]
    near = [each for each in known if each.rpartition(".")[2] == last] or get_close_matches(path, known, n=1)
    return Refused(UnknownAttribute(attribute=path, did_you_mean=near[0] if near else None))


def scope_of(definition: Definition) -> Scope:
    """Everything the rules of a program may read."""
    declared = definition.attributes.items()
    of_lines = {path.removeprefix(LINE_PREFIX): kind for path, kind in declared if path.startswith(LINE_PREFIX)}
    of_facts = {path: kind for path, kind in declared if not path.startswith(LINE_PREFIX)}
    types = {**_counters(definition.promotions), **of_facts, **BUILT_IN}
    return Scope(types, LineScope({**of_lines, **LINE}), frozenset(definition.point_types))


def _counters(promotions: Iterable[Promotion]) -> dict[str, AttributeType]:
    """Counters exist once any promotion updates them: a name that nobody counts is a slip of the pen."""
    actions = (action for promotion in promotions for rule in promotion.rules for action in rule.actions)
    return {
        action.attribute: AttributeType.NUMBER
        for action in actions
        if isinstance(action, UpdateAttribute) and action.attribute.startswith("counters.")
    }
