"""How the embedded PostgreSQL is set up, written once when its cluster is made; `postgresql.conf` may be edited later.

Data that matters is durable: nothing here trades a committed transaction for speed. A throw-away server does, in all.
"""

from collections.abc import Mapping
from types import MappingProxyType

MAJOR_VERSION = "18"
SUPERUSER = "postgres"
PORT = 5432  # only names the socket: the server listens on no network address

COMMON: Mapping[str, str] = MappingProxyType(
    {
        "listen_addresses": "",
        "port": str(PORT),
        "max_connections": "100",
        "shared_buffers": "256MB",
        "effective_cache_size": "1GB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "wal_buffers": "16MB",
        "min_wal_size": "256MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",  # compiling costs more than short statements take
        "autovacuum_vacuum_scale_factor": "0.05",
        "autovacuum_analyze_scale_factor": "0.02",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
    }
)

DURABLE: Mapping[str, str] = MappingProxyType(
    {**COMMON, "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
)

THROW_AWAY: Mapping[str, str] = MappingProxyType(
    {
        **COMMON,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "shared_buffers": "128MB",
    }
)


def initdb_arguments(*, durable: bool) -> list[str]:
    """Arguments of `initdb`, without the folder. Text sorts by code point, so order is the same on every machine."""
    settings = DURABLE if durable else THROW_AWAY
    return [
        f"--username={SUPERUSER}",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        *([] if durable else ["--no-sync"]),
        *(f"--set={name}={value}" for name, value in settings.items()),
    ]
