"""What every test may ask for: a real PostgreSQL database, shared by the tests of a worker or made for one test.

Fixtures that build on it (a migrated database, the application) are in `tests.support.fixtures`.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests import databases

settings.register_profile(
    "hundred", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], derandomize=True
)
"""What every run does, however slow the machine is: a hundred examples, always the same for the same test."""

settings.register_profile("thousands", settings.get_profile("hundred"), max_examples=6_000, derandomize=False)
"""`--hypothesis-profile=thousands`: what is generated, is so by the thousand, and others every time."""

settings.load_profile("hundred")

pytest_plugins = ["tests.support.fixtures"]


@pytest.fixture(scope="session")
def database_server(testrun_uid: str) -> Iterator[str]:
    """The address of a server on which databases may be created."""
    with databases.server_for(testrun_uid) as url:
        yield url


@pytest.fixture(scope="session")
def database_url(database_server: str, worker_id: str) -> Iterator[str]:
    """An empty database for all tests of this worker."""
    with databases.empty_database(database_server, worker_id) as url:
        yield url


@pytest.fixture
def empty_database_url(database_server: str, worker_id: str) -> Iterator[str]:
    """An empty database for this test alone."""
    with databases.empty_database(database_server, f"{worker_id}_empty") as url:
        yield url
