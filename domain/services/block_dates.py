"""What a new day brings to blocks: what is left of those whose last day has passed lapses, and points that run low are reordered.

Both are looked at again under their locks, and a partner gets at most one reorder a day: so the job may run twice, also at once.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from domain.activities import About, ActivityType, NewActivity
from domain.blocks import BlockMove, PointBlock, spoken
from domain.calendars import start_of_day
from domain.commands.blocks import PointBlockPurchase
from domain.partners import Partner, PartnerTerms
from domain.people import ENGINE
from domain.problems import Refused
from domain.purchases import Price, priced
from domain.reorders import is_due, usable
from domain.services.block_returns import give_back, lapse
from domain.services.block_rooms import EVERYTHING, Room, enter_by_id
from domain.services.blocks import add, buy, pricing_rule_of
from domain.store import activities, locks, partners
from domain.store import blocks as store
from domain.store.database import Database

CHUNK = 100


@dataclass(slots=True)
class Kept:
    """What was done so far: blocks that lapsed, reorders that were made or proposed, and those that have no price any more."""

    lapsed: int = 0
    reordered: int = 0
    unpriced: int = 0


async def keep_dates(database: Database, program_id: int) -> AsyncGenerator[Kept, None]:
    """Let what is left of ended blocks lapse, then reorder; yields what was done so far."""
    kept = Kept()
    async for lapsed in _lapses(database, program_id):
        kept.lapsed += lapsed
        yield kept
    after = 0
    while True:
        async with database.read() as reader:
            found = await partners.reordering(reader, program_id, after, CHUNK)
        if not found:
            return
        for terms in found:
            await _reorder(database, terms, kept)
        after = found[-1].partner_id
        yield kept


async def _lapses(database: Database, program_id: int) -> AsyncGenerator[int, None]:
    after = 0
    while True:
        async with database.write() as writer:
            room = await enter_by_id(database, writer, ENGINE, program_id)
            due = await store.due(writer, program_id, room.today, after, CHUNK)
            if not due:
                return
            parents = {each.parent_id for each in await store.load_many(writer, EVERYTHING, due) if each is not None}
            locked = await locks.blocks(writer, [*due, *(each for each in parents if each is not None)])
            lapsed = [locked[each] for each in due if locked[each].remaining > 0]
            for block in lapsed:
                await _end(room, block, locked)
            after = due[-1]
        yield len(lapsed)


async def _end(room: Room, block: PointBlock, locked: dict[int, PointBlock]) -> None:
    """Points that were set aside return while the block they come from can be used; others lapse."""
    parent = None if block.parent_id is None else locked.get(block.parent_id)
    leave = give_back if parent is not None and parent.active(room.today) else lapse
    await leave(room, block, f"The last day of the block was {block.ends_on}")


async def _reorder(database: Database, terms: PartnerTerms, kept: Kept) -> None:
    """Reorder for one partner, if that is due."""
    async with database.write() as writer:
        room = await enter_by_id(database, writer, ENGINE, terms.program_id)
        [known] = await partners.load_many(writer, EVERYTHING, [terms.partner_id])
        assert known is not None, "partners are never deleted"
        partner = await partners.lock(writer, EVERYTHING, known.code)
        agreed = await partners.terms(writer, terms.program_id, terms.partner_id)
        if partner is None or agreed is None or not await _is_due(room, agreed):
            return
        command = _order(room, partner, agreed)
        try:
            price = priced(command, agreed, await pricing_rule_of(room, agreed), room.program.currency)
        except Refused:
            kept.unpriced += 1
            return
        await _ordered(room, partner, agreed, command, price)
        kept.reordered += 1


async def _is_due(room: Room, terms: PartnerTerms) -> bool:
    owner = terms.program_id, terms.partner_id
    midnight = start_of_day(room.today, room.program.time_zone)
    if await store.reordered_since(room.writer, *owner, midnight):
        return False
    left = usable(await store.active_of(room.writer, *owner, room.today))
    return is_due(terms, left, await store.on_the_way(room.writer, *owner, room.today))


def _order(room: Room, partner: Partner, terms: PartnerTerms) -> PointBlockPurchase:
    assert terms.minimum_order is not None
    assert terms.reorder_limit is not None
    comment = f"Reorder at or below {spoken(terms.reorder_limit)} points"
    return PointBlockPurchase(
        idempotency_key="", program=room.program.code, partner=partner.code, points=terms.minimum_order, comment=comment
    )


async def _ordered(
    room: Room, partner: Partner, terms: PartnerTerms, command: PointBlockPurchase, price: Price
) -> None:
    """The purchase: made at once, or left to whoever is in charge."""
    block = await add(room, await store.next_id(room.writer), command, partner.id, price, None, move=BlockMove.REORDER)
    made = terms.reorder_automatically
    if made:
        await buy(room, block)
    cost = f"{spoken(command.points)} points for {price.cost:,f} {price.currency}"
    subject = f"{partner.name} has run low: {cost} {'were bought' if made else 'are proposed'}"
    about = About(PointBlock.__name__, block.id)
    activity = NewActivity(
        type=ActivityType.REORDER,
        subject=subject,
        partner_id=partner.id,
        program_id=room.program.id,
        about=about,
        done=made,
    )
    await activities.add(room.writer, ENGINE, room.now, activity)
