"""Agreement lines and entitlements: made with their membership, and moved with it, a set at a time."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Row, Text, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from domain.agreements import AgreementLine, Entitlement, LineStatus, line_dates
from domain.memberships import Membership
from domain.partner_programs import EntitlementTemplate, LineTemplate
from domain.people import Scope
from domain.store import tables as t
from domain.store.bulk import BulkInsert
from domain.store.database import Reader, Writer

_l = t.agreement_line.c
_e = t.entitlement.c
IDS = bindparam("ids", type_=ARRAY(BigInteger))

LINES = select(t.agreement_line).where(_l.membership_id == any_(IDS)).order_by(_l.id)
ENTITLEMENTS = select(t.entitlement).where(_e.membership_id == any_(IDS)).order_by(_e.id)
ADD_LINES = BulkInsert(
    "agreement_line",
    [
        ("membership_id", "bigint"), ("code", "text"), ("description", "text"), ("months", "smallint"), ("status", "text"),
        ("starts_on", "date"), ("ends_on", "date"), ("created_at", "timestamptz"),
    ],
)  # fmt: skip
ADD_ENTITLEMENTS = BulkInsert(
    "entitlement",
    [
        ("membership_id", "bigint"), ("code", "text"), ("description", "text"), ("starts_on", "date"),
        ("created_at", "timestamptz"),
    ],
)  # fmt: skip
MOVE_LINES = text(
    "update agreement_line set status = :to "
    "where membership_id = any(cast(:ids as bigint[])) and status = any(cast(:before as text[]))"
).bindparams(bindparam("before", type_=ARRAY(Text)), bindparam("to", type_=Text))
END = text(
    "update entitlement e set ends_on = greatest(u.day, e.starts_on - 1) "
    "from unnest(cast(:ids as bigint[]), cast(:days as date[])) as u(id, day) "
    "where e.membership_id = u.id and e.ends_on is null"
)


async def add(
    writer: Writer,
    now: datetime,
    memberships: Sequence[tuple[Membership, tuple[LineTemplate, ...]]],
    status: LineStatus,
    entitlements: tuple[EntitlementTemplate, ...],
) -> None:
    """What new memberships give: their lines in this status, and what the program entitles to."""
    await ADD_LINES(
        writer,
        [
            (each.id, line.code, line.description, line.months, status.value, *line_dates(line, each.period), now)
            for each, lines in memberships
            for line in lines
        ],
    )
    await ADD_ENTITLEMENTS(
        writer,
        [
            (each.id, template.code, template.description, each.begins_on, now)
            for each, _ in memberships
            for template in entitlements
        ],
    )


async def move_lines(writer: Writer, ids: Sequence[int], before: Iterable[LineStatus], to: LineStatus) -> None:
    """Set the status of the lines of these memberships that are in one of the statuses `before`."""
    if ids:
        said = {"ids": list(ids), "before": [each.value for each in before], "to": to.value}
        await writer.execute(MOVE_LINES, said)


async def end(writer: Writer, ended: Sequence[tuple[int, date]]) -> None:
    """End what these memberships entitle to, each on its day; what has not begun was in force on no day."""
    if ended:
        await writer.execute(END, {"ids": [key for key, _ in ended], "days": [day for _, day in ended]})


async def load_lines(reader: Reader, _: Scope, ids: Sequence[int]) -> list[list[AgreementLine]]:
    """The lines of each of these memberships; whoever has the membership may see them."""
    found: dict[int, list[AgreementLine]] = {each: [] for each in ids}
    for row in await reader.execute(LINES, {"ids": list(ids)}):
        found[row.membership_id].append(_line_of(row))
    return [found[each] for each in ids]


async def load_entitlements(reader: Reader, _: Scope, ids: Sequence[int]) -> list[list[Entitlement]]:
    """What each of these memberships entitles to; whoever has the membership may see it."""
    found: dict[int, list[Entitlement]] = {each: [] for each in ids}
    for row in await reader.execute(ENTITLEMENTS, {"ids": list(ids)}):
        found[row.membership_id].append(_entitlement_of(row))
    return [found[each] for each in ids]


def _line_of(row: Row[Any]) -> AgreementLine:
    return AgreementLine(**{name: getattr(row, name) for name in AgreementLine.__slots__})


def _entitlement_of(row: Row[Any]) -> Entitlement:
    return Entitlement(**{name: getattr(row, name) for name in Entitlement.__slots__})
