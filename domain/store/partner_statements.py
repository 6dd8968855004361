"""What a partner's statement is made of: sums of the append-only rows, by the day of processing; and the closed ones, word by word."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Row,
    Select,
    any_,
    bindparam,
    exists,
    false,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain.billing import Charge, ChargeKind, rounded
from domain.partner_statements import ZERO, PartnerStatement, Sum, document_of, net, statement_of
from domain.partner_transactions import PartnerTransactionKind
from domain.people import Scope
from domain.store import partner_bills
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.keyset import Listing, Order

_p, _b, _s = t.partner_transaction.c, t.point_block.c, t.partner_statement.c
IDS = bindparam("ids", type_=ARRAY(BigInteger))
FROM, THROUGH = bindparam("from_on", type_=Date), bindparam("through_on", type_=Date)
BEGINNING = date(1, 1, 1)

SUMS: Select[Any] = (
    select(
        _p.kind, _p.direction, t.promotion.c.code.label("promotion"), func.count().label("entries"),
        func.sum(_p.points).label("points"),
    )
    .outerjoin_from(t.partner_transaction, t.promotion, t.promotion.c.id == _p.promotion_id)
    .where(_p.posted_on.between(FROM, THROUGH), _p.points.is_not(None))
    .group_by(_p.kind, _p.direction, t.promotion.c.code)
)  # fmt: skip
PURCHASES: Select[Any] = (
    select(_p.points, _b.price, _b.currency)
    .join_from(t.partner_transaction, t.point_block, _b.id == _p.block_id)
    .where(_p.posted_on.between(FROM, THROUGH), _p.kind == PartnerTransactionKind.PURCHASE)
)
MONEY: Select[Any] = (
    select(_p.kind, _p.currency, func.count().label("entries"), func.sum(_p.amount).label("amount"))
    .where(_p.posted_on.between(FROM, THROUGH), _p.amount.is_not(None))
    .group_by(_p.kind, _p.currency)
)
PROGRAM = bindparam("program_id", type_=BigInteger)
_partner = t.partner.c.id
OWNERS = (
    select(_partner)
    .where(
        or_(
            exists().where(_p.program_id == PROGRAM, _p.partner_id == _partner),
            exists().where(t.billing_entry.c.program_id == PROGRAM, t.billing_entry.c.partner_id == _partner),
        )
    )
    .order_by(_partner)
)
HOST = select(exists().where(_p.program_id == PROGRAM, _p.partner_id.is_(None)))
CLOSED: Select[Any] = select(t.partner_statement)
BY_IDS = CLOSED.where(_s.id == any_(IDS))
ADD = insert(t.partner_statement).returning(t.partner_statement)


class Owner:
    """Whose rows: those of a partner in a program, or (`partner_id` None) of the host."""

    def __init__(self, program_id: int, partner_id: int | None) -> None:
        self.program_id = program_id
        self.partner_id = partner_id

    def __call__(self, table: Any) -> tuple[ColumnElement[bool], ...]:
        """The rows of a table; `is null` and `=`, unlike `is not distinct from`, are found by an index."""
        owner = table.partner_id.is_(None) if self.partner_id is None else table.partner_id == self.partner_id
        return table.program_id == self.program_id, owner


async def sums(reader: Reader, owner: Owner, starts_on: date, ends_on: date) -> list[Sum]:
    """What was credited and debited in a period, by kind and promotion."""
    rows = await reader.execute(SUMS.where(*owner(_p)), {"from_on": starts_on, "through_on": ends_on})
    return [
        Sum(kind=row.kind, direction=row.direction, promotion=row.promotion, entries=row.entries, points=row.points)
        for row in rows
    ]


async def opening(reader: Reader, owner: Owner, starts_on: date) -> Decimal:
    """What was in the blocks before a day: the closing of the last closed period before it, and what has moved since."""
    before = CLOSED.where(*owner(_s), _s.through_on < starts_on).order_by(_s.number.desc()).limit(1)
    last = (await reader.execute(before)).one_or_none()
    base, since = (ZERO, BEGINNING) if last is None else (last.closing, last.through_on)
    moved = SUMS.where(*owner(_p), _p.posted_on > since, _p.posted_on < starts_on)
    rows = await reader.execute(moved, {"from_on": since, "through_on": starts_on})
    found = [Sum(kind=row.kind, direction=row.direction, promotion=None, entries=0, points=row.points) for row in rows]
    return base + net(found)


async def charges(reader: Reader, owner: Owner, starts_on: date, ends_on: date) -> list[Charge]:
    """What is owed in money for a period: blocks bought, points given on postpaid terms, fees and their refunds."""
    period = {"from_on": starts_on, "through_on": ends_on}
    found = [
        _charge(ChargeKind.PURCHASE, rounded(row.points * row.price, row.currency), row.currency)
        for row in await reader.execute(PURCHASES.where(*owner(_p)), period)
    ]
    for row in await reader.execute(MONEY.where(*owner(_p)), period):
        is_fee = row.kind is PartnerTransactionKind.FEE
        kind, amount = (ChargeKind.FEE, row.amount) if is_fee else (ChargeKind.REFUND, -row.amount)
        found.append(_charge(kind, rounded(amount, row.currency), row.currency, row.entries))
    if owner.partner_id is not None:
        lines = await partner_bills.lines(reader, owner.program_id, owner.partner_id, starts_on, ends_on)
        found += [
            _charge(ChargeKind.POINTS, each.amount, each.currency, each.entries, each.promotion) for each in lines
        ]
    return found


async def first_day(reader: Reader, owner: Owner) -> date | None:
    """The day of the first row of an account."""
    first_rows = select(func.min(_p.posted_on)).where(*owner(_p))
    first_bills = select(func.min(t.billing_entry.c.posted_on)).where(*owner(t.billing_entry.c))
    days = [(await reader.execute(each)).scalar_one() for each in (first_rows, first_bills)]
    return min((day for day in days if day is not None), default=None)


async def owners(reader: Reader, program_id: int) -> list[int | None]:
    """The partners with an account in a program, by number; None, the last: the host has one."""
    given = {"program_id": program_id}
    found: list[int | None] = list((await reader.execute(OWNERS, given)).scalars())
    return [*found, None] if (await reader.execute(HOST, given)).scalar_one() else found


async def last_closed(reader: Reader, owner: Owner) -> PartnerStatement | None:
    """The latest closed statement."""
    last = CLOSED.where(*owner(_s)).order_by(_s.number.desc()).limit(1)
    row = (await reader.execute(last)).one_or_none()
    return None if row is None else closed_of(row)


async def of_period(reader: Reader, owner: Owner, starts_on: date, ends_on: date) -> PartnerStatement | None:
    """The closed statement of exactly this period."""
    query = CLOSED.where(*owner(_s), _s.from_on == starts_on, _s.through_on == ends_on)
    row = (await reader.execute(query)).one_or_none()
    return None if row is None else closed_of(row)


async def add(writer: Writer, statement: PartnerStatement, now: datetime, person_id: int | None) -> PartnerStatement:
    """Keep a statement for good."""
    values = {
        "program_id": statement.program_id, "partner_id": statement.partner_id, "number": statement.number,
        "from_on": statement.starts_on, "through_on": statement.ends_on, "opening": statement.opening,
        "closing": statement.closing, "document": document_of(statement), "hash": bytes.fromhex(statement.sha256),
        "closed_at": now, "closed_by_id": person_id,
    }  # fmt: skip
    return closed_of((await writer.execute(ADD, values)).one())


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the closed statements that somebody may see: a member none, a partner its own."""
    if scope.program_id is not None:
        query = query.where(_s.program_id == scope.program_id)
    if scope.partner_id is not None:
        query = query.where(_s.partner_id == scope.partner_id)
    return query if scope.member_id is None else query.where(false())


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[PartnerStatement | None]:
    """The closed statements with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: closed_of(row) for row in rows}
    return [found.get(each) for each in ids]


def listing(scope: Scope, program: str | None, partner_id: int | None) -> Listing[PartnerStatement]:
    """The closed statements of a partner (None: of the host), the newest first; of one program if it is named."""
    owner = _s.partner_id.is_(None) if partner_id is None else _s.partner_id == partner_id
    query = in_scope(CLOSED, scope).where(owner)
    if program is not None:
        query = query.where(_s.program_id.in_(select(t.program.c.id).where(t.program.c.code == program)))
    return Listing(query, Order((_s.from_on, _s.id), descending=True), closed_of)


def closed_of(row: Row[Any]) -> PartnerStatement:
    """A closed statement from its row: what its document says."""
    return statement_of(
        row.document, id=row.id, program_id=row.program_id, partner_id=row.partner_id, closed_at=row.closed_at,
        closed_by_id=row.closed_by_id,
    )  # fmt: skip


def _charge(kind: ChargeKind, amount: Decimal, currency: str, entries: int = 1, promotion: str | None = None) -> Charge:
    return Charge(kind=kind, promotion=promotion, entries=entries, amount=amount, currency=currency)
