"""What members have sent to others since a moment, for limits per year."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import BigInteger, DateTime, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.store import tables as t
from domain.store.database import Reader
from domain.transactions import Status, SubType

_t = t.transaction.c
SENT = (
    select(_t.member_id, _t.point_type_id, func.sum(_t.points).cast(BigInteger).label("points"))
    .where(_t.member_id == any_(bindparam("ids", type_=ARRAY(BigInteger))), _t.sub_type == SubType.TRANSFER)
    .where(_t.status == Status.PROCESSED, _t.processed_at >= bindparam("since", type_=DateTime(timezone=True)))
    .group_by(_t.member_id, _t.point_type_id)
)


async def sent(reader: Reader, members: Mapping[int, Collection[int]], since: datetime) -> dict[int, dict[int, int]]:
    """Units by member and point type, processed since a moment; `members`: each with those who were merged into it."""
    meant = {owner: member for member, absorbed in members.items() for owner in (member, *absorbed)}
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for row in await reader.execute(SENT, {"ids": list(meant), "since": since}):
        mine = found[meant[row.member_id]]
        mine[row.point_type_id] = mine.get(row.point_type_id, 0) + row.points
    return found
