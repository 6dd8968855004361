"""Signals that end a command: SIGTERM does what Ctrl-C does. Both may come at any time, and nothing may be left behind."""

import signal
from threading import Event

ENDING = (signal.SIGINT, signal.SIGTERM)


def interrupt_on_sigterm() -> None:
    """Outside of an event loop: raise KeyboardInterrupt, wherever the command is."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def cancel_on_sigterm() -> None:
    """Inside a loop that was started by asyncio's runner: cancel its main task, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))


def event_on_signal() -> Event:
    """An event instead of an exception, which could come while threads are being started, and leave them behind."""
    ending = Event()
    for each in ENDING:
        signal.signal(each, lambda *_: ending.set())
    return ending
