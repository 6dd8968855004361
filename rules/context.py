"""What compiling an action needs to know of the program."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.programs import PointType
from rules.definition import Definition
from rules.registry import Registry
from rules.scope import Scope, scope_of


@dataclass(frozen=True, slots=True)
class Context:
    """The attributes that may be read, the point types there are, and the rule kinds that are installed."""

    scope: Scope
    point_types: Mapping[str, PointType]
    registry: Registry
    untrusted: frozenset[str] = frozenset()
    time_limit: float = 0.25

    def for_rule(self) -> "Context":
        """The same context, whose scope notes what one rule uses."""
        return replace(self, scope=self.scope.for_rule())


def context_of(definition: Definition, registry: Registry) -> Context:
    """The context of a program, with a scope of its own."""
    return Context(scope_of(definition), definition.point_types, registry, definition.untrusted, definition.time_limit)
