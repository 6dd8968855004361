"""Dataclasses in JSON columns: what goes in comes out equal, decimals included."""

from decimal import Decimal
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def to_document(value: object) -> Any:
    """Plain lists and dictionaries; decimals stay what they are, as `domain.store.json` writes them exactly."""
    return msgspec.to_builtins(value, builtin_types=(Decimal,))


def from_document(document: Any, kind: type[T]) -> T:
    """The object of which the document was made."""
    return msgspec.convert(document, kind, strict=False)
