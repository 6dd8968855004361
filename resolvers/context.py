"""What a request carries: who asks, the database, the desk that commits in groups, and the loaders of this operation.

On a WebSocket one context lives as long as the socket: every operation gets a copy with loaders of its own.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import strawberry

from domain.people import Principal, Scope
from domain.services.posting.desk import Desk
from domain.store.database import Database
from resolvers.loaders import NODES, Loaders
from resolvers.rights import EVERYBODY
from resolvers.rights import NODES as RIGHTS_OF_NODES
from resolvers.streams import Streams
from resolvers.watches import Watches
from schema.base import KEYS
from schema.context import K, Load, V
from schema.ids import unseal

NOBODY = Principal(None, "nobody", frozenset(), Scope(0, 0, 0))
"""Who has not said who they are: no role, so no right; bound to what does not exist, so no row either."""


class Settings(Protocol):
    """What resolvers may know of this installation's settings."""

    @property
    def environment(self) -> str:
        """`development`, `test` or `production`."""

    @property
    def slow_ms(self) -> int:
        """From how many milliseconds on an operation is logged as slow."""

    @property
    def operation_seconds(self) -> float:
        """How long a query or mutation may take."""

    @property
    def webhooks_private(self) -> bool:
        """Whether webhooks may call private addresses, which production never allows."""


def nobody_works(_program_id: int) -> None:
    """Where there is no broker: workers find by themselves what waits, a little later."""


@dataclass(slots=True)
class Context:
    """`principal` is set once per operation and never changes; `connection_params` and `authorization` (the header with which
    it was opened) are a WebSocket's. `ask_again`: who this is now, for what lasts; `nudge`: tells workers that a program has
    something waiting.
    """

    settings: Settings
    database: Database
    realtime: Desk
    principal: Principal = NOBODY
    connection_params: dict[str, Any] = field(default_factory=dict)
    authorization: str | None = None
    ask_again: Callable[[], Awaitable[Principal]] | None = None
    nudge: Callable[[int], None] = nobody_works
    streams: Streams = field(default_factory=Streams)
    _watches: Watches | None = None
    _loaders: Loaders | None = None

    def load(self, load: Load[K, V], key: K) -> Awaitable[V]:
        """The value for a key, loaded together with all the others that this operation asks for."""
        return self._current().load(load, key)

    def prime(self, load: Load[K, V], key: K, value: V) -> None:
        """Answer a key before anybody asks for it: of a preview nothing is stored."""
        self._current().prime(load, key, value)

    @property
    def watches(self) -> Watches:
        """What can be watched; one for all requests of a server."""
        if self._watches is None:
            self._watches = Watches(self.database)
        return self._watches

    def _current(self) -> Loaders:
        if self._loaders is None:
            self._loaders = Loaders(self.database, self.principal.scope)
        return self._loaders

    def renew(self) -> None:
        """Forget what was loaded: something has changed."""
        self._loaders = None

    def fresh(self) -> "Context":
        """The same request for another operation."""
        return replace(self, _loaders=None)

    def node(self, id: str) -> Awaitable[Any] | None:
        """The object with a global id, or None: malformed, unknown and not yours to see are all the same."""
        found = unseal(id)
        if found is None or found.type not in NODES or found.parts != len(KEYS[found.type]):
            return None
        if self.principal.roles.isdisjoint(RIGHTS_OF_NODES.get(found.type, EVERYBODY)):
            return None
        return self.load(NODES[found.type], found.key)


Info = strawberry.Info[Context, None]
