"""`make conformance`: what GraphQL clients and gateways expect, checked by their own tools against a server of its own.

The tools are npm packages. Where Node is not there, or the packages cannot be fetched, it says so and checks nothing; whatever
else goes wrong is a failure.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
OLDEST_NODE = 20
FETCHING_SECONDS = 300
CHECKING_SECONDS = 900
UNREACHABLE = re.compile(
    r"code E[45]\d\d|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENETUNREACH"
)


class Skipped(Exception):
    """Nothing was checked; the message says why."""


def main() -> int:
    """The exit code."""
    try:
        node, npm = tools()
        install(npm, HERE)
    except Skipped as reason:
        print(f"skipped: {reason}")
        return 0
    # The server that is checked ends with its checker: an interrupted one stops it in order.
    return subprocess.run([node, "run.mjs"], cwd=HERE, check=False, timeout=CHECKING_SECONDS).returncode


def tools() -> tuple[str, str]:
    """Where Node and npm are; raises Skipped."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Skipped("Node and npm are not installed here")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").partition(".")[0]) < OLDEST_NODE:
        raise Skipped(f"Node is {version} here; the tools need {OLDEST_NODE} or newer")
    return node, npm


def install(npm: str, folder: Path) -> None:
    """The packages of a folder's lock, once; raises Skipped where they cannot be fetched."""
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".milepost-lock"
    if installed.exists() and installed.read_bytes() == lock.read_bytes():
        return
    try:
        done = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=folder, capture_output=True, text=True, check=False, timeout=FETCHING_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Skipped(f"the packages could not be fetched in {FETCHING_SECONDS} seconds") from None
    if done.returncode and UNREACHABLE.search(done.stderr):
        raise Skipped("the packages cannot be fetched: no registry answers, or none has them")
    if done.returncode:
        sys.exit(done.stderr)
    installed.write_bytes(lock.read_bytes())


if __name__ == "__main__":
    sys.exit(main())
