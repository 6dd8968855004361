"""Looking only at members to whom something happened since a moment, with the very questions that are asked of everybody.

For the rest of the unit of work views stand before the tables of the ledger: they show the rows of those members alone.
"""

from datetime import datetime

from sqlalchemy import text

from domain.store.database import Reader

OF_ONE_MEMBER = frozenset({
    "lots", "restores", "taken back", "uses", "sums", "available", "totals", "decisions", "order", "extensions",
})  # fmt: skip
"""Invariants, by name, that compare only rows of one member with each other."""

TOUCHED = text(
    "create temp table touched on commit drop as select member_id from decision where created_at >= '{since}'"
    " union select member_id from lot_extension where created_at >= '{since}'"
    " union select member_id from point_hold where created_at >= '{since}' or ended_at >= '{since}'"
)
OWN = ("lot", "lot_use", "lot_extension", "lot_reversal", "balance", "transaction", "loan")


async def look_only_at(reader: Reader, since: datetime) -> None:
    """From here on, until this unit of work is undone."""
    moment = since.isoformat()
    await reader.execute(text(TOUCHED.text.format(since=moment)))
    await reader.execute(text("alter table touched add primary key (member_id)"))
    await reader.execute(text("analyze touched"))
    schema = (await reader.execute(text("select quote_ident(current_schema())"))).scalar_one()
    for table in OWN:
        mine = f"select x.* from {schema}.{table} x join touched using (member_id)"  # noqa: S608 - names of our own tables
        await reader.execute(text(f"create temp view {table} as {mine}"))
    decisions = f"select d.* from {schema}.decision d join transaction t on t.id = d.transaction_id"  # noqa: S608 - likewise
    await reader.execute(text(f"create temp view decision as {decisions}"))
