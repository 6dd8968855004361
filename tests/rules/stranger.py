"""A package of rule kinds that somebody else wrote, good and bad ones; found through an entry point like any other."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit, Snap
from domain.promotions import AttributeOperation, TierDirection
from domain.rules import AttributeUpdate, Award, TierMove, VoucherAward
from rules.hooks import hookimpl
from rules.kinds import LINES, Parameters, Rejection, Role, RuleKind, Snapshot, WrongCurrency

YEARS = ExpiryPolicy(ExpiryKind.PERIOD, 2, PeriodUnit.YEAR, snap=Snap.END_OF_QUARTER)
EVERYTHING = (
    Award("BONUS", qualifying=True, points=Decimal("12.3456"), starts_on=date(2026, 4, 1), expiry=YEARS),
    AttributeUpdate("member.attributes.segment", AttributeOperation.SET, "FLYER"),
    AttributeUpdate("counters.flights", AttributeOperation.ADD, Decimal(1)),
    VoucherAward("LOUNGE", 2),
    TierMove("STATUS", TierDirection.UP, None),
)


class Factor(Parameters):
    """One number."""

    factor: Decimal = Decimal(1)


def times(parameters: Factor) -> Callable[[Snapshot], Any]:
    return lambda snapshot: snapshot["transaction.amount"] * parameters.factor


def refuses(parameters: Factor) -> Callable[[Snapshot], Any]:
    raise ValueError("never twice the same")


def mutates(snapshot: Snapshot) -> Any:
    snapshot["lines"][0]["amount"] = Decimal(0)


def loops(snapshot: Snapshot) -> Any:
    while snapshot["transaction.amount"] > 0:
        time.sleep(0)


def wrong_currency(snapshot: Snapshot) -> Any:
    raise WrongCurrency("CHF")


def loud(snapshot: Snapshot) -> Any:
    print("noise " * 1000)
    sys.stdout.flush()
    return Decimal(5)


ANSWERS: dict[str, Callable[[Snapshot], Any]] = {
    "everything": lambda snapshot: EVERYTHING,
    "nothing": lambda snapshot: None,
    "rejects": lambda snapshot: Rejection("no flight of that number"),
    "raises": lambda snapshot: 1 / 0,
    "forgets": lambda snapshot: snapshot["member.name"],
    "mutates": mutates,
    "loops": loops,
    "dies": lambda snapshot: os._exit(3),
    "loud": loud,
    "float": lambda snapshot: 1.5,
    "nan": lambda snapshot: Decimal("NaN"),
    "infinity": lambda snapshot: Award(None, qualifying=False, points=Decimal("Infinity")),
    "text": lambda snapshot: "many",
    "bool": lambda snapshot: True,
    "negative": lambda snapshot: Decimal(-1),
    "unknownPointType": lambda snapshot: Award("GOLD", qualifying=False, points=Decimal(1)),
    "truthy": lambda snapshot: Award(None, qualifying=1, points=Decimal(1)),  # type: ignore[arg-type]
    "forbidden": lambda snapshot: AttributeUpdate("member.name", AttributeOperation.SET, "Eve"),
    "wrongValue": lambda snapshot: AttributeUpdate("counters.flights", AttributeOperation.ADD, "one"),
    "textArithmetic": lambda snapshot: AttributeUpdate("member.attributes.segment", AttributeOperation.ADD, "x"),
    "zeroDivision": lambda snapshot: AttributeUpdate("counters.flights", AttributeOperation.DIVIDE, Decimal(0)),
    "noVouchers": lambda snapshot: VoucherAward("LOUNGE", 0),
    "flood": lambda snapshot: [Decimal(1)] * 101,
    "object": lambda snapshot: object(),
    "wrongCurrency": wrong_currency,
    "peeks": lambda snapshot: Decimal(len(os.environ.get("DATABASE_URL", ""))),
    "lineSum": lambda snapshot: sum((line["amount"] for line in snapshot["lines"]), Decimal(0)),
    "process": lambda snapshot: Decimal(os.getpid()),
}


def kind(name: str, answer: Callable[[Snapshot], Any], role: Role = Role.ACTION) -> RuleKind[Factor]:
    return RuleKind(
        name=name, version=1, role=role, summary=name, parameters=Factor,
        reads=lambda parameters: ("transaction.amount", LINES), compile=lambda parameters: answer,
    )  # fmt: skip


TIMES = RuleKind(
    name="times", version=2, role=Role.ACTION, summary="Amount times a factor", parameters=Factor,
    reads=lambda parameters: ("transaction.amount",), compile=times,
)  # fmt: skip
REFUSES = RuleKind(
    name="refuses", version=1, role=Role.ACTION, summary="Refuses", parameters=Factor,
    reads=lambda parameters: (), compile=refuses,
)  # fmt: skip
READS_UNKNOWN = RuleKind(
    name="readsUnknown", version=1, role=Role.ACTION, summary="Reads what is not there", parameters=Factor,
    reads=lambda parameters: ("transaction.attributes.cabin",), compile=times,
)  # fmt: skip
BASE = tuple(
    kind(f"base.{name}", ANSWERS[name], Role.BASE)
    for name in ("nan", "float", "negative", "rejects", "raises", "nothing", "wrongCurrency", "lineSum", "everything")
)


@hookimpl
def milepost_rule_kinds() -> Sequence[RuleKind[Any]]:
    actions = tuple(kind(name, answer) for name, answer in ANSWERS.items())
    return (*actions, TIMES, REFUSES, READS_UNKNOWN, *BASE)
