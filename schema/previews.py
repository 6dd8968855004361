"""Previews: an answer of which nothing is stored, shown by the same fields as the real thing.

What these fields would load is known already; it is told to the loaders once the answer is looked at.
"""

from dataclasses import dataclass
from typing import Any

from domain.receipts import Receipt
from domain.transactions import Transaction
from schema.context import Load

PREVIEWED = "Whether it only shows what would happen: nothing was written."
RESULT = "As it is now, also if the engine refused it; null if nothing was recorded."
Known = tuple[Load[Any, Any], Any, Any]
"""A load, a key, and the value that belongs to it."""


@dataclass(frozen=True, slots=True)
class Previewed(Receipt[Transaction]):
    """A transaction as it would be."""

    known: tuple[Known, ...] = ()


def is_preview(receipt: Receipt[Transaction], _info: Any) -> bool:
    """Whether a payload shows a preview."""
    return isinstance(receipt, Previewed)


def result(receipt: Receipt[Transaction], info: Any) -> Transaction | None:
    """The transaction of a payload that may be a preview."""
    if isinstance(receipt, Previewed):
        for load, key, value in receipt.known:
            info.context.prime(load, key, value)
    return receipt.result
