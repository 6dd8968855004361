"""The table of statuses and dates, walked day by day: what a membership is on every day of two years, whatever happens to it.

Every walk is done twice: with the daily job running every day, and with the job asleep for ten days around the named dates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from domain.applications import ApplicationStatus
from domain.memberships import MembershipStatus, settled
from domain.partner_programs import ApprovalMethod, Period, period
from domain.people import ENGINE
from domain.problems import Refused
from domain.store.database import Database
from tests.partner_programs.guild import APPROVED, BEGIN, CURRENT, EXPIRED, IN_GRACE, TERMINATED, Guild, a_guild

DAY = timedelta(days=1)
END, OPENS, GRACE_END = date(2026, 1, 14), date(2025, 11, 15), date(2026, 2, 13)
NEXT_BEGIN, NEXT_END, NEXT_GRACE_END = date(2026, 1, 15), date(2027, 1, 14), date(2027, 2, 13)
LAST = date(2027, 3, 1)
MANUAL: dict[str, Any] = {"approval_method": ApprovalMethod.MANUAL}

Spans = list[tuple[date, list[str]]]
"""From which day on the partner's memberships have which statuses, the oldest first."""


def on(spans: Spans, day: date) -> list[str]:
    """What the table says for a day."""
    return [statuses for since, statuses in spans if since <= day][-1]


GRACE_AND_OUT: Spans = [
    (BEGIN, [CURRENT]), (END + DAY, [IN_GRACE]), (date(2026, 2, 14), [EXPIRED]),
]  # fmt: skip


def renewed_while_current(day: date) -> Spans:
    return [
        (BEGIN, [CURRENT]), (day, [CURRENT, APPROVED]), (NEXT_BEGIN, [EXPIRED, CURRENT]),
        (NEXT_END + DAY, [EXPIRED, IN_GRACE]), (NEXT_GRACE_END + DAY, [EXPIRED, EXPIRED]),
    ]  # fmt: skip


def renewed_in_grace(day: date) -> Spans:
    return [
        (BEGIN, [CURRENT]), (END + DAY, [IN_GRACE]), (day, [EXPIRED, CURRENT]), (NEXT_END + DAY, [EXPIRED, IN_GRACE]),
        (NEXT_GRACE_END + DAY, [EXPIRED, EXPIRED]),
    ]  # fmt: skip


RENEWALS: Mapping[str, tuple[date | None, str | None, Spans]] = {
    "never": (None, None, GRACE_AND_OUT),
    "the day before the window": (OPENS - DAY, "RENEWAL_CLOSED", GRACE_AND_OUT),
    "early, on the first day": (OPENS, None, renewed_while_current(OPENS)),
    "on the last day": (END, None, renewed_while_current(END)),
    "in grace": (date(2026, 1, 31), None, renewed_in_grace(date(2026, 1, 31))),
    "on the first day of grace": (END + DAY, None, renewed_in_grace(END + DAY)),
    "on the last day of grace": (GRACE_END, None, renewed_in_grace(GRACE_END)),
    "a day too late": (GRACE_END + DAY, "WRONG_MEMBERSHIP_STATUS", GRACE_AND_OUT),
}
"""When the partner renews, why it is refused, and what its memberships are on every day."""


def test_the_golden_dates() -> None:
    class Program:
        membership_months, renewal_days, grace_days = 12, 60, 30

    assert period(Program, BEGIN) == Period(BEGIN, END, OPENS, GRACE_END)  # type: ignore[arg-type]


async def press(guild: Guild, refused: str | None) -> None:
    """Renew the partner's first membership, or be refused."""
    [first, *_] = await guild.memberships()
    if refused is None:
        assert (await guild.renew(first)).status is ApplicationStatus.APPROVED
        return
    with pytest.raises(Refused) as caught:
        await guild.renew(first)
    assert [problem.code for problem in caught.value.problems] == [refused]


async def test_memberships_day_by_day_over_two_years(database: Database) -> None:
    async with a_guild(database) as guild:
        walks = {name: await guild.of_another() for name in RENEWALS}
        for each in walks.values():
            await each.member()
        day = BEGIN
        while day <= LAST:
            await guild.on(day).night()
            for name, (renews_on, refused, _) in RENEWALS.items():
                if day == renews_on:
                    await press(walks[name], refused)
            found = await guild.all_statuses()
            table = {walks[name].partner.id: on(spans, day) for name, (_, _, spans) in RENEWALS.items()}
            assert found == table, day
            day += DAY


ASLEEP = [OPENS - 5 * DAY, END - 5 * DAY, END, GRACE_END - 5 * DAY, GRACE_END, NEXT_END - DAY]
"""When the job falls asleep, for ten days."""


