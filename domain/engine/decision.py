"""The stored record of why a transaction gave or took what it did: enough to run it again, and small.

Rows are arrays, not maps, so that a decision is a few hundred bytes; readable text is derived from it by `explain`.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec


class BaseLine(msgspec.Struct, frozen=True, array_like=True):
    """Base points: their source (GIVEN, PRICE, RULE, ENTRY or NONE), the base rule, exact points as kept, and point type."""

    source: str
    rule: int | None
    points: Decimal
    point_type_id: int


class FiredLine(msgspec.Struct, frozen=True, array_like=True):
    """A promotion that fired: its version and the rules that did."""

    promotion_id: int
    version: int
    rules: tuple[int, ...]


class FailedLine(msgspec.Struct, frozen=True, array_like=True):
    """A promotion that did not: why (a candidate test by name, or CRITERION with rule, criterion and the value seen)."""

    promotion_id: int
    version: int
    reason: str
    rule: int | None = None
    criterion: int | None = None
    seen: str | None = None


class AwardLine(msgspec.Struct, frozen=True, array_like=True):
    """Points a promotion proposed: exact, rounded to units, what a limit left of them, and whether it paid."""

    promotion_id: int
    point_type_id: int
    qualifying: bool
    exact: Decimal
    rounded: int
    limited: int
    paid: bool
    always: bool


class BalanceLine(msgspec.Struct, frozen=True, array_like=True):
    """Available units before and after."""

    point_type_id: int
    before: int
    after: int


class ChangeLine(msgspec.Struct, frozen=True, array_like=True):
    """An attribute or counter that a fired rule changed, and what was there before."""

    promotion_id: int
    path: str
    before: Any
    after: Any


class TierLine(msgspec.Struct, frozen=True, array_like=True):
    """A change of tier: class, before, after, last day, and why."""

    tier_class: str
    before: str | None
    after: str
    ends_on: date | None
    reason: str


class Refusal(msgspec.Struct, frozen=True, array_like=True):
    """Why the engine refused: the code of the problem and its data."""

    code: str
    data: dict[str, Any]


class Decision(msgspec.Struct, frozen=True, array_like=True):
    """One attempt at one transaction."""

    program_version: int
    processed_at: datetime
    today: date
    sub_status: str
    base: BaseLine | None = None
    fired: tuple[FiredLine, ...] = ()
    failed: tuple[FailedLine, ...] = ()
    awards: tuple[AwardLine, ...] = ()
    balances: tuple[BalanceLine, ...] = ()
    refusal: Refusal | None = None
    changes: tuple[ChangeLine, ...] = ()
    tier: str | None = None
    """The dominant tier on the transaction date."""
    tier_changes: tuple[TierLine, ...] = ()


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Decision)


def encode(decision: Decision) -> bytes:
    """The stored form of a decision."""
    return _encoder.encode(decision)


def decode(body: bytes) -> Decision:
    """A stored decision."""
    return _decoder.decode(body)
