"""Snapshots: the attributes that a rule kind says it reads, and nothing else, read-only.

So a plug-in cannot change what its neighbours see, and what it read can be named in the decision.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from domain.problems import Refused
from domain.rule_problems import InvalidRule
from rules.frames import Frame
from rules.kinds import LINES, RuleKind, Snapshot
from rules.lines import Select, total
from rules.scope import Read, Scope

Take = Callable[[Frame], Snapshot]


def paths_of(kind: RuleKind[Any], parameters: Any) -> tuple[str, ...]:
    """What a kind says it reads with these parameters; a stranger's code, so anything may go wrong."""
    try:
        paths = tuple(kind.reads(parameters))
    except Exception as error:
        raise Refused(
            InvalidRule(path=("kind",), reason=f"`{kind.name}` cannot say what it reads: {error!r}")
        ) from error
    if not all(isinstance(path, str) for path in paths):
        raise Refused(
            InvalidRule(path=("kind",), reason=f"`{kind.name}` must name attributes by their paths, not {paths!r}")
        )
    return paths


def taking(paths: Sequence[str], scope: Scope, chosen: Select | None = None) -> Take:
    """Snapshots of these paths; with `chosen`, amount and quantity are the sums over those lines, and `lines` are those."""
    reads = {path: _reader(path, scope, chosen) for path in paths}
    return lambda frame: MappingProxyType({path: read(frame) for path, read in reads.items()})


def _reader(path: str, scope: Scope, chosen: Select | None) -> Read:
    if path == LINES:
        return _frozen_lines(scope, chosen)
    attribute = scope.resolve(path)
    name = path.removeprefix("transaction.")
    if chosen is None or name not in ("amount", "quantity"):
        return attribute.read
    return total(chosen, scope.lines.resolve(name).read, name)


def _frozen_lines(scope: Scope, chosen: Select | None) -> Read:
    whole, frames = scope.whole_lines(), scope.line_items()
    if chosen is None:
        return lambda frame: tuple(_frozen(line) for line in whole(frame))

    def lines(frame: Frame) -> tuple[Mapping[str, Any], ...]:
        wanted = {id(line) for line in chosen(frame)}
        pairs = zip(whole(frame), frames(frame), strict=True)
        return tuple(_frozen(line) for line, of_frame in pairs if id(of_frame) in wanted)

    return lines


def _frozen(line: Mapping[str, Any]) -> Mapping[str, Any]:
    attributes = MappingProxyType(dict(line.get("attributes") or {}))
    return MappingProxyType({**line, "attributes": attributes})
