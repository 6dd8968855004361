"""Holds: points that are kept for a checkout, captured or let go."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

import domain.holds as d
from schema.base import Node, answers, direct, loaded, offers, shows, takes
from schema.entries import EXTERNAL_ID, POINT_TYPE, PREVIEW, PRODUCT, TenderInput, VoucherWishInput
from schema.loads import MEMBER, PERSON, TRANSACTION
from schema.member_references import MemberReference
from schema.payloads import Keyed, Payload, ReplayablePayload
from schema.people import Person
from schema.previews import PREVIEWED, RESULT, is_preview, result
from schema.scalars import Points
from schema.wording import REFUSED

if TYPE_CHECKING:
    from schema.members import Member
    from schema.transactions import Transaction

offers(d.HoldStatus)


@shows(d.PointHold)
class PointHold(Node):
    """Points of a member that nobody else can spend until it ends."""

    member: Annotated["Member", strawberry.lazy("schema.members")] | None = loaded(MEMBER, by="member_id")
    point_type: str = strawberry.field(description="The code of the point type.")
    points: Points = strawberry.field(description="What it keeps, or kept.")
    captured: Points = strawberry.field(description="What was redeemed of it; the rest is free again.")
    status: d.HoldStatus = strawberry.field(description="As it is now: once its time has come, EXPIRED.")
    held_until: datetime = strawberry.field(description="When it ends by itself.")
    created_at: datetime
    created_by: Person | None = loaded(PERSON, by="created_by_id", description="Null: nobody you may see.")
    ended_at: datetime | None = strawberry.field(description="When it was captured, let go, or ran out.")
    transaction: Annotated["Transaction", strawberry.lazy("schema.transactions")] | None = loaded(
        TRANSACTION, by="transaction_id", description="The redemption that captured it."
    )
    comment: str | None


@takes
class PointsHoldInput(Keyed):
    """Points to be kept for a checkout."""

    program: str = strawberry.field(description="The code of the program.")
    member: MemberReference = strawberry.field(description="Whose points.")
    points: Points = strawberry.field(description="How many.")
    point_type: str | None = strawberry.field(default=None, description=POINT_TYPE)
    minutes: int | None = strawberry.field(
        default=None,
        description="For how long; not given: as the program says. The program also says how long at most.",
    )
    comment: str | None = strawberry.field(default=None, description="For people.")
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@takes
class PointsCaptureInput(Keyed):
    """A hold to be redeemed: all of it, or so many points, or the price of a product."""

    id: strawberry.ID = strawberry.field(description="Of the hold.")
    points: Points | None = strawberry.field(
        default=None, description="How many; not given, and no product either: all. The rest is free again."
    )
    product: str | None = strawberry.field(default=None, description=PRODUCT)
    quantity: Decimal | None = strawberry.field(default=None, description="How much of it; not given: one.")
    voucher: VoucherWishInput | None = strawberry.field(default=None, description="Vouchers that pay first.")
    tender: TenderInput | None = strawberry.field(default=None, description="Money that pays next.")
    partner: str | None = strawberry.field(default=None, description="The code of the partner where it happened.")
    source: str | None = strawberry.field(default=None, description="The system that sends it.")
    external_id: str | None = strawberry.field(default=None, description=EXTERNAL_ID)
    comment: str | None = strawberry.field(default=None, description="For people.")
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@takes
class PointsReleaseInput:
    """A hold to be let go."""

    id: strawberry.ID = strawberry.field(description="Of the hold.")


@answers
class PointsHoldPayload(ReplayablePayload):
    """The hold."""

    result: PointHold | None = strawberry.field(name="hold", description=REFUSED)


@answers
class PointsReleasePayload(Payload):
    """The hold as it is now."""

    result: PointHold | None = strawberry.field(name="hold", description=REFUSED)


@answers
class PointsCapturePayload(ReplayablePayload):
    """The redemption. One that the engine refused is a transaction too, beside its errors; then the hold goes on."""

    preview: bool = direct(is_preview, PREVIEWED)
    transaction: Annotated["Transaction", strawberry.lazy("schema.transactions")] | None = direct(result, RESULT)
