"""The ground on which machines play: a migrated database, a clock that only they move, and the product's own services.

Nobody notices another run: each has members of its own. What was asked is kept, to be asked again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

import domain.commands.holds as held
import domain.commands.loans as lent
import domain.commands.transactions as c
from domain.commands.families import HouseholdJoin, HouseholdLeave
from domain.commands.members import MemberReference
from domain.commands.merges import MemberMerge
from domain.commands.programs import SettingsChange
from domain.entries import NewTransaction
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.holds import PointHold
from domain.members import Member, MemberKind
from domain.people import ENGINE, Principal, Role, Scope
from domain.problems import Problem, Refused
from domain.programs import PriceKind, Program
from domain.services import batch, holds, loans, maximum_loans, transactions
from domain.services.engine_programs import EnginePrograms
from domain.services.expiry import expire
from domain.services.families import household_join, household_leave
from domain.services.merges import member_merge
from domain.services.posting import Desk
from domain.services.verify import verify
from domain.store import balances
from domain.store import tables as t
from domain.store import transactions as transaction_rows
from domain.store.database import Database
from domain.tiers import TierLoan
from domain.transactions import SubType, Transaction, Type, VoucherWish
from domain.vouchers import VoucherStatus, VoucherTerms
from tests.ledger.model import Figures
from tests.replays.kit import replayed
from tests.support.factories import a_person, a_price, a_product, a_program, acting, result_of
from tests.support.members import a_member, by_number
from tests.support.transactions import a_key
from tests.tiers.club import a_class, a_tier

MAXIMUM = 300
MONTH = ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.MONTH)
LONG_AGO = date(2000, 1, 1)
RICH = Decimal(1_000_000)
VOUCHER, VOUCHER_PRICE, WORTH = "VOUCHER", 30, 50
REWARD, REWARD_PRICE = "REWARD", 110

IDS = bindparam("ids", type_=ARRAY(BigInteger))
LOTS = select(t.lot.c.member_id, t.lot.c.transaction_date, t.lot.c.remaining).where(
    t.lot.c.member_id == any_(IDS), t.lot.c.remaining > 0
)


VOUCHERS = (
    select(t.voucher.c.member_id, func.count())
    .where(t.voucher.c.member_id == any_(IDS), t.voucher.c.status == VoucherStatus.AVAILABLE)
    .group_by(t.voucher.c.member_id)
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a program says about what was lent, about what comes back too late, and how much a redemption may leave owed."""

    repays: int
    grace: int
    lends: int = 0


