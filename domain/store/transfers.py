"""What members have sent to others, for limits per year."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import BigInteger, Integer, any_, bindparam, extract, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.store import tables as t
from domain.store.database import Reader
from domain.transactions import Status, SubType

_t = t.transaction.c
_YEAR = extract("year", _t.transaction_date).cast(Integer)
SENT = (
    select(_t.member_id, _t.point_type_id, _YEAR.label("year"), func.sum(_t.points).cast(BigInteger).label("points"))
    .where(_t.member_id == any_(bindparam("ids", type_=ARRAY(BigInteger))), _t.sub_type == SubType.TRANSFER)
    .where(_t.status == Status.PROCESSED, any_(bindparam("years", type_=ARRAY(Integer))) == _YEAR)
    .group_by(_t.member_id, _t.point_type_id, _YEAR)
)


async def sent(
    reader: Reader, members: Collection[int], years: Collection[int]
) -> dict[int, dict[tuple[int, int], int]]:
    """Units by member, and by point type and calendar year of the transfer's date."""
    found: dict[int, dict[tuple[int, int], int]] = defaultdict(dict)
    for row in await reader.execute(SENT, {"ids": list(members), "years": list(years)}):
        found[row.member_id][row.point_type_id, row.year] = row.points
    return found
