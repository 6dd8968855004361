"""Commands about families. Both members are named within one program."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.commands.members import MemberReference


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdJoin:
    """An individual joins a household or account today. What it earns flows there as far as this says."""

    member: MemberReference
    family: MemberReference
    program: str | None = None
    rolls_up_from: date | None = None
    twin_percent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdLeave:
    """An individual leaves its household or account today; what it earns is its own again from now on."""

    member: MemberReference
    program: str | None = None
