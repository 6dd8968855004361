"""Point blocks: points that a partner, or the host, has bought and may give away. Block points have two decimals.

A block is *active* while it is APPROVED and the day lies between its dates, both included. An empty block stays active;
only closing ends it. What remains is the sum of its partner transactions, never a number of its own.
"""

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.problems import Invalid, Problem
from domain.values import number_problems

BLOCK_DECIMALS = 2
"""How fine points of a block are, whatever the point types of members."""

LEAST = Decimal("0.01")
"""The smallest number of block points."""

MAX_BLOCK_POINTS = Decimal(10**15)
"""Every number of block points is below this."""


class BlockKind(enum.Enum):
    """NORMAL ones are used before RESERVE ones; a PROMOTION block pays only for its promotion; an OVERDRAFT is what is owed."""

    NORMAL = "NORMAL"
    RESERVE = "RESERVE"
    PROMOTION = "PROMOTION"
    OVERDRAFT = "OVERDRAFT"


class BlockStatus(enum.Enum):
    """Where a block stands; REJECTED and CLOSED are final."""

    IN_PROGRESS = "IN_PROGRESS"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    CLOSED = "CLOSED"


class BlockMove(enum.Enum):
    """What can be done to a block, or with it; PURCHASE, REORDER and CARVE are how one begins."""

    PURCHASE = "PURCHASE"
    REORDER = "REORDER"
    FORWARD = "FORWARD"
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    CARVE = "CARVE"
    CLOSE = "CLOSE"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointBlock:
    """A block as it is stored and shown. `partner_id` None: the host's. `price` is per point, `cost` that of the whole purchase.

    `original` is what was bought or carved (0 of an OVERDRAFT), `remaining` what is left: 0 until it is APPROVED, and
    below 0 only of an OVERDRAFT. `ends_on` None: without end. `promotion_id`: it pays only for that one.
    """

    id: int
    program_id: int
    partner_id: int | None
    kind: BlockKind
    status: BlockStatus
    original: Decimal
    remaining: Decimal
    starts_on: date
    ends_on: date | None
    price: Decimal
    currency: str
    cost: Decimal
    promotion_id: int | None
    parent_id: int | None
    submit_to_id: int | None
    requested_by_id: int | None
    comment: str | None
    version: int
    created_at: datetime
    approved_at: datetime | None
    closed_at: datetime | None

    def active(self, today: date) -> bool:
        """Whether it may be used on that day of the program."""
        return (
            self.status is BlockStatus.APPROVED
            and self.starts_on <= today
            and (self.ends_on is None or today <= self.ends_on)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PointBlockMove:
    """A move that a person made: who, from, to, when, and what they said."""

    point_block_id: int
    person_id: int | None
    move: BlockMove
    from_status: BlockStatus | None
    to_status: BlockStatus
    submit_to_id: int | None
    comment: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDebit:
    """The part of a block that paid for (a part of) a lot; with negative points, what came back of the debit `reverses_id`.

    The lot is (`member_id`, `lot_transaction_id`, `lot_position`); `transaction_id` is the one that was processed: the accrual
    itself, or the cancellation. `points` and `price` are those of the block.
    """

    id: int
    partner_transaction_id: int
    program_id: int
    member_id: int
    transaction_id: int
    lot_transaction_id: int
    lot_position: int
    block_id: int
    points: Decimal
    price: Decimal
    promotion_id: int | None
    reverses_id: int | None
    created_at: datetime


RANK = {BlockKind.PROMOTION: 0, BlockKind.NORMAL: 1, BlockKind.RESERVE: 2, BlockKind.OVERDRAFT: 3}


def use_order(block: PointBlock) -> tuple[int, bool, date, int]:
    """The order in which blocks of one owner pay: by kind, then the earliest end (none last), then the oldest."""
    return RANK[block.kind], block.ends_on is None, block.ends_on or date.max, block.id


def points_problems(points: Decimal | None, *path: str) -> Iterator[Problem]:
    """A number of block points that are bought, carved, or moved: more than none, with two decimals at most."""
    if points is not None and points == 0:
        yield Invalid(value="0", expected="more than 0 points", path=path)
    yield from number_problems(points, MAX_BLOCK_POINTS, BLOCK_DECIMALS, *path)


def home(original: PointBlock, blocks: Iterable[PointBlock], today: date) -> PointBlock | None:
    """Where points go that come back to a block: to itself while it is active, else to the active one of `blocks` that ends first.

    `blocks` are those of the same owner. None: there is none, so they need a new block of the same price.
    """
    if original.active(today):
        return original
    able = (each for each in blocks if each.kind in {BlockKind.NORMAL, BlockKind.RESERVE} and each.active(today))
    return min(able, key=lambda each: (each.ends_on is None, each.ends_on or date.max, each.id), default=None)


def spoken(points: Decimal) -> str:
    """A number of block points in a sentence: 50,000 or 40.5."""
    return f"{points.normalize():,f}"
