"""What makes a product a voucher type, and the vouchers that a tier gives."""

import strawberry

import domain.vouchers as d
from schema.base import shows, takes
from schema.expiry import ExpiryPolicy, ExpiryPolicyInput
from schema.scalars import Points

WORTH = "Points of the default point type that one pays of a price; null: it pays for one unit of a product whole."
PRODUCTS = "For which products it pays, by code; none: for any that has a price in points."
EXPIRY = "Until when one can be used, counted from the day of its issue."


@shows(d.VoucherTerms)
class VoucherTerms:
    """What makes a product a voucher type."""

    worth: Points | None = strawberry.field(description=WORTH)
    products: list[str] = strawberry.field(description=PRODUCTS)
    expiry: ExpiryPolicy = strawberry.field(description=EXPIRY)


@takes
class VoucherTermsInput:
    """What makes a product a voucher type."""

    worth: Points | None = strawberry.field(default=None, description=WORTH)
    products: list[str] | None = strawberry.field(default=None, description=PRODUCTS)
    expiry: ExpiryPolicyInput | None = strawberry.field(default=None, description=f"{EXPIRY} Not given: for ever.")


@shows(d.TierVoucher)
class TierVoucher:
    """Vouchers that a tier gives."""

    voucher_type: str = strawberry.field(description="The code of their type.")
    quantity: int = strawberry.field(description="How many.")


@takes
class TierVoucherInput:
    """Vouchers that a tier gives."""

    voucher_type: str = strawberry.field(description="The code of their type.")
    quantity: int = strawberry.field(default=1, description="How many.")
