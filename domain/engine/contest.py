"""The contest of promotions: the program's calculation rule decides which of the competing awards pay.

Always-apply promotions are outside it. Ties go to the higher unweighted points, then the earlier start, then the code.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.programs import CalculationRule


@dataclass(frozen=True, slots=True)
class Contender:
    """One award in the contest: whose it is, and what it is worth, weighted and unweighted."""

    promotion: int
    starts_on: date
    code: str
    point_type_id: int
    qualifying: bool
    points: Decimal
    weighted: Decimal


Group = Callable[[Contender], tuple[object, ...]]

GROUPS: dict[CalculationRule, Group] = {
    CalculationRule.MAX_BY_PROMOTION: lambda _: (),
    CalculationRule.MAX_BY_POINT_TYPE: lambda award: (award.point_type_id,),
    CalculationRule.MAX_BY_POINT_TYPE_AND_QUALIFYING: lambda award: (award.point_type_id, award.qualifying),
    CalculationRule.ALL: lambda award: (award.promotion,),
}
"""Within each group of awards one promotion pays; where each promotion is a group of its own, all do."""


def winners(rule: CalculationRule, contenders: Sequence[Contender]) -> list[bool]:
    """For each contender, whether it pays."""
    group = GROUPS[rule]
    parties: dict[tuple[object, ...], dict[int, list[Contender]]] = defaultdict(lambda: defaultdict(list))
    for contender in contenders:
        parties[group(contender)][contender.promotion].append(contender)
    best = {name: min(rivals.values(), key=_rank)[0].promotion for name, rivals in parties.items()}
    return [best[group(contender)] == contender.promotion for contender in contenders]


def _rank(awards: Sequence[Contender]) -> tuple[Decimal, Decimal, date, str]:
    first = awards[0]
    return -_sum(each.weighted for each in awards), -_sum(each.points for each in awards), first.starts_on, first.code


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    return sum(numbers, Decimal(0))
