"""Whatever happens to a partner's account: statements add up, join, say what a model says, and do not change once they are closed."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.blocks import BlockKind, BlockStatus, PointBlock
from domain.commands.programs import SettingsChange
from domain.fees import Booked
from domain.partner_statements import PartnerStatement, canonical
from domain.partner_transactions import Direction
from domain.people import Role
from domain.receipts import Receipt
from domain.services.engine_programs import EnginePrograms
from domain.services.partner_balances import partner_balance
from domain.services.posting import Desk
from domain.store.database import Database
from domain.transactions import Transaction
from tests.partner_accounts.kit import NOON, REASONS, Books, Clock
from tests.refunds.ledgers import violations
from tests.support.factories import a_person, acting, result_of
from tests.support.refusals import problems_of
from tests.support.stock import Hotel, a_hotel, answer_of

FIRST = NOON.date()
RATE, ZERO, CENT = Decimal("0.25"), Decimal(0), Decimal("0.01")
STEP = st.tuples(
    st.sampled_from([
        "buy", "buy", "earn", "earn", "earn", "cancel", "fee", "fee", "money", "refund", "refund", "debit", "credit", "end",
        "close",
    ]),
    st.integers(1, 4_000),
    st.integers(0, 9),
    st.integers(0, 20),
)  # fmt: skip
"""What, how many cents of points, which one of those there are, and how many days later."""


@dataclass
class Life:
    """What has happened so far; `moved`: the model, one change of all blocks together after another."""

    books: Books
    hotel: Hotel
    moved: list[tuple[date, Decimal]] = field(default_factory=list)
    stays: list[tuple[Transaction, Decimal]] = field(default_factory=list)
    fees: list[Booked] = field(default_factory=list)
    closed: list[tuple[PartnerStatement, bytes]] = field(default_factory=list)

    def move(self, points: Decimal) -> None:
        self.moved.append((self.books.today, points))

    def total(self, through: date) -> Decimal:
        """What the model says was in all blocks at the end of a day."""
        return sum((points for day, points in self.moved if day <= through), ZERO)

    async def usable(self, which: int) -> PointBlock | None:
        """One of the blocks that can be booked into today."""
        active = [
            each for each in await self.hotel.blocks()
            if each.active(self.books.today) and each.kind is not BlockKind.OVERDRAFT
        ]  # fmt: skip
        return active[which % len(active)] if active else None

    async def step(self, what: str, cents: int, which: int) -> None:
        """One thing that happens; what is refused has not happened."""
        points = Decimal(cents) * CENT
        if what == "buy":
            ends_on = None if which % 3 else self.books.today + timedelta(which * 5)
            kind = BlockKind.RESERVE if which % 4 == 1 else BlockKind.NORMAL
            await self.books.block(str(points), ends_on=ends_on, kind=kind, price=Decimal(which) * CENT)
            self.move(points)
        elif what == "earn":
            await self.earn(cents // 20 + 1)
        elif what == "cancel" and self.stays:
            stay, drawn = self.stays.pop(which % len(self.stays))
            result_of(await self.hotel.cancel(stay))
            self.move(drawn)
        elif what == "money":
            self.fees.append(await self.books.fee(amount=str(points)))
        elif what == "refund" and self.fees:
            fee = self.fees.pop(which % len(self.fees))
            await self.books.refund(fee)
            self.move(fee.transaction.points or ZERO)
        elif what == "close":
            await self.close()
        elif what in {"fee", "debit", "credit", "end"} and (block := await self.usable(which)):
            await self.book(what, block, points)

    async def earn(self, dollars: int) -> None:
        answer = await self.hotel.earn(dollars)
        assert answer_of(answer) in {(), ("INSUFFICIENT_POINT_BLOCKS",)}
        if not answer.errors:
            drawn = (dollars * RATE).quantize(CENT, ROUND_HALF_UP)
            self.stays.append((result_of(answer), drawn))
            self.move(-drawn)

    async def book(self, what: str, block: PointBlock, points: Decimal) -> None:
        if what == "end":
            await self.books.end(block)
            self.move(-block.remaining)
            return
        booking: Awaitable[Receipt[Booked]]
        if what == "fee":
            booking = self.books.try_fee(block, str(points))
        else:
            booking = self.books.try_adjust(block, str(points), Direction(what.upper()))
        if what != "credit" and points > block.remaining:
            assert [each.code for each in await problems_of(booking)] == ["INSUFFICIENT_BLOCK_POINTS"]
            return
        booked = result_of(await booking)
        self.fees += [booked] if what == "fee" else []
        self.move(points if what == "credit" else -points)

    async def close(self) -> None:
        """Everything until yesterday, unless that is closed."""
        yesterday = self.books.today - timedelta(1)
        if yesterday >= FIRST and (not self.closed or self.closed[-1][0].ends_on < yesterday):
            said = await self.books.close(yesterday, starts_on=None if self.closed else FIRST)
            self.closed.append((said, canonical(said)))

    async def check(self, cuts: set[int]) -> None:
        """Statements of consecutive periods join and say what the model says; closed ones are what they were."""
        books, last = self.books, self.books.today
        ends = sorted({min(FIRST + timedelta(cut), last) for cut in cuts} | {last})
        opening = ZERO
        for starts_on, ends_on in zip([FIRST, *(day + timedelta(1) for day in ends)], ends, strict=False):
            said = await books.statement(starts_on, ends_on)
            assert (said.opening, said.closing) == (opening, self.total(ends_on))
            opening = said.closing
        for index, (said, kept) in enumerate(self.closed):
            assert said.number == index + 1
            assert canonical(await books.statement(said.starts_on, said.ends_on)) == kept
            assert said.closing == self.total(said.ends_on)
        left = sum((each.remaining for each in await self.hotel.blocks()), ZERO)
        balance = await partner_balance(books.database, books.manager.scope, books.program.code, books.partner.code)
        assert balance is not None
        assert balance.total == left == opening
        closed = [each.remaining for each in await self.hotel.blocks() if each.status is BlockStatus.CLOSED]
        assert not any(closed)


async def _lived(url: str, steps: list[tuple[str, int, int, int]], cuts: set[int]) -> None:
    clock = Clock()
    database = Database(url, pool_size=3, clock=lambda _: clock.now)
    desk = Desk(database, EnginePrograms())
    try:
        agreed = {"conversions": {"POINTS": RATE}, "credit_limit": Decimal(5)}
        hotel = await a_hotel(desk, settings=SettingsChange(refund_reasons=REASONS), agreed=agreed)
        manager = acting(await a_person(database, Role.PARTNER_MANAGER))
        life = Life(Books(database, hotel.program, hotel.hotel, manager, clock), hotel)
        for what, cents, which, days in steps:
            clock.now += timedelta(days=days)
            await life.step(what, cents, which)
        await life.check(cuts)
        assert await violations(database) == []
    finally:
        await desk.close()
        await database.close()


def test_statements_of_any_history_add_up_join_and_stay(fresh_database_url: str) -> None:

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps=st.lists(STEP, min_size=6, max_size=24), cuts=st.sets(st.integers(0, 200), max_size=4))
    def lives(steps: list[tuple[str, int, int, int]], cuts: set[int]) -> None:
        asyncio.run(_lived(fresh_database_url, steps, cuts))

    lives()
