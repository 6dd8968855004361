"""Queueing again what the batch engine rejected: row by row through the table of moves, once per key, never unasked."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.commands.requeuing import RequeueFilter, TransactionsRequeue
from domain.moves import Move
from domain.people import Principal, Role
from domain.problems import IdempotencyKeyReused, Invalid, Missing, NotFound, TooMany
from domain.receipts import Receipt
from domain.requeuing import MOST, Requeue
from domain.services import batch
from domain.services import transactions as services
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.services.verify import verify
from domain.store.database import Database
from domain.transactions import Status, SubStatus, SubType, Transaction, Type
from tests.support.factories import a_partner, result_of
from tests.support.graphql import Client
from tests.support.members import a_member, by_number
from tests.support.refusals import problems_of
from tests.support.transactions import Stage, a_key, a_stage, counts

SHORT = SubStatus.INSUFFICIENT_POINTS
MARCH = date(2026, 3, 5)
AGAIN = [(Move.REOPEN, Status.REJECTED_ENGINE, Status.IN_PROGRESS), (Move.QUEUE, Status.IN_PROGRESS, Status.QUEUED)]


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await a_stage(Desk(database, EnginePrograms()))


async def work(stage: Stage) -> None:
    async for _ in batch.work(stage.database, stage.desk.programs, stage.program.id):
        pass


async def too_expensive(stage: Stage, points: int = 10, **values: Any) -> Transaction:
    """A queued redemption of a member who has nothing."""
    entry = stage.entry(type=Type.REDEMPTION, points=Decimal(points), **values)
    return await stage.record(entry, queue=True)


async def requeue(stage: Stage, actor: Principal | None = None, **values: Any) -> Receipt[Requeue]:
    command = TransactionsRequeue(**{"idempotency_key": a_key(), **values})
    return await services.transactions_requeue(stage.database, stage.desk.programs, actor or stage.manager, command)


def rejected(stage: Stage, **values: Any) -> RequeueFilter:
    return RequeueFilter(program=stage.program.code, **values)


def outcome(receipt: Receipt[Requeue]) -> list[tuple[int, str | None]]:
    return [(row.transaction_id, row.code) for row in result_of(receipt).rows]


async def broken(database: Database) -> list[str]:
    return [found.invariant.name async for found in verify(database) if found.violations]


async def test_what_was_rejected_is_queued_again_once_the_reason_has_gone(fresh_database: Database) -> None:
    stage = await a_stage(Desk(fresh_database, EnginePrograms()))
    first, second = await too_expensive(stage), await too_expensive(stage)
    await work(stage)
    await stage.earn(15)
    receipt = await requeue(stage, filter=rejected(stage, sub_status=(SHORT,)))
    assert outcome(receipt) == [(first.id, None), (second.id, None)]
    assert (result_of(receipt).queued, result_of(receipt).refused, result_of(receipt).more) == (2, 0, False)
    stored = await stage.stored(first)
    assert stored is not None
    assert (stored.status, stored.sub_status, stored.processed_at) == (Status.QUEUED, None, None)
    assert await stage.trail(first) == [(Move.CREATE_QUEUED, None, Status.QUEUED), *AGAIN]
    await work(stage)
    assert [await stage.status(each) for each in (first, second)] == [Status.PROCESSED, Status.REJECTED_ENGINE]
    assert outcome(await requeue(stage, filter=rejected(stage))) == [(second.id, None)]
    assert (await stage.balance()).available == 5
    assert await broken(stage.database) == []


async def test_a_filter_finds_the_batch_engines_rejections_only_and_the_oldest_first(stage: Stage) -> None:
    refused = await stage.redeem(10)
    assert refused.errors != ()
    rows = [await too_expensive(stage) for _ in range(3)]
    march = await too_expensive(stage, transaction_date=MARCH)
    await work(stage)
    found = await requeue(stage, filter=rejected(stage), first=2, preview=True)
    assert (outcome(found), result_of(found).more) == ([(rows[0].id, None), (rows[1].id, None)], True)
    in_march = rejected(stage, transaction_date_from=MARCH, transaction_date_through=MARCH)
    assert outcome(await requeue(stage, filter=in_march, preview=True)) == [(march.id, None)]
    assert outcome(await requeue(stage, filter=rejected(stage, sub_status=(SubStatus.RULE_ERROR,)))) == []
    partner = await a_partner(stage.database, stage.program)
    assert outcome(await requeue(stage, filter=rejected(stage, partner=partner.code))) == []


async def test_a_row_that_cannot_go_says_why_and_the_others_go(stage: Stage) -> None:
    row = await too_expensive(stage)
    await work(stage)
    credit = await stage.record(stage.credit(500))
    processed = result_of(await stage.earn(1))
    elsewhere = await too_expensive(other := await a_stage(stage.desk))
    await work(other)
    receipt = await requeue(stage, ids=[credit.id, row.id, processed.id, 2**60, elsewhere.id, row.id])
    assert outcome(receipt) == [
        (credit.id, "WRONG_STATUS"), (row.id, None), (processed.id, "WRONG_STATUS"), (2**60, "NOT_FOUND"),
        (elsewhere.id, "NOT_FOUND"),
    ]  # fmt: skip
    assert (result_of(receipt).rows[0].message or "").startswith(
        "This transaction is IN_PROGRESS: QUEUE is not possible."
    )
    assert await stage.status(credit) is Status.IN_PROGRESS
    assert await stage.queued() == 1
    assert await stage.trail(credit) == [(Move.CREATE, None, Status.IN_PROGRESS)]


async def test_what_needed_approval_needs_a_limit_that_covers_it_again(stage: Stage) -> None:
    debit = stage.entry(type=Type.REDEMPTION, sub_type=SubType.MANUAL_DEBIT, points=Decimal(700))
    row = await stage.record(debit, stage.manager, queue=True)
    await work(stage)
    assert await stage.status(row) is Status.REJECTED_ENGINE
    assert outcome(await requeue(stage, stage.msr, ids=[row.id])) == [(row.id, "APPROVAL_NEEDED")]
    assert await stage.status(row) is Status.REJECTED_ENGINE
    assert outcome(await requeue(stage, stage.manager, ids=[row.id])) == [(row.id, None)]


async def test_a_partners_people_queue_their_own_rows_only(stage: Stage) -> None:
    partner = await a_partner(stage.database, stage.program)
    other = await a_partner(stage.database, stage.program)
    rows = [await too_expensive(stage, partner=each.code) for each in (partner, other)]
    await work(stage)
    theirs = await stage.person(Role.PARTNER_REPRESENTATIVE, partner=partner.code, program=None)
    assert outcome(await requeue(stage, theirs, filter=rejected(stage), preview=True)) == [(rows[0].id, None)]
    assert outcome(await requeue(stage, theirs, ids=[rows[0].id, rows[1].id])) == [
        (rows[0].id, None), (rows[1].id, "NOT_FOUND"),
    ]  # fmt: skip


async def test_the_same_key_again_changes_nothing_and_says_so(stage: Stage) -> None:
    row = await too_expensive(stage)
    await work(stage)
    key, wanted = a_key(), rejected(stage)
    first = await requeue(stage, idempotency_key=key, filter=wanted)
    await work(stage)
    before = await counts(stage.database)
    again = await requeue(stage, idempotency_key=key, filter=wanted)
    assert (again.replayed, outcome(again)) == (True, outcome(first))
    assert await stage.status(row) is Status.REJECTED_ENGINE
    assert await counts(stage.database) == before
    [problem] = await problems_of(requeue(stage, idempotency_key=key, ids=[row.id]))
    assert isinstance(problem, IdempotencyKeyReused)


async def test_a_preview_leaves_nothing_behind_not_even_its_key(stage: Stage) -> None:
    row = await too_expensive(stage)
    await work(stage)
    before, key = await counts(stage.database), a_key()
    assert outcome(await requeue(stage, idempotency_key=key, ids=[row.id], preview=True)) == [(row.id, None)]
    assert await counts(stage.database) == before
    assert await stage.status(row) is Status.REJECTED_ENGINE
    assert not (await requeue(stage, idempotency_key=key, ids=[row.id])).replayed


@pytest.mark.parametrize(
    ("values", "kind", "path"),
    [
        ({}, Invalid, "ids"),
        ({"ids": [1], "filter": RequeueFilter(program="X")}, Invalid, "ids"),
        ({"ids": [1], "idempotency_key": ""}, Missing, "idempotencyKey"),
        ({"ids": [1], "first": 0}, Invalid, "first"),
        ({"ids": [1], "first": MOST + 1}, Invalid, "first"),
        ({"ids": list(range(MOST + 1))}, TooMany, "ids"),
        ({"filter": RequeueFilter(program="NOWHERE")}, NotFound, "filter.program"),
    ],
)
async def test_what_cannot_be_right_is_refused(stage: Stage, values: dict[str, Any], kind: type, path: str) -> None:
    [problem] = await problems_of(requeue(stage, **values))
    assert (type(problem), ".".join(problem.path)) == (kind, f"input.{path}")


async def test_reopening_takes_a_transaction_off_the_list(fresh_database: Database) -> None:
    stage = await a_stage(Desk(fresh_database, EnginePrograms()))
    row = await too_expensive(stage)
    await work(stage)
    await stage.moved(Move.REOPEN, row)
    assert outcome(await requeue(stage, filter=rejected(stage))) == []
    assert await broken(stage.database) == []


async def test_the_api_answers_row_by_row(stage: Stage) -> None:
    await too_expensive(stage)
    member = await a_member(stage.database, stage.program)
    await stage.record(member=by_number(member), queue=True)
    await work(stage)
    client = Client(stage.database, stage.manager, stage.desk)
    shown = "replayed requeue { queued refused more rows { queued code message transaction { status } } }"
    given = {"idempotencyKey": a_key(), "filter": {"program": stage.program.code, "subStatus": ["INSUFFICIENT_POINTS"]}}
    preview = await client.command("transactionsRequeue", shown, **given, preview=True)
    row = {"queued": True, "code": None, "message": None}
    answer = {"queued": 1, "refused": 0, "more": False}
    rejected_row = {**row, "transaction": {"status": "REJECTED_ENGINE"}}
    assert preview == {"replayed": False, "requeue": {**answer, "rows": [rejected_row]}, "errors": []}
    queued = await client.command("transactionsRequeue", shown, **given)
    waiting = {**row, "transaction": {"status": "QUEUED"}}
    assert queued == {"replayed": False, "requeue": {**answer, "rows": [waiting]}, "errors": []}
    again = await client.command("transactionsRequeue", shown, **given)
    assert again == {**queued, "replayed": True}
    odd = await client.command(
        "transactionsRequeue", "requeue { rows { id code } }", idempotencyKey=a_key(), ids=["rubbish"]
    )
    assert [each["code"] for each in odd["requeue"]["rows"]] == ["NOT_FOUND"]
