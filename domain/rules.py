"""What the engine knows of rules: facts go in, proposals come out; nothing else passes.

The engine names only these shapes; how rules are written, compiled and plugged in is the business of the package `rules`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

import msgspec

from domain.expiry import ExpiryPolicy
from domain.promotions import AttributeOperation, Promotion, TierDirection

Facts = Mapping[str, Any]
"""A frozen snapshot before the transaction: `transaction`, `lines` (a list), `member`, `product`, `partner`, `tier`, `points`,
`counters`, each a mapping of names to Decimal, int, str, bool, date, or None where empty.

Names are those of `domain/attributes.py`: `facts["transaction"]["subType"]`, `facts["tier"]["class"]`. `attributes` (of
`transaction`, `member`, `product` and every line) and `address` (of `member`) are mappings of their own, or None. A section that
there is none of (no product, no tier) is an empty mapping. Points of the last months are under the rest of their path:
`facts["points"]["POINTS.lastMonths.12"]`, for each such path that `CompiledRules.reads` names. A counter that was never touched
is 0. Enumerated values are their text ("ACCRUAL")."""


class Base(msgspec.Struct, frozen=True, gc=False):
    """Base points, exact and not yet rounded; `rule` is the index of the base rule that gave them (None: none applied)."""

    points: Decimal
    rule: int | None


class Award(msgspec.Struct, frozen=True, gc=False):
    """Points that a fired rule proposes: exact, not yet rounded. `point_type` None means that of the base points."""

    point_type: str | None
    qualifying: bool
    points: Decimal
    starts_on: date | None = None
    expiry: ExpiryPolicy | None = None


class AttributeUpdate(msgspec.Struct, frozen=True, gc=False):
    """A change of a member attribute or counter."""

    attribute: str
    operation: AttributeOperation
    value: Any


class VoucherAward(msgspec.Struct, frozen=True):
    """Vouchers that a fired rule gives."""

    voucher_type: str
    quantity: int


class TierMove(msgspec.Struct, frozen=True):
    """A change of tier that a fired rule asks for."""

    tier_class: str
    direction: TierDirection
    tier: str | None


Proposal = Award | AttributeUpdate | VoucherAward | TierMove


class Fired(NamedTuple):
    """A rule of a promotion whose criteria all held, and what its actions propose."""

    promotion: int
    rule: int
    proposals: tuple[Proposal, ...]


class NotFired(NamedTuple):
    """The first criterion that failed, of the rule that came closest (the last one tried); `seen` is the value found, or 'empty'."""

    promotion: int
    rule: int
    criterion: int
    seen: str


class Verdict(NamedTuple):
    """What one promotion makes of a transaction: at most one fired rule per thing it applies to, or the reason it did not fire.

    Verdicts are made by the dozen per transaction; named tuples are made four times as fast as frozen dataclasses.
    """

    promotion: int
    fired: tuple[Fired, ...]
    failed: NotFired | None


class Weighed(NamedTuple):
    """What all promotions make of a transaction, as a decision keeps it (`domain/verdicts.py`): a number for each, what the
    rules that fired propose, and the values that the failed criteria found, once each, in the order of the promotions.
    """

    verdicts: tuple[int, ...]
    fired: Sequence[Fired]
    seen: tuple[str, ...]


class RuleError(Exception):
    """A rule that could not be evaluated: it rejects this transaction (RULE_ERROR) and harms no other."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(f"{where}: {message}")
        self.where = where
        self.message = message


class CurrencyMismatch(Exception):
    """No base rule applied, and at least one would have, had the amount been in its currency (CURRENCY_MISMATCH)."""

    def __init__(self, currency: str | None, expected: tuple[str, ...]) -> None:
        super().__init__(
            f"the amount is in {currency or 'no currency'}; base points are defined for {', '.join(expected)}"
        )
        self.currency = currency
        self.expected = expected


@dataclass(frozen=True, slots=True)
class RuleKindInfo:
    """A rule kind that is installed, as the API shows it. `role` is BASE or ACTION; `parameters` is a JSON schema."""

    name: str
    version: int
    role: str
    summary: str
    parameters: Mapping[str, Any]


class CompiledRules(Protocol):
    """The rules of one version of a program, ready to run. Pure: no clock, no chance, no input or output."""

    @property
    def promotions(self) -> Sequence[Promotion]:
        """The active promotions, in the order whose indexes the verdicts name."""

    @property
    def reads(self) -> frozenset[str]:
        """Paths of all attributes that any base rule or promotion may read; facts need to hold no others."""

    def base(self, facts: Facts) -> Base:
        """Base points by the first base rule that applies; raises RuleError or CurrencyMismatch."""

    def weigh(self, facts: Facts, unfit: Sequence[int]) -> Weighed:
        """What all promotions make of a transaction; raises RuleError that names promotion and rule.

        `unfit` has a number for each: 0 for a candidate, else the obstacle, which is its verdict. `facts["transaction"]
        ["basePoints"]` holds the base points by then.
        """

    def judge(self, facts: Facts, candidates: Sequence[int]) -> Sequence[Verdict]:
        """The same for some promotions (by index, in the given order), one by one and in words: what `weigh` must agree with."""