@pytest.mark.parametrize("asleep_from", ASLEEP, ids=str)
async def test_a_job_that_sleeps_for_ten_days_leaves_what_it_would_have_left_day_by_day(
    database: Database, asleep_from: date
) -> None:
    asleep = {asleep_from + days * DAY for days in range(10)}
    edges = {end + shift * DAY for end in (OPENS, END, GRACE_END, NEXT_END, NEXT_GRACE_END) for shift in (-1, 0, 1)}
    pressed = {day for day, _, _ in RENEWALS.values() if day is not None}
    async with a_guild(database) as guild:
        walks = {name: await guild.of_another() for name in RENEWALS}
        for each in walks.values():
            await each.member()
        for day in sorted({*asleep, asleep_from + 10 * DAY, *edges, *pressed}):
            guild.on(day)
            if day not in asleep:
                await guild.night()
            for name, (renews_on, refused, _) in RENEWALS.items():
                if day == renews_on:
                    await press(walks[name], refused)
            for name, (_, _, spans) in RENEWALS.items():
                mine = await walks[name].memberships()
                assert [each.status.value for each in settled(mine, day)] == on(spans, day), (name, day)
                if day not in asleep:
                    assert [each.status.value for each in mine] == on(spans, day), (name, day)
        for name, (_, _, spans) in RENEWALS.items():
            mine = await walks[name].memberships()
            trails = [await walks[name].trail(each) for each in mine]
            assert trails == [_trail(spans, index) for index in range(len(trails))], name


def _trail(spans: Spans, index: int) -> list[tuple[str, date]]:
    """The changes of one membership by the table, each dated to the day on which it was due."""
    found: list[tuple[str, date]] = []
    for since, statuses in spans:
        if index < len(statuses) and (not found or found[-1][0] != statuses[index]):
            found.append((statuses[index], since))
    return found


async def test_a_job_that_sleeps_through_everything_makes_every_move_once_and_in_order(database: Database) -> None:
    async with a_guild(database) as guild:
        first = await guild.member()
        await guild.on(OPENS).renew(first)
        done = await guild.on(date(2030, 1, 1)).night()

        [first, second] = await guild.memberships()
        assert (first.status, first.closed_on) == (MembershipStatus.EXPIRED, NEXT_BEGIN)
        assert (second.status, second.closed_on) == (MembershipStatus.EXPIRED, NEXT_GRACE_END + DAY)
        assert await guild.trail(first) == [(CURRENT, BEGIN), (EXPIRED, NEXT_BEGIN)]
        assert await guild.trail(second) == [
            (APPROVED, OPENS), (CURRENT, NEXT_BEGIN), (IN_GRACE, NEXT_END + DAY), (EXPIRED, NEXT_GRACE_END + DAY),
        ]  # fmt: skip
        assert all(each.person_id is None for each in (await guild.moves(second))[1:])
        assert (done.moved, done.asked) == (2, 0)
        again = await guild.night()
        assert (again.moved, again.asked, again.left) == (0, 0, 0)


@dataclass(frozen=True)
class Given:
    """What a membership gives on a day: statuses of its lines, last days of what it entitles to."""

    lines: list[str]
    entitled_until: date | None


async def given(guild: Guild, index: int) -> Given:
    membership = (await guild.memberships())[index]
    [logo] = await guild.entitlements(membership)
    return Given(await guild.line_statuses(membership), logo.ends_on)


async def test_lines_and_entitlements_stay_as_they_are_in_grace_even_after_a_lines_own_end(database: Database) -> None:
    async with a_guild(database) as guild:
        membership = await guild.member()
        assert [(each.code, each.starts_on, each.ends_on) for each in await guild.lines(membership)] == [
            ("TERMS", BEGIN, END), ("LAUNCH", BEGIN, date(2025, 4, 14)),
        ]  # fmt: skip
        for day in (BEGIN, date(2025, 4, 15), END, END + DAY, GRACE_END):
            await guild.on(day).night()
            assert await given(guild, 0) == Given([CURRENT, CURRENT], None), day

        await guild.on(GRACE_END + DAY).night()
        assert await given(guild, 0) == Given([EXPIRED, EXPIRED], GRACE_END + DAY)


async def test_a_renewed_membership_gets_the_old_lines_dated_to_the_new_period(database: Database) -> None:
    async with a_guild(database) as guild:
        old = await guild.member()
        await guild.on(OPENS).renew(old)
        [_, new] = await guild.memberships()
        assert (new.status, new.renews_id) == (MembershipStatus.APPROVED, old.id)
        assert new.period == Period(NEXT_BEGIN, NEXT_END, date(2026, 11, 15), NEXT_GRACE_END)
        assert [(each.code, each.starts_on, each.ends_on) for each in await guild.lines(new)] == [
            ("TERMS", NEXT_BEGIN, NEXT_END), ("LAUNCH", NEXT_BEGIN, date(2026, 4, 14)),
        ]  # fmt: skip
        assert await given(guild, 0) == Given([CURRENT, CURRENT], None)
        assert await given(guild, 1) == Given(["PENDING", "PENDING"], None)

        await guild.on(NEXT_BEGIN).night()
        assert await given(guild, 0) == Given([EXPIRED, EXPIRED], NEXT_BEGIN)
        assert await given(guild, 1) == Given([CURRENT, CURRENT], None)
        [logo] = await guild.entitlements(new)
        assert logo.starts_on == NEXT_BEGIN


