"""JSON in and out of the database: numbers stay exact decimals, never floats."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be stored as JSON")


_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_plain)
_decoder = msgspec.json.Decoder(Any, float_hook=Decimal)


def encode(value: object) -> str:
    """The JSON text of a document."""
    return _encoder.encode(value).decode()


def decode(text: str | bytes) -> Any:
    """The document in a JSON text; fractions come back as Decimal."""
    return _decoder.decode(text)
