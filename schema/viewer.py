"""The viewer: who makes this request, and what they are."""

import strawberry

import domain.people as d
from schema.base import computed, loaded, offers, shows
from schema.loads import PERSON
from schema.people import Person

offers(d.Role)


@shows(d.Principal)
class Viewer:
    """Whoever holds the token of this request."""

    subject: str = strawberry.field(description="As the token names them.")
    roles: list[d.Role] = computed(lambda principal: sorted(principal.roles, key=lambda role: role.value))
    person: Person | None = loaded(
        PERSON, by="person_id", description="Themselves: name, manager, limits, and what they are bound to."
    )
