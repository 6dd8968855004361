"""Vouchers: promises of a product, or of points towards one, that a member holds under a number and uses once.

A voucher's type is a product with voucher terms. A voucher is usable through its last day; whether or not the nightly job has
run, after it the voucher is EXPIRED.
"""

import enum
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.expiry import NEVER, ExpiryPolicy
from domain.problems import Problem


class VoucherStatus(enum.Enum):
    """Where a voucher stands; the last four are final, but for USED, which a cancellation takes back."""

    AVAILABLE = "AVAILABLE"
    RESERVED = "RESERVED"
    USED = "USED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    REISSUED = "REISSUED"


class VoucherSource(enum.Enum):
    """Why a member was given a voucher."""

    PERSON = "PERSON"
    TIER = "TIER"
    PROMOTION = "PROMOTION"
    REDEMPTION = "REDEMPTION"


class VoucherMove(enum.Enum):
    """A step in the life of a voucher."""

    ISSUE = "ISSUE"
    RESERVE = "RESERVE"
    RELEASE = "RELEASE"
    USE = "USE"
    RESTORE = "RESTORE"
    EXPIRE = "EXPIRE"
    CANCEL = "CANCEL"
    REISSUE = "REISSUE"


_S, _M = VoucherStatus, VoucherMove
OPEN = (_S.AVAILABLE, _S.RESERVED)
"""From here a voucher can still be used, cancelled or reissued."""

MOVES: dict[tuple[VoucherStatus | None, VoucherMove], VoucherStatus] = {
    (None, _M.ISSUE): _S.AVAILABLE,
    (_S.AVAILABLE, _M.RESERVE): _S.RESERVED,
    (_S.RESERVED, _M.RELEASE): _S.AVAILABLE,
    **{(each, _M.USE): _S.USED for each in OPEN},
    (_S.USED, _M.RESTORE): _S.AVAILABLE,
    **{(each, _M.EXPIRE): _S.EXPIRED for each in OPEN},
    **{(each, _M.CANCEL): _S.CANCELLED for each in OPEN},
    **{(each, _M.REISSUE): _S.REISSUED for each in OPEN},
}
"""Every move there is (domain: vouchers). Neither an expired nor a cancelled voucher comes back."""

MAX_AT_ONCE = 100
"""How many vouchers are given or used by one request."""

GROUP = 4
"""So many characters of a number stand together: `7K3P-X2MQ-9WAD-R5TE`."""

BY_PEOPLE = (_M.RESERVE, _M.RELEASE, _M.USE, _M.CANCEL, _M.REISSUE)


@dataclass(frozen=True, slots=True)
class VoucherTerms:
    """What makes a product a voucher type.

    `worth`: points of the program's default type that it pays of a price; None: it pays for one unit of a product whole.
    `products`: for which, by code; none named: for any that has a price.
    """

    worth: Decimal | None = None
    products: tuple[str, ...] = ()
    expiry: ExpiryPolicy = NEVER


@dataclass(frozen=True, slots=True)
class TierVoucher:
    """Vouchers that a tier gives whenever a member reaches or renews it."""

    voucher_type: str
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A voucher as it is stored and shown; `expires_on`: its last day (None: no end)."""

    id: int
    program_id: int
    member_id: int
    product_id: int
    number: str
    status: VoucherStatus
    source: VoucherSource
    issued_at: datetime
    expires_on: date | None
    reserved_until: datetime | None
    issued_by_id: int | None
    transaction_id: int | None
    """The transaction that gave it."""
    promotion_id: int | None
    tier: str | None
    used_by_id: int | None
    """The transaction that it paid for, if one did."""
    replaces_id: int | None
    replaced_by_id: int | None

    @property
    def moves(self) -> tuple[VoucherMove, ...]:
        """What people may do with it now, as far as its status goes."""
        return tuple(move for move in BY_PEOPLE if (self.status, move) in MOVES)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherMoved:
    """A move of a voucher: who, from, to, when, and what they said. No person: the engine."""

    voucher_id: int
    person_id: int | None
    move: VoucherMove
    from_status: VoucherStatus | None
    to_status: VoucherStatus
    transaction_id: int | None
    comment: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongVoucherStatus(Problem):
    """A move that does not exist from where the voucher stands."""

    code = "WRONG_VOUCHER_STATUS"
    number: str
    status: VoucherStatus
    move: VoucherMove
    allowed: tuple[VoucherMove, ...]

    @property
    def message(self) -> str:
        possible = ", ".join(move.value for move in self.allowed) or "nothing"
        return (
            f"Voucher {self.number} is {self.status.value}: {self.move.value} is not possible."
            f" Possible from here: {possible}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TooFewVouchers(Problem):
    """More vouchers of a type wanted than the member can use."""

    code = "TOO_FEW_VOUCHERS"
    voucher_type: str
    available: int
    required: int

    @property
    def message(self) -> str:
        return (
            f"The member has {self.available} usable vouchers of {self.voucher_type!r}, {self.required} are asked for."
        )


def moved(voucher: Voucher, move: VoucherMove) -> VoucherStatus | WrongVoucherStatus:
    """The status after a move; or why there is no such move."""
    after = MOVES.get((voucher.status, move))
    if after is None:
        return WrongVoucherStatus(number=voucher.number, status=voucher.status, move=move, allowed=voucher.moves)
    return after


def as_kept(number: str) -> str:
    """A number as it is kept, however a person wrote it: small letters, blanks, and without the strokes."""
    plain = "".join(each for each in number.upper() if each.isalnum())
    return "-".join(plain[at : at + GROUP] for at in range(0, len(plain), GROUP))


def status_on(status: VoucherStatus, expires_on: date | None, today: date) -> VoucherStatus:
    """What a stored status means today: after its last day an open voucher is EXPIRED, job or no job."""
    lapsed = status in OPEN and expires_on is not None and expires_on < today
    return VoucherStatus.EXPIRED if lapsed else status
