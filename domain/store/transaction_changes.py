"""Which transactions were recorded or changed since a moment: some of them, or those of some members."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.store import tables as t
from domain.store.changes import Moment, changed, writer_of
from domain.store.database import Reader

_t = t.transaction.c
_writer = f"({writer_of(t.transaction)})"
_changed: Select[Any] = select(_t.id, _t.member_id).where(changed(_writer)).order_by(_t.id)
BY_IDS = _changed.where(_t.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
OF_MEMBERS = _changed.where(_t.member_id == any_(bindparam("members", type_=ARRAY(BigInteger))))


async def of_ids(reader: Reader, since: Moment, ids: Sequence[int]) -> list[int]:
    """Those of the transactions that have changed."""
    rows = await reader.execute(BY_IDS, {"since": since, "ids": list(ids)})
    return [row.id for row in rows]


async def of_members(reader: Reader, since: Moment, members: Sequence[int]) -> list[tuple[int, int]]:
    """Member and number of every transaction of these members that was recorded or has changed, in the order of the numbers."""
    rows = await reader.execute(OF_MEMBERS, {"since": since, "members": list(members)})
    return [(row.member_id, row.id) for row in rows]
