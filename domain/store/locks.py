"""Every lock, by name, in one order: program (shared), members by id, transactions by id. Nobody locks anywhere else.

A chunk holds its program's lock, shared, from before it takes `now` until it commits: closing a period takes it exclusively.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Row, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from domain.people import Scope
from domain.store import tables as t
from domain.store import transactions as rows
from domain.store.database import Writer
from domain.transactions import Transaction

MemberRow = Row[Any]
"""A member's row, locked."""

IDS = bindparam("ids", type_=ARRAY(BigInteger))

PROGRAM_SHARED = text("select pg_advisory_xact_lock_shared(1, cast(:program_id as int))")
PATIENCE = text("select set_config('lock_timeout', :milliseconds, true)")
_MEMBERS = select(t.member).where(t.member.c.id == any_(IDS)).order_by(t.member.c.id)
MEMBERS = _MEMBERS.with_for_update()
FREE_MEMBERS = _MEMBERS.with_for_update(skip_locked=True)
TRANSACTIONS = rows.BY_IDS.order_by(t.transaction.c.id).with_for_update(of=t.transaction)

EVERYTHING = Scope()
WAIT_MILLISECONDS = 5_000
"""How long a person's request waits for a member that somebody else works on."""


async def patience(writer: Writer, milliseconds: int = WAIT_MILLISECONDS) -> None:
    """From here on, a lock that does not come in time is an error, not an endless wait."""
    await writer.execute(PATIENCE, {"milliseconds": f"{milliseconds}ms"})


async def program(writer: Writer, program_id: int) -> None:
    """Share the program with other chunks; whoever closes a period waits for all of them."""
    await writer.execute(PROGRAM_SHARED, {"program_id": program_id})


async def members(writer: Writer, ids: Sequence[int]) -> Sequence[MemberRow]:
    """Lock members in the order of their ids, waiting for whoever holds them; their rows."""
    return (await writer.execute(MEMBERS, {"ids": sorted(set(ids))})).all()


async def free_members(writer: Writer, ids: Sequence[int]) -> Sequence[MemberRow]:
    """Lock those of the members whom nobody else holds; their rows."""
    return (await writer.execute(FREE_MEMBERS, {"ids": sorted(set(ids))})).all()


async def transactions(writer: Writer, ids: Sequence[int], scope: Scope = EVERYTHING) -> dict[int, Transaction]:
    """Lock those of the transactions that the scope shows, for a move of their status; as they are now."""
    found = await writer.execute(rows.in_scope(TRANSACTIONS, scope), {"ids": sorted(set(ids))})
    return {row.id: rows.transaction_of(row) for row in found}
