"""Who pays for the lots of an accrual, and out of which blocks: found out before anything is written.

Whose blocks: those of the transaction's partner; if it has none, of the promotion's; if that has none, the host's. A promotion
whose cost several share is paid by all of them. Lack of stock never falls through to another owner (domain: partners).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from domain.blocks import BLOCK_DECIMALS, BlockKind
from domain.cost_shares import CostShare
from domain.engine.decision import BillLine, DebitLine
from domain.engine.limits import Stock
from domain.engine.outcome import Bill, BlockDebit, NewLot
from domain.engine.program import EngineProgram
from domain.engine.rejections import InsufficientPointBlocks, PartnerInactive, PointTypeNotAgreed, Rejected
from domain.engine.snapshot import Entry
from domain.engine.supply import NO_SUPPLY, BlockState, Owner, TermsState, spoken
from domain.points import from_units, round_half_up
from domain.transactions import SubType

PERCENT = Decimal(100)
MONEY = Decimal("0.000001")
"""An amount that is billed keeps so many decimals; a currency's own come when a bill is drawn up."""

FREE = frozenset({SubType.MANUAL_CREDIT})
"""Accruals that are nobody's to pay for. Loans, transfers and cancellations never come here."""


class Charged(NamedTuple):
    """What lots cost their owners."""

    debits: tuple[BlockDebit, ...] = ()
    bills: tuple[Bill, ...] = ()

    def of(self, transaction_id: int) -> "Charged":
        """Of the lots of one transaction."""
        return Charged(
            tuple(each for each in self.debits if each.transaction_id == transaction_id),
            tuple(each for each in self.bills if each.transaction_id == transaction_id),
        )

    @property
    def lines(self) -> dict[str, Any]:
        """As a decision keeps them."""
        if self is NOTHING:
            return NO_LINES
        return {
            "debits": tuple([
                DebitLine(each.block_id, each.owner, each.partner, each.lot_position, each.points) for each in self.debits
            ]),
            "bills": tuple([
                BillLine(
                    each.partner_id, each.partner, each.lot_position, each.point_type_id, each.points, each.price, each.currency,
                    each.percentage, each.amount,
                )
                for each in self.bills
            ]),
        }  # fmt: skip


NOTHING = Charged()
NO_LINES: dict[str, Any] = {}


def charge(program: EngineProgram, stock: Stock, entry: Entry, lots: Sequence[NewLot]) -> Charged:
    """Draw what these lots cost from the stock; raises Rejected, and leaves the stock as it was."""
    if stock.supply is NO_SUPPLY or not lots:
        return NOTHING
    till = _Till(program, stock, entry)
    for lot in lots:
        till.pay(lot)
    stock.left.update(till.left)
    return Charged(tuple(till.debits), tuple(till.bills))


