"""What is wrong with a promotion or a base rule: found when it is saved or activated, never first at run time.

`path` names the rule, criterion or action (`rules`, `0`, `criteria`, `1`, `attribute`); `position` the character of an expression.
"""

from dataclasses import dataclass

from domain.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownAttribute(Problem):
    """A rule reads an attribute that is neither built in nor declared."""

    code = "UNKNOWN_ATTRIBUTE"
    attribute: str
    position: int | None = None
    did_you_mean: str | None = None

    @property
    def message(self) -> str:
        where = f" at position {self.position}" if self.position is not None else ""
        hint = f" Did you mean {self.did_you_mean!r}?" if self.did_you_mean else " Define it first, or use a known one."
        return f"There is no attribute {self.attribute!r}{where}.{hint}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidExpression(Problem):
    """An expression that cannot be read, or whose types do not fit; `position` counts characters from 1."""

    code = "INVALID_EXPRESSION"
    expression: str
    position: int
    reason: str

    @property
    def message(self) -> str:
        return f"The expression is wrong at position {self.position}: {self.reason}."


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidRule(Problem):
    """A criterion, an action or a promotion that can never work; `reason` says what would."""

    code = "INVALID_RULE"
    reason: str

    @property
    def message(self) -> str:
        first, *rest = self.reason.split(" ")
        # A name is shown as it is written: `tier.code`, `perAmount`.
        opening = first.capitalize() if first.isalpha() and first.islower() else first
        return f"{' '.join([opening, *rest])}."


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownRuleKind(Problem):
    """A rule kind, or a version of it, that no installed package provides."""

    code = "UNKNOWN_RULE_KIND"
    kind: str
    version: int
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"No rule kind {self.kind!r} of version {self.version} is installed; there are: {', '.join(self.known) or 'none'}."
