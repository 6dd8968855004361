"""Holds: what is kept is not available to anybody else, and moves only when it is captured."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text

from domain.commands.members import MemberStatusChange
from domain.commands.programs import SettingsChange
from domain.engine.rejections import InsufficientPoints
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.holds import CaptureExceedsHold, HoldEnded, HoldStatus
from domain.members import MemberStatus
from domain.problems import IdempotencyKeyReused, Invalid, Refused
from domain.services import holds as services
from domain.services.engine_programs import EnginePrograms
from domain.services.expiry import expire
from domain.services.member_status import member_status_change
from domain.services.posting import Desk
from domain.store import past_balances
from domain.store.database import Database
from domain.transactions import Status, SubStatus
from tests.holds.kit import at_moment, capture, faults, figures, hold, holding, job, later, release, stored
from tests.support.factories import result_of
from tests.support.members import by_number
from tests.support.transactions import EVERYTHING, Stage, a_key, a_stage
from tests.vouchers.kit import a_reward


async def test_what_is_held_is_not_available(stage: Stage) -> None:
    await stage.earn(100)

    held = await hold(stage, 60)

    assert (held.status, held.points, held.captured) == (HoldStatus.HELD, Decimal(60), Decimal(0))
    assert await figures(stage) == (40, 60, 0)
    [short] = (await stage.redeem(41)).errors
    assert isinstance(short, InsufficientPoints)
    assert (short.available, short.required) == (Decimal(40), Decimal(41))
    result_of(await stage.redeem(40))
    assert await figures(stage) == (0, 60, 40)


async def test_a_hold_is_captured_whole(stage: Stage) -> None:
    await stage.earn(100)
    held = await hold(stage, 60)

    redeemed = result_of(await capture(stage, held))

    assert (redeemed.status, redeemed.hold_id) == (Status.PROCESSED, held.id)
    assert await figures(stage) == (40, 0, 60)
    after = await stored(stage.database, held)
    assert (after.status, after.captured, after.transaction_id) == (HoldStatus.CAPTURED, Decimal(60), redeemed.id)


async def test_what_is_not_captured_is_free_again(stage: Stage) -> None:
    await stage.earn(100)
    held = await hold(stage, 60)

    result_of(await capture(stage, held, 25))

    assert await figures(stage) == (75, 0, 25)
    assert (await stored(stage.database, held)).captured == Decimal(25)


async def test_a_hold_is_captured_once(stage: Stage) -> None:
    await stage.earn(100)
    held = await hold(stage, 60)
    result_of(await capture(stage, held, 25))

    [problem] = (await capture(stage, held, 25)).errors

    assert problem == HoldEnded(status=HoldStatus.CAPTURED, held_until=held.held_until, path=("input", "id"))
    assert await figures(stage) == (75, 0, 25)


async def test_the_same_capture_again_is_the_same_answer(stage: Stage) -> None:
    await stage.earn(100)
    held, key = await hold(stage, 60), a_key()

    first, second = [await capture(stage, held, 25, key=key) for _ in range(2)]

    assert (first.replayed, second.replayed) == (False, True)
    assert result_of(first).id == result_of(second).id


async def test_more_than_is_held_cannot_be_captured(stage: Stage) -> None:
    await stage.earn(100)
    held = await hold(stage, 60)

    with pytest.raises(Refused) as refused:
        await capture(stage, held, 61)

    exceeds = CaptureExceedsHold(held=Decimal(60), asked=Decimal(61), point_type="POINTS", path=("input", "points"))
    assert refused.value.problems == (exceeds,)
    assert await stage.recorded() == 1


async def test_a_price_above_the_hold_is_refused_and_the_hold_goes_on(stage: Stage) -> None:
    await stage.earn(200)
    held, reward = await hold(stage, 60), await a_reward(stage, 100)

    refused = await capture(stage, held, product=reward.code)

    assert refused.result is not None
    assert (refused.result.status, refused.result.sub_status) == (Status.REJECTED_ENGINE, SubStatus.INSUFFICIENT_POINTS)
    assert (await stored(stage.database, held)).status is HoldStatus.HELD
    assert await figures(stage) == (140, 60, 0)


async def test_the_price_of_a_product_is_captured_and_the_rest_is_free(stage: Stage) -> None:
    await stage.earn(200)
    held, reward = await hold(stage, 150), await a_reward(stage, 100)

    result_of(await capture(stage, held, product=reward.code))

    assert await figures(stage) == (100, 0, 100)


async def test_a_released_hold_keeps_nothing(stage: Stage) -> None:
    await stage.earn(100)
    held = await hold(stage, 60)

    assert (await release(stage, held)).status is HoldStatus.RELEASED

    assert await figures(stage) == (100, 0, 0)
    with pytest.raises(Refused) as refused:
        await release(stage, held)
    assert refused.value.problems[0].code == "HOLD_ENDED"


async def test_time_frees_it_job_or_no_job(stage: Stage) -> None:
    await stage.earn(100)
    held = await hold(stage, 60, minutes=15)

    async with later(stage, minutes=16) as then:
        assert await figures(then) == (100, 0, 0)
        [problem] = (await capture(then, held)).errors
        assert isinstance(problem, HoldEnded)
        assert problem.status is HoldStatus.EXPIRED
        result_of(await then.redeem(70))
        assert await figures(then) == (30, 0, 70)
        assert await job(then) == 0  # the redemption has written it down already
    assert (await stored(stage.database, held)).ended_at == held.held_until


async def test_the_job_writes_down_what_ran_out_once(stage: Stage) -> None:
    await stage.earn(100)
    await hold(stage, 60, minutes=15)

    async with later(stage, minutes=14) as then:
        assert await job(then) == 0
    async with later(stage, minutes=15, seconds=5) as then:
        assert [await job(then) for _ in range(2)] == [1, 0]
        assert await figures(then) == (100, 0, 0)


async def test_the_same_request_again_holds_nothing_more(stage: Stage) -> None:
    await stage.earn(100)
    command = holding(stage, 60)

    first, second = [
        await services.points_hold(stage.database, stage.desk.programs, stage.msr, command) for _ in range(2)
    ]

    assert (first.replayed, second.replayed) == (False, True)
    assert result_of(first).id == result_of(second).id
    assert await figures(stage) == (40, 60, 0)


async def test_a_key_is_for_one_hold(stage: Stage) -> None:
    await stage.earn(100)
    key = a_key()
    await hold(stage, 60, idempotency_key=key)

    with pytest.raises(Refused) as refused:
        await hold(stage, 1, idempotency_key=key)

    assert refused.value.problems == (IdempotencyKeyReused(path=("input", "idempotencyKey")),)


async def test_a_preview_keeps_nothing(stage: Stage) -> None:
    await stage.earn(100)
    command = holding(stage, 60)

    shown = result_of(await services.points_hold(stage.database, stage.desk.programs, stage.msr, command, preview=True))

    assert shown.points == Decimal(60)
    assert await figures(stage) == (100, 0, 0)
    assert (await services.points_hold(stage.database, stage.desk.programs, stage.msr, command)).replayed is False


@pytest.mark.parametrize("minutes", [0, 61])
async def test_the_program_says_how_long_a_hold_may_be(stage: Stage, minutes: int) -> None:
    await stage.earn(100)

    with pytest.raises(Refused) as refused:
        await hold(stage, 1, minutes=minutes)

    expected = Invalid(value=str(minutes), expected="1 to 60 minutes", path=("input", "minutes"))
    assert refused.value.problems == (expected,)


async def test_too_few_points_are_not_held(stage: Stage) -> None:
    await stage.earn(100)

    with pytest.raises(Refused) as refused:
        await hold(stage, 101)

    [problem] = refused.value.problems
    assert (problem.code, problem.path) == ("INSUFFICIENT_POINTS", ("input", "points"))
    assert await figures(stage) == (100, 0, 0)


async def test_of_many_who_hold_at_once_as_many_succeed_as_there_are_points_for(stage: Stage) -> None:
    await stage.earn(100)

    done = await asyncio.gather(*(hold(stage, 30) for _ in range(8)), return_exceptions=True)

    assert sum(not isinstance(each, BaseException) for each in done) == 3
    assert await figures(stage) == (10, 90, 0)


async def test_two_captures_at_once_take_it_once(stage: Stage) -> None:
    await stage.earn(100)
    held = await hold(stage, 60)

    done = await asyncio.gather(*(capture(stage, held) for _ in range(4)))

    assert sum(each.errors == () for each in done) == 1
    assert await figures(stage) == (40, 0, 60)


async def test_a_later_redemption_takes_other_lots_and_every_invariant_holds(fresh_database: Database) -> None:
    desk = Desk(fresh_database, EnginePrograms())
    month = ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.MONTH)
    stage = await a_stage(desk, settings=SettingsChange(expiry=month))
    for _ in range(3):
        await stage.earn(40)
    held = await hold(stage, 50)

    result_of(await stage.redeem(60))
    assert await figures(stage) == (10, 50, 60)
    assert await faults(fresh_database) == []
    result_of(await capture(stage, held, 45))
    result_of(await stage.redeem(15))

    assert await figures(stage) == (0, 0, 120)
    assert await faults(fresh_database) == []
    await desk.close()


async def test_what_lapses_while_it_is_held_can_still_be_captured(fresh_database: Database) -> None:
    desk = Desk(fresh_database, EnginePrograms())
    day = ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.DAY)
    stage = await a_stage(desk, settings=SettingsChange(expiry=day))
    async with at_moment(stage, datetime(2026, 3, 1, 12, tzinfo=UTC)) as earning:
        await earning.earn(100)
    async with at_moment(stage, datetime(2026, 3, 2, 23, 55, tzinfo=UTC)) as before:
        held, other = await hold(before, 60), await hold(before, 10)

    async with at_moment(stage, datetime(2026, 3, 3, 0, 5, tzinfo=UTC)) as after:
        async for _ in expire(after.database, after.desk.programs, stage.program.id):
            pass
        assert await figures(after) == (0, 70, 0)
        assert int((await after.balance()).expired) == 30
        result_of(await capture(after, held))
        assert await figures(after) == (0, 10, 60)
    async with at_moment(stage, datetime(2026, 3, 4, 0, 5, tzinfo=UTC)) as end:
        [problem] = (await capture(end, other)).errors
        assert problem.code == "HOLD_ENDED"
        assert await figures(end) == (0, 0, 60)
        async for _ in expire(end.database, end.desk.programs, stage.program.id):
            pass
        assert int((await end.balance()).expired) == 40
    assert await faults(fresh_database) == []
    await desk.close()


async def test_a_member_who_leaves_holds_nothing(fresh_database: Database) -> None:
    desk = Desk(fresh_database, EnginePrograms())
    stage = await a_stage(desk)
    await stage.earn(100)
    held = await hold(stage, 60)

    change = MemberStatusChange(
        member=by_number(stage.member), program=stage.program.code, status=MemberStatus.CANCELLED, reason="leaves"
    )
    await member_status_change(fresh_database, stage.manager, change)

    assert (await stored(fresh_database, held)).status is HoldStatus.RELEASED
    assert int((await stage.balance()).expired) == 100
    assert await faults(fresh_database) == []
    await desk.close()


async def test_what_was_held_at_a_past_moment_can_be_asked(stage: Stage) -> None:
    await stage.earn(100)
    held = await hold(stage, 60)
    await release(stage, held)

    async with stage.database.read() as reader:
        [[then]] = await past_balances.load_many(reader, EVERYTHING, [stage.member.id], held.created_at)

    assert (then.available, then.held) == (Decimal(40), Decimal(60))


async def test_a_hold_that_does_not_add_up_is_found_by_verify(fresh_database: Database) -> None:
    desk = Desk(fresh_database, EnginePrograms())
    stage = await a_stage(desk)
    await stage.earn(100)
    await hold(stage, 60)
    assert await faults(fresh_database) == []

    async with fresh_database.write() as writer:
        await writer.execute(text("update balance set held = 50, available = 50"))

    assert [each.partition(":")[0] for each in await faults(fresh_database)] == ["available", "holds"]
    await desk.close()


async def test_a_hold_ends_by_the_engines_clock_and_no_other(stage: Stage) -> None:
    """A demonstration of last year: what it holds is held, although by the database's own time it is long over."""
    async with later(stage, days=-300) as then:
        result_of(await then.earn(100))
        held = await hold(then, 60, idempotency_key=(key := a_key()))
        assert held.status is HoldStatus.HELD
        assert (await hold(then, 60, idempotency_key=key)).status is HoldStatus.HELD
        assert (await release(then, held)).status is HoldStatus.RELEASED
        assert await figures(then) == (100, 0, 0)


async def test_what_is_held_is_neither_taken_back_nor_free_after_a_cancellation(fresh_database: Database) -> None:
    stage = await a_stage(Desk(fresh_database, EnginePrograms()))
    bought = result_of(await stage.earn(100))
    spent = result_of(await stage.redeem(30))
    held = await hold(stage, 50)
    refused = await stage.cancel(bought)
    assert [problem.code for problem in refused.errors] == ["INSUFFICIENT_POINTS"]
    result_of(await stage.cancel(spent))
    assert await figures(stage) == (50, 50, 0)
    assert await faults(stage.database) == []
    result_of(await capture(stage, held))
    assert await figures(stage) == (50, 0, 50)
    assert await faults(stage.database) == []
    await stage.desk.close()
