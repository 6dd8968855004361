"""Rule kinds: what a plug-in provides, and what the built-in rules are made of.

A kind is pure: it sees only the attributes that it says it reads, and neither clock, chance, network nor database.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from domain.rules import AttributeUpdate, Award, TierMove, VoucherAward

Snapshot = Mapping[str, Any]
"""What a kind sees: the attributes it reads, by path, read-only, None where empty. `lines` is a tuple of read-only mappings."""

LINES = "lines"
"""Named in `reads`: the line items; each holds what `domain.attributes.LINE` names, and `attributes`."""


class Role(enum.Enum):
    """Where a kind may stand: among the base rules of a program, or among the actions of a promotion."""

    BASE = "BASE"
    ACTION = "ACTION"


class Parameters(BaseModel):
    """Parameters of a kind: camelCase in JSON, exact numbers, nothing unknown. A kind derives its own."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=False, extra="forbid", frozen=True, allow_inf_nan=False
    )


@dataclass(frozen=True, slots=True)
class Rejection:
    """What a kind answers when the transaction must not go through; the reason is kept in its decision."""

    reason: str


class WrongCurrency(Exception):
    """Raised by a base rule that would apply, were the amount in its currency."""

    def __init__(self, expected: str) -> None:
        super().__init__(f"this rule is for amounts in {expected}")
        self.expected = expected


Answer = Decimal | Rejection | Award | AttributeUpdate | VoucherAward | TierMove | Sequence[Any] | None
"""Of a base rule: points, or None where it does not apply. Of an action: points (of the base point type, not qualifying), a
proposal, or several; None for nothing. Of either: a rejection."""

Evaluate = Callable[[Snapshot], Answer]
P = TypeVar("P", bound=Parameters)


@dataclass(frozen=True, slots=True)
class RuleKind(Generic[P]):
    """One kind of rule, in one version. `reads` and `compile` run once per program version, the result once per transaction."""

    name: str
    version: int
    role: Role
    summary: str
    parameters: type[P]
    reads: Callable[[P], Sequence[str]]
    compile: Callable[[P], Evaluate]
