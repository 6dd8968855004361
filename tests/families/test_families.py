"""Individuals in households and accounts: what they earn flows there, in the commit in which they earn it."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from domain.commands.families import HouseholdJoin
from domain.commands.members import MemberReference, MemberStatusChange, MemberUpdate
from domain.families import AlreadyInFamily, MemberFinal, NotInFamily, WrongFamilyKind
from domain.lots import LotOrigin
from domain.members import MemberKind, MemberStatus
from domain.people import ENGINE, Scope
from domain.problems import Invalid, NotAllowed
from domain.promotions import AppliesToTransaction
from domain.services import batch, touching
from domain.services.batch import Progress
from domain.services.engine_programs import EnginePrograms
from domain.services.families import household_join
from domain.services.member_status import member_status_change
from domain.services.member_updates import member_update
from domain.store import members as store
from domain.transactions import Status, SubType, Type
from domain.transfers import AcrossPrograms
from tests.families.house import ALWAYS, House
from tests.support.factories import a_program, result_of
from tests.support.members import a_member, by_number, refusal
from tests.support.promotions import a_promotion, gives
from tests.support.transactions import holding, until_waiting
from tests.transfers.pair import broken


async def worked(house: House) -> Progress:
    progress = Progress()
    async for done in batch.work(house.database, EnginePrograms(), house.stage.program.id):
        progress = done
    return progress


async def test_golden_points_are_available_once_and_qualify_for_both(house: House) -> None:
    """A child with roll-up earns 100 Q + 100 N."""
    await house.join(rolls_up_from=ALWAYS)
    await a_promotion(house.database, house.stage.program, gives(100, qualifying=False))
    earned = result_of(await house.stage.earn(100))
    assert await house.has(house.ada) == (Decimal(0), Decimal(100))
    assert await house.has(house.parent) == (Decimal(200), Decimal(100))
    [out] = await house.following(earned.id)
    assert (out.type, out.sub_type, out.member_id) == (Type.REDEMPTION, SubType.ROLLUP_OUT, house.ada.id)
    came = await house.follower(out)
    assert (came.type, came.sub_type, came.member_id) == (Type.ACCRUAL, SubType.ROLLUP_IN, house.parent.id)
    assert (came.other_member_id, out.other_member_id) == (house.ada.id, house.parent.id)
    assert out.processed_at == came.processed_at == earned.processed_at
    left, arrived = await house.lots(earned), await house.lots(came)
    assert [(each.remaining, each.qualifying) for each in left] == [(Decimal(0), True), (Decimal(0), False)]
    assert [(each.points, each.qualifying, each.expires_on, each.transaction_date) for each in arrived] == [
        (each.points, each.qualifying, each.expires_on, each.transaction_date) for each in left
    ]
    assert {each.origin for each in arrived} == {LotOrigin.ROLLUP}


async def test_what_the_child_had_and_what_is_dated_before_stays(house: House) -> None:
    had = result_of(await house.stage.earn(40))
    await house.join(rolls_up_from=had.transaction_date)
    await house.stage.earn(5, transaction_date=had.transaction_date - timedelta(1))
    await house.stage.earn(7)
    assert await house.has(house.ada) == (Decimal(45), Decimal(52))
    assert await house.has(house.parent) == (Decimal(7), Decimal(7))


async def test_without_roll_up_nothing_flows_and_who_has_left_keeps_what_it_earns(house: House) -> None:
    joined = await house.join()
    await house.stage.earn(10)
    assert await house.has(house.parent) == (Decimal(0), Decimal(0))
    await house.leave()
    again = await house.join(rolls_up_from=ALWAYS)
    await house.stage.earn(20)
    left = await house.leave()
    await house.stage.earn(30)
    assert (joined.ends_on, left.id, left.ends_on) == (None, again.id, again.starts_on)
    assert await house.has(house.ada) == (Decimal(40), Decimal(60))
    assert await house.has(house.parent) == (Decimal(20), Decimal(20))


async def test_an_account_gets_an_accrual_of_its_own_beside_its_employees(house: House) -> None:
    await house.join(family=house.company, twin_percent=Decimal("12.5"))
    earned = result_of(await house.stage.earn(100))
    assert await house.has(house.ada) == (Decimal(100), Decimal(100))
    assert await house.has(house.company) == (Decimal(13), Decimal(13))
    twin = await house.follower(earned)
    assert (twin.sub_type, twin.member_id, twin.other_member_id) == (
        SubType.ACTION_BASED_BONUS,
        house.company.id,
        house.ada.id,
    )


async def test_an_account_may_get_both(house: House) -> None:
    await house.join(family=house.company, rolls_up_from=ALWAYS, twin_percent=Decimal(10))
    await house.stage.earn(100)
    assert await house.has(house.ada) == (Decimal(0), Decimal(100))
    assert await house.has(house.company) == (Decimal(110), Decimal(110))


async def test_a_reward_for_a_redemption_rolls_up_too(house: House) -> None:
    await house.stage.earn(50)
    await house.join(rolls_up_from=ALWAYS)
    scope = (AppliesToTransaction(Type.REDEMPTION, SubType.PRODUCT),)
    await a_promotion(house.database, house.stage.program, gives(3), applies_to=scope)
    await house.stage.redeem(10)
    assert (await house.has(house.ada))[0] == 40
    assert (await house.has(house.parent))[0] == 3


async def test_a_parent_who_may_not_earn_gets_nothing_and_the_points_stay(house: House) -> None:
    await house.join(rolls_up_from=ALWAYS)
    command = MemberStatusChange(
        member=by_number(house.parent), status=MemberStatus.INACTIVE, reason="x", program=house.stage.program.code
    )
    await member_status_change(house.database, ENGINE, command)
    await house.stage.earn(10)
    assert await house.has(house.ada) == (Decimal(10), Decimal(10))
    assert await house.has(house.parent) == (Decimal(0), Decimal(0))


async def test_who_may_join_what(house: House) -> None:
    stage = house.stage
    with refusal(
        WrongFamilyKind(kind=MemberKind.HOUSEHOLD, expected=(MemberKind.INDIVIDUAL,), path=("input", "member"))
    ):
        await house.join(house.parent, house.company)
    other = await a_member(stage.database, stage.program)
    families = (MemberKind.HOUSEHOLD, MemberKind.ACCOUNT)
    with refusal(WrongFamilyKind(kind=MemberKind.INDIVIDUAL, expected=families, path=("input", "family"))):
        await house.join(other, house.ada)
    with refusal(NotInFamily(path=("input", "member"))):
        await house.leave()
    joined = await house.join()
    with refusal(AlreadyInFamily(since=joined.starts_on, path=("input", "member"))):
        await house.join(family=house.company)
    where = ("input", "twinPercent")
    with refusal(Invalid(value="5", expected="nothing here: only an account gets an accrual of its own", path=where)):
        await house.join(other, twin_percent=Decimal(5))
    for percent in ("0", "-1", "100.01"):
        with refusal(Invalid(value=percent, expected="more than 0 and at most 100", path=where)):
            await house.join(other, house.company, twin_percent=Decimal(percent))
    gone = MemberStatusChange(
        member=by_number(house.company), status=MemberStatus.CANCELLED, reason="x", program=stage.program.code
    )
    await member_status_change(house.database, ENGINE, gone)
    with refusal(MemberFinal(status=MemberStatus.CANCELLED, path=("input", "family"))):
        await house.join(other, house.company)


async def test_a_family_of_another_program_is_refused(house: House) -> None:
    abroad = await a_member(house.database, await a_program(house.database), kind=MemberKind.HOUSEHOLD)
    with refusal(AcrossPrograms(path=("input", "family"))):
        command = HouseholdJoin(member=MemberReference(id=house.ada.id), family=MemberReference(id=abroad.id))
        await household_join(house.database, ENGINE, command)


async def test_who_belongs_to_a_family_or_is_one_keeps_its_kind(house: House) -> None:
    await house.join()
    why = "a member that belongs to a household or account, or to whom others belong, keeps its kind"
    for member in (house.ada, house.parent):
        async with house.database.read() as reader:
            [now] = await store.load_many(reader, Scope(), [member.id])
        assert now is not None
        command = MemberUpdate(
            member=by_number(member), program=house.stage.program.code, expected_version=now.version,
            kind=MemberKind.ACCOUNT,
        )  # fmt: skip
        with refusal(NotAllowed(why=why, path=("input", "kind"))):
            await member_update(house.database, ENGINE, command)


async def test_a_child_who_joins_while_its_purchase_waits_for_the_lock_rolls_up(house: House) -> None:
    """What was read before the lock is looked at again after it: there was no family then, and there is one now."""
    async with holding(house.database, members=[house.ada.id]):
        joining = asyncio.ensure_future(house.join(rolls_up_from=ALWAYS))
        await until_waiting(house.database)
        earning = asyncio.ensure_future(house.stage.earn(10))
        await until_waiting(house.database, 2)
    await joining
    assert (await earning).errors == ()
    assert await house.has(house.ada) == (Decimal(0), Decimal(10))
    assert await house.has(house.parent) == (Decimal(10), Decimal(10))


async def test_the_batch_engine_looks_again_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.stage.record(house.stage.entry(amount=Decimal(10)), queue=True)
    looked, joined = touching.of_queued, list[object]()

    async def then_join(*given: object) -> object:
        found = await looked(*given)  # type: ignore[arg-type]
        if not joined:
            joined.append(await house.join(rolls_up_from=ALWAYS))
        return found

    monkeypatch.setattr(touching, "of_queued", then_join)
    assert (await worked(house)).processed == 1
    assert await house.has(house.parent) == (Decimal(10), Decimal(10))


async def test_the_batch_engine_leaves_a_child_whose_parent_is_busy_and_works_it_later(house: House) -> None:
    await house.join(rolls_up_from=ALWAYS)
    sibling = await a_member(house.database, house.stage.program)
    await house.join(sibling, rolls_up_from=ALWAYS)
    first = await house.stage.record(house.stage.entry(amount=Decimal(10)), queue=True)
    await house.stage.record(house.stage.entry(amount=Decimal(5)), member=by_number(sibling), queue=True)
    async with holding(house.database, members=[house.parent.id]):
        assert (await worked(house)).total == 0
        assert await house.stage.status(first) is Status.QUEUED
    await asyncio.gather(worked(house), worked(house))
    await worked(house)
    assert await house.has(house.parent) == (Decimal(15), Decimal(15))
    assert await house.stage.queued() == 0


async def test_two_children_at_once_bring_everything_home(house: House) -> None:
    sibling = await a_member(house.database, house.stage.program)
    await house.join(rolls_up_from=ALWAYS)
    await house.join(sibling, rolls_up_from=ALWAYS)
    await asyncio.gather(*(house.stage.earn(1, member=each) for each in (house.ada, sibling) for _ in range(20)))
    assert (await house.has(house.parent))[0] == 40
    assert not {"arrivals", "families"} & set(await broken(house.database))


async def test_a_row_that_says_something_else_than_its_membership_is_found(house: House) -> None:
    await house.join(rolls_up_from=ALWAYS)
    statement = text("update member set family_id = :family where id = :id")
    async with house.database.write() as writer:
        await writer.execute(statement, {"family": house.company.id, "id": house.ada.id})
    try:
        assert "families" in await broken(house.database)
    finally:
        async with house.database.write() as writer:
            await writer.execute(statement, {"family": house.parent.id, "id": house.ada.id})
