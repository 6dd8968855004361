"""Seals: a chain of hashes over everything that is written once, and checkpoints that leave the database.

A seal covers the rows written from one moment up to another. It keeps sixteen bytes per row, so that a row that no longer fits is
found, and one hash over all of them and over the seal before: whoever changes a row and its seal must change every later seal, and
then no checkpoint fits that was exported before.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.problems import Refused
from domain.seal_problems import NotACheckpoint

DIGEST = 16
"""Bytes of a row's digest that are kept."""

BEGINNING = bytes(32)
"""What the first seal names as the one before."""

SAFETY = timedelta(seconds=10)
"""Nothing younger is sealed: whoever wrote it may not have committed yet."""


@dataclass(frozen=True, slots=True)
class SealPart:
    """The rows of one table: how many, and their digests, in the order of their keys."""

    table: str
    rows: int
    digests: bytes


@dataclass(frozen=True, slots=True)
class Seal:
    """Everything written from `from_at` on and before `through_at`."""

    number: int
    from_at: datetime
    through_at: datetime
    previous: bytes
    hash: bytes
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the chain at some moment, to be kept elsewhere: later it proves that history was not rewritten."""

    number: int
    through_at: datetime
    hash: bytes

    def signed_bytes(self) -> bytes:
        """What a signature signs: one line that is the same everywhere."""
        return f"milepost seal {self.number} {self.through_at.isoformat()} {self.hash.hex()}".encode()


def hash_of(number: int, through_at: datetime, previous: bytes, parts: Sequence[SealPart]) -> bytes:
    """The hash of a seal, over its parts by table and over the seal before."""
    made = hashlib.sha256()
    made.update(f"{number} {through_at.isoformat()} {previous.hex()}\n".encode())
    for part in sorted(parts, key=lambda each: each.table):
        made.update(f"{part.table} {part.rows} {hashlib.sha256(part.digests).hexdigest()}\n".encode())
    return made.digest()


def split(digests: bytes) -> list[bytes]:
    """The digests of single rows."""
    return [digests[at : at + DIGEST] for at in range(0, len(digests), DIGEST)]


def written(checkpoint: Checkpoint, signature: bytes | None, public_key: bytes | None) -> str:
    """A checkpoint as a file holds it."""
    content: dict[str, Any] = {
        "seal": checkpoint.number,
        "through": checkpoint.through_at.isoformat(),
        "hash": checkpoint.hash.hex(),
        "signature": None if signature is None else base64.b64encode(signature).decode(),
        "publicKey": None if public_key is None else base64.b64encode(public_key).decode(),
    }
    return json.dumps(content, indent=2) + "\n"


def read(text: str) -> tuple[Checkpoint, bytes | None, bytes | None]:
    """A checkpoint from its file, with its signature and the key that made it; raises Refused (NOT_A_CHECKPOINT)."""
    try:
        content = json.loads(text)
        made = Checkpoint(
            int(content["seal"]), datetime.fromisoformat(content["through"]), bytes.fromhex(content["hash"])
        )
        return made, _bytes(content["signature"]), _bytes(content["publicKey"])
    except (ValueError, TypeError, KeyError) as error:
        raise Refused(NotACheckpoint(reason=f"{type(error).__name__}: {error}")) from None


def _bytes(value: str | None) -> bytes | None:
    return None if value is None else base64.b64decode(value, validate=True)
