"""Partner transactions: every point that enters or leaves a partner's blocks, and every fee in money."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

import domain.commands.partner_accounts as c
import domain.partner_transactions as d
from domain.currencies import as_written
from domain.fees import Booked
from domain.pages import PageRequest
from domain.receipts import Receipt
from domain.transactions import Money as Amount
from schema.base import Node, answers, direct, loaded, offers, shows, takes
from schema.entries import PREVIEW
from schema.loads import (
    MEMBER,
    PARTNER,
    PARTNER_TRANSACTION,
    PERSON,
    POINT_BLOCK,
    PROGRAM,
    PROMOTION,
    REFUND_OF_FEE,
    TRANSACTION,
)
from schema.money import Money, MoneyInput
from schema.ordering import Direction
from schema.paged import Paged
from schema.payloads import Keyed, ReplayablePayload
from schema.previews import PREVIEWED
from schema.programs import Program
from schema.scalars import Points
from schema.wording import CREATED_AT, REFUSED

if TYPE_CHECKING:
    from schema.blocks import PointBlock
    from schema.members import Member
    from schema.partners import Partner
    from schema.people import Person
    from schema.promotions import Promotion
    from schema.transactions import Transaction

offers(d.PartnerTransactionKind)
offers(d.Direction, "PartnerTransactionDirection")
offers(c.PartnerTransactionOrder)

DESCRIPTION = "For people: why."
WHOSE = "The code of the partner whose block it is; not given: the host's."
CONCERNS = "The id of the member's transaction that it concerns."


@dataclass(frozen=True, slots=True)
class PartnerTransactionsAsked:
    """A page of the partner transactions of a partner, or (None) of all."""

    partner: str | None
    filter: "PartnerTransactionFilter | None"
    order_by: "PartnerTransactionOrderBy | None"
    request: PageRequest


PARTNER_TRANSACTIONS: Paged[PartnerTransactionsAsked, d.PartnerTransaction] = Paged("transactions of a partner")


def _money(row: d.PartnerTransaction, _info: object) -> Amount | None:
    if row.amount is None or row.currency is None:
        return None
    return Amount(as_written(row.amount, row.currency), row.currency)


@shows(d.PartnerTransaction)
class PartnerTransaction(Node):
    """Points that entered or left a block, or a fee in money. It never changes; a mistake is corrected by another one."""

    program: Program | None = loaded(PROGRAM, by="program_id")
    partner: Annotated["Partner", strawberry.lazy("schema.partners")] | None = loaded(
        PARTNER, by="partner_id", description="Null: the host itself."
    )
    kind: d.PartnerTransactionKind
    direction: d.Direction = strawberry.field(
        description="A DEBIT takes from the block, or is owed by the partner; a CREDIT gives."
    )
    posted_on: date = strawberry.field(description="The day of processing, by which statements select.")
    points: Points | None = strawberry.field(description="Of the block, always positive; null: it is money.")
    money: Money | None = direct(_money, "Always positive; null: it is points.")
    block: Annotated["PointBlock", strawberry.lazy("schema.blocks")] | None = loaded(
        POINT_BLOCK, by="block_id", description="Null: money is charged to no block."
    )
    price: Decimal | None = strawberry.field(description="Of one point of the block.")
    description: str | None = strawberry.field(description=DESCRIPTION)
    reason_code: str | None = strawberry.field(description="Of a refund: one of the program's reasons.")
    promotion: Annotated["Promotion", strawberry.lazy("schema.promotions")] | None = loaded(
        PROMOTION, by="promotion_id", description="For which the points were given."
    )
    transaction: Annotated["Transaction", strawberry.lazy("schema.transactions")] | None = loaded(
        TRANSACTION, by="member_transaction_id", description="Of a member: what it concerns."
    )
    member: Annotated["Member", strawberry.lazy("schema.members")] | None = loaded(
        MEMBER, by="member_id", description="Whom it concerns."
    )
    refunds: Annotated["PartnerTransaction", strawberry.lazy("schema.partner_transactions")] | None = loaded(
        PARTNER_TRANSACTION, by="refunds_id", description="The fee that this one gives back."
    )
    refund: Annotated["PartnerTransaction", strawberry.lazy("schema.partner_transactions")] | None = loaded(
        REFUND_OF_FEE, by="id", description="What gave this fee back."
    )
    created_at: datetime = strawberry.field(description=CREATED_AT)
    created_by: Annotated["Person", strawberry.lazy("schema.people")] | None = loaded(
        PERSON, by="created_by_id", description="Null: the engine, or nobody you may see."
    )


@takes
class PartnerTransactionFilter:
    """Which partner transactions; all that is given must hold."""

    program: str | None = strawberry.field(default=None, description="The code of a program.")
    partner: str | None = strawberry.field(default=None, description="The code of a partner.")
    host: bool | None = strawberry.field(
        default=None, description="True: only those of the host's own blocks; false: only those of partners."
    )
    kind: list[d.PartnerTransactionKind] | None = strawberry.field(default=None, description="One of these.")
    direction: d.Direction | None = strawberry.field(default=None, description="Which way.")
    block: strawberry.ID | None = strawberry.field(default=None, description="The id of a block.")
    promotion: str | None = strawberry.field(default=None, description="The code of a promotion.")
    transaction: strawberry.ID | None = strawberry.field(default=None, description=CONCERNS)
    reason_code: str | None = strawberry.field(default=None, description="Of refunds.")
    currency: str | None = strawberry.field(default=None, description="Money of this currency.")
    refunded: bool | None = strawberry.field(default=None, description="Fees that were given back, or were not.")
    posted_from: date | None = strawberry.field(default=None, description="Processed on this day or later.")
    posted_through: date | None = strawberry.field(default=None, description="Processed on this day or earlier.")


@takes
class PartnerTransactionOrderBy:
    """How partner transactions are sorted."""

    field: c.PartnerTransactionOrder = strawberry.field(
        default=c.PartnerTransactionOrder.POSTED_ON, description="By what."
    )
    direction: Direction = strawberry.field(default=Direction.DESC, description="DESC: the newest first.")


@takes
class PartnerBalanceAdjustInput(Keyed):
    """A correction of what is in an active block."""

    program: str = strawberry.field(description="The code of the program.")
    partner: str | None = strawberry.field(default=None, description=WHOSE)
    block: strawberry.ID = strawberry.field(description="The id of the block; it must be active.")
    direction: d.Direction = strawberry.field(
        description="A DEBIT takes at most what the block has; a CREDIT has no cap."
    )
    points: Points = strawberry.field(description="More than zero, with at most 2 decimals.")
    description: str = strawberry.field(description=DESCRIPTION)
    transaction: strawberry.ID | None = strawberry.field(default=None, description=CONCERNS)
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@takes
class PartnerFeeChargeInput(Keyed):
    """A fee: points of an active block, or money."""

    program: str = strawberry.field(description="The code of the program.")
    partner: str = strawberry.field(description="The code of the partner.")
    description: str = strawberry.field(description=DESCRIPTION)
    block: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the block that pays a fee in points; it must be active."
    )
    points: Points | None = strawberry.field(
        default=None, description="At most what the block has, with at most 2 decimals. Either this or `money`."
    )
    money: MoneyInput | None = strawberry.field(
        default=None, description="Recorded for the bill, and charged to no block. Either this or `points`."
    )
    transaction: strawberry.ID | None = strawberry.field(default=None, description=CONCERNS)
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@takes
class PartnerFeeRefundInput(Keyed):
    """A fee to be given back, whole."""

    fee: strawberry.ID = strawberry.field(description="The id of the FEE, in points or money.")
    reason_code: str = strawberry.field(description="One of the program's reasons.")
    description: str | None = strawberry.field(default=None, description=DESCRIPTION)
    preview: bool = strawberry.field(default=False, description=PREVIEW)


def _transaction(receipt: Receipt[Booked], info: Any) -> d.PartnerTransaction | None:
    """The row; its block as it is after it, also where nothing is stored."""
    if receipt.result is None:
        return None
    if receipt.result.block is not None:
        info.context.prime(POINT_BLOCK, receipt.result.block.id, receipt.result.block)
    return receipt.result.transaction


def _preview(receipt: Receipt[Booked], _info: Any) -> bool:
    return receipt.result is not None and receipt.result.preview


@answers
class PartnerBalanceAdjustPayload(ReplayablePayload):
    """The adjustment."""

    preview: bool = direct(_preview, PREVIEWED)
    transaction: PartnerTransaction | None = direct(_transaction, REFUSED)


@answers
class PartnerFeeChargePayload(ReplayablePayload):
    """The fee."""

    preview: bool = direct(_preview, PREVIEWED)
    transaction: PartnerTransaction | None = direct(_transaction, REFUSED)


@answers
class PartnerFeeRefundPayload(ReplayablePayload):
    """The refund."""

    preview: bool = direct(_preview, PREVIEWED)
    transaction: PartnerTransaction | None = direct(_transaction, REFUSED)
