"""One transaction: find out everything it would do, and only then write it on the member's page."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from domain.engine import awards, spend
from domain.engine.base import base_of, cost_of
from domain.engine.book import Book
from domain.engine.checks import check
from domain.engine.decision import BalanceLine, BaseLine, Decision
from domain.engine.facts import facts_of
from domain.engine.grant import extensions_of, lots_of
from domain.engine.outcome import NewLot, NewUse, Outcome, Total
from domain.engine.program import EngineProgram
from domain.engine.rejections import PaymentShort, Rejected, Rejection, RuleFailed, stored
from domain.engine.snapshot import BalanceState, Entry
from domain.members import MemberStatus
from domain.points import Units, from_units, round_half_up
from domain.transactions import Status, SubStatus, SubType, Type


def process(program: EngineProgram, entry: Entry, book: Book, now: datetime) -> Outcome:
    """The outcome of one transaction, which finds the member as the one before left it."""
    before = dict(book.balances)
    try:
        check(program, entry, book)
        if entry.type is Type.ACCRUAL:
            return _accrue(program, entry, book, now, before)
        return _redeem(program, entry, book, now, before)
    except Rejected as rejected:
        return reject(program, entry, book.today, now, rejected.rejection)


def reject(program: EngineProgram, entry: Entry, today: date, now: datetime, rejection: Rejection) -> Outcome:
    """A rejection: nothing but itself and its decision."""
    sub_status = rejection.sub_status
    decision = Decision(program.program.version, now, today, sub_status.value, refusal=stored(rejection))
    return Outcome(
        entry.id, entry.member_id, entry.attempt, Status.REJECTED_ENGINE, sub_status, decision, rejection=rejection
    )


def _accrue(
    program: EngineProgram, entry: Entry, book: Book, now: datetime, before: dict[int, BalanceState]
) -> Outcome:
    facts = facts_of(entry, book)
    base = base_of(program, entry, facts)
    facts["transaction"]["basePoints"] = base.points
    judged = awards.judge(program, entry, book.member, facts, program.point_types[base.point_type_id])
    lots = lots_of(program, entry, base, judged.paid)
    extensions = extensions_of(entry, book) if program.extends else ()
    book.add(lots)
    for extension in extensions:
        book.extend((extension.lot_transaction_id, extension.lot_position), extension.expires_on)
    if book.status is MemberStatus.DORMANT:
        book.status = MemberStatus.ACTIVE
    sub_status = SubStatus.SUCCESS if judged.paid or _is_entry(base) else SubStatus.NO_PROMOTIONS_QUALIFIED
    decision = Decision(
        program.program.version, now, book.today, sub_status.value, base, judged.fired, judged.failed, judged.awards,
        _changes(before, book),
    )  # fmt: skip
    return Outcome(
        entry.id, entry.member_id, entry.attempt, Status.PROCESSED, sub_status, decision, base.points, lots,
        extensions=extensions, totals=_given(program, lots),
    )  # fmt: skip


def _is_entry(base: BaseLine) -> bool:
    return base.source == "ENTRY"


def _redeem(
    program: EngineProgram, entry: Entry, book: Book, now: datetime, before: dict[int, BalanceState]
) -> Outcome:
    expired = entry.sub_type is SubType.EXPIRY
    base = _expiring(program, entry, book) if expired else _price(program, entry)
    point_type = program.point_types[base.point_type_id]
    if expired:
        taken = spend.lapsed(book, point_type.id)
    else:
        taken = spend.take(program, book, point_type.id, round_half_up(base.points, point_type.decimals))
    book.take(point_type.id, taken, expired=expired)
    uses = spend.uses_of(entry, point_type.id, taken)
    decision = Decision(
        program.program.version, now, book.today, SubStatus.SUCCESS.value, base, balances=_changes(before, book)
    )
    return Outcome(
        entry.id, entry.member_id, entry.attempt, Status.PROCESSED, SubStatus.SUCCESS, decision, base.points,
        uses=uses, totals=_taken(program, uses, book),
    )  # fmt: skip


def _expiring(program: EngineProgram, entry: Entry, book: Book) -> BaseLine:
    point_type = program.point_types[entry.point_type_id or program.default.id]
    units = sum(spend.lapsed(book, point_type.id).values())
    return BaseLine("ENTRY", None, from_units(units, point_type.decimals), point_type.id)


def _price(program: EngineProgram, entry: Entry) -> BaseLine:
    """What a redemption costs: the product's price, else the points that the transaction names."""
    cost = cost_of(entry)
    named = program.point_types[entry.point_type_id] if entry.point_type_id is not None else program.default
    if cost is None:
        if entry.points is None:
            raise Rejected(_no_price(entry))
        return BaseLine("ENTRY", None, from_units(entry.points, named.decimals), named.id)
    price, points = cost
    point_type = program.point_types[price.point_type_id]
    if entry.points is not None:
        _check_offer(entry.points, round_half_up(points, point_type.decimals), point_type.code, point_type.decimals)
    return BaseLine("PRICE", None, points, point_type.id)


def _check_offer(offered: Units, price: Units, point_type: str, decimals: int) -> None:
    if offered < price:
        raise Rejected(
            PaymentShort(
                point_type=point_type, price=from_units(price, decimals), offered=from_units(offered, decimals)
            )
        )


def _no_price(entry: Entry) -> RuleFailed:
    product = f"product {entry.product.code!r}" if entry.product else "a redemption without a product"
    reason = f"it has no redemption price on {entry.transaction_date}, and the transaction names no points"
    return RuleFailed(where=product, reason=reason)


def _changes(before: dict[int, BalanceState], book: Book) -> tuple[BalanceLine, ...]:
    """Available points before and after, where this transaction changed the balance."""
    nothing = BalanceState()
    return tuple(
        BalanceLine(point_type_id, before.get(point_type_id, nothing).available, after.available)
        for point_type_id, after in book.balances.items()
        if before.get(point_type_id, nothing) != after
    )


def _given(program: EngineProgram, lots: Iterable[NewLot]) -> tuple[Total, ...]:
    return _totals(program, ((lot.point_type_id, lot.points, lot.qualifying) for lot in lots))


def _taken(program: EngineProgram, uses: Iterable[NewUse], book: Book) -> tuple[Total, ...]:
    lots = book.lots
    return _totals(
        program,
        ((use.point_type_id, use.points, lots[use.lot_transaction_id, use.lot_position].qualifying) for use in uses),
    )


def _totals(program: EngineProgram, parts: Iterable[tuple[int, int, bool]]) -> tuple[Total, ...]:
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for point_type_id, points, qualifying in parts:
        sums[point_type_id][0] += points
        sums[point_type_id][1] += points * qualifying
    types = program.point_types
    return tuple(Total(each, types[each].code, types[each].decimals, *both) for each, both in sums.items())
