"""The broker that carries messages to workers: PostgreSQL itself, Redis or RabbitMQ, by the scheme of its address.

A message is only a nudge: the work is in the database, so a broker may lose, double or delay what it likes. Installations
that share a Redis or RabbitMQ need a database number or virtual host of their own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from dramatiq import Broker
from dramatiq.middleware import Middleware


class BrokerUnusable(Exception):
    """The broker cannot be used; the message says which, and what would help."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of one kind of broker. `check` raises whatever is wrong now."""

    make: Callable[[str, list[Middleware]], Broker]
    prepare: Callable[[Any], object]
    check: Callable[[Any], object]
    extra: str | None = None


def connect(url: str, *middleware: Middleware) -> Broker:
    """The broker at an address. Dramatiq retries nothing: what failed is still in the database, and comes up again."""
    kind = KINDS[urlsplit(url).scheme]
    try:
        return kind.make(url, list(middleware))
    except ImportError as error:
        raise BrokerUnusable(f"{shown(url)} needs a library: pip install 'milepost[{kind.extra}]'") from error


def prepare(broker: Broker, url: str) -> None:
    """Make what the broker keeps in its server; safe to do again."""
    _try(url, KINDS[urlsplit(url).scheme].prepare, broker)


def check(broker: Broker, url: str) -> None:
    """Raises BrokerUnusable if messages cannot be sent now."""
    _try(url, KINDS[urlsplit(url).scheme].check, broker)


def shown(url: str) -> str:
    """An address without its user and password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _try(url: str, do: Callable[[Any], object], broker: Broker) -> None:
    try:
        do(broker)
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise BrokerUnusable(f"the broker {shown(url)} cannot be used: {reason}") from error


def _postgresql(url: str, middleware: list[Middleware]) -> Broker:
    from dramatiq_postgres import PostgresBroker

    broker: Broker = PostgresBroker(url=url, middleware=middleware, results=False)
    return broker


def _prepare_postgresql(broker: Any) -> None:
    from dramatiq_postgres import init
    from dramatiq_postgres.utils import transaction

    with transaction(broker.pool) as cursor:
        init(cursor)


def _check_postgresql(broker: Any) -> None:
    from dramatiq_postgres.schema import schema_exists
    from dramatiq_postgres.utils import transaction

    with transaction(broker.pool) as cursor:
        if not schema_exists(cursor):
            raise LookupError("it has no queue yet: run `milepost migrate`")


def _redis(url: str, middleware: list[Middleware]) -> Broker:
    from dramatiq.brokers.redis import RedisBroker

    return RedisBroker(url=url, middleware=middleware)  # type: ignore[no-untyped-call]


def _check_redis(broker: Any) -> None:
    broker.client.ping()


def _rabbitmq(url: str, middleware: list[Middleware]) -> Broker:
    from dramatiq.brokers.rabbitmq import RabbitmqBroker

    return RabbitmqBroker(url=url, middleware=middleware, confirm_delivery=True)


def _check_rabbitmq(broker: Any) -> None:
    # A connection that nobody used for a minute is dead: every check opens its own.
    del broker.connection
    assert broker.connection.is_open
    del broker.connection


POSTGRESQL = Kind(_postgresql, _prepare_postgresql, _check_postgresql)
REDIS = Kind(_redis, _check_redis, _check_redis, "redis")
RABBITMQ = Kind(_rabbitmq, _check_rabbitmq, _check_rabbitmq, "rabbitmq")
KINDS: Mapping[str, Kind] = MappingProxyType({
    "postgres": POSTGRESQL, "postgresql": POSTGRESQL,
    "redis": REDIS, "rediss": REDIS,
    "amqp": RABBITMQ, "amqps": RABBITMQ,
})  # fmt: skip
