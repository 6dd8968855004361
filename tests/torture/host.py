"""A process of the product on a host with something wrong: `python -m tests.torture.host serve …` is `milepost serve …`, but

- TORTURE_CLOCK_SECONDS moves the clock of the host,
- TORTURE_BUG puts a mistake in, so that it is known that the campaign finds it.

Nothing of this is in the product.
"""

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from app.cli import main


def forget_keys() -> None:
    """Nobody remembers an idempotency key: a request that is repeated is carried out again."""
    from domain.store import idempotency

    async def claim(writer: Any, claims: Any) -> dict[Any, Any]:
        return {}

    idempotency.claim = claim


def lock_nobody() -> None:
    """Members are read without a lock: of two who work on one, the second overwrites what the first has done."""
    from domain.store import member_rows

    member_rows.LOCKED = member_rows.FREE = member_rows.BY_IDS


BUGS: Mapping[str, Callable[[], None]] = {"keys": forget_keys, "lock": lock_nobody}


def move_clock(seconds: float) -> None:
    """What the host takes for the time."""
    true, true_ns = time.time, time.time_ns
    time.time = lambda: true() + seconds
    time.time_ns = lambda: true_ns() + int(seconds * 1_000_000_000)


if __name__ == "__main__":
    if shift := float(os.environ.get("TORTURE_CLOCK_SECONDS", "0")):
        move_clock(shift)
    if bug := os.environ.get("TORTURE_BUG"):
        BUGS[bug]()
    main()
