"""The ledger as members see it: what they have, from which lots it comes, who took from them, and what lapses when."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import domain.commands.ledger as c
import domain.lots as d
import domain.members as m
from schema.base import Node, loaded, offers, shows, takes
from schema.loads import LOT, TRANSACTION, USES_OF_LOT
from schema.ordering import Direction
from schema.scalars import Points

if TYPE_CHECKING:
    from schema.transactions import Transaction

offers(d.LotOrigin)
offers(c.LotOrder)

POINT_TYPE = "The code of the point type."


@shows(m.Balance)
class Balance:
    """What a member has of one kind of points. Always: earned = available + held + pending + redeemed + expired."""

    point_type: str = strawberry.field(description=POINT_TYPE)
    available: Points = strawberry.field(description="What can be spent.")
    held: Points = strawberry.field(description="Reserved for a checkout, and not available until it is released.")
    pending: Points = strawberry.field(description="Given already, and available from a later date on.")
    earned: Points = strawberry.field(description="Everything that was ever given.")
    redeemed: Points = strawberry.field(description="What was taken and not put back, for whatever but its expiry.")
    expired: Points = strawberry.field(description="What has lapsed, from the day after its expiry date on.")
    lifetime_qualifying: Points = strawberry.field(description="What was ever given that counts towards a tier.")
    loan_outstanding: Points = strawberry.field(description="What was lent and is not yet repaid.")


@shows(m.ExpiringPoints)
class ExpiringPoints:
    """Points of one kind that lapse after one date unless they are used."""

    point_type: str = strawberry.field(description=POINT_TYPE)
    expires_on: date = strawberry.field(description="The last day on which they can be used.")
    points: Points


@shows(d.LotUse)
class LotUse:
    """Points that one transaction took from one lot; negative where it put them back."""

    position: int = strawberry.field(description="Its place in the transaction.")
    point_type: str = strawberry.field(description=POINT_TYPE)
    points: Points
    created_at: datetime
    transaction: Annotated["Transaction", strawberry.lazy("schema.transactions")] | None = loaded(
        TRANSACTION, by="transaction_id", description="What took them."
    )
    lot: Annotated["Lot", strawberry.lazy("schema.ledger")] | None = loaded(
        LOT, by=lambda use: (use.member_id, use.lot_transaction_id, use.lot_position), description="Where they were."
    )


@shows(d.Lot, key=("member_id", "transaction_id", "position"))
class Lot(Node):
    """One grant of points by one rule of one transaction. Every point that a member has sits in a lot."""

    position: int = strawberry.field(description="Its place in the transaction.")
    point_type: str = strawberry.field(description=POINT_TYPE)
    qualifying: bool = strawberry.field(description="Whether its points count towards a tier.")
    origin: d.LotOrigin
    points: Points = strawberry.field(description="What it was given.")
    remaining: Points = strawberry.field(description="What nobody has taken yet.")
    transaction_date: date = strawberry.field(description="Of the transaction that gave it.")
    effective_on: date | None = strawberry.field(description="From when on it can be used; null: at once.")
    expires_on: date | None = strawberry.field(
        description="The last day on which it can be used, as activities have extended it; null: for ever."
    )
    created_at: datetime
    transaction: Annotated["Transaction", strawberry.lazy("schema.transactions")] | None = loaded(
        TRANSACTION, by="transaction_id", description="What gave it."
    )
    uses: list[LotUse] = loaded(
        USES_OF_LOT,
        by=lambda lot: (lot.member_id, lot.transaction_id, lot.position),
        description="What was taken from it and put back, in time.",
    )


@takes
class LotFilter:
    """Which lots; all that is given must hold."""

    open: bool | None = strawberry.field(
        default=None,
        description="Whether they still hold points. A lot past its expiry holds them until the nightly job.",
    )
    point_type: str | None = strawberry.field(default=None, description=POINT_TYPE)
    qualifying: bool | None = strawberry.field(default=None, description="Whether they count towards a tier.")


@takes
class LotOrderBy:
    """How lots are sorted."""

    field: c.LotOrder = strawberry.field(default=c.LotOrder.TRANSACTION_DATE, description="By what.")
    direction: Direction = strawberry.field(default=Direction.DESC, description="Upwards or downwards.")
