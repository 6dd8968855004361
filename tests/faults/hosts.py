"""Hosts for workers: network namespaces on a bridge of their own, and a database that they reach.

Files are shared, the network is not: what a cut-off host said last is all that anybody hears of it.
"""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from app import embedded
from app.embedded import configuration


@dataclass(frozen=True)
class Network:
    """A bridge whose address is where the database is reached, and hosts by number, from 1 on."""

    name: str
    subnet: str

    @property
    def address(self) -> str:
        return f"{self.subnet}.254"

    def inside(self, host: int) -> list[str]:
        """What stands before a command that runs on a host."""
        return ["ip", "netns", "exec", f"{self.name}{host}"]

    def cut(self, host: int) -> None:
        """Nothing goes to the host or comes from it any more."""
        ip("link", "set", f"{self.name}v{host}", "down")


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def why_not() -> str | None:
    """Why this machine has no namespaces for us; None if it has."""
    if os.geteuid() != 0 or which("ip") is None:
        return "network namespaces need root and the command ip"
    probe = f"mp{secrets.token_hex(2)}"
    try:
        ip("netns", "add", probe)
        ip("netns", "delete", probe)
    except subprocess.CalledProcessError as error:
        return f"network namespaces cannot be made here: {error.stderr.decode().strip()}"
    return None


@contextmanager
def network(hosts: int) -> Iterator[Network]:
    """So many hosts; afterwards nothing of them is left."""
    made = _taken()
    bridge = f"{made.name}b"
    try:
        ip("address", "add", f"{made.address}/24", "dev", bridge)
        ip("link", "set", bridge, "up")
        for host in range(1, hosts + 1):
            _add(made, bridge, host)
        yield made
    finally:
        for host in range(1, hosts + 1):
            for gone in (("link", "delete", f"{made.name}v{host}"), ("netns", "delete", f"{made.name}{host}")):
                with suppress(subprocess.CalledProcessError):
                    ip(*gone)
        with suppress(subprocess.CalledProcessError):
            ip("link", "delete", bridge)


def _taken() -> Network:
    """A subnet with its bridge, which only one can make: whoever comes second takes the next."""
    for number in range(256):
        made = Network(f"mp{number:03}", f"10.213.{number}")
        try:
            ip("link", "add", f"{made.name}b", "type", "bridge")
        except subprocess.CalledProcessError as error:
            if b"exists" not in error.stderr:
                raise
        else:
            return made
    raise AssertionError("every subnet has a bridge already")


def _add(made: Network, bridge: str, host: int) -> None:
    name, outside, inside = f"{made.name}{host}", f"{made.name}v{host}", f"{made.name}w{host}"
    ip("netns", "add", name)
    ip("link", "add", outside, "type", "veth", "peer", "name", inside)
    ip("link", "set", inside, "netns", name)
    ip("link", "set", outside, "master", bridge)
    ip("link", "set", outside, "up")
    ip("-n", name, "address", "add", f"{made.subnet}.{host}/24", "dev", inside)
    ip("-n", name, "link", "set", inside, "up")
    ip("-n", name, "link", "set", "lo", "up")


@contextmanager
def server_on(network: Network, folder: Path) -> Iterator[tuple[str, str]]:
    """A throw-away database server that hosts of the network reach: its address for us, and for them."""
    running = embedded.start(folder, durable=False)
    try:
        cluster = running.cluster
        with (cluster.folder / "postgresql.conf").open("a") as settings:
            settings.write(f"listen_addresses = '{network.address}'\nmilepost.silence = '3'\n")
        with (cluster.folder / "pg_hba.conf").open("a") as rights:
            rights.write(f"host all all {network.address}/24 trust\n")
        cluster.stop()
        cluster.ensure_running()
        theirs = f"postgresql://{configuration.SUPERUSER}@{network.address}:{configuration.PORT}/{cluster.database}"
        yield running.url, theirs
    finally:
        running.stop()
