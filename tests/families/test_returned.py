"""What rolled up to a parent comes back from the parent when it is taken back, and an account's own accrual goes back with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from domain.commands.programs import SettingsChange
from domain.commands.simulations import TransactionSimulate
from domain.commands.transactions import TransactionCancel
from domain.moves import Move
from domain.promotions import AppliesToTransaction
from domain.services import batch, touching
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.services.simulations.transactions import transaction_simulate
from domain.services.transactions.previews import preview
from domain.store.database import Database
from domain.transactions import LineItem, Status, SubStatus, SubType, Transaction, Type
from tests.families.house import ALWAYS, House, a_house
from tests.merges.twins import Twins
from tests.refunds.ledgers import everything, ints, line, on, violations
from tests.refunds.test_races import codes
from tests.refunds.test_redemptions import MONTH, night
from tests.support.factories import result_of
from tests.support.members import a_member
from tests.support.promotions import a_promotion, gives
from tests.support.transactions import a_key, holding, until_waiting

BOUGHT, LAPSED = date(2026, 1, 15), date(2026, 3, 1)
OLD = SettingsChange(expiry=MONTH, earliest_days_back=36_500)
REDEEMING = (AppliesToTransaction(Type.REDEMPTION, SubType.PRODUCT),)


@pytest_asyncio.fixture
async def desk(fresh_database: Database) -> AsyncIterator[Desk]:
    """A desk and a database of this test alone."""
    desk = Desk(fresh_database, EnginePrograms())
    yield desk
    await desk.close()


async def state(house: House) -> list[dict[str, Any]]:
    """All that the child, the household and the company have."""
    return [await everything(house.stage, each) for each in (house.ada, house.parent, house.company)]


async def made(house: House, original: Transaction) -> dict[SubType, Transaction]:
    """Both sides of the roll-up of an accrual."""
    out = next(each for each in await house.following(original.id) if each.sub_type is SubType.ROLLUP_OUT)
    return {SubType.ROLLUP_OUT: out, SubType.ROLLUP_IN: await house.follower(out)}


async def batched(house: House) -> None:
    async for _ in batch.work(house.database, EnginePrograms(), house.stage.program.id):
        pass


async def test_golden_a_cancelled_purchase_leaves_child_and_parent_as_before(house: House) -> None:
    await house.join(rolls_up_from=ALWAYS)
    await a_promotion(house.database, house.stage.program, gives(100, qualifying=False))
    result_of(await house.stage.earn(7, member=house.parent))
    before = await state(house)
    bought = result_of(await house.stage.earn(100))
    assert await house.has(house.parent) == (Decimal(307), Decimal(107))
    cancellation = result_of(await house.stage.cancel(bought))
    assert await state(house) == before
    assert [ints(each.points, each.qualifying) for each in cancellation.totals] == [(200, 100)]
    sides = await made(house, bought)
    assert [await house.stage.status(each) for each in (bought, *sides.values())] == [Status.CANCELLED] * 3
    given, back = await house.following(cancellation.id)
    assert (given.type, given.sub_type, given.member_id, given.other_member_id, given.cancels_id) == (
        Type.REDEMPTION, SubType.CANCELLATION, house.parent.id, house.ada.id, sides[SubType.ROLLUP_IN].id,
    )  # fmt: skip
    assert (back.type, back.sub_type, back.member_id, back.other_member_id, back.cancels_id) == (
        Type.ACCRUAL, SubType.CANCELLATION, house.ada.id, house.parent.id, sides[SubType.ROLLUP_OUT].id,
    )  # fmt: skip
    assert [ints(each.points, each.qualifying) for each in (*given.totals, *back.totals)] == [(200, 100), (200, 100)]
    assert await violations(house.database) == []


async def test_the_lots_in_which_it_arrived_give_first_then_the_nearest_expiry(house: House) -> None:
    await house.join(rolls_up_from=ALWAYS)
    own = result_of(await house.stage.earn(50, member=house.parent))
    bought, other = result_of(await house.stage.earn(100)), result_of(await house.stage.earn(30))
    result_of(await house.stage.redeem(90, member=house.parent))
    result_of(await house.stage.refund(bought, amount=60))
    result_of(await house.stage.refund(bought, amount=20))
    arrived = [(await made(house, each))[SubType.ROLLUP_IN] for each in (bought, other)]
    left = [lot.remaining for each in (own, *arrived) for lot in await house.lots(each)]
    assert left == [0, 0, 10]
    assert [await house.has(each) for each in (house.ada, house.parent)] == [
        (Decimal(0), Decimal(50)), (Decimal(10), Decimal(100)),
    ]  # fmt: skip
    assert await violations(house.database) == []


async def test_what_the_parent_has_spent_is_refused_whatever_the_child_has(house: House) -> None:
    result_of(await house.stage.earn(500))
    await house.join(rolls_up_from=ALWAYS)
    bought = result_of(await house.stage.earn(100))
    result_of(await house.stage.redeem(40, member=house.parent))
    before, recorded = await state(house), await house.stage.recorded()
    refused = await house.stage.cancel(bought)
    assert [each.code for each in refused.errors] == ["INSUFFICIENT_POINTS"]
    assert await state(house) == before
    assert await house.stage.recorded() == recorded + 1
    result_of(await house.stage.refund(bought, amount=60))
    assert await house.has(house.parent) == (Decimal(0), Decimal(40))
    assert await house.has(house.ada) == (Decimal(500), Decimal(540))
    assert await violations(house.database) == []


async def test_where_the_program_lends_the_parent_owes_what_it_has_spent(desk: Desk) -> None:
    house = await a_house(desk, settings=SettingsChange(lend_refund_shortfall=True))
    await house.join(rolls_up_from=ALWAYS)
    bought = result_of(await house.stage.earn(100))
    result_of(await house.stage.redeem(40, member=house.parent))
    result_of(await house.stage.cancel(bought))
    child, parent = [await house.stage.balance(each) for each in (house.ada, house.parent)]
    assert ints(parent.available, parent.loan_outstanding, parent.lifetime_qualifying) == (0, 40, 0)
    assert ints(child.available, child.loan_outstanding, child.lifetime_qualifying) == (0, 0, 0)
    assert await violations(house.database) == []


async def test_what_repaid_a_loan_before_it_could_roll_up_is_the_childs(desk: Desk) -> None:
    lends = SettingsChange(lend_refund_shortfall=True, repay_automatically=True, repayment_percent=40)
    house = await a_house(desk, settings=lends)
    returned = result_of(await house.stage.earn(50))
    result_of(await house.stage.redeem(50))
    result_of(await house.stage.cancel(returned))
    await house.join(rolls_up_from=ALWAYS)
    bought = result_of(await house.stage.earn(100))
    await house.leave()
    result_of(await house.stage.earn(100))
    shown = []
    for amount in (60, 40):
        result_of(await house.stage.refund(bought, amount=amount))
        shown.append(ints((await house.has(house.ada))[0], (await house.has(house.parent))[0]))
    assert shown == [(90, 0), (50, 0)]
    assert await house.stage.status(bought) is Status.CANCELLED
    assert await violations(house.database) == []


async def test_what_lapsed_at_the_parent_counts_as_returned(desk: Desk) -> None:
    house = await a_house(desk, settings=OLD)
    await house.join(rolls_up_from=ALWAYS)
    then = on(house.stage, BOUGHT)
    bought = result_of(await then.earn(100))
    result_of(await then.redeem(30, member=house.parent))
    await then.database.close()
    late = on(house.stage, LAPSED)
    await night(late)
    result_of(await late.earn(50, member=house.parent))
    totals = [result_of(await late.refund(bought, amount=amount)).totals for amount in (60, 40)]
    assert [[ints(each.points) for each in one] for one in totals] == [[], [(30,)]]
    parent, child = await late.balance(house.parent), await late.balance(house.ada)
    assert ints(parent.available, parent.earned, parent.redeemed, parent.expired) == (20, 120, 30, 70)
    assert ints(child.available, child.earned, child.redeemed, child.expired) == (0, 70, 70, 0)
    assert ints(parent.lifetime_qualifying, child.lifetime_qualifying) == (50, 0)
    assert await violations(late.database) == []
    await late.database.close()


async def test_who_has_left_the_family_takes_back_from_where_the_points_are(house: House) -> None:
    await house.join(rolls_up_from=ALWAYS)
    before = await state(house)
    bought = result_of(await house.stage.earn(100))
    await house.leave()
    result_of(await house.stage.cancel(bought))
    assert await state(house) == before
    assert await violations(house.database) == []


async def test_the_accrual_of_an_account_goes_back_by_the_same_share(house: House) -> None:
    await house.join(family=house.company, twin_percent=Decimal("12.5"))
    before = await state(house)
    bought = result_of(await house.stage.earn(100))
    twin = await house.follower(bought)
    result_of(await house.stage.refund(bought, amount=50))
    assert (await house.has(house.ada), await house.has(house.company)) == (
        (Decimal(50), Decimal(50)), (Decimal(6), Decimal(6)),
    )  # fmt: skip
    result_of(await house.stage.cancel(bought))
    assert await state(house) == before
    assert await house.stage.status(twin) is Status.CANCELLED
    assert await violations(house.database) == []


async def test_without_what_an_account_has_spent_of_its_own_nothing_goes_back(house: House) -> None:
    await house.join(family=house.company, twin_percent=Decimal(10))
    bought = result_of(await house.stage.earn(100))
    result_of(await house.stage.redeem(1, member=house.company))
    before = await state(house)
    assert await codes(house.stage.cancel(bought)) == ["INSUFFICIENT_POINTS"]
    assert await state(house) == before
    assert await violations(house.database) == []


async def test_a_reward_that_rolled_up_goes_back_with_its_redemption(house: House) -> None:
    result_of(await house.stage.earn(50))
    await house.join(rolls_up_from=ALWAYS)
    await a_promotion(house.database, house.stage.program, gives(3), applies_to=REDEEMING)
    before = await state(house)
    spent = result_of(await house.stage.redeem(10))
    assert (await house.has(house.parent))[0] == 3
    result_of(await house.stage.cancel(spent))
    assert await state(house) == before
    assert await violations(house.database) == []


async def test_a_preview_and_a_simulation_move_nothing_and_a_recorded_refund_does_when_it_is_processed(
    house: House,
) -> None:
    await house.join(rolls_up_from=ALWAYS)
    bought = result_of(await house.stage.earn(100))
    waiting = result_of(await house.stage.refund(bought, amount=10, record=True))
    await house.stage.moved(Move.ACCEPT, waiting, house.stage.director)
    before = await state(house)
    cancel = TransactionCancel(idempotency_key=a_key(), original=bought.id)
    seen = await preview(house.stage.desk, house.stage.director, cancel)
    assert [int(each.points) for each in result_of(seen.receipt).totals] == [100]
    simulate = TransactionSimulate(program=house.stage.program.code, transaction_id=waiting.id)
    tried_out = await transaction_simulate(house.database, house.stage.desk.programs, house.stage.msr, simulate)
    assert [int(each.points) for each in result_of(tried_out.receipt).totals] == [10]
    assert await state(house) == before
    assert (await house.stage.moved(Move.PROCESS, waiting, house.stage.director)).status is Status.PROCESSED
    assert await house.has(house.parent) == (Decimal(90), Decimal(90))
    assert await violations(house.database) == []


@tried(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.integers(1, 40), min_size=1, max_size=4), percent=st.integers(1, 100), data=st.data())
async def test_parts_in_any_order_leave_everybody_as_before(
    house: House, parts: list[int], percent: int, data: st.DataObject
) -> None:
    child = await a_member(house.database, house.stage.program)
    here = replace(house, stage=replace(house.stage, member=child))
    await a_promotion(house.database, house.stage.program, gives(7, qualifying=False), always_apply=True)
    family = data.draw(st.sampled_from([house.parent, house.company]))
    twin: dict[str, Any] = {} if family is house.parent else {"twin_percent": Decimal(percent)}
    await here.join(family=family, rolls_up_from=ALWAYS, **twin)
    result_of(await here.stage.earn(data.draw(st.integers(1, 60))))
    before = await state(here)
    lines = tuple(LineItem(f"L{number}", Decimal(part), Decimal(part)) for number, part in enumerate(parts, 1))
    bought = result_of(await here.stage.earn(sum(parts), line_items=lines))
    for number in data.draw(st.permutations(range(len(parts)))):
        ways: dict[str, dict[str, Any]] = {"line": {"lines": (line(number + 1),)}, "amount": {"amount": parts[number]}}
        result_of(await here.stage.refund(bought, **ways[data.draw(st.sampled_from(["line", "amount"]))]))
    assert await here.stage.status(bought) is Status.CANCELLED
    assert await state(here) == before
    assert await violations(here.database) == []


async def test_several_parts_in_one_chunk_of_the_batch_engine(house: House) -> None:
    await house.join(rolls_up_from=ALWAYS)
    before = await state(house)
    bought = result_of(await house.stage.earn(100))
    await house.leave()
    waiting = [result_of(await house.stage.refund(bought, amount=each, record=True)) for each in (30, 80, 70)]
    for each in waiting:
        await house.stage.moved(Move.QUEUE, each, house.stage.director)
    await batched(house)
    stored = [await house.stage.stored(each) for each in waiting]
    assert [each.sub_status for each in stored if each] == [
        SubStatus.SUCCESS, SubStatus.LIMIT_EXCEEDED, SubStatus.SUCCESS,
    ]  # fmt: skip
    assert await state(house) == before
    assert await violations(house.database) == []


async def test_the_batch_engine_waits_for_a_parent_who_is_busy(house: House) -> None:
    await house.join(rolls_up_from=ALWAYS)
    bought = result_of(await house.stage.earn(100))
    await house.leave()
    waiting = result_of(await house.stage.cancel(bought, record=True))
    await house.stage.moved(Move.QUEUE, waiting, house.stage.director)
    async with holding(house.database, members=[house.parent.id]):
        await batched(house)
        assert await house.stage.status(waiting) is Status.QUEUED
    await batched(house)
    assert await house.stage.status(waiting) is Status.PROCESSED
    assert await house.has(house.parent) == (Decimal(0), Decimal(0))


async def in_order(house: House, *attempts: Awaitable[Any]) -> list[list[str]]:
    """The attempts arrive in this order while somebody else holds the parent."""
    tasks = []
    async with holding(house.database, members=[house.parent.id]):
        for place, attempt in enumerate(attempts, start=1):
            tasks.append(asyncio.ensure_future(codes(attempt)))
            await until_waiting(house.database, place)
    return list(await asyncio.gather(*tasks))


@pytest.mark.parametrize("parent_first", [True, False])
async def test_a_parent_who_spends_at_the_same_time(house: House, *, parent_first: bool) -> None:
    await house.join(rolls_up_from=ALWAYS)
    bought = result_of(await house.stage.earn(100))
    other = Desk(house.database, EnginePrograms())
    spend = replace(house.stage, desk=other).redeem(60, member=house.parent)
    attempts = (spend, house.stage.cancel(bought)) if parent_first else (house.stage.cancel(bought), spend)
    assert await in_order(house, *attempts) == [[], ["INSUFFICIENT_POINTS"]]
    assert (await house.has(house.parent))[0] == (40 if parent_first else 0)
    assert await violations(house.database) == []
    await other.close()


async def test_points_that_went_to_somebody_who_is_not_locked_are_looked_for_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.join(rolls_up_from=ALWAYS)
    bought = result_of(await house.stage.earn(100))
    await house.leave()
    looked, looks = touching.of_originals, list[object]()

    async def first_in_vain(*given: Any) -> Any:
        looks.append(given)
        return {} if len(looks) == 1 else await looked(*given)

    monkeypatch.setattr(touching, "of_originals", first_in_vain)
    result_of(await house.stage.cancel(bought))
    assert len(looks) == 2
    assert await house.has(house.parent) == (Decimal(0), Decimal(0))


async def test_points_of_a_parent_who_was_merged_are_not_taken_from_the_child(house: House) -> None:
    await house.join(rolls_up_from=ALWAYS)
    await a_promotion(house.database, house.stage.program, gives(5))
    bought = result_of(await house.stage.earn(100))
    other = await a_member(house.database, house.stage.program, kind=house.parent.kind)
    await Twins(house.stage, house.parent).merge(house.parent, other)
    before = await state(house)
    assert await codes(house.stage.cancel(bought)) == ["OF_MERGED_MEMBER"]
    assert await state(house) == before
    assert await violations(house.database) == []
