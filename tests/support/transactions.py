"""Transactions for tests: a stage with a program, a member and the people at the desk, who act through the services.

`limit` is what the manager may approve; the director above approves ten times as much, and has nobody above.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, text

import domain.commands.transactions as c
from domain.approvals import Approval
from domain.commands.programs import SettingsChange
from domain.entries import NewTransaction
from domain.members import Balance, Member
from domain.moves import Move
from domain.people import Person, Principal, Role, Scope
from domain.programs import Program
from domain.receipts import Receipt
from domain.services import transactions as services
from domain.services.posting import Desk
from domain.store import approvals, balances, locks, queue, transactions
from domain.store import tables as t
from domain.store.database import Database, Writer
from domain.transactions import Status, SubType, Transaction, Type
from tests.support.factories import a_person, a_program, acting, result_of
from tests.support.members import a_member, by_number

EVERYTHING = Scope()
LIMIT = Decimal(1000)

MOVES: Mapping[Move, tuple[Any, Any]] = {
    Move.SUBMIT: (services.transaction_submit, c.TransactionSubmit),
    Move.FORWARD: (services.transaction_forward, c.TransactionForward),
    Move.REJECT: (services.transaction_reject, c.TransactionReject),
    Move.ACCEPT: (services.transaction_accept, c.TransactionAccept),
    Move.QUEUE: (services.transaction_queue, c.TransactionQueue),
    Move.SEND_TO_PARTNER: (services.transaction_send_to_partner, c.TransactionSendToPartner),
    Move.PARTNER_APPROVE: (services.transaction_partner_approve, c.TransactionPartnerApprove),
    Move.PARTNER_REJECT: (services.transaction_partner_reject, c.TransactionPartnerReject),
    Move.RECALL: (services.transaction_recall, c.TransactionRecall),
    Move.REOPEN: (services.transaction_reopen, c.TransactionReopen),
}
"""The services behind the moves that go over no desk, and their commands."""


def a_key() -> str:
    """An idempotency key that was never used."""
    return secrets.token_hex(8)


@dataclass(frozen=True)
class Stage:
    """A program of this test alone, a member of it, and who serves the member."""

    desk: Desk
    program: Program
    member: Member
    msr: Principal
    manager: Principal
    director: Principal

    @property
    def database(self) -> Database:
        return self.desk.database

    def entry(self, **values: Any) -> NewTransaction:
        """A purchase of 10 dollars, unless `values` say otherwise."""
        usual = {"program": self.program.code, "member": "", "type": Type.ACCRUAL}
        if not values.keys() & {"points", "base_points", "product", "amount"}:
            usual["amount"] = Decimal(10)
        return NewTransaction(**{**usual, **values})

    def credit(self, points: int, **values: Any) -> NewTransaction:
        """Points given by hand: what needs approval."""
        return self.entry(sub_type=SubType.MANUAL_CREDIT, points=Decimal(points), **values)

    def command(self, entry: NewTransaction | None = None, **values: Any) -> c.TransactionCreate:
        """A request to record the entry."""
        usual = {"idempotency_key": a_key(), "member": by_number(self.member), "entry": entry or self.entry()}
        return c.TransactionCreate(**{**usual, **values})

    async def create(self, command: c.TransactionCreate, actor: Principal | None = None) -> Receipt[Transaction]:
        return await services.transaction_create(self.database, self.desk.programs, actor or self.msr, command)

    async def record(
        self, entry: NewTransaction | None = None, actor: Principal | None = None, **values: Any
    ) -> Transaction:
        """A transaction, recorded by the MSR."""
        return result_of(await self.create(self.command(entry, **values), actor))

    async def move(
        self, move: Move, transaction: Transaction | int, actor: Principal | None = None, **values: Any
    ) -> Receipt[Transaction]:
        """Press a move."""
        number = transaction if isinstance(transaction, int) else transaction.id
        actor = actor or self.msr
        if move is Move.APPROVE:
            approve = c.TransactionApprove(**{"id": number, "idempotency_key": a_key(), **values})
            return await services.transaction_approve(self.desk, actor, approve)
        if move is Move.PROCESS:
            process = c.TransactionProcess(**{"id": number, "idempotency_key": a_key(), **values})
            return await services.transaction_process(self.desk, actor, process)
        service, command = MOVES[move]
        if move in {Move.REJECT, Move.PARTNER_REJECT}:
            values = {"comment": "not like this", **values}
        receipt: Receipt[Transaction] = await service(
            self.database, self.desk.programs, actor, command(id=number, **values)
        )
        return receipt

    async def moved(
        self, move: Move, transaction: Transaction | int, actor: Principal | None = None, **values: Any
    ) -> Transaction:
        """The transaction after a move that must succeed."""
        return result_of(await self.move(move, transaction, actor, **values))

    async def update(
        self, transaction: Transaction, actor: Principal | None = None, **values: Any
    ) -> Receipt[Transaction]:
        command = c.TransactionUpdate(**{"id": transaction.id, "expected_version": transaction.version, **values})
        return await services.transaction_update(self.database, self.desk.programs, actor or self.msr, command)

    async def delete(self, transaction: Transaction, actor: Principal | None = None) -> Receipt[Transaction]:
        command = c.TransactionDelete(id=transaction.id)
        return await services.transaction_delete(self.database, self.desk.programs, actor or self.msr, command)

    def earning(self, dollars: int = 10, member: Member | None = None, **values: Any) -> c.PointsEarn:
        """A request for one point per dollar."""
        entry = self.entry(amount=Decimal(dollars), **values)
        return c.PointsEarn(idempotency_key=a_key(), member=by_number(member or self.member), entry=entry)

    def redeeming(self, points: int, member: Member | None = None, **values: Any) -> c.PointsRedeem:
        """A request to spend points."""
        entry = self.entry(points=Decimal(points), **values)
        return c.PointsRedeem(idempotency_key=a_key(), member=by_number(member or self.member), entry=entry)

    async def earn(self, dollars: int = 10, actor: Principal | None = None, **values: Any) -> Receipt[Transaction]:
        return await services.points_earn(self.desk, actor or self.msr, self.earning(dollars, **values))

    async def redeem(self, points: int, actor: Principal | None = None, **values: Any) -> Receipt[Transaction]:
        return await services.points_redeem(self.desk, actor or self.msr, self.redeeming(points, **values))

    async def cancel(
        self, original: Transaction | int, actor: Principal | None = None, **values: Any
    ) -> Receipt[Transaction]:
        """All that is left of a transaction, taken back by the director."""
        number = original if isinstance(original, int) else original.id
        command = c.TransactionCancel(**{"idempotency_key": a_key(), "original": number, **values})
        return await services.transaction_cancel(self.desk, actor or self.director, command)

    async def refund(
        self, original: Transaction | int, actor: Principal | None = None, **values: Any
    ) -> Receipt[Transaction]:
        """A part of a transaction, taken back by the director."""
        number = original if isinstance(original, int) else original.id
        numbers: dict[str, Any] = {
            key: Decimal(values[key]) for key in ("amount", "quantity", "points") if key in values
        }
        command = c.TransactionRefund(**{"idempotency_key": a_key(), "original": number, **values, **numbers})
        return await services.transaction_refund(self.desk, actor or self.director, command)

    async def stored(self, transaction: Transaction | int) -> Transaction | None:
        """The transaction as it is in the database."""
        number = transaction if isinstance(transaction, int) else transaction.id
        async with self.database.read() as reader:
            return (await transactions.load_many(reader, EVERYTHING, [number]))[0]

    async def status(self, transaction: Transaction | int) -> Status:
        found = await self.stored(transaction)
        assert found is not None
        return found.status

    async def approvals(self, transaction: Transaction | int) -> list[Approval]:
        """The moves that people made, in their order."""
        number = transaction if isinstance(transaction, int) else transaction.id
        async with self.database.read() as reader:
            return (await approvals.of_transactions(reader, [number]))[0]

    async def trail(self, transaction: Transaction | int) -> list[tuple[Move, Status | None, Status]]:
        """The same, short."""
        return [(each.move, each.from_status, each.to_status) for each in await self.approvals(transaction)]

    async def queued(self) -> int:
        """How many transactions of the program wait for the batch engine."""
        async with self.database.read() as reader:
            return await queue.count(reader, self.program.id)

    async def recorded(self) -> int:
        """How many transactions the program has."""
        count = select(func.count()).select_from(t.transaction).where(t.transaction.c.program_id == self.program.id)
        async with self.database.read() as reader:
            return int((await reader.execute(count)).scalar_one())

    async def balance(self, member: Member | None = None) -> Balance:
        """What the member has of the program's one point type."""
        async with self.database.read() as reader:
            now = await self.database.now(reader)
            [[balance]] = await balances.load_many(reader, EVERYTHING, [(member or self.member).id], now)
        return balance

    async def person(self, *roles: Role, **values: Any) -> Principal:
        """Another person of the program, ready to act."""
        return acting(await self.someone(*roles, **values))

    async def someone(self, *roles: Role, **values: Any) -> Person:
        return await a_person(self.database, *roles, **{"program": self.program.code, **values})


