"""Commands and questions about partner accounts: adjustments, fees, their refunds, closing a period. Blocks and fees are named by number."""

import enum
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.partner_transactions import Direction, PartnerTransactionKind
from domain.transactions import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerBalanceAdjust:
    """Correct what is in an active block; `partner` None: a block of the host. `points` are positive, `direction` says which way."""

    idempotency_key: str
    program: str
    partner: str | None
    block: int
    direction: Direction
    points: Decimal
    description: str
    transaction: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerFeeCharge:
    """Charge a partner: `points` of an active `block`, or `money`, which is recorded and charged to no block."""

    idempotency_key: str
    program: str
    partner: str
    description: str
    block: int | None = None
    points: Decimal | None = None
    money: Money | None = None
    transaction: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerFeeRefund:
    """Give a whole fee back, for one of the reasons that its program knows."""

    idempotency_key: str
    fee: int
    reason_code: str
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementClose:
    """Close a period of a partner (None: of the host). `starts_on` need only be given to say with which day the first one begins."""

    program: str
    partner: str | None
    through: date
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class AccountPeriod:
    """A period of a partner (None: of the host) in a program, both days included; by codes."""

    program: str
    partner: str | None
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTransactionFilter:
    """Which partner transactions; all that is given must hold. `host`: those of the host's own blocks only, or only the others."""

    program: str | None = None
    partner: str | None = None
    host: bool | None = None
    kind: tuple[PartnerTransactionKind, ...] = ()
    direction: Direction | None = None
    block: int | None = None
    promotion: str | None = None
    transaction: int | None = None
    reason_code: str | None = None
    currency: str | None = None
    refunded: bool | None = None
    posted_from: date | None = None
    posted_through: date | None = None


class PartnerTransactionOrder(enum.Enum):
    """By what a list of partner transactions is sorted."""

    POSTED_ON = "POSTED_ON"
    CREATED_AT = "CREATED_AT"
