"""Recording transactions: what may be recorded by whom, once per key and external id, and nothing left behind by bad input."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.approvals import ApprovalNeeded
from domain.commands.members import MemberReference
from domain.entries import DateOutOfRange
from domain.moves import Move
from domain.people import Role, Scope
from domain.problems import IdempotencyKeyReused, Invalid, Missing, NotAllowed, NotFound, Refused
from domain.services.posting import Desk, claims
from domain.services.posting.claims import ExternalIdReused
from domain.store import external_ids
from domain.store.bulk import BulkInsert
from domain.store.database import Writer
from domain.transactions import LineItem, Status, SubType, Transaction, Type
from tests.support.factories import a_draft, a_partner, a_product, result_of, terms
from tests.support.members import a_member, by_number, herself, refusal
from tests.support.transactions import Stage, a_stage


async def test_what_an_msr_records_is_in_progress_and_says_who_recorded_it(stage: Stage) -> None:
    transaction = await stage.record(stage.entry(amount=Decimal("12.50"), comment="at the desk"))
    assert transaction.status is Status.IN_PROGRESS
    assert transaction.member_id == stage.member.id
    assert transaction.created_by_id == stage.msr.person_id
    assert (transaction.amount, transaction.currency, transaction.comment) == (Decimal("12.5"), "USD", "at the desk")
    assert (transaction.processed_at, transaction.totals, transaction.attempts) == (None, (), 0)
    assert await stage.trail(transaction) == [(Move.CREATE, None, Status.IN_PROGRESS)]
    assert await stage.queued() == 0


async def test_everything_that_is_said_is_kept(stage: Stage) -> None:
    product = await a_product(stage.database, stage.program)
    partner = await a_partner(stage.database, stage.program)
    lines = (LineItem(product.code, Decimal(2), Decimal("1.25"), {"department": "DAIRY"}), LineItem("LOOSE"))
    transaction = await stage.record(
        stage.entry(
            product=product.code, partner=partner.code, amount=Decimal("20.40"), currency="EUR", quantity=Decimal("1.5"),
            line_items=lines, attributes={"channel": "app", "items": 3}, base_points=Decimal("7.25"),
            point_type="POINTS", qualifying=False, source="TILL", external_id="R1", transaction_date=date(2026, 1, 31),
        )
    )  # fmt: skip
    assert (transaction.product_id, transaction.partner_id) == (product.id, partner.id)
    assert (transaction.quantity, transaction.base_points) == (Decimal("1.5"), Decimal("7.25"))
    assert transaction.line_items == lines
    assert transaction.attributes == {"channel": "app", "items": 3}
    assert (transaction.source, transaction.external_id, transaction.qualifying) == ("TILL", "R1", False)
    assert transaction.transaction_date == date(2026, 1, 31)


async def test_what_is_queued_waits_for_the_batch_engine(stage: Stage) -> None:
    transaction = await stage.record(queue=True)
    assert transaction.status is Status.QUEUED
    assert await stage.queued() == 1
    assert await stage.trail(transaction) == [(Move.CREATE_QUEUED, None, Status.QUEUED)]


async def test_what_goes_to_the_partner_waits_for_it(stage: Stage) -> None:
    partner = await a_partner(stage.database, stage.program)
    transaction = await stage.record(stage.entry(partner=partner.code), send_to_partner=True)
    assert transaction.status is Status.PARTNER_PENDING
    with refusal(NotAllowed(why="this transaction has no partner to send it to")):
        await stage.record(send_to_partner=True)


async def test_it_is_handed_to_one_of_them_only(stage: Stage) -> None:
    problem = Invalid(
        value="true",
        expected="false where sendToPartner is true: it is handed to one of them",
        path=("input", "queue"),
    )
    with refusal(problem):
        await stage.record(queue=True, send_to_partner=True)


async def test_the_same_request_again_gives_the_first_answer_and_records_nothing(stage: Stage) -> None:
    command = stage.command()
    first = await stage.create(command)
    again = await stage.create(command)
    assert (first.replayed, again.replayed) == (False, True)
    assert again.result == first.result
    assert await stage.recorded() == 1
    assert len(await stage.approvals(result_of(first))) == 1


async def test_the_first_answer_again_shows_the_transaction_as_it_is_now(stage: Stage) -> None:
    command = stage.command()
    transaction = result_of(await stage.create(command))
    await stage.moved(Move.RECALL, transaction)
    again = await stage.create(command)
    assert result_of(again).status is Status.CANCELLED


async def test_a_key_belongs_to_one_input(stage: Stage) -> None:
    command = stage.command()
    await stage.create(command)
    for other in (replace(command, queue=True), replace(command, entry=stage.entry(amount=Decimal(11)))):
        receipt = await stage.create(other)
        assert receipt.errors == (IdempotencyKeyReused(path=("input", "idempotencyKey")),)
        assert receipt.result is None
    assert await stage.recorded() == 1


async def test_a_key_belongs_to_one_person(stage: Stage) -> None:
    command = stage.command()
    await stage.create(command)
    other = await stage.create(command, stage.manager)
    assert not other.replayed
    assert await stage.recorded() == 2


async def test_two_of_the_same_request_at_once_record_one_transaction(stage: Stage) -> None:
    command = stage.command()
    receipts = await asyncio.gather(*[stage.create(command) for _ in range(4)])
    assert len({result_of(receipt).id for receipt in receipts}) == 1
    assert sorted(receipt.replayed for receipt in receipts) == [False, True, True, True]
    assert await stage.recorded() == 1


async def test_bad_input_leaves_nothing_behind_not_even_its_key(stage: Stage) -> None:
    command = stage.command(stage.entry(product="NO-SUCH-THING"))
    for _ in range(2):
        with refusal(NotFound(what="product", key="NO-SUCH-THING", path=("input", "product"))):
            await stage.create(command)
    assert await stage.recorded() == 0
    better = await stage.create(replace(command, entry=stage.entry()))
    assert not better.replayed


@pytest.mark.parametrize("key", ["", "   ", "k" * 201, "a\0b"])
async def test_a_key_must_be_one(stage: Stage, key: str) -> None:
    with pytest.raises(Refused) as caught:
        await stage.create(stage.command(idempotency_key=key))
    [problem] = caught.value.problems
    assert isinstance(problem, Invalid | Missing)
    assert problem.path == ("input", "idempotencyKey")


async def test_everything_wrong_is_said_at_once(stage: Stage) -> None:
    tomorrow = date.today() + timedelta(days=3)  # noqa: DTZ011 - any day that is too far ahead will do
    entry = stage.entry(
        amount=Decimal(-1), currency="XXQ", product="A", partner="B", point_type="C", transaction_date=tomorrow
    )
    with pytest.raises(Refused) as caught:
        await stage.record(entry)
    places = sorted(problem.path[-1] for problem in caught.value.problems)
    assert places == ["amount", "currency", "partner", "pointType", "product", "transactionDate"]
    assert any(isinstance(problem, DateOutOfRange) for problem in caught.value.problems)


async def test_a_program_and_a_member_must_be_there(stage: Stage, desk: Desk) -> None:
    with refusal(NotFound(what="program", key="NOWHERE", path=("input", "program"))):
        await stage.record(stage.entry(program="NOWHERE"))
    with refusal(NotFound(what="member", key="M-NOBODY", path=("input", "member"))):
        await stage.record(member=MemberReference(number="M-NOBODY"))
    other = await a_stage(desk)
    with refusal(NotFound(what="member", key=other.member.number, path=("input", "member"))):
        await stage.record(member=by_number(other.member))


async def test_someone_bound_to_another_program_finds_no_such_program(stage: Stage, desk: Desk) -> None:
    stranger = (await a_stage(desk)).msr
    with refusal(NotFound(what="program", key=stage.program.code, path=("input", "program"))):
        await stage.record(actor=stranger)


async def test_a_draft_without_point_types_records_nothing(stage: Stage) -> None:
    draft = await a_draft(stage.database)
    why = f"program {draft.code!r} has no point type yet"
    msr = replace(stage.msr, scope=Scope())
    with refusal(Missing(why=why, path=("input", "program"))):
        await stage.record(stage.entry(program=draft.code), msr)


async def test_a_way_around_approval_needs_a_limit_that_covers_it(stage: Stage) -> None:
    with refusal(ApprovalNeeded(points=Decimal(500), limit=Decimal(0))):
        await stage.record(stage.credit(500), queue=True)
    assert (await stage.record(stage.credit(500))).status is Status.IN_PROGRESS
    assert (await stage.record(stage.credit(500), stage.manager, queue=True)).status is Status.QUEUED
    with refusal(ApprovalNeeded(points=Decimal(1001), limit=Decimal(1000))):
        await stage.record(stage.credit(1001), stage.manager, queue=True)


async def test_whom_to_ask_may_be_named_when_it_is_recorded(stage: Stage) -> None:
    transaction = await stage.record(stage.credit(5, submit_to=stage.director.subject))
    assert transaction.submit_to_id == stage.director.person_id
    with refusal(NotFound(what="person", key="nobody", path=("input", "submitTo"))):
        await stage.record(stage.credit(5, submit_to="nobody"))


async def test_members_and_administrators_record_nothing(stage: Stage) -> None:
    administrator = await stage.person(Role.PROGRAM_ADMINISTRATOR)
    for actor in (herself(stage.member), administrator):
        with pytest.raises(Refused) as caught:
            await stage.record(actor=actor)
        assert [type(problem) for problem in caught.value.problems] == [NotAllowed]
    assert await stage.recorded() == 0


@pytest.mark.parametrize("sub_type", [SubType.TRANSFER_IN, SubType.LOAN, SubType.CANCELLATION])
async def test_what_the_engine_makes_itself_nobody_records(stage: Stage, sub_type: SubType) -> None:
    with pytest.raises(Refused) as caught:
        await stage.record(stage.entry(sub_type=sub_type, points=Decimal(1)))
    assert caught.value.problems[0].path == ("input", "subType")


# External ids


async def test_an_external_id_with_the_same_content_gives_the_first_answer(stage: Stage) -> None:
    entry = stage.entry(external_id="E1", attributes={"day": date(2026, 1, 1), "big": Decimal("1.50")})
    first = await stage.record(entry)
    again = await stage.create(stage.command(replace(entry, attributes={"big": Decimal("1.5"), "day": "2026-01-01"})))
    assert again.replayed
    assert result_of(again) == first
    assert await stage.recorded() == 1


async def test_the_same_member_named_otherwise_is_the_same_content(stage: Stage) -> None:
    member = await a_member(stage.database, stage.program, email="grace@example.com")
    entry = stage.entry(external_id="E1")
    first = await stage.record(entry, member=by_number(member))
    again = await stage.create(stage.command(entry, member=MemberReference(email="grace@example.com")))
    assert (again.replayed, result_of(again).id) == (True, first.id)


async def test_an_external_id_with_other_content_is_refused(stage: Stage) -> None:
    await stage.record(stage.entry(external_id="E1"))
    for other in (stage.entry(external_id="E1", amount=Decimal(11)), stage.entry(external_id="E1", comment="twice")):
        reused = ExternalIdReused(external_id="E1", status=Status.IN_PROGRESS, path=("input", "externalId"))
        with refusal(reused):
            await stage.record(other)
    assert await stage.recorded() == 1


async def test_partner_and_source_have_external_ids_of_their_own(stage: Stage) -> None:
    partner = await a_partner(stage.database, stage.program)
    for more in ({}, {"partner": partner.code}, {"source": "TILL"}, {"partner": partner.code, "source": "TILL"}):
        await stage.record(stage.entry(external_id="E1", **more))
    assert await stage.recorded() == 4


async def test_one_external_id_sent_by_two_at_once_is_recorded_once(stage: Stage) -> None:
    commands = [stage.command(stage.entry(external_id="E1")) for _ in range(4)]
    receipts = await asyncio.gather(*[stage.create(command) for command in commands])
    assert len({result_of(receipt).id for receipt in receipts}) == 1
    assert sum(receipt.replayed for receipt in receipts) == 3
    assert await stage.recorded() == 1


# Partners


async def test_what_a_partners_user_records_is_its_partners(stage: Stage) -> None:
    partner = await a_partner(stage.database, stage.program)
    clerk = await stage.person(Role.PARTNER_REPRESENTATIVE, partner=partner.code, program=None)
    transaction = await stage.record(actor=clerk)
    assert transaction.partner_id == partner.id
    named = await stage.record(stage.entry(partner=partner.code), clerk)
    assert named.partner_id == partner.id


async def test_another_partner_does_not_exist_for_a_partners_user(stage: Stage) -> None:
    mine, other = [await a_partner(stage.database, stage.program) for _ in range(2)]
    clerk = await stage.person(Role.PARTNER_REPRESENTATIVE, partner=mine.code, program=None)
    with refusal(NotFound(what="partner", key=other.code, path=("input", "partner"))):
        await stage.record(stage.entry(partner=other.code), clerk)


async def test_a_program_without_terms_does_not_exist_for_a_partners_user(stage: Stage) -> None:
    partner = await a_partner(stage.database)
    clerk = await stage.person(Role.PARTNER_REPRESENTATIVE, partner=partner.code, program=None)
    with refusal(NotFound(what="program", key=stage.program.code, path=("input", "program"))):
        await stage.record(actor=clerk)
    await terms(stage.database, stage.program, partner)
    assert (await stage.record(actor=clerk)).partner_id == partner.id


async def test_a_partners_user_names_strangers_only_by_what_they_show(stage: Stage) -> None:
    partner = await a_partner(stage.database, stage.program)
    clerk = await stage.person(Role.PARTNER_REPRESENTATIVE, partner=partner.code, program=None)
    member = await a_member(stage.database, stage.program, email="ada@example.com")
    by_email = MemberReference(email="ada@example.com")
    with refusal(NotFound(what="member", key="ada@example.com", path=("input", "member"))):
        await stage.record(actor=clerk, member=by_email)
    await stage.record(actor=clerk, member=by_number(member))
    assert (await stage.record(actor=clerk, member=by_email)).member_id == member.id


async def test_a_redemption_is_recorded_like_an_accrual(stage: Stage) -> None:
    transaction = await stage.record(stage.entry(type=Type.REDEMPTION, points=Decimal(5)))
    assert (transaction.type, transaction.points) == (Type.REDEMPTION, Decimal(5))


async def test_what_the_engine_refused_later_is_not_part_of_the_first_answer(stage: Stage) -> None:
    entry = stage.entry(type=Type.REDEMPTION, points=Decimal(5), external_id="E1")
    command = stage.command(entry)
    transaction = await stage.moved(Move.ACCEPT, result_of(await stage.create(command)))
    refused = await stage.move(Move.PROCESS, transaction)
    for again in (command, stage.command(entry)):
        answer = await stage.create(again)
        assert (answer.result, answer.errors, answer.replayed) == (refused.result, (), True)


class GivenUp:
    """Claims external ids as ever, but then somebody deletes the transaction that had one."""

    def __init__(self, stage: Stage, transaction: Transaction, claim: BulkInsert) -> None:
        self.stage, self.transaction, self.claim = stage, transaction, claim
        self.deleted = False

    async def __call__(self, writer: Writer, rows: Iterable[Sequence[Any]]) -> Sequence[Any]:
        won = await self.claim(writer, rows)
        if not self.deleted:
            self.deleted = True
            await self.stage.delete(self.transaction)
        return won


async def test_an_external_id_given_up_at_that_very_moment_is_claimed_after_all(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await stage.record(stage.entry(external_id="E1"))
    monkeypatch.setattr(external_ids, "CLAIM", GivenUp(stage, before, external_ids.CLAIM))
    first = await stage.earn(10, external_id="E1")
    assert (result_of(first).status, first.replayed) == (Status.PROCESSED, False)
    again = await stage.earn(10, external_id="E1")
    assert (again.result, again.replayed) == (first.result, True)
    assert (await stage.balance()).available == 10


async def test_an_external_id_given_up_while_its_answer_is_looked_for_is_claimed_after_all(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await stage.record(stage.entry(external_id="E1"))
    first_answers = claims.first_answers

    async def deleted(writer: Writer, ids: set[int]) -> dict[int, claims.Answer]:
        if ids and await stage.stored(before) is not None:
            await stage.delete(before)
        return await first_answers(writer, ids)

    monkeypatch.setattr(claims, "first_answers", deleted)
    receipt = await stage.earn(10, external_id="E1")
    assert (result_of(receipt).status, receipt.replayed) == (Status.PROCESSED, False)
