"""Warning members of points that lapse within so many days: by email, and as an event. Each is warned of each day once.

Whose points last longer after all (an activity, a tier) is warned again before the new day.
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from datetime import date, timedelta

from domain import events
from domain.calendars import business_date
from domain.deliveries import Event
from domain.events import Named
from domain.expiry_warnings import letter
from domain.members import ExpiringPoints, Member
from domain.people import Scope
from domain.programs import Program
from domain.store import expiring, members, outbox
from domain.store import expiry_warnings as store
from domain.store.database import Database, Writer

CHUNK = 500
"""Members looked at in one commit."""

KEPT = timedelta(days=30)
EVERYWHERE = Scope()


async def warn(database: Database, program: Program) -> AsyncGenerator[int, None]:
    """Warn the members of a program; yields how many were warned so far."""
    days = program.settings.expiry_warning_days
    if days == 0:
        return
    async with database.write() as writer:
        today = business_date(await database.now(writer), program.time_zone)
        await store.forget(writer, today - KEPT)
    warned, after = 0, 0
    while chunk := await _upcoming(database, program, today + timedelta(days=days + 1), after):
        async with database.write() as writer:
            warned += await _warn(database, writer, program, chunk)
        after = chunk[-1]
        if warned:
            yield warned


async def _upcoming(database: Database, program: Program, until: date, after: int) -> Sequence[int]:
    async with database.read() as reader:
        return await store.upcoming(reader, program.id, until, after, CHUNK)


async def _warn(database: Database, writer: Writer, program: Program, ids: Sequence[int]) -> int:
    """Warn those of the members who have not been; how many."""
    now = await database.now(writer)
    spans = [(member_id, program.settings.expiry_warning_days) for member_id in ids]
    found = await expiring.load_many(writer, EVERYWHERE, spans, now)
    lapses = [(member_id, each) for member_id, lapsing in zip(ids, found, strict=True) for each in lapsing]
    new = defaultdict[int, list[ExpiringPoints]](list)
    for member_id, each in await store.note(writer, lapses, now):
        new[member_id].append(each)
    people = [each for each in await members.load_many(writer, EVERYWHERE, list(new)) if each is not None]
    letters = [letter(program, member, new[member.id]) for member in people]
    await outbox.add_emails(writer, [each for each in letters if each is not None], now)
    told = [event for member in people for event in _events(program, member, new[member.id])]
    await outbox.add_events(writer, told, now)
    return len(people)


def _events(program: Program, member: Member, lapsing: Sequence[ExpiringPoints]) -> list[Event]:
    named = Named(member.id, member.number, member.enrolled_by_partner_id)
    return [events.expiring(program.id, named, each.point_type, each.points, each.expires_on) for each in lapsing]
