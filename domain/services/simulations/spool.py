"""Values put aside in temporary files, by a key, and taken up again a part at a time: what belongs together comes together.

However many there are, only one part of them is in memory. The files are gone when the block ends.
"""

import pickle
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Generic, Self, TypeVar

T = TypeVar("T")

PARTS = 128


class Spool(Generic[T]):
    """`put` everything first, then go through the parts; within a part, values come in the order in which they were put."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="milepost-")
        self._files: dict[int, IO[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()
        self._folder.cleanup()

    def put(self, key: int, value: T) -> None:
        """Put a value aside, together with all that have this key."""
        part = key % PARTS
        if part not in self._files:
            self._files[part] = (Path(self._folder.name) / str(part)).open("w+b")
        pickle.dump(value, self._files[part], pickle.HIGHEST_PROTOCOL)

    def parts(self) -> Iterator[list[T]]:
        """All values, a part at a time."""
        for file in self._files.values():
            file.seek(0)
            yield list(_values(file))


def _values(file: IO[bytes]) -> Iterator[T]:
    while True:
        try:
            yield pickle.load(file)  # noqa: S301 we have written it ourselves, a moment ago
        except EOFError:
            return
