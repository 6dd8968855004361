"""How fast points may leave a member: by redemptions and transfers together, in a day and after a change of contact data."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.commands.holds import PointsCapture, PointsHold
from domain.commands.members import MemberReference, MemberUpdate
from domain.commands.merges import MemberMerge
from domain.engine.rejections import LimitExceeded
from domain.leaving import LeavingLimits
from domain.moves import Move
from domain.people import ENGINE, Principal, Scope
from domain.problems import Invalid
from domain.services.engine_programs import EnginePrograms
from domain.services.holds import points_capture, points_hold
from domain.services.member_updates import member_update
from domain.services.merges import member_merge
from domain.services.posting import Desk
from domain.store import members
from domain.transactions import SubType, Type
from tests.support.factories import result_of
from tests.support.members import at, by_number, herself, refusal
from tests.support.transactions import a_key
from tests.transfers.pair import Pair
from tests.transfers.test_transfers import changed

DAY = LimitExceeded(
    point_type="POINTS", asked=Decimal(41), limit=Decimal(100), per="day", used=Decimal(60), path=("input",)
)
CHANGED = "24 hours after a change of email or phone"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


async def limited(pair: Pair, **limits: Any) -> None:
    await changed(pair, leaving_limits=LeavingLimits(**limits))


async def reached(pair: Pair, actor: Principal = ENGINE, **values: Any) -> None:
    """Ada is reached otherwise."""
    async with pair.database.read() as reader:
        now = await members.load(reader, Scope(), pair.ada.id)
    assert now is not None
    command = MemberUpdate(member=MemberReference(id=now.id), expected_version=now.version, **values)
    assert (await member_update(pair.database, actor, command)).errors == ()


@asynccontextmanager
async def when(pair: Pair, moment: datetime) -> AsyncIterator[Pair]:
    """The same two at a moment."""
    database = at(pair.database, moment)
    desk = Desk(database, EnginePrograms())
    yield replace(pair, stage=replace(pair.stage, desk=desk))
    await desk.close()
    await database.close()


async def test_redemptions_and_transfers_of_a_day_count_together(pair: Pair) -> None:
    await limited(pair, per_day=Decimal(100))
    await pair.stage.earn(1000)
    assert (await pair.stage.redeem(40)).errors == ()
    assert (await pair.send(pair.sending(20))).errors == ()
    assert (await pair.stage.redeem(41)).errors == (DAY,)
    assert (await pair.send(pair.sending(41))).errors == (DAY,)
    assert DAY.message == "At most 100 POINTS per day are allowed, of which 60 are used; 41 were asked for."
    assert (await pair.stage.redeem(40)).errors == ()
    assert await pair.available() == (Decimal(900), Decimal(20))


async def test_a_day_is_that_of_processing_and_the_next_one_begins_anew(pair: Pair) -> None:
    await limited(pair, per_day=Decimal(100))
    async with when(pair, NOON) as today:
        await today.stage.earn(1000, transaction_date=NOON.date())
        assert (await today.stage.redeem(100)).errors == ()
        yesterday = NOON.date() - timedelta(1)
        [problem] = (await today.stage.redeem(1, transaction_date=yesterday)).errors
        assert (problem.code, problem.path) == ("LIMIT_EXCEEDED", ("input",))
    async with when(pair, datetime(2026, 5, 5, 0, 0, 1, tzinfo=UTC)) as tomorrow:
        assert (await tomorrow.stage.redeem(100)).errors == ()


async def test_what_is_asked_for_at_once_counts_too(pair: Pair) -> None:
    await limited(pair, per_day=Decimal(100))
    await pair.stage.earn(1000)
    answers = await asyncio.gather(*(pair.stage.redeem(30) for _ in range(8)))
    assert Counter(len(each.errors) for each in answers) == {0: 3, 1: 5}
    assert await pair.available() == (Decimal(910), Decimal(0))


async def test_what_people_take_by_hand_and_what_lapses_does_not_count(pair: Pair) -> None:
    await limited(pair, per_day=Decimal(100))
    await pair.stage.earn(1000)
    debit = pair.stage.entry(type=Type.REDEMPTION, sub_type=SubType.MANUAL_DEBIT, points=Decimal(500))
    recorded = await pair.stage.record(debit)
    await pair.stage.moved(Move.ACCEPT, recorded)
    await pair.stage.moved(Move.PROCESS, recorded)
    assert (await pair.stage.redeem(100)).errors == ()


async def test_what_is_given_back_has_left_all_the_same(pair: Pair) -> None:
    await limited(pair, per_day=Decimal(100))
    await pair.stage.earn(1000)
    redeemed = result_of(await pair.stage.redeem(80))
    assert (await pair.stage.cancel(redeemed)).errors == ()
    [problem] = (await pair.stage.redeem(21)).errors
    assert problem == replace(DAY, asked=Decimal(21), used=Decimal(80))


async def test_a_capture_counts_and_a_hold_alone_does_not(pair: Pair) -> None:
    await limited(pair, per_day=Decimal(100))
    await pair.stage.earn(1000)
    stage = pair.stage
    held = [
        result_of(
            await points_hold(
                pair.database, stage.desk.programs, stage.msr,
                PointsHold(idempotency_key=a_key(), program=stage.program.code, member=by_number(pair.ada), points=Decimal(60)),
            )
        )
        for _ in range(2)
    ]  # fmt: skip
    answers = [
        await points_capture(
            stage.desk, stage.msr, each.id,
            PointsCapture(idempotency_key=a_key(), member=by_number(pair.ada), entry=stage.entry(points=None)),
        )
        for each in held
    ]  # fmt: skip
    assert [[problem.code for problem in each.errors] for each in answers] == [[], ["LIMIT_EXCEEDED"]]


async def test_after_a_change_of_contact_data_little_may_leave_until_the_hours_are_over(pair: Pair) -> None:
    await limited(pair, after_contact_change=Decimal(50))
    async with when(pair, NOON) as now:
        await now.stage.earn(1000, transaction_date=NOON.date())
        await reached(now, herself(pair.ada), language="de")
        assert (await now.stage.redeem(400)).errors == ()
    async with when(pair, NOON + timedelta(seconds=1)) as then:
        await reached(then, herself(pair.ada), email="mallory@example.com")
    async with when(pair, NOON + timedelta(hours=23, minutes=59)) as soon:
        assert (await soon.stage.redeem(30)).errors == ()
        refused = LimitExceeded(
            point_type="POINTS", asked=Decimal(21), limit=Decimal(50), per=CHANGED, used=Decimal(30), path=("input",)
        )
        assert (await soon.stage.redeem(21)).errors == (refused,)
        assert (await soon.send(soon.sending(21))).errors == (refused,)
        assert (await soon.send(soon.sending(100, pair.grace, pair.ada))).errors[0].code == "INSUFFICIENT_POINTS"
        assert (await soon.stage.redeem(20)).errors == ()
    async with when(pair, NOON + timedelta(hours=24, seconds=1)) as later:
        assert (await later.stage.redeem(300)).errors == ()


async def test_a_change_of_the_phone_by_staff_is_one_too(pair: Pair) -> None:
    await limited(pair, after_contact_change=Decimal(0), hours=1)
    await pair.stage.earn(1000)
    await reached(pair, phone="+4930901820")
    [problem] = (await pair.stage.redeem(1)).errors
    assert problem.message == (
        "At most 0 POINTS per hour after a change of email or phone are allowed, of which 0 are used; 1 were asked for."
    )


async def test_what_left_whom_somebody_was_merged_into_counts(pair: Pair) -> None:
    await limited(pair, per_day=Decimal(100))
    await pair.stage.earn(1000)
    await pair.send(pair.sending(40))
    assert (await pair.stage.redeem(30, pair.stage.msr)).errors == ()
    command = MemberMerge(
        idempotency_key=a_key(), program=pair.stage.program.code, member=by_number(pair.ada),
        into=by_number(pair.grace), reason="The same person",
    )  # fmt: skip
    await member_merge(pair.database, pair.stage.desk.programs, ENGINE, command)
    [problem] = (await pair.stage.redeem(31, member=pair.grace)).errors
    assert problem == replace(DAY, asked=Decimal(31), used=Decimal(70))


async def test_limits_that_make_no_sense_are_refused(pair: Pair) -> None:
    place = ("input", "settings", "leavingLimits")
    with refusal(Invalid(value="0", expected="1 to 744 hours", path=(*place, "hours"))):
        await limited(pair, hours=0)
    with refusal(
        Invalid(value="-1", expected="0 or more, and less than 1,000,000,000,000,000", path=(*place, "perDay"))
    ):
        await limited(pair, per_day=Decimal(-1))