@dataclass(slots=True)
class _Till:
    """One accrual: what it has drawn so far, and what that leaves of the blocks."""

    program: EngineProgram
    stock: Stock
    entry: Entry
    left: dict[int, int] = field(default_factory=dict)
    debits: list[BlockDebit] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)

    def pay(self, lot: NewLot) -> None:
        """Draw what one lot costs."""
        shares = self.program.shares.get(lot.promotion_id or 0, ())
        points = from_units(lot.points, self.program.point_types[lot.point_type_id].decimals)
        if len(shares) > 1:
            for owner, part in _divided(points, shares):
                self._pay(lot, owner, part)
        else:
            self._pay(lot, self._owner(shares), points)

    def _owner(self, shares: Sequence[CostShare]) -> Owner:
        if self.entry.partner is not None:
            return self.entry.partner.id
        return shares[0].partner_id if shares else None

    def _pay(self, lot: NewLot, owner: Owner, points: Decimal) -> None:
        terms = self.stock.supply.terms.get(owner)
        if terms is None:
            return
        self._check(terms, lot)
        if self.entry.sub_type in FREE or not points:
            return
        if terms.postpaid:
            self._bill(lot, terms, points)
        elif (conversion := terms.conversion(lot.point_type_id)) is not None:
            self._debit(lot, terms, round_half_up(points * conversion, BLOCK_DECIMALS))

    def _check(self, terms: TermsState, lot: NewLot) -> None:
        if not terms.active:
            raise Rejected(PartnerInactive(partner=terms.code or ""))
        if terms.point_types and lot.point_type_id not in terms.point_types:
            point_type = self.program.point_types[lot.point_type_id].code
            allowed = tuple(sorted(self.program.point_types[each].code for each in terms.point_types))
            raise Rejected(PointTypeNotAgreed(point_type=point_type, partner=terms.code or "", allowed=allowed))

    def _bill(self, lot: NewLot, terms: TermsState, points: Decimal) -> None:
        rate = terms.rate(lot.point_type_id, lot.transaction_date)
        if rate is None or terms.owner is None:
            return
        amount = (points * rate.price * rate.percentage / PERCENT).quantize(MONEY, ROUND_HALF_UP)
        self.bills.append(
            Bill(
                lot.member_id, lot.transaction_id, lot.transaction_id, lot.position, terms.owner, terms.code or "",
                lot.point_type_id, lot.promotion_id, lot.transaction_date, points, rate.price, rate.currency,
                rate.percentage, amount,
            )
        )  # fmt: skip

    def _debit(self, lot: NewLot, terms: TermsState, need: int) -> None:
        found = list(self._drawn(terms, lot.promotion_id, need))
        if (there := sum(points for _, points in found)) < need:
            raise Rejected(self._insufficient(terms, lot.promotion_id, there, need))
        for block, points in found:
            self.left[block.id] = self._left(block) - points
            self.debits.append(
                BlockDebit(
                    lot.member_id, lot.transaction_id, lot.transaction_id, lot.position, block.id, block.owner,
                    terms.code, points, block.price, block.currency, lot.promotion_id,
                )
            )  # fmt: skip

    def _drawn(self, terms: TermsState, promotion_id: int | None, need: int) -> Iterator[tuple[BlockState, int]]:
        """From which blocks so much comes, as far as there is any."""
        for block in self._blocks(terms.owner, promotion_id):
            if need <= 0:
                return
            credit = terms.credit_limit if block.kind is BlockKind.OVERDRAFT else 0
            part = min(need, self._left(block) + credit)
            if part > 0:
                need -= part
                yield block, part

    def _blocks(self, owner: Owner, promotion_id: int | None) -> Iterator[BlockState]:
        """Blocks made for the promotion come first, and alone if it draws from no others."""
        supply = self.stock.supply
        if promotion_id is not None and supply.by_promotion:
            yield from supply.by_promotion.get((owner, promotion_id), ())
        if promotion_id not in self.program.own_blocks_only:
            yield from supply.by_owner.get(owner, ())

    def _left(self, block: BlockState) -> int:
        left = self.left.get(block.id)
        return self.stock.left_of(block) if left is None else left

    def _insufficient(
        self, terms: TermsState, promotion_id: int | None, there: int, need: int
    ) -> InsufficientPointBlocks:
        restricted = promotion_id in self.program.own_blocks_only
        codes = (each.code for each in self.program.rules.promotions if restricted and each.id == promotion_id)
        return InsufficientPointBlocks(
            partner=terms.code, available=spoken(there), required=spoken(need), promotion=next(codes, None)
        )


def _divided(points: Decimal, shares: Iterable[CostShare]) -> Iterator[tuple[Owner, Decimal]]:
    """Points in parts of so many percent; what rounding leaves over falls to the last one."""
    *others, last = shares
    exponent = Decimal(1).scaleb(-max(BLOCK_DECIMALS, -int(points.as_tuple().exponent)))
    rest = points
    for share in others:
        part = (points * share.percent / PERCENT).quantize(exponent, ROUND_FLOOR)
        rest -= part
        yield share.partner_id, part
    yield last.partner_id, rest
