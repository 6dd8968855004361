"""Previews: exactly what the command would do, with the rows that its answer would show, and nothing of it stays."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.approvals import ApprovalNeeded
from domain.commands.programs import SettingsChange
from domain.commands.transactions import OneCall, TransactionProcess
from domain.engine.rejections import InsufficientPoints
from domain.lots import LotOrigin
from domain.moves import Move
from domain.problems import NotFound, Refused
from domain.receipts import Receipt
from domain.services import transactions as services
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.services.transactions import Preview
from domain.store import approvals, balances, decision_reads, ledger_reads
from domain.store.database import Database
from domain.transactions import Status, SubType, Transaction
from tests.support.factories import result_of
from tests.support.members import refusal
from tests.support.transactions import EVERYTHING, Stage, a_key, a_stage, counts


async def shown(stage: Stage, done: Transaction) -> Preview:
    """What the fields of a real answer show."""
    key = (done.member_id, done.id)
    async with stage.database.read() as reader:
        [uses] = await ledger_reads.uses_of_transactions(reader, EVERYTHING, [key])
        used = [(use.member_id, use.lot_transaction_id, use.lot_position) for use in uses]
        now = await stage.database.now(reader)
        return Preview(
            receipt=Receipt(done),
            lots=(await ledger_reads.lots_of_transactions(reader, EVERYTHING, [key]))[0],
            uses=uses,
            used_lots=await ledger_reads.lots_by_key(reader, EVERYTHING, used),
            decisions=(await decision_reads.of_transactions(reader, EVERYTHING, [done.id]))[0],
            approvals=(await approvals.of_transactions(reader, [done.id]))[0],
            balances=(await balances.load_many(reader, EVERYTHING, [done.member_id], now))[0],
        )


def comparable(preview: Preview) -> str:
    """Without the numbers and moments that no two runs share."""
    done = preview.receipt.result
    assert done is not None
    moments = {done.created_at, done.processed_at, *(each.processed_at for each in preview.decisions)}
    text = repr(preview)
    for moment in moments:
        text = text.replace(repr(moment), "NOW")
    text = re.sub(rf"\b(id|transaction_id)={done.id}\b", r"\1=ID", text)
    for approval in preview.approvals:
        text = text.replace(f"Approval(id={approval.id}", "Approval(id=ID")
    return text


async def test_a_preview_of_earning_is_what_earning_then_does(stage: Stage) -> None:
    await stage.earn(3)
    command = stage.earning(12)
    before = await services.preview(stage.desk, stage.msr, command)
    done = result_of(await services.points_earn(stage.desk, stage.msr, command))
    assert comparable(before) == comparable(await shown(stage, done))
    assert [(lot.points, lot.origin) for lot in before.lots] == [(Decimal(12), LotOrigin.BASE)]
    assert [balance.available for balance in before.balances] == [Decimal(15)]


async def test_a_preview_of_redeeming_shows_the_lots_that_would_pay(stage: Stage) -> None:
    await stage.earn(3)
    await stage.earn(9)
    command = stage.redeeming(5)
    before = await services.preview(stage.desk, stage.msr, command)
    assert [use.points for use in before.uses] == [Decimal(3), Decimal(2)]
    assert [lot.remaining for lot in before.used_lots if lot] == [Decimal(0), Decimal(7)]
    assert [balance.available for balance in before.balances] == [Decimal(7)]
    done = result_of(await services.points_redeem(stage.desk, stage.msr, command))
    assert comparable(before) == comparable(await shown(stage, done))


async def test_a_preview_leaves_nothing_behind_in_any_table(fresh_database: Database) -> None:
    stage = await a_stage(Desk(fresh_database, EnginePrograms()))
    await stage.earn(10)
    stored = await stage.moved(Move.ACCEPT, await stage.record())
    before = await counts(fresh_database)
    commands: list[OneCall | TransactionProcess] = [
        stage.earning(12, external_id="E1"),
        stage.redeeming(4),
        stage.redeeming(400),
        TransactionProcess(idempotency_key=a_key(), id=stored.id),
    ]
    for command in commands:
        preview = await services.preview(stage.desk, stage.msr, command)
        assert preview.receipt.result is not None
    assert await counts(fresh_database) == before
    assert await stage.stored(stored) == stored
    assert (await stage.balance()).available == 10


async def test_a_preview_does_not_look_at_its_key(stage: Stage) -> None:
    command = stage.earning(12)
    for _ in range(2):
        preview = await services.preview(stage.desk, stage.msr, command)
        assert (preview.receipt.replayed, result_of(preview.receipt).status) == (False, Status.PROCESSED)
    assert not (await services.points_earn(stage.desk, stage.msr, command)).replayed
    after = await services.preview(stage.desk, stage.msr, command)
    assert (after.receipt.replayed, after.balances[0].available) == (False, Decimal(24))


async def test_a_preview_of_a_stored_transaction_presses_process(stage: Stage) -> None:
    stored = await stage.moved(Move.ACCEPT, await stage.record())
    command = TransactionProcess(idempotency_key=a_key(), id=stored.id)
    preview = await services.preview(stage.desk, stage.msr, command)
    assert result_of(preview.receipt).status is Status.PROCESSED
    assert [each.move for each in preview.approvals] == [Move.CREATE, Move.ACCEPT, Move.PROCESS]
    assert await stage.status(stored) is Status.ACCEPTABLE


async def test_a_refusal_is_previewed_like_everything_else(stage: Stage) -> None:
    preview = await services.preview(stage.desk, stage.msr, stage.redeeming(5))
    short = InsufficientPoints(point_type="POINTS", available=Decimal(0), required=Decimal(5), path=("input",))
    assert preview.receipt.errors == (short,)
    assert preview.receipt.result is not None
    assert preview.receipt.result.status is Status.REJECTED_ENGINE
    assert (preview.lots, preview.uses) == ([], [])
    assert len(preview.decisions) == 1
    assert await stage.recorded() == 0


async def test_bad_input_and_missing_rights_show_nothing(desk: Desk) -> None:
    stage = await a_stage(desk, settings=SettingsChange(approval_above={SubType.PRODUCT: Decimal(5)}))
    unknown = replace(stage.earning(1), entry=stage.entry(product="NO"))
    preview = await services.preview(desk, stage.msr, unknown)
    assert preview.receipt.errors == (NotFound(what="product", key="NO", path=("input", "product")),)
    assert (preview.receipt.result, preview.approvals, preview.balances) == (None, [], [])
    preview = await services.preview(desk, stage.msr, stage.earning(6))
    assert preview.receipt.errors == (ApprovalNeeded(points=Decimal(6), limit=Decimal(0)),)
    with refusal(NotFound(what="transaction", path=("input", "id"))):
        await services.preview(desk, stage.msr, TransactionProcess(idempotency_key=a_key(), id=1))


async def test_a_preview_needs_what_the_command_needs(stage: Stage) -> None:
    with pytest.raises(Refused):
        await services.preview(stage.desk, stage.msr, replace(stage.earning(), idempotency_key=""))
