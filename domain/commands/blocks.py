"""Commands and questions about point blocks. A block is named by its number; its owner by the code of a partner (None: the host)."""

import enum
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.blocks import BlockKind, BlockStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PointBlockPurchase:
    """Buy points. `price` per point and `currency` are for who has no pricing rule; `submit_to` is whom to ask, if anybody.

    `starts_on` None: today; `ends_on` None: without end.
    """

    idempotency_key: str
    program: str
    partner: str | None
    points: Decimal
    kind: BlockKind = BlockKind.NORMAL
    starts_on: date | None = None
    ends_on: date | None = None
    price: Decimal | None = None
    currency: str | None = None
    submit_to: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnBlock:
    """A move of a block of the version that the caller has read."""

    id: int
    expected_version: int
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointBlockApprove(OnBlock):
    """Let its points be given."""

    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointBlockReject(OnBlock):
    """Nothing is bought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointBlockForward(OnBlock):
    """Ask somebody else."""

    submit_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointBlockClose(OnBlock):
    """End it: what is left returns to its parent, or lapses."""

    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointBlockCarve:
    """Set points of a block aside for a promotion. Dates not given are those of the block, from today on."""

    idempotency_key: str
    id: int
    promotion: str
    points: Decimal
    starts_on: date | None = None
    ends_on: date | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointBlockFilter:
    """Which blocks of a list; all that is given must hold. `host`: those of the host; `active`: whether they can be used today."""

    program: str | None = None
    partner: str | None = None
    host: bool | None = None
    kind: tuple[BlockKind, ...] = ()
    status: tuple[BlockStatus, ...] = ()
    active: bool | None = None


class PointBlockOrder(enum.Enum):
    """By what a list of blocks is sorted."""

    CREATED_AT = "CREATED_AT"
    STARTS_ON = "STARTS_ON"
    REMAINING = "REMAINING"
