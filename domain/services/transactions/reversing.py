"""Cancelling and refunding: a transaction of its own that takes another one back, or a part of it.

What was processed is cancelled; what never was is recalled instead. It goes through approval like any other.
"""

from dataclasses import dataclass
from typing import Any

from domain.commands.members import MemberReference
from domain.commands.transactions import (
    ExternalReference,
    TransactionCancel,
    TransactionCreate,
    TransactionRefund,
)
from domain.engine import EngineProgram
from domain.entries import NewTransaction
from domain.people import Principal, Scope
from domain.postings import Posting
from domain.problems import Missing, NotFound, Refused
from domain.refund_checks import OPPOSITE
from domain.services.checks import INPUT
from domain.services.posting.desk import Desk
from domain.services.transactions.keys import check_key
from domain.services.transactions.moving import Answer
from domain.services.transactions.recording import record
from domain.store import external_id_reads, members, partners, transactions
from domain.store.database import Reader
from domain.transactions import SubType, Transaction

EVERYTHING = Scope()
MUTATIONS = {TransactionCancel: "transactionCancel", TransactionRefund: "transactionRefund"}


async def transaction_cancel(desk: Desk, actor: Principal, command: TransactionCancel) -> Answer:
    """Take back all that is left of a transaction."""
    return await _reverse(desk, actor, command)


async def transaction_refund(desk: Desk, actor: Principal, command: TransactionRefund) -> Answer:
    """Take back a part of a transaction."""
    return await _reverse(desk, actor, command)


async def _reverse(desk: Desk, actor: Principal, command: TransactionCancel) -> Answer:
    if not command.record:
        return await desk.submit(await reversal_of(desk, actor, command))
    check_key(command.idempotency_key)
    async with desk.database.read() as reader:
        named = await _named(reader, desk, actor, command)
    create = TransactionCreate(
        idempotency_key=command.idempotency_key, member=named.member, entry=_entry(command, named)
    )
    return await record(desk.database, desk.programs, actor, create, MUTATIONS[type(command)])


async def reversal_of(desk: Desk, actor: Principal, command: TransactionCancel) -> Posting:
    """What goes over the desk; raises Refused for what the actor may not see."""
    check_key(command.idempotency_key)
    async with desk.database.read() as reader:
        named = await _named(reader, desk, actor, command)
    return Posting(
        actor=actor, mutation=MUTATIONS[type(command)], key=command.idempotency_key,
        program_id=named.original.program_id, member=named.member, entry=_entry(command, named),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Named:
    """What a cancellation names, as far as its actor may see it."""

    original: Transaction
    program: EngineProgram
    member: MemberReference
    partner: str | None


async def _named(reader: Reader, desk: Desk, actor: Principal, command: TransactionCancel) -> _Named:
    [original] = await transactions.load_many(reader, actor.scope, [await _number(reader, actor, command.original)])
    if original is None:
        raise Refused(_not_found(command.original))
    program = await desk.programs.current(reader, original.program_id)
    [member] = await members.load_many(reader, EVERYTHING, [original.member_id])
    assert member is not None, "members are never deleted"
    partner = None
    if original.partner_id is not None:
        [partner] = await partners.load_many(reader, EVERYTHING, [original.partner_id])
    return _Named(original, program, MemberReference(number=member.number), partner.code if partner else None)


async def _number(reader: Reader, actor: Principal, named: int | ExternalReference) -> int:
    """The number of the original; one that nobody has, where the external id is not known."""
    if isinstance(named, int):
        return named
    found = await external_id_reads.find(
        reader, actor.scope, named.program, named.external_id, partner=named.partner, source=named.source
    )
    return found or 0


def _not_found(named: int | ExternalReference) -> NotFound:
    if isinstance(named, int):
        return NotFound(what="transaction", path=(INPUT, "id"))
    return NotFound(what="transaction with external id", key=named.external_id, path=(INPUT, "original"))


def _entry(command: TransactionCancel, named: _Named) -> NewTransaction:
    """The cancellation as a transaction: its partner is the original's, its type the opposite."""
    original = named.original
    return NewTransaction(
        program=named.program.program.code, member="", type=OPPOSITE[original.type], sub_type=SubType.CANCELLATION,
        transaction_date=command.transaction_date, partner=named.partner, source=command.source,
        external_id=command.external_id, comment=command.comment, submit_to=command.submit_to, cancels=original.id,
        **_part(command, original),
    )  # fmt: skip


def _part(command: TransactionCancel, original: Transaction) -> dict[str, Any]:
    if not isinstance(command, TransactionRefund):
        return {}
    if all(each is None for each in (command.lines, command.quantity, command.amount, command.points)):
        why = "a refund says what comes back, by lines, quantity, amount or points; to take back all, cancel"
        raise Refused(Missing(why=why, path=(INPUT, "amount")))
    money = command.amount is not None or command.lines is not None
    types = [each.point_type for each in original.totals]
    return {
        "refund_lines": command.lines,
        "quantity": command.quantity,
        "amount": command.amount,
        "currency": command.currency or (original.currency if money else None),
        "points": command.points,
        "point_type": command.point_type or (types[0] if command.points is not None and len(types) == 1 else None),
    }
