"""Stored decisions, by transaction: the latest attempt, or all of them."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from domain.store import tables as t
from domain.store.database import Reader

_d = t.decision.c
LATEST = (
    select(_d.transaction_id, _d.body)
    .where(_d.transaction_id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
    .ext(distinct_on(_d.transaction_id))
    .order_by(_d.transaction_id, _d.attempt.desc())
)


async def latest(reader: Reader, ids: Sequence[int]) -> dict[int, bytes]:
    """The latest decision of each transaction, as stored."""
    return {row.transaction_id: row.body for row in await reader.execute(LATEST, {"ids": list(ids)})}
