"""All data of a member in one document: what is stored, and in sentences why each transaction gave or took what it did."""

from typing import Any

from domain.commands.members import MemberReference
from domain.members import Member
from domain.people import Principal, Scope
from domain.services.explanations import explanations
from domain.services.members import member_find
from domain.store import erasure, transactions
from domain.store import member_export as store
from domain.store.database import Database, Reader
from domain.store.json import encode

EVERYTHING = Scope()
MOST_TRANSACTIONS = 1_000
"""How many one answer holds; a file holds any number."""


class TooMuch(Exception):
    """More transactions than one answer holds; `count` of them."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


async def member_export(
    database: Database, actor: Principal, reference: MemberReference, program: str | None
) -> str | None:
    """The document of a member as text; None for one that the actor may not see. Raises TooMuch."""
    member = await member_find(database, actor, reference, program)
    if member is None:
        return None
    async with database.snapshot() as reader:
        count = await store.transactions(reader, await erasure.person(reader, member.id))
        if count > MOST_TRANSACTIONS:
            raise TooMuch(count)
        return encode(await everything_of(reader, member))


async def everything_of(reader: Reader, member: Member) -> dict[str, Any]:
    """The document of a member and of those who were merged into it."""
    found = await store.sections(reader, await erasure.person(reader, member.id))
    numbers = [row["id"] for row in found["transactions"]]
    decisions = {}
    for each in await transactions.load_many(reader, EVERYTHING, numbers):
        assert each is not None
        decisions[str(each.id)] = await explanations(reader, EVERYTHING, each, told_to=Scope(member_id=each.member_id))
    return {"member": member.number, **found, "decisions": decisions}
