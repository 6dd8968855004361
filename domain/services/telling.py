"""Telling other systems what the engine did, in the commit in which it did it. Where nobody listens it costs one comparison.

Whoever writes outcomes of the engine calls `worked` after it; a change of tier that no transaction made is told by `changed`.
"""

from collections.abc import Iterable
from datetime import datetime

from domain import events
from domain.deliveries import EventType
from domain.engine import EngineProgram, Outcome, Outcomes
from domain.store import outbox, told
from domain.store.database import Writer
from domain.store.member_tiers import NewTier
from domain.transactions import Status


async def worked(writer: Writer, program: EngineProgram, done: Outcomes, now: datetime) -> None:
    """Tell of transactions that were worked, and of the tiers that they changed. Their rows are written by now."""
    if not program.listening or not done.outcomes:
        return
    if ids := [each.transaction_id for each in done.outcomes if _may_be_heard(program.listening, each)]:
        found = [event for each in await told.worked(writer, ids) for event in events.worked(each)]
        await outbox.add_events(writer, [event for event in found if event.type in program.listening], now)
    changes = (NewTier(each.member_id, change) for each in done.outcomes for change in each.tier_changes)
    await changed(writer, program, changes, now)


async def changed(writer: Writer, program: EngineProgram, begun: Iterable[NewTier], now: datetime) -> None:
    """Tell of tiers that have begun, unless they go on."""
    if EventType.MEMBER_TIER_CHANGED not in program.listening:
        return
    new = [each for each in begun if each.change.before != each.change.after]
    if new:
        named = await told.members(writer, (each.member_id for each in new))
        program_id = program.program.id
        found = [events.tier_changed(program_id, named[each.member_id], each.change) for each in new]
        await outbox.add_events(writer, found, now)


def _may_be_heard(listening: frozenset[EventType], outcome: Outcome) -> bool:
    """Whether somebody may want to hear of a transaction; what expired took something."""
    if outcome.status is Status.REJECTED_ENGINE:
        return EventType.TRANSACTION_REJECTED in listening
    expired = EventType.POINTS_EXPIRED in listening and bool(outcome.uses)
    return EventType.TRANSACTION_PROCESSED in listening or expired
