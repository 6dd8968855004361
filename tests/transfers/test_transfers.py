"""A transfer takes from one member and gives to another, in one commit or not at all."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from domain.commands.members import MemberReference, MemberStatusChange
from domain.commands.merges import MemberMerge
from domain.commands.programs import ProgramUpdate, SettingsChange
from domain.commands.transactions import PointsGift
from domain.engine.rejections import InsufficientPoints, LimitExceeded, MemberInactive
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.lots import LotOrigin
from domain.members import MemberStatus
from domain.moves import Move
from domain.people import ENGINE
from domain.problems import Invalid, Missing, NotAllowed, NotFound
from domain.services import programs as program_services
from domain.services import transactions as services
from domain.services.member_status import member_status_change
from domain.services.merges import member_merge
from domain.services.posting import Desk
from domain.transactions import Status, SubStatus, SubType, Type
from domain.transfers import AcrossPrograms, TransferLimits, TransferToSelf
from tests.support.factories import a_program, result_of
from tests.support.members import a_member, at, by_number, herself, refusal
from tests.support.transactions import a_key, a_stage, counts
from tests.transfers.pair import Pair, broken


async def changed(pair: Pair, **settings: Any) -> None:
    """The program under other settings."""
    async with pair.database.read() as reader:
        now = (await pair.stage.desk.programs.current(reader, pair.stage.program.id)).program
    command = ProgramUpdate(program=now.code, expected_version=now.version, settings=SettingsChange(**settings))
    await program_services.program_update(pair.database, ENGINE, command)


async def status(pair: Pair, *changes: MemberStatus) -> None:
    """Grace with another status."""
    for one in changes:
        command = MemberStatusChange(
            member=by_number(pair.grace), status=one, reason="x", program=pair.stage.program.code
        )
        await member_status_change(pair.database, ENGINE, command)


async def test_what_one_member_sends_the_other_has(pair: Pair) -> None:
    await pair.stage.earn(100)
    sent = result_of(await pair.send(pair.sending(30)))
    assert (sent.status, sent.sub_status, sent.other_member_id) == (Status.PROCESSED, SubStatus.SUCCESS, pair.grace.id)
    came = await pair.follower(sent)
    assert (came.member_id, came.type, came.sub_type) == (pair.grace.id, Type.ACCRUAL, SubType.TRANSFER_IN)
    assert (came.status, came.follows_id, came.other_member_id) == (Status.PROCESSED, sent.id, pair.ada.id)
    assert [each.points for each in came.totals] == [each.points for each in sent.totals] == [Decimal(30)]
    assert await pair.available() == (Decimal(70), Decimal(30))


async def test_the_points_keep_their_kind_and_expiry_and_count_for_no_tier_of_the_recipient(pair: Pair) -> None:
    await changed(pair, expiry=ExpiryPolicy(ExpiryKind.PERIOD, 30, PeriodUnit.DAY))
    second = result_of(await pair.stage.earn(50))
    first = result_of(await pair.stage.earn(20, transaction_date=second.transaction_date - timedelta(5)))
    [early], [late] = await pair.lots(first), await pair.lots(second)
    sent = result_of(await pair.send(pair.sending(30)))
    lots = await pair.lots(await pair.follower(sent))
    assert [(each.points, each.expires_on, each.point_type) for each in lots] == [
        (Decimal(20), early.expires_on, "POINTS"),
        (Decimal(10), late.expires_on, "POINTS"),
    ]
    assert {(each.qualifying, each.origin) for each in lots} == {(False, LotOrigin.TRANSFER)}
    ada, grace = await pair.balances()
    assert (ada.lifetime_qualifying, grace.lifetime_qualifying) == (Decimal(70), Decimal(0))
    assert (ada.redeemed, grace.earned) == (Decimal(30), Decimal(30))


async def test_only_what_is_available_can_be_sent_and_a_refused_transfer_leaves_nothing_on_either_side(
    pair: Pair,
) -> None:
    await pair.stage.earn(100)
    receipt = await pair.send(pair.sending(101))
    short = InsufficientPoints(point_type="POINTS", available=Decimal(100), required=Decimal(101), path=("input",))
    assert receipt.errors == (short,)
    assert await pair.following(result_of(replace(receipt, errors=())).id) == []
    assert await pair.available() == (Decimal(100), Decimal(0))


async def test_a_balance_of_other_lots_than_those_that_may_be_drawn_is_not_enough(pair: Pair) -> None:
    """The total would cover it; what may be spent does not."""
    await changed(pair, spend_qualifying=False)
    await pair.stage.earn(100)
    receipt = await pair.send(pair.sending(1))
    assert receipt.errors == (
        InsufficientPoints(point_type="POINTS", available=Decimal(0), required=Decimal(1), path=("input",)),
    )
    assert await pair.available() == (Decimal(100), Decimal(0))


async def test_who_may_not_burn_cannot_send_and_who_may_not_earn_cannot_get(pair: Pair) -> None:
    await pair.stage.earn(10)
    await status(pair, MemberStatus.SUSPENDED)
    assert (await pair.send(pair.sending(4))).errors == ()
    back = await pair.send(pair.sending(1, pair.grace, pair.ada))
    assert back.errors == (MemberInactive(status="SUSPENDED", allowed=("ACTIVE", "DORMANT"), path=("input",)),)
    await status(pair, MemberStatus.INACTIVE)
    gone = await pair.send(pair.sending(4))
    earns = ("ACTIVE", "DORMANT", "SUSPENDED")
    assert gone.errors == (MemberInactive(status="INACTIVE", allowed=earns, who="recipient", path=("input",)),)
    assert (
        gone.errors[0].message
        == "The recipient is INACTIVE; this needs a recipient who is ACTIVE or DORMANT or SUSPENDED."
    )
    assert await pair.available() == (Decimal(6), Decimal(4))


async def test_a_recipient_who_sleeps_wakes(pair: Pair) -> None:
    await pair.stage.earn(10)
    async with pair.database.write() as writer:
        await writer.execute(text("update member set status = 'DORMANT' where id = :id"), {"id": pair.grace.id})
    await pair.send(pair.sending(4))
    async with pair.database.read() as reader:
        query = text("select status from member where id = :id")
        assert (await reader.execute(query, {"id": pair.grace.id})).scalar_one() == "ACTIVE"


NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@asynccontextmanager
async def on(pair: Pair, moment: datetime) -> AsyncIterator[Pair]:
    """The pair at a moment."""
    there = at(pair.database, moment)
    desk = Desk(there, pair.stage.desk.programs)
    yield replace(pair, stage=replace(pair.stage, desk=desk))
    await desk.close()
    await there.close()


async def test_a_year_is_that_of_processing_and_that_of_all_who_were_merged(pair: Pair) -> None:
    """Whoever sends names the date, and may have been enrolled twice: neither makes the limit of a year any higher."""
    await changed(pair, transfer_limits=TransferLimits(per_year=Decimal(80)))
    other = await a_member(pair.database, pair.stage.program)
    async with on(pair, NOON) as now:
        for member in (pair.ada, other):
            result_of(await now.stage.earn(100, member=member))
            result_of(await now.send(now.sending(40, member)))
        merge = MemberMerge(
            idempotency_key=a_key(), program=pair.stage.program.code, member=by_number(other), into=by_number(pair.ada),
            reason="enrolled twice",
        )  # fmt: skip
        result_of(await member_merge(now.database, now.stage.desk.programs, ENGINE, merge))
        for day in (None, date(2020, 1, 1)):
            [problem] = (await now.send(now.sending(1, transaction_date=day))).errors
            assert problem.message == "At most 80 POINTS per year are allowed, of which 80 are used; 1 were asked for."
        assert await now.available() == (Decimal(120), Decimal(80))


async def test_the_limit_of_a_year_begins_anew_where_the_program_is(pair: Pair) -> None:
    await changed(pair, transfer_limits=TransferLimits(per_year=Decimal(80)))
    async with on(pair, NOON) as now:
        result_of(await now.stage.earn(100))
        result_of(await now.send(now.sending(80)))
    async with on(pair, datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) as eve:
        assert [each.code for each in (await eve.send(eve.sending(1))).errors] == ["LIMIT_EXCEEDED"]
    async with on(pair, datetime(2027, 1, 1, tzinfo=UTC)) as new_year:
        assert (await new_year.send(new_year.sending(20))).errors == ()


async def test_members_spend_and_send_as_of_today(pair: Pair) -> None:
    """A day before a price rose, or in another tier, is not theirs to choose."""
    ada, yesterday = herself(pair.ada), date(2026, 5, 3)
    why = "members spend and send points as of today, 2026-05-04, and not as of 2026-05-03"
    problem = NotAllowed(why=why, path=("input", "transactionDate"))
    async with on(pair, NOON) as now:
        result_of(await now.stage.earn(100))
        assert (await now.stage.redeem(10, ada, transaction_date=yesterday)).errors == (problem,)
        assert (await now.send(now.sending(10, transaction_date=yesterday), ada)).errors == (problem,)
        assert (await now.send(now.sending(10, transaction_date=NOON.date()), ada)).errors == ()
        assert (await now.send(now.sending(10, transaction_date=yesterday))).errors == ()
        assert await now.available() == (Decimal(80), Decimal(20))


async def test_limits_per_transfer_and_per_year(pair: Pair) -> None:
    await changed(pair, transfer_limits=TransferLimits(Decimal(50), Decimal(80)))
    today = result_of(await pair.stage.earn(1000)).transaction_date
    assert (await pair.send(pair.sending(51))).errors == (
        LimitExceeded(point_type="POINTS", asked=Decimal(51), limit=Decimal(50), per="transfer", path=("input",)),
    )
    last_year = date(today.year - 1, 12, 31)
    assert (await pair.send(pair.sending(50, transaction_date=last_year))).errors == ()
    beyond = await pair.send(pair.sending(31))
    assert beyond.errors == (
        LimitExceeded(
            point_type="POINTS", asked=Decimal(31), limit=Decimal(80), per="year", used=Decimal(50), path=("input",)
        ),
    )
    assert beyond.errors[0].message == (
        "At most 80 POINTS per year are allowed, of which 50 are used; 31 were asked for."
    )
    together = [pair.send(pair.sending(30)), pair.send(pair.sending(30))]
    assert Counter(len(each.errors) for each in await asyncio.gather(*together)) == {0: 1, 1: 1}
    assert await pair.available() == (Decimal(920), Decimal(80))


async def test_a_transfer_to_oneself_to_nobody_and_to_another_program_is_refused(pair: Pair) -> None:
    await pair.stage.earn(10)
    other = await a_member(pair.database, await a_program(pair.database))
    before = await counts(pair.database)
    where = ("input", "transferTo")
    assert (await pair.send(pair.sending(1, to=pair.ada))).errors == (
        TransferToSelf(member=pair.ada.number, path=where),
    )
    unknown = replace(pair.sending(1), recipient=MemberReference(number="none"))
    assert (await pair.send(unknown)).errors == (NotFound(what="member", key="none", path=where),)
    across = replace(pair.sending(1), recipient=MemberReference(id=other.id))
    bound = await pair.send(across)
    assert bound.errors == (NotFound(what="member", path=where),)
    assert (await pair.send(across, ENGINE)).errors == (AcrossPrograms(path=where),)
    assert await counts(pair.database) == before


async def test_a_transfer_says_whom_it_is_for_and_nothing_else_does(pair: Pair) -> None:
    stage, where = pair.stage, ("input", "transferTo")
    entry = stage.entry(type=Type.REDEMPTION, sub_type=SubType.TRANSFER, points=Decimal(5))
    with refusal(Missing(why="a transfer says whom the points are for", path=where)):
        await stage.record(entry)
    expected = "nothing here: only a transfer has a recipient"
    with refusal(Invalid(value=pair.grace.number, expected=expected, path=where)):
        await stage.record(stage.credit(5), recipient=by_number(pair.grace))


async def test_members_send_their_own_points_and_name_the_recipient_by_number_or_card(pair: Pair) -> None:
    await pair.stage.earn(100)
    ada = herself(pair.ada)
    assert (await pair.send(pair.sending(30), ada)).errors == ()
    theirs = await pair.send(pair.sending(1, pair.grace, pair.ada), ada)
    assert theirs.errors == (NotFound(what="member", key=pair.grace.number, path=("input", "member")),)
    by_email = replace(pair.sending(1), recipient=MemberReference(email="grace@example.org"))
    expected = "the number or a card of the recipient"
    assert (await pair.send(by_email, ada)).errors == (
        Invalid(value="grace@example.org", expected=expected, path=("input", "transferTo")),
    )
    assert await pair.available() == (Decimal(70), Decimal(30))


async def test_where_the_program_wants_approval_a_transfer_waits_for_it(desk: Desk) -> None:
    stage = await a_stage(desk)
    pair = Pair(stage, await a_member(desk.database, stage.program))
    await stage.earn(100)
    receipt = await pair.send(pair.sending(30), herself(pair.ada))
    assert [each.code for each in receipt.errors] == ["APPROVAL_NEEDED"]
    entry = pair.sending(30).entry
    recorded = await stage.record(entry, recipient=by_number(pair.grace))
    assert (recorded.status, recorded.other_member_id) == (Status.IN_PROGRESS, pair.grace.id)
    await stage.moved(Move.SUBMIT, recorded)
    assert await pair.available() == (Decimal(100), Decimal(0))
    done = await stage.moved(Move.APPROVE, recorded, stage.manager, and_process=True)
    assert done.status is Status.PROCESSED
    assert await pair.available() == (Decimal(70), Decimal(30))


async def test_the_same_transfer_sent_again_moves_nothing(pair: Pair) -> None:
    """An app that was offline sends what it has sent before."""
    await pair.stage.earn(100)
    command = pair.sending(30, external_id="T-1", source="APP")
    first = await pair.send(command)
    before = await counts(pair.database)
    again = [await pair.send(command), await pair.send(replace(command, idempotency_key=a_key()))]
    assert [(each.result, each.replayed) for each in again] == [(first.result, True)] * 2
    other = await a_member(pair.database, pair.stage.program)
    elsewhere = await pair.send(replace(command, recipient=by_number(other)))
    assert [each.code for each in elsewhere.errors] == ["IDEMPOTENCY_KEY_REUSED"]
    assert {**await counts(pair.database), "member": before["member"]} == before
    assert await pair.available() == (Decimal(70), Decimal(30))


async def test_of_20_transfers_of_the_whole_balance_at_once_exactly_one_passes(pair: Pair) -> None:
    await pair.stage.earn(100)
    receipts = await asyncio.gather(*(pair.send(pair.sending(100)) for _ in range(20)))
    assert Counter(tuple(each.code for each in receipt.errors) for receipt in receipts) == {
        (): 1,
        ("INSUFFICIENT_POINTS",): 19,
    }
    assert await pair.available() == (Decimal(0), Decimal(100))


async def test_a_correction_keeps_the_recipient_and_another_sub_type_drops_it(pair: Pair) -> None:
    stage = pair.stage
    recorded = await stage.record(pair.sending(30).entry, recipient=by_number(pair.grace))
    more = result_of(await stage.update(recorded, points=Decimal(40)))
    assert (more.points, more.other_member_id) == (Decimal(40), pair.grace.id)
    debit = result_of(await stage.update(more, sub_type=SubType.MANUAL_DEBIT))
    assert debit.other_member_id is None


async def test_every_invariant_holds_and_points_that_did_not_arrive_are_found(desk: Desk) -> None:
    stage = await a_stage(desk, settings=SettingsChange(approval_above={}))
    pair = Pair(stage, await a_member(desk.database, stage.program))
    await stage.earn(100)
    sent = result_of(await pair.send(pair.sending(30)))
    assert "arrivals" not in await broken(pair.database)
    came = await pair.follower(sent)
    async with pair.database.write() as writer:
        await writer.execute(text("update transaction set follows_id = null where id = :id"), {"id": came.id})
    try:
        assert "arrivals" in await broken(pair.database)
    finally:
        async with pair.database.write() as writer:
            await writer.execute(
                text("update transaction set follows_id = :sent where id = :id"), {"id": came.id, "sent": sent.id}
            )


async def test_a_gift_is_an_accrual_whose_points_are_given_and_bonus_unless_said(pair: Pair) -> None:
    entry = pair.stage.entry(points=Decimal(40))
    done = result_of(
        await services.points_gift(
            pair.stage.desk,
            pair.stage.msr,
            PointsGift(idempotency_key=a_key(), member=by_number(pair.ada), entry=entry),
        )
    )
    assert (done.sub_type, done.status) == (SubType.GIFT, Status.PROCESSED)
    [lot] = await pair.lots(done)
    assert (lot.points, lot.qualifying, lot.origin) == (Decimal(40), False, LotOrigin.ENTRY)
