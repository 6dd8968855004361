"""Vouchers: what a member holds under a number and uses once."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import domain.vouchers as d
from schema.base import Node, answers, direct, loaded, offers, shows, takes
from schema.loads import MEMBER, MOVES_OF_VOUCHER, PERSON, PRODUCT, PROMOTION, TRANSACTION, VOUCHER
from schema.member_references import MemberReference
from schema.payloads import Keyed, ReplayablePayload
from schema.people import Person
from schema.products import Product
from schema.promotions import Promotion
from schema.wording import REFUSED

if TYPE_CHECKING:
    from schema.members import Member
    from schema.transactions import Transaction

offers(d.VoucherStatus)
offers(d.VoucherSource)
offers(d.VoucherMove)

PROGRAM = "The code of its program."
NUMBER = "As it is printed; small letters and missing strokes do no harm."
COMMENT = "For people."
PREVIEW = "Only show what would happen: nothing is written, the key is not used up, and new numbers are drawn again."
VOUCHER_TYPE = "The code of their type: a product with voucher terms."


@shows(d.VoucherMoved)
class VoucherHistory:
    """A move in the life of a voucher."""

    person: Person | None = loaded(PERSON, by="person_id", description="Who; null: the engine, or nobody you may see.")
    move: d.VoucherMove
    from_status: d.VoucherStatus | None
    to_status: d.VoucherStatus
    comment: str | None
    created_at: datetime


@shows(d.Voucher)
class Voucher(Node):
    """A promise of a product, or of points towards one, that a member uses once."""

    number: str = strawberry.field(description="Unique in its program, and not to be guessed.")
    member: Annotated["Member", strawberry.lazy("schema.members")] | None = loaded(MEMBER, by="member_id")
    voucher_type: Product | None = loaded(PRODUCT, by="product_id", description="Its type, with its terms.")
    status: d.VoucherStatus = strawberry.field(description="As it is today: after its last day, EXPIRED.")
    source: d.VoucherSource = strawberry.field(description="Why the member has it.")
    issued_at: datetime
    issued_by: Person | None = loaded(PERSON, by="issued_by_id", description="Null: the engine, or nobody you may see.")
    transaction: Annotated["Transaction", strawberry.lazy("schema.transactions")] | None = loaded(
        TRANSACTION, by="transaction_id", description="What gave it, if a transaction did."
    )
    promotion: Promotion | None = loaded(PROMOTION, by="promotion_id", description="The promotion that gave it.")
    tier: str | None = strawberry.field(description="The code of the tier that gave it.")
    expires_on: date | None = strawberry.field(description="Its last day; null: no end.")
    reserved_until: datetime | None = strawberry.field(description="When its reservation ends by itself.")
    used_by: Annotated["Transaction", strawberry.lazy("schema.transactions")] | None = loaded(
        TRANSACTION, by="used_by_id", description="What it paid for; null: nothing, or something outside the engine."
    )
    replaces: Annotated["Voucher", strawberry.lazy("schema.vouchers")] | None = loaded(
        VOUCHER, by="replaces_id", description="The voucher whose number this one replaces."
    )
    replaced_by: Annotated["Voucher", strawberry.lazy("schema.vouchers")] | None = loaded(
        VOUCHER, by="replaced_by_id", description="The voucher that replaces this one's number."
    )
    moves: list[VoucherHistory] = loaded(MOVES_OF_VOUCHER, by="id", description="Its history, the first move first.")
    available_moves: list[d.VoucherMove] = direct(
        lambda voucher, _: list(voucher.moves), "What can be done with it now."
    )


@takes
class VoucherIssueInput(Keyed):
    """Vouchers for a member."""

    program: str = strawberry.field(description=PROGRAM)
    member: MemberReference = strawberry.field(description="Who gets them.")
    voucher_type: str = strawberry.field(description=VOUCHER_TYPE)
    quantity: int = strawberry.field(default=1, description="How many.")
    expires_on: date | None = strawberry.field(
        default=None, description="Their last day; not given: as their type says."
    )
    comment: str | None = strawberry.field(default=None, description=COMMENT)
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@takes
class VoucherUseInput(Keyed):
    """Vouchers to be used: one by its number, or some of a member's of one type, nearest expiry first."""

    program: str = strawberry.field(description=PROGRAM)
    number: str | None = strawberry.field(default=None, description=NUMBER)
    member: MemberReference | None = strawberry.field(default=None, description="Whose, where no number is given.")
    voucher_type: str | None = strawberry.field(default=None, description=VOUCHER_TYPE)
    quantity: int = strawberry.field(default=1, description="How many of the type.")
    comment: str | None = strawberry.field(default=None, description=COMMENT)
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@takes
class OnVoucher(Keyed):
    """A voucher on which something is done."""

    program: str = strawberry.field(description=PROGRAM)
    number: str = strawberry.field(description=NUMBER)
    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class VoucherReserveInput(OnVoucher):
    """A voucher to be kept for a checkout."""

    until: datetime | None = strawberry.field(
        default=None, description="When it is free again by itself; not given: in 15 minutes."
    )


@takes
class VoucherReleaseInput(OnVoucher):
    """A voucher whose checkout did not happen."""


@takes
class VoucherCancelInput(OnVoucher):
    """A voucher to be taken back."""


@takes
class VoucherReissueInput(OnVoucher):
    """A voucher that needs a new number, because the old one is lost or known to others."""


@takes
class VoucherFilter:
    """Which vouchers; all that is given must hold."""

    program: str | None = strawberry.field(default=None, description="The code of their program.")
    member: strawberry.ID | None = strawberry.field(default=None, description="Whose.")
    status: d.VoucherStatus | None = strawberry.field(default=None, description="As it is today.")
    voucher_type: str | None = strawberry.field(default=None, description=VOUCHER_TYPE)


@answers
class VoucherIssuePayload(ReplayablePayload):
    """The new vouchers."""

    result: list[Voucher] | None = strawberry.field(name="vouchers", description=REFUSED)


@answers
class VoucherUsePayload(ReplayablePayload):
    """The vouchers that were used."""

    result: list[Voucher] | None = strawberry.field(name="vouchers", description=REFUSED)


@answers
class VoucherReservePayload(ReplayablePayload):
    """The voucher as it is now."""

    result: Voucher | None = strawberry.field(name="voucher", description=REFUSED)


@answers
class VoucherReleasePayload(ReplayablePayload):
    """The voucher as it is now."""

    result: Voucher | None = strawberry.field(name="voucher", description=REFUSED)


@answers
class VoucherCancelPayload(ReplayablePayload):
    """The voucher as it is now."""

    result: Voucher | None = strawberry.field(name="voucher", description=REFUSED)


@answers
class VoucherReissuePayload(ReplayablePayload):
    """The voucher with the new number."""

    result: Voucher | None = strawberry.field(name="voucher", description=REFUSED)
