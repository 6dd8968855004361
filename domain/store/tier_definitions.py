"""A program's tier classes and tiers as the engine needs them: a part of every version of the program."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Row, Select, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.expiry import ExpiryPolicy
from domain.store import tables as t
from domain.store.database import Reader
from domain.store.documents import from_document
from domain.tiers import Threshold, Tier, TierClass, TierLoan
from domain.vouchers import TierVoucher

IDS = bindparam("ids", type_=ARRAY(BigInteger))

CLASSES: Select[Any] = select(t.tier_class).order_by(t.tier_class.c.sequence)
TIERS: Select[Any] = select(t.tier).order_by(t.tier.c.tier_class, t.tier.c.sequence)
CLASSES_BY_PROGRAMS = CLASSES.where(t.tier_class.c.program_id == any_(IDS))
TIERS_BY_PROGRAMS = TIERS.where(t.tier.c.program_id == any_(IDS))


@dataclass(frozen=True, slots=True)
class Ladders:
    """The tier classes of a program, the most senior first, and all their tiers, each by code."""

    classes: Mapping[str, TierClass]
    tiers: Mapping[str, Tier]

    def rungs(self, tier_class: str) -> list[Tier]:
        """The tiers of a class, the lowest first."""
        return [tier for tier in self.tiers.values() if tier.tier_class == tier_class]


async def of_program(reader: Reader, program_id: int) -> Ladders:
    """The classes and tiers of a program."""
    classes = await reader.execute(CLASSES_BY_PROGRAMS, {"ids": [program_id]})
    tiers = await reader.execute(TIERS_BY_PROGRAMS, {"ids": [program_id]})
    return Ladders({row.code: class_of(row) for row in classes}, {row.code: tier_of(row) for row in tiers})


def class_of(row: Row[Any]) -> TierClass:
    """A class from its row."""
    return TierClass(
        id=row.id,
        program_id=row.program_id,
        code=row.code,
        name=row.name,
        sequence=row.sequence,
        model=row.model,
        period_months=row.period_months,
        starts_month=row.starts_month,
        starts_day=row.starts_day,
    )


def tier_of(row: Row[Any]) -> Tier:
    """A tier from its row."""
    return Tier(
        id=row.id,
        tier_class=row.tier_class,
        code=row.code,
        name=row.name,
        sequence=row.sequence,
        is_default=row.is_default,
        shown=row.shown,
        thresholds=tuple(map(_threshold, row.thresholds)),
        any_threshold=row.any_threshold,
        downgrade_to=row.downgrade_to,
        minimum_months=row.minimum_months,
        suspends_expiry=row.suspends_expiry,
        expiry=None if row.expiry is None else msgspec.convert(row.expiry, ExpiryPolicy, strict=False),
        vouchers=from_document(row.vouchers or [], tuple[TierVoucher, ...]),
        loan=None if row.loan is None else msgspec.convert(row.loan, TierLoan, strict=False),
    )


def _threshold(document: Mapping[str, Any]) -> Threshold:
    return Threshold(Decimal(document["at_least"]), document.get("point_type"), document.get("counter"))
