"""From base points to awards: candidates are judged, each award is rounded on its own, and the contest says which pay.

Law 3: every promotion is computed from base points, never from another's result.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any

import msgspec

from domain.engine.book import Book
from domain.engine.candidates import Who
from domain.engine.contest import Contender, winners
from domain.engine.decision import AwardLine
from domain.engine.limits import cut, left
from domain.engine.program import NO_LIMITS, EngineProgram
from domain.engine.rejections import Rejected, RuleFailed
from domain.engine.updates import AttributeChange, Update, changes
from domain.engine.voucher_awards import Awarded, Given, awarded
from domain.points import MAX_UNITS, Units, from_units, round_half_up
from domain.programs import CalculationRule, PointType
from domain.promotions import Promotion
from domain.rules import AttributeUpdate, Award, Fired, RuleError, TierMove


class Proposed(msgspec.Struct, frozen=True, gc=False):
    """An award of a rule that fired: enough to make its lot, if it pays."""

    index: int
    promotion: Promotion
    award: Award
    point_type: PointType
    rounded: Units
    points: Units
    """What its promotion's limits leave of it."""


class Judgement(msgspec.Struct, frozen=True, gc=False):
    """What the promotions made of a transaction."""

    paid: tuple[Proposed, ...] = ()
    verdicts: tuple[int, ...] = ()
    rules: tuple[tuple[int, ...], ...] = ()
    seen: tuple[str, ...] = ()
    """As the decision keeps them."""
    awards: tuple[AwardLine, ...] = ()
    granted: tuple[tuple[Promotion, Decimal], ...] = ()
    """What limited promotions paid: it counts towards their limits."""
    changes: tuple[AttributeChange, ...] = ()
    moves: tuple[tuple[int, TierMove], ...] = ()
    """Changes of tier that fired rules ask for, with their promotions."""
    vouchers: tuple[Awarded, ...] = ()


NONE = Judgement()

Move = tuple[int, int, TierMove]
"""A change of tier that a fired rule asks for, with the rank and the key of its promotion."""


def judge(program: EngineProgram, who: Who, book: Book, facts: dict[str, Any], base_type: PointType) -> Judgement:
    """All promotions of the program against one transaction; raises Rejected for a rule that cannot be evaluated."""
    promotions = program.rules.promotions
    if not promotions:
        return NONE
    try:
        verdicts, fired, seen = program.rules.weigh(facts, program.sieve.obstacles(who))
        proposed, updates, moves, given = _sorted(program, fired, base_type)
        if program.has_limits:
            proposed = _limited(proposed, who.entry.transaction_date, book)
        made = changes(updates, program, book.attributes, book.counters) if updates else ()
        vouchers = awarded(program, given) if given else ()
    except RuleError as error:
        raise Rejected(RuleFailed(where=error.where, reason=error.message)) from None
    pays = _contest(program, proposed)
    paying = tuple([each for each, paid in zip(proposed, pays, strict=True) if paid and each.points])
    return Judgement(
        paying,
        verdicts,
        _rules(fired),
        seen,
        tuple([_line(each, paid) for each, paid in zip(proposed, pays, strict=True)]),
        _granted(paying) if program.has_limits else (),
        made,
        _moves(moves),
        vouchers,
    )


def _sorted(
    program: EngineProgram, fired: Sequence[Fired], base_type: PointType
) -> tuple[list[Proposed], list[Update], list[Move], list[Given]]:
    """What the fired rules propose, by its kind; raises RuleError."""
    proposed: list[Proposed] = []
    updates: list[Update] = []
    moves: list[Move] = []
    given: list[Given] = []
    promotions, ranks = program.rules.promotions, program.ranks
    for index, _, proposals in fired:
        for each in proposals:
            kind = type(each)
            if kind is Award:
                proposed.append(_proposed(program, index, each, base_type))
            elif kind is AttributeUpdate:
                updates.append((ranks[index], promotions[index], each))  # type: ignore[arg-type]
            elif kind is TierMove:
                moves.append((ranks[index], promotions[index].id, each))  # type: ignore[arg-type]
            else:
                given.append((promotions[index], each))  # type: ignore[arg-type]
    return proposed, updates, moves, given


def _granted(paying: Sequence[Proposed]) -> tuple[tuple[Promotion, Decimal], ...]:
    limited = (each for each in paying if each.promotion.limits != NO_LIMITS)
    return tuple((each.promotion, from_units(each.points, each.point_type.decimals)) for each in limited)


def _rules(fired: Sequence[Fired]) -> tuple[tuple[int, ...], ...]:
    """By which rules promotions fired, where it was not by their first alone."""
    if not any(each.rule for each in fired):
        return ()
    found: dict[int, list[int]] = {}
    for each in fired:
        found.setdefault(each.promotion, []).append(each.rule)
    return tuple((index, *rules) for index, rules in found.items() if rules != [0])


def _moves(found: list[Move]) -> tuple[tuple[int, TierMove], ...]:
    """In the order of their promotions' ranks, as changes of attributes are, however the promotions are stored."""
    return tuple([(promotion_id, move) for _, promotion_id, move in sorted(found, key=itemgetter(0))]) if found else ()


def _limited(proposed: list[Proposed], day: date, book: Book) -> list[Proposed]:
    """Awards, each cut to what the limits of its promotion leave after those of the same promotion before it."""
    found, used = [], dict[int, Decimal]()
    for each in proposed:
        rest = left(each.promotion, day, book.granted, book.stock)
        decimals, before = each.point_type.decimals, used.get(each.index, Decimal(0))
        points = cut(each.rounded, decimals, None if rest is None else max(Decimal(0), rest - before))
        used[each.index] = before + from_units(points, decimals)
        found.append(msgspec.structs.replace(each, points=points))
    return found


def _proposed(program: EngineProgram, index: int, award: Any, base_type: PointType) -> Proposed:
    promotion = program.rules.promotions[index]
    point_type = base_type if award.point_type is None else program.by_code[award.point_type]
    points = round_half_up(award.points, point_type.decimals)
    if not 0 <= points <= MAX_UNITS:
        where = f"promotion {promotion.code}"
        raise RuleError(
            where, f"{award.points} {point_type.code} cannot be awarded: an award is zero or more, within bounds"
        )
    return Proposed(index, promotion, award, point_type, points, points)


def _contest(program: EngineProgram, proposed: Sequence[Proposed]) -> list[bool]:
    rule = program.program.settings.calculation_rule
    if rule is CalculationRule.ALL:
        return [True] * len(proposed)
    competing = [each for each in proposed if not each.promotion.always_apply]
    won = iter(winners(rule, [_contender(each) for each in competing]))
    return [each.promotion.always_apply or next(won) for each in proposed]


def _contender(each: Proposed) -> Contender:
    points, point_type = from_units(each.points, each.point_type.decimals), each.point_type
    weight = point_type.weight_qualifying if each.award.qualifying else point_type.weight_non_qualifying
    return Contender(
        each.index,
        each.promotion.starts_on,
        each.promotion.code,
        point_type.id,
        each.award.qualifying,
        points,
        points * weight,
    )


def _line(each: Proposed, paid: bool) -> AwardLine:
    return AwardLine(
        each.promotion.id, each.point_type.id, each.award.qualifying, each.award.points, each.rounded, each.points, paid,
        each.promotion.always_apply,
    )  # fmt: skip
