"""A program's definition as the engine needs it, and the version by which a compiled one is known to be current."""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, Text, bindparam, cast, exists, or_, select, text

from domain.attributes import AttributeType, OnReversal
from domain.deliveries import EventType
from domain.engine.program import VoucherType
from domain.expiry import ExpiryKind, ExpiryPolicy
from domain.programs import BaseRule, PointType, Program, ProgramSettings
from domain.promotions import Promotion
from domain.store import tables as t
from domain.store.database import Reader
from domain.store.documents import from_document
from domain.store.driver import Written
from domain.store.promotion_documents import promotion_from
from domain.vouchers import VoucherTerms

RESTRICTED = text("partner_terms.point_types <> '{}'")
_charging = or_(
    exists().where(t.terms_conversion.c.program_id == t.program.c.id),
    exists().where(t.billing_rate.c.program_id == t.program.c.id),
    exists().where(t.partner_terms.c.program_id == t.program.c.id, RESTRICTED),
)
CURRENT = Written(
    select(t.program.c.version, t.program.c.listening, _charging.label("charging")).where(
        t.program.c.id == bindparam("id")
    )
)
PROGRAM = select(t.program).where(t.program.c.id == bindparam("id"))
POINT_TYPES = select(t.point_type).where(t.point_type.c.program_id == bindparam("id")).order_by(t.point_type.c.id)
PROMOTIONS = (
    select(t.promotion)
    .where(t.promotion.c.program_id == bindparam("id"), t.promotion.c.active)
    .order_by(t.promotion.c.code)
)
VOUCHER_TYPES = (
    select(t.product.c.id, t.product.c.code, t.product.c.active, t.product.c.voucher)
    .where(t.product.c.program_id == bindparam("id"), t.product.c.voucher.is_not(None))
    .order_by(t.product.c.code)
)
ID = select(t.program.c.id).where(t.program.c.code == bindparam("code"))

HAD_INACTIVITY = select(
    exists().where(
        t.program_version.c.program_id == bindparam("id"),
        cast(t.program_version.c.definition, Text).contains(f'"{ExpiryKind.INACTIVITY.value}"'),
    )
)


@dataclass(frozen=True, slots=True)
class Current:
    """What may change of a program without the engine's doing: its version, what somebody wants to hear of, and whether terms
    of partners say anything about the points that they give.
    """

    version: int | None
    listening: frozenset[EventType] = frozenset()
    charging: bool = False


async def current(reader: Reader, program_id: int) -> Current:
    """The current version of a program, and what goes with it."""
    for version, listening, charging in await CURRENT.rows(reader, id=program_id):
        return Current(version, frozenset(map(EventType, listening)), charging)
    return Current(None)


async def id_of(reader: Reader, code: str) -> int | None:
    """The key of a program; codes never change."""
    return (await reader.execute(ID, {"code": code})).scalar_one_or_none()


async def definition(reader: Reader, program_id: int) -> tuple[Program, tuple[PointType, ...], tuple[Promotion, ...]]:
    """The program, its point types and its active promotions, as they are now."""
    program = (await reader.execute(PROGRAM, {"id": program_id})).one()
    point_types = await reader.execute(POINT_TYPES, {"id": program_id})
    promotions = await reader.execute(PROMOTIONS, {"id": program_id})
    return program_of(program), tuple(map(point_type_of, point_types)), tuple(map(promotion_of, promotions))


async def voucher_types(reader: Reader, program_id: int) -> dict[str, VoucherType]:
    """The products that are vouchers, by code."""
    rows = await reader.execute(VOUCHER_TYPES, {"id": program_id})
    return {row.code: VoucherType(row.id, row.active, from_document(row.voucher, VoucherTerms)) for row in rows}


async def had_inactivity(reader: Reader, program_id: int) -> bool:
    """Whether in some version of the program points lapse by inactivity, be it by a promotion that has ended since."""
    return bool((await reader.execute(HAD_INACTIVITY, {"id": program_id})).scalar_one())


def program_of(row: Row[Any]) -> Program:
    """A program from its row."""
    return Program(
        id=row.id,
        code=row.code,
        name=row.name,
        status=row.status,
        time_zone=row.time_zone,
        currency=row.currency,
        settings=msgspec.convert(row.settings, ProgramSettings, strict=False),
        base_rules=msgspec.convert(row.base_rules, tuple[BaseRule, ...], strict=False),
        attributes=msgspec.convert(row.attributes, dict[str, AttributeType]),
        version=row.version,
        created_at=row.created_at,
        reversals=msgspec.convert(row.reversals, dict[str, OnReversal]),
    )


def point_type_of(row: Row[Any]) -> PointType:
    """A point type from its row."""
    expiry = None if row.expiry is None else msgspec.convert(row.expiry, ExpiryPolicy, strict=False)
    return PointType(
        row.id, row.program_id, row.code, row.name, row.decimals, row.qualifying, row.weight_qualifying,
        row.weight_non_qualifying, expiry, row.is_default,
    )  # fmt: skip


def promotion_of(row: Row[Any]) -> Promotion:
    """A promotion from its row: its definition, and what the row knows better."""
    known = {"id": row.id, "program_id": row.program_id, "code": row.code, "name": row.name, "active": row.active}
    dates = {"starts_on": row.starts_on, "ends_on": row.ends_on, "version": row.version}
    return promotion_from({**row.definition, **known, **dates})
