"""Vouchers that the engine gives: by promotions, by redemptions, by tiers."""

from decimal import Decimal
from typing import Any

import pytest

from domain.commands.tiers import TierClassCreate, TierCreate, TierThreshold
from domain.decisions import Decision
from domain.engine.rejections import VoucherInvalid
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.people import ENGINE
from domain.problems import NotFound
from domain.programs import Product
from domain.promotions import AssignPoints, AssignVoucher, Rule
from domain.services import batch
from domain.services.promotion_checks import activation_problems
from domain.services.tiers import tier_class_create, tier_create
from domain.store import decision_reads
from domain.tiers import TierModel
from domain.transactions import Status, SubStatus, Transaction
from domain.vouchers import TierVoucher, VoucherSource, VoucherStatus, VoucherTerms
from tests.support.factories import result_of
from tests.support.promotions import a_draft_promotion, a_promotion
from tests.support.transactions import EVERYTHING, Stage
from tests.vouchers.kit import a_reward, a_type, held, redeem


async def a_generous_promotion(stage: Stage, kind: Product, quantity: int = 1, **values: Any) -> None:
    """One that gives vouchers for every purchase."""
    await a_promotion(stage.database, stage.program, Rule((AssignVoucher(kind.code, quantity),)), **values)


async def decision_of(stage: Stage, transaction: Transaction) -> Decision:
    async with stage.database.read() as reader:
        [[decision]] = await decision_reads.of_transactions(reader, EVERYTHING, [transaction.id])
    return decision


async def test_a_promotion_gives_vouchers_in_the_commit_of_the_purchase(stage: Stage) -> None:
    kind = await a_type(stage, expiry=ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.YEAR))
    await a_generous_promotion(stage, kind, 2)

    bought = result_of(await stage.earn(10))

    given = await held(stage)
    assert [(each.source, each.transaction_id, each.product_id) for each in given] == [
        (VoucherSource.PROMOTION, bought.id, kind.id)
    ] * 2
    assert all(each.expires_on is not None for each in given)
    [told] = (await decision_of(stage, bought)).vouchers
    assert (told.voucher_type, told.quantity, told.promotion is not None) == (kind.code, 2, True)


async def test_vouchers_are_given_whether_or_not_their_promotion_wins_the_points(stage: Stage) -> None:
    kind = await a_type(stage)
    rule = Rule((AssignPoints(constant=Decimal(1)), AssignVoucher(kind.code)))
    await a_promotion(stage.database, stage.program, rule)
    await a_promotion(stage.database, stage.program)  # 25 points: it wins

    [total] = result_of(await stage.earn(10)).totals

    assert total.points == 35
    assert len(await held(stage)) == 1


async def test_the_batch_engine_gives_them_too_and_once(stage: Stage) -> None:
    await a_generous_promotion(stage, await a_type(stage))
    await stage.record(stage.entry(), queue=True)

    for _ in range(2):
        async for _ in batch.work(stage.database, stage.desk.programs, stage.program.id):
            pass

    assert len(await held(stage)) == 1


async def test_a_promotion_with_an_unknown_voucher_type_is_not_activated(stage: Stage) -> None:
    draft = await a_draft_promotion(stage.database, stage.program, Rule((AssignVoucher("NOBODY"),)))

    async with stage.database.read() as reader:
        problems = await activation_problems(reader, draft)

    path = ("rules", "0", "actions", "0", "voucherType")
    assert NotFound(what="voucher type", key="NOBODY", path=path) in problems


async def test_a_redemption_of_a_voucher_type_gives_one_per_unit(stage: Stage) -> None:
    kind = await a_reward(stage, 100, voucher=VoucherTerms())
    await stage.earn(500)

    redeemed = result_of(await redeem(stage, kind, quantity=Decimal(3)))

    assert [(each.source, each.transaction_id) for each in await held(stage)] == [
        (VoucherSource.REDEMPTION, redeemed.id)
    ] * 3
    assert (await stage.balance()).available == 200


@pytest.mark.parametrize("quantity", ["0.5", "101"])
async def test_only_whole_vouchers_are_bought_and_not_too_many(stage: Stage, quantity: str) -> None:
    kind = await a_reward(stage, 1, voucher=VoucherTerms())
    await stage.earn(500)

    refused = await redeem(stage, kind, quantity=Decimal(quantity))

    [problem] = refused.errors
    assert isinstance(problem, VoucherInvalid)
    assert refused.result is not None
    assert (refused.result.status, refused.result.sub_status) == (Status.REJECTED_ENGINE, SubStatus.VOUCHER_INVALID)
    assert await held(stage) == []
    assert (await stage.balance()).available == 500


async def test_a_tier_gives_its_vouchers_to_whoever_reaches_it(stage: Stage) -> None:
    kind = await a_type(stage)
    program = stage.program.code
    ladder = TierClassCreate(program=program, code="CLUB", name="Club", sequence=1, model=TierModel.FIXED_DATE)
    await tier_class_create(stage.database, ENGINE, ladder)
    base = TierCreate(program=program, tier_class="CLUB", code="BASE", name="Base", sequence=1)
    gold = TierCreate(
        program=program, tier_class="CLUB", code="GOLD", name="Gold", sequence=2,
        thresholds=(TierThreshold(at_least=Decimal(100), point_type="POINTS"),), vouchers=(TierVoucher(kind.code, 2),),
    )  # fmt: skip
    for tier in (base, gold):
        await tier_create(stage.database, ENGINE, tier)

    await stage.earn(99)
    assert await held(stage) == []
    await stage.earn(1)

    given = await held(stage)
    assert [(each.source, each.tier, each.status) for each in given] == [
        (VoucherSource.TIER, "GOLD", VoucherStatus.AVAILABLE)
    ] * 2
