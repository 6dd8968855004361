"""What waits for the lock of a member who is being merged is done for the one who stays, under the lock of that one."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from domain.commands.holds import PointsHold
from domain.commands.tiers import MemberTierRequestApprove
from domain.people import Role
from domain.services.holds import points_hold
from domain.services.tier_requests import member_tier_request_approve
from domain.services.vouchers import voucher_issue
from domain.store import locks
from domain.store import vouchers as store
from domain.tier_requests import TierRequestStatus
from domain.vouchers import VoucherMove, VoucherStatus
from tests.inbox.test_inbox import a_tier_request
from tests.merges.twins import Twins
from tests.support.factories import result_of
from tests.support.members import by_number
from tests.support.transactions import a_key, holding, until_waiting
from tests.vouchers.kit import a_type, held, issue, issuing, press, use

Locked = list[bool]


@pytest.fixture
def locked(twins: Twins, monkeypatch: pytest.MonkeyPatch) -> Locked:
    """Whether nobody else could work on the member who stays, whenever vouchers were changed."""
    seen = Locked()
    write = store.change

    async def watched(*given: Any) -> None:
        async with twins.database.rehearse() as other:
            seen.append(not await locks.free_members(other, [twins.grace.id]))
        await write(*given)

    monkeypatch.setattr(store, "change", watched)
    return seen


async def during_a_merge(twins: Twins, work: Any) -> Any:
    """The answer to what comes while a merge is about to begin, and waits until it is done."""
    async with holding(twins.database, members=[twins.ada.id]):
        merging = asyncio.ensure_future(twins.merge())
        await until_waiting(twins.database)
        waiting = asyncio.ensure_future(work)
        await until_waiting(twins.database, 2)
    await merging
    return result_of(await waiting)


async def test_a_voucher_that_is_used_during_a_merge_is_used_under_the_lock_of_who_stays(
    twins: Twins, locked: Locked
) -> None:
    [voucher] = await issue(twins.stage, await a_type(twins.stage))
    [used] = await during_a_merge(twins, use(twins.stage, number=voucher.number))
    assert (used.id, used.member_id, used.status) == (voucher.id, twins.grace.id, VoucherStatus.USED)
    assert locked == [True]


async def test_a_voucher_that_is_kept_during_a_merge_is_kept_under_the_lock_of_who_stays(
    twins: Twins, locked: Locked
) -> None:
    [voucher] = await issue(twins.stage, await a_type(twins.stage))
    kept = await during_a_merge(twins, press(twins.stage, VoucherMove.RESERVE, voucher))
    assert (kept.member_id, kept.status) == (twins.grace.id, VoucherStatus.RESERVED)
    assert locked == [True]


async def test_vouchers_of_a_type_are_those_of_who_stays(twins: Twins, locked: Locked) -> None:
    kind = await a_type(twins.stage)
    [voucher] = await issue(twins.stage, kind)
    work = use(twins.stage, member=twins.merging().member, voucher_type=kind.code, quantity=1)
    [used] = await during_a_merge(twins, work)
    assert (used.id, used.member_id) == (voucher.id, twins.grace.id)
    assert locked == [True]


async def test_vouchers_that_are_given_during_a_merge_are_given_to_who_stays(twins: Twins) -> None:
    stage, command = twins.stage, issuing(twins.stage, await a_type(twins.stage))
    work = voucher_issue(stage.database, stage.desk.programs, stage.msr, command)
    [given] = await during_a_merge(twins, work)
    assert given.member_id == twins.grace.id
    assert await held(stage, twins.ada) == []


async def test_points_that_are_held_during_a_merge_are_those_of_who_stays(twins: Twins) -> None:
    stage = twins.stage
    await stage.earn(50)
    command = PointsHold(
        idempotency_key=a_key(), program=stage.program.code, member=by_number(twins.ada), points=Decimal(30)
    )
    hold = await during_a_merge(twins, points_hold(stage.database, stage.desk.programs, stage.msr, command))
    assert hold.member_id == twins.grace.id
    balance = await stage.balance(twins.grace)
    assert (balance.available, balance.held) == (Decimal(20), Decimal(30))


async def test_a_tier_that_is_approved_during_a_merge_is_that_of_who_stays(twins: Twins) -> None:
    stage, request = twins.stage, await a_tier_request(twins.stage)
    approver = await stage.person(Role.MANAGER, tier_approver=True)
    approve = MemberTierRequestApprove(id=request.id)
    work = member_tier_request_approve(stage.database, stage.desk.programs, approver, approve)
    done = await during_a_merge(twins, work)
    assert (done.member_id, done.status) == (twins.grace.id, TierRequestStatus.APPROVED)
