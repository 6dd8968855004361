"""People: employees, partners' users and members' log-ins."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

import domain.commands.people as c
import domain.people as d
from schema.base import Node, answers, computed, loaded, offers, shows, takes
from schema.loads import MEMBER, PARTNER, PERSON, PROGRAM
from schema.member_references import MemberReference
from schema.ordering import Direction
from schema.partners import Partner
from schema.payloads import Payload
from schema.programs import Program
from schema.scalars import Points
from schema.wording import EXPECTED_VERSION, NAME, REFUSED, VERSION

if TYPE_CHECKING:
    from schema.members import Member

offers(d.Role)
offers(c.PersonOrder)

ROLES = "Roles of the host, roles of one partner, or MEMBER alone: they do not mix."
TRANSACTION_LIMIT = "Up to how many points of one transaction they approve; 0: none."
LOAN_LIMIT = "Up to how many points of one loan they approve; 0: none."


@shows(d.Person)
class Person(Node):
    """Somebody who logs in."""

    subject: str = strawberry.field(description="As their tokens name them.")
    name: str = strawberry.field(description=NAME)
    email: str | None = strawberry.field(description="Where they are written to.")
    roles: list[d.Role] = computed(lambda person: sorted(person.roles, key=lambda role: role.value), ROLES)
    program: Program | None = loaded(PROGRAM, by="program_id", description="The only one they see; null: all.")
    partner: Partner | None = loaded(PARTNER, by="partner_id", description="The one they belong to.")
    member: Annotated["Member", strawberry.lazy("schema.members")] | None = loaded(
        MEMBER, by="member_id", description="Whose log-in it is."
    )
    manager: Annotated["Person", strawberry.lazy("schema.people")] | None = loaded(
        PERSON, by="manager_id", description="Where their requests for approval go."
    )
    tier_approver: bool = strawberry.field(description="Whether they approve changes of tiers.")
    transaction_approval_limit: Points = strawberry.field(description=TRANSACTION_LIMIT)
    loan_approval_limit: Points = strawberry.field(description=LOAN_LIMIT)
    active: bool = strawberry.field(description="Who is not, is nobody to this API.")
    version: int = strawberry.field(description=VERSION)


@takes
class PersonCreateInput:
    """A new employee, partner's user or member's log-in."""

    subject: str = strawberry.field(description="As their tokens name them; it never changes.")
    name: str = strawberry.field(description=NAME)
    roles: list[d.Role] = strawberry.field(description=ROLES)
    email: str | None = strawberry.field(default=None, description="Where they are written to.")
    program: str | None = strawberry.field(
        default=None, description="The code of the only program they see; not given: all. A member has one."
    )
    partner: str | None = strawberry.field(default=None, description="The code of the partner, for partner roles.")
    member: MemberReference | None = strawberry.field(
        default=None, description="Whose log-in it is, for the role MEMBER."
    )
    manager: str | None = strawberry.field(
        default=None, description="The subject of whoever their requests for approval go to."
    )
    tier_approver: bool = strawberry.field(default=False, description="Whether they approve changes of tiers.")
    transaction_approval_limit: Points = strawberry.field(default=Decimal(0), description=TRANSACTION_LIMIT)
    loan_approval_limit: Points = strawberry.field(default=Decimal(0), description=LOAN_LIMIT)
    active: bool = strawberry.field(default=True, description="Who is not, is nobody to this API.")


@takes
class PersonUpdateInput:
    """A change of a person; what is not given stays as it is. Nobody moves to another program, partner or member."""

    person: str = strawberry.field(description="Their subject.")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    name: str | None = strawberry.field(default=None, description=NAME)
    roles: list[d.Role] | None = strawberry.field(default=None, description=f"All of them. {ROLES}")
    email: str | None = strawberry.field(default=strawberry.UNSET, description="Null: none.")
    manager: str | None = strawberry.field(
        default=strawberry.UNSET, description="The subject of whoever their requests for approval go to; null: nobody."
    )
    tier_approver: bool | None = strawberry.field(default=None, description="Whether they approve changes of tiers.")
    transaction_approval_limit: Points | None = strawberry.field(default=None, description=TRANSACTION_LIMIT)
    loan_approval_limit: Points | None = strawberry.field(default=None, description=LOAN_LIMIT)
    active: bool | None = strawberry.field(default=None, description="Who is not, is nobody to this API.")


@takes
class PersonFilter:
    """Which people; all that is given must hold."""

    program: str | None = strawberry.field(default=None, description="The code of the program they are bound to.")
    partner: str | None = strawberry.field(default=None, description="The code of the partner they belong to.")
    roles: list[d.Role] | None = strawberry.field(default=None, description="With at least one of these roles.")
    manager: str | None = strawberry.field(default=None, description="The subject of their manager.")
    active: bool | None = strawberry.field(default=None, description="Whether they are active.")
    search: str | None = strawberry.field(default=None, description="Part of the subject, name or email.")


@takes
class PersonOrderBy:
    """How people are sorted."""

    field: c.PersonOrder = strawberry.field(default=c.PersonOrder.NAME, description="By what.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Upwards or downwards.")


@answers
class PersonCreatePayload(Payload):
    """The new person."""

    result: Person | None = strawberry.field(name="person", description=REFUSED)


@answers
class PersonUpdatePayload(Payload):
    """The person as they are now."""

    result: Person | None = strawberry.field(name="person", description=REFUSED)
