"""What running a stored decision again found: the same, something else, or that it cannot be told.

What cannot be told is counted by its reason, never passed over: it is no violation, for the ledger keeps nothing to decide it by.
"""

import enum
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.engine import EngineProgram, Outcome
from domain.engine.decision import BaseLine, Decision, decode, encode
from domain.engine.updates import restored
from domain.points import from_units
from domain.transactions import PointTotal, Transaction

MOST = 100
"""How many decisions that differ are named."""


class Incomparable(enum.Enum):
    """Why a decision cannot be run again, or why it is unknown what a difference means."""

    MADE_BY_ENGINE = "MADE_BY_ENGINE"
    """The engine made it because of another transaction or a date: no rule was asked."""
    CANCELLATION = "CANCELLATION"
    """It takes back, or puts back, what another gave or took: no rule was asked."""
    VOUCHER = "VOUCHER"
    """A voucher paid, which is used by now."""
    PROFILE = "PROFILE"
    """It differs; its rules read something of the member that was changed since."""
    ERASED = "ERASED"
    """It differs; what was known of the member was erased since."""
    MERGED = "MERGED"
    """It differs; the member was merged with another one."""
    PRODUCT = "PRODUCT"
    """It differs; its rules read something of the product, which was changed since."""
    RULES = "RULES"
    """The version's rules cannot be compiled here: a kind of rule is not installed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A transaction whose decision says something else than its program version does."""

    transaction_id: int
    member_id: int
    part: str
    expected: str
    found: str

    @property
    def place(self) -> str:
        """Which row, and what of it."""
        return f"decision of transaction {self.transaction_id} of member {self.member_id}, {self.part}"

    def __str__(self) -> str:
        return f"{self.place}: expected {self.expected}, found {self.found}"


@dataclass(slots=True)
class Replayed:
    """What was found so far: how many there are to look at, how many were, how many of them were run and compared, and the
    first hundred of those that differ.
    """

    all: int
    seen: int = 0
    compared: int = 0
    differ: int = 0
    differences: list[Difference] = field(default_factory=list)
    incomparable: Counter[Incomparable] = field(default_factory=Counter)

    def take_up(self, differences: list[Difference]) -> None:
        """One that was compared."""
        self.compared += 1
        self.differ += bool(differences)
        self.differences += differences[: MOST - len(self.differences)]


Part = Callable[[EngineProgram, Decision], Any]


def differences(program: EngineProgram, transaction: Transaction, then: Decision, now: Outcome) -> list[Difference]:
    """In what the stored decision and totals of a transaction differ from what its program version makes of it."""
    again = decode(encode(now.decision))
    pairs = [(name, part(program, again), part(program, then)) for name, part in PARTS.items()]
    pairs.append(("totals", _totals_of(now), _totals(transaction.totals)))
    return [
        Difference(transaction.id, transaction.member_id, name, _said(expected), _said(found))
        for name, expected, found in pairs
        if expected != found
    ]


def _code(program: EngineProgram, base: BaseLine) -> str:
    return program.point_types[base.point_type_id].code


def _awards(program: EngineProgram, decision: Decision) -> list[tuple[Any, ...]]:
    """Promotion, point type, qualifying, points as rounded and as limits left them, and whether it paid."""
    codes = {each.id: each.code for each in program.rules.promotions}
    found = []
    for each in decision.awards:
        point_type = program.point_types[each.point_type_id]
        rounded, limited = (from_units(units, point_type.decimals) for units in (each.rounded, each.limited))
        promotion = codes.get(each.promotion_id, f"promotion {each.promotion_id}")
        found.append((promotion, point_type.code, _kind(each.qualifying), rounded, limited, _fate(each.paid)))
    return sorted(found)


PARTS: Mapping[str, Part] = {
    "sub-status": lambda _, decision: decision.sub_status,
    "refusal": lambda _, decision: decision.refusal and decision.refusal.code,
    "base points": lambda program, decision: decision.base and (decision.base.points, _code(program, decision.base)),
    "awards": _awards,
    "attributes": lambda program, decision: [
        (each.path, *(restored(program.program.attributes, each.path, value) for value in (each.before, each.after)))
        for each in decision.changes
    ],
}
"""What is compared of two decisions, in the order of cause and effect."""


def _kind(qualifying: bool) -> str:
    return "qualifying" if qualifying else "bonus"


def _fate(paid: bool) -> str:
    return "paid" if paid else "not paid"


def _totals(totals: tuple[PointTotal, ...]) -> list[tuple[Any, ...]]:
    return sorted((each.point_type, each.points, each.qualifying) for each in totals)


def _totals_of(outcome: Outcome) -> list[tuple[Any, ...]]:
    return sorted(
        (each.point_type, from_units(each.points, each.decimals), from_units(each.qualifying, each.decimals))
        for each in outcome.totals
    )


def _said(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(_said, value)) or "none"
    if isinstance(value, tuple):
        return " ".join(str(each) for each in value)
    return "none" if value is None else str(value)
