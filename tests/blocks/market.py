"""A program of one test alone that sells points: a hotel with a pricing rule, who sells, who decides, on days the test chooses.

`market.on(day)` sets the clock; `market.bought(points)` buys points for the hotel.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from domain.blocks import BlockKind, BlockMove, BlockStatus, PointBlock
from domain.commands.blocks import (
    PointBlockApprove,
    PointBlockCarve,
    PointBlockClose,
    PointBlockForward,
    PointBlockPurchase,
    PointBlockReject,
)
from domain.partner_transactions import Direction, NewPartnerTransaction, PartnerTransactionKind
from domain.partners import Partner
from domain.people import Person, Principal, Role, Scope
from domain.pricing_rules import PricingRule
from domain.programs import Program
from domain.receipts import Receipt
from domain.services.block_carving import point_block_carve
from domain.services.block_moves import (
    point_block_approve,
    point_block_close,
    point_block_forward,
    point_block_reject,
)
from domain.services.blocks import moves_of, point_block_purchase
from domain.store import blocks as store
from domain.store import partner_transactions
from domain.store.database import Database
from tests.support.factories import a_code, a_partner, a_person, a_program, acting, result_of, terms
from tests.support.graphql import Client
from tests.support.partners import a_pricing_rule

BEGIN = date(2026, 3, 1)


@dataclass(slots=True)
class Days:
    """The clock of a test: noon of a day."""

    today: date = BEGIN

    def __call__(self, _: datetime) -> datetime:
        return datetime.combine(self.today, time(12), UTC)


@dataclass(slots=True)
class Market:
    """What a test works with."""

    database: Database
    days: Days
    program: Program
    hotel: Partner
    rule: PricingRule
    seller: Person
    boss: Person

    @property
    def selling(self) -> Principal:
        """A partner manager, who sells."""
        return acting(self.seller)

    @property
    def deciding(self) -> Principal:
        """Another partner manager, who is asked."""
        return acting(self.boss)

    def on(self, day: date) -> "Market":
        """Set the clock."""
        self.days.today = day
        return self

    def client(self, principal: Principal | None = None) -> Client:
        """Somebody who asks the API; the seller, if nobody else."""
        return Client(self.database, principal or self.selling)

    def purchase(self, points: int | str = 100_000, **values: Any) -> PointBlockPurchase:
        """What the hotel is to buy."""
        given = {"idempotency_key": a_code("K"), "program": self.program.code, "partner": self.hotel.code, **values}
        return PointBlockPurchase(points=Decimal(points), **given)

    async def buy(self, command: PointBlockPurchase, *, preview: bool = False) -> Receipt[PointBlock]:
        """Have the seller buy it."""
        return await point_block_purchase(self.database, self.selling, command, preview=preview)

    async def bought(self, points: int | str = 100_000, **values: Any) -> PointBlock:
        """Points of the hotel."""
        return result_of(await self.buy(self.purchase(points, **values)))

    async def asked(self, points: int | str = 100_000, **values: Any) -> PointBlock:
        """A purchase that waits for the boss."""
        return await self.bought(points, submit_to=self.boss.subject, **values)

    async def approve(self, block: PointBlock, actor: Principal | None = None, **values: Any) -> Receipt[PointBlock]:
        """The boss says yes."""
        given = {"idempotency_key": a_code("K"), "id": block.id, "expected_version": block.version, **values}
        preview = bool(given.pop("preview", False))
        return await point_block_approve(
            self.database, actor or self.deciding, PointBlockApprove(**given), preview=preview
        )

    async def reject(self, block: PointBlock, actor: Principal | None = None, **values: Any) -> Receipt[PointBlock]:
        """The boss says no."""
        given = {"id": block.id, "expected_version": block.version, "comment": "too much", **values}
        return await point_block_reject(self.database, actor or self.deciding, PointBlockReject(**given))

    async def forward(
        self, block: PointBlock, subject: str, actor: Principal | None = None, **values: Any
    ) -> Receipt[PointBlock]:
        """Somebody else is asked."""
        given = {"id": block.id, "expected_version": block.version, "submit_to": subject, **values}
        return await point_block_forward(self.database, actor or self.deciding, PointBlockForward(**given))

    async def carve(self, block: PointBlock, promotion: str, points: int | str, **values: Any) -> Receipt[PointBlock]:
        """Points are set aside for a promotion."""
        given = {"idempotency_key": a_code("K"), "id": block.id, "promotion": promotion, **values}
        preview = bool(given.pop("preview", False))
        command = PointBlockCarve(points=Decimal(points), **given)
        return await point_block_carve(self.database, self.selling, command, preview=preview)

    async def close(self, block: PointBlock, actor: Principal | None = None, **values: Any) -> Receipt[PointBlock]:
        """The block is ended."""
        given = {"idempotency_key": a_code("K"), "id": block.id, "expected_version": block.version, **values}
        preview = bool(given.pop("preview", False))
        return await point_block_close(self.database, actor or self.selling, PointBlockClose(**given), preview=preview)

    async def overdrawn(self, points: int) -> int:
        """So many points that the hotel has given and not bought; the number of its overdraft."""
        async with self.database.write() as writer:
            block = await store.add(
                writer, program_id=self.program.id, partner_id=self.hotel.id, kind=BlockKind.OVERDRAFT,
                status=BlockStatus.APPROVED, original=0, starts_on=BEGIN, price=0, currency="USD", cost=0,
                approved_at=await self.database.now(writer),
            )  # fmt: skip
            owed = NewPartnerTransaction(
                program_id=self.program.id, partner_id=self.hotel.id, kind=PartnerTransactionKind.ADJUSTMENT,
                direction=Direction.DEBIT, posted_on=BEGIN, points=Decimal(points), block_id=block.id,
            )  # fmt: skip
            await partner_transactions.post(writer, [owed])
        return block.id

    async def now(self, block: PointBlock) -> PointBlock:
        """A block as it is now."""
        async with self.database.read() as reader:
            found = await store.find(reader, Scope(), block.id)
        assert found is not None
        return found

    async def active(self, partner_id: int | None = -1) -> list[PointBlock]:
        """The active blocks of the hotel (or of another owner), in the order in which they pay."""
        owner = self.hotel.id if partner_id == -1 else partner_id
        async with self.database.read() as reader:
            return await store.active_of(reader, self.program.id, owner, self.days.today)

    async def moves(self, block: PointBlock, actor: Principal) -> tuple[BlockMove, ...]:
        """What somebody may do with a block now."""
        async with self.database.read() as reader:
            [found] = await moves_of(self.database, reader, actor, [block])
        return found

    async def ledger(self, block: PointBlock) -> list[tuple[str, str, Decimal, str]]:
        """The partner transactions of a block: kind, direction, points, date."""
        statement = text(
            "select kind, direction, points, posted_on from partner_transaction where block_id = :id order by id"
        )
        async with self.database.read() as reader:
            rows = await reader.execute(statement, {"id": block.id})
        return [(row.kind, row.direction, row.points, row.posted_on.isoformat()) for row in rows]

    async def count(self) -> int:
        """How many blocks there are in the program."""
        statement = text("select count(*) from point_block where program_id = :id")
        async with self.database.read() as reader:
            return int((await reader.execute(statement, {"id": self.program.id})).scalar_one())


@asynccontextmanager
async def a_market(database: Database) -> AsyncIterator[Market]:
    """A program in which a hotel buys points by a rule, on 1 March 2026."""
    days = Days()
    own = Database(database.engine.url.render_as_string(hide_password=False), pool_size=4, clock=days)
    try:
        program, hotel = await a_program(database), await a_partner(database)
        rule = await a_pricing_rule(database, program)
        await terms(database, program, hotel, pricing_rule=rule.code)
        seller, boss = [await a_person(database, Role.PARTNER_MANAGER, program=program.code) for _ in range(2)]
        yield Market(own, days, program, hotel, rule, seller, boss)
    finally:
        await own.close()
