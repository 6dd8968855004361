"""What campaigns do by themselves: they start and end by their dates, and reach their audience, a chunk at a time.

A chunk is one commit: the members it enrols, the messages it sends and how far it has come. So whoever stops it loses nothing, two
at once wait for each other, and nobody is told twice.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.calendars import business_date
from domain.campaign_emails import letter
from domain.campaigns import Campaign, CampaignMove, CampaignStatus, runs_on
from domain.people import ENGINE
from domain.programs import Program
from domain.services import campaigns as services
from domain.store import campaigns as store
from domain.store import members, outbox, promotions
from domain.store.database import Database, Writer

CHUNK = 500
"""Members who are reached in one commit."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done so far."""

    started: int = 0
    ended: int = 0
    reached: int = 0
    told: int = 0

    def __add__(self, other: "Done") -> "Done":
        return Done(
            self.started + other.started, self.ended + other.ended, self.reached + other.reached, self.told + other.told
        )


async def keep_campaigns(database: Database, program: Program) -> AsyncGenerator[Done, None]:
    """Start, end and carry on the campaigns of a program; yields what was done so far after every commit."""
    async with database.read() as reader:
        today = business_date(await database.now(reader), program.time_zone)
        waiting = await store.due(reader, program.id, today)
    done = Done()
    for key in waiting:
        more = True
        while more:
            async with database.write() as writer:
                step, more = await _step(writer, program, key, await database.now(writer))
            done += step
            if step != Done():
                yield done


async def _step(writer: Writer, program: Program, key: int, now: datetime) -> tuple[Done, bool]:
    """The next thing that is due of a campaign, and whether there may be more."""
    campaign, after = await store.lock_by_id(writer, key)
    today = business_date(now, program.time_zone)
    if campaign.status is CampaignStatus.AGREED and runs_on(campaign, today):
        if await services.start_problems(writer, campaign):
            return Done(), False
        await services.made(writer, ENGINE, now, campaign, CampaignMove.START, CampaignStatus.RUNNING)
        return Done(started=1), True
    if campaign.status is not CampaignStatus.RUNNING:
        return Done(), False
    if campaign.ends_on < today:
        await services.made(writer, ENGINE, now, campaign, CampaignMove.END, CampaignStatus.DONE)
        return Done(ended=1), False
    if campaign.reached_all_at is not None:
        return Done(), False
    return await _reach(writer, program, campaign, after, now)


async def _reach(writer: Writer, program: Program, campaign: Campaign, after: int, now: datetime) -> tuple[Done, bool]:
    """Enrol the next members of the audience, and tell them."""
    ids = await store.audience(writer, campaign, after, CHUNK)
    if not ids:
        await store.progress(writer, campaign.id, reached_all_at=now)
        return Done(), False
    await store.enroll(writer, ids, await _joined(writer, campaign), now)
    people = await members.load_many(writer, ENGINE.scope, ids)
    letters = {each.id: letter(program, campaign, each) for each in people if each is not None}
    sent = {member_id: email for member_id, email in letters.items() if email is not None}
    await outbox.add_emails(writer, sent.values(), now)
    await store.reach(writer, campaign.id, [(each, each in sent) for each in ids], now)
    await store.progress(
        writer,
        campaign.id,
        reached=campaign.reached + len(ids),
        told=campaign.told + len(sent),
        reached_member_id=ids[-1],
    )
    return Done(reached=len(ids), told=len(sent)), True


async def _joined(writer: Writer, campaign: Campaign) -> Sequence[int]:
    """Those of its promotions that are only for who joined them."""
    found = [await promotions.find(writer, ENGINE.scope, campaign.program_id, code) for code in campaign.promotions]
    return [each.id for each in found if each is not None and each.enrollment_required and each.active]
