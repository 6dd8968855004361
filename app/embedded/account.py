"""Which account runs the embedded database: PostgreSQL refuses to run as root, so root lends it an ordinary one.

The account must reach the data folder and the binaries; it is given the right to pass through the folders above them,
never to list or read them.
"""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

# Present on every system; the first is there where PostgreSQL was ever installed from a package.
CANDIDATES = ("postgres", "nobody")


class RunAs(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[str | int]


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    gid: int
    lent: bool
    """Whether root lends it: then new files must be given to it."""

    def give(self, path: Path) -> None:
        if self.lent:
            os.chown(path, self.uid, self.gid)

    def as_subprocess_arguments(self) -> RunAs:
        """What `subprocess.run` needs to run a program as this account."""
        return RunAs(user=self.uid, group=self.gid, extra_groups=[]) if self.lent else RunAs()

    def may_reach(self, path: Path) -> None:
        """Let the account pass through every folder above `path`."""
        if not self.lent:
            return
        for folder in path.resolve().parents:
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH:
                folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)

    def may_read(self, tree: Path) -> None:
        """Let the account read and run everything below `tree`, as after an installation with a strict umask."""
        if not self.lent or tree.stat().st_mode & stat.S_IXOTH:
            return
        for path in (tree, *tree.rglob("*")):
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def for_cluster(folder: Path) -> Account:
    """The account that owns the cluster in `folder`, or will."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), lent=False)
    owner = folder.stat() if folder.exists() else None
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, lent=True)
    return _first_present()


def _first_present() -> Account:
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, lent=True)
    raise LookupError(f"root cannot run PostgreSQL, and no account is called {' or '.join(CANDIDATES)}")
