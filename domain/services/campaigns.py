"""Campaigns: drafted by the host, agreed to by the partner, started and ended by hand or by their dates.

Every command locks the campaign. The audience is reached by a job, a chunk at a time (`domain/services/campaign_runs.py`).
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from domain.calendars import business_date
from domain.campaign_checks import campaign_problems
from domain.campaigns import Audience, Campaign, CampaignMove, CampaignStatus, available_moves, check, is_host
from domain.commands.campaigns import CampaignCreate, CampaignMoved, CampaignUpdate
from domain.commands.members import Unchanged
from domain.cost_shares import NoTerms
from domain.people import Principal, Scope
from domain.problems import AlreadyExists, NotAllowed, NotFound, Problem, Refused
from domain.programs import Program
from domain.promotion_problems import PromotionInactive
from domain.receipts import Receipt
from domain.services.checks import INPUT, check_version, found, refuse
from domain.store import campaigns as store
from domain.store import locks, partners, people, programs, promotions, tier_definitions
from domain.store.database import Database, Reader, Writer
from domain.values import shown, text_problems

MAX_COMMENT = 4_000
PATH = (INPUT, "campaign")
SIDE = frozenset({"partner_message", "partner_owner"})
"""What is the partner's own part."""
IDENTITY = frozenset({"program", "campaign", "expected_version"})


async def campaign_create(database: Database, actor: Principal, command: CampaignCreate) -> Receipt[Campaign]:
    """Draft a campaign with a partner that takes part in the program."""
    if not is_host(actor):
        raise Refused(NotAllowed(why="campaigns are drafted by administrators and partner managers", path=(INPUT,)))
    given = {one.name: getattr(command, one.name) for one in fields(command)}
    refuse(campaign_problems(given, INPUT))
    async with database.write() as writer:
        program = found(
            await programs.find(writer, actor.scope, command.program), "program", shown(command.program), "program"
        )
        partner = found(
            await partners.find(writer, actor.scope, command.partner), "partner", shown(command.partner), "partner"
        )
        terms = await partners.terms(writer, program.id, partner.id)
        if terms is None or not (terms.active and partner.active):
            raise Refused(NoTerms(partner=partner.code, path=(INPUT, "partner")))
        refuse(await _reference_problems(writer, program, command.promotions, command.audience))
        values = {name: value for name, value in given.items() if name not in {"program", "partner", "owner"}}
        values["owner_id"] = await _person(writer, Scope(program.id), command.owner, "owner")
        now = await database.now(writer)
        campaign = await store.add(
            writer, program_id=program.id, partner_id=partner.id, status=CampaignStatus.DRAFT, created_at=now, **values
        )
        if campaign is None:
            raise Refused(AlreadyExists(what="campaign", key=command.code, path=(INPUT, "code")))
        await store.record(writer, actor, now, campaign, CampaignMove.CREATE, from_status=None)
        return Receipt(campaign)


async def campaign_update(database: Database, actor: Principal, command: CampaignUpdate) -> Receipt[Campaign]:
    """Change a campaign: the host makes a draft of it again by that; a partner changes its own side while it is proposed."""
    given = _given(command)
    async with database.write() as writer:
        program, campaign, now = await _held(database, writer, actor, command.program, command.campaign)
        check_version(command.expected_version, campaign.version)
        move = CampaignMove.EDIT if is_host(actor) else CampaignMove.EDIT_SIDE
        row = _checked(campaign, actor, move, business_date(now, program.time_zone))
        refuse(_side_problems(move, given))
        dates = {"starts_on": campaign.starts_on, "ends_on": campaign.ends_on}
        refuse(campaign_problems({**dates, **given}, INPUT))
        refuse(
            await _reference_problems(writer, program, given.get("promotions", ()), given.get("audience", Audience()))
        )
        values = {name: value for name, value in given.items() if name not in {"owner", "partner_owner"}}
        if "owner" in given:
            values["owner_id"] = await _person(writer, Scope(program.id), given["owner"], "owner")
        if "partner_owner" in given:
            scope = Scope(partner_id=campaign.partner_id)
            values["partner_owner_id"] = await _person(writer, scope, given["partner_owner"], "partnerOwner")
        changed = await store.change(writer, campaign.id, status=row.to, **values)
        await store.record(writer, actor, now, changed, move, from_status=campaign.status)
        return Receipt(changed)


async def campaign_propose(database: Database, actor: Principal, command: CampaignMoved) -> Receipt[Campaign]:
    """Ask the partner."""
    return await _move(database, actor, command, CampaignMove.PROPOSE)


async def campaign_agree(database: Database, actor: Principal, command: CampaignMoved) -> Receipt[Campaign]:
    """The partner agrees; the campaign starts by hand, or on its first day."""
    return await _move(database, actor, command, CampaignMove.AGREE)


async def campaign_start(database: Database, actor: Principal, command: CampaignMoved) -> Receipt[Campaign]:
    """Let it run from now on; its audience is reached by a job."""
    return await _move(database, actor, command, CampaignMove.START)


