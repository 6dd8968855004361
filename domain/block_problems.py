"""Why something cannot be done with a block."""

from dataclasses import dataclass
from datetime import date

from domain.blocks import BlockKind, BlockMove, BlockStatus
from domain.points import Spoken
from domain.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongBlockStatus(Problem):
    """A move that the status of a block does not allow."""

    code = "WRONG_BLOCK_STATUS"
    status: BlockStatus
    move: BlockMove
    allowed: tuple[BlockMove, ...]

    @property
    def message(self) -> str:
        moves = ", ".join(move.value for move in self.allowed) or "none, it is final"
        return f"{self.move.value} is not possible: the block is {self.status.value}. Possible: {moves}."


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongBlockKind(Problem):
    """A move that blocks of this kind do not make."""

    code = "WRONG_BLOCK_KIND"
    kind: BlockKind
    move: BlockMove
    allowed: tuple[BlockKind, ...]

    @property
    def message(self) -> str:
        kinds = ", ".join(kind.value for kind in self.allowed)
        return f"{self.move.value} is not possible with a block of kind {self.kind.value}, only with {kinds}."


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockInactive(Problem):
    """A block that cannot be used today: not approved, closed, or outside its dates."""

    code = "BLOCK_INACTIVE"
    status: BlockStatus
    starts_on: date
    ends_on: date | None
    today: date

    @property
    def message(self) -> str:
        until = "without end" if self.ends_on is None else f"through {self.ends_on}"
        return (
            f"This block is {self.status.value} and runs from {self.starts_on} {until}: give one that is APPROVED and runs"
            f" on {self.today}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InsufficientBlockPoints(Problem):
    """A debit of more than a block has."""

    code = "INSUFFICIENT_BLOCK_POINTS"
    available: Spoken
    required: Spoken

    @property
    def message(self) -> str:
        return f"The block has {self.available:,f} points, {self.required:,f} are needed: take no more than it has."


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPurchase(Problem):
    """An approval of a purchase by whoever asked for it."""

    code = "OWN_PURCHASE"

    @property
    def message(self) -> str:
        return "Nobody approves a purchase that they asked for: forward it to somebody else."
