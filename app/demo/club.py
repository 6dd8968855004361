"""The club of the demonstration while it runs: its program is made, files are imported, months go by.

Everything goes through the product's own services, as clients, commands and workers use them.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.demo import program, promotions
from app.demo.clock import Clock
from app.demo.recompute import Redemption
from app.failures import Failure
from app.files import open_lines
from app.identity import principal_of
from domain.commands.imports import MembersImport, TransactionsImport
from domain.commands.members import MemberReference
from domain.commands.products import ProductCreate
from domain.commands.promotions import PromotionActivate, PromotionEnroll
from domain.commands.transactions import PointsRedeem
from domain.entries import NewTransaction
from domain.imports import members, transactions
from domain.imports.reports import Imported
from domain.people import ENGINE, Principal, Scope
from domain.problems import AlreadyExists, Refused
from domain.programs import PointType
from domain.services import batch, expiry
from domain.services.engine_programs import EnginePrograms
from domain.services.explanations import explanations
from domain.services.imports import members_import, transactions_import
from domain.services.people import person_create
from domain.services.point_types import point_type_create
from domain.services.posting import Desk
from domain.services.products import product_create, product_price_set
from domain.services.programs import program_activate, program_create
from domain.services.promotion_enrollment import promotion_enroll
from domain.services.promotion_steps import settle
from domain.services.promotions import promotion_activate, promotion_create
from domain.services.tiers import tier_class_create, tier_create
from domain.services.transactions.pressing import points_redeem
from domain.statistics import MonthOfPoints, PointsOfPromotion
from domain.store import balances, external_id_reads, references, statistics
from domain.store import transactions as stored
from domain.store.database import Database
from domain.transactions import Type

EVERYTHING = Scope()
Watch = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Club:
    """A running club."""

    database: Database
    programs: EnginePrograms
    desk: Desk
    clock: Clock
    program_id: int
    point_type: PointType
    clerk: Principal

    async def enroll(self, path: Path) -> Imported:
        """Make the households of a file members."""
        total = Imported()
        with open_lines(path, members.LAYOUT) as lines:
            async for done in members_import(self.database, ENGINE, MembersImport(program=program.CODE), lines):
                total += done
        return total

    async def bring_in(self, path: Path, watch: Watch) -> Imported:
        """Queue the baskets of a file."""
        total, command = Imported(), TransactionsImport(program=program.CODE, source=program.SOURCE)
        with open_lines(path, transactions.LAYOUT) as lines:
            async for done in transactions_import(self.database, self.programs, ENGINE, command, lines):
                total += done
                watch(total.lines)
        return total

    async def process(self, through: date, watch: Watch) -> batch.Progress:
        """Work the baskets that are dated so far."""
        progress = batch.Progress()
        async for progress in batch.work(self.database, self.programs, self.program_id, through):
            watch(progress.total)
        return progress

    async def write_to(self, households: Sequence[int]) -> None:
        """These households join the campaign's promotion."""
        for household in households:
            command = PromotionEnroll(
                program=program.CODE, promotion="SUMMER-MAIL", member=MemberReference(number=str(household))
            )
            await promotion_enroll(self.database, ENGINE, command)

    async def pay_steps(self) -> int:
        """The nightly job that pays what was counted; how many bonuses it has queued."""
        paid = 0
        async for done in settle(self.database, self.programs, self.program_id):
            paid = done.paid
        return paid

    async def expire(self) -> None:
        """The nightly job."""
        async for _ in expiry.expire(self.database, self.programs, self.program_id):
            pass

    async def balances(self, households: Sequence[int]) -> dict[int, int]:
        """What each household has available."""
        async with self.database.read() as reader:
            ids = await references.members(reader, self.program_id, [str(each) for each in households])
            keys = [ids[str(each)] for each in households]
            found = await balances.load_many(reader, EVERYTHING, keys, await self.database.now(reader))
        return {household: int(mine[0].available) for household, mine in zip(households, found, strict=True)}

    async def redeem(self, households: Sequence[int], day: date) -> list[Redemption]:
        """One voucher for each of the households, all of them at once, as real-time requests."""
        await asyncio.gather(*(self._redeem(household, day) for household in households))
        return [Redemption(household, day, program.VOUCHER_POINTS) for household in households]

    async def _redeem(self, household: int, day: date) -> None:
        entry = NewTransaction(
            program=program.CODE,
            member=str(household),
            type=Type.REDEMPTION,
            transaction_date=day,
            product=program.VOUCHER.code,
        )
        command = PointsRedeem(
            idempotency_key=f"{household} {day}", member=MemberReference(number=str(household)), entry=entry
        )
        answer = await points_redeem(self.desk, self.clerk, command)
        if answer.errors:
            raise Refused(*answer.errors)

    async def months(self) -> list[MonthOfPoints]:
        """What the ledger says of every month."""
        async with self.database.read() as reader:
            return await statistics.by_month(reader, self.point_type)

    async def promotions(self) -> list[PointsOfPromotion]:
        """What the ledger says of every promotion."""
        async with self.database.read() as reader:
            return await statistics.by_promotion(reader, self.point_type)

    async def explanation(self, basket: int) -> list[str]:
        """Why a basket gave what it gave."""
        async with self.database.read() as reader:
            id_ = await external_id_reads.find(
                reader, EVERYTHING, program.CODE, str(basket), partner=None, source=program.SOURCE
            )
            assert id_ is not None
            [transaction] = await stored.load_many(reader, EVERYTHING, [id_])
            assert transaction is not None
            return (await explanations(reader, EVERYTHING, transaction))[-1]


@asynccontextmanager
async def opened(url: str, clock: Clock, fuel: Sequence[str]) -> AsyncIterator[Club]:
    """A new club in a migrated database, where these products are fuel; raises Failure if there is one already."""
    database, programs = Database(url, pool_size=8, clock=clock), EnginePrograms()
    desk = Desk(database, programs)
    try:
        point_type, clerk = await _made(database, fuel)
        async with database.read() as reader:
            program_id = await programs.id_of(reader, program.CODE)
        yield Club(database, programs, desk, clock, program_id, point_type, clerk)
    finally:
        await desk.close()
        await database.close()


async def _made(database: Database, fuel: Sequence[str]) -> tuple[PointType, Principal]:
    try:
        await program_create(database, ENGINE, program.PROGRAM)
    except Refused as refused:
        if isinstance(refused.problems[0], AlreadyExists):
            raise Failure(
                f"this database has a program {program.CODE} already: give the demonstration another"
            ) from None
        raise
    point_type = (await point_type_create(database, ENGINE, program.POINTS)).result
    await program_activate(database, ENGINE, program.ACTIVATION)
    await tier_class_create(database, ENGINE, program.TIERS)
    for tier in (program.BASIC, program.GOLD):
        await tier_create(database, ENGINE, tier)
    for product in fuel:
        await product_create(database, ENGINE, ProductCreate(program=program.CODE, code=product, name="Fuel"))
    for promotion in promotions.promotions(program.CODE, fuel):
        await promotion_create(database, ENGINE, promotion)
        await promotion_activate(database, ENGINE, PromotionActivate(program=program.CODE, promotion=promotion.code))
    await product_create(database, ENGINE, program.VOUCHER)
    await product_price_set(database, ENGINE, program.VOUCHER_PRICE)
    clerk = (await person_create(database, ENGINE, program.CLERK)).result
    assert point_type is not None
    assert clerk is not None
    return point_type, principal_of(clerk)
