"""Memberships in partner programs, what they give, and the moves that the viewer of this request may make of them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

import strawberry

import domain.agreements as a
import domain.commands.memberships as c
import domain.memberships as d
from schema.attributes import Attributes
from schema.base import Node, answers, computed, direct, loaded, offers, shows, takes
from schema.context import Context, Load
from schema.loads import (
    ENTITLEMENTS_OF_MEMBERSHIP,
    LINES_OF_MEMBERSHIP,
    MEMBERSHIP,
    MOVES_OF_MEMBERSHIP,
    PARTNER,
    PARTNER_PROGRAM,
    PERSON,
)
from schema.ordering import Direction
from schema.partner_programs import PartnerProgram
from schema.partners import Partner
from schema.payloads import Payload
from schema.people import Person
from schema.problems import UserError
from schema.wording import CREATED_AT, REFUSED

offers(a.LineStatus, "AgreementLineStatus")
offers(d.MembershipMove)
offers(d.MembershipStatus)
offers(c.MassOutcome)
offers(c.MembershipOrder)

PARTNERS = "Codes of partners, up to 500."
CSV = "Instead: the text of a CSV file with a column `partner`, up to 500 rows."
COMMENT = "Kept with the move."


@dataclass(frozen=True, slots=True, eq=False)
class MembershipMovesAsked:
    """A membership, and the request whose principal would move it."""

    context: Context
    membership: d.Membership


MOVES: Load[MembershipMovesAsked, tuple[d.MembershipMove, ...]] = Load("possible moves of a membership")


def _moves(membership: d.Membership, info: Any) -> Any:
    return info.context.load(MOVES, MembershipMovesAsked(info.context, membership))


@shows(a.AgreementLine)
class AgreementLine:
    """A line of the agreement between host and partner."""

    code: str
    description: str
    status: a.LineStatus
    starts_on: date
    ends_on: date


@shows(a.Entitlement)
class Entitlement:
    """What a partner is entitled to."""

    code: str
    description: str
    starts_on: date
    ends_on: date | None = strawberry.field(description="Its last day; null: as long as the membership goes on.")


@shows(d.MembershipRecord)
class MembershipRecord:
    """A move of a membership."""

    move: d.MembershipMove
    person: Person | None = loaded(PERSON, by="person_id", description="Who; null: the engine, or nobody you may see.")
    from_status: d.MembershipStatus | None
    to_status: d.MembershipStatus
    effective_on: date = strawberry.field(description="As of which day, however late it was written.")
    comment: str | None
    created_at: datetime = strawberry.field(description=CREATED_AT)


@shows(d.Membership)
class Membership(Node):
    """What a partner is in a partner program."""

    partner_program: PartnerProgram = loaded(PARTNER_PROGRAM, by="partner_program_id")
    partner: Partner = loaded(PARTNER, by="partner_id")
    status: d.MembershipStatus
    begins_on: date
    ends_on: date = strawberry.field(description="Its last day, before the grace.")
    renewal_opens_on: date = strawberry.field(description="The first day on which it may be renewed.")
    renewal_ends_on: date = strawberry.field(description="The last one, and of the grace.")
    renews: Annotated["Membership", strawberry.lazy("schema.memberships")] | None = loaded(
        MEMBERSHIP, by="renews_id", description="The membership before, that it renews."
    )
    closed_on: date | None = strawberry.field(description="The day on which it became EXPIRED or TERMINATED.")
    invited_on: date | None = strawberry.field(description="When the partner was asked by email to renew it.")
    lines: list[AgreementLine] = loaded(LINES_OF_MEMBERSHIP, by="id", description="Of the agreement.")
    entitlements: list[Entitlement] = loaded(ENTITLEMENTS_OF_MEMBERSHIP, by="id")
    moves: list[MembershipRecord] = loaded(MOVES_OF_MEMBERSHIP, by="id", description="The first one first.")
    available_moves: list[d.MembershipMove] = direct(_moves, "The moves that you may make now.")
    created_at: datetime = strawberry.field(description=CREATED_AT)


@shows(c.MassRow)
class MassUpdateRow:
    """What became of one row of a mass update."""

    row: int = strawberry.field(description="Its place in the list, or its line in the file, from 1.")
    partner: str = strawberry.field(description="As the row names it.")
    outcome: c.MassOutcome
    membership: Membership | None = strawberry.field(description="As it is now; null if there is none.")
    error: UserError | None = computed(lambda row: row.problem, "Why it was refused.")


@shows(c.MassUpdate)
class MassUpdate:
    """What became of every row; a row that is refused harms no other."""

    rows: list[MassUpdateRow]
    done: int = computed(lambda update: update.count(c.MassOutcome.DONE), "How many rows were carried out.")
    unchanged: int = computed(lambda update: update.count(c.MassOutcome.UNCHANGED), "How many were so already.")
    refused: int = computed(lambda update: update.count(c.MassOutcome.REFUSED), "How many were refused.")


@takes
class MembershipRenewInput:
    """A membership whose partner wants to stay a member."""

    id: strawberry.ID = strawberry.field(description="Of the membership.")
    note: str | None = strawberry.field(default=None, description="For whoever decides.")
    attributes: Attributes | None = strawberry.field(default=None, description="What else is asked or told.")


@takes
class MembershipsAddInput:
    """Partners to become members, by your word alone. Sending it again changes nothing more."""

    partner_program: str = strawberry.field(description="The code of the program.")
    partners: list[str] | None = strawberry.field(default=None, description=PARTNERS)
    csv: str | None = strawberry.field(default=None, description=CSV)
    begins_on: date | None = strawberry.field(default=None, description="Not in the future. Default: today.")
    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class MembershipsRemoveInput:
    """Partners whose memberships are terminated today. Sending it again changes nothing more."""

    partner_program: str = strawberry.field(description="The code of the program.")
    partners: list[str] | None = strawberry.field(default=None, description=PARTNERS)
    csv: str | None = strawberry.field(default=None, description=CSV)
    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class MembershipFilter:
    """Which memberships; all that is given must hold."""

    partner_program: str | None = strawberry.field(default=None, description="The code of a partner program.")
    partner: str | None = strawberry.field(default=None, description="The code of a partner.")
    status: list[d.MembershipStatus] | None = strawberry.field(default=None, description="One of these.")
    ends_before: date | None = strawberry.field(default=None, description="Those that end before this day.")


@takes
class MembershipOrderBy:
    """How memberships are sorted."""

    field: c.MembershipOrder = strawberry.field(default=c.MembershipOrder.CREATED_AT, description="By what.")
    direction: Direction = strawberry.field(default=Direction.DESC, description="Upwards or downwards.")


@answers
class MembershipsAddPayload(Payload):
    """What became of every row."""

    result: MassUpdate | None = strawberry.field(name="update", description=REFUSED)


@answers
class MembershipsRemovePayload(Payload):
    """What became of every row."""

    result: MassUpdate | None = strawberry.field(name="update", description=REFUSED)