async def campaign_end(database: Database, actor: Principal, command: CampaignMoved) -> Receipt[Campaign]:
    """Nobody is enrolled or told by it any more."""
    return await _move(database, actor, command, CampaignMove.END)


async def campaign_cancel(database: Database, actor: Principal, command: CampaignMoved) -> Receipt[Campaign]:
    """Give it up, and say why."""
    return await _move(database, actor, command, CampaignMove.CANCEL)


async def campaign_note(database: Database, actor: Principal, command: CampaignMoved) -> Receipt[Campaign]:
    """Say something to the other side."""
    return await _move(database, actor, command, CampaignMove.NOTE)


async def moves_of(
    database: Database, reader: Reader, actor: Principal, asked: Sequence[Campaign]
) -> list[tuple[CampaignMove, ...]]:
    """What somebody may do with each campaign now."""
    now = await database.now(reader)
    found_programs = await programs.load_many(reader, Scope(), [each.program_id for each in asked])
    return [
        () if program is None else available_moves(each, actor, business_date(now, program.time_zone))
        for each, program in zip(asked, found_programs, strict=True)
    ]


async def start_problems(reader: Reader, campaign: Campaign) -> list[Problem]:
    """Promotions that pay nothing: an audience is not sent to them."""
    found_promotions = [
        await promotions.find(reader, Scope(), campaign.program_id, code) for code in campaign.promotions
    ]
    return [
        PromotionInactive(promotion=each.code, path=PATH)
        for each in found_promotions
        if each is not None and not each.active
    ]


async def _move(database: Database, actor: Principal, command: CampaignMoved, move: CampaignMove) -> Receipt[Campaign]:
    refuse(text_problems(command.comment, MAX_COMMENT, INPUT, "comment", lines=True))
    async with database.write() as writer:
        program, campaign, now = await _held(database, writer, actor, command.program, command.campaign)
        if command.expected_version is not None:
            check_version(command.expected_version, campaign.version)
        row = _checked(campaign, actor, move, business_date(now, program.time_zone), command.comment)
        if move is CampaignMove.START:
            refuse(await start_problems(writer, campaign))
        return Receipt(await made(writer, actor, now, campaign, move, row.to, command.comment))


async def made(  # noqa: PLR0917 - what a move is
    writer: Writer,
    actor: Principal,
    now: datetime,
    campaign: Campaign,
    move: CampaignMove,
    to: CampaignStatus,
    comment: str | None = None,
) -> Campaign:
    """Write a move of a locked campaign that was checked; a note changes nothing but the record."""
    after = campaign
    if move is not CampaignMove.NOTE:
        proposed = {"proposed_at": now} if move is CampaignMove.PROPOSE else {}
        after = await store.change(writer, campaign.id, status=to, **proposed)
    await store.record(writer, actor, now, after, move, from_status=campaign.status, comment=comment)
    return after


async def _held(
    database: Database, writer: Writer, actor: Principal, program_code: str, code: str
) -> tuple[Program, Campaign, datetime]:
    await locks.patience(writer)
    program = found(await programs.find(writer, actor.scope, program_code), "program", shown(program_code), "program")
    campaign = await store.lock(writer, actor.scope, program.id, code)
    return program, found(campaign, "campaign", shown(code), "campaign"), await database.now(writer)


def _given(command: CampaignUpdate) -> dict[str, Any]:
    """What an edit names; nothing else changes."""
    named = {one.name: getattr(command, one.name) for one in fields(command) if one.name not in IDENTITY}
    removable = {"owner", *SIDE}
    return {
        name: value
        for name, value in named.items()
        if not isinstance(value, Unchanged) and (value is not None or name in removable)
    }


def _side_problems(move: CampaignMove, given: dict[str, Any]) -> list[Problem]:
    if move is CampaignMove.EDIT:
        return []
    foreign = sorted(given.keys() - SIDE)
    return [NotAllowed(why="a partner changes its own message and owner only", path=PATH)] if foreign else []


async def _reference_problems(
    reader: Reader, program: Program, codes: Sequence[str], audience: Audience
) -> list[Problem]:
    known = [await promotions.find(reader, Scope(), program.id, code) for code in codes]
    ladders = await tier_definitions.of_program(reader, program.id)
    return [
        *(
            NotFound(what="promotion", key=shown(code), path=(INPUT, "promotions", str(index)))
            for index, (code, each) in enumerate(zip(codes, known, strict=True))
            if each is None
        ),
        *(
            NotFound(what="tier", key=shown(code), path=(INPUT, "audience", "tiers", str(index)))
            for index, code in enumerate(audience.tiers)
            if code not in ladders.tiers
        ),
    ]


async def _person(reader: Reader, scope: Scope, subject: str | None, name: str) -> int | None:
    if subject is None:
        return None
    person = await people.find(reader, scope, subject)
    return found(person if person is not None and person.active else None, "person", shown(subject), name).id


def _checked(campaign: Campaign, actor: Principal, move: CampaignMove, today: date, comment: str | None = None) -> Any:
    try:
        return check(campaign, actor, move, today, comment)
    except Refused as refused:
        raise Refused(*(each if each.path else each.at(*PATH) for each in refused.problems)) from None
