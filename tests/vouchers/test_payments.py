"""What pays a price: vouchers first, then money at the program's rate, and points the rest."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.commands.programs import SettingsChange
from domain.decisions import PaymentKind
from domain.engine.rejections import CurrencyMismatch, PaymentShort, VoucherInvalid
from domain.services import vouchers as services
from domain.services.posting import Desk
from domain.transactions import Status, Tender, VoucherWish
from domain.vouchers import VoucherMove, VoucherStatus
from tests.support.factories import result_of
from tests.support.members import a_member, at, by_number
from tests.support.transactions import Stage, a_stage
from tests.vouchers.kit import a_reward, a_type, by_type, held, history, issue, issuing, redeem
from tests.vouchers.test_engine import decision_of

RATE = SettingsChange(tender_rate=Decimal(10))


def dollars(amount: str, currency: str = "USD") -> Tender:
    return Tender(Decimal(amount), currency)


async def left(stage: Stage) -> Decimal:
    return (await stage.balance()).available


async def test_a_voucher_that_is_worth_points_pays_so_many_of_the_price(stage: Stage) -> None:
    reward = await a_reward(stage, 100)
    [voucher] = await issue(stage, await a_type(stage, worth=Decimal(30)))
    await stage.earn(200)

    redeemed = result_of(await redeem(stage, reward, voucher=VoucherWish(voucher.number)))

    assert await left(stage) == 130
    [used] = await held(stage)
    assert (used.status, used.used_by_id) == (VoucherStatus.USED, redeemed.id)
    decision = await decision_of(stage, redeemed)
    assert [(each.kind, each.name, each.points) for each in decision.payments] == [
        (PaymentKind.VOUCHER, voucher.number, Decimal(30))
    ]
    assert [(each.move, each.transaction_id) for each in await history(stage, used)][1:] == [
        (VoucherMove.USE, redeemed.id)
    ]


async def test_a_voucher_without_a_worth_pays_one_unit_whole(stage: Stage) -> None:
    reward = await a_reward(stage, 100)
    [voucher] = await issue(stage, await a_type(stage))
    await stage.earn(200)

    result_of(await redeem(stage, reward, quantity=Decimal(3), voucher=VoucherWish(voucher.number)))

    assert await left(stage) == 0


async def test_a_voucher_worth_more_than_the_price_pays_the_price_and_no_more(stage: Stage) -> None:
    reward = await a_reward(stage, 100)
    await issue(stage, kind := await a_type(stage, worth=Decimal(70)), 2)
    await stage.earn(10)

    redeemed = result_of(await redeem(stage, reward, voucher=by_type(kind, 2)))

    assert redeemed.totals == ()
    assert await left(stage) == 10
    assert [each.points for each in (await decision_of(stage, redeemed)).payments] == [70, 30]


async def test_more_vouchers_than_the_price_takes_are_refused_and_none_is_lost(stage: Stage) -> None:
    kind, mug = await a_type(stage, worth=Decimal(100)), await a_reward(stage, 150)
    issued = await issue(stage, kind, 3)

    [problem] = (await redeem(stage, mug, voucher=by_type(kind, 3))).errors

    assert isinstance(problem, VoucherInvalid)
    assert problem.voucher == issued[2].number
    assert "name fewer" in problem.reason
    assert {each.status for each in await held(stage)} == {VoucherStatus.AVAILABLE}
    assert result_of(await redeem(stage, mug, voucher=by_type(kind, 2))).status is Status.PROCESSED


async def test_money_pays_at_the_rate_of_the_program(desk: Desk) -> None:
    stage = await a_stage(desk, settings=RATE)
    reward = await a_reward(stage, 100)
    await stage.earn(200)

    redeemed = result_of(await redeem(stage, reward, tender=dollars("2.55")))

    assert await left(stage) == 125  # 100 - 25.5 = 74.5, rounded half up like every price
    assert redeemed.tender == dollars("2.55")


async def test_vouchers_money_and_points_together(desk: Desk) -> None:
    stage = await a_stage(desk, settings=RATE)
    reward = await a_reward(stage, 100)
    [voucher] = await issue(stage, await a_type(stage, worth=Decimal(30)))
    await stage.earn(60)

    given = {"voucher": VoucherWish(voucher.number), "tender": dollars("1")}
    result_of(await redeem(stage, reward, points=Decimal(60), **given))

    assert await left(stage) == 0


async def test_what_is_offered_must_cover_what_is_left(desk: Desk) -> None:
    stage = await a_stage(desk, settings=RATE)
    reward = await a_reward(stage, 100)
    await stage.earn(100)

    refused = await redeem(stage, reward, points=Decimal(89), tender=dollars("1"))

    [problem] = refused.errors
    assert isinstance(problem, PaymentShort)
    assert (problem.price, problem.offered) == (Decimal(90), Decimal(89))
    assert await left(stage) == 100


async def test_a_program_without_a_rate_takes_no_money(stage: Stage) -> None:
    reward = await a_reward(stage, 100)
    await stage.earn(100)

    refused = await redeem(stage, reward, tender=dollars("1"))

    assert [each.code for each in refused.errors] == ["PAYMENT_SHORT"]
    assert await left(stage) == 100


async def test_money_is_of_the_programs_currency(desk: Desk) -> None:
    stage = await a_stage(desk, settings=RATE)
    await stage.earn(100)

    refused = await redeem(stage, await a_reward(stage, 100), tender=dollars("1", "EUR"))

    [problem] = refused.errors
    assert isinstance(problem, CurrencyMismatch)


async def test_a_voucher_pays_only_for_its_products(stage: Stage) -> None:
    mug, cup = await a_reward(stage, 100), await a_reward(stage, 100)
    [voucher] = await issue(stage, await a_type(stage, products=(mug.code,)))
    wish = VoucherWish(voucher.number)

    refused = await redeem(stage, cup, voucher=wish)

    [problem] = refused.errors
    assert isinstance(problem, VoucherInvalid)
    assert problem.reason == f"it does not pay for a product {cup.code}"
    assert [each.status for each in await held(stage)] == [VoucherStatus.AVAILABLE]
    assert result_of(await redeem(stage, mug, voucher=wish)).status is Status.PROCESSED


async def test_a_voucher_is_used_once(stage: Stage) -> None:
    reward = await a_reward(stage, 100)
    [voucher] = await issue(stage, await a_type(stage))
    wish = VoucherWish(voucher.number)
    result_of(await redeem(stage, reward, voucher=wish))
    await stage.earn(100)

    refused = await redeem(stage, reward, voucher=wish)

    assert [each.message for each in refused.errors] == [f"Voucher '{voucher.number}' cannot be used: it is USED."]
    assert await left(stage) == 100


async def test_an_expired_voucher_pays_nothing(stage: Stage) -> None:
    kind = await a_type(stage)
    async with stage.database.read() as reader:
        now = await stage.database.now(reader)
    past = at(stage.database, now - timedelta(10))
    command = issuing(stage, kind, expires_on=(now - timedelta(5)).date())
    [voucher] = result_of(await services.voucher_issue(past, stage.desk.programs, stage.msr, command))
    await past.close()

    refused = await redeem(stage, await a_reward(stage, 100), voucher=VoucherWish(voucher.number))

    assert [each.code for each in refused.errors] == ["VOUCHER_INVALID"]


async def test_somebody_elses_voucher_is_no_voucher(stage: Stage) -> None:
    other = await a_member(stage.database, stage.program)
    [voucher] = await issue(stage, await a_type(stage), member=by_number(other))

    refused = await redeem(stage, await a_reward(stage, 100), voucher=VoucherWish(voucher.number))

    [problem] = refused.errors
    assert isinstance(problem, VoucherInvalid)
    assert problem.reason == "this member has no voucher of that number"


async def test_only_a_product_with_a_price_is_paid_so(stage: Stage) -> None:
    for given in ({"voucher": VoucherWish("AAAA")}, {"tender": dollars("1")}):
        receipt = await stage.redeem(10, **given)
        assert [(each.code, each.path[-1]) for each in receipt.errors] == [("INVALID_INPUT", next(iter(given)))]


@pytest.mark.parametrize(
    ("wish", "code"),
    [(VoucherWish(), "MISSING_INPUT"), (VoucherWish("AAAA", "COFFEE"), "MISSING_INPUT"), (VoucherWish("AAAA", quantity=0), "INVALID_INPUT")],
)  # fmt: skip
async def test_a_voucher_is_named_in_one_way(stage: Stage, wish: VoucherWish, code: str) -> None:
    receipt = await redeem(stage, await a_reward(stage), voucher=wish)

    assert code in [each.code for each in receipt.errors]
    assert await stage.recorded() == 0
