"""What one client has open and how fast it asks: a bucket of tokens and a count of sockets for each, in this process alone.

A client is an API key or a person; whoever is not known is their address. Every process counts for itself: behind a balancer,
the limit of an installation is that of one process times their number.
"""

import math
import time
from collections import Counter, OrderedDict

from domain.people import Principal

MOST_CLIENTS = 10_000
"""Buckets that are kept; whoever asked longest ago begins anew."""


class TooManyRequests(Exception):
    """A client asks faster than it may; says after how many seconds it may again."""

    def __init__(self, rate: int, seconds: float) -> None:
        self.retry_after = max(1, math.ceil(seconds))
        self.message = f"You ask more often than {rate:,} times a second: go on after {self.retry_after} s."
        super().__init__(self.message)


class Clients:
    """The clients of one process. A `rate` of 0 is no limit; `burst` requests may come at once."""

    def __init__(self, rate: int, burst: int, sockets: int) -> None:
        self._rate, self._burst = rate, burst or 2 * rate
        self._sockets = sockets
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._open: Counter[str] = Counter()

    def ask(self, client: str) -> None:
        """Take one token of a client; raises TooManyRequests."""
        if not self._rate:
            return
        now = time.monotonic()
        tokens, at = self._buckets.get(client, (float(self._burst), now))
        tokens = min(self._burst, tokens + (now - at) * self._rate)
        if tokens < 1:
            raise TooManyRequests(self._rate, (1 - tokens) / self._rate)
        self._buckets[client] = (tokens - 1, now)
        self._buckets.move_to_end(client)
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)

    def open(self, client: str) -> bool:
        """Count one more socket of a client, unless it has as many as it may."""
        if self._open[client] >= self._sockets:
            return False
        self._open[client] += 1
        return True

    def close(self, client: str) -> None:
        """One socket of a client less."""
        self._open[client] -= 1
        if not self._open[client]:
            del self._open[client]


def client_of(principal: Principal) -> str:
    """What a known client is called."""
    return f"key {principal.api_key_id}" if principal.api_key_id is not None else f"person {principal.subject}"


def address_of(client: tuple[str, int] | None) -> str:
    """What an unknown client is called."""
    return f"address {client[0]}" if client else "address"
