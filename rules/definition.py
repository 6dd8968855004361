"""What rules are compiled from: the part of a program's version that decides what a transaction is worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.attributes import AttributeType
from domain.programs import BaseRule, PointType
from domain.promotions import Promotion


@dataclass(frozen=True, slots=True)
class Definition:
    """`promotions` are the active ones, `point_types` are by code, `attributes` are those the program declares, by path
    (`member.attributes.homeStore`, `transaction.attributes.miles`, `line.attributes.department`, `counters.flights`).
    """

    base_rules: tuple[BaseRule, ...] = ()
    promotions: tuple[Promotion, ...] = ()
    point_types: Mapping[str, PointType] = field(default_factory=dict)
    attributes: Mapping[str, AttributeType] = field(default_factory=dict)
    untrusted: frozenset[str] = frozenset()
    """Names of rule kinds that run in a helper process, which is ended at the time limit."""
    time_limit: float = 0.25
    """Seconds that an untrusted rule may take for one transaction."""
