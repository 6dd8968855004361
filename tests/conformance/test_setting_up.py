"""`make conformance` where its tools are not: it says so, checks nothing and is no failure. Its lock names no address."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.main import Skipped, install

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


def test_where_no_registry_answers_it_is_skipped_and_what_else_goes_wrong_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").write_text("{}")
    program(tmp_path, "npm", "echo 'npm error code ENOTFOUND' >&2; exit 1")
    with pytest.raises(Skipped, match="no registry answers"):
        install(str(tmp_path / "npm"), tmp_path)
    program(tmp_path, "npm", "echo 'npm error code EINTEGRITY' >&2; exit 1")
    with pytest.raises(SystemExit, match="EINTEGRITY"):
        install(str(tmp_path / "npm"), tmp_path)
    program(tmp_path, "npm", "mkdir -p node_modules; echo fetched >> node_modules/count")
    for _ in range(2):
        install(str(tmp_path / "npm"), tmp_path)
    assert (tmp_path / "node_modules/count").read_text() == "fetched\n"
