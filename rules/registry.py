"""The rule kinds that are installed, found once through the entry-point group `milepost.rules`.

A package that cannot be loaded harms no other: its kinds are unknown, and asking for one says why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from domain.problems import Problem
from domain.rule_problems import InvalidRule, UnknownRuleKind
from rules import hooks
from rules.kinds import RuleKind


@dataclass(frozen=True, slots=True)
class Registry:
    """Kinds by name and version, and what could not be loaded."""

    kinds: Mapping[tuple[str, int], RuleKind[Any]]
    failures: Mapping[str, str] = field(default_factory=dict)
    origins: tuple[tuple[str, str], ...] = ()
    """Names of the packages, and where their kinds are."""

    def find(self, name: str, version: int) -> RuleKind[Any] | Problem:
        """A kind, or the problem that says which there are."""
        kind = self.kinds.get((name, version))
        if kind is not None:
            return kind
        if self.failures:
            broken = "; ".join(f"{package}: {why}" for package, why in self.failures.items())
            return InvalidRule(reason=f"no rule kind {name!r} of version {version} was loaded; not loadable: {broken}")
        return UnknownRuleKind(kind=name, version=version, known=tuple(f"{n} {v}" for n, v in sorted(self.kinds)))


@cache
def installed() -> Registry:
    """What the installed packages provide; read once per process."""
    return load(entry_points(group=hooks.GROUP))


def load(points: Iterable[EntryPoint]) -> Registry:
    """Kinds of the given entry points, each loaded on its own."""
    kinds: dict[tuple[str, int], RuleKind[Any]] = {}
    failures: dict[str, str] = {}
    found = sorted(points, key=lambda point: point.name)
    for point in found:
        try:
            provided = _provided(point)
        except Exception as error:  # noqa: BLE001 - a stranger's package may raise anything
            failures[point.name] = f"{type(error).__name__}: {error}"
            continue
        for kind in provided:
            if kinds.setdefault((kind.name, kind.version), kind) is not kind:
                failures[point.name] = f"{kind.name} {kind.version} is already provided by another package"
    return Registry(kinds, failures, tuple((point.name, point.value) for point in found))


def _provided(point: EntryPoint) -> list[RuleKind[Any]]:
    manager = pluggy.PluginManager(hooks.GROUP)
    manager.add_hookspecs(hooks)
    manager.register(point.load(), name=point.name)
    manager.check_pending()
    kinds = [kind for kinds in manager.hook.milepost_rule_kinds() for kind in kinds]
    if not kinds:
        raise ValueError("it provides no rule kinds")
    return kinds
