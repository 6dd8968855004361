"""Which lines the awards of a transaction were computed from: these go back with their lines, all others by share of the amount."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from domain.decisions import Decision, ProgramVersion
from domain.engine import OriginalState
from domain.engine.originals import GivenLot
from domain.people import Scope
from domain.problems import Refused
from domain.promotions import AssignPoints, Promotion
from domain.rules import RuleError
from domain.store import decision_reads, originals
from domain.store.database import Reader
from rules import Definition
from rules.line_weights import Weights, line_weights

EVERYTHING = Scope()
Action = tuple[Promotion, AssignPoints]


async def load(reader: Reader, ids: set[int]) -> dict[int, OriginalState]:
    """The transactions with these numbers, which are to be taken back; nothing is asked where there are none."""
    found = await originals.load(reader, ids)
    by_lines = [each for each in found.values() if each.line_items and any(lot.promotion_id for lot in each.lots)]
    if not by_lines:
        return found
    decided = await decision_reads.of_transactions(reader, EVERYTHING, [each.id for each in by_lines])
    for original, attempts in zip(by_lines, decided, strict=True):
        actions = dict(_summing(original, attempts[-1]))
        if actions:
            key = original.program_id, attempts[-1].program_version
            version = (await decision_reads.versions(reader, [key]))[key]
            found[original.id] = _weighed(original, actions, _definition(version))
    return found


def _summing(original: OriginalState, decision: Decision) -> Iterator[tuple[int, Action]]:
    """The lots, by position, of awards that sum lines: awards that paid made the lots of promotions, in the same order."""
    lots = iter([lot.lot.position for lot in original.lots if lot.promotion_id is not None])
    actions = {each.promotion.id: _awarding(each.promotion, each.rules) for each in decision.considered if each.fired}
    for award in decision.awards:
        action = next(actions.get(award.promotion.id, iter(())), None)
        position = next(lots, None) if award.paid and award.limited else None
        if position is not None and action is not None and action.lines is not None:
            yield position, (award.promotion, action)


def _awarding(promotion: Promotion, rules: Sequence[int]) -> Iterator[AssignPoints]:
    """What the fired rules give, in the order of the awards; rules are counted from 1."""
    return (
        action for rule in rules for action in promotion.rules[rule - 1].actions if isinstance(action, AssignPoints)
    )


def _definition(version: ProgramVersion) -> Definition:
    by_code = {point_type.code: point_type for point_type in version.point_types.values()}
    return Definition(point_types=by_code, attributes=version.program.attributes)


def _weighed(original: OriginalState, actions: Mapping[int, Action], definition: Definition) -> OriginalState:
    try:
        weights = line_weights(list(actions.values()), definition, _facts(original))
    except (Refused, RuleError):  # what can no longer be told goes back by share of the amount
        return original
    of = dict(zip(actions, weights, strict=True))
    return replace(original, lots=tuple(_with(lot, of.get(lot.lot.position, {})) for lot in original.lots))


def _with(lot: GivenLot, weights: Weights) -> GivenLot:
    return replace(lot, weights=weights) if sum(weights.values()) else lot


def _facts(original: OriginalState) -> dict[str, object]:
    lines = [
        {"product": line.product, "quantity": line.quantity, "amount": line.amount, "attributes": line.attributes}
        for line in original.line_items
    ]
    nothing: dict[str, object] = {}
    whole = {
        "amount": original.amount,
        "currency": original.currency,
        "quantity": original.quantity,
        "attributes": nothing,
    }
    empty = dict.fromkeys(("product", "partner", "tier", "points", "counters"), nothing)
    return {"transaction": whole, "lines": lines, "member": {"attributes": nothing}, **empty}
