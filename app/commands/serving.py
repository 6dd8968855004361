"""`milepost run`, `serve` and `work`: processes that run until Ctrl-C or SIGTERM, and then finish what they have begun."""

import os
import signal
import sys
import threading
from typing import Annotated

import typer

from app.commands.common import begin

Port = Annotated[int | None, typer.Option(help="The port to listen on; PORT says so too.", show_default="8000")]
Host = Annotated[str | None, typer.Option(help="The address to listen on.", show_default="127.0.0.1")]


def run(port: Port = None, host: Host = None) -> None:
    """Run everything: database, migrations, a sample program, API and worker.

    Without DATABASE_URL it starts an embedded PostgreSQL that keeps its data in ./var.

    Example: milepost run --port 8080
    """
    settings = begin(port=port, host=host)
    from app.run import run_everything

    run_everything(settings)


def serve(port: Port = None, host: Host = None) -> None:
    """Serve the API alone, on a database that `milepost migrate` has set up.

    Example: DATABASE_URL=postgresql://milepost@db/points milepost serve --host 0.0.0.0
    """
    settings = begin(port=port, host=host)
    from app.run import run_api

    run_api(settings)


def work(
    while_input_open: Annotated[bool, typer.Option("--while-input-open", hidden=True)] = False,
) -> None:
    """Work alone: what is queued, and what is due by night. Any number of workers share it.

    Example: BROKER_URL=redis://cache/0 milepost work
    """
    settings = begin()
    if while_input_open:
        threading.Thread(target=_end_with_input, daemon=True).start()
    from app.run import run_worker

    run_worker(settings)


def _end_with_input() -> None:
    # Who started us holds the other end; it closes it, or the operating system does when it is killed.
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
