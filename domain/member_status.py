"""The life of a member as one table: which status people may give after which, and which only the engine.

CANCELLED and MERGED are final. DORMANT is never given by hand: a job sets it, and an accrual ends it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain.members import MemberStatus
from domain.problems import Problem

_S = MemberStatus

BEGINNINGS = frozenset({_S.PENDING, _S.ACTIVE})
"""How a membership may begin."""

CHANGES: Mapping[MemberStatus, tuple[MemberStatus, ...]] = MappingProxyType({
    _S.PENDING: (_S.ACTIVE, _S.CANCELLED),
    _S.ACTIVE: (_S.SUSPENDED, _S.INACTIVE, _S.CANCELLED),
    _S.SUSPENDED: (_S.ACTIVE, _S.INACTIVE, _S.CANCELLED),
    _S.DORMANT: (_S.ACTIVE, _S.SUSPENDED, _S.INACTIVE, _S.CANCELLED),
    _S.INACTIVE: (_S.ACTIVE, _S.SUSPENDED, _S.CANCELLED),
    _S.CANCELLED: (),
    _S.MERGED: (),
})  # fmt: skip
"""What a person may make of a member, by the status it has."""

FINAL = frozenset(status for status, following in CHANGES.items() if not following)
"""Members who will never earn or burn again; only their history remains."""

ENGINE_CHANGES = frozenset({
    (_S.ACTIVE, _S.DORMANT), (_S.DORMANT, _S.ACTIVE), *((status, _S.MERGED) for status in CHANGES if status not in FINAL),
})  # fmt: skip
"""What the engine does besides: dormancy, waking at an accrual, and the end of a merge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStatusRefused(Problem):
    """A change of status that does not exist from where the member stands."""

    code = "MEMBER_STATUS_REFUSED"
    status: MemberStatus
    wanted: MemberStatus
    allowed: tuple[MemberStatus, ...]

    @property
    def message(self) -> str:
        names = ", ".join(status.value for status in self.allowed)
        allowed = f"it may become {names}" if names else "that is final"
        return f"The member is {self.status.value} and cannot become {self.wanted.value}: {allowed}."


def status_refused(status: MemberStatus, wanted: MemberStatus, *path: str) -> MemberStatusRefused | None:
    """Why a person may not give this status, or None."""
    allowed = CHANGES[status]
    return None if wanted in allowed else MemberStatusRefused(status=status, wanted=wanted, allowed=allowed, path=path)
