"""Two members who send points to each other."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from domain.commands.transactions import PointsTransfer
from domain.lots import Lot, LotUse
from domain.members import Balance, Member
from domain.people import Principal, Scope
from domain.receipts import Receipt
from domain.services import transactions as services
from domain.services.verify import verify
from domain.store import ledger_reads, transactions
from domain.store import tables as t
from domain.store.database import Database
from domain.transactions import SubType, Transaction, Type
from tests.support.members import by_number
from tests.support.transactions import Stage, a_key


@dataclass(frozen=True)
class Pair:
    """`stage.member` is Ada."""

    stage: Stage
    grace: Member

    @property
    def ada(self) -> Member:
        return self.stage.member

    @property
    def database(self) -> Database:
        return self.stage.database

    def sending(
        self, points: int, sender: Member | None = None, to: Member | None = None, **values: Any
    ) -> PointsTransfer:
        """A request to send points: of Ada to Grace, unless others are named."""
        entry = self.stage.entry(type=Type.REDEMPTION, sub_type=SubType.TRANSFER, points=Decimal(points), **values)
        return PointsTransfer(
            idempotency_key=a_key(), member=by_number(sender or self.ada), entry=entry,
            recipient=by_number(to or self.grace),
        )  # fmt: skip

    async def send(self, command: PointsTransfer, actor: Principal | None = None) -> Receipt[Transaction]:
        return await services.points_transfer(self.stage.desk, actor or self.stage.msr, command)

    async def balances(self) -> tuple[Balance, Balance]:
        """Ada's and Grace's."""
        return await self.stage.balance(self.ada), await self.stage.balance(self.grace)

    async def available(self) -> tuple[Decimal, Decimal]:
        ada, grace = await self.balances()
        return ada.available, grace.available

    async def follower(self, transaction: Transaction) -> Transaction:
        """What the engine made because of a transaction."""
        [one] = await self.following(transaction.id)
        return one

    async def following(self, number: int) -> list[Transaction]:
        async with self.database.read() as reader:
            ids = (
                await reader.execute(
                    select(t.transaction.c.id).where(t.transaction.c.follows_id == number).order_by(t.transaction.c.id)
                )
            ).scalars()
            return [each for each in await transactions.load_many(reader, Scope(), list(ids)) if each is not None]

    async def lots(self, transaction: Transaction) -> list[Lot]:
        async with self.database.read() as reader:
            key = (transaction.member_id, transaction.id)
            return (await ledger_reads.lots_of_transactions(reader, Scope(), [key]))[0]

    async def uses(self, transaction: Transaction) -> list[LotUse]:
        async with self.database.read() as reader:
            key = (transaction.member_id, transaction.id)
            return (await ledger_reads.uses_of_transactions(reader, Scope(), [key]))[0]


async def broken(database: Database) -> list[str]:
    """The invariants that do not hold."""
    return [each.invariant.name async for each in verify(database) if each.violations]
