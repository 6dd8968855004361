"""Partners with something in stock, for tests: a stage at which a hotel gives points out of blocks that it has bought."""

import dataclasses
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from domain.blocks import BlockKind, BlockStatus, PointBlock
from domain.commands.programs import SettingsChange
from domain.partner_transactions import Direction, NewPartnerTransaction, PartnerTransactionKind
from domain.partners import Partner
from domain.programs import Program
from domain.receipts import Receipt
from domain.services.posting import Desk
from domain.store import blocks, partner_transactions
from domain.store import tables as t
from domain.store.database import Database
from domain.transactions import Transaction
from tests.support.factories import a_partner, terms
from tests.support.transactions import EVERYTHING, Stage, a_stage

BEGINNING = date(2020, 1, 1)
ONE_FOR_ONE = {"POINTS": Decimal(1)}


async def a_block(
    database: Database, program: Program, partner: Partner | None, points: int | str, **values: Any
) -> PointBlock:
    """A block that was bought: usable since 2020 and without end, at a cent a point, unless `values` say otherwise."""
    given = {
        "kind": BlockKind.NORMAL, "status": BlockStatus.APPROVED, "starts_on": BEGINNING, "ends_on": None,
        "price": Decimal("0.01"), "currency": "USD", "cost": Decimal(0), **values,
    }  # fmt: skip
    owner = None if partner is None else partner.id
    async with database.write() as writer:
        now = await database.now(writer)
        block = await blocks.add(
            writer, id=await blocks.next_id(writer), program_id=program.id, partner_id=owner, original=Decimal(points),
            approved_at=now, **given,
        )  # fmt: skip
        row = NewPartnerTransaction(
            program_id=program.id, partner_id=owner, kind=PartnerTransactionKind.PURCHASE, direction=Direction.CREDIT,
            posted_on=now.date(), points=Decimal(points), block_id=block.id, price=block.price,
        )  # fmt: skip
        await partner_transactions.post(writer, [row])
    return await block_now(database, block)


async def block_now(database: Database, block: PointBlock | int) -> PointBlock:
    """A block as it is now."""
    async with database.read() as reader:
        found = await blocks.find(reader, EVERYTHING, block if isinstance(block, int) else block.id)
    assert found is not None
    return found


async def close_block(database: Database, block: PointBlock) -> None:
    """End a block; what is left of it lapses."""
    async with database.write() as writer:
        left = (await block_now(database, block)).remaining
        if left:
            row = NewPartnerTransaction(
                program_id=block.program_id, partner_id=block.partner_id, kind=PartnerTransactionKind.LAPSE,
                direction=Direction.DEBIT, posted_on=date(2026, 1, 1), points=left, block_id=block.id, price=block.price,
            )  # fmt: skip
            await partner_transactions.post(writer, [row])
        now = await database.now(writer)
        await blocks.change(writer, block.id, status=BlockStatus.CLOSED, closed_at=now)


@dataclass(frozen=True)
class Hotel(Stage):
    """A stage whose transactions are the hotel's."""

    hotel: Partner

    def entry(self, **values: Any) -> Any:
        """A stay of 10 dollars at the hotel, unless `values` say otherwise."""
        return super().entry(**{"partner": self.hotel.code, **values})

    async def block(self, points: int | str, **values: Any) -> PointBlock:
        """One that the hotel has bought."""
        return await a_block(self.database, self.program, self.hotel, points, **values)

    async def left(self, block: PointBlock | int) -> Decimal:
        """What a block has left."""
        return (await block_now(self.database, block)).remaining

    async def agree(self, **values: Any) -> None:
        """Change the hotel's terms."""
        async with self.database.read() as reader:
            query = select(t.partner_terms.c.version).where(
                t.partner_terms.c.program_id == self.program.id, t.partner_terms.c.partner_id == self.hotel.id
            )
            version = (await reader.execute(query)).scalar_one()
        await terms(self.database, self.program, self.hotel, expected_version=version, **values)

    async def blocks(self) -> list[PointBlock]:
        """All of the program, in the order in which they were made."""
        async with self.database.read() as reader:
            rows = await reader.execute(blocks.ROWS.where(t.point_block.c.program_id == self.program.id))
            return sorted(map(blocks.block_of, rows), key=lambda each: each.id)

    async def postings(self, *kinds: PartnerTransactionKind) -> list[Any]:
        """Kind, block and points of the partner transactions, in their order."""
        _p = t.partner_transaction.c
        query = select(_p.kind, _p.block_id, _p.points).where(_p.program_id == self.program.id).order_by(_p.id)
        async with self.database.read() as reader:
            rows = await reader.execute(query.where(_p.kind.in_(kinds)) if kinds else query)
            return [(row.kind.value, row.block_id, row.points) for row in rows]

    async def debits(self, transaction: Transaction | int) -> list[Any]:
        """Position of the lot, block and points of what a transaction drew, or gave back, in order."""
        number = transaction if isinstance(transaction, int) else transaction.id
        _d = t.block_debit.c
        query = select(_d.lot_position, _d.block_id, _d.points).where(_d.transaction_id == number).order_by(_d.id)
        async with self.database.read() as reader:
            return [tuple(row) for row in await reader.execute(query)]

    async def bills(self) -> list[Any]:
        """All entries of the program that are billed, in order."""
        _e = t.billing_entry.c
        query = select(t.billing_entry).where(_e.program_id == self.program.id).order_by(_e.id)
        async with self.database.read() as reader:
            return list(await reader.execute(query))


async def a_hotel(
    desk: Desk, *, settings: SettingsChange | None = None, agreed: dict[str, Any] | None = None, **values: Any
) -> Hotel:
    """A stage with a hotel that pays point for point, unless it has `agreed` otherwise."""
    stage = await a_stage(desk, settings=settings, **values)
    hotel = await a_partner(desk.database)
    await terms(desk.database, stage.program, hotel, **{"conversions": ONE_FOR_ONE, **(agreed or {})})
    known = {each.name: getattr(stage, each.name) for each in dataclasses.fields(stage)}
    return Hotel(**known, hotel=hotel)


def answer_of(receipt: Receipt[Transaction]) -> tuple[str, ...]:
    """The codes of what stands against it; none: it went through."""
    return tuple(each.code for each in receipt.errors)
