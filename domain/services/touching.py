"""Whom transactions touch besides the members whose they are: recipients of transfers, parents of families, and those to whom
points went that are taken back.

All of them are locked in one go, in the order of their ids. Who they are is read before, and looked at again after: what has
changed meanwhile is passing contention, and the work is done again.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from domain.engine import EngineProgram, Entry
from domain.store import families, flowed, queue
from domain.store.database import Reader, Writer
from domain.store.failures import SERIALIZATION
from domain.store.member_rows import MemberRow
from domain.transactions import Transaction

T = TypeVar("T")

ATTEMPTS = 3
"""How often it is looked who is touched, while members are merged, join and leave."""


class Moved(Exception):
    """Between the look and the lock a member joined another family or was merged, or a transfer got another recipient: look again."""

    sqlstate = SERIALIZATION


async def until_settled(
    unit: Callable[[], AbstractAsyncContextManager[Writer]], work: Callable[[Writer], Awaitable[T]]
) -> T:
    """Do the work in a unit of its own, and again from the beginning if somebody was merged or moved before the lock was had."""
    for _ in range(ATTEMPTS - 1):
        try:
            async with unit() as writer:
                return await work(writer)
        except Moved:
            continue
    async with unit() as writer:
        return await work(writer)


async def parents(reader: Reader, program: EngineProgram, members: Collection[int]) -> Mapping[int, int]:
    """By member, the parent to whom its accruals flow. In a program without families nothing is asked."""
    return await families.parents(reader, members) if program.families and members else {}


async def of_queued(reader: Reader, program: EngineProgram, rows: Sequence[queue.Key]) -> dict[int, set[int]]:
    """By member, all whom its queued transactions touch; nothing for nearly all members."""
    found = {row[1]: set[int]() for row in rows if row[4] is not None}
    for row in rows:
        if row[4] is not None:
            found[row[1]].add(row[4])
    for member_id, parent_id in (await parents(reader, program, {row[1] for row in rows})).items():
        found.setdefault(member_id, set()).add(parent_id)
    cancelled = await flowed.cancelled(reader, [row[3] for row in rows])
    others = await of_originals(reader, {row.original_id for row in cancelled})
    for row in cancelled:
        if row.original_id in others:
            found.setdefault(row.member_id, set()).update(others[row.original_id])
    return found


async def of_originals(reader: Reader, ids: Collection[int]) -> Mapping[int, set[int]]:
    """By transaction that is to be taken back, to whom its points went; nothing for nearly all."""
    return await flowed.members(reader, ids) if ids else {}


def check_originals(entries: Iterable[Entry], locked: Collection[int]) -> None:
    """Raises Moved if points that are taken back went to somebody who is not locked: they went there after the look."""
    originals = [entry.original for entry in entries if entry.original is not None]
    if any(
        each.member_id not in locked for one in originals for follower in one.followers for each in follower.everything
    ):
        raise Moved


def check_families(working: Collection[int], locked: Sequence[MemberRow]) -> None:
    """Raises Moved if the accruals of a member who is worked flow to somebody who is not locked."""
    of_families = [row for row in locked if row.family_id is not None]
    if not of_families:
        return
    ids = {row.id for row in locked}
    for row in of_families:
        flow = families.flow_of(row) if row.id in working else None
        if flow is not None and flow.parent_id not in ids:
            raise Moved


def check_merged(called: Collection[int], locked: Iterable[MemberRow]) -> None:
    """Raises Moved if a member who was named by a number, card, email or phone is somebody else by now."""
    if any(row.merged_into_id is not None and row.id in called for row in locked):
        raise Moved


def check_owners(works: Iterable[tuple[int, Transaction | Entry]]) -> None:
    """Raises Moved if a transaction is not that of the member with whom it is worked: it followed whoever stayed after a merge."""
    if any(transaction.member_id != member_id for member_id, transaction in works):
        raise Moved


def check_recipients(transactions: Iterable[Transaction | Entry], locked: Collection[int]) -> None:
    """Raises Moved if a transfer is for somebody who is not locked."""
    if any(each.other_member_id is not None and each.other_member_id not in locked for each in transactions):
        raise Moved
