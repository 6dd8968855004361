"""Running until a signal: everything at once for whoever starts here, or the API or a worker alone.

The worker of `run_everything` is a process of its own, so that the batch engine's work does not slow down the API. Libraries
are loaded while the embedded database starts: a second start takes two seconds, and finds everything in place.
"""

import asyncio
import gc
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from app.addresses import broker_url, database_url
from app.listening import listening
from app.settings import Settings
from app.signals import event_on_signal

if TYPE_CHECKING:
    from types import ModuleType

log = structlog.get_logger("milepost.app")


def run_everything(settings: Settings) -> None:
    """Database, migrations, a sample program where there is none, API and worker."""
    with listening(settings.host, settings.port) as sock, database_url(settings, lambda: _load(settings)) as url:
        from app.set_up import set_up
        from app.worker_process import worker_process

        serving = _load(settings)
        set_up(settings, url)
        serving.serve_until_signal(settings, url, sock, serving.welcome_with_sample, [worker_process()])


def run_api(settings: Settings) -> None:
    """The API alone, on a database that is migrated."""
    with listening(settings.host, settings.port) as sock, database_url(settings, lambda: _load(settings)) as url:
        serving = _load(settings)
        serving.serve_until_signal(settings, url, sock, serving.address)


def run_worker(settings: Settings) -> None:
    """A worker alone, on a database that is migrated."""
    from app.exposition import of_worker
    from app.memory import rare_collections
    from app.runtime import opened
    from app.sending import means
    from app.tracing import traces
    from workers.worker import working

    async def check(url: str) -> None:
        async with opened(settings, url):
            log.debug("the database can be used")

    with suppress(KeyboardInterrupt), database_url(settings) as url:
        asyncio.run(check(url))
        stop = event_on_signal()
        gc.freeze()  # what is loaded by now stays
        with (
            traces(),
            of_worker(settings),
            rare_collections(),
            working(url, broker_url(settings, url), means=means(settings), chunks=settings.worker_chunks),
        ):
            log.info("working")
            stop.wait()


def _load(settings: Settings) -> "ModuleType":
    # What is loaded stays: looking for garbage in between takes a fifth of the time and finds none.
    gc.disable()
    try:
        from app import serving

        serving.prepare(settings)
    finally:
        gc.enable()
    return serving
