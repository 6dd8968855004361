"""What is said about members: inputs, filter, order and payloads."""

from datetime import date

import strawberry

import domain.commands.members as c
import domain.members as d
from schema.attributes import Attributes
from schema.base import answers, offers, takes
from schema.member_references import MemberReference
from schema.members import Member
from schema.ordering import Direction
from schema.payloads import Payload
from schema.wording import EXPECTED_VERSION

offers(c.MemberOrder)

PROGRAM = "The code of the program."
PROGRAM_OF_MEMBER = "The code of the program; an `id` needs none, nor do those who are bound to one."
PHONE = "With its country code: `+49 30 901820`."


@takes
class AddressInput:
    """A postal address."""

    lines: list[str] = strawberry.field(default_factory=list, description="At most 5, as people write them.")
    city: str | None = strawberry.field(default=None, description="The city or town.")
    region: str | None = strawberry.field(default=None, description="The state or region.")
    postal_code: str | None = strawberry.field(default=None, description="The postal code.")
    country: str | None = strawberry.field(default=None, description="ISO 3166: `DE`.")


@takes
class MemberIdentifierInput:
    """A card, or whatever else identifies a member."""

    kind: str = strawberry.field(default="CARD", description="`CARD`, `APP`, …")
    value: str = strawberry.field(description="Unique in its program and kind.")


@takes
class ConsentInput:
    """What a member agrees to, or withdraws, now."""

    purpose: str = strawberry.field(description="`NEWSLETTER`, …")
    given: bool = strawberry.field(description="False: withdrawn.")


@takes
class MemberEnrollInput:
    """A new member; a name is enough."""

    program: str = strawberry.field(description=PROGRAM)
    name: str = strawberry.field(description="The whole name.")
    number: str | None = strawberry.field(default=None, description="Of your choice; without it, the next free one.")
    kind: d.MemberKind = strawberry.field(default=d.MemberKind.INDIVIDUAL, description="What it is.")
    status: d.MemberStatus = strawberry.field(default=d.MemberStatus.ACTIVE, description="`ACTIVE` or `PENDING`.")
    email: str | None = strawberry.field(default=None, description="An email address.")
    phone: str | None = strawberry.field(default=None, description=PHONE)
    birth_date: date | None = strawberry.field(default=None, description="Before today.")
    address: AddressInput | None = strawberry.field(default=None, description="Where it lives.")
    language: str | None = strawberry.field(default=None, description="A language tag: `pt-BR`.")
    identifiers: list[MemberIdentifierInput] = strawberry.field(default_factory=list, description="Cards and the like.")
    consents: list[ConsentInput] = strawberry.field(default_factory=list, description="What it agrees to.")
    referrer: MemberReference | None = strawberry.field(default=None, description="The member who brought it.")
    attributes: Attributes | None = strawberry.field(default=None, description="What the program keeps besides.")
    enrolled_by_partner: str | None = strawberry.field(
        default=None, description="The code of the partner for which it is enrolled; a partner's users need not say."
    )


@takes
class PartnerMemberEnrollInput:
    """A customer of a partner who becomes a member; a name is enough. Its number is given by the program."""

    program: str = strawberry.field(description=PROGRAM)
    name: str = strawberry.field(description="The whole name.")
    kind: d.MemberKind = strawberry.field(default=d.MemberKind.INDIVIDUAL, description="What it is.")
    email: str | None = strawberry.field(default=None, description="An email address.")
    phone: str | None = strawberry.field(default=None, description=PHONE)
    birth_date: date | None = strawberry.field(default=None, description="Before today.")
    address: AddressInput | None = strawberry.field(default=None, description="Where it lives.")
    language: str | None = strawberry.field(default=None, description="A language tag: `pt-BR`.")
    identifiers: list[MemberIdentifierInput] = strawberry.field(default_factory=list, description="Cards and the like.")
    consents: list[ConsentInput] = strawberry.field(default_factory=list, description="What it agrees to.")
    referrer: MemberReference | None = strawberry.field(default=None, description="The member who brought it.")
    attributes: Attributes | None = strawberry.field(default=None, description="What the program keeps besides.")


@takes
class MemberUpdateInput:
    """A change of a member; what is not given stays as it is, and null clears a field."""

    member: MemberReference = strawberry.field(description="Which member.")
    program: str | None = strawberry.field(default=None, description=PROGRAM_OF_MEMBER)
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    kind: d.MemberKind | None = strawberry.field(default=None, description="What it is.")
    name: str | None = strawberry.field(default=None, description="The whole name.")
    email: str | None = strawberry.field(default=strawberry.UNSET, description="Null: none.")
    phone: str | None = strawberry.field(default=strawberry.UNSET, description=f"{PHONE} Null: none.")
    birth_date: date | None = strawberry.field(default=strawberry.UNSET, description="Null: not known.")
    address: AddressInput | None = strawberry.field(default=strawberry.UNSET, description="The whole one. Null: none.")
    language: str | None = strawberry.field(default=strawberry.UNSET, description="Null: none.")
    identifiers: list[MemberIdentifierInput] | None = strawberry.field(default=None, description="All of them.")
    consents: list[ConsentInput] = strawberry.field(default_factory=list, description="Those given or withdrawn now.")
    attributes: Attributes | None = strawberry.field(
        default=None, description="Those that change; an attribute of null is removed."
    )


@takes
class MemberStatusChangeInput:
    """Another status for a member, and why."""

    member: MemberReference = strawberry.field(description="Which member.")
    program: str | None = strawberry.field(default=None, description=PROGRAM_OF_MEMBER)
    status: d.MemberStatus = strawberry.field(description="One of the member's `availableStatuses`.")
    reason: str = strawberry.field(description="For those who ask later.")


@takes
class MemberFilter:
    """Which members; all that is given must hold."""

    program: str | None = strawberry.field(default=None, description=PROGRAM)
    status: list[d.MemberStatus] | None = strawberry.field(default=None, description="With one of these.")
    kind: d.MemberKind | None = strawberry.field(default=None, description="Only these.")
    search: str | None = strawberry.field(
        default=None, description="Beginnings of words of the name, in any order, or the beginning of the number."
    )
    enrolled_from: date | None = strawberry.field(default=None, description="The first day of enrolment.")
    enrolled_through: date | None = strawberry.field(default=None, description="The last day of enrolment.")
    enrolled_by_partner: str | None = strawberry.field(default=None, description="The code of a partner.")


@takes
class MemberOrderBy:
    """How members are sorted."""

    field: c.MemberOrder = strawberry.field(default=c.MemberOrder.NUMBER, description="By what.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Upwards or downwards.")


@answers
class MemberEnrollPayload(Payload):
    """The new member."""

    result: Member | None = strawberry.field(name="member")


@answers
class PartnerMemberEnrollPayload(Payload):
    """The new member."""

    result: Member | None = strawberry.field(name="member")


@answers
class MemberUpdatePayload(Payload):
    """The member as it is now."""

    result: Member | None = strawberry.field(name="member")


@answers
class MemberStatusChangePayload(Payload):
    """The member as it is now."""

    result: Member | None = strawberry.field(name="member")
