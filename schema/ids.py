"""Global ids: the type and the database's key, opaque to clients. The only place where they are taken apart.

A key is one 64-bit number (a member) or several (a lot: member, transaction, position).
"""

import base64
import binascii
from typing import NamedTuple

from domain.global_ids import seal

__all__ = ["MAX_KEY", "MAX_PARTS", "GlobalId", "seal", "unseal"]

MAX_PARTS = 4
MAX_KEY = 2**63


class GlobalId(NamedTuple):
    """The GraphQL type and the key: an int, or a tuple of ints where a key has several parts."""

    type: str
    key: int | tuple[int, ...]

    @property
    def parts(self) -> int:
        """How many numbers the key has."""
        return len(self.key) if isinstance(self.key, tuple) else 1


def unseal(text: str) -> GlobalId | None:
    """What a global id names; None when it is not one of ours."""
    if len(text) > 200:  # noqa: PLR2004 the longest type name and four keys are shorter
        return None
    try:
        kind, _, keys = base64.b64decode(text, validate=True).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        return None
    parts = keys.split("/")
    if not kind or len(parts) > MAX_PARTS or not all(map(_is_key, parts)):
        return None
    numbers = tuple(map(int, parts))
    return GlobalId(kind, numbers[0] if len(numbers) == 1 else numbers)


def _is_key(text: str) -> bool:
    return text.isdecimal() and len(text) < 20 and int(text) < MAX_KEY  # noqa: PLR2004 digits of 2**63
