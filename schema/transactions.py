"""Transactions: one activity of a member each, how they came to be what they are, and lists of them."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

import domain.commands.transactions as c
import domain.refunds as r
import domain.transactions as d
from domain.currencies import as_written
from domain.decisions import Decision as DecisionModel
from domain.moves import Move
from domain.pages import Page, PageRequest
from schema.approvals import Approval
from schema.attributes import Attributes
from schema.base import Node, computed, direct, field, loaded, offers, shows, takes
from schema.context import Info
from schema.decisions import Decision
from schema.ledger import Lot, LotUse
from schema.loads import (
    APPROVALS_OF_TRANSACTION,
    DECISIONS_OF_TRANSACTION,
    LOAN,
    LOTS_OF_TRANSACTION,
    MEMBER,
    PARTNER,
    PAYOUT_OF_TRANSACTION,
    PERSON,
    POINT_TYPE,
    PRODUCT,
    PROGRAM,
    REFUNDS_OF_TRANSACTION,
    TRANSACTION,
    USES_OF_TRANSACTION,
    VOUCHERS_OF_TRANSACTION,
)
from schema.loans import Loan
from schema.member_references import MemberReference
from schema.money import Money
from schema.moves import MOVES, Asked
from schema.ordering import Direction
from schema.paged import Paged
from schema.pages import After, Connection, First
from schema.partners import Partner
from schema.people import Person
from schema.products import Product
from schema.programs import PointType, Program
from schema.promotion_steps import PromotionPayout
from schema.scalars import Points
from schema.vouchers import Voucher
from schema.wording import VERSION

if TYPE_CHECKING:
    from schema.members import Member

offers(d.Type, "TransactionType")
offers(d.SubType, "TransactionSubType")
offers(d.Status, "TransactionStatus")
offers(d.SubStatus, "TransactionSubStatus")
offers(c.TransactionOrder)

PROCESSED_ON = "day on which they were processed, in the time zone of their program"


@dataclass(frozen=True, slots=True)
class CancelledByAsked:
    """A page of the cancellations of a transaction."""

    transaction_id: int
    request: PageRequest


CANCELLED_BY: Paged[CancelledByAsked, d.Transaction] = Paged("cancellations of a transaction")


@shows(d.LineItem)
class LineItem:
    """One line of a basket, a fare, a folio."""

    product: str | None = strawberry.field(description="The code of the product.")
    quantity: Decimal | None = strawberry.field(description="How much of it.")
    amount: Decimal | None = strawberry.field(description="In the currency of the transaction.")
    attributes: Attributes = strawberry.field(description="Whatever else rules may read.")


@shows(d.RefundLine)
class RefundLine:
    """A line of a transaction that comes back."""

    line: int = strawberry.field(description="Its number in the transaction; the first is 1.")
    quantity: Decimal | None = strawberry.field(description="So many of it.")
    amount: Decimal | None = strawberry.field(description="So much of its amount; neither: all that was left of it.")


@shows(r.LineLeft)
class LineLeft:
    """What is left of a line after refunds."""

    line: int = strawberry.field(description="Its number; the first is 1.")
    quantity: Decimal | None = strawberry.field(description="How many.")
    amount: Decimal | None = strawberry.field(description="How much of its amount.")


def _money_left(refunds: r.Refunds) -> d.Money | None:
    if refunds.amount_left is None or refunds.currency is None:
        return None
    return d.Money(as_written(refunds.amount_left, refunds.currency), refunds.currency)


@shows(r.Refunds)
class Refunds:
    """What cancellations have taken back of a transaction, and what is left of it."""

    share: Decimal = strawberry.field(description="How much came back: 0 is nothing, 1 is all of it.")
    money_left: Money | None = computed(_money_left, "What is left of its amount; null: it has none.")
    quantity_left: Decimal | None = strawberry.field(description="What is left of its quantity.")
    lines_left: list[LineLeft] = strawberry.field(description="What is left of its lines.")


@shows(d.PointTotal)
class PointTotal:
    """What a transaction gave (or, for a redemption, took) of one kind of points."""

    point_type: str = strawberry.field(description="The code of the point type.")
    points: Points = strawberry.field(description="All of them.")
    qualifying: Points = strawberry.field(description="Those of them that count towards a tier.")


async def _latest(transaction: d.Transaction, info: Any) -> DecisionModel | None:
    decisions: list[DecisionModel] = await info.context.load(DECISIONS_OF_TRANSACTION, transaction.id)
    return decisions[-1] if decisions else None


def _moves(transaction: d.Transaction, info: Any) -> Any:
    return info.context.load(MOVES, Asked(info.context, transaction))


@shows(d.VoucherWish)
class VoucherWish:
    """Vouchers that are to pay: one by its number, or so many of a type."""

    number: str | None
    voucher_type: str | None
    quantity: int


@shows(d.Tender)
class Tender:
    """The money part of a mixed payment."""

    amount: Decimal
    currency: str
    kind: str


def _comment(transaction: d.Transaction, info: Any) -> str | None:
    """Comments are words among staff, like those of approvals."""
    actor = info.context.principal
    is_internal = actor.scope.member_id is not None and actor.person_id != transaction.created_by_id
    return None if is_internal else transaction.comment


def _key(transaction: d.Transaction) -> tuple[int, int]:
    return transaction.member_id, transaction.id


def _loan_of(transaction: d.Transaction) -> int | None:
    return transaction.id if transaction.sub_type is d.SubType.LOAN else transaction.loan_id


@shows(d.Transaction)
class Transaction(Node):
    """One activity of a member: an accrual earns points, a redemption burns them. Nothing else moves points."""

    program: Program | None = loaded(PROGRAM, by="program_id", description="Null: none that you may see.")
    member: Annotated["Member", strawberry.lazy("schema.members")] | None = loaded(
        MEMBER, by="member_id", description="Who earns or burns; null: none that you may see, as in some previews."
    )
    type: d.Type = strawberry.field(description="Whether it earns or burns.")
    sub_type: d.SubType = strawberry.field(description="What kind of earning or burning.")
    status: d.Status = strawberry.field(description="Where it stands in its life.")
    sub_status: d.SubStatus | None = strawberry.field(description="How the engine's work ended; null before that.")
    transaction_date: date = strawberry.field(description="Of the activity itself, in the program's time zone.")
    processed_at: datetime | None = strawberry.field(description="When the engine worked on it last.")
    created_at: datetime = strawberry.field(description="When it was recorded.")
    created_by: Person | None = loaded(
        PERSON, by="created_by_id", description="The requester; null: the engine, or somebody you may not see."
    )
    product: Product | None = loaded(PRODUCT, by="product_id", description="What was bought, booked or redeemed for.")
    money: Money | None = strawberry.field(description="What was paid.")
    quantity: Decimal | None = strawberry.field(description="How much of the product.")
    line_items: list[LineItem] = strawberry.field(description="What it consists of.")
    attributes: Attributes = strawberry.field(description="Whatever else rules may read.")
    partner: Partner | None = loaded(PARTNER, by="partner_id", description="Where it happened; null: at the host.")
    base_points: Points | None = strawberry.field(
        description="Points before any promotion; for a redemption, what it costs. Null until they are known."
    )
    point_type: PointType | None = loaded(POINT_TYPE, by="point_type_id", description="As it was asked for.")
    qualifying: bool | None = strawberry.field(
        description="Whether the base points count towards a tier; null: as the point type says."
    )
    points: Points | None = strawberry.field(description="The points it names itself, such as those of a gift.")
    other_member: Annotated["Member", strawberry.lazy("schema.members")] | None = loaded(
        MEMBER,
        by="other_member_id",
        description="Whom a transfer is for, or who is at the other end of what the engine moved; null: nobody, or nobody you may see.",
    )
    submit_to: Person | None = loaded(PERSON, by="submit_to_id", description="For whose approval it waits.")
    external: bool = strawberry.field(description="Whether it goes without the approval of a manager.")
    source: str | None = strawberry.field(description="The system that sent it.")
    external_id: str | None = strawberry.field(description="Its id there: unique per program, partner and source.")
    comment: str | None = direct(
        _comment, "For people; null if it is not for you: members see only what they said themselves."
    )
    voucher: VoucherWish | None = strawberry.field(description="Vouchers that were to pay.")
    tender: Tender | None = strawberry.field(description="The money part of a mixed payment.")
    vouchers: list[Voucher] = loaded(VOUCHERS_OF_TRANSACTION, by="id", description="Vouchers that it gave or used.")
    loan: Loan | None = loaded(
        LOAN, by=_loan_of, description="Of a loan that was given: itself; of a repayment: the loan that it names."
    )
    totals: list[PointTotal] = strawberry.field(description="What it gave or took, per kind of points.")
    lots: list[Lot] = loaded(LOTS_OF_TRANSACTION, by=_key, description="What it gave.")
    lot_uses: list[LotUse] = loaded(USES_OF_TRANSACTION, by=_key, description="What it took, and from which lots.")
    decision: Decision | None = direct(_latest, "Why it gave or took that: the latest attempt. Null before the first.")
    decisions: list[Decision] = loaded(
        DECISIONS_OF_TRANSACTION, by="id", description="All attempts, the first one first."
    )
    payout: PromotionPayout | None = loaded(
        PAYOUT_OF_TRANSACTION, by="id", description="The count that it pays for; null: it is no bonus paid by steps."
    )
    approvals: list[Approval] = loaded(
        APPROVALS_OF_TRANSACTION, by="id", description="The moves that people made, in their order."
    )
    available_moves: list[Move] = direct(_moves, "The moves that you may make now.")
    cancels: Annotated["Transaction", strawberry.lazy("schema.transactions")] | None = loaded(
        TRANSACTION,
        by="cancels_id",
        description="What it takes back, for a cancellation: all that was left, or a part.",
    )
    disputes: Annotated["Transaction", strawberry.lazy("schema.transactions")] | None = loaded(
        TRANSACTION,
        by="disputes_id",
        description="The wrong accrual that is cancelled once this one is processed; null: none, or none you may see.",
    )
    refund_lines: list[RefundLine] = strawberry.field(
        description="The lines that a cancellation takes back, if by line."
    )
    refunds: Refunds = loaded(REFUNDS_OF_TRANSACTION, by="id", description="What was taken back of it.")

    @field(Connection[Annotated["Transaction", strawberry.lazy("schema.transactions")]])
    def cancelled_by(
        self: d.Transaction, info: Info, first: First = 20, after: After = None
    ) -> Awaitable[Page[d.Transaction]]:
        """The cancellations of it, or of parts of it, whatever became of them; the oldest first."""
        return CANCELLED_BY.of(info.context, CancelledByAsked(self.id, PageRequest(first, after)))

    attempts: int = strawberry.field(description="How often the engine has worked on it.")
    version: int = strawberry.field(description=VERSION)


@takes
class MemberTransactionFilter:
    """Which transactions of a member; all that is given must hold. Spans of dates include both ends."""

    type: d.Type | None = strawberry.field(default=None, description="Whether they earn or burn.")
    sub_type: list[d.SubType] | None = strawberry.field(default=None, description="One of these.")
    status: list[d.Status] | None = strawberry.field(default=None, description="One of these.")
    sub_status: list[d.SubStatus] | None = strawberry.field(default=None, description="One of these.")
    partner: str | None = strawberry.field(default=None, description="The code of their partner.")
    product: str | None = strawberry.field(default=None, description="The code of their product.")
    transaction_date_from: date | None = strawberry.field(default=None, description="The first transaction date.")
    transaction_date_through: date | None = strawberry.field(default=None, description="The last transaction date.")
    processed_from: date | None = strawberry.field(default=None, description=f"The first {PROCESSED_ON}.")
    processed_through: date | None = strawberry.field(default=None, description=f"The last {PROCESSED_ON}.")
    external_id: str | None = strawberry.field(default=None, description="Their id in the system that sent them.")
    source: str | None = strawberry.field(default=None, description="The system that sent them.")
    created_by: str | None = strawberry.field(default=None, description="The subject of the requester.")
    submit_to: str | None = strawberry.field(default=None, description="The subject of whoever they wait for.")
    cancels: strawberry.ID | None = strawberry.field(default=None, description="What they take back, or a part of it.")


@takes
class TransactionFilter(MemberTransactionFilter):
    """Which transactions; all that is given must hold. Spans of dates include both ends."""

    program: str | None = strawberry.field(default=None, description="The code of their program.")
    member: MemberReference | None = strawberry.field(
        default=None, description="Their member; by anything but `id`, give `program` too."
    )


@takes
class TransactionOrderBy:
    """How transactions are sorted."""

    field: c.TransactionOrder = strawberry.field(default=c.TransactionOrder.CREATED, description="By what.")
    direction: Direction = strawberry.field(default=Direction.DESC, description="Upwards or downwards.")


@takes
class ExternalIdInput:
    """A transaction as the system that sent it knows it; what is not given here was not given there."""

    program: str = strawberry.field(description="The code of its program.")
    external_id: str = strawberry.field(description="Its id there.")
    source: str | None = strawberry.field(default=None, description="That system.")
    partner: str | None = strawberry.field(
        default=None, description="The code of its partner; a partner's users need not say."
    )
