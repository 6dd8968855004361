"""Activities: what somebody should see to."""

from datetime import datetime

import strawberry

import domain.activities as d
from schema.base import Node, answers, direct, loaded, offers, shows, takes
from schema.ids import seal
from schema.loads import PARTNER, PERSON, PROGRAM
from schema.ordering import Direction
from schema.partners import Partner
from schema.payloads import Payload
from schema.people import Person
from schema.programs import Program
from schema.wording import CREATED_AT, REFUSED

offers(d.ActivityType)
offers(d.ActivityStatus)


def _about(activity: d.Activity, info: strawberry.Info[object, None]) -> object:
    about = activity.about
    return None if about is None else info.context.node(seal(about.type, about.key))  # type: ignore[attr-defined]


@shows(d.Activity)
class Activity(Node):
    """What somebody should see to. It decides nothing by itself."""

    type: d.ActivityType
    status: d.ActivityStatus
    subject: str = strawberry.field(description="In one line.")
    owner: Person | None = loaded(
        PERSON, by="owner_id", description="Who should see to it; null: whoever is in charge, or nobody you may see."
    )
    partner: Partner | None = loaded(PARTNER, by="partner_id", description="Whose it is.")
    program: Program | None = loaded(PROGRAM, by="program_id", description="Null: not of one loyalty program.")
    about: Node | None = direct(_about, "What it is about; null: nothing, or nothing you may see.")
    created_by: Person | None = loaded(
        PERSON, by="created_by_id", description="Who caused it; null: the engine, or nobody you may see."
    )
    created_at: datetime = strawberry.field(description=CREATED_AT)
    closed_by: Person | None = loaded(PERSON, by="closed_by_id", description="Null: nobody yet, or nobody you may see.")
    closed_at: datetime | None = strawberry.field(description="Null while it is OPEN.")
    comment: str | None = strawberry.field(description="What was said when it was closed.")


@takes
class ActivityFilter:
    """Which activities; all that is given must hold."""

    type: list[d.ActivityType] | None = strawberry.field(default=None, description="One of these.")
    status: list[d.ActivityStatus] | None = strawberry.field(default=None, description="One of these.")
    partner: str | None = strawberry.field(default=None, description="The code of a partner.")
    program: str | None = strawberry.field(default=None, description="The code of a loyalty program.")
    owner: str | None = strawberry.field(default=None, description="The subject of a person.")


@takes
class ActivityOrderBy:
    """Activities are sorted by the moment at which they were recorded."""

    direction: Direction = strawberry.field(default=Direction.DESC, description="DESC: the newest first.")


@takes
class ActivityCloseInput:
    """An activity that somebody has seen to."""

    id: strawberry.ID = strawberry.field(description="Of the activity.")
    comment: str | None = strawberry.field(default=None, description="What was done about it.")


@answers
class ActivityClosePayload(Payload):
    """The activity as it is now."""

    result: Activity | None = strawberry.field(name="activity", description=REFUSED)
