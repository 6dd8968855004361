"""Vouchers by hand: issued, reserved, used, cancelled, reissued, and what lapses by itself."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain.commands.members import MemberStatusChange
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.members import MemberStatus
from domain.problems import IdempotencyKeyReused, Invalid, Missing, NotAllowed, NotFound, Refused
from domain.services import vouchers as services
from domain.services.engine_programs import EnginePrograms
from domain.services.member_status import member_status_change
from domain.services.posting import Desk
from domain.services.verify import verify
from domain.store import promise_invariants
from domain.store.database import Database
from domain.vouchers import TooFewVouchers, VoucherMove, VoucherSource, VoucherStatus, WrongVoucherStatus
from tests.support.factories import a_product, result_of
from tests.support.members import a_member, at, by_number
from tests.support.transactions import Stage, a_key, a_stage
from tests.vouchers.kit import a_type, held, history, issue, issuing, night, press, use

A_MONTH = ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.MONTH)


async def test_an_issued_voucher_is_available_through_its_last_day(stage: Stage) -> None:
    kind = await a_type(stage, expiry=A_MONTH)

    [voucher] = await issue(stage, kind, comment="for the delay")

    assert (voucher.status, voucher.source) == (VoucherStatus.AVAILABLE, VoucherSource.PERSON)
    assert voucher.issued_by_id == stage.msr.person_id
    assert voucher.expires_on is not None
    [issued] = await history(stage, voucher)
    assert (issued.move, issued.from_status, issued.comment) == (VoucherMove.ISSUE, None, "for the delay")


async def test_numbers_are_unique_and_found_however_they_are_typed(stage: Stage) -> None:
    several = await issue(stage, await a_type(stage), 100)

    assert len({each.number for each in several}) == 100
    typed = several[0].number.lower().replace("-", " ")
    used = result_of(await use(stage, number=typed))
    assert [each.id for each in used] == [several[0].id]


async def test_the_same_request_again_issues_nothing_more(stage: Stage) -> None:
    command = issuing(stage, await a_type(stage), 2)
    first, second = [
        await services.voucher_issue(stage.database, stage.desk.programs, stage.msr, command) for _ in range(2)
    ]

    assert (first.replayed, second.replayed) == (False, True)
    assert [each.id for each in result_of(second)] == [each.id for each in result_of(first)]
    assert len(await held(stage)) == 2


async def test_a_key_is_for_one_request(stage: Stage) -> None:
    key, kind = a_key(), await a_type(stage)
    await issue(stage, kind, idempotency_key=key)

    with pytest.raises(Refused) as refused:
        await issue(stage, kind, 2, idempotency_key=key)

    assert refused.value.problems == (IdempotencyKeyReused(path=("input", "idempotencyKey")),)
    assert len(await held(stage)) == 1


@pytest.mark.parametrize("quantity", [0, 101])
async def test_one_to_a_hundred_are_issued_at_once(stage: Stage, quantity: int) -> None:
    with pytest.raises(Refused) as refused:
        await issue(stage, await a_type(stage), quantity)

    expected = Invalid(value=str(quantity), expected="1 to 100 vouchers", path=("input", "quantity"))
    assert refused.value.problems == (expected,)


async def test_only_a_product_with_voucher_terms_is_a_voucher_type(stage: Stage) -> None:
    mug = await a_product(stage.database, stage.program)

    with pytest.raises(Refused) as refused:
        await issue(stage, mug)

    expected = NotFound(what="active voucher type", key=mug.code, path=("input", "voucherType"))
    assert refused.value.problems == (expected,)


async def test_who_may_not_earn_gets_no_vouchers(stage: Stage) -> None:
    kind = await a_type(stage)
    change = MemberStatusChange(
        member=by_number(stage.member), program=stage.program.code, status=MemberStatus.INACTIVE, reason="gone"
    )
    await member_status_change(stage.database, stage.manager, change)

    with pytest.raises(Refused) as refused:
        await issue(stage, kind)

    why = "a member that is INACTIVE gets no vouchers"
    assert refused.value.problems == (NotAllowed(why=why, path=("input", "member")),)


async def test_who_may_not_burn_uses_none(stage: Stage) -> None:
    kind = await a_type(stage)
    [voucher] = await issue(stage, kind)
    change = MemberStatusChange(
        member=by_number(stage.member), program=stage.program.code, status=MemberStatus.SUSPENDED, reason="odd"
    )
    await member_status_change(stage.database, stage.manager, change)

    for values, place in (
        ({"number": voucher.number}, "number"),
        ({"member": by_number(stage.member), "voucher_type": kind.code}, "member"),
    ):
        with pytest.raises(Refused) as refused:
            await use(stage, **values)
        assert [(each.code, each.path) for each in refused.value.problems] == [("MEMBER_INACTIVE", ("input", place))]

    assert [each.status for each in await held(stage)] == [VoucherStatus.AVAILABLE]


async def test_a_reserved_voucher_is_free_again_after_its_time(stage: Stage) -> None:
    [voucher] = await issue(stage, await a_type(stage))
    reserved = result_of(await press(stage, VoucherMove.RESERVE, voucher))
    assert reserved.status is VoucherStatus.RESERVED
    with pytest.raises(Refused) as refused:
        await press(stage, VoucherMove.RESERVE, voucher)
    [problem] = refused.value.problems
    assert isinstance(problem, WrongVoucherStatus)
    assert problem.allowed == (VoucherMove.RELEASE, VoucherMove.USE, VoucherMove.CANCEL, VoucherMove.REISSUE)

    assert reserved.reserved_until is not None
    later = at(stage.database, reserved.reserved_until)
    assert await night(stage, later) == 1

    [freed] = await held(stage)
    assert (freed.status, freed.reserved_until) == (VoucherStatus.AVAILABLE, None)
    assert [each.move for each in await history(stage, freed)][1:] == [VoucherMove.RESERVE, VoucherMove.RELEASE]
    await later.close()


async def test_a_reservation_that_ended_does_not_wait_for_the_job(stage: Stage) -> None:
    kind = await a_type(stage)
    [voucher] = await issue(stage, kind)
    reserved = result_of(await press(stage, VoucherMove.RESERVE, voucher))
    assert reserved.reserved_until is not None
    later = at(stage.database, reserved.reserved_until)

    used = result_of(await use(stage, at=later, member=by_number(stage.member), voucher_type=kind.code))

    assert [each.status for each in used] == [VoucherStatus.USED]
    await later.close()


async def test_of_a_type_the_nearest_expiry_is_used_first(stage: Stage) -> None:
    kind, today = await a_type(stage), (await _now(stage)).date()
    [never] = await issue(stage, kind)
    [late] = await issue(stage, kind, expires_on=today + timedelta(90))
    [soon] = await issue(stage, kind, expires_on=today + timedelta(30))

    used = result_of(await use(stage, member=by_number(stage.member), voucher_type=kind.code, quantity=2))

    assert [each.id for each in used] == [soon.id, late.id]
    assert [each.status for each in await held(stage)] == [
        VoucherStatus.AVAILABLE,
        VoucherStatus.USED,
        VoucherStatus.USED,
    ]
    assert never.expires_on is None


async def test_too_few_vouchers_of_a_type_are_not_used_at_all(stage: Stage) -> None:
    kind = await a_type(stage)
    await issue(stage, kind)

    with pytest.raises(Refused) as refused:
        await use(stage, member=by_number(stage.member), voucher_type=kind.code, quantity=2)

    few = TooFewVouchers(voucher_type=kind.code, available=1, required=2, path=("input", "quantity"))
    assert refused.value.problems == (few,)
    assert [each.status for each in await held(stage)] == [VoucherStatus.AVAILABLE]


async def test_a_use_names_a_number_or_a_type_and_not_both(stage: Stage) -> None:
    kind = await a_type(stage)
    wrong: list[dict[str, Any]] = [{}, {"number": "AAAA", "voucher_type": kind.code}, {"voucher_type": kind.code}]
    for values in wrong:
        with pytest.raises(Refused) as refused:
            await use(stage, **values)
        [problem] = refused.value.problems
        assert isinstance(problem, Missing)
        assert problem.path == ("input", "number")


async def test_after_its_last_day_a_voucher_is_expired_job_or_no_job(stage: Stage) -> None:
    past = at(stage.database, (await _now(stage)) - timedelta(40))
    kind = await a_type(stage, expiry=ExpiryPolicy(ExpiryKind.PERIOD, 30, PeriodUnit.DAY))
    command = issuing(stage, kind)
    [voucher] = result_of(await services.voucher_issue(past, stage.desk.programs, stage.msr, command))
    await past.close()

    assert [each.status for each in await held(stage)] == [VoucherStatus.EXPIRED]
    with pytest.raises(Refused) as refused:
        await use(stage, number=voucher.number)
    [problem] = refused.value.problems
    assert isinstance(problem, WrongVoucherStatus)
    assert (problem.status, problem.allowed) == (VoucherStatus.EXPIRED, ())

    assert await night(stage) == 1
    assert await night(stage) == 0
    assert [each.move for each in await history(stage, voucher)] == [VoucherMove.ISSUE, VoucherMove.EXPIRE]


async def test_a_cancelled_voucher_is_worth_nothing(stage: Stage) -> None:
    [voucher] = await issue(stage, await a_type(stage))

    cancelled = result_of(await press(stage, VoucherMove.CANCEL, voucher, comment="by mistake"))

    assert (cancelled.status, cancelled.moves) == (VoucherStatus.CANCELLED, ())
    with pytest.raises(Refused):
        await use(stage, number=voucher.number)


async def test_a_used_voucher_cannot_be_cancelled(stage: Stage) -> None:
    [voucher] = await issue(stage, await a_type(stage))
    await use(stage, number=voucher.number)

    with pytest.raises(Refused) as refused:
        await press(stage, VoucherMove.CANCEL, voucher)

    [problem] = refused.value.problems
    assert isinstance(problem, WrongVoucherStatus)
    assert problem.status is VoucherStatus.USED


async def test_a_reissued_voucher_lives_on_under_another_number(stage: Stage) -> None:
    [before] = await issue(stage, await a_type(stage, expiry=A_MONTH))

    after = result_of(await press(stage, VoucherMove.REISSUE, before))

    assert (after.replaces_id, after.expires_on, after.status) == (
        before.id,
        before.expires_on,
        VoucherStatus.AVAILABLE,
    )
    assert after.number != before.number
    old, _ = await held(stage)
    assert (old.status, old.replaced_by_id) == (VoucherStatus.REISSUED, after.id)


async def test_of_two_who_use_the_same_voucher_at_once_one_does(stage: Stage) -> None:
    [voucher] = await issue(stage, await a_type(stage))

    done = await asyncio.gather(*(use(stage, number=voucher.number) for _ in range(5)), return_exceptions=True)

    assert sum(not isinstance(each, BaseException) for each in done) == 1
    assert [each.move for each in await history(stage, voucher)] == [VoucherMove.ISSUE, VoucherMove.USE]


async def test_vouchers_of_others_do_not_exist(stage: Stage) -> None:
    kind = await a_type(stage)
    other = await a_member(stage.database, stage.program)
    [voucher] = await issue(stage, kind, member=by_number(other))
    assert await held(stage) == []

    with pytest.raises(Refused) as refused:
        await use(stage, member=by_number(stage.member), voucher_type=kind.code)

    assert refused.value.problems[0].code == "TOO_FEW_VOUCHERS"
    assert [each.id for each in await held(stage, other)] == [voucher.id]


async def test_what_the_database_never_lets_happen(stage: Stage) -> None:
    [voucher] = await issue(stage, await a_type(stage))
    for statement in (
        "update voucher set number = 'MINE' where id = :id",
        "update voucher set expires_on = '2099-01-01' where id = :id",
        "delete from voucher where id = :id",
        "update voucher_move set person_id = null where voucher_id = :id",
        "delete from voucher_move where voucher_id = :id",
    ):
        with pytest.raises(Exception, match=r"may change|append-only"):
            async with stage.database.write() as writer:
                await writer.execute(text(statement), {"id": voucher.id})


async def test_a_voucher_that_changed_without_a_move_is_found_by_verify(fresh_database: Database) -> None:
    desk = Desk(fresh_database, EnginePrograms())
    stage = await a_stage(desk)
    [voucher] = await issue(stage, await a_type(stage))

    async def found() -> list[tuple[str, str, str]]:
        return [
            (each.place, each.expected, each.found)
            async for one in verify(fresh_database)
            if one.invariant is promise_invariants.VOUCHERS
            for each in one.violations
        ]

    assert await found() == []
    async with fresh_database.write() as writer:
        await writer.execute(text("update voucher set status = 'USED' where id = :id"), {"id": voucher.id})
    assert await found() == [(f"voucher {voucher.number}", "AVAILABLE", "USED")]
    await desk.close()


async def _now(stage: Stage) -> datetime:
    async with stage.database.read() as reader:
        return await stage.database.now(reader)


async def test_the_vouchers_of_a_member_who_leaves_lapse_with_the_points(stage: Stage) -> None:
    kind = await a_type(stage)
    free, kept, gone = await issue(stage, kind, 3)
    await press(stage, VoucherMove.RESERVE, kept)
    await use(stage, number=gone.number)
    command = MemberStatusChange(
        member=by_number(stage.member), program=stage.program.code, status=MemberStatus.CANCELLED, reason="as asked"
    )
    result_of(await member_status_change(stage.database, stage.manager, command))
    found = {each.id: each.status for each in await held(stage)}
    expired = VoucherStatus.EXPIRED
    assert found == {free.id: expired, kept.id: expired, gone.id: VoucherStatus.USED}
    assert [each.move for each in await history(stage, free)] == [VoucherMove.ISSUE, VoucherMove.EXPIRE]
