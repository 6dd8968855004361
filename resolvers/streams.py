"""Running subscriptions: how many one client has open in this process, over whichever transport."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from graphql import GraphQLError

from domain.people import Principal

MOST = 100


class Streams:
    """Counts them; made once for all requests of a server."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._open: Counter[tuple[str, int | None]] = Counter()

    @property
    def open(self) -> int:
        """How many there are of all clients."""
        return self._open.total()

    @contextmanager
    def one(self, principal: Principal) -> Iterator[None]:
        """One more for as long as the block; refused if the client has as many as it may."""
        client = (principal.subject, principal.api_key_id)
        if self._open[client] >= self._most:
            raise GraphQLError(
                f"You have {self._most:,} subscriptions open: complete one before you open another.",
                extensions={"code": "TOO_MANY_SUBSCRIPTIONS", "limit": self._most},
            )
        self._open[client] += 1
        try:
            yield
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]
