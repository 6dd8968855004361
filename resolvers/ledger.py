"""What the fields of members and transactions ask of the ledger."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from domain.lots import Lot, LotUse
from domain.members import Balance, ExpiringPoints
from domain.pages import Page
from domain.people import Scope
from domain.problems import Invalid, Refused
from domain.store import balances, expiring, ledger_reads, past_balances
from domain.store.database import Database, Reader
from domain.store.keyset import page_of
from resolvers.context import Context
from resolvers.loaders import loads
from schema.ledger_questions import BALANCES, EXPIRING, LOTS, BalancesAsked, ExpiringAsked, LotsAsked
from schema.loads import LOT, LOTS_OF_TRANSACTION, USES_OF_LOT, USES_OF_TRANSACTION


@loads(LOT, node="Lot")
async def _lots(reader: Reader, scope: Scope, keys: list[ledger_reads.LotKey]) -> Sequence[Lot | None]:
    return await ledger_reads.lots_by_key(reader, scope, keys)


@loads(LOTS_OF_TRANSACTION)
async def _lots_of(reader: Reader, scope: Scope, keys: list[ledger_reads.TransactionKey]) -> Sequence[list[Lot]]:
    return await ledger_reads.lots_of_transactions(reader, scope, keys)


@loads(USES_OF_TRANSACTION)
async def _uses_of(reader: Reader, scope: Scope, keys: list[ledger_reads.TransactionKey]) -> Sequence[list[LotUse]]:
    return await ledger_reads.uses_of_transactions(reader, scope, keys)


@loads(USES_OF_LOT)
async def _uses_of_lots(reader: Reader, scope: Scope, keys: list[ledger_reads.LotKey]) -> Sequence[list[LotUse]]:
    return await ledger_reads.uses_of_lots(reader, scope, keys)


@LOTS.answered_by
async def _page_of_lots(context: Context, asked: LotsAsked) -> Page[Lot]:
    listing = ledger_reads.lots(
        context.principal.scope, asked.member_id, asked.filter, asked.order, descending=asked.descending
    )
    return await page_of(context.database, listing, asked.request)


BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
"""Nobody had any points before; every time zone can tell its date."""


@loads(BALANCES)
async def _balances(reader: Reader, scope: Scope, keys: list[BalancesAsked]) -> Sequence[list[Balance]]:
    """One query for all that is asked of now, two for each past moment."""
    now = await _database(keys[0]).now(reader)
    found: dict[BalancesAsked, list[Balance] | Refused] = {}
    for moment in {key.as_of for key in keys}:
        asked = [key for key in keys if key.as_of == moment]
        found.update(zip(asked, await _at(reader, scope, [key.member_id for key in asked], moment, now), strict=True))
    # A loader takes an exception for the answer to its key.
    return [cast("list[Balance]", found[key]) for key in keys]


async def _at(
    reader: Reader, scope: Scope, ids: list[int], moment: datetime | None, now: datetime
) -> Sequence[list[Balance] | Refused]:
    if moment is None:
        return await balances.load_many(reader, scope, ids, now)
    if moment > now:
        future = Invalid(value=moment.isoformat(), expected="a moment that has passed", path=("asOf",))
        return [Refused(future) for _ in ids]
    return await past_balances.load_many(reader, scope, ids, max(moment, BEGINNING))


@loads(EXPIRING)
async def _expiring(reader: Reader, scope: Scope, keys: list[ExpiringAsked]) -> Sequence[list[ExpiringPoints]]:
    now = await _database(keys[0]).now(reader)
    return await expiring.load_many(reader, scope, [(key.member_id, key.within) for key in keys], now)


def _database(asked: BalancesAsked | ExpiringAsked) -> Database:
    """The database whose clock tells the time of this request."""
    return cast("Context", asked.context).database
