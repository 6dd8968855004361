"""The rule kinds that are installed, for whoever writes base rules or promotions."""

from domain.rules import RuleKindInfo
from rules import rule_kinds


def installed_rule_kinds() -> tuple[RuleKindInfo, ...]:
    """By name and version, each with the JSON schema of its parameters."""
    return rule_kinds()
