"""`milepost demo`: a real year of a grocer's baskets, processed, redeemed, expired, shown, and recomputed without the engine."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import begin

if TYPE_CHECKING:
    from app.settings import Settings

Households = Annotated[int | None, typer.Option(min=1, help="Only so many households, for a quick look.")]


def demo(households: Households = None) -> None:
    """Run a year of real baskets through the engine, and check its totals against a recomputation from the raw data.

    Example: milepost demo --households 100
    """
    settings = begin()
    from app.demo import recompute, show, source, story, verdict
    from app.memory import rare_collections
    from domain.store import migrate

    began = time.perf_counter()
    data = source.folder()
    with rare_collections(), _database(settings) as (url, folder):
        migrate.upgrade(url)
        told = asyncio.run(story.play(url, data, folder, households))
    show.show(told)
    recomputing = time.perf_counter()
    totals = recompute.recompute(data, told.households, told.redemptions, told.nights)
    found = verdict.differences(told, totals)
    show.show_verdict(told, found, time.perf_counter() - recomputing)
    print(f"All of it took {time.perf_counter() - began:,.0f} s.")
    if settings.database_url is None:
        print(f"Look around in it: MILEPOST_DATA_FOLDER={settings.data_folder / 'demo'} milepost run")
    if found:
        raise typer.Exit(1)


@contextmanager
def _database(settings: "Settings") -> Iterator[tuple[str, Path]]:
    """The database that is set, or an embedded one of the demonstration's own, made anew each time; and a folder for files."""
    from app import embedded
    from app.failures import Failure

    folder = settings.data_folder / "demo"
    if settings.database_url is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield settings.database_url, folder
        return
    if folder.exists():
        embedded.discard(folder)
    if folder.exists():
        raise Failure(f"the database of the last demonstration, in {folder}, is in use: stop who uses it")
    with embedded.server(folder) as url:
        yield url, folder
