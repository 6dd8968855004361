"""Lots that lapse later than they say: because the member was active, or holds a tier that suspends expiry."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from domain.engine import Extension
from domain.store.bulk import BulkInsert
from domain.store.database import Writer

INSERT = BulkInsert(
    "lot_extension",
    [
        ("member_id", "bigint"), ("lot_transaction_id", "bigint"), ("lot_position", "smallint"),
        ("transaction_id", "bigint"), ("expires_on", "date"), ("created_at", "timestamptz"),
    ],
    "on conflict do nothing",
)  # fmt: skip
MARK = text("""
    update lot x set extended = true
    from unnest(cast(:members as bigint[]), cast(:transactions as bigint[]), cast(:positions as smallint[])) as u(m, t, p)
    where (x.member_id, x.transaction_id, x.position) = (u.m, u.t, u.p) and x.extends_by is null and not x.extended
""")
"""Whoever reads a lot looks for extensions only where there may be some."""


async def write(writer: Writer, extensions: Sequence[Extension], now: datetime) -> None:
    """Extensions of lots that are written already."""
    if not extensions:
        return
    await INSERT(
        writer,
        [
            (each.member_id, each.lot_transaction_id, each.lot_position, each.transaction_id, each.expires_on, now)
            for each in extensions
        ],
    )
    lots = {
        "members": [each.member_id for each in extensions],
        "transactions": [each.lot_transaction_id for each in extensions],
        "positions": [each.lot_position for each in extensions],
    }
    await writer.execute(MARK, lots)
