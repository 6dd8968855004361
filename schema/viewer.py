"""The viewer: who makes this request, and what they are."""

import strawberry

import domain.people as d
from schema.base import computed, offers, shows

offers(d.Role)


@shows(d.Principal)
class Viewer:
    """Whoever holds the token of this request."""

    subject: str = strawberry.field(description="As the token names them.")
    roles: list[d.Role] = computed(lambda principal: sorted(principal.roles, key=lambda role: role.value))
