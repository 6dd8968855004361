"""Campaigns: read within somebody's scope, moved under their own lock, every move kept; and the audience, a chunk at a time.

A partner's user sees its own partner's campaigns, once they were proposed; a member none.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, Select, Text, any_, bindparam, exists, false, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.campaigns import Audience, Campaign, CampaignMove, CampaignRecord, CampaignStatus
from domain.commands.campaigns import CampaignFilter
from domain.member_status import FINAL
from domain.people import Principal, Scope
from domain.store import tables as t
from domain.store.bulk import BulkInsert
from domain.store.database import Reader, Writer
from domain.store.documents import from_document, to_document
from domain.store.keyset import Listing, Order

_c, _m, _v, _t = t.campaign.c, t.member.c, t.campaign_move.c, t.member_tier.c
IDS = bindparam("ids", type_=ARRAY(BigInteger))
ROWS: Select[Any] = select(t.campaign)
BY_CODE = ROWS.where(_c.program_id == bindparam("program_id"), _c.code == bindparam("code", type_=Text))
BY_IDS = ROWS.where(_c.id == any_(IDS))
RECORDS = select(t.campaign_move).where(_v.campaign_id == any_(IDS)).order_by(_v.id)
INSERT = insert(t.campaign).on_conflict_do_nothing(index_elements=["program_id", "code"]).returning(t.campaign)
UPDATE = (
    update(t.campaign)
    .where(_c.id == bindparam("key", type_=BigInteger))
    .values(version=_c.version + 1)
    .returning(t.campaign)
)
PROGRESS = update(t.campaign).where(_c.id == bindparam("key", type_=BigInteger)).returning(t.campaign)
DUE = (
    select(_c.id)
    .where(
        _c.program_id == bindparam("program_id"),
        or_(
            (_c.status == CampaignStatus.AGREED)
            & (_c.starts_on <= bindparam("today"))
            & (_c.ends_on >= bindparam("today")),
            (_c.status == CampaignStatus.RUNNING) & ((_c.ends_on < bindparam("today")) | _c.reached_all_at.is_(None)),
        ),
    )
    .order_by(_c.id)
)
ENROLL = BulkInsert(
    "promotion_enrollment",
    [("member_id", "bigint"), ("promotion_id", "bigint"), ("created_by_id", "bigint"), ("created_at", "timestamptz")],
    "on conflict do nothing",
)
REACH = BulkInsert(
    "campaign_member",
    [("campaign_id", "bigint"), ("member_id", "bigint"), ("told", "boolean"), ("created_at", "timestamptz")],
)


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the campaigns that somebody may see."""
    if scope.program_id is not None:
        query = query.where(_c.program_id == scope.program_id)
    if scope.partner_id is not None:
        query = query.where(_c.partner_id == scope.partner_id, _c.proposed_at.is_not(None))
    return query if scope.member_id is None else query.where(false())


async def find(reader: Reader, scope: Scope, program_id: int, code: str) -> Campaign | None:
    """The campaign of a program with this code, if the scope shows it."""
    row = (await reader.execute(in_scope(BY_CODE, scope), {"program_id": program_id, "code": code})).one_or_none()
    return None if row is None else campaign_of(row)


async def lock(writer: Writer, scope: Scope, program_id: int, code: str) -> Campaign | None:
    """The same, locked."""
    query = in_scope(BY_CODE, scope).with_for_update()
    row = (await writer.execute(query, {"program_id": program_id, "code": code})).one_or_none()
    return None if row is None else campaign_of(row)


async def lock_by_id(writer: Writer, key: int) -> tuple[Campaign, int]:
    """A campaign, locked, and the member up to whom its audience was reached."""
    row = (await writer.execute(BY_IDS.with_for_update(), {"ids": [key]})).one()
    return campaign_of(row), row.reached_member_id


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[Campaign | None]:
    """The campaigns with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: campaign_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def load_records(reader: Reader, _: Scope, ids: Sequence[int]) -> list[list[CampaignRecord]]:
    """The moves and notes of each, the first one first; whoever has the campaign may see them."""
    found: dict[int, list[CampaignRecord]] = {each: [] for each in ids}
    for row in await reader.execute(RECORDS, {"ids": list(ids)}):
        record = CampaignRecord(**{name: getattr(row, name) for name in CampaignRecord.__slots__})
        found[row.campaign_id].append(record)
    return [found[each] for each in ids]


def listing(scope: Scope, filter: CampaignFilter, *, descending: bool) -> Listing[Campaign]:
    """The campaigns of a list, by their first day."""
    query = in_scope(ROWS, scope)
    if filter.program is not None:
        query = query.where(_c.program_id.in_(select(t.program.c.id).where(t.program.c.code == filter.program)))
    if filter.partner is not None:
        query = query.where(_c.partner_id.in_(select(t.partner.c.id).where(t.partner.c.code == filter.partner)))
    if filter.status:
        query = query.where(_c.status.in_(filter.status))
    return Listing(query, Order((_c.starts_on, _c.id), descending), campaign_of)


async def add(writer: Writer, **values: Any) -> Campaign | None:
    """A new campaign; None if its code is taken."""
    nothing = {"reached": 0, "told": 0, "reached_member_id": 0, "version": 1}
    row = (await writer.execute(INSERT, {**nothing, **_stored(values)})).one_or_none()
    return None if row is None else campaign_of(row)


async def change(writer: Writer, key: int, **values: Any) -> Campaign:
    """Write some of a locked campaign's fields."""
    return campaign_of((await writer.execute(UPDATE.values(**_stored(values)), {"key": key})).one())


