"""How facts and answers travel between this process and a helper: plain data only, so that reading them runs no code.

Numbers and dates keep their type and every digit.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

import msgspec

from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit, Snap
from domain.promotions import AttributeOperation, TierDirection
from domain.rules import AttributeUpdate, Award, TierMove, VoucherAward
from rules.kinds import Rejection

LENGTH = struct.Struct("!I")
"""What precedes every message."""

MAX_MESSAGE = 4_000_000
_NUMBER, _DATE = 1, 2

_encoder = msgspec.msgpack.Encoder()


def packed(value: Any) -> bytes:
    """A message with its length; raises TypeError for what is not plain."""
    body = _encoder.encode(_plain(value))
    if len(body) > MAX_MESSAGE:
        raise TypeError(f"{len(body)} bytes are too many; at most {MAX_MESSAGE} may be sent")
    return LENGTH.pack(len(body)) + body


def unpacked(body: bytes) -> Any:
    """What was packed; raises ValueError for nonsense."""
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, InvalidOperation, ValueError) as error:
        raise ValueError(f"an unreadable message: {error}") from error


def _plain(value: Any) -> Any:
    """Decimals and dates marked, enumerations as text, proposals as lists that begin with their name."""
    if isinstance(value, Decimal):
        return msgspec.msgpack.Ext(_NUMBER, str(value).encode())
    if isinstance(value, date):
        return msgspec.msgpack.Ext(_DATE, value.isoformat().encode())
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, msgspec.Struct):
        parts = (astuple(each) if isinstance(each, ExpiryPolicy) else each for each in msgspec.structs.astuple(value))
        return [type(value).__name__, *map(_plain, parts)]
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, *(_plain(part) for part in astuple(value))]
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise TypeError(f"{type(value).__name__} {value!r} is not plain data")


def _ext(code: int, data: memoryview) -> Any:
    text = bytes(data).decode()
    return Decimal(text) if code == _NUMBER else date.fromisoformat(text)


_decoder = msgspec.msgpack.Decoder(ext_hook=_ext)


def answer(plain: Any) -> Any:
    """What a kind answered, from plain data; raises TypeError or ValueError for what no kind may answer."""
    if not isinstance(plain, list):
        return plain
    if plain and isinstance(plain[0], str):
        name, *fields = plain
        if name not in _ANSWERS:
            raise ValueError(f"{name!r} is no proposal")
        return _ANSWERS[name](fields)
    return [answer(each) for each in plain]


def _award(fields: list[Any]) -> Award:
    point_type, qualifying, points, starts_on, expiry = fields
    return Award(point_type, qualifying, points, starts_on, None if expiry is None else _expiry(expiry))


def _expiry(fields: list[Any]) -> ExpiryPolicy:
    kind, length, unit, month, day, snap = fields
    return ExpiryPolicy(ExpiryKind(kind), length, PeriodUnit(unit), month, day, Snap(snap))


def _update(fields: list[Any]) -> AttributeUpdate:
    attribute, operation, value = fields
    return AttributeUpdate(attribute, AttributeOperation(operation), value)


def _move(fields: list[Any]) -> TierMove:
    tier_class, direction, tier = fields
    return TierMove(tier_class, TierDirection(direction), tier)


def _rejection(fields: list[Any]) -> Rejection:
    (reason,) = fields
    return Rejection(str(reason))


_ANSWERS: Mapping[str, Callable[[list[Any]], Any]] = {
    "Award": _award,
    "AttributeUpdate": _update,
    "VoucherAward": lambda fields: VoucherAward(*fields),
    "TierMove": _move,
    "Rejection": _rejection,
}
