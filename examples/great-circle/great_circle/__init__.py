"""Rule kinds for flights: miles by the airports they connect, and a bonus for long ones.

Milepost finds this module through the entry point in `pyproject.toml` and asks it for its kinds.
"""

from collections.abc import Sequence
from typing import Any

from great_circle import base, bonus
from rules.hooks import hookimpl
from rules.kinds import RuleKind


@hookimpl
def milepost_rule_kinds() -> Sequence[RuleKind[Any]]:
    return (base.KIND, bonus.KIND)
