"""Applications to partner programs, and the moves that the viewer of this request may make of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry

import domain.applications as d
from schema.attributes import Attributes
from schema.base import Node, answers, direct, loaded, offers, shows, takes
from schema.context import Context, Load
from schema.loads import MEMBERSHIP, MOVES_OF_APPLICATION, PARTNER, PARTNER_PROGRAM, PERSON
from schema.memberships import Membership
from schema.ordering import Direction
from schema.partner_programs import PartnerProgram
from schema.partners import Partner
from schema.payloads import Payload
from schema.people import Person
from schema.wording import CREATED_AT, EXPECTED_VERSION, REFUSED, VERSION

offers(d.ApplicationKind)
offers(d.ApplicationMove)
offers(d.ApplicationStatus)

NOTE = "For whoever decides."
ATTRIBUTES = "What else is asked or told."
COMMENT = "Kept with the move."


@dataclass(frozen=True, slots=True, eq=False)
class ApplicationMovesAsked:
    """An application, and the request whose principal would move it."""

    context: Context
    application: d.Application


MOVES: Load[ApplicationMovesAsked, tuple[d.ApplicationMove, ...]] = Load("possible moves of an application")


def _moves(application: d.Application, info: Any) -> Any:
    return info.context.load(MOVES, ApplicationMovesAsked(info.context, application))


@shows(d.ApplicationRecord)
class ApplicationRecord:
    """A move of an application."""

    move: d.ApplicationMove
    person: Person | None = loaded(PERSON, by="person_id", description="Who; null: the engine, or nobody you may see.")
    from_status: d.ApplicationStatus | None
    to_status: d.ApplicationStatus
    comment: str | None
    created_at: datetime = strawberry.field(description=CREATED_AT)


@shows(d.Application)
class Application(Node):
    """A partner asks to become a member of a partner program, or to stay one."""

    partner_program: PartnerProgram = loaded(PARTNER_PROGRAM, by="partner_program_id")
    partner: Partner = loaded(PARTNER, by="partner_id")
    kind: d.ApplicationKind
    status: d.ApplicationStatus
    note: str | None = strawberry.field(description=NOTE)
    attributes: Attributes = strawberry.field(description=ATTRIBUTES)
    renews: Membership | None = loaded(MEMBERSHIP, by="renews_id", description="The membership that it is to renew.")
    membership: Membership | None = loaded(MEMBERSHIP, by="membership_id", description="What came of it.")
    accepted_by: Person | None = loaded(
        PERSON, by="accepted_by_id", description="Who took it from the inbox; null: nobody yet, or nobody you may see."
    )
    created_by: Person | None = loaded(PERSON, by="created_by_id", description="Null: nobody you may see.")
    submitted_at: datetime | None
    moves: list[ApplicationRecord] = loaded(MOVES_OF_APPLICATION, by="id", description="The first one first.")
    available_moves: list[d.ApplicationMove] = direct(_moves, "The moves that you may make now.")
    version: int = strawberry.field(description=VERSION)
    created_at: datetime = strawberry.field(description=CREATED_AT)


@takes
class ApplicationSaveInput:
    """A draft of an application: a new one, or, with its id, one to go on with."""

    id: strawberry.ID | None = strawberry.field(default=None, description="Of the draft to go on with.")
    expected_version: int | None = strawberry.field(default=None, description=f"With `id`. {EXPECTED_VERSION}")
    partner_program: str | None = strawberry.field(default=None, description="Without `id`: the code of the program.")
    partner: str | None = strawberry.field(
        default=None, description="Without `id`: the code of the partner; not given by a partner's own users."
    )
    note: str | None = strawberry.field(default=None, description=NOTE)
    attributes: Attributes | None = strawberry.field(default=None, description=ATTRIBUTES)


@takes
class ApplicationSubmitInput:
    """An application that is handed in."""

    id: strawberry.ID = strawberry.field(description="Of the application.")
    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class ApplicationAcceptInput:
    """An application that is taken from the inbox."""

    id: strawberry.ID = strawberry.field(description="Of the application.")
    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class ApplicationApproveInput:
    """An application that is granted."""

    id: strawberry.ID = strawberry.field(description="Of the application.")
    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class ApplicationRejectInput:
    """An application that is not granted."""

    id: strawberry.ID = strawberry.field(description="Of the application.")
    comment: str = strawberry.field(description="Why.")


@takes
class ApplicationFilter:
    """Which applications; all that is given must hold."""

    partner_program: str | None = strawberry.field(default=None, description="The code of a partner program.")
    partner: str | None = strawberry.field(default=None, description="The code of a partner.")
    kind: d.ApplicationKind | None = strawberry.field(default=None, description="Of this kind.")
    status: list[d.ApplicationStatus] | None = strawberry.field(default=None, description="One of these.")
    accepted_by: str | None = strawberry.field(default=None, description="The subject of who took it.")


@takes
class ApplicationOrderBy:
    """Applications are sorted by the moment at which they were begun."""

    direction: Direction = strawberry.field(default=Direction.ASC, description="ASC: the oldest first.")


@answers
class ApplicationSavePayload(Payload):
    """The draft as it is now."""

    result: Application | None = strawberry.field(name="application", description=REFUSED)


@answers
class ApplicationSubmitPayload(Payload):
    """The application as it is now: it may be decided already."""

    result: Application | None = strawberry.field(name="application", description=REFUSED)


@answers
class ApplicationAcceptPayload(Payload):
    """The application as it is now."""

    result: Application | None = strawberry.field(name="application", description=REFUSED)


@answers
class ApplicationApprovePayload(Payload):
    """The application as it is now, with the membership that came of it."""

    result: Application | None = strawberry.field(name="application", description=REFUSED)


@answers
class ApplicationRejectPayload(Payload):
    """The application as it is now."""

    result: Application | None = strawberry.field(name="application", description=REFUSED)


@answers
class MembershipRenewPayload(Payload):
    """The application for renewal: it may be decided already."""

    result: Application | None = strawberry.field(name="application", description=REFUSED)
