"""Queueing again, in bulk, what the batch engine rejected for a reason that has gone: reopened and queued in one step.

Each transaction goes through the table of moves as if somebody pressed both: who may not, or whose limit does not cover it,
is told so for that row, and the others go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from domain.commands.requeuing import RequeueFilter, TransactionsRequeue
from domain.fingerprints import hash_of
from domain.move_rights import Case, case_of, check_right
from domain.moves import Move, Step, WrongStatus, moves_from
from domain.people import Principal
from domain.problems import IdempotencyKeyReused, Invalid, NotFound, Refused, TooMany
from domain.receipts import Receipt
from domain.requeuing import MOST, Requeue, RequeuedRow
from domain.services.approvers import person_of
from domain.services.checks import INPUT
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import stakes
from domain.services.transactions.keys import check_key
from domain.services.transactions.naming import program_id_of
from domain.store import approvals, idempotency, locks, queue
from domain.store import requeuing as store
from domain.store.approvals import Moved
from domain.store.database import Database, Writer
from domain.store.idempotency import Claim
from domain.transactions import Status, Transaction

Answer = Receipt[Requeue]
MUTATION = "transactionsRequeue"


async def transactions_requeue(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionsRequeue
) -> Answer:
    """Queue again what is named or found; the same key again gives the first answer again. A preview writes nothing."""
    _check(command)
    async with database.rehearse() if command.preview else database.write() as writer:
        await locks.patience(writer)
        key = await store.next_id(writer)
        if not command.preview and (earlier := await _earlier(writer, actor, command, key)):
            return earlier
        ids, more = await _named(writer, programs, actor, command)
        found = await locks.transactions(writer, ids, actor.scope)
        now = await database.now(writer)
        cases = await _cases(writer, programs, actor, list(found.values()), now)
        rows = [_Row.of(each, cases.get(each)) for each in ids]
        again = [found[row.id] for row in rows if row.steps]
        await _queue(writer, actor, again, rows, now)
        told = frozenset(map(_program, again))
        answer = Requeue(id=key, rows=[row.shown for row in rows], more=more, created_at=now, programs=told)
        await store.keep(writer, answer, actor.person_id)
        return Receipt(answer)


def _check(command: TransactionsRequeue) -> None:
    if not command.preview:
        check_key(command.idempotency_key)
    if (command.ids is None) == (command.filter is None):
        raise Refused(Invalid(value="both or none", expected="either ids or a filter", path=(INPUT, "ids")))
    if not 1 <= command.first <= MOST:
        raise Refused(Invalid(value=str(command.first), expected=f"1 to {MOST}", path=(INPUT, "first")))
    if command.ids is not None and len(command.ids) > MOST:
        raise Refused(TooMany(what="transactions", limit=MOST, found=len(command.ids), path=(INPUT, "ids")))


async def _earlier(writer: Writer, actor: Principal, command: TransactionsRequeue, key: int) -> Answer | None:
    """Claim the key; the answer of who had it before."""
    said = hash_of((tuple(command.ids or ()), command.filter, command.first))
    claim = Claim(actor.subject, MUTATION, command.idempotency_key, said, "Requeue", key)
    before = (await idempotency.claim(writer, [claim])).get(claim.name)
    if before is None:
        return None
    if before.input_hash != said:
        raise Refused(IdempotencyKeyReused(path=(INPUT, "idempotencyKey")))
    return Receipt(await store.load(writer, before.answer_id), replayed=True)


async def _named(
    writer: Writer, programs: EnginePrograms, actor: Principal, command: TransactionsRequeue
) -> tuple[Sequence[int], bool]:
    """The transactions, and whether there are more."""
    if command.ids is not None:
        return list(dict.fromkeys(command.ids)), False
    wanted = command.filter
    assert wanted is not None
    program_id = await _program_id(writer, programs, actor, wanted)
    found = await store.find(writer, actor.scope, program_id, wanted, command.first + 1)
    return found[: command.first], len(found) > command.first


async def _program_id(writer: Writer, programs: EnginePrograms, actor: Principal, wanted: RequeueFilter) -> int:
    try:
        return await program_id_of(writer, programs, actor, wanted.program)
    except Refused as refused:
        raise Refused(*(each.at(INPUT, "filter", "program") for each in refused.problems)) from None


async def _cases(
    writer: Writer, programs: EnginePrograms, actor: Principal, found: Sequence[Transaction], now: datetime
) -> dict[int, Case]:
    """Everything that decides about each of them; what a partner had to approve, it has, and it says the same as then."""
    person = await person_of(writer, actor)
    cases: dict[int, Case] = {}
    for program_id, group in groupby(sorted(found, key=_program), key=_program):
        mine = list(group)
        program = await programs.current(writer, program_id)
        points = await stakes.of_stored(writer, program, mine, now)
        settings = program.program.settings
        cases |= {each.id: case_of(each, actor, person, settings, points=points[each.id]) for each in mine}
    return cases


def _program(transaction: Transaction) -> int:
    return transaction.program_id


@dataclass(frozen=True, slots=True)
class _Row:
    """One transaction: the steps of its two moves, or why there are none."""

    id: int
    steps: tuple[Step, ...]
    shown: RequeuedRow

    @classmethod
    def of(cls, number: int, case: Case | None) -> "_Row":
        try:
            steps = _steps(case)
        except Refused as refused:
            message = " ".join(problem.message for problem in refused.problems)
            shown = RequeuedRow(transaction_id=number, code=refused.problems[0].code, message=message)
            return cls(number, (), shown)
        return cls(number, steps, RequeuedRow(transaction_id=number))


def _steps(case: Case | None) -> tuple[Step, ...]:
    if case is None:
        raise Refused(NotFound(what="transaction"))
    assert case.status is not None
    if case.status is not Status.REJECTED_ENGINE:
        raise Refused(WrongStatus(status=case.status, move=Move.QUEUE, allowed=moves_from(case.status, case.settings)))
    reopened = check_right(case, Move.REOPEN)
    again = replace(case, status=reopened[-1].to, sub_status=None)
    return (*reopened, *check_right(again, Move.QUEUE))


async def _queue(
    writer: Writer, actor: Principal, found: Sequence[Transaction], rows: Sequence[_Row], now: datetime
) -> None:
    """Write both moves of those that may go, and keep them as approval records."""
    await store.queued(writer, [each.id for each in found])
    await queue.add(writer, map(queue.key_of, found))
    moved = (Moved(row.id, actor.person_id, step.move, step.status, step.to) for row in rows for step in row.steps)
    await approvals.record(writer, moved, now)
