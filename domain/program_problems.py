"""What can be wrong with a command about a program, a point type or a price, besides plain values."""

from dataclasses import dataclass
from datetime import date

from domain.problems import Problem
from domain.programs import ProgramStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongProgramStatus(Problem):
    """A program that is not where this command begins."""

    code = "WRONG_PROGRAM_STATUS"
    status: ProgramStatus
    allowed: tuple[ProgramStatus, ...]

    @property
    def message(self) -> str:
        allowed = " or ".join(status.value for status in self.allowed)
        return f"This program is {self.status.value}: only one that is {allowed} can do this."


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOverlaps(Problem):
    """Two prices of a product for the same kind and partner on the same day; this one names the price that is there."""

    code = "PRICE_OVERLAPS"
    starts_on: date
    ends_on: date | None

    @property
    def message(self) -> str:
        end = f"to {self.ends_on}" if self.ends_on else "without an end"
        return (
            f"There is a price from {self.starts_on} {end}: let that one end first, by setting it again with an "
            "earlier end, or choose dates outside of it."
        )
