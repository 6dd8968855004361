"""Erasing members."""

import strawberry

from schema.base import answers, takes
from schema.member_references import MemberReference
from schema.members import Member
from schema.payloads import Keyed, ReplayablePayload

PROGRAM = "The code of the program; an `id` needs none, nor do those who are bound to one."


@takes
class MemberEraseInput(Keyed):
    """A member of whom everything personal shall go, for ever. The number, the ids and the ledger stay."""

    member: MemberReference = strawberry.field(description="Which member.")
    program: str | None = strawberry.field(default=None, description=PROGRAM)
    reason: str = strawberry.field(description="For the record, which stays: say nothing personal.")
    forfeit: bool = strawberry.field(
        default=False, description="Whether points that the member still has lapse; without it they are a refusal."
    )


@answers
class MemberErasePayload(ReplayablePayload):
    """What is left of the member."""

    result: Member | None = strawberry.field(name="member")
