"""What the accruals of a member are to its family: an account's own accrual beside them, and points that roll up to the parent.

A parent who may not earn now gets nothing: the points stay with the member. What follows is decided by the ties at the moment
of processing, and by the transaction date; transfers, loans and what a cancellation gives back are nobody else's.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec.structs import replace

from domain.engine import standing, suspension
from domain.engine.book import Book
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


def flows(chunk: Chunk, entry: Entry, book: Book, lots: Sequence[NewLot]) -> list[Outcome]:
    """What follows from an accrual that made these lots."""
    flow = book.member.flow
    if flow is None or not lots:
        return []
    parent = chunk.books[flow.parent_id]
    if parent.status not in EARNS:
        return []
    made = [] if flow.twin_percent is None else _twin(chunk, entry, parent, lots, flow.twin_percent)
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


def _twin(chunk: Chunk, entry: Entry, parent: Book, lots: Iterable[NewLot], percent: Decimal) -> list[Outcome]:
    """The account's own accrual: so many percent of what the employee got, kind by kind."""
    before, number = dict(parent.balances), chunk.numbers.take()
    twin = replace(entry, id=number, member_id=parent.member.id)
    made = _twin_lots(chunk, twin, parent, lots, percent)
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
    )
    return [
        Outcome(
            number, parent.member.id, 1, Status.PROCESSED, sub_status, decision, lots=made, extensions=extensions,
            totals=given(chunk.program, made), tier_changes=tiers, vouchers=vouchers,
            follow_up=FollowUp(
                entry.id, Type.ACCRUAL, SubType.ACTION_BASED_BONUS, entry.transaction_date, entry.member_id
            ),
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
