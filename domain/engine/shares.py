"""From what a cancellation says to the share of its original that comes back; what it cannot be is a rejection."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from domain.engine.originals import GivenLot, OriginalState
from domain.engine.program import EngineProgram
from domain.engine.rejections import RefundTooHigh, Rejected, RuleFailed
from domain.engine.snapshot import Entry
from domain.points import from_units
from domain.refunds import Part, Share, TooMuch, Unsuited, returned, share_of, with_part

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Step:
    """One part of an original: the share that had come back before it, and with it."""

    part: Part
    share: Share
    before: Fraction
    upto: Fraction


def part_of(entry: Entry) -> Part:
    """The part that a cancellation is about."""
    return Part(entry.refund_lines, entry.quantity, entry.amount, entry.points)


def step(original: OriginalState, part: Part) -> Step:
    """The share of the original with one more part; raises Rejected where so much is not left by now."""
    basis, share = original.basis, original.share
    try:
        after = with_part(basis, share, part)
    except TooMuch as error:
        raise Rejected(RefundTooHigh(what=error.field, asked=error.asked, left=error.left)) from None
    except Unsuited as error:
        raise Rejected(RuleFailed(where=f"refund, {error.field}", reason=str(error))) from None
    return Step(part, after, share_of(basis, share), share_of(basis, after))


def due_by(original: OriginalState, share: Share) -> dict[int, int]:
    """The units of each lot, by position, that are to come back now."""
    return {each.lot.position: due_of(original, each, share) for each in original.lots}


def due_of(original: OriginalState, lot: GivenLot, share: Share) -> int:
    """The units of a lot that are to come back now, for a share of the whole."""
    return max(0, returned(lot.points, lot.upto(original.basis, share)) - lot.reversed)


def reversal_stake(program: EngineProgram, entry: Entry) -> Decimal:
    """The points that approval of a cancellation is about: those that would come back, whether or not they are there."""
    assert entry.original is not None
    original = entry.original
    if original.share.whole:
        return NOTHING
    try:
        done = step(original, part_of(entry))
    except Rejected:
        return NOTHING
    given = ((each.lot.point_type_id, due_of(original, each, done.share)) for each in original.lots)
    taken = (
        (each.lot.point_type_id, max(0, returned(each.points, done.upto) - each.restored)) for each in original.uses
    )
    types = program.point_types
    return sum((from_units(units, types[number].decimals) for number, units in (*given, *taken)), NOTHING)