async def test_what_expires_by_a_renewal_in_grace_ends_on_that_day_and_only_on_the_old_record(
    database: Database,
) -> None:
    async with a_guild(database) as guild:
        old = await guild.member()
        day = date(2026, 2, 1)
        await guild.on(day).renew(old)
        [old, new] = await guild.memberships()
        assert (old.status, old.closed_on) == (MembershipStatus.EXPIRED, day)
        assert (new.status, new.begins_on, new.ends_on) == (MembershipStatus.CURRENT, NEXT_BEGIN, NEXT_END)
        assert await given(guild, 0) == Given([EXPIRED, EXPIRED], day)
        assert await given(guild, 1) == Given([CURRENT, CURRENT], None)


@pytest.mark.parametrize("day", [date(2025, 6, 1), END + DAY, GRACE_END])
async def test_a_membership_that_is_terminated_cancels_its_lines_and_ends_what_it_entitles_to(
    database: Database, day: date
) -> None:
    async with a_guild(database) as guild:
        await guild.member()
        await guild.on(day).remove(comment="Left the market.")
        [membership] = await guild.memberships()
        assert (membership.status, membership.closed_on) == (MembershipStatus.TERMINATED, day)
        assert await given(guild, 0) == Given(["CANCELLED", "CANCELLED"], day)
        last = (await guild.moves(membership))[-1]
        assert (last.person_id, last.comment) == (guild.administrator.person_id, "Left the market.")


async def test_terminating_takes_the_approved_renewal_with_it(database: Database) -> None:
    async with a_guild(database) as guild:
        old = await guild.member()
        await guild.on(OPENS).renew(old)
        await guild.on(date(2025, 12, 1)).remove()
        assert await guild.statuses() == [TERMINATED, TERMINATED]
        assert await given(guild, 1) == Given(["CANCELLED", "CANCELLED"], NEXT_BEGIN - DAY)
        [_, new] = await guild.memberships()
        [logo] = await guild.entitlements(new)
        assert not any(logo.is_in_force(BEGIN + days * DAY) for days in range(800))
        await guild.on(LAST).night()
        assert await guild.statuses() == [TERMINATED, TERMINATED]


async def test_terminating_rejects_the_pending_renewal(database: Database) -> None:
    async with a_guild(database, **MANUAL) as guild:
        old = await guild.member()
        asked = await guild.on(OPENS).renew(old)
        taken = await guild.accept(asked)
        await guild.remove()
        assert (await guild.stored(taken)).status is ApplicationStatus.REJECTED
        with pytest.raises(Refused) as caught:
            await guild.submit(taken)
        assert [problem.code for problem in caught.value.problems] == ["WRONG_MEMBERSHIP_STATUS"]


async def test_a_program_without_grace_lets_memberships_expire_the_day_after_their_end(database: Database) -> None:
    async with a_guild(database, grace_days=0) as guild:
        membership = await guild.member()
        await guild.on(END).night()
        assert await guild.statuses() == [CURRENT]
        await guild.on(END + DAY).night()
        assert await guild.trail(membership) == [(CURRENT, BEGIN), (EXPIRED, END + DAY)]


async def test_a_program_that_has_ended_lets_memberships_run_on_and_takes_no_renewals(database: Database) -> None:
    async with a_guild(database, ends_on=date(2025, 12, 31)) as guild:
        membership = await guild.member()
        await guild.on(date(2026, 1, 1)).night()
        assert await _status(guild) == "INACTIVE"
        assert await given(guild, 0) == Given([CURRENT, CURRENT], None)
        with pytest.raises(Refused) as caught:
            await guild.renew(membership)
        assert [problem.code for problem in caught.value.problems] == ["PARTNER_PROGRAM_CLOSED"]
        for day, status in ((END, CURRENT), (END + DAY, IN_GRACE), (GRACE_END, IN_GRACE), (GRACE_END + DAY, EXPIRED)):
            await guild.on(day).night()
            assert await guild.statuses() == [status]


async def test_a_renewal_approved_before_the_programs_end_begins_after_it(database: Database) -> None:
    async with a_guild(database, ends_on=date(2025, 12, 31), expire_lines_at_end=True) as guild:
        await guild.on(OPENS - 300 * DAY).member()
        [first] = await guild.memberships()
        await guild.on(first.renewal_opens_on).renew(first)
        await guild.on(date(2026, 1, 1)).night()
        assert [await guild.line_statuses(each) for each in await guild.memberships()] == [[EXPIRED, EXPIRED]] * 2
        await guild.on(first.ends_on + DAY).night()
        assert await guild.statuses() == [EXPIRED, CURRENT]
        assert await guild.line_statuses(await guild.live()) == [EXPIRED, EXPIRED]


async def test_the_engine_alone_moves_by_dates(database: Database) -> None:
    async with a_guild(database) as guild:
        membership = await guild.member()
        await guild.on(GRACE_END + DAY).night()
        people = [each.person_id for each in await guild.moves(membership)]
        assert people == [guild.administrator.person_id, ENGINE.person_id, ENGINE.person_id]


async def _status(guild: Guild) -> str:
    query = "query($code: String!) { partnerProgram(code: $code) { status } }"
    found = await guild.client().ask(query, code=guild.program.code)
    status: str = found["partnerProgram"]["status"]
    return status