async def a_stage(desk: Desk, *, settings: SettingsChange | None = None, **values: Any) -> Stage:
    """A stage; `values` are the program's."""
    database = desk.database
    program = await a_program(database, settings=settings or SettingsChange(), **values)
    director = await a_person(
        database, Role.MANAGER, program=program.code, transaction_approval_limit=LIMIT * 10, loan_approval_limit=LIMIT
    )
    manager = await a_person(
        database, Role.MANAGER, program=program.code, manager=director.subject, transaction_approval_limit=LIMIT
    )
    msr = await a_person(database, Role.MSR, program=program.code, manager=manager.subject)
    member = await a_member(database, program)
    async with database.read() as reader:
        await desk.programs.id_of(reader, program.code)
    return Stage(desk, program, member, acting(msr), acting(manager), acting(director))


async def counts(database: Database) -> dict[str, int]:
    """How many rows every table has."""
    async with database.read() as reader:
        return {
            table.name: int((await reader.execute(select(func.count()).select_from(table))).scalar_one())
            for table in t.metadata.sorted_tables
        }


PATIENCE_S = 180
"""For a machine that has much else to do; nothing is ever waited for longer than it takes."""

WAITING = text("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")


async def until_waiting(database: Database, sessions: int = 1) -> None:
    """Returns when so many sessions wait for a lock that somebody else holds."""
    async with asyncio.timeout(PATIENCE_S), database.read() as reader:
        while (await reader.execute(WAITING)).scalar_one() < sessions:  # noqa: ASYNC110 - the database knows
            await asyncio.sleep(0.002)


@asynccontextmanager
async def holding(database: Database, *, members: Sequence[int] = (), transactions: Sequence[int] = ()) -> AsyncIterator[Writer]:  # fmt: skip
    """Somebody else's unit of work, which holds these rows until the end of the block."""
    async with AsyncExitStack() as stack:
        writer = await stack.enter_async_context(database.rehearse())
        if members:
            await locks.members(writer, members)
        if transactions:
            await locks.transactions(writer, transactions)
        yield writer
