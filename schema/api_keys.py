"""API keys: by which systems speak for a person."""

from datetime import datetime

import strawberry

import domain.api_keys as k
import domain.people as d
from schema.base import Node, answers, computed, loaded, shows, takes
from schema.loads import PERSON, PROGRAM
from schema.payloads import Payload
from schema.people import Person
from schema.programs import Program
from schema.wording import CREATED_AT, NAME, REFUSED

KEY = "The id of the key."
SECRET = "Send it as `Authorization: Bearer <secret>`. It is in this answer and nowhere else: keep it."  # noqa: S105


@shows(k.ApiKey)
class ApiKey(Node):
    """A secret by which a system speaks for a person; what the person may no longer do, the key may not."""

    name: str = strawberry.field(description=NAME)
    person: Person | None = loaded(PERSON, by="person_id", description="For whom it speaks.")
    program: Program | None = loaded(PROGRAM, by="program_id", description="The only one in which it acts; null: all.")
    roles: list[d.Role] = computed(
        lambda key: sorted(key.roles, key=lambda role: role.value), "What it may, as far as the person may."
    )
    hint: str = strawberry.field(description="How its secret ends.")
    expires_at: datetime = strawberry.field(description="From then on it is not taken any more.")
    old_secret_until: datetime | None = strawberry.field(
        description="Until when the secret before the last rotation is taken, too."
    )
    revoked_at: datetime | None = strawberry.field(description="Since when it is not taken any more.")
    last_used_at: datetime | None = strawberry.field(description="When it was last used, to the minute.")
    created_by: Person | None = loaded(PERSON, by="created_by_id", description="Who made it; null: the command line.")
    created_at: datetime = strawberry.field(description=CREATED_AT)


@takes
class ApiKeyFilter:
    """Which API keys; all that is given must hold."""

    person: str | None = strawberry.field(default=None, description="The subject of whom it speaks for.")
    program: str | None = strawberry.field(default=None, description="The code of the program in which it acts.")
    active: bool | None = strawberry.field(default=None, description="Whether it is neither revoked nor expired.")


@takes
class ApiKeyCreateInput:
    """A new API key."""

    name: str = strawberry.field(description="What it is for.")
    person: str | None = strawberry.field(
        default=None, description="The subject of whom it speaks for; not given: yourself."
    )
    roles: list[d.Role] | None = strawberry.field(default=None, description="Some of the person's; not given: all.")
    program: str | None = strawberry.field(default=None, description="The code of the only program in which it acts.")
    expires_at: datetime | None = strawberry.field(default=None, description="Within two years; not given: in 90 days.")


@takes
class ApiKeyRotateInput:
    """A new secret for an API key."""

    key: strawberry.ID = strawberry.field(description=KEY)
    overlap_hours: int = strawberry.field(
        default=24, description="How long the secret before is taken, too: 0 to 720 hours."
    )
    expires_at: datetime | None = strawberry.field(default=None, description="Within two years; not given: in 90 days.")


@takes
class ApiKeyRevokeInput:
    """The end of an API key."""

    key: strawberry.ID = strawberry.field(description=KEY)


@answers
class ApiKeyCreatePayload(Payload):
    """The new key, and its secret."""

    key: ApiKey | None = computed(lambda receipt: receipt.result and receipt.result.key, REFUSED)
    secret: str | None = computed(lambda receipt: receipt.result and receipt.result.secret, SECRET)


@answers
class ApiKeyRotatePayload(Payload):
    """The key, and its new secret."""

    key: ApiKey | None = computed(lambda receipt: receipt.result and receipt.result.key, REFUSED)
    secret: str | None = computed(lambda receipt: receipt.result and receipt.result.secret, SECRET)


@answers
class ApiKeyRevokePayload(Payload):
    """The key, which is not taken any more."""

    result: ApiKey | None = strawberry.field(name="key", description=REFUSED)
