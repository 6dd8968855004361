"""A partner's account in a program of its own: blocks to book into, a manager who books, and a clock that the test moves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from domain.blocks import BlockKind, BlockStatus, PointBlock
from domain.commands.blocks import PointBlockClose, PointBlockPurchase
from domain.commands.partner_accounts import (
    AccountPeriod,
    PartnerBalanceAdjust,
    PartnerFeeCharge,
    PartnerFeeRefund,
    StatementClose,
)
from domain.commands.programs import SettingsChange
from domain.fees import Booked
from domain.partner_statements import PartnerStatement
from domain.partner_transactions import Direction, NewPartnerTransaction, PartnerTransactionKind
from domain.partners import Partner
from domain.people import Principal, Role
from domain.programs import Program
from domain.receipts import Receipt
from domain.services.block_moves import point_block_close
from domain.services.blocks import point_block_purchase
from domain.services.fee_refunds import partner_fee_refund
from domain.services.partner_accounts import partner_balance_adjust, partner_fee_charge
from domain.services.partner_statements import partner_statement, statement_close
from domain.store import blocks, locks, partner_transactions
from domain.store.database import Database
from domain.transactions import Money
from tests.support.factories import a_partner, a_person, a_program, acting, result_of
from tests.support.transactions import a_key

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
REASONS = ("GOODWILL", "MISTAKE")


@dataclass
class Books:
    """Of one partner in one program."""

    database: Database
    program: Program
    partner: Partner
    manager: Principal
    clock: "Clock" = field(repr=False)

    def pass_to(self, *moment: int) -> None:
        """Put the clock to a moment: year, month, day, and perhaps hour and so on, in UTC; noon, if no hour is given."""
        given = moment if len(moment) > 3 else (*moment, 12)
        self.clock.now = datetime(*given, tzinfo=UTC)  # type: ignore[misc,arg-type]

    @property
    def today(self) -> date:
        """On the clock; the program lives in UTC."""
        return self.clock.now.date()

    async def block(self, points: int | str = 1000, *, partner: Partner | None = None, **values: Any) -> PointBlock:
        """Points that the partner buys, at a cent each, from today without end, unless `values` say otherwise."""
        given = {
            "idempotency_key": a_key(), "program": self.program.code, "partner": (partner or self.partner).code,
            "points": Decimal(points), "price": Decimal("0.01"), "currency": "EUR", **values,
        }  # fmt: skip
        return result_of(await point_block_purchase(self.database, self.manager, PointBlockPurchase(**given)))

    async def overdraft(self, owed: int) -> PointBlock:
        """So many points that were given without having been bought."""
        async with self.database.write() as writer:
            await locks.program(writer, self.program.id)
            block = await blocks.add(
                writer, id=await blocks.next_id(writer), program_id=self.program.id, partner_id=self.partner.id,
                kind=BlockKind.OVERDRAFT, status=BlockStatus.APPROVED, original=0, starts_on=self.today,
                price=Decimal(0), currency="EUR", cost=0, approved_at=self.clock.now,
            )  # fmt: skip
            row = NewPartnerTransaction(
                program_id=self.program.id, partner_id=self.partner.id, kind=PartnerTransactionKind.ACCRUAL_DEBIT,
                direction=Direction.DEBIT, posted_on=self.today, points=Decimal(owed), block_id=block.id,
            )  # fmt: skip
            await partner_transactions.post(writer, [row])
        return await self.now(block)

    async def now(self, block: PointBlock) -> PointBlock:
        """The block as it is now."""
        async with self.database.read() as reader:
            found = await blocks.find(reader, self.manager.scope, block.id)
        assert found is not None
        return found

    async def left(self, block: PointBlock) -> Decimal:
        """What it has now."""
        return (await self.now(block)).remaining

    async def end(self, block: PointBlock) -> None:
        """Close a block; what is left of it lapses."""
        command = PointBlockClose(
            idempotency_key=a_key(), id=block.id, expected_version=(await self.now(block)).version
        )
        result_of(await point_block_close(self.database, self.manager, command))

    async def try_adjust(
        self, block: PointBlock | int, points: str, direction: Direction = Direction.DEBIT, **values: Any
    ) -> Receipt[Booked]:
        """Correct a block."""
        given = {
            "idempotency_key": a_key(), "program": self.program.code, "partner": self.partner.code,
            "block": block if isinstance(block, int) else block.id, "direction": direction, "points": Decimal(points),
            "description": "A count of the shelves", **values,
        }  # fmt: skip
        preview, actor = given.pop("preview", False), given.pop("actor", self.manager)
        return await partner_balance_adjust(self.database, actor, PartnerBalanceAdjust(**given), preview=preview)

    async def adjust(self, *given: Any, **values: Any) -> Booked:
        """The same, carried out."""
        return result_of(await self.try_adjust(*given, **values))

    async def try_fee(
        self, block: PointBlock | int | None = None, points: str | None = None, **values: Any
    ) -> Receipt[Booked]:
        """Charge points of a block; or `amount` euros."""
        amount, currency = values.pop("amount", None), values.pop("currency", "EUR")
        given = {
            "idempotency_key": a_key(), "program": self.program.code, "partner": self.partner.code,
            "block": block.id if isinstance(block, PointBlock) else block,
            "points": None if points is None else Decimal(points),
            "money": None if amount is None else Money(Decimal(amount), currency), "description": "Listing", **values,
        }  # fmt: skip
        preview, actor = given.pop("preview", False), given.pop("actor", self.manager)
        return await partner_fee_charge(self.database, actor, PartnerFeeCharge(**given), preview=preview)

    async def fee(self, *given: Any, **values: Any) -> Booked:
        """The same, carried out."""
        return result_of(await self.try_fee(*given, **values))

    async def try_refund(self, fee: Booked | int, reason: str = "GOODWILL", **values: Any) -> Receipt[Booked]:
        """Give a fee back."""
        given = {
            "idempotency_key": a_key(), "fee": fee if isinstance(fee, int) else fee.transaction.id,
            "reason_code": reason, **values,
        }  # fmt: skip
        preview, actor = given.pop("preview", False), given.pop("actor", self.manager)
        return await partner_fee_refund(self.database, actor, PartnerFeeRefund(**given), preview=preview)

    async def refund(self, *given: Any, **values: Any) -> Booked:
        """The same, carried out."""
        return result_of(await self.try_refund(*given, **values))

    async def statement(self, starts_on: date, ends_on: date) -> PartnerStatement:
        """Of a period, closed or open."""
        asked = AccountPeriod(self.program.code, self.partner.code, starts_on, ends_on)
        found = await partner_statement(self.database, self.manager.scope, asked)
        assert found is not None
        assert found.opening + found.credited - found.debited == found.closing
        return found

    async def try_close(self, through: date, **values: Any) -> Receipt[PartnerStatement]:
        """Close the next period."""
        given = {"program": self.program.code, "partner": self.partner.code, "through": through, **values}
        actor = given.pop("actor", self.manager)
        return await statement_close(self.database, actor, StatementClose(**given))

    async def close(self, through: date, **values: Any) -> PartnerStatement:
        """The same, carried out."""
        return result_of(await self.try_close(through, **values))


@dataclass
class Clock:
    """The moment at which it is now."""

    now: datetime = NOON


@asynccontextmanager
async def some_books(url: str, **values: Any) -> AsyncIterator[Books]:
    """A partner's, from noon of November 1 on."""
    clock = Clock()
    database = Database(url, pool_size=4, clock=lambda _: clock.now)
    try:
        settings = values.pop("settings", SettingsChange(refund_reasons=REASONS))
        program = await a_program(database, settings=settings, **values)
        partner = await a_partner(database, program, name="Søren's Inn")
        manager = acting(await a_person(database, Role.PARTNER_MANAGER))
        yield Books(database, program, partner, manager, clock)
    finally:
        await database.close()
