"""Families: who belongs to which household or account, and how points flow there."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

import domain.families as d
from domain.pages import PageRequest
from schema.base import answers, computed, loaded, shows, takes
from schema.loads import MEMBER, PERSON
from schema.member_references import MemberReference
from schema.paged import Paged
from schema.payloads import Payload
from schema.people import Person
from schema.wording import REFUSED

if TYPE_CHECKING:
    from schema.members import Member

PROGRAM = "The code of the program; ids need none, nor do those who are bound to one."
ROLLS_UP = (
    "Points of accruals dated from then on leave for the household or account as soon as they are given; they qualify for "
    "both. Null: they stay."
)
TWIN = "An account gets so many percent of each accrual besides, as an accrual of its own; null: nothing."

MEMBERS_OF_FAMILY: Paged[tuple[int, PageRequest], d.FamilyMembership] = Paged("members of a family")


@shows(d.FamilyMembership)
class FamilyMembership:
    """An individual in a household or account."""

    member: Annotated["Member", strawberry.lazy("schema.members")] | None = loaded(
        MEMBER, by="member_id", description="The individual; null: nobody you may see."
    )
    family: Annotated["Member", strawberry.lazy("schema.members")] | None = loaded(
        MEMBER, by="family_id", description="The household or account; null: none you may see."
    )
    current: bool = computed(lambda membership: membership.ends_on is None, "Whether it goes on.")
    starts_on: date = strawberry.field(description="The first day.")
    ends_on: date | None = strawberry.field(description="The last day; null: it goes on.")
    rolls_up_from: date | None = strawberry.field(description=ROLLS_UP)
    twin_percent: Decimal | None = strawberry.field(description=TWIN)
    joined_by: Person | None = loaded(
        PERSON, by="joined_by_id", description="Who recorded it; null: the engine, or nobody you may see."
    )
    left_by: Person | None = loaded(
        PERSON, by="left_by_id", description="Who ended it; null: the engine, nobody yet, or nobody you may see."
    )


@takes
class HouseholdJoinInput:
    """An individual joins a household or account today; what it has stays its own."""

    program: str | None = strawberry.field(default=None, description=PROGRAM)
    member: MemberReference = strawberry.field(description="The individual.")
    family: MemberReference = strawberry.field(description="The household or account.")
    rolls_up_from: date | None = strawberry.field(default=None, description=ROLLS_UP)
    twin_percent: Decimal | None = strawberry.field(default=None, description=TWIN)


@takes
class HouseholdLeaveInput:
    """An individual leaves its household or account today; what it earns from now on stays its own."""

    program: str | None = strawberry.field(default=None, description=PROGRAM)
    member: MemberReference = strawberry.field(description="The individual.")


@answers
class HouseholdJoinPayload(Payload):
    """The membership."""

    result: FamilyMembership | None = strawberry.field(name="membership", description=REFUSED)


@answers
class HouseholdLeavePayload(Payload):
    """The membership, which has ended."""

    result: FamilyMembership | None = strawberry.field(name="membership", description=REFUSED)
