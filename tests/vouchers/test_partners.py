"""Vouchers and partners: a partner's user sees and uses what its own transactions gave, and what is good for what it sells."""

import pytest

from domain.partners import Partner
from domain.people import Principal, Role
from domain.problems import NotFound
from domain.programs import PriceKind, Product
from domain.store import vouchers as store
from domain.transactions import Status, VoucherWish
from domain.vouchers import TooFewVouchers, Voucher, VoucherMove, VoucherStatus
from tests.support.factories import a_partner, a_price, result_of
from tests.support.members import by_number, herself, refusal
from tests.support.transactions import Stage
from tests.vouchers.kit import a_reward, a_type, by_type, issue, listed, press, redeem, use

NUMBER = ("input", "number")


def unknown(voucher: Voucher, *path: str) -> NotFound:
    return NotFound(what="voucher", key=voucher.number, path=path or NUMBER)


async def a_till(stage: Stage, partner: Partner) -> Principal:
    return await stage.person(Role.PARTNER_REPRESENTATIVE, partner=partner.code, program=None)


@pytest.fixture
async def partners(stage: Stage) -> tuple[Partner, Partner]:
    """Two partners that both have served the member."""
    one, other = [await a_partner(stage.database, stage.program) for _ in range(2)]
    for partner in (one, other):
        result_of(await stage.earn(1000, partner=partner.code))
    return one, other


async def bought_at(stage: Stage, partner: Partner, kind: Product) -> Voucher:
    """A voucher that the member has bought with points at a partner."""
    made = result_of(await redeem(stage, kind, partner=partner.code))
    assert made.status is Status.PROCESSED
    async with stage.database.read() as reader:
        [[given]] = await store.load_of_transactions(reader, stage.msr.scope, [made.id])
    return given


async def test_what_another_partner_gave_is_neither_seen_nor_used(
    stage: Stage, partners: tuple[Partner, Partner]
) -> None:
    mine, other = partners
    till, foreign = await a_till(stage, mine), await a_till(stage, other)
    kind = await a_type(stage)
    await a_price(stage.database, stage.program, kind, 100, kind=PriceKind.REDEMPTION)
    voucher = await bought_at(stage, mine, kind)
    assert await listed(stage, till) == [voucher.id]
    assert await listed(stage, foreign) == []
    with refusal(unknown(voucher)):
        await use(stage, actor=foreign, number=voucher.number)
    with refusal(unknown(voucher)):
        await press(stage, VoucherMove.RESERVE, voucher, actor=foreign)
    few = TooFewVouchers(voucher_type=kind.code, available=0, required=1)
    with refusal(few.at("input", "quantity")):
        await use(stage, actor=foreign, member=by_number(stage.member), voucher_type=kind.code)
    reward = await a_reward(stage)
    with refusal(unknown(voucher, "input", "voucher", "number")):
        await redeem(stage, reward, actor=foreign, voucher=VoucherWish(number=voucher.number))
    [used] = result_of(await use(stage, actor=till, number=voucher.number))
    assert used.status is VoucherStatus.USED


async def test_what_the_host_gives_is_for_those_who_sell_what_it_is_good_for(
    stage: Stage, partners: tuple[Partner, Partner]
) -> None:
    mine, other = partners
    till, foreign = await a_till(stage, mine), await a_till(stage, other)
    reward = await a_reward(stage)
    kind = await a_type(stage, products=(reward.code,))
    [voucher] = await issue(stage, kind)
    assert await listed(stage, till) == []
    await a_price(stage.database, stage.program, reward, 50, kind=PriceKind.REDEMPTION, partner=mine.code)
    assert (await listed(stage, till), await listed(stage, foreign)) == ([voucher.id], [])
    with refusal(NotFound(what="voucher type", key=kind.code, path=("input", "voucher", "voucherType"))):
        await redeem(stage, reward, actor=foreign, voucher=by_type(kind))
    assert result_of(await redeem(stage, reward, actor=till, voucher=by_type(kind))).status is Status.PROCESSED


async def test_the_host_sees_all_and_the_member_its_own(stage: Stage, partners: tuple[Partner, Partner]) -> None:
    mine, _ = partners
    kind = await a_type(stage)
    await a_price(stage.database, stage.program, kind, 100, kind=PriceKind.REDEMPTION)
    voucher = await bought_at(stage, mine, kind)
    [given] = await issue(stage, kind)
    assert await listed(stage, stage.msr) == [voucher.id, given.id]
    assert await listed(stage, herself(stage.member)) == [voucher.id, given.id]
