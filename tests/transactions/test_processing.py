"""Pressing Process: of what is stored, and in the call that records it; the engine's refusal is an answer like any other."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.commands.members import MemberReference
from domain.commands.programs import SettingsChange
from domain.commands.transactions import PointsGift
from domain.engine.rejections import InsufficientPoints, MemberInactive
from domain.members import MemberStatus
from domain.moves import Move, WrongStatus
from domain.people import Role
from domain.postings import Posting
from domain.problems import IdempotencyKeyReused, NotAllowed, NotFound
from domain.programs import PriceKind
from domain.services import batch
from domain.services import transactions as services
from domain.services.posting import Desk
from domain.services.posting.claims import ExternalIdReused
from domain.transactions import Status, SubStatus, SubType, Type
from tests.support.factories import a_partner, a_price, a_product, result_of
from tests.support.members import a_member, by_number, herself, refusal
from tests.support.transactions import Stage, a_key, a_stage

SHORT = InsufficientPoints(point_type="POINTS", available=Decimal(0), required=Decimal(5), path=("input",))


async def test_earning_records_and_processes_in_one_call(stage: Stage) -> None:
    done = result_of(await stage.earn(12))
    assert (done.type, done.sub_type, done.status) == (Type.ACCRUAL, SubType.PRODUCT, Status.PROCESSED)
    assert (done.base_points, done.attempts, done.created_by_id) == (Decimal(12), 1, stage.msr.person_id)
    assert [(total.point_type, total.points) for total in done.totals] == [("POINTS", Decimal(12))]
    assert await stage.trail(done) == [
        (Move.CREATE_ACCEPTABLE, None, Status.ACCEPTABLE),
        (Move.PROCESS, Status.ACCEPTABLE, Status.PROCESSED),
    ]
    assert (await stage.balance()).available == 12


async def test_redeeming_takes_points_and_a_gift_gives_bonus_points(stage: Stage) -> None:
    await stage.earn(12)
    taken = result_of(await stage.redeem(5))
    assert (taken.type, taken.sub_type, taken.status) == (Type.REDEMPTION, SubType.PRODUCT, Status.PROCESSED)
    assert (await stage.balance()).available == 7
    gift = PointsGift(idempotency_key=a_key(), member=by_number(stage.member), entry=stage.entry(points=Decimal(3)))
    given = result_of(await services.points_gift(stage.desk, stage.msr, gift))
    assert (given.type, given.sub_type) == (Type.ACCRUAL, SubType.GIFT)
    balance = await stage.balance()
    assert (balance.available, balance.lifetime_qualifying) == (Decimal(10), Decimal(12))


async def test_what_the_engine_refuses_is_recorded_with_its_reason(stage: Stage) -> None:
    receipt = await stage.redeem(5)
    assert receipt.errors == (SHORT,)
    assert receipt.result is not None
    assert (receipt.result.status, receipt.result.sub_status) == (
        Status.REJECTED_ENGINE,
        SubStatus.INSUFFICIENT_POINTS,
    )
    assert (await stage.trail(receipt.result))[-1] == (Move.PROCESS, Status.ACCEPTABLE, Status.REJECTED_ENGINE)


async def test_the_same_call_again_gives_the_first_answer_even_if_it_was_a_refusal(stage: Stage) -> None:
    command = stage.redeeming(5)
    refused = await services.points_redeem(stage.desk, stage.msr, command)
    await stage.earn(10)
    again = await services.points_redeem(stage.desk, stage.msr, command)
    assert (again.result, again.errors, again.replayed) == (refused.result, refused.errors, True)
    assert (await stage.balance()).available == 10
    reused = await services.points_redeem(stage.desk, stage.msr, replace(command, entry=stage.entry(points=Decimal(6))))
    assert reused.errors == (IdempotencyKeyReused(path=("input", "idempotencyKey")),)


async def test_a_key_is_used_once_per_mutation(stage: Stage) -> None:
    earning = stage.earning(10)
    await services.points_earn(stage.desk, stage.msr, earning)
    redeeming = replace(stage.redeeming(10), idempotency_key=earning.idempotency_key)
    assert result_of(await services.points_redeem(stage.desk, stage.msr, redeeming)).status is Status.PROCESSED


async def test_an_external_id_earns_once(stage: Stage) -> None:
    first = await stage.earn(10, external_id="E1")
    again = await stage.earn(10, external_id="E1")
    assert (again.replayed, again.result) == (True, first.result)
    reused = ExternalIdReused(external_id="E1", status=Status.PROCESSED, path=("input", "externalId"))
    assert (await stage.earn(11, external_id="E1")).errors == (reused,)
    assert (await stage.balance()).available == 10


async def test_a_product_costs_its_price(stage: Stage) -> None:
    product = await a_product(stage.database, stage.program)
    await a_price(stage.database, stage.program, product, 40, kind=PriceKind.REDEMPTION)
    await stage.earn(100)
    entry = stage.entry(product=product.code)
    command = replace(stage.redeeming(1), entry=entry)
    assert result_of(await services.points_redeem(stage.desk, stage.msr, command)).base_points == Decimal(40)
    assert (await stage.balance()).available == 60


async def test_members_redeem_their_own_points_and_earn_nothing_by_themselves(stage: Stage) -> None:
    await stage.earn(10)
    assert result_of(await stage.redeem(4, herself(stage.member))).status is Status.PROCESSED
    [problem] = (await stage.earn(10, herself(stage.member))).errors
    assert isinstance(problem, NotAllowed)
    assert (await stage.balance()).available == 6


async def test_another_member_does_not_exist_for_a_member(stage: Stage) -> None:
    other = await a_member(stage.database, stage.program)
    receipt = await stage.redeem(1, herself(other))
    number = stage.member.number
    assert receipt.errors == (NotFound(what="member", key=number, path=("input", "member")),)
    assert await stage.recorded() == 0


async def test_the_desk_itself_shows_nobody_a_transaction_outside_their_scope(stage: Stage) -> None:
    transaction = await stage.moved(Move.ACCEPT, await stage.record())
    stranger = herself(await a_member(stage.database, stage.program))
    press = Posting(
        actor=stranger, mutation="transactionProcess", key=a_key(), program_id=stage.program.id, transaction_id=transaction.id
    )  # fmt: skip
    receipt = await stage.desk.submit(press)
    assert receipt.errors == (NotFound(what="transaction", path=("input", "id")),)
    assert await stage.status(transaction) is Status.ACCEPTABLE


async def test_a_partners_user_earns_for_its_own_partner(stage: Stage) -> None:
    mine, other = [await a_partner(stage.database, stage.program) for _ in range(2)]
    clerk = await stage.person(Role.PARTNER_REPRESENTATIVE, partner=mine.code, program=None)
    assert result_of(await stage.earn(10, clerk)).partner_id == mine.id
    with refusal(NotFound(what="partner", key=other.code, path=("input", "partner"))):
        await stage.earn(10, clerk, partner=other.code)


async def test_a_phone_number_is_found_however_it_is_written(stage: Stage) -> None:
    member = await a_member(stage.database, stage.program, phone="+49 30 901820")
    command = replace(stage.earning(3), member=MemberReference(phone="+49 (30) 901820"))
    await services.points_earn(stage.desk, stage.msr, command)
    assert (await stage.balance(member)).available == 3


# What is stored


async def test_process_gives_the_points_of_what_is_acceptable_once(stage: Stage) -> None:
    transaction = await stage.moved(Move.ACCEPT, await stage.record())
    key = a_key()
    first = await stage.move(Move.PROCESS, transaction, idempotency_key=key)
    again = await stage.move(Move.PROCESS, transaction, idempotency_key=key)
    assert (again.result, again.replayed) == (first.result, True)
    twice = await stage.move(Move.PROCESS, transaction)
    assert twice.errors == (WrongStatus(status=Status.PROCESSED, move=Move.PROCESS, allowed=()),)
    assert (await stage.balance()).available == 10


async def test_what_is_in_progress_is_not_processed(stage: Stage) -> None:
    transaction = await stage.record()
    allowed = (Move.SUBMIT, Move.ACCEPT, Move.QUEUE, Move.SEND_TO_PARTNER, Move.RECALL)
    receipt = await stage.move(Move.PROCESS, transaction)
    assert receipt.errors == (WrongStatus(status=Status.IN_PROGRESS, move=Move.PROCESS, allowed=allowed),)
    assert await stage.stored(transaction) == transaction


async def test_what_is_queued_is_for_the_batch_engine(stage: Stage) -> None:
    transaction = await stage.record(queue=True)
    receipt = await stage.move(Move.PROCESS, transaction)
    assert receipt.errors == (WrongStatus(status=Status.QUEUED, move=Move.PROCESS, allowed=(Move.RECALL,)),)
    progress = [done.total async for done in batch.work(stage.database, stage.desk.programs, stage.program.id)]
    assert progress == [1]
    assert await stage.status(transaction) is Status.PROCESSED
    assert await stage.trail(transaction) == [(Move.CREATE_QUEUED, None, Status.QUEUED)]


async def test_a_program_may_let_people_process_what_is_queued(desk: Desk) -> None:
    stage = await a_stage(desk, settings=SettingsChange(process_queued_by_hand=True))
    transaction = await stage.record(queue=True)
    assert (await stage.moved(Move.PROCESS, transaction)).status is Status.PROCESSED
    assert await stage.queued() == 0
    assert [done async for done in batch.work(stage.database, stage.desk.programs, stage.program.id)] == []
    assert (await stage.balance()).available == 10


async def test_a_foreign_transaction_does_not_exist(stage: Stage, desk: Desk) -> None:
    transaction = await stage.moved(Move.ACCEPT, await stage.record())
    with refusal(NotFound(what="transaction", path=("input", "id"))):
        await stage.move(Move.PROCESS, transaction, (await a_stage(desk)).msr)
    with refusal(NotFound(what="transaction", path=("input", "id"))):
        await stage.move(Move.PROCESS, 10**15)


async def test_a_refused_transaction_keeps_what_was_said_and_can_be_sent_again(stage: Stage) -> None:
    sleeper = await a_member(stage.database, stage.program, status=MemberStatus.PENDING)
    entry = stage.entry(base_points=Decimal("7.5"))
    entered = await stage.record(entry, member=MemberReference(number=sleeper.number))
    transaction = await stage.moved(Move.ACCEPT, entered)
    refused = await stage.move(Move.PROCESS, transaction)
    [problem] = refused.errors
    assert isinstance(problem, MemberInactive)
    assert refused.result is not None
    assert (refused.result.base_points, refused.result.attempts) == (Decimal("7.5"), 1)
    reopened = await stage.moved(Move.REOPEN, refused.result)
    assert reopened.base_points == Decimal("7.5")
    await stage.moved(Move.ACCEPT, reopened)
    again = (await stage.move(Move.PROCESS, reopened)).result
    assert again is not None
    assert (again.status, again.attempts) == (Status.REJECTED_ENGINE, 2)


@pytest.mark.parametrize("roles", [(Role.PROGRAM_ADMINISTRATOR,), (Role.PARTNER_MANAGER,)])
async def test_process_is_pressed_by_the_requester_or_at_the_desk(stage: Stage, roles: tuple[Role, ...]) -> None:
    transaction = await stage.moved(Move.ACCEPT, await stage.record())
    [problem] = (await stage.move(Move.PROCESS, transaction, await stage.person(*roles))).errors
    assert isinstance(problem, NotAllowed)
    assert await stage.status(transaction) is Status.ACCEPTABLE
