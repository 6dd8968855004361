"""A program as the engine sees it: one version of its settings, point types and compiled rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.expiry import ExpiryKind, ExpiryPolicy
from domain.programs import PointType, Program
from domain.promotions import AssignPoints
from domain.rules import CompiledRules
from domain.transactions import SubType


@dataclass(frozen=True)
class EngineProgram:
    """Made once per version and kept; `by_code` and the flags are worked out here and never per transaction."""

    program: Program
    point_types: Mapping[int, PointType]
    rules: CompiledRules
    by_code: Mapping[str, PointType] = field(init=False)
    default: PointType = field(init=False)
    extends: bool = field(init=False)
    """Whether any points of the program lapse by inactivity, so that an activity must extend lots."""

    def __post_init__(self) -> None:
        point_types = self.point_types.values()
        object.__setattr__(self, "by_code", {point_type.code: point_type for point_type in point_types})
        object.__setattr__(self, "default", next(point_type for point_type in point_types if point_type.is_default))
        object.__setattr__(self, "extends", any(map(_by_inactivity, self._policies())))

    @property
    def needs_all_lots(self) -> bool:
        """Whether the first few lots are not enough: an activity extends all, and a simulation for approval must know all."""
        return self.extends or SubType.PRODUCT in self.program.settings.approval_above

    def _policies(self) -> list[ExpiryPolicy | None]:
        awards = (
            action.expiry
            for promotion in self.rules.promotions
            for rule in promotion.rules
            for action in rule.actions
            if isinstance(action, AssignPoints)
        )
        return [self.program.settings.expiry, *(each.expiry for each in self.point_types.values()), *awards]

    def expiry(self, award: ExpiryPolicy | None, point_type: PointType) -> ExpiryPolicy:
        """The most specific policy: of the award, else of the point type, else of the program."""
        return award or point_type.expiry or self.program.settings.expiry


def _by_inactivity(policy: ExpiryPolicy | None) -> bool:
    return policy is not None and policy.kind is ExpiryKind.INACTIVITY
