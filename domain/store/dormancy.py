"""Who has slept long enough: active members without a transaction since a day."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import BigInteger, any_, bindparam, exists, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from domain.members import MemberStatus
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.transactions import SubType

_m, _t = t.member.c, t.transaction.c

# What the engine does to a member who does nothing is no activity.
_SLEEPING = (
    _m.status == MemberStatus.ACTIVE,
    _m.enrolled_on <= bindparam("since"),
    ~exists().where(
        _t.member_id == _m.id,
        _t.transaction_date > bindparam("since"),
        _t.sub_type != SubType.EXPIRY,
    ),
)
NEXT = (
    select(_m.id)
    .where(_m.program_id == bindparam("program_id"), _m.id > bindparam("after"), *_SLEEPING)
    .order_by(_m.id)
    .limit(bindparam("most"))
)
STILL = select(_m.id).where(_m.id == any_(bindparam("ids", type_=ARRAY(BigInteger))), *_SLEEPING).order_by(_m.id)
SLEEP = text(
    "with asleep as (update member set status = 'DORMANT', version = version + 1 where id = any(:ids)"
    " returning id, version)"
    " insert into member_change (member_id, version, fields, from_status, to_status, reason, created_at)"
    " select id, version, '{}', 'ACTIVE', 'DORMANT', :reason, :now from asleep"
)


async def upcoming(reader: Reader, program_id: int, since: date, after: int, most: int) -> Sequence[int]:
    """The next members, above `after`, who are active and have done nothing after a day."""
    given = {"program_id": program_id, "since": since, "after": after, "most": most}
    return (await reader.execute(NEXT, given)).scalars().all()


async def still(reader: Reader, ids: Sequence[int], since: date) -> Sequence[int]:
    """Those of the members for whom that is so now."""
    return (await reader.execute(STILL, {"ids": list(ids), "since": since})).scalars().all()


async def sleep(writer: Writer, ids: Sequence[int], reason: str, now: datetime) -> None:
    """Let locked members be DORMANT, and keep since when and why."""
    await writer.execute(SLEEP, {"ids": list(ids), "reason": reason, "now": now})
