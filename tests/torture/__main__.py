"""Torture by hand: what was counted on standard output, what is wrong on standard error. Exit code 1 if anything is."""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.torture.campaign import Orders, run
from tests.torture.host import BUGS


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long visitors come")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000_007)
    parser.add_argument("--steps", type=int, help="so many steps of each visitor, however long they take")
    parser.add_argument("--visitors", type=int, default=8)
    parser.add_argument(
        "--apart", type=int, nargs=2, default=(20, 120), help="answers between two faults: at least, at most"
    )
    parser.add_argument("--bug", choices=sorted(BUGS), help="a mistake to put in; the campaign has to find it")
    given = parser.parse_args()
    print(f"seed {given.seed}", file=sys.stderr, flush=True)
    seconds = None if given.steps else given.seconds
    orders = Orders(given.seed, given.steps, seconds, given.bug, given.visitors, tuple(given.apart))
    with tempfile.TemporaryDirectory(prefix="milepost-torture-") as folder:
        report = asyncio.run(run(Path(folder), orders))
    print(json.dumps({"seed": given.seed, **report.counts, "wrong": len(report.wrong)}, indent=1))
    for line in report.wrong:
        print(line, file=sys.stderr)
    return bool(report.wrong)


if __name__ == "__main__":
    sys.exit(main())
