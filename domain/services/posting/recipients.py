"""Whom transfers are for: another member of the same program. Who sends need not be allowed to see who gets.

A member or a partner's user names the recipient by number or card, which people show each other; staff by anything.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from domain.commands.members import MemberReference
from domain.people import Principal, Scope
from domain.problems import Invalid, Problem, Refused
from domain.services.members import as_stored
from domain.services.posting.drafting import Owner
from domain.store import member_references, members
from domain.store.database import Reader
from domain.transfers import AcrossPrograms

if TYPE_CHECKING:
    from domain.services.posting.group import Work

Refuse = Callable[["Work", Problem], None]
EVERYTHING = Scope()
FIELD = "transferTo"


async def find(reader: Reader, program_id: int, works: Sequence["Work"], refuse: Refuse) -> None:
    """Give each work that names a recipient its recipient, a set at a time."""
    named = [(work, work.posting.recipient) for work in works if work.posting.recipient is not None]
    if not named:
        return
    found = await _owners(reader, program_id, [(work.posting.actor, reference) for work, reference in named])
    for (work, _), owner in zip(named, found, strict=True):
        if isinstance(owner, Problem):
            refuse(work, owner.at(*work.posting.path, FIELD))
        else:
            work.recipient = owner


async def recipient_of(
    reader: Reader, actor: Principal, program_id: int, reference: MemberReference | None, *path: str
) -> Owner | None:
    """The one recipient that a command names, if it does; raises Refused."""
    if reference is None:
        return None
    [found] = await _owners(reader, program_id, [(actor, as_stored(reference))])
    if isinstance(found, Problem):
        raise Refused(found.at(*path, FIELD))
    return found


async def _owners(
    reader: Reader, program_id: int, asked: Sequence[tuple[Principal, MemberReference]]
) -> list[Owner | Problem]:
    keys = await member_references.find(reader, program_id, {reference for _, reference in asked})
    ids = sorted({key for key in keys.values() if isinstance(key, int)})
    numbers = {each.id: each.number for each in await members.load_many(reader, EVERYTHING, ids) if each is not None}
    found: list[Owner | Problem] = []
    for actor, reference in asked:
        key = keys[reference]
        if (hidden := _hidden(actor, reference)) is not None:
            found.append(hidden)
        elif isinstance(key, int):
            found.append(Owner(key, numbers[key]))
        else:
            found.append(await _across(reader, actor, reference) or key)
    return found


def _hidden(actor: Principal, reference: MemberReference) -> Problem | None:
    narrow = actor.scope.partner_id is not None or actor.scope.member_id is not None
    by, value = reference.given
    if not narrow or by in member_references.SHOWN_TO_PARTNERS:
        return None
    return Invalid(value="" if by == "id" else value, expected="the number or a card of the recipient")


async def _across(reader: Reader, actor: Principal, reference: MemberReference) -> Problem | None:
    """Whether it is somebody whom the actor knows from another program."""
    if reference.id is None or await members.load(reader, actor.scope, reference.id) is None:
        return None
    return AcrossPrograms()
