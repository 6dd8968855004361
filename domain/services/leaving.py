"""What has left members of late, for the engine: read where the program limits it, and only of those who redeem or send."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from domain.calendars import business_date, start_of_day
from domain.engine import EngineProgram, Entry, MemberState
from domain.store import leaving as store
from domain.store.database import Reader
from domain.transactions import SubType, Type

LIMITED = frozenset({SubType.PRODUCT, SubType.TRANSFER})


async def with_left(
    reader: Reader, program: EngineProgram, now: datetime, states: dict[int, MemberState], entries: Sequence[Entry]
) -> dict[int, MemberState]:
    """The locked members with what has left them today, and since a change of contact data, where that limits anything."""
    limits = program.program.settings.leaving_limits
    if limits.per_day is None and limits.after_contact_change is None:
        return states
    taking = {each.member_id for each in entries if each.type is Type.REDEMPTION and each.sub_type in LIMITED}
    whole = {key: states[key].absorbed for key in taking}
    if limits.per_day is not None and whole:
        zone = program.program.time_zone
        today = start_of_day(business_date(now, zone), zone)
        left = await store.left(reader, whole, dict.fromkeys(whole, today))
        states = states | {key: replace(states[key], left_today=left.get(key, {})) for key in whole}
    if limits.after_contact_change is not None and whole:
        changed = await store.contact_changes(reader, list(whole), now - timedelta(hours=limits.hours))
        left = await store.left(reader, {key: whole[key] for key in changed}, changed) if changed else {}
        states = states | {key: replace(states[key], left_since_change=left.get(key, {})) for key in changed}
    return states
