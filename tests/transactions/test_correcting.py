"""Correcting and deleting what is in progress: by whom, under which version, and what becomes of external ids and keys."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.calendars import business_date
from domain.commands.programs import SettingsChange
from domain.entries import DateOutOfRange
from domain.moves import Move, NotEditable
from domain.people import Role
from domain.problems import AlreadyExists, NotAllowed, NotFound, Refused, VersionConflict
from domain.services import transactions as services
from domain.services.posting import Desk
from domain.services.posting.claims import ExternalIdReused, TransactionDeleted, content_of
from domain.transactions import LineItem, Status, SubType, Transaction
from tests.support.factories import a_partner, a_product, result_of
from tests.support.members import at, refusal
from tests.support.transactions import Stage, a_stage


async def corrected(stage: Stage, transaction: Transaction, **values: Any) -> Transaction:
    return result_of(await stage.update(transaction, **values))


async def test_what_is_named_changes_and_the_rest_stays(stage: Stage) -> None:
    before = await stage.record(stage.entry(amount=Decimal(10), source="TILL", attributes={"a": 1, "b": 2}))
    after = await corrected(stage, before, amount=Decimal(12), comment="typed wrong", attributes={"a": None, "c": 3})
    assert after == replace(
        before, amount=Decimal(12), comment="typed wrong", attributes={"b": 2, "c": 3}, version=before.version + 1
    )
    assert await stage.stored(before) == after
    assert await stage.trail(after) == [(Move.CREATE, None, Status.IN_PROGRESS)]


async def test_null_clears_what_may_be_empty(stage: Stage) -> None:
    product = await a_product(stage.database, stage.program)
    before = await stage.record(stage.entry(product=product.code, amount=Decimal(1), line_items=(LineItem("X"),)))
    after = await corrected(stage, before, product=None, amount=None, currency=None, line_items=())
    assert (after.product_id, after.amount, after.currency, after.line_items) == (None, None, None, ())


async def test_a_sub_type_may_be_corrected_and_brings_its_own_demands(stage: Stage) -> None:
    before = await stage.record()
    with pytest.raises(Refused) as caught:
        await stage.update(before, sub_type=SubType.GIFT)
    assert [problem.path for problem in caught.value.problems] == [("input", "points")]
    after = await corrected(stage, before, sub_type=SubType.GIFT, points=Decimal(7))
    assert (after.sub_type, after.points) == (SubType.GIFT, Decimal(7))


async def test_everything_wrong_with_a_correction_is_said_at_once_and_nothing_is_changed(stage: Stage) -> None:
    before = await stage.record()
    with pytest.raises(Refused) as caught:
        await stage.update(before, amount=Decimal("1.999"), product="NO", quantity=Decimal(-1))
    assert sorted(problem.path[-1] for problem in caught.value.problems) == ["amount", "product", "quantity"]
    assert await stage.stored(before) == before


async def test_who_has_not_seen_the_current_version_changes_nothing(stage: Stage) -> None:
    before = await stage.record()
    after = await corrected(stage, before, comment="first")
    with refusal(VersionConflict(expected=1, current=2, path=("input", "expectedVersion"))):
        await stage.update(before, comment="second")
    assert await stage.stored(before) == after


async def test_only_what_is_in_progress_is_edited_or_deleted(stage: Stage) -> None:
    transaction = await stage.moved(Move.ACCEPT, await stage.record())
    locked = NotEditable(status=Status.ACCEPTABLE, allowed=(Move.QUEUE, Move.PROCESS, Move.RECALL))
    with refusal(locked):
        await stage.update(transaction, comment="too late")
    with refusal(locked):
        await stage.delete(transaction)


async def test_after_submitting_the_requester_recalls_and_reopens_before_editing(stage: Stage) -> None:
    transaction = await stage.moved(Move.SUBMIT, await stage.record(stage.credit(100)))
    with pytest.raises(Refused):
        await stage.update(transaction, points=Decimal(90))
    await stage.moved(Move.RECALL, transaction)
    reopened = await stage.moved(Move.REOPEN, transaction)
    assert (await corrected(stage, reopened, points=Decimal(90))).points == Decimal(90)


async def test_others_than_the_requester_and_representatives_edit_nothing(stage: Stage) -> None:
    transaction = await stage.record()
    administrator = await stage.person(Role.PROGRAM_ADMINISTRATOR)
    for attempt in (stage.update(transaction, administrator, comment="x"), stage.delete(transaction, administrator)):
        with pytest.raises(Refused) as caught:
            await attempt
        assert [type(problem) for problem in caught.value.problems] == [NotAllowed]


async def test_a_foreign_transaction_does_not_exist(stage: Stage, desk: Desk) -> None:
    transaction, stranger = await stage.record(), (await a_stage(desk)).msr
    mine, other = [await a_partner(stage.database, stage.program) for _ in range(2)]
    clerk = await stage.person(Role.PARTNER_REPRESENTATIVE, partner=mine.code, program=None)
    theirs = await stage.record(stage.entry(partner=other.code))
    for one, actor in ((transaction, stranger), (transaction, clerk), (theirs, clerk)):
        with refusal(NotFound(what="transaction", path=("input", "id"))):
            await stage.update(one, actor, comment="x")


async def test_a_partners_user_cannot_give_its_transaction_away(stage: Stage) -> None:
    mine, other = [await a_partner(stage.database, stage.program) for _ in range(2)]
    clerk = await stage.person(Role.PARTNER_REPRESENTATIVE, partner=mine.code, program=None)
    transaction = await stage.record(actor=clerk)
    with refusal(NotFound(what="partner", key=other.code, path=("input", "partner"))):
        await stage.update(transaction, clerk, partner=other.code)
    assert result_of(await stage.update(transaction, clerk, partner=None)).partner_id == mine.id


async def test_a_date_that_stays_need_not_be_in_range_any_more(desk: Desk) -> None:
    stage = await a_stage(desk, settings=SettingsChange(earliest_days_back=10))
    today = business_date(datetime.now(UTC), "UTC")
    transaction = await stage.record(stage.entry(transaction_date=today - timedelta(days=9)))
    later = at(stage.database, datetime.now(UTC) + timedelta(days=30))
    try:
        late = replace(stage, desk=Desk(later, desk.programs))
        after = await corrected(late, transaction, comment="found in a drawer")
        with pytest.raises(Refused) as caught:
            await late.update(after, transaction_date=today - timedelta(days=8))
    finally:
        await later.close()
    [problem] = caught.value.problems
    assert isinstance(problem, DateOutOfRange)


async def test_whom_to_ask_is_corrected_like_everything_else(stage: Stage) -> None:
    before = await stage.record(stage.credit(5))
    named = await corrected(stage, before, submit_to=stage.director.subject)
    assert named.submit_to_id == stage.director.person_id
    assert (await corrected(stage, named, submit_to=None)).submit_to_id is None


# External ids


async def test_what_is_read_back_is_what_was_said(stage: Stage) -> None:
    product, partner = await a_product(stage.database, stage.program), await a_partner(stage.database, stage.program)
    entry = stage.entry(
        product=product.code, partner=partner.code, amount=Decimal("20.40"), quantity=Decimal("1.50"),
        line_items=(LineItem("A", Decimal("2.0"), Decimal("1.10"), {"on": date(2026, 1, 2)}),),
        attributes={"day": date(2026, 1, 1), "rate": Decimal("0.10"), "n": 3, "yes": True},
        base_points=Decimal("7.5"), source="TILL", external_id="R1", comment="two\nlines",
    )  # fmt: skip
    for said in (entry, stage.credit(5, external_id="R2", submit_to=stage.director.subject)):
        transaction = await stage.record(said)
        async with stage.database.read() as reader:
            program = await stage.desk.programs.current(reader, stage.program.id)
            [back] = await services.recorded(reader, program, [transaction])
        canonical = replace(
            said, member=stage.member.number, transaction_date=transaction.transaction_date,
            currency=transaction.currency, point_type="POINTS" if said.points else None,
        )  # fmt: skip
        assert content_of(back) == content_of(canonical)
        assert back.submit_to == said.submit_to


async def test_the_corrected_content_is_what_an_external_id_stands_for(stage: Stage) -> None:
    wrong = stage.entry(amount=Decimal(10), external_id="E1")
    right = stage.entry(amount=Decimal(12), external_id="E1")
    transaction = await stage.record(wrong)
    after = await corrected(stage, transaction, amount=Decimal(12))
    again = await stage.create(stage.command(right))
    assert (again.replayed, again.result) == (True, after)
    with refusal(ExternalIdReused(external_id="E1", status=Status.IN_PROGRESS, path=("input", "externalId"))):
        await stage.record(wrong)


async def test_another_external_id_frees_the_one_before(stage: Stage) -> None:
    transaction = await stage.record(stage.entry(external_id="E1"))
    await corrected(stage, transaction, external_id="E2")
    assert (await stage.record(stage.entry(external_id="E1"))).id != transaction.id
    again = await stage.create(stage.command(stage.entry(external_id="E2")))
    assert (again.replayed, result_of(again).id) == (True, transaction.id)


async def test_another_source_is_another_external_id(stage: Stage) -> None:
    transaction = await stage.record(stage.entry(external_id="E1"))
    await corrected(stage, transaction, source="TILL")
    assert (await stage.record(stage.entry(external_id="E1"))).id != transaction.id


async def test_an_external_id_that_is_taken_cannot_be_had(stage: Stage) -> None:
    await stage.record(stage.entry(external_id="E1"))
    transaction = await stage.record(stage.entry(external_id="E2"))
    taken = AlreadyExists(what="transaction with external id", key="E1", path=("input", "externalId"))
    with refusal(taken):
        await stage.update(transaction, external_id="E1")
    assert result_of(await stage.create(stage.command(stage.entry(external_id="E2")))).id == transaction.id


# Deleting


async def test_a_deleted_transaction_is_gone_and_its_approval_records_stay(stage: Stage) -> None:
    transaction = await stage.record()
    gone = await stage.delete(transaction)
    assert gone.result == transaction
    assert await stage.stored(transaction) is None
    assert await stage.trail(transaction) == [(Move.CREATE, None, Status.IN_PROGRESS)]
    with refusal(NotFound(what="transaction", path=("input", "id"))):
        await stage.delete(transaction)


async def test_a_deleted_transaction_does_not_come_back_by_the_same_request(stage: Stage) -> None:
    command = stage.command()
    await stage.delete(result_of(await stage.create(command)))
    again = await stage.create(command)
    assert again.errors == (TransactionDeleted(path=("input", "idempotencyKey")),)
    assert (again.result, again.replayed) == (None, True)
    assert await stage.recorded() == 0


async def test_the_external_id_of_a_deleted_transaction_is_free_again(stage: Stage) -> None:
    await stage.delete(await stage.record(stage.entry(external_id="E1", amount=Decimal(1))))
    assert (await stage.record(stage.entry(external_id="E1", amount=Decimal(2)))).amount == Decimal(2)


async def test_a_one_call_transaction_that_was_reopened_and_deleted_stays_deleted(stage: Stage) -> None:
    command = stage.redeeming(10)
    refused = (await services.points_redeem(stage.desk, stage.msr, command)).result
    assert refused is not None
    assert refused.status is Status.REJECTED_ENGINE
    await stage.delete(await stage.moved(Move.REOPEN, refused))
    again = await services.points_redeem(stage.desk, stage.msr, command)
    assert again.errors == (TransactionDeleted(path=("input", "idempotencyKey")),)
    assert await stage.recorded() == 0
