"""A property: whatever the dates, renewals, approvals and terminations, and however long the job sleeps, a partner is a member
once at most, lines never overlap, and nothing final ever changes.
"""

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import date, timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from domain.applications import Application
from domain.commands.applications import ApplicationFilter
from domain.memberships import LIVE, MembershipStatus, settled
from domain.pages import PageRequest
from domain.partner_programs import ApprovalMethod
from domain.problems import Refused
from domain.services.verify import verify
from domain.store import applications
from domain.store.database import Database
from domain.store.keyset import page_of
from tests.partner_programs.guild import BEGIN, EVERYTHING, Guild, a_guild

T = TypeVar("T")
EXAMPLES = int(os.environ.get("MILEPOST_EXAMPLES", "5"))
"""Runs of 30 steps; set it higher by hand for a long search."""

FINAL = """
select 'membership ' || id as place, to_jsonb(m) as row from membership m where status in ('EXPIRED', 'TERMINATED')
union all select 'line ' || id, to_jsonb(l) from agreement_line l where status in ('EXPIRED', 'CANCELLED')
union all select 'entitlement ' || id, to_jsonb(e) from entitlement e where ends_on is not null
union all select 'application ' || id, to_jsonb(a) from application a where status = 'APPROVED'
"""


class Life(RuleBasedStateMachine):
    """One partner and one program, and everything that can happen between them."""

    url: str
    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.database = Database(self.url, pool_size=2)
        self.final: dict[str, Any] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    @initialize(
        method=st.sampled_from(ApprovalMethod),
        months=st.sampled_from([1, 2, 12]),
        window=st.sampled_from([(0, 0), (10, 5), (20, 28)]),
        years=st.sampled_from([1, 30]),
        expire=st.booleans(),
    )
    def a_program_and_a_partner(
        self, method: ApprovalMethod, months: int, window: tuple[int, int], years: int, expire: bool
    ) -> None:
        self.opened = a_guild(
            self.database,
            approval_method=method,
            membership_months=months,
            renewal_days=window[0],
            grace_days=window[1],
            ends_on=date(BEGIN.year + years, 12, 31),
            expire_lines_at_end=expire,
            lines=(),
        )
        self.guild: Guild = self.run(self.opened.__aenter__())

    def attempt(self, work: Coroutine[Any, Any, Any]) -> None:
        """What is refused changes nothing; anything else that goes wrong is a bug."""
        with suppress(Refused):
            self.run(work)

    @rule(days=st.integers(1, 45))
    def days_pass(self, days: int) -> None:
        self.guild.on(self.guild.days.today + timedelta(days=days))

    @rule(days=st.integers(1, 12))
    def days_pass_with_their_nights(self, days: int) -> None:
        for _ in range(days):
            self.guild.on(self.guild.days.today + timedelta(days=1))
            self.run(self.guild.night())

    @rule()
    def the_job_runs_and_then_has_nothing_to_do(self) -> None:
        self.run(self.guild.night())
        again = self.run(self.guild.night())
        assert (again.moved, again.asked, again.left) == (0, 0, 0)

    @rule()
    def the_partner_applies(self) -> None:
        self.attempt(self.guild.apply())

    @rule()
    def the_partner_renews(self) -> None:
        for membership in self.run(self.guild.memberships()):
            self.attempt(self.guild.renew(membership))

    @rule(back=st.integers(0, 40))
    def an_administrator_adds_the_partner(self, back: int) -> None:
        self.attempt(self.guild.add(begins_on=self.guild.days.today - timedelta(days=back)))

    @rule()
    def an_administrator_removes_the_partner(self) -> None:
        self.attempt(self.guild.remove())

    @rule(
        which=st.integers(0, 10), move=st.sampled_from(["accept", "approve", "reject", "submit"]), twice=st.booleans()
    )
    def an_application_is_moved(self, which: int, move: str, twice: bool) -> None:
        for application in self.asked()[which : which + 1]:
            moves: dict[str, Callable[[Application], Coroutine[Any, Any, Any]]] = {
                "accept": self.guild.accept, "approve": self.guild.approve, "reject": self.guild.reject,
                "submit": self.guild.submit,
            }  # fmt: skip
            if move == "approve":
                self.attempt(self.guild.accept(application))
            for _ in range(1 + twice):
                self.attempt(moves[move](application))

    def asked(self) -> list[Application]:
        """The partner's applications, the newest first."""

        async def found() -> list[Application]:
            wanted = ApplicationFilter(partner=self.guild.partner.code)
            listing = applications.listing(EVERYTHING, wanted, descending=True)
            page = await page_of(self.guild.database, listing, PageRequest(first=20))
            return [edge.node for edge in page.edges]

        return self.run(found())

    @invariant()
    def a_partner_is_a_member_once_on_every_day_to_come(self) -> None:
        if not hasattr(self, "guild"):
            return
        mine = self.run(self.guild.memberships())
        for later in (0, 1, 15, 40, 400):
            then = settled(mine, self.guild.days.today + timedelta(days=later))
            statuses = [each.status for each in then]
            assert sum(status in LIVE for status in statuses) <= 1
            assert statuses.count(MembershipStatus.APPROVED) <= 1

    @invariant()
    def nothing_final_ever_changes(self) -> None:
        if not hasattr(self, "guild"):
            return

        async def found() -> dict[str, Any]:
            async with self.guild.database.read() as reader:
                return {row.place: row.row for row in await reader.execute(text(FINAL))}

        now = self.run(found())
        assert {place: now.get(place) for place in self.final} == self.final
        self.final = now

    def teardown(self) -> None:
        async def broken() -> list[Any]:
            found = [each async for each in verify(self.guild.database)]
            return [(each.invariant.name, each.violations) for each in found if each.violations]

        if hasattr(self, "guild"):
            assert self.run(broken()) == []
            self.run(self.opened.__aexit__(None, None, None))
        self.run(self.database.close())


def test_a_partner_is_a_member_once_lines_never_overlap_and_nothing_final_changes(fresh_database_url: str) -> None:
    loop = asyncio.new_event_loop()
    machine = type("Machine", (Life,), {"url": fresh_database_url, "loop": loop})
    healthy = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=EXAMPLES, stateful_step_count=30, deadline=None, suppress_health_check=healthy),
    )
    loop.close()
