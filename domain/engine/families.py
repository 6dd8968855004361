"""What the accruals of a member are to its family: an account's own accrual beside them, and points that roll up to the parent.

A parent who may not earn now gets nothing: the points stay with the member. What follows is decided by the ties at the moment
of processing, and by the transaction date; transfers, loans and what a cancellation gives back are nobody else's.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from msgspec.structs import replace

from domain.engine import standing, suspension
from domain.engine.book import Book
from domain.engine.charges import Charged, charge
from domain.engine.chunk import Chunk
from domain.engine.grant import sealed
from domain.engine.lines import balance_lines, given, taken_of, tier_lines
from domain.engine.moved import Arrival, arrive, base_line, credited
from domain.engine.outcome import FollowUp, NewLot, NewUse, Outcome
from domain.engine.snapshot import Entry, LotState
from domain.engine.vouchers import of_tiers, voucher_lines
from domain.expiry import expires_on
from domain.lots import LotOrigin
from domain.members import EARNS, MemberStatus
from domain.points import Units, from_units, round_half_up
from domain.transactions import Status, SubStatus, SubType, Type

ARRIVAL = Arrival(SubType.ROLLUP_IN, LotOrigin.ROLLUP, as_earned=True, active=True)
PERCENT = Decimal(100)


@dataclass(frozen=True, slots=True)
class Gains:
    """The lots of an accrual, what they cost, and the accrual of an account beside them, with its lots; nothing is written yet."""

    lots: tuple[NewLot, ...]
    charged: Charged
    twin: Entry | None = None
    twin_lots: tuple[NewLot, ...] = ()


def gains_of(chunk: Chunk, entry: Entry, book: Book, lots: tuple[NewLot, ...]) -> Gains:
    """Both accruals are paid for, or neither is: raises Rejected."""
    parent, flow = _parent(chunk, book), book.member.flow
    if not lots or parent is None or flow is None or flow.twin_percent is None:
        return Gains(lots, charge(chunk.program, book.stock, entry, lots))
    twin = replace(entry, id=chunk.numbers.take(), member_id=parent.member.id)
    twin_lots = _twin_lots(chunk, twin, parent, lots, flow.twin_percent)
    return Gains(lots, charge(chunk.program, book.stock, entry, (*lots, *twin_lots)), twin, twin_lots)


def _parent(chunk: Chunk, book: Book) -> Book | None:
    """To whom accruals flow."""
    if book.member.flow is None:
        return None
    parent = chunk.books[book.member.flow.parent_id]
    return parent if parent.status in EARNS else None


def flows(chunk: Chunk, entry: Entry, book: Book, gains: Gains) -> list[Outcome]:
    """What follows from an accrual that made these lots."""
    flow, lots = book.member.flow, gains.lots
    parent = _parent(chunk, book)
    if flow is None or parent is None or not lots:
        return []
    made = [] if gains.twin is None else _twin(chunk, gains.twin, entry, parent, gains)
    if flow.rolls_up_from is not None and entry.transaction_date >= flow.rolls_up_from:
        made += _roll_up(chunk, entry, book, parent, lots)
    return made


def _roll_up(chunk: Chunk, entry: Entry, book: Book, parent: Book, lots: Iterable[NewLot]) -> list[Outcome]:
    """Whatever of the lots is still there leaves for the parent."""
    keys = [(lot.transaction_id, lot.position) for lot in lots]
    sources = {lot: lot.remaining for key in keys for lot in [book.lots[key]] if lot.remaining}
    if not sources:
        return []
    before, out = dict(book.balances), replace(entry, id=chunk.numbers.take())
    for point_type_id in {lot.point_type_id for lot in sources}:
        book.take(
            point_type_id, {lot.key: units for lot, units in sources.items() if lot.point_type_id == point_type_id}
        )
    uses = tuple(_use(out, position, source) for position, source in enumerate(sources))
    decision = chunk.decided(SubStatus.SUCCESS, base=base_line(chunk, uses), balances=balance_lines(before, book))
    left = Outcome(
        out.id, entry.member_id, 1, Status.PROCESSED, SubStatus.SUCCESS, decision, uses=uses,
        totals=taken_of(chunk.program, uses, book),
        follow_up=FollowUp(
            entry.id, Type.REDEMPTION, SubType.ROLLUP_OUT, entry.transaction_date, parent.member.id
        ),
    )  # fmt: skip
    return [left, arrive(chunk, out, parent, sources, ARRIVAL)]


def _use(out: Entry, position: int, lot: LotState) -> NewUse:
    return NewUse(
        out.member_id, out.id, position, lot.transaction_id, lot.position, lot.point_type_id, Units(lot.remaining)
    )


def _twin(chunk: Chunk, twin: Entry, entry: Entry, parent: Book, gains: Gains) -> list[Outcome]:
    """The account's own accrual: so many percent of what the employee got, kind by kind."""
    before, number, made = dict(parent.balances), twin.id, gains.twin_lots
    charged = gains.charged.of(number)
    parent.add(made)
    if parent.status is MemberStatus.DORMANT:
        parent.status = MemberStatus.ACTIVE
    extensions, tiers = credited(chunk, twin, parent, made)
    extensions += suspension.extensions_of(chunk.program, parent, number)
    vouchers = of_tiers(chunk.program, chunk.today, parent.member.id, tiers, number)
    sub_status = SubStatus.SUCCESS if made else SubStatus.NO_PROMOTIONS_QUALIFIED
    decision = chunk.decided(
        sub_status,
        base=base_line(chunk, made),
        balances=balance_lines(before, parent),
        tier_changes=tier_lines(tiers),
        vouchers=voucher_lines(vouchers),
        **charged.lines,
    )
    return [
        Outcome(
            number, parent.member.id, 1, Status.PROCESSED, sub_status, decision, lots=made, extensions=extensions,
            totals=given(chunk.program, made), tier_changes=tiers, vouchers=vouchers,
            follow_up=FollowUp(
                entry.id, Type.ACCRUAL, SubType.ACTION_BASED_BONUS, entry.transaction_date, entry.member_id
            ),
            debits=charged.debits, bills=charged.bills,
        )
    ]  # fmt: skip


def _twin_lots(chunk: Chunk, twin: Entry, parent: Book, lots: Iterable[NewLot], percent: Decimal) -> tuple[NewLot, ...]:
    sums: dict[tuple[int, bool], int] = defaultdict(int)
    for lot in lots:
        sums[lot.point_type_id, lot.qualifying] += lot.points
    tier, made = standing.tier_on(chunk.program, parent, twin.transaction_date), list[NewLot]()
    for (point_type_id, qualifying), total in sums.items():
        point_type = chunk.program.point_types[point_type_id]
        points = round_half_up(from_units(total, point_type.decimals) * percent / PERCENT, point_type.decimals)
        if points:
            policy = chunk.program.expiry(None, tier, point_type)
            made.append(
                NewLot(
                    parent.member.id, twin.id, len(made), point_type_id, qualifying, LotOrigin.ENTRY, None, points,
                    twin.transaction_date, None, expires_on(policy, twin.transaction_date), sealed(policy),
                )
            )  # fmt: skip
    return tuple(made)
