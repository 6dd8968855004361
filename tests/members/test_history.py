"""What the engine leaves behind is enough to say what anybody had at any moment: as of then, what was shown then."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from domain.commands.members import MemberReference
from domain.commands.programs import SettingsChange
from domain.entries import NewTransaction
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.members import Balance, Member
from domain.people import Principal, Role, Scope
from domain.postings import Posting
from domain.programs import Program
from domain.services.engine_programs import EnginePrograms
from domain.services.expiry import expire
from domain.services.posting import Desk
from domain.store import balances, past_balances
from domain.store.database import Database
from domain.transactions import SubType, Type
from tests.support.factories import a_person, a_program, acting
from tests.support.members import a_member

MONTH = ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.MONTH)
QUIET_MONTH = ExpiryPolicy(ExpiryKind.INACTIVITY, 1, PeriodUnit.MONTH)


@dataclass
class Stage:
    """A database whose clock the test moves, and the engine on it."""

    database: Database
    now: datetime = datetime(2026, 1, 10, 12, tzinfo=UTC)
    programs: EnginePrograms = field(default_factory=EnginePrograms)
    posted: int = 0

    async def post(self, program: Program, member: Member, actor: Principal, **said: Any) -> None:
        self.posted += 1
        entry = NewTransaction(program=program.code, member=member.number, **said)
        answer = await Desk(self.database, self.programs).submit(
            Posting(
                actor=actor, mutation="post", key=f"{program.code}-{self.posted}", program_id=program.id,
                member=MemberReference(number=member.number), entry=entry,
            )
        )  # fmt: skip
        assert answer.errors == ()

    async def shown(self, member: Member) -> Balance:
        async with self.database.read() as reader:
            [[found]] = await balances.load_many(reader, Scope(), [member.id], self.now)
        return found

    async def shown_as_of(self, member: Member, moment: datetime) -> Balance:
        async with self.database.read() as reader:
            [[found]] = await past_balances.load_many(reader, Scope(), [member.id], moment)
        return found


@pytest_asyncio.fixture
async def stage(fresh_database_url: str) -> AsyncIterator[Stage]:
    made = Stage(Database(fresh_database_url, pool_size=2, clock=lambda _: made.now))
    yield made
    await made.database.close()


@pytest.mark.parametrize("expiry", [MONTH, QUIET_MONTH])
async def test_as_of_then_is_what_was_shown_then(stage: Stage, expiry: ExpiryPolicy) -> None:
    program = await a_program(stage.database, decimals=2, settings=SettingsChange(expiry=expiry))
    clerk = acting(await a_person(stage.database, Role.MSR, transaction_approval_limit=Decimal(10_000)))
    member = await a_member(stage.database, program)
    seen: list[tuple[datetime, Balance]] = []

    async def after(days: int, **said: Any) -> None:
        stage.now += timedelta(days)
        seen.append((stage.now, await stage.shown(member)))
        stage.now += timedelta(seconds=1)
        if said:
            await stage.post(program, member, clerk, **said)
        else:
            async for _ in expire(stage.database, stage.programs, program.id):
                pass
        seen.append((stage.now, await stage.shown(member)))

    await after(1, type=Type.ACCRUAL, amount=Decimal(120), currency="USD")
    await after(5, type=Type.ACCRUAL, sub_type=SubType.GIFT, points=Decimal("40.50"))
    await after(20, type=Type.REDEMPTION, points=Decimal("70.25"))
    await after(8)  # by now the first points have lapsed, unless activity has kept them
    await after(3, type=Type.ACCRUAL, amount=Decimal(10), currency="USD")
    await after(40)  # the nightly job comes late
    await after(1, type=Type.ACCRUAL, sub_type=SubType.GIFT, points=Decimal(5))

    assert [await stage.shown_as_of(member, moment) for moment, _ in seen] == [balance for _, balance in seen]
    for _, one in seen:
        assert one.earned == one.available + one.held + one.pending + one.redeemed + one.expired
    final = seen[-1][1]
    assert (final.earned, final.redeemed, final.available) == (Decimal("175.50"), Decimal("70.25"), Decimal("5.00"))
    assert final.expired == Decimal("100.25")
