"""`make conformance` where its tools are not: it says so, checks nothing and is no failure. Its lock names no address."""

import json
import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent.parent.parent / "conformance"


def conformance(path: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, FOLDER / "main.py"], env={**os.environ, "PATH": str(path)}, capture_output=True, check=False
    )
    return done.returncode, done.stdout.decode()


def program(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def test_without_node_it_is_skipped(tmp_path: Path) -> None:
    assert conformance(tmp_path) == (0, "skipped: Node and npm are not installed here\n")


def test_with_an_old_node_it_is_skipped(tmp_path: Path) -> None:
    program(tmp_path, "node", "echo v18.20.1")
    program(tmp_path, "npm", "exit 1")
    assert conformance(tmp_path) == (0, "skipped: Node is v18.20.1 here; the tools need 20 or newer\n")


def test_the_lock_has_hashes_and_no_addresses() -> None:
    packages = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    fetched = {name: package for name, package in packages.items() if name}
    assert len(fetched) > 50
    assert [name for name, package in fetched.items() if not package["integrity"].startswith("sha512-")] == []
    assert [name for name, package in fetched.items() if "resolved" in package or "funding" in package] == []
