"""Of two members who are one person one stays, with everything of both; nothing is counted twice, nothing is lost."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import text

import domain.commands.transactions as c
from domain.commands.members import MemberReference
from domain.families import MemberFinal
from domain.lots import LotOrigin
from domain.members import MemberKind, MemberStatus
from domain.merges import MergeAttributes, MergeHeld, MergeKinds, MergeWithSelf
from domain.moves import Move
from domain.people import ENGINE
from domain.problems import IdempotencyKeyReused
from domain.promotions import Limits
from domain.services import batch
from domain.services import transactions as services
from domain.services.batch import Progress
from domain.services.engine_programs import EnginePrograms
from domain.services.members import named
from domain.transactions import Status, SubType
from domain.transfers import AcrossPrograms
from tests.families.house import ALWAYS, House
from tests.merges.twins import Twins
from tests.support.factories import a_program, result_of
from tests.support.members import a_member, by_number, refusal
from tests.support.promotions import a_promotion, gives
from tests.support.transactions import a_key, counts, holding, until_waiting
from tests.transfers.pair import broken


async def worked(twins: Twins) -> Progress:
    progress = Progress()
    async for done in batch.work(twins.database, EnginePrograms(), twins.stage.program.id):
        progress = done
    return progress


async def test_points_move_with_their_kind_expiry_and_date_and_history_stays(twins: Twins) -> None:
    earned = result_of(await twins.stage.earn(100))
    await twins.stage.redeem(40)
    await twins.stage.earn(7, member=twins.grace)
    done = await twins.merge()
    assert (done.merged.status, done.merged.merged_into_id) == (MemberStatus.MERGED, twins.grace.id)
    assert [(each.point_type, each.points, each.qualifying) for each in done.moved] == [
        ("POINTS", Decimal(60), Decimal(60))
    ]
    assert await twins.available() == (Decimal(0), Decimal(67))
    [left] = await twins.lots(earned)
    assert left.remaining == 0
    async with twins.database.read() as reader:
        out = (
            await reader.execute(
                text("select id from transaction where member_id = :id and sub_type = 'MERGE_OUT'"),
                {"id": twins.ada.id},
            )
        ).scalar_one()
    [came] = await twins.following(out)
    assert (came.sub_type, came.member_id, came.other_member_id) == (SubType.MERGE_IN, twins.grace.id, twins.ada.id)
    [lot] = await twins.lots(came)
    assert (lot.points, lot.qualifying, lot.expires_on, lot.transaction_date, lot.origin) == (
        Decimal(60), True, left.expires_on, left.transaction_date, LotOrigin.MERGE,
    )  # fmt: skip
    assert await twins.stage.status(earned) is Status.PROCESSED
    assert "arrivals" not in await broken(twins.database)


async def test_what_a_merged_member_did_is_not_taken_back_from_lots_that_moved(twins: Twins) -> None:
    earned, spent = result_of(await twins.stage.earn(100)), result_of(await twins.stage.redeem(40))
    waiting = result_of(await twins.stage.cancel(spent, record=True))
    result_of(await twins.stage.move(Move.QUEUE, waiting, twins.stage.director))
    before = await broken(twins.database)
    await twins.merge()
    for original in (earned, spent):
        assert [each.code for each in (await twins.stage.cancel(original)).errors] == ["OF_MERGED_MEMBER"]
    await worked(twins)
    assert await twins.stage.status(waiting) is Status.REJECTED_ENGINE
    assert await twins.available() == (Decimal(0), Decimal(60))
    assert await twins.stage.status(spent) is Status.PROCESSED
    assert await broken(twins.database) == before


async def test_who_has_nothing_is_merged_without_a_transaction(twins: Twins) -> None:
    before = await twins.stage.recorded()
    assert (await twins.merge()).moved == ()
    assert await twins.stage.recorded() == before


async def test_the_old_number_card_and_email_lead_to_who_stays_and_the_id_to_who_was_merged(twins: Twins) -> None:
    card = MemberReference(card=twins.ada.identifiers[0].value)
    await twins.merge()
    found = [by_number(twins.ada), card, MemberReference(email="ada@example.org"), by_number(twins.grace)]
    async with twins.database.read() as reader:
        for reference in found:
            assert (await named(reader, ENGINE, reference, twins.stage.program.code)).id == twins.grace.id
        old = await named(reader, ENGINE, MemberReference(id=twins.ada.id), None)
        assert (old.id, old.merged_into_id) == (twins.ada.id, twins.grace.id)
    await twins.stage.earn(10, member=twins.ada)
    by_card = c.PointsEarn(idempotency_key=a_key(), member=card, entry=twins.stage.entry(amount=Decimal(5)))
    assert (await services.points_earn(twins.stage.desk, twins.stage.msr, by_card)).errors == ()
    assert await twins.available() == (Decimal(0), Decimal(15))
    by_id = replace(by_card, idempotency_key=a_key(), member=MemberReference(id=twins.ada.id))
    refused = await services.points_earn(twins.stage.desk, twins.stage.msr, by_id)
    assert [each.code for each in refused.errors] == ["MEMBER_INACTIVE"]


async def test_profile_and_attributes_fill_what_is_empty_or_stay_out(twins: Twins) -> None:
    done = await twins.merge()
    assert (done.member.email, done.member.phone, done.member.name) == ("ada@example.org", "+4930901820", "Ada King")
    assert done.member.identifiers == twins.ada.identifiers
    third = await a_member(twins.database, twins.stage.program)
    kept = await twins.merge(twins.grace, third, attributes=MergeAttributes.KEEP)
    assert (kept.member.email, kept.member.phone) == (None, None)
    assert kept.member.identifiers == twins.ada.identifiers


async def test_open_and_queued_transactions_follow_and_are_worked_for_who_stays(twins: Twins) -> None:
    stage = twins.stage
    queued = await stage.record(stage.entry(amount=Decimal(10)), queue=True)
    open_one = await stage.record(stage.entry(amount=Decimal(5)))
    recalled = await stage.moved(Move.RECALL, await stage.record(stage.entry(amount=Decimal(99))))
    await twins.merge()
    moved = [await stage.stored(each) for each in (queued, open_one, recalled)]
    assert [each.member_id for each in moved if each] == [twins.grace.id, twins.grace.id, twins.ada.id]
    assert (await worked(twins)).processed == 1
    await stage.moved(Move.ACCEPT, open_one)
    await stage.moved(Move.PROCESS, open_one)
    assert await twins.available() == (Decimal(0), Decimal(15))
    assert await stage.queued() == 0


async def test_transfers_on_their_way_to_who_is_merged_arrive_at_who_stays(twins: Twins) -> None:
    third = await a_member(twins.database, twins.stage.program)
    await twins.stage.earn(50, member=third)
    command = twins.sending(20, third, twins.ada)
    await twins.stage.create(
        twins.stage.command(command.entry, member=command.member, recipient=command.recipient, queue=True)
    )
    await twins.merge()
    assert (await worked(twins)).by_sub_status == {"SUCCESS": 1}
    assert await twins.available() == (Decimal(0), Decimal(20))


async def test_a_transfer_between_the_two_is_refused_after_the_merge(twins: Twins) -> None:
    await twins.stage.earn(50)
    for sender, to in ((twins.ada, twins.grace), (twins.grace, twins.ada)):
        command = twins.sending(20, sender, to)
        await twins.stage.create(
            twins.stage.command(command.entry, member=command.member, recipient=command.recipient, queue=True)
        )
    await twins.merge()
    assert (await worked(twins)).by_sub_status == {"MEMBER_INACTIVE": 2}
    assert await twins.available() == (Decimal(0), Decimal(50))


async def test_enrolments_limits_and_counters_add_up(twins: Twins) -> None:
    stage = twins.stage
    limited = await a_promotion(
        stage.database, stage.program, gives(10), always_apply=True, limits=Limits(per_member_ever=Decimal(25))
    )
    for member in (twins.ada, twins.grace):
        await stage.earn(1, member=member)
    await twins.merge()
    await stage.earn(1, member=twins.grace)
    assert limited is not None
    assert (await twins.available())[1] == 3 + 25


async def test_the_same_merge_sent_again_changes_nothing(twins: Twins) -> None:
    await twins.stage.earn(30)
    command = twins.merging()
    first = await twins.send_merge(command)
    before = await counts(twins.database)
    again = await twins.send_merge(command)
    assert (again.result, again.replayed) == (first.result, True)
    with refusal(IdempotencyKeyReused(path=("input", "idempotencyKey"))):
        await twins.send_merge(replace(command, reason="another"))
    assert await counts(twins.database) == before


async def test_a_preview_says_what_would_move_and_moves_nothing(twins: Twins) -> None:
    await twins.stage.earn(30)
    before = await counts(twins.database)
    seen = await twins.preview()
    assert (seen.preview, [each.points for each in seen.moved], seen.merged.status) == (
        True,
        [Decimal(30)],
        MemberStatus.MERGED,
    )
    assert await counts(twins.database) == before
    assert (await twins.now(twins.ada)).status is MemberStatus.ACTIVE


async def test_what_cannot_be_merged(twins: Twins) -> None:
    member, into = ("input", "member"), ("input", "into")
    with refusal(MergeWithSelf(member=twins.ada.number, path=member)):
        await twins.merge(twins.ada, twins.ada)
    abroad = await a_member(twins.database, await a_program(twins.database))
    with refusal(AcrossPrograms(path=into)):
        await twins.merge(twins.ada.id, abroad.id)
    household = await a_member(twins.database, twins.stage.program, kind=MemberKind.HOUSEHOLD)
    with refusal(MergeKinds(kind=MemberKind.INDIVIDUAL, expected=MemberKind.HOUSEHOLD, path=member)):
        await twins.merge(into=household)
    await twins.merge()
    with refusal(MergeWithSelf(member=twins.grace.number, path=member)):
        await twins.merge()
    with refusal(MemberFinal(status=MemberStatus.MERGED, path=member)):
        await twins.merge(twins.ada.id, twins.grace.id)
    third = await a_member(twins.database, twins.stage.program)
    with refusal(MemberFinal(status=MemberStatus.MERGED, path=into)):
        await twins.merge(third.id, twins.ada.id)


async def test_points_that_are_held_are_settled_first(twins: Twins) -> None:
    await twins.stage.earn(30)
    async with twins.database.write() as writer:
        await writer.execute(text("update balance set held = 5 where member_id = :id"), {"id": twins.ada.id})
    try:
        held = MergeHeld(point_type="POINTS", held=Decimal(5), lent=Decimal(0), path=("input", "member"))
        assert held.message == "5 POINTS are held: capture or release them first."
        with refusal(held):
            await twins.merge()
    finally:
        async with twins.database.write() as writer:
            await writer.execute(text("update balance set held = 0 where member_id = :id"), {"id": twins.ada.id})


async def test_who_was_merged_before_follows(twins: Twins) -> None:
    third = await a_member(twins.database, twins.stage.program)
    await twins.stage.earn(30)
    await twins.merge()
    await twins.merge(twins.grace, third)
    assert (await twins.now(twins.ada)).merged_into_id == third.id
    await twins.stage.earn(1, member=twins.ada)
    assert (await twins.stage.balance(third)).available == 31


async def test_a_purchase_that_waits_for_the_lock_during_a_merge_is_worked_for_who_stays(twins: Twins) -> None:
    """By number, and for a stored transaction: whoever comes second finds what the merge has left."""
    stored = await twins.stage.moved(Move.ACCEPT, await twins.stage.record(twins.stage.entry(amount=Decimal(5))))
    async with holding(twins.database, members=[twins.ada.id]):
        merging = asyncio.ensure_future(twins.merge())
        await until_waiting(twins.database)
        earning = asyncio.ensure_future(twins.stage.earn(10))
        await until_waiting(twins.database, 2)
        pressing = asyncio.ensure_future(twins.stage.move(Move.PROCESS, stored))
    await merging
    assert ((await earning).errors, (await pressing).errors) == ((), ())
    assert await twins.available() == (Decimal(0), Decimal(15))


async def test_a_merge_that_waits_for_a_purchase_takes_its_points_along(twins: Twins) -> None:
    async with holding(twins.database, members=[twins.ada.id]):
        earning = asyncio.ensure_future(twins.stage.earn(10))
        await until_waiting(twins.database)
        merging = asyncio.ensure_future(twins.merge())
        await until_waiting(twins.database, 2)
    assert (await earning).errors == ()
    assert [each.points for each in (await merging).moved] == [Decimal(10)]
    assert await twins.available() == (Decimal(0), Decimal(10))


async def test_the_family_of_who_is_merged_follows_and_its_own_membership_ends(twins: Twins) -> None:
    house = House(twins.stage, twins.grace, twins.grace)
    program = twins.stage.program
    old = await a_member(twins.database, program, kind=MemberKind.HOUSEHOLD)
    new = await a_member(twins.database, program, kind=MemberKind.HOUSEHOLD)
    await house.join(twins.ada, old, rolls_up_from=ALWAYS)
    await twins.merge(old, new)
    await twins.stage.earn(10)
    assert (await twins.stage.balance(new)).available == 10
    await twins.merge()
    await twins.stage.earn(5, member=twins.ada)
    assert (await twins.stage.balance(new)).available == 10
    assert (await twins.stage.balance(twins.grace)).available == 5
    assert not {"families", "arrivals"} & set(await broken(twins.database))


async def test_points_that_stayed_behind_are_found(twins: Twins) -> None:
    await twins.stage.earn(10)
    await twins.merge()
    assert "merges" not in await broken(twins.database)
    statement = text("update member set absorbed = :ids where id = :id")
    async with twins.database.write() as writer:
        await writer.execute(statement, {"id": twins.grace.id, "ids": []})
    try:
        assert "merges" in await broken(twins.database)
    finally:
        async with twins.database.write() as writer:
            await writer.execute(statement, {"id": twins.grace.id, "ids": [twins.ada.id]})


async def test_what_was_recorded_for_the_merged_member_at_that_very_moment_is_worked_for_who_stays(
    twins: Twins,
) -> None:
    """Recording takes no lock of the member: what it has resolved before the merge may be written after it."""
    await twins.merge()
    late = await twins.stage.record(twins.stage.entry(amount=Decimal(8)), queue=True)
    async with twins.database.write() as writer:
        for table, column in (("transaction", "id"), ("queued", "transaction_id")):
            statement = f"update {table} set member_id = :member where {column} = :id"
            await writer.execute(text(statement), {"member": twins.ada.id, "id": late.id})
    assert (await worked(twins)).processed == 1
    assert await twins.available() == (Decimal(0), Decimal(8))
    assert await twins.stage.queued() == 0


async def test_what_the_merged_member_did_before_is_not_taken_back_from_lots_that_have_moved(twins: Twins) -> None:
    before = set(await broken(twins.database))
    bought = result_of(await twins.stage.earn(100))
    spent = result_of(await twins.stage.redeem(30))
    late = result_of(await twins.stage.refund(spent, points=10, record=True))
    await twins.merge()
    for original in (bought, spent):
        refused = await twins.stage.cancel(original)
        assert [each.code for each in refused.errors] == ["OF_MERGED_MEMBER"]
    await twins.stage.moved(Move.ACCEPT, late, twins.stage.director)
    pressed = await twins.stage.move(Move.PROCESS, late, twins.stage.director)
    assert [each.code for each in pressed.errors] == ["OF_MERGED_MEMBER"]
    assert await twins.available() == (Decimal(0), Decimal(70))
    assert await twins.stage.status(bought) is await twins.stage.status(spent) is Status.PROCESSED
    assert set(await broken(twins.database)) == before
