"""From base points to awards: candidates are judged, each award is rounded on its own, and the contest says which pay.

Law 3: every promotion is computed from base points, never from another's result.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from domain.engine.book import Book
from domain.engine.candidates import Who, candidates
from domain.engine.contest import Contender, winners
from domain.engine.decision import AwardLine, FailedLine, FiredLine
from domain.engine.limits import cut, left
from domain.engine.program import NO_LIMITS, EngineProgram
from domain.engine.rejections import Rejected, RuleFailed
from domain.engine.updates import AttributeChange, changes
from domain.expiry import ExpiryPolicy
from domain.points import MAX_UNITS, Units, from_units, round_half_up
from domain.programs import PointType
from domain.promotions import Promotion
from domain.rules import Award, RuleError, TierMove, Verdict, VoucherAward


@dataclass(frozen=True, slots=True)
class Paid:
    """An award that pays: enough to make its lot."""

    promotion: Promotion
    point_type: PointType
    qualifying: bool
    points: Units
    starts_on: date | None
    expiry: ExpiryPolicy | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the promotions made of a transaction."""

    paid: tuple[Paid, ...] = ()
    fired: tuple[FiredLine, ...] = ()
    failed: tuple[FailedLine, ...] = ()
    awards: tuple[AwardLine, ...] = ()
    granted: tuple[tuple[Promotion, Decimal], ...] = ()
    """What limited promotions paid: it counts towards their limits."""
    changes: tuple[AttributeChange, ...] = ()
    moves: tuple[tuple[int, TierMove], ...] = ()
    """Changes of tier that fired rules ask for, with their promotions."""


NONE = Judgement()


@dataclass(frozen=True, slots=True)
class _Proposed:
    index: int
    promotion: Promotion
    award: Award
    point_type: PointType
    rounded: Units
    points: Units
    """What its promotion's limits leave of it."""


def judge(program: EngineProgram, who: Who, book: Book, facts: dict[str, Any], base_type: PointType) -> Judgement:
    """All promotions of the program against one transaction; raises Rejected for a rule that cannot be evaluated."""
    promotions = program.rules.promotions
    if not promotions:
        return NONE
    chosen, failed = candidates(promotions, who)
    try:
        verdicts = program.rules.judge(facts, chosen)
        proposed = [
            each
            for verdict in verdicts
            for each in _limited(_awards(program, verdict, base_type), who.entry.transaction_date, book)
        ]
        updates = changes(promotions, verdicts, _values(facts))
    except RuleError as error:
        raise Rejected(RuleFailed(where=error.where, reason=error.message)) from None
    pays = _contest(program, proposed)
    return Judgement(
        tuple(
            Paid(
                each.promotion,
                each.point_type,
                each.award.qualifying,
                each.points,
                each.award.starts_on,
                each.award.expiry,
            )
            for each, paid in zip(proposed, pays, strict=True)
            if paid and each.points
        ),
        tuple(_fired(promotions[verdict.promotion], verdict) for verdict in verdicts if verdict.fired),
        (*failed, *(_failed(promotions[verdict.promotion], verdict) for verdict in verdicts if not verdict.fired)),
        tuple(_line(each, paid) for each, paid in zip(proposed, pays, strict=True)),
        tuple(
            (each.promotion, from_units(each.points, each.point_type.decimals))
            for each, paid in zip(proposed, pays, strict=True)
            if paid and each.points and each.promotion.limits != NO_LIMITS
        ),
        updates,
        tuple(_moves(promotions, verdicts)),
    )


def _moves(promotions: Sequence[Promotion], verdicts: Sequence[Verdict]) -> Iterator[tuple[int, TierMove]]:
    for verdict in verdicts:
        for fired in verdict.fired:
            for move in fired.proposals:
                if isinstance(move, TierMove):
                    yield promotions[verdict.promotion].id, move


def _values(facts: Mapping[str, Any]) -> dict[str, Any]:
    attributes, counters = facts["member"]["attributes"], facts["counters"]
    return {
        **{f"member.attributes.{name}": value for name, value in attributes.items()},
        **{f"counters.{name}": value for name, value in counters.items()},
    }


def _limited(proposed: Sequence[_Proposed], day: date, book: Book) -> Iterator[_Proposed]:
    """Awards of one promotion, each cut to what its limits leave after the one before."""
    used = Decimal(0)
    for each in proposed:
        if each.promotion.limits == NO_LIMITS:
            yield each
            continue
        rest = left(each.promotion, day, book.granted, book.stock)
        decimals = each.point_type.decimals
        points = cut(each.rounded, decimals, None if rest is None else max(Decimal(0), rest - used))
        used += from_units(points, decimals)
        yield replace(each, points=points)


def _awards(program: EngineProgram, verdict: Verdict, base_type: PointType) -> list[_Proposed]:
    promotion = program.rules.promotions[verdict.promotion]
    if any(isinstance(each, VoucherAward) for fired in verdict.fired for each in fired.proposals):
        raise RuleError(f"promotion {promotion.code}", "it gives a voucher, and this program has no vouchers")
    return [
        _proposed(program, verdict.promotion, promotion, award, base_type)
        for fired in verdict.fired
        for award in fired.proposals
        if isinstance(award, Award)
    ]


def _proposed(
    program: EngineProgram, index: int, promotion: Promotion, award: Award, base_type: PointType
) -> _Proposed:
    point_type = base_type if award.point_type is None else program.by_code[award.point_type]
    points = round_half_up(award.points, point_type.decimals)
    if not 0 <= points <= MAX_UNITS:
        where = f"promotion {promotion.code}"
        raise RuleError(
            where, f"{award.points} {point_type.code} cannot be awarded: an award is zero or more, within bounds"
        )
    return _Proposed(index, promotion, award, point_type, points, points)


def _contest(program: EngineProgram, proposed: Sequence[_Proposed]) -> list[bool]:
    competing = [each for each in proposed if not each.promotion.always_apply]
    won = iter(winners(program.program.settings.calculation_rule, [_contender(each) for each in competing]))
    return [each.promotion.always_apply or next(won) for each in proposed]


def _contender(each: _Proposed) -> Contender:
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


def _fired(promotion: Promotion, verdict: Verdict) -> FiredLine:
    return FiredLine(promotion.id, promotion.version, tuple(fired.rule for fired in verdict.fired))


def _failed(promotion: Promotion, verdict: Verdict) -> FailedLine:
    failed = verdict.failed
    if failed is None:
        return FailedLine(promotion.id, promotion.version, "CRITERION")
    return FailedLine(promotion.id, promotion.version, "CRITERION", failed.rule, failed.criterion, failed.seen)


def _line(each: _Proposed, paid: bool) -> AwardLine:
    return AwardLine(
        each.promotion.id, each.point_type.id, each.award.qualifying, each.award.points, each.rounded, each.points, paid,
        each.promotion.always_apply,
    )  # fmt: skip
