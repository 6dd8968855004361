"""Another package that provides a kind which there already is."""

from collections.abc import Sequence
from typing import Any

from rules.hooks import hookimpl
from rules.kinds import RuleKind
from tests.rules.stranger import REFUSES, TIMES


@hookimpl
def milepost_rule_kinds() -> Sequence[RuleKind[Any]]:
    return (RuleKind(TIMES.name, TIMES.version, TIMES.role, "a twin", TIMES.parameters, TIMES.reads, REFUSES.compile),)
