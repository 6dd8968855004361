"""Signals that end a command: SIGTERM does what Ctrl-C does. Both may come at any time, and nothing may be left behind."""

import signal
from queue import SimpleQueue

ENDING = (signal.SIGINT, signal.SIGTERM)


def interrupt_on_sigterm() -> None:
    """Outside of an event loop: raise KeyboardInterrupt, wherever the command is."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def cancel_on_sigterm() -> None:
    """Inside a loop that was started by asyncio's runner: cancel its main task, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))


class Ending:
    """The main thread waits for it, a handler of signals sets it.

    With `threading.Event` a signal that comes just as the thread begins to wait would wait for the lock of its own thread for ever;
    a SimpleQueue may be used from a handler at any time.
    """

    def __init__(self) -> None:
        self._told: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """It is time to end."""
        self._told.put(None)

    def wait(self) -> None:
        """Return when it is time to end."""
        self._told.get()


def event_on_signal() -> Ending:
    """An event instead of an exception, which could come while threads are being started, and leave them behind."""
    ending = Ending()
    for each in ENDING:
        signal.signal(each, lambda *_: ending.set())
    return ending
