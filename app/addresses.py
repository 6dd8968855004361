"""Where the database and the broker are: as the settings say, else an embedded server, and a broker in the database itself."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from app import database_urls, embedded
from app.settings import Settings


@contextmanager
def database_url(settings: Settings, meanwhile: Callable[[], object] = lambda: None) -> Iterator[str]:
    """The address of the database. `meanwhile` is done while an embedded server starts, which takes half a second."""
    if settings.database_url is not None:
        meanwhile()
        yield settings.database_url
        return
    with ThreadPoolExecutor(1) as thread:
        starting = thread.submit(embedded.start, settings.data_folder)
        try:
            meanwhile()
            yield starting.result().url
        finally:
            # In its thread, which the interpreter waits for: an impatient second Ctrl-C does not leave the server behind.
            thread.submit(_stop, starting).result()


def _stop(starting: Future[embedded.Server]) -> None:
    if starting.exception() is None:
        starting.result().stop()


def broker_url(settings: Settings, database: str) -> str:
    """The address of the broker, beside a database."""
    return settings.broker_url or database_urls.for_libpq(database)
