"""Transactions that are to be taken back, as the engine needs them: what they moved, and what of it came back already."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.engine.decision import ChangeLine
from domain.engine.snapshot import LotState
from domain.points import Units
from domain.refunds import Basis, Part, Refunds, Share, folded, refunds_of, share_by, share_of
from domain.transactions import LineItem, Status, SubType, Type


@dataclass(frozen=True, slots=True)
class GivenDebit:
    """What a block of an owner (a partner of that code, or the host) paid for a lot, in hundredths, and what came back of it."""

    id: int
    block_id: int
    owner: int | None
    partner: str | None
    points: int
    price: Decimal
    currency: str
    promotion_id: int | None
    returned: int = 0


@dataclass(frozen=True, slots=True)
class GivenBill:
    """What a partner was billed for a lot, and what was taken off again of points and amount."""

    id: int
    partner_id: int
    partner: str
    promotion_id: int | None
    points: Decimal
    price: Decimal
    currency: str
    percentage: Decimal
    amount: Decimal
    returned_points: Decimal = Decimal(0)
    returned_amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class GivenLot:
    """A lot that it made. `reversed`: what came back of it so far; `lapsed`: what expiry has taken, `counted` of it as come back."""

    lot: LotState
    promotion_id: int | None
    points: Units
    reversed: int = 0
    lapsed: int = 0
    counted: int = 0
    weights: Mapping[int, Fraction] = field(default_factory=dict)
    """What each line contributed to it, by number, for an award computed from lines."""
    debits: tuple[GivenDebit, ...] = ()
    bills: tuple[GivenBill, ...] = ()

    def upto(self, basis: Basis, share: Share) -> Fraction:
        """How much of it comes back in all for a share of the transaction."""
        return share_by(self.weights, share) if self.weights else share_of(basis, share)


@dataclass(frozen=True, slots=True)
class TakenUse:
    """Points that it took from a lot, and how many of them were put back."""

    position: int
    lot: LotState
    points: Units
    restored: int = 0


@dataclass(frozen=True, slots=True)
class OwnVouchers:
    """Vouchers that it had to do with, by id: those that its points bought, those that its promotions gave, and those that paid
    for it and still count as used; `paid`: with how many it was paid.
    """

    bought: tuple[int, ...] = ()
    given: tuple[int, ...] = ()
    used: tuple[int, ...] = ()
    paid: int = 0

    def __bool__(self) -> bool:
        return bool(self.bought or self.given or self.used)

    def without(self, restored: Collection[int]) -> "OwnVouchers":
        """The same once some that paid for it can be used again."""
        return replace(self, used=tuple(each for each in self.used if each not in restored))


@dataclass(frozen=True, slots=True)
class RollUp:
    """How the lots of an accrual went on to a parent: what took them from the child, and what came in. The lot at a position
    received what the use at that position took.
    """

    out: "OriginalState"
    into: "OriginalState"


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalState:
    """A processed transaction. `parts` were taken back so far; `rewards` are the accruals that awards on a redemption became.

    `roll_up`: where its points flowed; `twin`: the accrual of an account beside it.
    """

    id: int
    program_id: int
    member_id: int
    type: Type
    sub_type: SubType
    status: Status
    transaction_date: date
    amount: Decimal | None = None
    currency: str | None = None
    quantity: Decimal | None = None
    line_items: tuple[LineItem, ...] = ()
    parts: tuple[Part, ...] = ()
    lots: tuple[GivenLot, ...] = ()
    uses: tuple[TakenUse, ...] = ()
    changes: tuple[ChangeLine, ...] = ()
    closed: frozenset[str] = frozenset()
    """Counters, by path, that were closed and paid since: what it counted there is in them no longer."""
    vouchers: OwnVouchers = field(default_factory=OwnVouchers)
    rewards: tuple["OriginalState", ...] = ()
    roll_up: RollUp | None = None
    twin: "OriginalState | None" = None

    @property
    def basis(self) -> Basis:
        """What it can be divided by."""
        return Basis(self.amount, self.quantity, self.line_items, self._points())

    def _points(self) -> Units | None:
        if self.point_type_id is None:
            return None
        return Units(sum(each.points for each in self.lots) + sum(each.points for each in self.uses))

    @property
    def point_type_id(self) -> int | None:
        """The point type of all that it moved, if there is only one."""
        types = {each.lot.point_type_id for each in self.lots} | {each.lot.point_type_id for each in self.uses}
        return types.pop() if len(types) == 1 else None

    @property
    def share(self) -> Share:
        """What came back so far."""
        return folded(self.basis, self.parts)

    @property
    def refunds(self) -> Refunds:
        """What came back, and what is left of it."""
        return refunds_of(self.basis, self.share, self.currency)

    @property
    def followers(self) -> Iterator["OriginalState"]:
        """What goes back with it."""
        yield from self.rewards
        if self.roll_up is not None:
            yield from (self.roll_up.out, self.roll_up.into)
        if self.twin is not None:
            yield self.twin

    @property
    def everything(self) -> Iterator["OriginalState"]:
        """It, and all that goes back with it."""
        yield self
        for each in self.followers:
            yield from each.everything

    @property
    def members(self) -> set[int]:
        """Whose points taking it back may change."""
        return {each.member_id for each in self.everything}

    @property
    def all_lots(self) -> Iterator[tuple[int, LotState]]:
        """The lots that taking it back may change, spent or not, each with its member."""
        for one in self.everything:
            yield from ((one.member_id, each.lot) for each in one.lots)
            yield from ((one.member_id, each.lot) for each in one.uses)
