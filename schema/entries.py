"""What an activity of a member may be recorded with: fields that several inputs share, things named by their codes."""

from datetime import date
from decimal import Decimal

import strawberry

from schema.attributes import Attributes
from schema.base import takes
from schema.member_references import MemberReference
from schema.payloads import Keyed

POINT_TYPE = "The code of the point type; not given: the program's default."
PRODUCT = "The code of what was bought, booked or redeemed for."
EXTERNAL_ID = "Its id in the system that sends it: unique per program, partner and source."
QUALIFYING = "Whether the base points count towards a tier; not given: as the point type says."
BASE_POINTS = "Points before any promotion, if you know better than the prices and rules of the program."
DATE = "Of the activity itself; not given: today in the program's time zone."
TRANSFER_TO = "Whom the points are for; members and partners name them by number or card."
PREVIEW = "Only show what would happen: nothing is written, and the key is not used up."


@takes
class LineItemInput:
    """One line of a basket, a fare, a folio."""

    product: str | None = strawberry.field(default=None, description="The code of the product, as rules name it.")
    quantity: Decimal | None = strawberry.field(default=None, description="How much of it.")
    amount: Decimal | None = strawberry.field(default=None, description="In the currency of the transaction.")
    attributes: Attributes | None = strawberry.field(default=None, description="Whatever else rules may read.")


@takes
class VoucherWishInput:
    """Vouchers that are to pay: one by its number, or so many of a type, nearest expiry first."""

    number: str | None = strawberry.field(default=None, description="As it is printed.")
    voucher_type: str | None = strawberry.field(default=None, description="The code of their type.")
    quantity: int = strawberry.field(default=1, description="How many of the type.")


@takes
class TenderInput:
    """The money part of a mixed payment."""

    amount: Decimal = strawberry.field(description="What is paid in money.")
    currency: str = strawberry.field(description="ISO 4217: the program's currency.")
    kind: str = strawberry.field(default="CARD", description="How it is paid: `CARD`, `CASH`, …")


@takes
class EntryInput(Keyed):
    """What every new transaction may say."""

    program: str = strawberry.field(description="The code of the program.")
    member: MemberReference = strawberry.field(description="Whose activity it is.")
    transaction_date: date | None = strawberry.field(default=None, description=DATE)
    partner: str | None = strawberry.field(default=None, description="The code of the partner where it happened.")
    attributes: Attributes | None = strawberry.field(default=None, description="Whatever else rules may read.")
    point_type: str | None = strawberry.field(default=None, description=POINT_TYPE)
    source: str | None = strawberry.field(default=None, description="The system that sends it.")
    external_id: str | None = strawberry.field(default=None, description=EXTERNAL_ID)
    comment: str | None = strawberry.field(default=None, description="For people.")


@takes
class PurchaseInput(EntryInput):
    """What a purchase may say besides."""

    product: str | None = strawberry.field(default=None, description=PRODUCT)
    quantity: Decimal | None = strawberry.field(default=None, description="How much of it; not given: one.")
    amount: Decimal | None = strawberry.field(default=None, description="What was paid.")
    currency: str | None = strawberry.field(
        default=None, description="ISO 4217: `EUR`. Not given: the program's currency."
    )
    line_items: list[LineItemInput] | None = strawberry.field(default=None, description="What it consists of.")
