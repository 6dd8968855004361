"""Simulations: what a transaction would do, shown by the same fields as a real one, and nothing of it is stored."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry

import domain.decisions as x
import domain.transactions as d
from schema.attributes import Attributes
from schema.base import answers, computed, direct, takes
from schema.decisions import Decision
from schema.entries import BASE_POINTS, DATE, POINT_TYPE, PRODUCT, QUALIFYING, TRANSFER_TO, LineItemInput
from schema.member_references import MemberReference
from schema.payloads import Payload
from schema.previews import Previewed, result
from schema.scalars import Points
from schema.transactions import Transaction

STORED = "A stored transaction instead of a new one; then nothing of what a new one says may be given."
DRAFTS = "Codes of promotions that are not active, considered as if they were: for managers and program administrators."
AS_OF = (
    "As if now were that moment, with what members have now. Not given: now; for a transaction that was processed, the "
    "moment of that."
)
SHOWN = "As it would be, also if the engine refused it; under an id of its own. Null if it could not even be recorded."
DIFFERS = (
    "In what it differs from `then`: subStatus, base, awards (those paid), changes (of attributes), refusal, lots, lotUses. "
    "Empty for a transaction that was not processed."
)


@takes
class TransactionSimulateInput:
    """A new transaction of a member, or a stored one; nothing is written, so there is no idempotency key."""

    program: str = strawberry.field(description="The code of the program.")
    id: strawberry.ID | None = strawberry.field(default=None, description=STORED)
    member: MemberReference | None = strawberry.field(default=None, description="Whose new transaction it is.")
    type: d.Type | None = strawberry.field(default=None, description="Whether a new one earns or burns.")
    sub_type: d.SubType = strawberry.field(default=d.SubType.PRODUCT, description="What kind of it.")
    transaction_date: date | None = strawberry.field(default=None, description=DATE)
    product: str | None = strawberry.field(default=None, description=PRODUCT)
    quantity: Decimal | None = strawberry.field(default=None, description="How much of it; not given: one.")
    amount: Decimal | None = strawberry.field(default=None, description="What is paid.")
    currency: str | None = strawberry.field(default=None, description="ISO 4217. Not given: the program's currency.")
    line_items: list[LineItemInput] | None = strawberry.field(default=None, description="What it consists of.")
    partner: str | None = strawberry.field(default=None, description="The code of the partner where it happens.")
    attributes: Attributes | None = strawberry.field(default=None, description="Whatever else rules may read.")
    base_points: Points | None = strawberry.field(default=None, description=BASE_POINTS)
    point_type: str | None = strawberry.field(default=None, description=POINT_TYPE)
    qualifying: bool | None = strawberry.field(default=None, description=QUALIFYING)
    points: Points | None = strawberry.field(default=None, description="The points it is about, where it names them.")
    transfer_to: MemberReference | None = strawberry.field(default=None, description=f"Of a transfer: {TRANSFER_TO}")
    as_of: datetime | None = strawberry.field(default=None, description=AS_OF)
    draft_promotions: list[str] | None = strawberry.field(default=None, description=DRAFTS)


@dataclass(frozen=True, slots=True)
class Simulated(Previewed):
    """A transaction as it would be, beside its decision of then if it was processed."""

    then: x.Decision | None = None
    differs: tuple[str, ...] = ()


def _then(receipt: Any) -> x.Decision | None:
    return receipt.then if isinstance(receipt, Simulated) else None


def _differs(receipt: Any) -> list[str]:
    return list(receipt.differs) if isinstance(receipt, Simulated) else []


@answers
class TransactionSimulatePayload(Payload):
    """What would happen. One that the engine would refuse is here beside its errors."""

    transaction: Transaction | None = direct(result, SHOWN)
    then: Decision | None = computed(_then, "What was decided when it was processed; null for any other.")
    differs: list[str] = computed(_differs, DIFFERS)
