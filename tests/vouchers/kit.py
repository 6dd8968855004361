"""Vouchers for tests: types of a program, and the ways to give and use them."""

from typing import Any

from domain.commands.transactions import PointsRedeem
from domain.commands.vouchers import (
    VoucherCancel,
    VoucherFilter,
    VoucherIssue,
    VoucherReissue,
    VoucherRelease,
    VoucherReserve,
    VoucherUse,
)
from domain.members import Member
from domain.pages import PageRequest
from domain.people import Principal
from domain.programs import PriceKind, Product
from domain.receipts import Receipt
from domain.services import vouchers as services
from domain.services.transactions import points_redeem
from domain.store import vouchers as store
from domain.store.database import Database
from domain.store.keyset import page_of
from domain.transactions import Transaction, VoucherWish
from domain.vouchers import Voucher, VoucherMove, VoucherMoved, VoucherTerms
from tests.support.factories import a_price, a_product, result_of
from tests.support.members import by_number
from tests.support.transactions import EVERYTHING, Stage, a_key

SERVICES: dict[VoucherMove, tuple[Any, Any]] = {
    VoucherMove.RESERVE: (services.voucher_reserve, VoucherReserve),
    VoucherMove.RELEASE: (services.voucher_release, VoucherRelease),
    VoucherMove.CANCEL: (services.voucher_cancel, VoucherCancel),
    VoucherMove.REISSUE: (services.voucher_reissue, VoucherReissue),
}


async def a_type(stage: Stage, **terms: Any) -> Product:
    """A voucher type; for one unit of any product, for ever, unless the terms say otherwise."""
    return await a_product(stage.database, stage.program, voucher=VoucherTerms(**terms))


async def a_reward(stage: Stage, points: int = 100, **values: Any) -> Product:
    """Something that costs points."""
    product = await a_product(stage.database, stage.program, **values)
    return await a_price(stage.database, stage.program, product, points, kind=PriceKind.REDEMPTION)


def issuing(stage: Stage, kind: Product, quantity: int = 1, **values: Any) -> VoucherIssue:
    """A request for vouchers."""
    given = {"idempotency_key": a_key(), "member": by_number(stage.member), "quantity": quantity, **values}
    return VoucherIssue(program=stage.program.code, voucher_type=kind.code, **given)


async def issue(stage: Stage, kind: Product, quantity: int = 1, **values: Any) -> list[Voucher]:
    """Vouchers that the MSR gives."""
    command = issuing(stage, kind, quantity, **values)
    receipt = await services.voucher_issue(stage.database, stage.desk.programs, stage.msr, command)
    given: list[Voucher] = result_of(receipt)
    return given


def using(stage: Stage, **values: Any) -> VoucherUse:
    """A request to use vouchers outside the engine."""
    return VoucherUse(**{"idempotency_key": a_key(), "program": stage.program.code, **values})


async def use(
    stage: Stage, *, at: Database | None = None, actor: Principal | None = None, **values: Any
) -> services.Several:
    """The use of vouchers outside the engine."""
    command = using(stage, **values)
    return await services.voucher_use(at or stage.database, stage.desk.programs, actor or stage.msr, command)


async def press(
    stage: Stage,
    move: VoucherMove,
    voucher: Voucher,
    *,
    at: Database | None = None,
    actor: Principal | None = None,
    **values: Any,
) -> Receipt[Voucher]:
    """A move of a voucher by the MSR."""
    service, kind = SERVICES[move]
    given = {"idempotency_key": a_key(), "program": stage.program.code, "number": voucher.number, **values}
    command = kind(**given)
    receipt: Receipt[Voucher] = await service(at or stage.database, stage.desk.programs, actor or stage.msr, command)
    return receipt


async def listed(stage: Stage, actor: Principal) -> list[int]:
    """The vouchers of the member that somebody sees, by id."""
    listing = store.listing(actor.scope, VoucherFilter(member_id=stage.member.id))
    page = await page_of(stage.database, listing, PageRequest(100, None))
    return [edge.node.id for edge in page.edges]


async def held(stage: Stage, member: Member | None = None) -> list[Voucher]:
    """All vouchers of the member, in the order in which they were issued."""
    listing = store.listing(EVERYTHING, VoucherFilter(member_id=(member or stage.member).id))
    page = await page_of(stage.database, listing, PageRequest(100, None))
    return [edge.node for edge in page.edges]


async def history(stage: Stage, voucher: Voucher) -> list[VoucherMoved]:
    """Every move of a voucher."""
    async with stage.database.read() as reader:
        [moves] = await store.load_moves(reader, EVERYTHING, [voucher.id])
    return moves


async def night(stage: Stage, at: Database | None = None) -> int:
    """The job; how many vouchers it let go."""
    done = 0
    async for so_far in services.release_due(at or stage.database, stage.desk.programs, stage.program.id):
        done = so_far
    return done


async def redeem(stage: Stage, product: Product, **values: Any) -> Receipt[Transaction]:
    """The product for the member, paid as `values` say; by the MSR, unless they name an `actor`."""
    actor = values.pop("actor", stage.msr)
    command = PointsRedeem(
        idempotency_key=a_key(), member=by_number(stage.member), entry=stage.entry(product=product.code, **values)
    )
    return await points_redeem(stage.desk, actor, command)


def by_type(kind: Product, quantity: int = 1) -> VoucherWish:
    """So many of a type."""
    return VoucherWish(voucher_type=kind.code, quantity=quantity)
