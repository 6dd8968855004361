"""What is asked for when a member is to be erased."""

from dataclasses import dataclass

from domain.commands.members import MemberReference


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberErase:
    """Remove everything personal of a member, and say why. `forfeit`: the points that the member still has lapse."""

    idempotency_key: str
    member: MemberReference
    reason: str
    program: str | None = None
    forfeit: bool = False
