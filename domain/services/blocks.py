"""Buying points. A purchase makes a block: approved at once, or, where somebody is asked, once that person has said yes."""

from collections.abc import Sequence

from domain.approvals import UnsuitableApprover
from domain.block_moves import IN_CHARGE, Case, available_moves
from domain.blocks import BlockKind, BlockMove, BlockStatus, PointBlock
from domain.calendars import business_date
from domain.commands.blocks import PointBlockPurchase
from domain.engine.rejections import PartnerInactive
from domain.entries import MAX_COMMENT
from domain.partner_transactions import PartnerTransactionKind
from domain.partners import Billing, Partner, PartnerTerms
from domain.people import Person, Principal
from domain.pricing_rules import PricingRule
from domain.problems import NotAllowed, Refused
from domain.purchases import Price, priced, purchase_problems
from domain.receipts import Receipt
from domain.services.approvers import SUBMIT_TO, approver_named
from domain.services.block_rooms import EVERYTHING, Room, claimed, enter
from domain.services.checks import INPUT, found, refuse
from domain.services.transactions.keys import check_key
from domain.store import blocks as store
from domain.store import partners, pricing_rules, programs
from domain.store.database import Database, Reader
from domain.values import text_problems

PARTNER = (INPUT, "partner")


async def point_block_purchase(
    database: Database, actor: Principal, command: PointBlockPurchase, *, preview: bool = False
) -> Receipt[PointBlock]:
    """Buy points; the same key again gives the same block again. A preview buys nothing and uses up no key."""
    check_key(command.idempotency_key)
    refuse(text_problems(command.comment, MAX_COMMENT, INPUT, "comment", lines=True))
    async with database.rehearse() if preview else database.write() as writer:
        program = found(
            await programs.find(writer, actor.scope, command.program), "program", command.program, "program"
        )
        room = await enter(database, writer, actor, program)
        number = await store.next_id(writer)
        if not preview and (earlier := await claimed(room, "pointBlockPurchase", command, number)) is not None:
            return earlier
        refuse(purchase_problems(command, room.today, INPUT))
        owner = None if command.partner is None else await _owner(room, command.partner)
        price = priced(command, *(owner.agreed if owner else (None, None)), program.currency, INPUT)
        asked = None if command.submit_to is None else await approver(room, command.submit_to, actor.person_id)
        block = await add(room, number, command, owner.partner.id if owner else None, price, asked)
        return Receipt(block if asked else await buy(room, block))


class _Owner:
    """A partner that buys points, and what was agreed with it."""

    def __init__(self, partner: Partner, terms: PartnerTerms, rule: PricingRule | None) -> None:
        self.partner = partner
        self.agreed = terms, rule


async def _owner(room: Room, code: str) -> _Owner:
    partner = found(await partners.find(room.writer, room.actor.scope, code), "partner", code, "partner")
    terms = await partners.terms(room.writer, room.program.id, partner.id)
    if terms is None or not terms.active or not partner.active:
        raise Refused(PartnerInactive(partner=code, path=PARTNER))
    if terms.billing is Billing.POSTPAID:
        why = f"{code} is POSTPAID in this program: it is billed for what it gives, and buys no points before"
        raise Refused(NotAllowed(why=why, path=PARTNER))
    return _Owner(partner, terms, await pricing_rule_of(room, terms))


async def pricing_rule_of(room: Room, terms: PartnerTerms) -> PricingRule | None:
    """By what a partner pays."""
    if terms.pricing_rule_id is None:
        return None
    [rule] = await pricing_rules.load_many(room.writer, EVERYTHING, [terms.pricing_rule_id])
    return rule


async def approver(room: Room, subject: str, requester_id: int | None) -> Person:
    """Somebody named to decide about a purchase; raises Refused for one who could not."""
    person = await approver_named(room.writer, room.program.id, subject)
    why = None
    if not person.active:
        why = "they are not active"
    elif person.roles.isdisjoint(IN_CHARGE) or person.partner_id is not None or person.member_id is not None:
        why = "only partner managers and program administrators of the host decide about blocks"
    elif person.program_id not in (None, room.program.id):
        why = "they work for another program"
    elif person.id == requester_id:
        why = "it is their own request"
    if why is not None:
        raise Refused(UnsuitableApprover(name=person.name, why=why, path=SUBMIT_TO))
    return person


async def add(  # noqa: PLR0917 - what a purchase is made of
    room: Room,
    number: int,
    command: PointBlockPurchase,
    partner_id: int | None,
    price: Price,
    asked: Person | None,
    move: BlockMove = BlockMove.PURCHASE,
) -> PointBlock:
    """A block that waits: for the person asked, or (IN_PROGRESS) for whoever is in charge, or for what follows at once."""
    status = BlockStatus.SUBMITTED if asked else BlockStatus.IN_PROGRESS
    block = await store.add(
        room.writer, id=number, program_id=room.program.id, partner_id=partner_id, kind=command.kind, status=status,
        original=command.points, starts_on=command.starts_on or room.today, ends_on=command.ends_on,
        price=price.each, currency=price.currency, cost=price.cost, submit_to_id=asked and asked.id,
        requested_by_id=room.actor.person_id, comment=command.comment, created_at=room.now,
    )  # fmt: skip
    return await room.keep(block, move, None, command.comment)


async def buy(room: Room, block: PointBlock, comment: str | None = None) -> PointBlock:
    """Approve a locked block: its points are there from now on."""
    await store.change(
        room.writer, block.id, status=BlockStatus.APPROVED, approved_at=room.now, submit_to_id=None
    )  # fmt: skip
    kind = "Reserve" if block.kind is BlockKind.RESERVE else "Points"
    await room.post(block, PartnerTransactionKind.PURCHASE, block.original, f"{kind} bought")
    return await room.keep(block, BlockMove.APPROVE, block.status, comment)


async def moves_of(
    database: Database, reader: Reader, actor: Principal, asked: Sequence[PointBlock]
) -> list[tuple[BlockMove, ...]]:
    """What somebody may do with each block now."""
    ids = sorted({each.program_id for each in asked})
    zones = {each.id: each.time_zone for each in await programs.load_many(reader, EVERYTHING, ids) if each is not None}
    now = await database.now(reader)
    return [available_moves(Case(each, actor, business_date(now, zones[each.program_id]))) for each in asked]
