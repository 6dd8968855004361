"""Whose points a chunk may give, and what they have in stock. In a program that charges nobody nothing is asked."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.calendars import business_date
from domain.engine import EngineProgram, Entry
from domain.engine.giving_back import owners_of
from domain.engine.supply import NO_SUPPLY, Supply
from domain.store import locks, supplies
from domain.store.database import Reader, Writer
from domain.store.supplies import Owners
from domain.transactions import SubType, Type

GIVEN = frozenset({SubType.PRODUCT, SubType.ACTION_BASED_BONUS, SubType.GIFT, SubType.MANUAL_CREDIT})
"""What somebody gives; the rest moves what was given, or lends it."""


async def supply_for(
    writer: Writer, program: EngineProgram, entries: Sequence[Entry], now: datetime, *, alone: bool
) -> Supply:
    """The supply for transactions that are about to be worked. `alone`: nobody else draws from it until the commit."""
    owners, today = _owners(program, entries), business_date(now, program.program.time_zone)
    if not owners:
        return NO_SUPPLY
    found = await _load(writer, program, owners, now)
    opened = await supplies.open_overdrafts(writer, program.program.id, found, today)
    if alone:
        await locks.stock(writer, program.program.id, owners.partners, host=owners.host)
    return await _load(writer, program, owners, now) if opened or alone else found


async def supply_seen(reader: Reader, program: EngineProgram, entries: Sequence[Entry], now: datetime) -> Supply:
    """The same where nothing is written."""
    return await _load(reader, program, _owners(program, entries), now)


async def _load(reader: Reader, program: EngineProgram, owners: Owners, now: datetime) -> Supply:
    today = business_date(now, program.program.time_zone)
    host_pays = program.program.settings.host_blocks
    return await supplies.load(reader, program.program.id, owners, today, host_pays=host_pays)


def _owners(program: EngineProgram, entries: Iterable[Entry]) -> Owners:
    """Who may have to pay for these, and to whom some may come back."""
    originals = [entry.original for entry in entries if entry.original is not None]
    returning = set(owners_of(originals).values()) if originals else set()
    host = program.program.settings.host_blocks
    giving = [entry for entry in entries if _gives(program, entry)] if program.charging or host else []
    partners = {entry.partner.id for entry in giving if entry.partner is not None}
    if giving:
        payers = (share.partner_id for shares in program.shares.values() for share in shares)
        partners |= {each for each in payers if each is not None}
    partners |= {each for each in returning if each is not None}
    return Owners(partners, (host and bool(giving)) or None in returning, bool(returning))


def _gives(program: EngineProgram, entry: Entry) -> bool:
    if entry.type is Type.REDEMPTION:
        return program.rewards_redemptions and entry.sub_type is SubType.PRODUCT
    return entry.sub_type in GIVEN
