"""Brokers for these tests: PostgreSQL in the test's own database, Redis and RabbitMQ where they run at their usual ports."""

import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from dramatiq import Broker

from app import database_urls
from workers import broker as brokers

SERVERS = {"redis": "redis://127.0.0.1:6379/15", "rabbitmq": "amqp://guest:guest@127.0.0.1:5672/"}
"""Database 15 of Redis, so that nothing of anybody else is met there."""


@dataclass(frozen=True)
class Place:
    """A migrated database, a broker beside it, and a queue of this test alone."""

    database_url: str
    broker_url: str
    queue: str


@pytest.fixture(params=["postgresql", "redis", "rabbitmq"])
def place(request: pytest.FixtureRequest, fresh_database_url: str) -> Iterator[Place]:
    """The same place with each of the brokers."""
    url = SERVERS.get(request.param) or database_urls.for_libpq(fresh_database_url)
    if request.param in SERVERS and not listens(url):
        pytest.skip(f"no {request.param} listens at {urlsplit(url).netloc.rpartition('@')[2]}")
    queue = f"test-{secrets.token_hex(4)}"
    broker = brokers.connect(url)
    brokers.prepare(broker, url)
    yield Place(fresh_database_url, url, queue)
    forget(broker, queue)
    broker.close()


def listens(url: str) -> bool:
    """Whether somebody answers at an address."""
    parts = urlsplit(url)
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex((parts.hostname, parts.port)) == 0


def forget(broker: Broker, queue: str) -> None:
    """Leave nothing of a queue in a server that others use too."""
    if hasattr(broker, "client"):
        names = broker.client.keys(f"dramatiq:{queue}*")
        if names:
            broker.client.delete(*names)
    if hasattr(broker, "channel"):
        for suffix in ("", ".DQ", ".XQ"):
            broker.channel.queue_delete(queue + suffix)
