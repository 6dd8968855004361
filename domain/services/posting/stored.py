"""Transactions that are stored already and now come to be processed, by a person or by the batch engine."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from domain.calendars import business_date
from domain.engine import EngineProgram, Entry, OriginalState, PartnerState, ProductState
from domain.people import Scope
from domain.points import to_units
from domain.problems import NotFound, Problem
from domain.services.posting import shares
from domain.store import locks, snapshots, transactions
from domain.store.database import Reader, Writer
from domain.transactions import Status, Transaction

if TYPE_CHECKING:
    from domain.services.posting.group import Work

Refuse = Callable[["Work", Problem], None]


async def load(writer: Writer, works: Sequence["Work"], refuse: Refuse) -> None:
    """Find each work's transaction and member, as far as its actor may see it."""
    by_scope: dict[Scope, list[Work]] = defaultdict(list)
    for work in works:
        by_scope[work.posting.actor.scope].append(work)
    for scope, mine in by_scope.items():
        found = await transactions.load_many(writer, scope, [work.id for work in mine])
        for work, transaction in zip(mine, found, strict=True):
            if transaction is None:
                refuse(work, _not_found(work))
            else:
                work.transaction, work.member_id = transaction, transaction.member_id


def _not_found(work: "Work") -> NotFound:
    return NotFound(what="transaction", path=(*work.posting.path, "id"))


async def reload(writer: Writer, works: Sequence["Work"], refuse: Refuse) -> None:
    """Lock the rows and see what they are now: somebody may have moved or deleted them meanwhile."""
    rows = await locks.transactions(writer, [work.id for work in works]) if works else {}
    for work in works:
        work.transaction = rows.get(work.id)
        if work.transaction is None:
            refuse(work, _not_found(work))


async def prepare(reader: Reader, works: Sequence["Work"], program: EngineProgram) -> None:
    """Give each work what the engine needs of its stored transaction."""
    found = await entries(reader, [work.transaction for work in works if work.transaction is not None], program)
    for work, entry in zip(works, found, strict=True):
        work.entry = entry


async def entries(reader: Reader, stored: Sequence[Transaction], program: EngineProgram) -> list[Entry]:
    """What the engine works on, for stored transactions in their order: each in its next attempt."""
    products = await snapshots.products(reader, {each.product_id for each in stored})
    partner_ids, demanded = {each.partner_id for each in stored}, program.program.settings.partner_programs
    partners = await snapshots.partners(reader, program.program.id, partner_ids, demanded)
    cancelled = await shares.load(reader, {number for each in stored if (number := taken_back(each)) is not None})
    return [entry_of(each, program, products, partners, cancelled) for each in stored]


def entry_of(
    each: Transaction,
    program: EngineProgram,
    products: Mapping[int, ProductState],
    partners: Mapping[int, PartnerState],
    cancelled: Mapping[int, OriginalState],
) -> Entry:
    """One stored transaction, as the engine sees it; it was reported on the day on which it was recorded."""
    point_type = program.point_types.get(each.point_type_id or 0)
    units = None if each.points is None or point_type is None else to_units(each.points, point_type.decimals)
    return Entry(
        id=each.id,
        member_id=each.member_id,
        type=each.type,
        sub_type=each.sub_type,
        status=each.status,
        transaction_date=each.transaction_date,
        reported_on=_reported_on(each, program),
        product=products.get(each.product_id or 0),
        partner=partners.get(each.partner_id or 0),
        amount=each.amount,
        currency=each.currency,
        quantity=each.quantity,
        line_items=each.line_items,
        attributes=each.attributes,
        base_points=each.base_points,
        point_type_id=each.point_type_id,
        qualifying=each.qualifying,
        points=units,
        voucher=each.voucher,
        tender=each.tender,
        loan_id=each.loan_id,
        hold_id=each.hold_id,
        attempt=each.attempts + 1,
        other_member_id=each.other_member_id,
        original=cancelled.get(taken_back(each) or 0),
        refund_lines=each.refund_lines,
    )


def taken_back(each: Transaction) -> int | None:
    """The transaction that this one takes back: for a cancellation, what it cancels; for a dispute that is not decided, the wrong one."""
    if each.cancels_id is not None:
        return each.cancels_id
    return None if each.status in {Status.PROCESSED, Status.CANCELLED} else each.disputes_id


def _reported_on(each: Transaction, program: EngineProgram) -> date:
    return business_date(each.created_at, program.program.time_zone)
