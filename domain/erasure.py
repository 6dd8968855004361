"""Erasure: everything personal of a member goes, for ever; number, ids and the ledger stay, so that every sum is what it was.

Who is erased has left before, without points. What the store removes is one list in `domain/store/erasure.py`; what decisions keep
of a person is removed here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from msgspec.structs import replace

from domain.engine.decision import ChangeLine, Decision, FailedLine
from domain.members import Balance
from domain.problems import Problem

ERASED = "(erased)"
"""What stands where something personal stood that cannot be empty."""

NOT_PERSONAL = "counters."
"""Counters of promotions are numbers about transactions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsRemain(Problem):
    """A member is to be erased who still has points of a type, available or not."""

    code = "POINTS_REMAIN"
    point_type: str
    points: Decimal

    @property
    def message(self) -> str:
        return (
            f"The member still has {self.points:,f} {self.point_type}: let them be used first, or say `forfeit: true`."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberErased(Problem):
    """A transaction of a member who was erased: its texts would say again what was taken away."""

    code = "MEMBER_ERASED"

    @property
    def message(self) -> str:
        return "This member was erased: nothing is recorded about it any more."


def remaining_problems(balances: list[Balance], *path: str) -> Iterator[Problem]:
    """What a member would lose."""
    for each in balances:
        if points := each.available + each.held + each.pending:
            yield PointsRemain(point_type=each.point_type, points=points, path=path)


def without_person(decision: Decision) -> Decision:
    """A decision without the values that rules saw or changed; the very same where it keeps none."""
    seen = tuple(ERASED for _ in decision.seen)
    failed, changes = tuple(map(_failed, decision.failed)), tuple(map(_changed, decision.changes))
    if (seen, failed, changes) == (decision.seen, decision.failed, decision.changes):
        return decision
    return replace(decision, seen=seen, failed=failed, changes=changes)


def _failed(line: FailedLine) -> FailedLine:
    return line if line.seen is None else replace(line, seen=ERASED)


def _changed(line: ChangeLine) -> ChangeLine:
    return line if line.path.startswith(NOT_PERSONAL) else replace(line, before=ERASED, after=ERASED)
