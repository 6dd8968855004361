"""Queued transactions as the engine works on them, locked and read by the thousand, straight from the driver.

Plain ones only: whose row says nothing that is not read here. What few transactions say (vouchers, another tender, what they
cancel, and whatever comes to the table one day) is left to the way by which people's transactions go.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.calendars import business_date
from domain.engine import EngineProgram, Entry, PartnerState, ProductState
from domain.store import driver, snapshots
from domain.store.database import Writer
from domain.store.json import decode
from domain.store.tables import transaction
from domain.store.transactions import read_lines
from domain.transactions import Status, SubType, Type

READ = (
    "id", "member_id", "type", "sub_type", "status", "transaction_date", "created_at", "product_id", "amount", "currency",
    "quantity", "line_items", "attributes", "partner_id", "base_points", "point_type_id", "qualifying", "points", "attempts",
    "other_member_id",
)  # fmt: skip
NOT_ASKED = (
    "sub_status", "processed_at", "created_by_id", "submit_to_id", "follows_id", "source", "external_id", "comment", "totals",
)  # fmt: skip
"""What the engine does not look at."""

RARE = [column.name for column in transaction.c if column.nullable and column.name not in {*READ, *NOT_ASKED}]
SHOWN = {
    **{name: f"trim_scale({name})::text" for name in ("amount", "quantity", "base_points")},
    **{name: f"{name}::text" for name in ("line_items", "attributes")},
}
LOCKED = f"""
select {", ".join(SHOWN.get(name, name) for name in READ)}, num_nonnulls({", ".join(RARE)}) = 0
from transaction where id = any($1) order by id for update
"""  # noqa: S608 - names of our own
PRODUCT, PARTNER = READ.index("product_id"), READ.index("partner_id")

TYPES = {each.value: each for each in Type}
SUB_TYPES = {each.value: each for each in SubType}
STATUSES = {each.value: each for each in Status}
NOTHING: Mapping[str, Any] = {}


async def lock(writer: Writer, program: EngineProgram, ids: Sequence[int]) -> tuple[dict[int, Entry], list[int]]:
    """Lock transactions of a program for a move of their status: the plain ones, each in its next attempt, as it is now; and
    which are not.
    """
    rows = await driver.fetch(writer, LOCKED, ids)
    demanded = program.program.settings.partner_programs
    products = await snapshots.products(writer, {row[PRODUCT] for row in rows})
    partners = await snapshots.partners(writer, program.program.id, {row[PARTNER] for row in rows}, demanded)
    reading = _Reading(program, products, partners)
    found = {row[0]: reading.entry(*row) for row in rows if row[-1]}
    return found, [row[0] for row in rows if not row[-1]]


class _Reading:
    """What the rows of a chunk have in common."""

    def __init__(
        self, program: EngineProgram, products: Mapping[int, ProductState], partners: Mapping[int, PartnerState]
    ) -> None:
        self._program = program
        self._products = products
        self._partners = partners
        self._days: dict[datetime, date] = {}

    def entry(  # noqa: PLR0917 - the columns, in their order
        self, key: int, member_id: int, kind: str, sub_type: str, status: str, day: date, created_at: datetime,
        product_id: int | None, amount: str | None, currency: str | None, quantity: str | None, lines: str | None,
        attributes: str | None, partner_id: int | None, base_points: str | None, point_type_id: int | None,
        qualifying: bool | None, points: Any, attempts: int, other_member_id: int | None, _plain: bool,
    ) -> Entry:  # fmt: skip
        """One row."""
        return Entry(
            id=key,
            member_id=member_id,
            type=TYPES[kind],
            sub_type=SUB_TYPES[sub_type],
            status=STATUSES[status],
            transaction_date=day,
            reported_on=self._days.get(created_at) or self._reported_on(created_at),
            product=None if product_id is None else self._products.get(product_id),
            partner=None if partner_id is None else self._partners.get(partner_id),
            amount=None if amount is None else Decimal(amount),
            currency=currency,
            quantity=None if quantity is None else Decimal(quantity),
            line_items=() if lines is None else read_lines(decode(lines)),
            attributes=NOTHING if attributes is None else decode(attributes),
            base_points=None if base_points is None else Decimal(base_points),
            point_type_id=point_type_id,
            qualifying=qualifying,
            points=points if point_type_id in self._program.point_types else None,
            attempt=attempts + 1,
            other_member_id=other_member_id,
        )

    def _reported_on(self, created_at: datetime) -> date:
        """The day on which it was recorded; most of a chunk were recorded at once."""
        found = self._days[created_at] = business_date(created_at, self._program.program.time_zone)
        return found
