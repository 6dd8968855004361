"""Fuzzing by hand: as many examples as one likes, findings on standard output, one JSON object a line, a summary at the end."""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.fuzzing.ground import ground


def main() -> int:
    """The exit code: 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=50, help="documents per operation")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000_007)
    parser.add_argument("--only", default="", help="operations whose label has this text")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ground(Path(folder), given.seed) as (fuzzer, server):
        for operation in fuzzer.operations():
            if given.only in operation.label:
                seen = len(fuzzer.findings)
                fuzzer.fuzz(operation, given.examples)
                for finding in fuzzer.findings[seen:]:
                    print(json.dumps(asdict(finding)), flush=True)
        seen = len(fuzzer.findings)
        if not given.only:
            fuzzer.fuzz_examples(given.examples)
            fuzzer.fuzz_bodies(given.examples * 10)
        for finding in fuzzer.findings[seen:]:
            print(json.dumps(asdict(finding)), flush=True)
        for trace in server.logged.splitlines():
            if '"incident"' in trace:
                print(trace)
    summary = {"seed": given.seed, "cases": fuzzer.outcomes.total(), "findings": len(fuzzer.findings)}
    print(json.dumps({**summary, "outcomes": dict(fuzzer.outcomes.most_common())}), file=sys.stderr)
    return 1 if fuzzer.findings else 0


if __name__ == "__main__":
    sys.exit(main())
