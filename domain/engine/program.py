"""A program as the engine sees it: one version of its settings, point types and compiled rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from domain.attributes import AttributeType
from domain.cost_shares import CostShare
from domain.deliveries import EventType
from domain.engine.candidates import Sieve
from domain.engine.history import windows
from domain.expiry import ExpiryKind, ExpiryPolicy, first_policy
from domain.programs import PointType, Program
from domain.promotions import AssignPoints, Limits, Promotion, UpdateAttribute
from domain.rules import CompiledRules
from domain.tiers import Tier, TierClass
from domain.transactions import SubType, Type
from domain.vouchers import VoucherTerms

NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class VoucherType:
    """A product that is a kind of voucher."""

    product_id: int
    active: bool
    terms: VoucherTerms


@dataclass(frozen=True)
class EngineProgram:
    """Made once per version and kept; `by_code` and the flags are worked out here and never per transaction."""

    program: Program
    point_types: Mapping[int, PointType]
    rules: CompiledRules
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    """By code; a code is unique within the program."""
    tier_classes: Mapping[str, TierClass] = field(default_factory=dict)
    vouchers: Mapping[str, VoucherType] = field(default_factory=dict)
    """Voucher types by code."""
    extended_before: bool = False
    """Whether points of an earlier version lapse by inactivity: what was given so stays so."""
    families: bool = False
    """Whether accruals of some member flow to another."""
    listening: frozenset[EventType] = frozenset()
    """What other systems want to hear of; it may change without a new version."""
    charging: bool = False
    """Whether somebody pays for points that are given, or may not give them all; it may change without a new version, too."""
    by_code: Mapping[str, PointType] = field(init=False)
    default: PointType = field(init=False)
    counters: Mapping[str, int] = field(init=False)
    """The counters of numbers, declared or made by a promotion that counts: they begin at zero."""
    extends: bool = field(init=False)
    """Whether any points of the program lapse by inactivity, so that an activity must extend lots."""

    def __post_init__(self) -> None:
        point_types = self.point_types.values()
        object.__setattr__(self, "by_code", {point_type.code: point_type for point_type in point_types})
        object.__setattr__(self, "default", next(point_type for point_type in point_types if point_type.is_default))
        object.__setattr__(self, "counters", _zeros(self.program.attributes, self.rules.promotions))
        object.__setattr__(self, "extends", self.extended_before or any(map(_by_inactivity, self._policies())))

    @cached_property
    def limited(self) -> Mapping[int, Promotion]:
        """The promotions with limits per member, by id."""
        found = (each for each in self.rules.promotions if replace(each.limits, total=None) != NO_LIMITS)
        return {each.id: each for each in found}

    @cached_property
    def capped(self) -> frozenset[int]:
        """The promotions, by id, with a limit in all."""
        return frozenset(each.id for each in self.rules.promotions if each.limits.total is not None)

    @cached_property
    def limits_in_all(self) -> Mapping[int, Decimal]:
        """How much promotions with a limit in all may pay, by id."""
        return {each.id: each.limits.total for each in self.rules.promotions if each.limits.total is not None}

    @cached_property
    def has_limits(self) -> bool:
        """Whether any promotion is limited."""
        return any(each.limits != NO_LIMITS for each in self.rules.promotions)

    @cached_property
    def shares(self) -> Mapping[int, Sequence[CostShare]]:
        """Who pays for what joint promotions give, by promotion."""
        return {each.id: each.shares for each in self.rules.promotions if each.shares}

    @cached_property
    def own_blocks_only(self) -> frozenset[int]:
        """The promotions, by id, that draw only from blocks made for them."""
        return frozenset(each.id for each in self.rules.promotions if each.own_blocks_only)

    @cached_property
    def joined(self) -> frozenset[int]:
        """The promotions, by id, that are only for members who joined them."""
        return frozenset(each.id for each in self.rules.promotions if each.enrollment_required)

    @cached_property
    def ends(self) -> dict[tuple[int, date], tuple[ExpiryPolicy, tuple[date | None, str | None]]]:
        """When lots lapse, as far as it was asked before, by (identity of the policy, day); the policy itself is kept with it."""
        return {}

    @cached_property
    def sieve(self) -> Sieve:
        """Which promotions are for a transaction at all."""
        return Sieve(self.rules.promotions, self.joined)

    @cached_property
    def ranks(self) -> Sequence[int]:
        """The place of each promotion when they are sorted by their start and code: later ones have the last word."""
        promotions = self.rules.promotions
        ordered = sorted(
            range(len(promotions)), key=lambda index: (promotions[index].starts_on, promotions[index].code)
        )
        return [place for _, place in sorted((index, place) for place, index in enumerate(ordered))]

    @cached_property
    def windows(self) -> Mapping[str, tuple[str, int]]:
        """The points over the last months that rules read, by path: point type and months."""
        return windows(self.rules.reads)

    @cached_property
    def rewards_redemptions(self) -> bool:
        """Whether some promotion is for redemptions: its awards become accruals of their own."""
        scopes = (scope for promotion in self.rules.promotions for scope in promotion.applies_to)
        return any(scope.type is Type.REDEMPTION for scope in scopes)

    @cached_property
    def lends(self) -> bool:
        """Whether some tier lets redemptions borrow what they lack."""
        return any(tier.loan is not None for tier in self.tiers.values())

    @cached_property
    def suspends(self) -> bool:
        """Whether some tier suspends expiry: who holds it keeps all lots."""
        return any(tier.suspends_expiry for tier in self.tiers.values())

    @property
    def needs_all_lots(self) -> bool:
        """Whether the first few lots are not enough: an activity extends all, and a simulation for approval must know all."""
        return self.extends or self.suspends or SubType.PRODUCT in self.program.settings.approval_above

    def _policies(self) -> list[ExpiryPolicy | None]:
        awards = (
            action.expiry
            for promotion in self.rules.promotions
            for rule in promotion.rules
            for action in rule.actions
            if isinstance(action, AssignPoints)
        )
        types = (each.expiry for each in self.point_types.values())
        return [self.program.settings.expiry, *types, *(tier.expiry for tier in self.tiers.values()), *awards]

    def expiry(self, award: ExpiryPolicy | None, tier: Tier | None, point_type: PointType) -> ExpiryPolicy:
        """The most specific policy: of the award, else of the tier, else of the point type, else of the program."""
        return first_policy(award, tier.expiry if tier else None, point_type.expiry, self.program.settings.expiry)


def _by_inactivity(policy: ExpiryPolicy | None) -> bool:
    return policy is not None and policy.kind is ExpiryKind.INACTIVITY


def _zeros(attributes: Mapping[str, AttributeType], promotions: Iterable[Promotion]) -> dict[str, int]:
    declared = {path for path, kind in attributes.items() if kind.numeric}
    counted = {
        action.attribute
        for promotion in promotions
        for rule in promotion.rules
        for action in rule.actions
        if isinstance(action, UpdateAttribute) and action.attribute not in attributes
    }
    pairs = (path.split(".", 1) for path in declared | counted)
    return {name: 0 for bag, name in pairs if bag == "counters"}
