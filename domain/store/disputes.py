"""Which accrual is in dispute with which; a dispute is a transaction like others."""

from collections.abc import Iterable

from sqlalchemy import select

from domain.disputes import OVER
from domain.drafts import Draft
from domain.store import tables as t
from domain.store.bulk import BulkUpdate
from domain.store.database import Reader, Writer
from domain.transactions import Status

_t = t.transaction.c
NAME = BulkUpdate("transaction", [("id", "bigint"), ("disputes_id", "bigint")], keys=1)
"""Only disputes name a wrong accrual: a column more would cost every other row."""


async def name_wrong(writer: Writer, drafts: Iterable[Draft]) -> None:
    """Note what new transactions dispute."""
    await NAME(writer, [(draft.id, draft.disputes_id) for draft in drafts if draft.disputes_id is not None])


async def open_about(reader: Reader, number: int) -> Status | None:
    """The status of the dispute about a locked accrual that has not come to nothing; None if there is none."""
    query = select(_t.status).where(_t.disputes_id == number, _t.status.not_in(OVER)).limit(1)
    found = (await reader.execute(query)).scalar_one_or_none()
    return None if found is None else Status(found)
