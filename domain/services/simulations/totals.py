"""Adding up what the engine has made of many transactions."""

from collections.abc import Iterable, Mapping

from domain.engine import EngineProgram, Outcome
from domain.engine.decision import Decision
from domain.engine.replay import paid
from domain.points import from_units
from domain.services.simulations.showing import totals_of
from domain.simulations import Totals
from domain.transactions import Type


def codes_of(program: EngineProgram) -> dict[int, str]:
    """The codes of the promotions that take part."""
    return {promotion.id: promotion.code for promotion in program.rules.promotions}


def add_awards(totals: Totals, program: EngineProgram, codes: Mapping[int, str], decision: Decision) -> None:
    """Take up what promotions paid in a decision."""
    for award in paid(decision):
        point_type = program.point_types[award.point_type_id]
        totals.award(codes[award.promotion_id], point_type.code, from_units(award.limited, point_type.decimals))


def add_outcomes(totals: Totals, program: EngineProgram, codes: Mapping[int, str], outcomes: Iterable[Outcome]) -> None:
    """Take up transactions; what follows from one counts for its points alone, and has its awards from it."""
    for outcome in outcomes:
        spends = outcome.uses and outcome.follow_up is None
        totals.add(Type.REDEMPTION if spends else Type.ACCRUAL, totals_of(outcome))
        if outcome.follow_up is None:
            totals.outcomes[outcome.sub_status.value] += 1
            add_awards(totals, program, codes, outcome.decision)
