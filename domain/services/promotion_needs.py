"""What others need of a promotion: counters that nobody would count any more, were it taken out."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from domain.problems import Problem, Refused
from domain.promotion_problems import PromotionNeeded
from domain.promotions import Action, Promotion, UpdateAttribute
from domain.rule_problems import UnknownAttribute
from domain.store import tier_definitions
from domain.store.database import Reader
from domain.store.definitions import definition
from domain.store.tier_definitions import Ladders
from rules import Definition, compile_program


async def deactivation_problems(reader: Reader, promotion: Promotion) -> list[Problem]:
    """Rules and tiers that would be left reading a counter which nobody counts any more."""
    program, point_types, active = await definition(reader, promotion.program_id)
    by_code = {point_type.code: point_type for point_type in point_types}
    left = Definition(program.base_rules, others_than(promotion, active), by_code, program.attributes)
    lost = _counted([promotion]) - _counted(left.promotions) - program.attributes.keys()
    readers = [
        *_rules_reading(left, lost),
        *_tiers_reading(await tier_definitions.of_program(reader, program.id), lost),
    ]
    if not readers:
        return []
    attributes = tuple(sorted({attribute for _, attribute in readers}))
    by = tuple(dict.fromkeys(who for who, _ in readers))
    return [PromotionNeeded(promotion=promotion.code, attributes=attributes, by=by)]


def _counted(promotions: Iterable[Promotion]) -> set[str]:
    actions = (action for promotion in promotions for _, action in actions_of(promotion))
    return {action.attribute for action in actions if isinstance(action, UpdateAttribute)}


def _rules_reading(left: Definition, lost: Collection[str]) -> Iterator[tuple[str, str]]:
    """Who reads which of the lost counters, as the rules compiler finds out."""
    for problem in _refused(left):
        if isinstance(problem, UnknownAttribute) and problem.attribute in lost:
            yield problem.path[1] if problem.path[0] == "promotions" else "a base rule", problem.attribute


def _tiers_reading(ladders: Ladders, lost: Collection[str]) -> Iterator[tuple[str, str]]:
    for tier in ladders.tiers.values():
        for threshold in tier.thresholds:
            if threshold.counter is not None and threshold.counter in lost:
                yield f"tier {tier.code}", threshold.counter


def _refused(definition: Definition) -> tuple[Problem, ...]:
    try:
        compile_program(definition)
    except Refused as refused:
        return refused.problems
    return ()


def others_than(promotion: Promotion, active: Sequence[Promotion]) -> tuple[Promotion, ...]:
    """The other active promotions of its program."""
    return tuple(each for each in active if each.id != promotion.id)


def actions_of(promotion: Promotion) -> Iterator[tuple[tuple[str, ...], Action]]:
    """All its actions, each with its place."""
    for index, rule in enumerate(promotion.rules):
        for number, action in enumerate(rule.actions):
            yield ("rules", str(index), "actions", str(number)), action
