"""Two members who are the same person: `ada` is merged into `grace`."""

from dataclasses import dataclass
from typing import Any

from domain.commands.members import MemberReference
from domain.commands.merges import MemberMerge
from domain.members import Member
from domain.merges import Merged, MergeReceipt
from domain.people import ENGINE, Scope
from domain.services.merges import member_merge, merge_preview
from domain.store import members
from tests.support.factories import result_of
from tests.support.members import by_number
from tests.support.transactions import a_key
from tests.transfers.pair import Pair

Named = Member | int | None
"""Somebody by number, or by id."""


def _reference(named: Member | int) -> MemberReference:
    return MemberReference(id=named) if isinstance(named, int) else by_number(named)


@dataclass(frozen=True)
class Twins(Pair):
    """The members as a merge sees them."""

    def merging(self, member: Named = None, into: Named = None, **values: Any) -> MemberMerge:
        by_ids = isinstance(member, int) or isinstance(into, int)
        usual = {
            "idempotency_key": a_key(), "program": None if by_ids else self.stage.program.code,
            "member": _reference(member or self.ada), "into": _reference(into or self.grace),
            "reason": "enrolled twice",
        }  # fmt: skip
        return MemberMerge(**{**usual, **values})

    async def send_merge(self, command: MemberMerge) -> MergeReceipt:
        return await member_merge(self.database, self.stage.desk.programs, ENGINE, command)

    async def merge(self, member: Named = None, into: Named = None, **values: Any) -> Merged:
        return result_of(await self.send_merge(self.merging(member, into, **values)))

    async def preview(self) -> Merged:
        return result_of(await merge_preview(self.database, self.stage.desk.programs, ENGINE, self.merging()))

    async def now(self, member: Member) -> Member:
        """A member as it is stored."""
        async with self.database.read() as reader:
            [found] = await members.load_many(reader, Scope(), [member.id])
        assert found is not None
        return found
