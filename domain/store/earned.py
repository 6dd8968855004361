"""What members were given, by point type and transaction date: for rules that ask for points over the last months."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import BigInteger, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.store import tables as t
from domain.store.database import Reader

_l = t.lot.c
EARNED = (
    select(_l.member_id, _l.point_type_id, _l.transaction_date, func.sum(_l.points).label("points"))
    .where(
        _l.member_id == any_(bindparam("ids", type_=ARRAY(BigInteger))),
        _l.point_type_id == any_(bindparam("point_types", type_=ARRAY(BigInteger))),
        _l.transaction_date > bindparam("after"),
    )
    .group_by(_l.member_id, _l.point_type_id, _l.transaction_date)
)


async def by_day(
    reader: Reader, members: Collection[int], point_types: Collection[int], after: date
) -> dict[int, dict[int, dict[date, int]]]:
    """Units by member, point type and transaction date, dated after a day."""
    found: dict[int, dict[int, dict[date, int]]] = defaultdict(lambda: defaultdict(dict))
    for row in await reader.execute(EARNED, {"ids": list(members), "point_types": list(point_types), "after": after}):
        found[row.member_id][row.point_type_id][row.transaction_date] = int(row.points)
    return found