@dataclass(slots=True)
class Clock:
    """Noon of a day, until somebody moves it."""

    now: datetime = datetime(2026, 1, 15, 12, tzinfo=UTC)

    @property
    def today(self) -> date:
        return self.now.date()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request: what it made, or why it was refused."""

    result: Any
    codes: tuple[str, ...]


@dataclass
class Ground:
    """A database with a program for each of the terms, and a director who may do everything."""

    url: str
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.database = Database(self.url, pool_size=3, clock=lambda _: self.clock.now)
        self.programs = EnginePrograms()
        self.desk = Desk(self.database, self.programs)
        self.known: dict[Terms, tuple[Program, Principal]] = {}

    async def opened(self, terms: Terms) -> tuple[Program, Principal]:
        """The program of these terms and its director."""
        if terms not in self.known:
            settings = SettingsChange(
                expiry=MONTH, approval_above={}, repay_automatically=bool(terms.repays),
                repayment_percent=terms.repays or 100, refund_grace_days=terms.grace,
            )  # fmt: skip
            program = await a_program(self.database, settings=settings)
            director = await a_person(
                self.database, Role.MANAGER, program=program.code, transaction_approval_limit=RICH, loan_approval_limit=RICH
            )  # fmt: skip
            await self.stocked(program, terms)
            self.known[terms] = program, acting(director)
        return self.known[terms]

    async def stocked(self, program: Program, terms: Terms) -> None:
        """What points buy: a voucher, and a reward that a voucher pays a part of; and who may borrow for it."""
        worth = VoucherTerms(worth=Decimal(WORTH))
        voucher = await a_product(self.database, program, code=VOUCHER, voucher=worth)
        reward = await a_product(self.database, program, code=REWARD)
        for product, price in ((voucher, VOUCHER_PRICE), (reward, REWARD_PRICE)):
            await a_price(self.database, program, product, price, kind=PriceKind.REDEMPTION)
        if terms.lends:
            await a_class(self.database, program)
            await a_tier(self.database, program, "BASIC", 1, loan=TierLoan(Decimal(terms.lends)))

    async def broken(self) -> list[Any]:
        """Every invariant that does not hold, and every decision that is another one when it is made again."""
        found = [(each.invariant.name, each.violations) async for each in verify(self.database) if each.violations]
        return [*found, *(await replayed(self.database)).differences]

    async def close(self) -> None:
        await self.desk.close()
        await self.database.close()


Ask = Callable[[], Awaitable[Any]]


class Counter:
    """Where a run's members are served: everything by the services behind the API's mutations."""

    def __init__(self, ground: Ground, program: Program, director: Principal) -> None:
        self.ground, self.program, self.director = ground, program, director
        self.asked: list[tuple[Ask, Answer]] = []

    async def enrol(self, kind: MemberKind = MemberKind.INDIVIDUAL) -> Member:
        return await a_member(self.ground.database, self.program, kind=kind)

    async def ask(self, request: Ask, *, again: bool = True) -> Answer:
        """Make a request; what was recorded may be asked `again`."""
        try:
            receipt = await request()
        except Refused as refused:
            return Answer(None, codes(refused.problems))
        answer = Answer(receipt.result, codes(receipt.errors))
        if again and receipt.result is not None:
            self.asked.append((request, answer))
        return answer

    async def ask_again(self, which: int) -> None:
        """The same request gives the same answer, and says so."""
        request, first = self.asked[which % len(self.asked)]
        receipt = await request()
        assert receipt.replayed
        assert receipt.result is not None
        assert (receipt.result.id, codes(receipt.errors)) == (first.result.id, first.codes)

    def entry(self, kind: Type, **said: Any) -> NewTransaction:
        return NewTransaction(program=self.program.code, member="", type=kind, **said)

    def earning(self, member: Member, amount: Decimal, day: date) -> Ask:
        entry = self.entry(Type.ACCRUAL, amount=amount, transaction_date=day)
        command = c.PointsEarn(idempotency_key=a_key(), member=by_number(member), entry=entry)
        return lambda: transactions.points_earn(self.ground.desk, self.director, command)

    def giving(self, member: Member, points: int) -> Ask:
        entry = self.entry(Type.ACCRUAL, points=Decimal(points))
        command = c.PointsGift(idempotency_key=a_key(), member=by_number(member), entry=entry)
        return lambda: transactions.points_gift(self.ground.desk, self.director, command)

    def redeeming(self, member: Member, points: int) -> Ask:
        entry = self.entry(Type.REDEMPTION, points=Decimal(points))
        command = c.PointsRedeem(idempotency_key=a_key(), member=by_number(member), entry=entry)
        return lambda: transactions.points_redeem(self.ground.desk, self.director, command)

    def buying(self, member: Member) -> Ask:
        """A voucher for points."""
        return self.rewarding(member, product=VOUCHER)

    def paying_with_voucher(self, member: Member) -> Ask:
        """A reward, a part of it with a voucher."""
        return self.rewarding(member, product=REWARD, voucher=VoucherWish(voucher_type=VOUCHER))

    def rewarding(self, member: Member, **said: Any) -> Ask:
        entry = self.entry(Type.REDEMPTION, **said)
        command = c.PointsRedeem(idempotency_key=a_key(), member=by_number(member), entry=entry)
        return lambda: transactions.points_redeem(self.ground.desk, self.director, command)

    async def in_one_commit(self, member: Member, entries: Sequence[NewTransaction]) -> list[Transaction]:
        """Transactions of a member that wait for the batch engine, and are worked by it together."""
        ground, waiting = self.ground, []
        for entry in entries:
            command = c.TransactionCreate(
                idempotency_key=a_key(), member=by_number(member), entry=entry, queue=True
            )  # fmt: skip
            receipt = await transactions.transaction_create(ground.database, ground.programs, self.director, command)
            waiting.append(result_of(receipt).id)
        async for _ in batch.work(ground.database, ground.programs, self.program.id):
            pass
        async with ground.database.read() as reader:
            found = await transaction_rows.load_many(reader, Scope(), waiting)
        return [each for each in found if each is not None]

    def sending(self, member: Member, other: Member, points: int) -> Ask:
        entry = self.entry(Type.REDEMPTION, sub_type=SubType.TRANSFER, points=Decimal(points))
        command = c.PointsTransfer(
            idempotency_key=a_key(), member=by_number(member), entry=entry, recipient=by_number(other)
        )
        return lambda: transactions.points_transfer(self.ground.desk, self.director, command)

    def cancelling(self, original: Transaction) -> Ask:
        command = c.TransactionCancel(idempotency_key=a_key(), original=original.id)
        return lambda: transactions.transaction_cancel(self.ground.desk, self.director, command)

    def refunding(self, original: Transaction, **part: Any) -> Ask:
        command = c.TransactionRefund(idempotency_key=a_key(), original=original.id, **part)
        return lambda: transactions.transaction_refund(self.ground.desk, self.director, command)

    async def allow_loans(self, member: Member) -> None:
        command = lent.MemberMaxLoanSet(
            member=by_number(member), program=self.program.code, points=Decimal(MAXIMUM)
        )  # fmt: skip
        ground = self.ground
        result_of(await maximum_loans.member_max_loan_set(ground.database, ground.programs, self.director, command))

    def lending(self, member: Member, points: int) -> Ask:
        command = lent.LoanRequest(
            idempotency_key=a_key(), program=self.program.code, member=by_number(member), points=Decimal(points)
        )
        return lambda: loans.loan_request(self.ground.desk, self.director, command)

    def repaying(self, loan: Transaction, points: int) -> Ask:
        command = lent.LoanRepay(idempotency_key=a_key(), loan=loan.id, points=Decimal(points))
        return lambda: loans.loan_repay(self.ground.desk, self.director, command)

    def holding(self, member: Member, points: int, minutes: int) -> Ask:
        command = held.PointsHold(
            idempotency_key=a_key(), program=self.program.code, member=by_number(member), points=Decimal(points),
            minutes=minutes,
        )  # fmt: skip
        return lambda: holds.points_hold(self.ground.database, self.ground.programs, self.director, command)

    def capturing(self, hold: PointHold, points: int) -> Ask:
        entry = self.entry(Type.REDEMPTION, points=Decimal(points))
        command = held.PointsCapture(idempotency_key=a_key(), member=MemberReference(id=0), entry=entry)
        return lambda: holds.points_capture(self.ground.desk, self.director, hold.id, command)

    def releasing(self, hold: PointHold) -> Ask:
        command = held.PointsRelease(id=hold.id)
        return lambda: holds.points_release(self.ground.database, self.ground.programs, self.director, command)

    def merging(self, member: Member, into: Member) -> Ask:
        command = MemberMerge(
            idempotency_key=a_key(), program=self.program.code, member=by_number(member), into=by_number(into),
            reason="enrolled twice",
        )  # fmt: skip
        return lambda: member_merge(self.ground.database, self.ground.programs, ENGINE, command)

    async def join(self, member: Member, household: Member) -> None:
        command = HouseholdJoin(
            member=by_number(member), family=by_number(household), program=self.program.code, rolls_up_from=LONG_AGO
        )
        result_of(await household_join(self.ground.database, ENGINE, command))

    async def leave(self, member: Member) -> None:
        command = HouseholdLeave(member=by_number(member), program=self.program.code)
        result_of(await household_leave(self.ground.database, ENGINE, command))

    async def night(self) -> int:
        """How many transactions the nightly expiry made."""
        ground = self.ground
        runs = [each.transactions async for each in expire(ground.database, ground.programs, self.program.id)]
        return runs[-1] if runs else 0

    async def release_due(self) -> None:
        async for _ in holds.release_due(self.ground.database, self.ground.programs, self.program.id):
            pass

    async def shown(self, members: Sequence[Member]) -> tuple[list[Figures], list[list[tuple[date, int]]]]:
        """The balances, and what every lot still holds."""
        ids = [member.id for member in members]
        async with self.ground.database.read() as reader:
            found = await balances.load_many(reader, Scope(), ids, self.ground.clock.now)
            rows = (await reader.execute(LOTS, {"ids": ids})).all()
            free: dict[int, int] = {row[0]: row[1] for row in await reader.execute(VOUCHERS, {"ids": ids})}
        lots = [sorted((row[1], int(row[2])) for row in rows if row[0] == number) for number in ids]
        return [figures(one, free.get(key, 0)) for key, [one] in zip(ids, found, strict=True)], lots


def figures(one: Any, vouchers: int) -> Figures:
    shown = (
        one.available, one.held, one.earned, one.redeemed, one.expired, one.loan_outstanding, one.lifetime_qualifying,
        vouchers,
    )  # fmt: skip
    return Figures(*map(int, shown))


def codes(problems: Sequence[Problem]) -> tuple[str, ...]:
    return tuple(problem.code for problem in problems)


def a_while(**span: float) -> timedelta:
    return timedelta(**span)
