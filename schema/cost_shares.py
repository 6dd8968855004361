"""Cost shares: who pays how many percent of what a joint promotion gives."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

import domain.cost_shares as d
from schema.base import computed, loaded, shows, takes
from schema.loads import PARTNER

if TYPE_CHECKING:
    from schema.partners import Partner

PERCENT = "How many percent of the cost, above 0; all shares of a promotion sum to 100."


@shows(d.CostShare)
class CostShare:
    """Somebody who pays a part of what a joint promotion gives."""

    host: bool = computed(lambda share: share.partner_id is None, "Whether it is the share of the host.")
    partner: Annotated["Partner", strawberry.lazy("schema.partners")] | None = loaded(
        PARTNER, by="partner_id", description="Who pays; null: the host, or a partner that you may not see."
    )
    percent: Decimal = strawberry.field(description=PERCENT)


@takes
class CostShareInput:
    """Somebody who is to pay a part of what a joint promotion gives."""

    partner: str | None = strawberry.field(default=None, description="The code of the partner; null: the host.")
    percent: Decimal = strawberry.field(description=PERCENT)
