"""The command about merges."""

from dataclasses import dataclass

from domain.commands.members import MemberReference
from domain.merges import MergeAttributes


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberMerge:
    """`member` is merged into `into`, who stays; both are of one program."""

    idempotency_key: str
    member: MemberReference
    into: MemberReference
    reason: str
    program: str | None = None
    attributes: MergeAttributes = MergeAttributes.FILL
