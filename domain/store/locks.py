"""Every lock, by name, in one order: program (shared), run (shared), members by id, transactions, then
blocks, by id. Nobody locks anywhere else.

A chunk holds its program's lock, shared, from before it takes `now` until it commits: closing a period takes it exclusively.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import BigInteger, Boolean, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from domain.blocks import PointBlock
from domain.people import Scope
from domain.store import blocks as block_rows
from domain.store import member_rows, partner_transaction_lists
from domain.store import tables as t
from domain.store import transactions as rows
from domain.store.database import Writer
from domain.store.member_rows import MemberRow
from domain.transactions import Transaction

# With the first lock it says after how many seconds the database gives up a process that is silent in the middle of its work,
# such as one whose network is cut: then its locks are free again. Between two steps of a statement only TCP can tell.
# `alter database … set milepost.silence = '10'` says otherwise.
PROGRAM_SHARED = text(
    "select pg_advisory_xact_lock_shared(1, cast(:program_id as int)),"
    " set_config('idle_in_transaction_session_timeout', n || 's', true), set_config('tcp_user_timeout', n || 's', true),"
    " set_config('tcp_keepalives_idle', greatest(n / 3, 1)::text, true),"
    " set_config('tcp_keepalives_interval', greatest(n / 6, 1)::text, true), set_config('tcp_keepalives_count', '3', true)"
    " from (select coalesce(nullif(current_setting('milepost.silence', true), ''), '30')::int as n) s"
)
PATIENT_PROGRAM_SHARED = text(f"select set_config('lock_timeout', :milliseconds, true), {PROGRAM_SHARED.text[7:]}")
PROGRAM_ALONE = text("select pg_advisory_xact_lock(1, cast(:program_id as int))")
CLOSING = text("select pg_advisory_xact_lock(4, cast(:program_id as int))")
RUN_SHARED = text("select pg_advisory_xact_lock_shared(2, cast(cast(:run_id as bigint) % 2147483647 as int))")
RUN_ALONE = text("select pg_advisory_xact_lock(2, cast(cast(:run_id as bigint) % 2147483647 as int))")
PATIENCE = text("select set_config('lock_timeout', :milliseconds, true)")
TRANSACTIONS = rows.BY_IDS.order_by(t.transaction.c.id).with_for_update(of=t.transaction)
BLOCKS = block_rows.BY_IDS.order_by(t.point_block.c.id).with_for_update(key_share=True, of=t.point_block)
STOCK = text("""
select id from point_block where program_id = :program_id and status = 'APPROVED'
  and (partner_id = any(:partners) or (:host and partner_id is null))
order by id for no key update
""").bindparams(bindparam("partners", type_=ARRAY(BigInteger)), bindparam("host", type_=Boolean))
FEE = partner_transaction_lists.BY_IDS.with_for_update(key_share=True)

EVERYTHING = Scope()
WAIT_MILLISECONDS = 5_000
"""How long a person's request waits for a member that somebody else works on."""


async def patience(writer: Writer, milliseconds: int = WAIT_MILLISECONDS) -> None:
    """From here on, a lock that does not come in time is an error, not an endless wait."""
    await writer.execute(PATIENCE, {"milliseconds": f"{milliseconds}ms"})


async def program(writer: Writer, program_id: int) -> None:
    """Share the program with other chunks; whoever closes a period waits for all of them."""
    await writer.execute(PROGRAM_SHARED, {"program_id": program_id})


async def patiently(writer: Writer, program_id: int) -> None:
    """Patience and the program, in one question: how every group of requests begins."""
    values = {"program_id": program_id, "milliseconds": f"{WAIT_MILLISECONDS}ms"}
    await writer.execute(PATIENT_PROGRAM_SHARED, values)


async def program_alone(writer: Writer, program_id: int) -> None:
    """Have the program alone, once every chunk that was begun has committed; whoever closes something ends what they do then."""
    await writer.execute(PROGRAM_ALONE, {"program_id": program_id})


async def closing(writer: Writer, program_id: int) -> None:
    """Of those who close periods of a program's partners, one at a time; nobody else waits for them."""
    await writer.execute(CLOSING, {"program_id": program_id})


async def run(writer: Writer, run_id: int) -> None:
    """Share a run of the batch engine with its other chunks; whoever ends the run waits for all of them."""
    await writer.execute(RUN_SHARED, {"run_id": run_id})


async def run_alone(writer: Writer, run_id: int) -> None:
    """Wait until no chunk of a run is in hand, and let none begin."""
    await writer.execute(RUN_ALONE, {"run_id": run_id})


async def members(writer: Writer, ids: Sequence[int]) -> Sequence[MemberRow]:
    """Lock members in the order of their ids, waiting for whoever holds them; their rows."""
    return await member_rows.read(writer, member_rows.LOCKED, sorted(set(ids)))


async def free_members(writer: Writer, ids: Sequence[int]) -> Sequence[MemberRow]:
    """Lock those of the members whom nobody else holds; their rows."""
    return await member_rows.read(writer, member_rows.FREE, sorted(set(ids)))


async def transactions(writer: Writer, ids: Sequence[int], scope: Scope = EVERYTHING) -> dict[int, Transaction]:
    """Lock those of the transactions that the scope shows, for a move of their status; as they are now."""
    found = await writer.execute(rows.in_scope(TRANSACTIONS, scope), {"ids": sorted(set(ids))})
    return {row.id: rows.transaction_of(row) for row in found}


async def fee(writer: Writer, transaction_id: int) -> None:
    """Lock a fee, before any block: of two who give it back the second waits for the first."""
    await writer.execute(FEE, {"ids": [transaction_id]})


async def blocks(writer: Writer, ids: Sequence[int], scope: Scope = EVERYTHING) -> dict[int, PointBlock]:
    """Lock those of the blocks that the scope shows, last of all; as they are now, by id."""
    found = await writer.execute(block_rows.in_scope(BLOCKS, scope), {"ids": sorted(set(ids))})
    return {row.id: block_rows.block_of(row) for row in found}


async def stock(writer: Writer, program_id: int, partners: Collection[int], *, host: bool) -> None:
    """Lock every block of these owners that may be used, last of all: nobody else draws from it, closes or adjusts it."""
    await writer.execute(STOCK, {"program_id": program_id, "partners": list(partners), "host": host})
