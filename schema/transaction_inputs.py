"""Recording transactions step by step: what is recorded, corrected or removed before it is sent on."""

from datetime import date
from decimal import Decimal

import strawberry

import domain.transactions as d
from schema.attributes import Attributes
from schema.base import answers, takes
from schema.entries import (
    BASE_POINTS,
    EXTERNAL_ID,
    PRODUCT,
    TRANSFER_TO,
    LineItemInput,
    PurchaseInput,
    TenderInput,
    VoucherWishInput,
)
from schema.member_references import MemberReference
from schema.payloads import Payload, ReplayablePayload
from schema.scalars import Points
from schema.transactions import Transaction
from schema.wording import EXPECTED_VERSION, REFUSED

SUBMIT_TO = "The subject of the person who is asked"
CLEAR = "Null: none."
POINTS = "The points it is about, where it names them itself: a gift, a manual credit or debit, a redemption."


@takes
class TransactionCreateInput(PurchaseInput):
    """A transaction that is recorded now and worked on later: IN_PROGRESS, unless it is handed on at once."""

    type: d.Type = strawberry.field(description="Whether it earns or burns.")
    sub_type: d.SubType = strawberry.field(default=d.SubType.PRODUCT, description="What kind of it.")
    base_points: Points | None = strawberry.field(default=None, description=BASE_POINTS)
    qualifying: bool | None = strawberry.field(
        default=None, description="Whether the points count towards a tier; not given: as the point type says."
    )
    points: Points | None = strawberry.field(default=None, description=POINTS)
    voucher: VoucherWishInput | None = strawberry.field(default=None, description="Vouchers that are to pay.")
    tender: TenderInput | None = strawberry.field(default=None, description="The money part of a mixed payment.")
    submit_to: str | None = strawberry.field(
        default=None, description=f"{SUBMIT_TO} once it is submitted; not given: the requester's manager."
    )
    transfer_to: MemberReference | None = strawberry.field(default=None, description=f"Of a transfer: {TRANSFER_TO}")
    queue: bool = strawberry.field(default=False, description="Hand it to the batch engine at once.")
    send_to_partner: bool = strawberry.field(default=False, description="Let its partner decide first.")


@takes
class OnTransaction:
    """A transaction on which something is done."""

    id: strawberry.ID = strawberry.field(description="Of the transaction.")
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@takes
class RefundLineInput:
    """A line that comes back: all that is left of it, or so many, or so much of its amount."""

    line: int = strawberry.field(description="Its number in the transaction; the first is 1.")
    quantity: Decimal | None = strawberry.field(default=None, description="So many of it.")
    amount: Decimal | None = strawberry.field(default=None, description="So much of its amount.")


@takes
class TransactionUpdateInput:
    """A correction of a transaction that is IN_PROGRESS; what is not given stays as it is."""

    id: strawberry.ID = strawberry.field(description="Of the transaction.")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    sub_type: d.SubType | None = strawberry.field(default=None, description="What kind of its type.")
    transaction_date: date | None = strawberry.field(default=None, description="Of the activity itself.")
    product: str | None = strawberry.field(default=strawberry.UNSET, description=f"{PRODUCT} {CLEAR}")
    partner: str | None = strawberry.field(default=strawberry.UNSET, description=f"The code of the partner. {CLEAR}")
    amount: Decimal | None = strawberry.field(default=strawberry.UNSET, description=f"What was paid. {CLEAR}")
    currency: str | None = strawberry.field(default=strawberry.UNSET, description="ISO 4217; null: the program's.")
    quantity: Decimal | None = strawberry.field(default=strawberry.UNSET, description=f"How much of it. {CLEAR}")
    line_items: list[LineItemInput] | None = strawberry.field(default=None, description="All of them.")
    attributes: Attributes | None = strawberry.field(
        default=None, description="Added to the others; one of null is removed."
    )
    base_points: Points | None = strawberry.field(default=strawberry.UNSET, description=f"{BASE_POINTS} {CLEAR}")
    point_type: str | None = strawberry.field(
        default=strawberry.UNSET, description="The code of the point type; null: the program's default."
    )
    qualifying: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether the points count towards a tier; null: as the point type says."
    )
    points: Points | None = strawberry.field(default=strawberry.UNSET, description=f"{POINTS} {CLEAR}")
    voucher: VoucherWishInput | None = strawberry.field(
        default=strawberry.UNSET, description=f"Vouchers that are to pay. {CLEAR}"
    )
    tender: TenderInput | None = strawberry.field(
        default=strawberry.UNSET, description=f"The money part of a mixed payment. {CLEAR}"
    )
    source: str | None = strawberry.field(default=strawberry.UNSET, description=f"The system that sends it. {CLEAR}")
    external_id: str | None = strawberry.field(default=strawberry.UNSET, description=f"{EXTERNAL_ID} {CLEAR}")
    comment: str | None = strawberry.field(default=strawberry.UNSET, description=f"For people. {CLEAR}")
    submit_to: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"{SUBMIT_TO} once it is submitted; null: the requester's manager."
    )
    refund_lines: list[RefundLineInput] | None = strawberry.field(
        default=strawberry.UNSET, description="Of a cancellation: the lines that come back. Null: not by line."
    )


@takes
class TransactionDeleteInput(OnTransaction):
    """A transaction that is IN_PROGRESS and should not be there."""


@answers
class TransactionCreatePayload(ReplayablePayload):
    """The new transaction."""

    result: Transaction | None = strawberry.field(name="transaction", description=REFUSED)


@answers
class TransactionUpdatePayload(Payload):
    """The transaction as it is now."""

    result: Transaction | None = strawberry.field(name="transaction", description=REFUSED)


@answers
class TransactionDeletePayload(Payload):
    """The transaction as it was."""

    result: Transaction | None = strawberry.field(name="transaction", description=REFUSED)
