"""Point blocks: points that partners, or the host, have bought, and what can be done with them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry

import domain.blocks as d
import domain.commands.blocks as c
from domain.transactions import Money as DomainMoney
from schema.base import Node, answers, computed, direct, loaded, offers, shows, takes
from schema.context import Context, Load
from schema.entries import PREVIEW
from schema.loads import MOVES_OF_BLOCK, PARTNER, PERSON, POINT_BLOCK, PROGRAM, PROMOTION
from schema.money import Money
from schema.ordering import Direction
from schema.partners import Partner
from schema.payloads import Keyed, Payload, ReplayablePayload
from schema.people import Person
from schema.programs import Program
from schema.promotions import Promotion
from schema.scalars import Points
from schema.wording import CREATED_AT, EXPECTED_VERSION, REFUSED, VERSION

offers(d.BlockKind)
offers(d.BlockStatus)
offers(d.BlockMove)
offers(c.PointBlockOrder)

OF_BLOCK = "Of the block."
COMMENT = "Kept with the move."
STARTS_ON = "The first day on which it can be used"
ENDS_ON = "The last one, included"


@dataclass(frozen=True, slots=True, eq=False)
class BlockMovesAsked:
    """A block, and the request whose principal would move it."""

    context: Context
    block: d.PointBlock


AVAILABLE: Load[BlockMovesAsked, tuple[d.BlockMove, ...]] = Load("possible moves of a block")


def _moves(block: d.PointBlock, info: Any) -> Any:
    return info.context.load(AVAILABLE, BlockMovesAsked(info.context, block))


@shows(d.PointBlockMove)
class PointBlockMove:
    """A move of a block."""

    move: d.BlockMove
    person: Person | None = loaded(PERSON, by="person_id", description="Who; null: the engine, or nobody you may see.")
    from_status: d.BlockStatus | None
    to_status: d.BlockStatus
    submit_to: Person | None = loaded(PERSON, by="submit_to_id", description="Who was asked by it; null: nobody.")
    comment: str | None
    created_at: datetime = strawberry.field(description=CREATED_AT)


@shows(d.PointBlock)
class PointBlock(Node):
    """Points that somebody has bought and may give away; points of a block have two decimals."""

    program: Program | None = loaded(PROGRAM, by="program_id")
    partner: Partner | None = loaded(PARTNER, by="partner_id", description="Whose it is; null: the host's.")
    kind: d.BlockKind
    status: d.BlockStatus
    original: Points = strawberry.field(description="What was bought or set aside; 0 of an OVERDRAFT.")
    remaining: Points = strawberry.field(description="What is left; negative of an OVERDRAFT, 0 before it is APPROVED.")
    starts_on: date = strawberry.field(description=f"{STARTS_ON}.")
    ends_on: date | None = strawberry.field(description=f"{ENDS_ON}; null: there is none.")
    price: Decimal = strawberry.field(description="Of one point, in the currency of `cost`.")
    cost: Money = computed(lambda block: DomainMoney(block.cost, block.currency), "Of all its points.")
    promotion: Promotion | None = loaded(PROMOTION, by="promotion_id", description="It pays for that one alone.")
    parent: "PointBlock | None" = loaded(POINT_BLOCK, by="parent_id", description="What it was carved out of.")
    submit_to: Person | None = loaded(PERSON, by="submit_to_id", description="Who is asked to approve it.")
    requested_by: Person | None = loaded(
        PERSON, by="requested_by_id", description="Null: the engine, or nobody you may see."
    )
    comment: str | None
    moves: list[PointBlockMove] = loaded(MOVES_OF_BLOCK, by="id", description="The first one first.")
    available_moves: list[d.BlockMove] = direct(_moves, "The moves that you may make now.")
    version: int = strawberry.field(description=VERSION)
    created_at: datetime = strawberry.field(description=CREATED_AT)
    approved_at: datetime | None = strawberry.field(description="Since when its points are there.")
    closed_at: datetime | None


@takes
class PointBlockPurchaseInput(Keyed):
    """Points to be bought."""

    program: str = strawberry.field(description="The code of the program.")
    partner: str | None = strawberry.field(
        default=None, description="The code of the partner that buys; not given: the host."
    )
    points: Points = strawberry.field(description="How many, with up to two decimals.")
    kind: d.BlockKind = strawberry.field(
        default=d.BlockKind.NORMAL, description="NORMAL, or RESERVE: used only once all NORMAL ones are empty."
    )
    starts_on: date | None = strawberry.field(default=None, description=f"{STARTS_ON}; not given: today.")
    ends_on: date | None = strawberry.field(default=None, description=f"{ENDS_ON}; not given: there is none.")
    price: Decimal | None = strawberry.field(
        default=None, description="Of one point, where the terms of the partner name no pricing rule. The host's is 0."
    )
    currency: str | None = strawberry.field(
        default=None, description="In which you expect to pay; another one than agreed is refused."
    )
    submit_to: str | None = strawberry.field(
        default=None, description="The subject of the person to ask; not given: it is approved at once."
    )
    comment: str | None = strawberry.field(default=None, description="For people.")
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@strawberry.input
class OnBlock:
    """What every move of a block takes."""

    id: strawberry.ID = strawberry.field(description=OF_BLOCK)
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)


@takes
class PointBlockApproveInput(OnBlock, Keyed):
    """A purchase that is granted."""

    comment: str | None = strawberry.field(default=None, description=COMMENT)
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@takes
class PointBlockRejectInput(OnBlock):
    """A purchase that is not granted."""

    comment: str = strawberry.field(description="Why not.")


@takes
class PointBlockForwardInput(OnBlock):
    """A purchase that somebody else shall decide about."""

    submit_to: str = strawberry.field(description="The subject of the person to ask now.")
    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class PointBlockCarveInput(Keyed):
    """Points of a block to be set aside for a promotion."""

    id: strawberry.ID = strawberry.field(description=OF_BLOCK)
    promotion: str = strawberry.field(description="The code of the promotion; the new block pays for nothing else.")
    points: Points = strawberry.field(description="How many, with up to two decimals.")
    starts_on: date | None = strawberry.field(default=None, description=f"{STARTS_ON}; not given: today.")
    ends_on: date | None = strawberry.field(
        default=None, description=f"{ENDS_ON}, not after that of the block it comes from; not given: the same day."
    )
    comment: str | None = strawberry.field(default=None, description=COMMENT)
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@takes
class PointBlockCloseInput(OnBlock, Keyed):
    """A block of which nothing more is to be given."""

    comment: str | None = strawberry.field(default=None, description=COMMENT)
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@takes
class PointBlockFilter:
    """Which blocks; all that is given must hold."""

    program: str | None = strawberry.field(default=None, description="The code of their program.")
    partner: str | None = strawberry.field(default=None, description="The code of the partner they belong to.")
    host: bool | None = strawberry.field(default=None, description="Whether they belong to the host.")
    kind: list[d.BlockKind] | None = strawberry.field(default=None, description="One of these.")
    status: list[d.BlockStatus] | None = strawberry.field(default=None, description="One of these.")
    active: bool | None = strawberry.field(default=None, description="Whether they can be used today.")


@takes
class PointBlockOrderBy:
    """How blocks are sorted."""

    field: c.PointBlockOrder = strawberry.field(default=c.PointBlockOrder.CREATED_AT, description="By what.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Upwards or downwards.")


@answers
class PointBlockPurchasePayload(ReplayablePayload):
    """The block."""

    result: PointBlock | None = strawberry.field(name="block", description=REFUSED)


@answers
class PointBlockApprovePayload(ReplayablePayload):
    """The block as it is now."""

    result: PointBlock | None = strawberry.field(name="block", description=REFUSED)


@answers
class PointBlockRejectPayload(Payload):
    """The block as it is now."""

    result: PointBlock | None = strawberry.field(name="block", description=REFUSED)


@answers
class PointBlockForwardPayload(Payload):
    """The block as it is now."""

    result: PointBlock | None = strawberry.field(name="block", description=REFUSED)


@answers
class PointBlockCarvePayload(ReplayablePayload):
    """The new block; `parent` is the one it comes from, as it is now."""

    result: PointBlock | None = strawberry.field(name="block", description=REFUSED)


@answers
class PointBlockClosePayload(ReplayablePayload):
    """The block as it is now."""

    result: PointBlock | None = strawberry.field(name="block", description=REFUSED)
