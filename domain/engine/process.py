"""One transaction: find out everything it would do, and only then write it on the member's page."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.engine import awards, spend, standing, suspension
from domain.engine.awards import Judgement
from domain.engine.base import base_of, cost_of
from domain.engine.book import Book
from domain.engine.candidates import Who
from domain.engine.checks import check
from domain.engine.decision import BalanceLine, BaseLine, ChangeLine, Decision, TierLine
from domain.engine.facts import facts_of
from domain.engine.grant import award_lots, extensions_of, lots_of
from domain.engine.limits import spans
from domain.engine.outcome import FollowUp, Granted, NewLot, NewUse, Outcome, TierChange, Total
from domain.engine.program import EngineProgram
from domain.engine.rejections import PaymentShort, Rejected, Rejection, RuleFailed, stored
from domain.engine.snapshot import BalanceState, Entry
from domain.engine.updates import stored_value
from domain.members import MemberStatus
from domain.points import Units, from_units, round_half_up
from domain.transactions import Status, SubStatus, SubType, Type

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Chunk:
    """What all transactions of a chunk share: the program and the moment."""

    program: EngineProgram
    now: datetime
    today: date

    def decided(self, sub_status: SubStatus, **lines: Any) -> Decision:
        """A decision of this chunk."""
        return Decision(self.program.program.version, self.now, self.today, sub_status.value, **lines)


def process(chunk: Chunk, entry: Entry, book: Book) -> list[Outcome]:
    """The outcome of one transaction, which finds the member as the one before left it; and of what follows from it."""
    try:
        check(chunk.program, entry, book)
        if entry.type is Type.ACCRUAL:
            return [_accrue(chunk, entry, book)]
        if entry.sub_type is SubType.EXPIRY:
            return [_expire(chunk, entry, book)]
        return _redeem(chunk, entry, book)
    except Rejected as rejected:
        return [reject(chunk, entry, rejected.rejection)]


def reject(chunk: Chunk, entry: Entry, rejection: Rejection) -> Outcome:
    """A rejection: nothing but itself and its decision."""
    sub_status = rejection.sub_status
    decision = chunk.decided(sub_status, refusal=stored(rejection))
    return Outcome(
        entry.id, entry.member_id, entry.attempt, Status.REJECTED_ENGINE, sub_status, decision, rejection=rejection
    )


def _accrue(chunk: Chunk, entry: Entry, book: Book) -> Outcome:
    program, before = chunk.program, dict(book.balances)
    tier = standing.tier_on(program, book, entry.transaction_date)
    facts = facts_of(program, entry, book, tier)
    base = base_of(program, entry, facts)
    judged = _judged(chunk, Who(entry, tier, book.member.enrolled), book, facts, base)
    lots = lots_of(program, entry, tier, base, judged.paid)
    extensions = extensions_of(entry, book) if program.extends else ()
    book.add(lots)
    for extension in extensions:
        book.extend((extension.lot_transaction_id, extension.lot_position), extension.expires_on)
    if book.status is MemberStatus.DORMANT:
        book.status = MemberStatus.ACTIVE
    granted = _take_up(entry, book, judged)
    standing.count(program, book, lots)
    tiers = (*standing.moves(program, book, judged.moves), *standing.upgrades(program, book))
    extensions += suspension.extensions_of(program, book, entry.id)
    sub_status = SubStatus.SUCCESS if judged.paid or base.source == "ENTRY" else SubStatus.NO_PROMOTIONS_QUALIFIED
    return Outcome(
        entry.id, entry.member_id, entry.attempt, Status.PROCESSED, sub_status,
        chunk.decided(
            sub_status, base=base, **_lines(judged), balances=_changes(before, book), tier=tier.code if tier else None,
            tier_changes=_tier_lines(tiers),
        ),
        base.points, lots, extensions=extensions, totals=_given(program, lots), granted=granted, tier_changes=tiers,
    )  # fmt: skip


def _redeem(chunk: Chunk, entry: Entry, book: Book) -> list[Outcome]:
    program, before = chunk.program, dict(book.balances)
    base = _price(program, entry)
    point_type = program.point_types[base.point_type_id]
    taken = spend.take(program, book, point_type.id, round_half_up(base.points, point_type.decimals))
    judged = awards.NONE
    if program.rewards_redemptions:
        tier = standing.tier_on(program, book, entry.transaction_date)
        judged = _judged(
            chunk, Who(entry, tier, book.member.enrolled), book, facts_of(program, entry, book, tier), base
        )
    book.take(point_type.id, taken)
    uses = spend.uses_of(entry, point_type.id, taken)
    totals, changes = _taken(program, uses, book), _changes(before, book)
    granted = _take_up(entry, book, judged)
    outcome = Outcome(
        entry.id, entry.member_id, entry.attempt, Status.PROCESSED, SubStatus.SUCCESS,
        chunk.decided(SubStatus.SUCCESS, base=base, **_lines(judged), balances=changes), base.points,
        uses=uses, totals=totals, granted=granted,
    )  # fmt: skip
    return [outcome, *_rewards(chunk, entry, book, judged)]


def _rewards(chunk: Chunk, entry: Entry, book: Book, judged: Judgement) -> list[Outcome]:
    """An award on a redemption is an accrual of its own, in the same commit."""
    if not judged.paid:
        return []
    before = dict(book.balances)
    assert entry.follow_up_id is not None
    tier = standing.tier_on(chunk.program, book, entry.transaction_date)
    lots = award_lots(chunk.program, entry, tier, entry.follow_up_id, judged.paid)
    book.add(lots)
    standing.count(chunk.program, book, lots)
    tiers = tuple(standing.upgrades(chunk.program, book))
    extensions = suspension.extensions_of(chunk.program, book, entry.follow_up_id)
    decision = chunk.decided(
        SubStatus.SUCCESS, awards=judged.awards, balances=_changes(before, book), tier_changes=_tier_lines(tiers)
    )
    return [
        Outcome(
            entry.follow_up_id, entry.member_id, 1, Status.PROCESSED, SubStatus.SUCCESS, decision, lots=lots,
            extensions=extensions, totals=_given(chunk.program, lots), tier_changes=tiers,
            follow_up=FollowUp(entry.id, Type.ACCRUAL, SubType.ACTION_BASED_BONUS, entry.transaction_date),
        )
    ]  # fmt: skip


def _expire(chunk: Chunk, entry: Entry, book: Book) -> Outcome:
    before = dict(book.balances)
    point_type = chunk.program.point_types[entry.point_type_id or chunk.program.default.id]
    taken = spend.expiring(book, point_type.id)
    book.take(point_type.id, taken, expired=True)
    uses = spend.uses_of(entry, point_type.id, taken)
    base = BaseLine("ENTRY", None, from_units(sum(taken.values()), point_type.decimals), point_type.id)
    decision = chunk.decided(SubStatus.SUCCESS, base=base, balances=_changes(before, book))
    return Outcome(
        entry.id, entry.member_id, entry.attempt, Status.PROCESSED, SubStatus.SUCCESS, decision, base.points,
        uses=uses, totals=_taken(chunk.program, uses, book),
    )  # fmt: skip


def _judged(chunk: Chunk, who: Who, book: Book, facts: dict[str, Any], base: BaseLine) -> Judgement:
    facts["transaction"]["basePoints"] = base.points
    return awards.judge(chunk.program, who, book, facts, chunk.program.point_types[base.point_type_id])


def _tier_lines(made: Iterable[TierChange]) -> tuple[TierLine, ...]:
    return tuple(TierLine(each.tier_class, each.before, each.after, each.ends_on, each.reason.value) for each in made)


def _lines(judged: Judgement) -> dict[str, Any]:
    changes = tuple(
        ChangeLine(each.promotion_id, each.path, stored_value(each.before), stored_value(each.after))
        for each in judged.changes
    )
    return {"fired": judged.fired, "failed": judged.failed, "awards": judged.awards, "changes": changes}


def _take_up(entry: Entry, book: Book, judged: Judgement) -> tuple[Granted, ...]:
    """Count what limited promotions paid, and change attributes."""
    book.change(judged.changes)
    made = []
    for promotion, points in judged.granted:
        if promotion.limits.total is not None:
            book.stock.paid[promotion.id] = book.stock.paid.get(promotion.id, NOTHING) + points
        for span, _ in spans(promotion, entry.transaction_date):
            key = promotion.id, span
            book.granted[key] = book.granted.get(key, NOTHING) + points
            made.append(Granted(promotion.id, span, points))
    return tuple(made)


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
