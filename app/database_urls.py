"""Database and broker addresses in the spellings that each library wants.

People give a PostgreSQL address as every tool prints it; SQLAlchemy wants the driver in the scheme, libpq refuses it.
"""

import re
from urllib.parse import urlsplit

POSTGRESQL_SCHEMES = frozenset(
    {"postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2"}
)
BROKER_SCHEMES = frozenset({"postgres", "postgresql", "redis", "rediss", "amqp", "amqps"})


def for_asyncpg(url: str) -> str:
    """`postgresql+asyncpg://…`, which SQLAlchemy takes; ValueError for anything that is not PostgreSQL."""
    return _with_option(_with_scheme(url, "postgresql+asyncpg"), "sslmode", "ssl")


def for_libpq(url: str) -> str:
    """`postgresql://…`, which psycopg and every PostgreSQL tool take."""
    return _with_option(_with_scheme(url, "postgresql"), "ssl", "sslmode")


def for_psycopg(url: str) -> str:
    """`postgresql+psycopg://…`, the synchronous driver of SQLAlchemy, for migrations."""
    return _with_option(_with_scheme(url, "postgresql+psycopg"), "ssl", "sslmode")


def known_broker(url: str) -> str:
    """The address unchanged, if a broker of its scheme exists."""
    scheme = urlsplit(url).scheme
    if scheme not in BROKER_SCHEMES:
        raise ValueError(f"a broker address begins with one of {_listed(BROKER_SCHEMES)}, this one with {scheme!r}")
    return url


def _with_scheme(url: str, scheme: str) -> str:
    # The rest stays as it was written, down to the empty host of a socket address.
    given, separator, rest = url.strip().partition("://")
    if not separator or given not in POSTGRESQL_SCHEMES:
        raise ValueError(f"a database address begins with postgresql://, this one with {given.partition(':')[0]!r}")
    return f"{scheme}://{rest}"


def _with_option(url: str, given: str, wanted: str) -> str:
    # asyncpg has its own name for the one option that hosted databases ask for.
    address, mark, options = url.partition("?")
    return address + mark + re.sub(rf"(^|&){given}=", rf"\g<1>{wanted}=", options)


def _listed(schemes: frozenset[str]) -> str:
    return ", ".join(f"{scheme}://" for scheme in sorted(schemes))
