"""How a member is named in inputs: by exactly one of the things that people know of it."""

import strawberry

from schema.base import takes_one


@takes_one
class MemberReference:
    """A member by exactly one of these. By anything but `id` it needs a program, of which those bound to one need not speak."""

    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its global id.")
    number: str | None = strawberry.field(default=strawberry.UNSET, description="Its number.")
    card: str | None = strawberry.field(
        default=strawberry.UNSET, description="A card or any other of its identifiers, of whatever kind."
    )
    email: str | None = strawberry.field(default=strawberry.UNSET, description="Refused if several members share it.")
    phone: str | None = strawberry.field(default=strawberry.UNSET, description="Refused if several members share it.")
