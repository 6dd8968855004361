"""What members were given and kept, by point type and transaction date: for rules that ask for points over the last months."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import BigInteger, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.lots import NOT_EARNED
from domain.store import tables as t
from domain.store.database import Reader

_l = t.lot.c
EARNED = (
    select(_l.member_id, _l.point_type_id, _l.transaction_date, func.sum(_l.points - _l.reversed).label("points"))
    .where(
        _l.member_id == any_(bindparam("ids", type_=ARRAY(BigInteger))),
        _l.point_type_id == any_(bindparam("point_types", type_=ARRAY(BigInteger))),
        _l.transaction_date > bindparam("after"),
        _l.origin.not_in(NOT_EARNED),
    )
    .group_by(_l.member_id, _l.point_type_id, _l.transaction_date)
)


async def by_day(
    reader: Reader, members: Mapping[int, Collection[int]], point_types: Collection[int], after: date
) -> dict[int, dict[int, dict[date, int]]]:
    """Units by member, point type and transaction date, dated after a day; `members`: each with those who were merged into it."""
    meant = {owner: member for member, absorbed in members.items() for owner in (member, *absorbed)}
    found: dict[int, dict[int, dict[date, int]]] = defaultdict(lambda: defaultdict(dict))
    for row in await reader.execute(EARNED, {"ids": list(meant), "point_types": list(point_types), "after": after}):
        days = found[meant[row.member_id]][row.point_type_id]
        days[row.transaction_date] = days.get(row.transaction_date, 0) + int(row.points)
    return found
