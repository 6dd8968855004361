"""Points in one call: what a point of sale asks for, recorded and processed at once."""

import strawberry

from schema.base import answers, direct, takes
from schema.entries import (
    BASE_POINTS,
    PREVIEW,
    QUALIFYING,
    TRANSFER_TO,
    EntryInput,
    PurchaseInput,
    TenderInput,
    VoucherWishInput,
)
from schema.member_references import MemberReference
from schema.payloads import ReplayablePayload
from schema.previews import PREVIEWED, RESULT, is_preview, result
from schema.scalars import Points
from schema.transactions import Transaction


@takes
class PointsEarnInput(PurchaseInput):
    """Something that the member bought, booked or did."""

    base_points: Points | None = strawberry.field(default=None, description=BASE_POINTS)
    qualifying: bool | None = strawberry.field(default=None, description=QUALIFYING)
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@takes
class PointsRedeemInput(PurchaseInput):
    """Something that the member pays with points: a product that has a price in points, or so many points."""

    points: Points | None = strawberry.field(
        default=None,
        description="How many; for a product with a price: what is offered, at least what vouchers and money leave of it.",
    )
    voucher: VoucherWishInput | None = strawberry.field(default=None, description="Vouchers that pay first.")
    tender: TenderInput | None = strawberry.field(
        default=None, description="Money that pays next, at the rate of the program; points pay the rest."
    )
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@takes
class PointsGiftInput(EntryInput):
    """Points that the member is given."""

    points: Points = strawberry.field(description="How many.")
    qualifying: bool | None = strawberry.field(
        default=None, description="Whether they count towards a tier; not given: they do not."
    )
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@takes
class PointsTransferInput(EntryInput):
    """Points that the member sends to another member of the program."""

    transfer_to: MemberReference = strawberry.field(description=TRANSFER_TO)
    points: Points = strawberry.field(description="How many.")
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@answers
class PointsEarnPayload(ReplayablePayload):
    """The accrual. One that the engine refused is a transaction too: it is here beside its errors."""

    preview: bool = direct(is_preview, PREVIEWED)
    transaction: Transaction | None = direct(result, RESULT)


@answers
class PointsRedeemPayload(ReplayablePayload):
    """The redemption. One that the engine refused is a transaction too: it is here beside its errors."""

    preview: bool = direct(is_preview, PREVIEWED)
    transaction: Transaction | None = direct(result, RESULT)


@answers
class PointsGiftPayload(ReplayablePayload):
    """The gift. One that the engine refused is a transaction too: it is here beside its errors."""

    preview: bool = direct(is_preview, PREVIEWED)
    transaction: Transaction | None = direct(result, RESULT)


@answers
class PointsTransferPayload(ReplayablePayload):
    """What left the member. A transfer that the engine refused is a transaction too: it is here beside its errors."""

    preview: bool = direct(is_preview, PREVIEWED)
    transaction: Transaction | None = direct(result, RESULT)
