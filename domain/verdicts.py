"""What a decision keeps of every promotion: one small number each, and the values that explain it, once each.

0: it fired. Below 0: it is not for such a transaction; the number names the obstacle. Above 0: the number of the first
criterion that failed, counted through all its rules. Promotions have the order that they have in the program's version.
"""

from collections.abc import Iterator, Sequence

from domain.promotions import Criterion, Promotion, Rule

OBSTACLES = ("DATE", "TYPE", "PARTNER", "PRODUCT", "TIER", "ENROLLMENT", "FINAL_DATE")
"""The reasons against a promotion before any of its rules is asked: -1, -2, and so on. A new one is added at the end."""

FIRED = 0

Sight = tuple[str, ...]
"""What a criterion shows: equal for criteria that find the same value in a transaction."""


def criteria_count(rule: Rule) -> int:
    """How many criteria a rule has; its expression is the last."""
    return len(rule.criteria) + (rule.expression is not None)


def places(promotion: Promotion) -> list[tuple[int, int]]:
    """Rule and criterion for the numbers 1, 2, and so on."""
    rules = enumerate(promotion.rules)
    return [(index, criterion) for index, rule in rules for criterion in range(criteria_count(rule))]


def sight(rule: Rule, criterion: int) -> Sight:
    """What a rule's criterion shows."""
    if criterion == len(rule.criteria):
        return (str(rule.expression),)
    return _sight(rule.criteria[criterion])


def _sight(criterion: Criterion) -> Sight:
    lines = criterion.lines.value if criterion.lines else ""
    return criterion.attribute, lines, repr(criterion.where), criterion.other or "", str(criterion.factor)


def sights(promotions: Sequence[Promotion], verdicts: Sequence[int]) -> Iterator[Sight | None]:
    """For each promotion, what the criterion that failed shows; None for others."""
    for promotion, verdict in zip(promotions, verdicts, strict=True):
        if verdict <= FIRED:
            yield None
        else:
            rule, criterion = places(promotion)[verdict - 1]
            yield sight(promotion.rules[rule], criterion)
