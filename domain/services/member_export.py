"""All data of a member in one document: what is stored, and in sentences why each transaction gave or took what it did."""

from typing import Any

from domain.members import Member
from domain.people import Scope
from domain.services.explanations import explanations
from domain.store import erasure, member_export, transactions
from domain.store.database import Reader

EVERYTHING = Scope()


async def everything_of(reader: Reader, member: Member) -> dict[str, Any]:
    """The document of a member and of those who were merged into it."""
    found = await member_export.sections(reader, await erasure.person(reader, member.id))
    numbers = [row["id"] for row in found["transactions"]]
    decisions = {}
    for each in await transactions.load_many(reader, EVERYTHING, numbers):
        assert each is not None
        decisions[str(each.id)] = await explanations(reader, EVERYTHING, each, told_to=Scope(member_id=each.member_id))
    return {"member": member.number, **found, "decisions": decisions}
