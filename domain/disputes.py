"""Disputes: a member or a partner reports an accrual that is missing, or wrong; the partner decides about the right one.

A dispute is an accrual that waits for its partner. Once it is processed, the wrong one is cancelled in the same commit.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.problems import Problem
from domain.transactions import Status, SubType, Transaction, Type

OVER = frozenset({Status.CANCELLED, Status.PARTNER_REJECTED, Status.REJECTED_MANAGER, Status.REJECTED_ENGINE})
"""A dispute of this status came to nothing: another may be opened about the same accrual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDisputable(Problem):
    """Something that no dispute can be about."""

    code = "NOT_DISPUTABLE"
    why: str

    @property
    def message(self) -> str:
        return f"This cannot be disputed: {self.why}."


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyDisputed(Problem):
    """A second dispute about the same accrual."""

    code = "ALREADY_DISPUTED"
    status: Status

    @property
    def message(self) -> str:
        return f"There is a dispute about this already, which is {self.status.value}: wait for it, or recall it."


def wrong_problems(wrong: Transaction, member_id: int, partner_id: int | None, *path: str) -> Iterator[Problem]:
    """Why a dispute of this member with this partner cannot be about that accrual."""
    if (wrong.type, wrong.sub_type) != (Type.ACCRUAL, SubType.PRODUCT):
        why = f"only ACCRUAL/PRODUCT can be, not {wrong.type.value}/{wrong.sub_type.value}"
        yield NotDisputable(why=why, path=path)
    elif wrong.status is not Status.PROCESSED:
        yield NotDisputable(why=f"it is {wrong.status.value}, and gives nothing that could be wrong", path=path)
    elif wrong.member_id != member_id:
        yield NotDisputable(why="it is another member's", path=path)
    elif wrong.partner_id != partner_id:
        yield NotDisputable(why="it is not of this partner, who cannot decide about it", path=path)
