"""What must be true at the end, counted from the answers alone: points by member, rows by label, holds, what is left of the block.

Every request carries its label as the comment of what it makes. Points are those a member owns, held ones included.
"""

from collections import Counter
from dataclasses import dataclass, field

PROCESSED, CANCELLED, REJECTED, QUEUED = "PROCESSED", "CANCELLED", "REJECTED_ENGINE", "QUEUED"


@dataclass
class Original:
    """A transaction that was accepted, of which `left` points can be taken back; `sign` is +1 if it earned them."""

    id: str
    label: str
    member: str
    left: int
    sign: int
    drawn: bool


@dataclass
class Held:
    """A hold that was accepted; `open` until its client captured or released it."""

    id: str
    label: str
    member: str
    points: int
    captured: int = 0
    open: bool = True


@dataclass
class Waiting:
    """What was queued: what becomes of it is decided by the batch engine."""

    member: str
    points: int
    drawn: bool


@dataclass
class Account:
    """`rows` has the status of the one transaction of each label, or None where there may be none at all."""

    points: Counter[str] = field(default_factory=Counter)
    rows: dict[str, str | None] = field(default_factory=dict)
    holds: dict[str, Held | None] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    drawn: int = 0
    transfers: int = 0

    def earned(self, found: Original) -> None:
        """Points that a member has got or given, at once."""
        self.rows[found.label] = PROCESSED
        self.points[found.member] += found.sign * found.left
        self.drawn += found.left * found.drawn

    def transferred(self, label: str, member: str, to: str, points: int) -> None:
        self.rows[label] = PROCESSED
        self.points[member] -= points
        self.points[to] += points
        self.transfers += 1

    def taken_back(self, label: str, original: Original, points: int) -> None:
        """A part of an original, or all that was left of it."""
        self.rows[label] = PROCESSED
        original.left -= points
        self.points[original.member] -= original.sign * points
        self.drawn -= points * original.drawn
        if not original.left:
            self.rows[original.label] = CANCELLED

    def held(self, found: Held) -> None:
        self.holds[found.label] = found

    def captured(self, label: str, hold: Held, points: int) -> None:
        self.rows[label] = PROCESSED
        hold.captured, hold.open = points, False
        self.points[hold.member] -= points

    def queued(self, label: str, waiting: Waiting) -> None:
        self.rows[label] = QUEUED
        self.waiting[label] = waiting

    def settle(self, label: str, status: str) -> None:
        """What the batch engine made of something that was queued."""
        found = self.waiting[label]
        self.rows[label] = status
        if status == PROCESSED:
            self.points[found.member] += found.points
            self.drawn += found.points * found.drawn
