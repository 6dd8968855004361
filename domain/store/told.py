"""What events tell of members and transactions, a set at a time."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Row, Select, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.events import Named, Worked
from domain.store import tables as t
from domain.store.database import Reader
from domain.store.totals import read_totals

IDS = bindparam("ids", type_=ARRAY(BigInteger))
_m, _t, _p = t.member.c, t.transaction.c, t.partner.c
MEMBERS = select(_m.id, _m.number, _m.enrolled_by_partner_id).where(_m.id == any_(IDS))
WORKED: Select[Any] = (
    select(
        _t.id, _t.program_id, _t.member_id, _t.partner_id, _t.type, _t.sub_type, _t.status, _t.sub_status,
        _t.transaction_date, _t.source, _t.external_id, _t.totals, _m.number, _m.enrolled_by_partner_id,
        _p.code.label("partner"),
    )
    .join_from(t.transaction, t.member, _m.id == _t.member_id)
    .outerjoin(t.partner, _p.id == _t.partner_id)
    .where(_t.id == any_(IDS))
)  # fmt: skip


async def members(reader: Reader, ids: Iterable[int]) -> dict[int, Named]:
    """How these members are named to others."""
    rows = await reader.execute(MEMBERS, {"ids": list(set(ids))})
    return {row.id: Named(row.id, row.number, row.enrolled_by_partner_id) for row in rows}


async def worked(reader: Reader, ids: Sequence[int]) -> list[Worked]:
    """What is told of these transactions, in their order."""
    found = {row.id: row for row in await reader.execute(WORKED, {"ids": list(ids)})}
    return [_worked(found[each]) for each in ids]


def _worked(row: Row[Any]) -> Worked:
    member = Named(row.member_id, row.number, row.enrolled_by_partner_id)
    return Worked(
        row.id, row.program_id, member, row.partner_id, row.partner, row.type, row.sub_type, row.status, row.sub_status,
        row.transaction_date, row.source, row.external_id, read_totals(row.totals),
    )  # fmt: skip
