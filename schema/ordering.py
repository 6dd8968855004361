"""The direction of a list: every connection has an `orderBy` of its own, all of them take this."""

import enum

from schema.base import offers


class Direction(enum.Enum):
    """Upwards or downwards."""

    ASC = "ASC"
    DESC = "DESC"

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return self is Direction.DESC


offers(Direction)
