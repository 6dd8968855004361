"""A stored decision run once more under the program version that it names, finding what it says itself that it found.

What nobody keeps otherwise is taken from the decision: the price, the tier, loans, what limits left, attributes and counters that
it changed. All the rest is worked out again: base points by rules, which promotions fire, their awards, the contest, the totals.
"""

from collections.abc import Iterable
from dataclasses import replace as replaced
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from msgspec.structs import replace

from domain.calendars import business_date
from domain.engine.book import Book
from domain.engine.chunk import SIMULATED, Numbers
from domain.engine.decision import ChangeLine, Decision
from domain.engine.limits import GrantKey, Stock, spans
from domain.engine.outcome import Outcome
from domain.engine.program import EngineProgram
from domain.engine.replay import Past, worked
from domain.engine.snapshot import Entry, MemberState, Price
from domain.engine.updates import bag_of, restored
from domain.points import from_units
from domain.programs import PriceKind, ProgramStatus
from domain.promotions import Promotion
from domain.tiers import TierLoan
from domain.transactions import Type

Room = dict[int, Decimal]
"""How many points promotions may still give, by promotion, where a limit has cut what they proposed."""


def rerun(program: EngineProgram, member: MemberState, past: Past) -> Outcome:
    """What it does now, for its member as it was then; `program` is the version that the decision names, `ready`."""
    assert past.entry is not None
    room = _room(program, past.then)
    found = replace(
        as_found(program, member, past.then.changes), granted=_granted(program, past.transaction_date, room)
    )
    stock = Stock({key: limit - room[key] for key, limit in program.limits_in_all.items() if key in room})
    book = Book(found, business_date(past.now, program.program.time_zone), stock)
    known = replaced(past, entry=_as_priced(past.entry, past.then))
    return worked(_lending(program, past.then), book, known, Numbers(count(SIMULATED)))[0]


def ready(program: EngineProgram) -> EngineProgram:
    """A version of which only the rules are asked: whoever was processed then had passed what is checked before."""
    settings = replaced(
        program.program.settings, required_for_accrual=(), required_for_redemption=(), partner_programs=()
    )
    return replaced(program, program=replaced(program.program, status=ProgramStatus.ACTIVE, settings=settings))


def as_found(program: EngineProgram, member: MemberState, lines: Iterable[ChangeLine]) -> MemberState:
    """The member with what these changes found."""
    first: dict[str, Any] = {}
    for line in lines:
        first.setdefault(line.path, line.before)
    return _with(program, member, first)


def as_left(program: EngineProgram, member: MemberState, lines: Iterable[ChangeLine]) -> MemberState:
    """The member with what these changes left."""
    return _with(program, member, {line.path: line.after for line in lines})


def _with(program: EngineProgram, member: MemberState, values: dict[str, Any]) -> MemberState:
    if not values:
        return member
    attributes, counters = dict(member.facts["attributes"]), dict(member.counters)
    for path, value in values.items():
        bag, name = bag_of(path)
        kept = counters if bag == "counters" else attributes
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = restored(program.program.attributes, path, value)
    return replace(member, facts={**member.facts, "attributes": attributes}, counters=counters)


def _lending(program: EngineProgram, then: Decision) -> EngineProgram:
    """The program as it lent for this transaction, if it did: a limit may be a share of a balance that nobody kept."""
    tier = program.tiers.get(then.tier or "")
    for line in then.loans:
        if tier is not None and tier.loan is not None and line.limit is not None:
            cap = from_units(line.limit, program.point_types[line.point_type_id].decimals)
            return replaced(program, tiers={**program.tiers, tier.code: replaced(tier, loan=TierLoan(cap))})
    return program


def _as_priced(entry: Entry, then: Decision) -> Entry:
    """The entry with the one price that it had, if it had one, and no word of its partner's terms."""
    partner = entry.partner and replace(entry.partner, active=True, report_within_days=None, memberships=())
    product = entry.product and replace(entry.product, active=True, prices=_prices(entry, then))
    return replace(entry, partner=partner, product=product)


def _prices(entry: Entry, then: Decision) -> tuple[Price, ...]:
    if then.base is None or then.base.source != "PRICE":
        return ()
    kind = PriceKind.ACCRUAL if entry.type is Type.ACCRUAL else PriceKind.REDEMPTION
    points = then.base.points / (entry.quantity or Decimal(1))
    return (Price(kind, None, then.base.point_type_id, points, date.min, None),)


def _room(program: EngineProgram, then: Decision) -> Room:
    """What limits left then, where they cut an award; the others found as much room as they needed."""
    points: Room = {}
    for each in then.awards:
        found = from_units(each.limited, program.point_types[each.point_type_id].decimals)
        points[each.promotion_id] = points.get(each.promotion_id, Decimal(0)) + found
    cut = {each.promotion_id for each in then.awards if each.limited < each.rounded}
    return {key: points[key] for key in cut}


def _granted(program: EngineProgram, day: date, room: Room) -> dict[GrantKey, Decimal]:
    limited = [(program.limited[key], left) for key, left in room.items() if key in program.limited]
    return {(each.id, span): used for each, left in limited for span, used in _used(each, day, left)}


def _used(promotion: Promotion, day: date, left: Decimal) -> Iterable[tuple[str, Decimal]]:
    return ((span, limit - left) for span, limit in spans(promotion, day))
