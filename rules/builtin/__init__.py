"""The built-in rule kinds, one module each, provided through the same door as a stranger's."""

from collections.abc import Sequence
from typing import Any

from rules.builtin import amount, constant, distance, quantity, ranges
from rules.hooks import hookimpl
from rules.kinds import RuleKind


@hookimpl
def milepost_rule_kinds() -> Sequence[RuleKind[Any]]:
    return (amount.KIND, quantity.KIND, distance.KIND, ranges.KIND, constant.KIND)
