"""The door for rule kinds: a package names a module under the entry-point group `milepost.rules`; that module answers this hook.

The built-in rules come through the same door.
"""

from collections.abc import Sequence
from typing import Any

import pluggy

from rules.kinds import RuleKind

GROUP = "milepost.rules"

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@hookspec
def milepost_rule_kinds() -> Sequence[RuleKind[Any]]:  # type: ignore[empty-body]  # a specification has no body
    """All rule kinds that a package provides."""