async def progress(writer: Writer, key: int, **values: Any) -> None:
    """Write how far a locked campaign has come: no new version of it."""
    await writer.execute(PROGRESS.values(**values), {"key": key})


async def record(
    writer: Writer,
    actor: Principal,
    now: datetime,
    campaign: Campaign,
    move: CampaignMove,
    *,
    from_status: CampaignStatus | None,
    comment: str | None = None,
) -> None:
    """Keep a move or a note for ever; the campaign is as it is after it."""
    values = {
        "campaign_id": campaign.id, "person_id": actor.person_id, "partner_id": actor.scope.partner_id, "move": move,
        "from_status": from_status, "to_status": campaign.status, "comment": comment, "created_at": now,
    }  # fmt: skip
    await writer.execute(insert(t.campaign_move), values)


async def due(reader: Reader, program_id: int, today: date) -> list[int]:
    """The campaigns of a program that begin, end, or have not reached their whole audience."""
    return list((await reader.execute(DUE, {"program_id": program_id, "today": today})).scalars())


async def audience(reader: Reader, campaign: Campaign, after: int, most: int) -> list[int]:
    """The next members of the audience: those with a higher id than `after`."""
    query = select(_m.id).where(_m.program_id == campaign.program_id, _m.id > after, _m.status.not_in(FINAL))
    wanted = campaign.audience
    if wanted.tiers:
        query = query.where(or_(_holds(wanted.tiers), _begins_in(wanted.tiers)))
    if wanted.language is not None:
        query = query.where(_m.language == wanted.language)
    if wanted.enrolled_from is not None:
        query = query.where(_m.enrolled_on >= wanted.enrolled_from)
    if wanted.enrolled_through is not None:
        query = query.where(_m.enrolled_on <= wanted.enrolled_through)
    if wanted.partners_own:
        query = query.where(_m.enrolled_by_partner_id == campaign.partner_id)
    return list((await reader.execute(query.order_by(_m.id).limit(most))).scalars())


def _holds(tiers: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(_t.member_id == _m.id, _t.open, _t.tier.in_(tiers))


def _begins_in(tiers: Sequence[str]) -> ColumnElement[bool]:
    """Nobody has a row for a default tier: it is held by who has none of its class."""
    rung = t.tier.c
    risen = exists().where(_t.member_id == _m.id, _t.open, _t.tier_class == rung.tier_class)
    named = exists().where(rung.program_id == _m.program_id, rung.code.in_(tiers), rung.is_default)
    return named.where(~risen.correlate(t.member, t.tier)).correlate(t.member)


async def enroll(writer: Writer, members: Iterable[int], promotions: Sequence[int], now: datetime) -> None:
    """Let members join promotions, if they have not."""
    await ENROLL(writer, [(member, promotion, None, now) for member in members for promotion in promotions])


async def reach(writer: Writer, campaign_id: int, members: Iterable[tuple[int, bool]], now: datetime) -> None:
    """Note whom a campaign has reached, and whether they were told."""
    await REACH(writer, [(campaign_id, member, told, now) for member, told in members])


def campaign_of(row: Row[Any]) -> Campaign:
    """A campaign from its row."""
    plain = {name: getattr(row, name) for name in Campaign.__slots__ if name not in {"promotions", "audience"}}
    return Campaign(promotions=tuple(row.promotions), audience=from_document(row.audience, Audience), **plain)


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    documents: dict[str, Any] = {
        name: to_document(values[name]) for name in ("promotions", "audience") if name in values
    }
    return {**values, **documents}
