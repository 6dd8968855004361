"""Products and their prices in points."""

from datetime import date

import strawberry

import domain.commands.products as c
import domain.programs as d
from schema.base import Node, answers, loaded, offers, shows, takes
from schema.loads import PARTNER, POINT_TYPE, PRICES_OF_PRODUCT, PROGRAM
from schema.ordering import Direction
from schema.partners import Partner
from schema.payloads import Payload
from schema.programs import PointType, Program
from schema.scalars import Attributes, Points
from schema.voucher_terms import VoucherTerms, VoucherTermsInput
from schema.wording import CODE, EXPECTED_VERSION, NAME, REFUSED, VERSION

offers(d.PriceKind)
offers(c.ProductOrder)


@shows(d.ProductPrice)
class ProductPrice:
    """What one unit of a product earns or costs in a span of dates."""

    kind: d.PriceKind = strawberry.field(description="Whether the product earns or costs this.")
    points: Points = strawberry.field(description="Per unit of the quantity.")
    point_type: PointType = loaded(POINT_TYPE, by="point_type_id", description="Of the points.")
    partner: Partner | None = loaded(
        PARTNER, by="partner_id", description="Null: for all without a price of their own."
    )
    starts_on: date = strawberry.field(description="The first day.")
    ends_on: date | None = strawberry.field(description="The last day; null: no end.")


@shows(d.Product)
class Product(Node):
    """Something that members buy, book or redeem for."""

    program: Program = loaded(PROGRAM, by="program_id", description="It belongs to this program alone.")
    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    active: bool = strawberry.field(description="Whether new transactions may name it.")
    attributes: Attributes = strawberry.field(description="What rules may read of it.")
    prices: list[ProductPrice] = loaded(
        PRICES_OF_PRODUCT, by="id", description="By kind and partner, the earliest first."
    )
    voucher: VoucherTerms | None = strawberry.field(
        description="The terms of its vouchers; null: it is no voucher type."
    )
    version: int = strawberry.field(description=VERSION)


@takes
class ProductCreateInput:
    """A new product."""

    program: str = strawberry.field(description="The code of its program.")
    code: str = strawberry.field(
        description="Its name in inputs and files, as your other systems know it; it never changes."
    )
    name: str = strawberry.field(description=NAME)
    active: bool = strawberry.field(default=True, description="Whether new transactions may name it.")
    attributes: Attributes | None = strawberry.field(default=None, description="What rules may read of it.")
    voucher: VoucherTermsInput | None = strawberry.field(default=None, description="Makes it a voucher type.")


@takes
class ProductUpdateInput:
    """A change of a product; what is not given stays as it is."""

    program: str = strawberry.field(description="The code of its program.")
    product: str = strawberry.field(description="Its code.")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    name: str | None = strawberry.field(default=None, description=NAME)
    active: bool | None = strawberry.field(default=None, description="Whether new transactions may name it.")
    attributes: Attributes | None = strawberry.field(
        default=None, description="Added to the others; one that is null is removed."
    )
    voucher: VoucherTermsInput | None = strawberry.field(
        default=None, description="New terms; vouchers that members hold keep their last day."
    )


@takes
class ProductPriceSetInput:
    """A price. One that starts on the same date for the same kind and partner is replaced; another must not overlap."""

    program: str = strawberry.field(description="The code of its program.")
    product: str = strawberry.field(description="The code of the product.")
    kind: d.PriceKind = strawberry.field(description="Whether the product earns or costs this.")
    points: Points = strawberry.field(description="Per unit of the quantity.")
    point_type: str | None = strawberry.field(default=None, description="The code; not given: the program's default.")
    partner: str | None = strawberry.field(
        default=None, description="The code of the only partner it is for; not given: all without a price of their own."
    )
    starts_on: date = strawberry.field(description="The first day.")
    ends_on: date | None = strawberry.field(default=None, description="The last day; not given: no end.")


@takes
class ProductPriceRemoveInput:
    """A price that should never have been there; what was processed with it stays as it is."""

    program: str = strawberry.field(description="The code of its program.")
    product: str = strawberry.field(description="The code of the product.")
    kind: d.PriceKind = strawberry.field(description="Whether the product earns or costs this.")
    partner: str | None = strawberry.field(default=None, description="The code of the partner it is for.")
    starts_on: date = strawberry.field(description="The first day.")


@takes
class ProductFilter:
    """Which products; all that is given must hold."""

    program: str | None = strawberry.field(default=None, description="The code of their program.")
    active: bool | None = strawberry.field(default=None, description="Whether new transactions may name them.")
    search: str | None = strawberry.field(default=None, description="Part of the code or name.")


@takes
class ProductOrderBy:
    """How products are sorted."""

    field: c.ProductOrder = strawberry.field(default=c.ProductOrder.CODE, description="By what.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Upwards or downwards.")


@answers
class ProductCreatePayload(Payload):
    """The new product."""

    result: Product | None = strawberry.field(name="product", description=REFUSED)


@answers
class ProductUpdatePayload(Payload):
    """The product as it is now."""

    result: Product | None = strawberry.field(name="product", description=REFUSED)


@answers
class ProductPriceSetPayload(Payload):
    """The product with its prices as they are now."""

    result: Product | None = strawberry.field(name="product", description=REFUSED)


@answers
class ProductPriceRemovePayload(Payload):
    """The product with its prices as they are now."""

    result: Product | None = strawberry.field(name="product", description=REFUSED)
