"""Vouchers within the engine: those that a transaction gives, and what else than points pays a price.

A price is paid by vouchers first, then by the tender at the program's rate; points pay the rest.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from domain.engine.book import Book
from domain.engine.chunk import Chunk
from domain.engine.decision import BaseLine, PaymentLine, VoucherLine
from domain.engine.outcome import NewVoucher, TierChange
from domain.engine.program import EngineProgram
from domain.engine.rejections import CurrencyMismatch, PaymentShort, Rejected, VoucherInvalid
from domain.engine.snapshot import Entry, VoucherState
from domain.engine.voucher_awards import Awarded
from domain.expiry import expires_on
from domain.points import Units, from_units, round_half_up
from domain.tiers import TierReason
from domain.vouchers import MAX_AT_ONCE, OPEN, VoucherSource, VoucherStatus

NOTHING = Decimal(0)
LEFT_NOTHING = "nothing is left of the price for it to pay, so it would be lost; name fewer vouchers"
GIVING = frozenset({TierReason.THRESHOLD, TierReason.PROMOTION, TierReason.REQUEST, TierReason.RENEWAL})
"""Reasons for a tier to give its vouchers: it was reached or kept, not fallen to."""


@dataclass(frozen=True, slots=True)
class Payment:
    """What pays a price: vouchers, a tender, and `due` units of points."""

    due: Units
    lines: tuple[PaymentLine, ...] = ()
    used: tuple[VoucherState, ...] = ()


def of_promotions(chunk: Chunk, entry: Entry, given: Sequence[Awarded]) -> tuple[NewVoucher, ...]:
    """The vouchers that promotions give for a transaction."""
    return tuple(
        _new(
            _Kind(chunk.program, chunk.today, each.voucher_type), entry.member_id, entry.id, promotion=each.promotion_id
        )
        for each in given
        for _ in range(each.quantity)
    )


def of_tiers(
    program: EngineProgram, today: date, member_id: int, changes: Iterable[TierChange], number: int | None
) -> tuple[NewVoucher, ...]:
    """The vouchers of tiers that begin; `number`: of the transaction because of which, if any."""
    return tuple(
        _new(_Kind(program, today, each.voucher_type), member_id, number, tier=change.after)
        for change in changes
        if change.reason in GIVING
        for each in program.tiers[change.after].vouchers
        if each.voucher_type in program.vouchers
        for _ in range(each.quantity)
    )


def bought(chunk: Chunk, entry: Entry) -> tuple[NewVoucher, ...]:
    """The vouchers that a redemption of a voucher type buys: one per unit of the quantity."""
    product = entry.product
    if product is None or product.code not in chunk.program.vouchers:
        return ()
    quantity = Decimal(1) if entry.quantity is None else entry.quantity
    if quantity != int(quantity) or not 1 <= quantity <= MAX_AT_ONCE:
        reason = f"{quantity:f} of them cannot be issued: 1 to {MAX_AT_ONCE} whole ones can"
        raise Rejected(VoucherInvalid(voucher=product.code, reason=reason))
    kind = _Kind(chunk.program, chunk.today, product.code)
    return tuple(_new(kind, entry.member_id, entry.id) for _ in range(int(quantity)))


class _Kind(NamedTuple):
    program: EngineProgram
    today: date
    code: str


def _new(
    kind: _Kind, member_id: int, number: int | None, *, promotion: int | None = None, tier: str | None = None
) -> NewVoucher:
    known, source = kind.program.vouchers[kind.code], VoucherSource.REDEMPTION
    if promotion is not None:
        source = VoucherSource.PROMOTION
    elif tier is not None:
        source = VoucherSource.TIER
    until = expires_on(known.terms.expiry, kind.today)
    return NewVoucher(member_id, known.product_id, kind.code, source, number, promotion, tier, until)


def pay(chunk: Chunk, entry: Entry, book: Book, base: BaseLine) -> Payment:
    """How a price is paid; raises Rejected where it is not covered, or a voucher cannot be used. Nothing is changed."""
    program = chunk.program
    point_type = program.point_types[base.point_type_id]
    price = round_half_up(base.points, point_type.decimals)
    if entry.voucher is None and entry.tender is None:
        return Payment(price)
    used = _chosen(chunk, entry, book)
    lines, rest = list[PaymentLine](), base.points
    for voucher, points in zip(used, _worths(chunk, entry, base, used), strict=True):
        if not (paid := min(points, rest)):
            raise Rejected(VoucherInvalid(voucher=voucher.number, reason=LEFT_NOTHING))
        lines.append(PaymentLine("VOUCHER", voucher.number, paid, base.point_type_id))
        rest -= paid
    if entry.tender is not None:
        paid = min(_tendered(program, entry, base), rest)
        lines.append(PaymentLine("TENDER", entry.tender.kind, paid, base.point_type_id))
        rest -= paid
    return Payment(round_half_up(rest, point_type.decimals), tuple(lines), used)


def check_offer(program: EngineProgram, entry: Entry, base: BaseLine, payment: Payment) -> None:
    """Raises Rejected where the points offered for a product do not pay what is left of its price."""
    if base.source != "PRICE" or entry.points is None or entry.points >= payment.due:
        return
    point_type = program.point_types[base.point_type_id]
    raise Rejected(
        PaymentShort(
            point_type=point_type.code,
            price=from_units(payment.due, point_type.decimals),
            offered=from_units(entry.points, point_type.decimals),
        )
    )


def _tendered(program: EngineProgram, entry: Entry, base: BaseLine) -> Decimal:
    """What the money is worth in points of the default type."""
    tender, rate = entry.tender, program.program.settings.tender_rate
    assert tender is not None
    if tender.currency != program.program.currency:
        raise Rejected(CurrencyMismatch(currency=tender.currency, expected=(program.program.currency,)))
    if rate is None or base.point_type_id != program.default.id:
        point_type = program.point_types[base.point_type_id]
        price = from_units(round_half_up(base.points, point_type.decimals), point_type.decimals)
        raise Rejected(PaymentShort(point_type=point_type.code, price=price, offered=NOTHING))
    return tender.amount * rate


def _chosen(chunk: Chunk, entry: Entry, book: Book) -> tuple[VoucherState, ...]:
    """The vouchers that the transaction names: one by its number, or some of a type, nearest expiry first."""
    wish = entry.voucher
    if wish is None:
        return ()
    if wish.number is not None:
        named = [each for each in book.vouchers if each.number == wish.number]
        if not named:
            raise Rejected(VoucherInvalid(voucher=wish.number, reason="this member has no voucher of that number"))
        return (_usable(named[0], chunk.today),)
    free = [each for each in book.vouchers if each.voucher_type == wish.voucher_type and _is_free(each, chunk.today)]
    if len(free) < wish.quantity:
        reason = f"the member has {len(free)} usable ones of this type, {wish.quantity} are asked for"
        raise Rejected(VoucherInvalid(voucher=wish.voucher_type or "", reason=reason))
    return tuple(free[: wish.quantity])


def _usable(voucher: VoucherState, today: date) -> VoucherState:
    if voucher.status not in OPEN:
        raise Rejected(VoucherInvalid(voucher=voucher.number, reason=f"it is {voucher.status.value}"))
    if _has_lapsed(voucher, today):
        raise Rejected(VoucherInvalid(voucher=voucher.number, reason=f"its last day was {voucher.expires_on}"))
    return voucher


def _is_free(voucher: VoucherState, today: date) -> bool:
    free = voucher.status is VoucherStatus.AVAILABLE or (voucher.status is VoucherStatus.RESERVED and voucher.ended)
    return free and not _has_lapsed(voucher, today)


def _has_lapsed(voucher: VoucherState, today: date) -> bool:
    return voucher.expires_on is not None and voucher.expires_on < today


def _worths(chunk: Chunk, entry: Entry, base: BaseLine, used: Sequence[VoucherState]) -> Iterator[Decimal]:
    """What each of the vouchers pays of the price."""
    product = entry.product
    for voucher in used:
        terms = chunk.program.vouchers[voucher.voucher_type].terms
        if base.source != "PRICE" or product is None or (terms.products and product.code not in terms.products):
            code = "without a price" if product is None else product.code
            raise Rejected(VoucherInvalid(voucher=voucher.number, reason=f"it does not pay for a product {code}"))
        if terms.worth is None:
            yield base.points / (entry.quantity or Decimal(1))
        elif base.point_type_id == chunk.program.default.id:
            yield terms.worth
        else:
            reason = f"it pays {chunk.program.default.code}, and the price is in another point type"
            raise Rejected(VoucherInvalid(voucher=voucher.number, reason=reason))


def voucher_lines(given: Collection[NewVoucher]) -> tuple[VoucherLine, ...]:
    """What a decision keeps of the vouchers that were given."""
    if not given:
        return ()
    counted = Counter((each.voucher_type, each.source.value, each.promotion_id) for each in given)
    return tuple(VoucherLine(kind, number, source, promotion) for (kind, source, promotion), number in counted.items())
