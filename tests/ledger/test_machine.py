"""A state machine drives engine and store together, with the clock moving; a model on one page says what must come out.

After every step each member's balance equals the model's; at the end every invariant of the ledger holds.
"""

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from domain.commands.members import MemberReference
from domain.entries import NewTransaction
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.members import Member
from domain.people import Role, Scope
from domain.postings import Posting
from domain.programs import Program, ProgramSettings
from domain.services.engine_programs import EnginePrograms
from domain.services.expiry import expire
from domain.services.posting import Desk
from domain.services.posting.claims import Answer
from domain.services.verify import verify
from domain.store import balances, migrate
from domain.store.database import Database
from domain.transactions import SubType, Type
from tests.ledger.model import Figures, ModelMember
from tests.support.factories import a_person, a_program, acting
from tests.support.members import a_member

T = TypeVar("T")
MONTH = ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.MONTH)
MEMBERS = st.integers(0, 1)


@dataclass
class Calendar:
    """How late it is. It never goes back, also not for the next run: all of them share one database."""

    late: timedelta = timedelta(0)


class Ledger(RuleBasedStateMachine):
    """Two members of one program, and everything that can happen to their points."""

    url: str
    calendar: Calendar
    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.database = Database(self.url, pool_size=2, clock=lambda now: now + self.calendar.late)
        self.programs = EnginePrograms()
        self.desk = Desk(self.database, self.programs)
        self.models = [ModelMember(), ModelMember()]
        self.posted: list[tuple[Posting, Answer]] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    @initialize()
    def a_program_with_two_members(self) -> None:
        self.program: Program = self.run(a_program(self.database, settings=ProgramSettings(expiry=MONTH)))
        self.clerk = acting(self.run(a_person(self.database, Role.MSR, transaction_approval_limit=Decimal(10_000))))
        self.members: list[Member] = [self.run(a_member(self.database, self.program)) for _ in self.models]

    def post(self, who: int, kind: Type, **said: Any) -> Answer:
        [answer] = self.post_together((who, kind, said))
        return answer

    def post_together(self, *wanted: tuple[int, Type, dict[str, Any]]) -> list[Answer]:
        """What arrives together is committed together."""
        postings = [self.posting(len(self.posted) + index, *each) for index, each in enumerate(wanted)]

        async def submitted() -> list[Answer]:
            return list(await asyncio.gather(*[self.desk.submit(posting) for posting in postings]))

        answers = self.run(submitted())
        self.posted.extend(zip(postings, answers, strict=True))
        return answers

    def posting(self, number: int, who: int, kind: Type, said: dict[str, Any]) -> Posting:
        reference = MemberReference(number=self.members[who].number)
        entry = NewTransaction(program=self.program.code, member=self.members[who].number, type=kind, **said)
        return Posting(
            actor=self.clerk, mutation="post", key=f"{self.program.code}-{number}", program_id=self.program.id,
            member=reference, entry=entry,
        )  # fmt: skip

    @rule(who=MEMBERS, dollars=st.decimals(0, 300, places=2), days_ago=st.integers(0, 40))
    def somebody_buys(self, who: int, dollars: Decimal, days_ago: int) -> None:
        day = self.day() - timedelta(days_ago)
        answer = self.post(who, Type.ACCRUAL, amount=dollars, transaction_date=day)
        assert answer.errors == ()
        self.models[who].earn(int(dollars), day)

    @rule(who=MEMBERS, points=st.integers(1, 400))
    def somebody_is_given_points(self, who: int, points: int) -> None:
        answer = self.post(who, Type.ACCRUAL, sub_type=SubType.GIFT, points=Decimal(points))
        assert answer.errors == ()
        self.models[who].earn(points, self.day())

    @rule(who=MEMBERS, points=st.integers(1, 500))
    def somebody_redeems(self, who: int, points: int) -> None:
        before = self.models[who].figures(self.day()).available
        answer = self.post(who, Type.REDEMPTION, points=Decimal(points))
        paid = self.models[who].redeem(points, self.day())
        assert [problem.code for problem in answer.errors] == ([] if paid else ["INSUFFICIENT_POINTS"])
        assert paid or before < points

    @rule(who=MEMBERS)
    def somebody_redeems_everything(self, who: int) -> None:
        points = self.models[who].figures(self.day()).available
        if points:
            assert self.post(who, Type.REDEMPTION, points=Decimal(points)).errors == ()
            assert self.models[who].redeem(points, self.day())

    @rule(who=MEMBERS, points=st.integers(1, 300), days_ago=st.integers(0, 25))
    def somebody_earns_and_spends_all_in_one_moment(self, who: int, points: int, days_ago: int) -> None:
        day = self.day() - timedelta(days_ago)
        self.models[who].earn(points, day)
        everything = self.models[who].figures(self.day()).available
        answers = self.post_together(
            (who, Type.ACCRUAL, {"amount": Decimal(points), "transaction_date": day}),
            (who, Type.REDEMPTION, {"points": Decimal(everything)}),
            (who, Type.REDEMPTION, {"points": Decimal(1)}),
        )
        assert self.models[who].redeem(everything, self.day())
        assert [[each.code for each in answer.errors] for answer in answers] == [[], [], ["INSUFFICIENT_POINTS"]]

    @rule(which=st.integers(0, 50))
    def a_request_comes_again(self, which: int) -> None:
        if self.posted:
            posting, first = self.posted[which % len(self.posted)]
            again = self.run(self.desk.submit(posting))
            assert again.replayed
            assert again.result is not None
            assert first.result is not None
            assert (again.result.id, again.errors) == (first.result.id, first.errors)

    @rule(days=st.integers(1, 25))
    def days_pass(self, days: int) -> None:
        self.calendar.late += timedelta(days)

    @rule()
    def the_nightly_job_runs_twice(self) -> None:
        async def nightly() -> list[int]:
            runs = [[each async for each in expire(self.database, self.programs, self.program.id)] for _ in range(2)]
            return [run[-1].transactions if run else 0 for run in runs]

        assert self.run(nightly())[1] == 0

    def day(self) -> date:
        async def today() -> date:
            async with self.database.read() as reader:
                return (await self.database.now(reader)).date()

        return self.run(today())

    @invariant()
    def every_balance_is_the_models(self) -> None:
        async def shown() -> list[Figures]:
            async with self.database.read() as reader:
                now = await self.database.now(reader)
                found = await balances.load_many(reader, Scope(), [member.id for member in self.members], now)
            return [Figures(*map(int, (one.available, one.earned, one.redeemed, one.expired))) for [one] in found]

        day = self.day()
        assert self.run(shown()) == [model.figures(day) for model in self.models]

    def teardown(self) -> None:
        async def broken() -> list[Any]:
            found = [each async for each in verify(self.database)]
            return [(each.invariant.name, each.violations) for each in found if each.violations]

        assert self.run(broken()) == []
        self.run(self.desk.close())
        self.run(self.database.close())


EXAMPLES = int(os.environ.get("MILEPOST_EXAMPLES", "15"))
"""Runs of 30 steps; set it higher by hand for a long search."""


def test_balances_equal_the_model_and_the_invariants_hold(fresh_database_url: str) -> None:
    migrate.upgrade(fresh_database_url)
    loop = asyncio.new_event_loop()
    machine = type("Machine", (Ledger,), {"url": fresh_database_url, "loop": loop, "calendar": Calendar()})
    healthy = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=EXAMPLES, stateful_step_count=30, deadline=None, suppress_health_check=healthy),
    )
    loop.close()
