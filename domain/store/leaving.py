"""What redemptions and transfers took from members since a moment, and when contact data was last changed."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Text, any_, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.leaving import CONTACT_FIELDS
from domain.store import tables as t
from domain.store.asked import arrays, asked
from domain.store.database import Reader
from domain.transactions import SubType, Type

_t, _u, _c = t.transaction.c, t.lot_use.c, t.member_change.c
_of = asked(member_id=BigInteger, since=DateTime(timezone=True))
LEFT = (
    select(_t.member_id, _u.point_type_id, func.sum(_u.points).cast(BigInteger).label("points"))
    .join_from(_of, t.transaction, _t.member_id == _of.c.member_id)
    .join(t.lot_use, (_u.member_id == _t.member_id) & (_u.transaction_id == _t.id))
    .where(_t.processed_at >= _of.c.since, _t.type == Type.REDEMPTION)
    .where(_t.sub_type.in_((SubType.PRODUCT, SubType.TRANSFER)))
    .group_by(_t.member_id, _u.point_type_id)
)
CONTACT_CHANGES = (
    select(_c.member_id, func.max(_c.created_at).label("changed_at"))
    .where(_c.member_id == any_(bindparam("ids", type_=ARRAY(BigInteger))), _c.created_at > bindparam("after"))
    .where(_c.fields.overlap(literal(list(CONTACT_FIELDS), ARRAY(Text))))
    .group_by(_c.member_id)
)


async def left(
    reader: Reader, members: Mapping[int, Collection[int]], since: Mapping[int, datetime]
) -> dict[int, dict[int, int]]:
    """Units by member and point type, processed since a moment of each; `members`: each with those who were merged into it."""
    meant = {owner: member for member, absorbed in members.items() for owner in (member, *absorbed)}
    rows = [(owner, since[member]) for owner, member in meant.items()]
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for row in await reader.execute(LEFT, arrays(rows, "member_id", "since")):
        mine = found[meant[row.member_id]]
        mine[row.point_type_id] = mine.get(row.point_type_id, 0) + row.points
    return found


async def contact_changes(reader: Reader, members: Collection[int], after: datetime) -> dict[int, datetime]:
    """When email or phone of these members was last changed, of those for whom that was after a moment."""
    rows = await reader.execute(CONTACT_CHANGES, {"ids": list(members), "after": after})
    return {row.member_id: row.changed_at for row in rows}
