"""Vouchers: read within somebody's scope, written under their member's lock, every move kept.

Numbers are drawn at random, so that nobody can guess one; the database refuses the same number twice.
"""

import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Row,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain.commands.vouchers import VoucherFilter
from domain.engine import EngineProgram, Outcome
from domain.engine.outcome import NewVoucher
from domain.engine.snapshot import VoucherState
from domain.people import Scope
from domain.store import tables as t
from domain.store.bulk import BulkInsert, BulkUpdate
from domain.store.database import Reader, Writer
from domain.store.keyset import Listing, Order
from domain.store.members import in_scope as of_visible_members
from domain.vouchers import (
    GROUP,
    OPEN,
    Voucher,
    VoucherMove,
    VoucherMoved,
    VoucherSource,
    VoucherStatus,
    as_kept,
    status_on,
)
from domain.vouchers import MOVES as VOUCHER_MOVES

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without what looks alike: 0 and O, 1 and I."""

GROUPS = 4

_v = t.voucher.c
IDS = bindparam("ids", type_=ARRAY(BigInteger))
REPLACEMENT = t.voucher.alias("replacement")

ROWS: Select[Any] = (
    select(
        t.voucher,
        REPLACEMENT.c.id.label("replaced_by_id"),
        func.date(func.timezone(t.program.c.time_zone, func.now())).label("today"),
    )
    .join_from(t.voucher, t.member, t.member.c.id == _v.member_id)
    .join(t.program, t.program.c.id == _v.program_id)
    .outerjoin(REPLACEMENT, REPLACEMENT.c.replaces_id == _v.id)
)
BY_IDS = ROWS.where(_v.id == any_(IDS))
BY_NUMBER = ROWS.where(_v.program_id == bindparam("program_id"), _v.number == bindparam("number", type_=Text))
BY_MEMBERS = ROWS.where(_v.member_id == any_(IDS)).order_by(_v.expires_on.nulls_last(), _v.id)
BY_TRANSACTIONS = ROWS.where(or_(_v.transaction_id == any_(IDS), _v.used_by_id == any_(IDS))).order_by(_v.id)
BY_REQUEST = (
    ROWS.join(t.voucher_move, t.voucher_move.c.voucher_id == _v.id)
    .where(t.voucher_move.c.request_id == bindparam("request_id", type_=BigInteger))
    .order_by(t.voucher_move.c.id)
)
MOVES = select(t.voucher_move).where(t.voucher_move.c.voucher_id == any_(IDS)).order_by(t.voucher_move.c.id)

LAPSED = and_(
    _v.program_id == bindparam("program_id", type_=BigInteger),
    _v.status.in_(OPEN),
    _v.expires_on < bindparam("today", type_=Date),
)
LET_GO = and_(
    _v.program_id == bindparam("program_id", type_=BigInteger),
    _v.status == VoucherStatus.RESERVED,
    _v.reserved_until <= bindparam("now", type_=DateTime(timezone=True)),
)
MOST = bindparam("most", type_=BigInteger)
AFTER = bindparam("after", type_=BigInteger)
DUE = select(_v.id, _v.member_id).where(or_(LAPSED, LET_GO), _v.id > AFTER).order_by(_v.id).limit(MOST)

INSERT = BulkInsert(
    "voucher",
    [
        ("program_id", "bigint"), ("member_id", "bigint"), ("product_id", "bigint"), ("number", "text"),
        ("status", "text"), ("source", "text"), ("expires_on", "date"), ("issued_by_id", "bigint"),
        ("transaction_id", "bigint"), ("promotion_id", "bigint"), ("tier", "text"), ("replaces_id", "bigint"),
        ("created_at", "timestamptz"),
    ],
    "returning id",
)  # fmt: skip
STATUS = BulkUpdate(
    "voucher",
    [("id", "bigint"), ("status", "text"), ("reserved_until", "timestamptz"), ("used_by_id", "bigint")],
    keys=1,
)
RECORD = BulkInsert(
    "voucher_move",
    [
        ("voucher_id", "bigint"), ("person_id", "bigint"), ("move", "text"), ("from_status", "text"),
        ("to_status", "text"), ("transaction_id", "bigint"), ("comment", "text"), ("request_id", "bigint"),
        ("created_at", "timestamptz"),
    ],
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A voucher to be written. `transaction_id`: of what gives it."""

    program_id: int
    member_id: int
    product_id: int
    source: VoucherSource
    expires_on: date | None
    issued_by_id: int | None = None
    transaction_id: int | None = None
    promotion_id: int | None = None
    tier: str | None = None
    replaces_id: int | None = None
    comment: str | None = None
    request_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A move of a voucher whose member is locked."""

    id: int
    move: VoucherMove
    before: VoucherStatus
    after: VoucherStatus
    person_id: int | None = None
    transaction_id: int | None = None
    reserved_until: datetime | None = None
    comment: str | None = None
    request_id: int | None = None


_by, _price, _good_for = t.transaction.alias("by"), t.product_price.alias("price"), t.product.alias("good_for")
_kind = t.product.alias("kind")


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the rows that somebody may see: of a partner's users, those that are its own business."""
    query = of_visible_members(query, scope)
    return query if scope.partner_id is None else query.where(_is_business_of(scope.partner_id))


def _is_business_of(partner_id: int) -> ColumnElement[bool]:
    """Given by one of its transactions, or used for one; or good for what it sells."""
    concerned = _by.c.id.in_([_v.transaction_id, _v.used_by_id])
    mine = exists().where(concerned, _by.c.partner_id == partner_id)
    return or_(mine, exists().where(_kind.c.id == _v.product_id, _is_sold_by(partner_id)))


def _is_sold_by(partner_id: int) -> ColumnElement[bool]:
    """A partner sells what has a price of its own there: the type of the voucher, or a product that it is good for."""
    named = func.jsonb_exists(_kind.c.voucher["products"], _good_for.c.code)
    return (
        exists()
        .where(_good_for.c.program_id == _kind.c.program_id, or_(_good_for.c.id == _kind.c.id, named))
        .where(_price.c.product_id == _good_for.c.id, _price.c.partner_id == partner_id)
        .correlate(_kind)
    )


async def is_sold(reader: Reader, partner_id: int, program_id: int, code: str) -> bool:
    """Whether vouchers of a type are good for what a partner sells."""
    sold = exists().where(_kind.c.program_id == program_id, _kind.c.code == code, _is_sold_by(partner_id))
    return bool((await reader.execute(select(sold))).scalar_one())


async def find(reader: Reader, scope: Scope, program_id: int, number: str) -> Voucher | None:
    """The voucher of a program with this number, if the scope shows it."""
    row = await reader.execute(in_scope(BY_NUMBER, scope), {"program_id": program_id, "number": as_kept(number)})
    found = row.one_or_none()
    return None if found is None else voucher_of(found)


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[Voucher | None]:
    """The vouchers with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: voucher_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def of_request(reader: Reader, request_id: int) -> list[Voucher]:
    """What a request issued or used, in its order."""
    rows = await reader.execute(BY_REQUEST, {"request_id": request_id})
    return [voucher_of(row) for row in rows]


async def load_of_transactions(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[list[Voucher]]:
    """What each of these transactions gave or used."""
    found: dict[int, list[Voucher]] = {each: [] for each in ids}
    for row in await reader.execute(in_scope(BY_TRANSACTIONS, scope), {"ids": list(ids)}):
        for key in {row.transaction_id, row.used_by_id}.intersection(found):
            found[key].append(voucher_of(row))
    return [found[each] for each in ids]


async def load_moves(reader: Reader, _: Scope, ids: Sequence[int]) -> list[list[VoucherMoved]]:
    """The moves of each voucher, the first one first; whoever has the voucher may see them."""
    found: dict[int, list[VoucherMoved]] = {each: [] for each in ids}
    for row in await reader.execute(MOVES, {"ids": list(ids)}):
        found[row.voucher_id].append(_moved(row))
    return [found[each] for each in ids]


async def of_members(
    reader: Reader, ids: Collection[int], program: EngineProgram, now: datetime, today: date
) -> dict[int, tuple[VoucherState, ...]]:
    """All vouchers of locked members as of a moment, nearest expiry first, none last."""
    codes = {kind.product_id: code for code, kind in program.vouchers.items()}
    found: dict[int, list[VoucherState]] = {each: [] for each in ids}
    for row in await reader.execute(BY_MEMBERS, {"ids": list(ids)}):
        status = status_on(row.status, row.expires_on, today)
        code, ended = codes.get(row.product_id, ""), row.reserved_until is not None and row.reserved_until <= now
        found[row.member_id].append(VoucherState(row.id, row.number, code, status, row.expires_on, ended))
    return {key: tuple(mine) for key, mine in found.items()}


async def stored(reader: Reader, ids: Collection[int]) -> list[Voucher]:
    """Vouchers of locked members by id, with the status that their row has, lapsed or not."""
    rows = await reader.execute(BY_IDS, {"ids": list(ids)})
    return [replace(voucher_of(row), status=row.status, reserved_until=row.reserved_until) for row in rows]


async def free(
    reader: Reader, member_id: int, product_id: int, *, now: datetime, today: date, scope: Scope
) -> list[Voucher]:
    """The vouchers of a type that a locked member can use with somebody of this scope, nearest expiry first, none last."""
    found = await reader.execute(in_scope(BY_MEMBERS, scope), {"ids": [member_id]})
    rows = [row for row in found if row.product_id == product_id]
    return [
        replace(voucher_of(row), status=row.status)
        for row in rows
        if status_on(row.status, row.expires_on, today) is VoucherStatus.AVAILABLE
        or (row.status is VoucherStatus.RESERVED and row.reserved_until <= now and not _past(row.expires_on, today))
    ]


def _past(expires_on: date | None, today: date) -> bool:
    return expires_on is not None and expires_on < today


def listing(scope: Scope, filter: VoucherFilter) -> Listing[Voucher]:
    """The vouchers of a list, in the order in which they were issued."""
    query = in_scope(ROWS, scope)
    if filter.program is not None:
        query = query.where(t.program.c.code == filter.program)
    if filter.member_id is not None:
        query = query.where(_v.member_id == filter.member_id)
    if filter.status is not None:
        query = query.where(_shown_status() == filter.status.value)
    if filter.voucher_type is not None:
        named = select(t.product.c.id).where(t.product.c.code == filter.voucher_type)
        query = query.where(_v.product_id.in_(named))
    return Listing(query, Order((_v.id,)), voucher_of)


def _shown_status() -> Any:
    today = func.date(func.timezone(t.program.c.time_zone, func.now()))
    lapsed = and_(_v.status.in_(OPEN), _v.expires_on < today)
    return case((lapsed, VoucherStatus.EXPIRED.value), else_=func.cast(_v.status, Text))


async def due(
    reader: Reader, program_id: int, now: datetime, today: date, *, after: int, most: int
) -> Sequence[tuple[int, int]]:
    """Vouchers that have lapsed, and reservations that have ended: each with its member."""
    values = {"program_id": program_id, "now": now, "today": today, "after": after, "most": most}
    return [(row.id, row.member_id) for row in await reader.execute(DUE, values)]


async def issue(writer: Writer, issues: Sequence[Issue], now: datetime) -> list[int]:
    """Write new vouchers; their ids, in their order."""
    if not issues:
        return []
    rows = await INSERT(writer, [_row(each, now) for each in issues])
    ids = [row.id for row in rows]
    moves = [
        (
            key,
            each.issued_by_id,
            VoucherMove.ISSUE.value,
            None,
            "AVAILABLE",
            each.transaction_id,
            each.comment,
            each.request_id,
            now,
        )
        for key, each in zip(ids, issues, strict=True)
    ]
    await RECORD(writer, moves)
    return ids


def _row(each: Issue, now: datetime) -> Sequence[Any]:
    return (
        each.program_id, each.member_id, each.product_id, new_number(), VoucherStatus.AVAILABLE.value,
        each.source.value, each.expires_on, each.issued_by_id, each.transaction_id, each.promotion_id, each.tier,
        each.replaces_id, now,
    )  # fmt: skip


async def change(writer: Writer, changes: Sequence[Change], now: datetime) -> None:
    """Write moves of vouchers whose members are locked, those of one voucher in their order."""
    used, last = VoucherStatus.USED, {each.id: each for each in changes}
    await STATUS(
        writer,
        [
            (each.id, each.after.value, each.reserved_until, each.transaction_id if each.after is used else None)
            for each in last.values()
        ],
    )
    moves = [
        (
            each.id, each.person_id, each.move.value, each.before.value, each.after.value, each.transaction_id,
            each.comment, each.request_id, now,
        )
        for each in changes
    ]  # fmt: skip
    await RECORD(writer, moves)


async def end_all(writer: Writer, member_id: int, now: datetime) -> None:
    """The vouchers that a locked member could still use lapse, as its points do."""
    rows = (await writer.execute(BY_MEMBERS, {"ids": [member_id]})).all()
    lapse, expired = VoucherMove.EXPIRE, VoucherStatus.EXPIRED
    await change(
        writer,
        [Change(id=row.id, move=lapse, before=row.status, after=expired) for row in rows if row.status in OPEN],
        now,
    )


async def write(writer: Writer, program_id: int, done: Sequence[Outcome], now: datetime) -> None:
    """What the engine gave, used and took back."""
    await write_given(writer, program_id, [new for each in done for new in each.vouchers], now)
    await change(writer, [made for each in done for made in _changes(each)], now)


def _changes(done: Outcome) -> Iterator[Change]:
    """What a transaction used, and what a cancellation took back or set free."""
    back = () if done.reversed is None else ((each.voucher, each.move) for each in done.reversed.vouchers)
    for voucher, move in (*((each, VoucherMove.USE) for each in done.used), *back):
        yield Change(
            id=voucher.id, move=move, before=voucher.status, after=VOUCHER_MOVES[voucher.status, move],
            transaction_id=done.transaction_id,
        )  # fmt: skip


async def write_given(writer: Writer, program_id: int, given: Sequence[NewVoucher], now: datetime) -> None:
    """Vouchers that the engine gave."""
    issues = [
        Issue(
            program_id=program_id, member_id=new.member_id, product_id=new.product_id, source=new.source,
            expires_on=new.expires_on, transaction_id=new.transaction_id, promotion_id=new.promotion_id, tier=new.tier,
        )
        for new in given
    ]  # fmt: skip
    await issue(writer, issues, now)


def new_number() -> str:
    """A number that nobody can guess: `7K3P-X2MQ-9WAD-R5TE`."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def voucher_of(row: Row[Any]) -> Voucher:
    """A voucher from its row, with the status that it has today."""
    status = status_on(row.status, row.expires_on, row.today)
    return Voucher(
        id=row.id,
        program_id=row.program_id,
        member_id=row.member_id,
        product_id=row.product_id,
        number=row.number,
        status=status,
        source=row.source,
        issued_at=row.created_at,
        expires_on=row.expires_on,
        reserved_until=row.reserved_until if status is VoucherStatus.RESERVED else None,
        issued_by_id=row.issued_by_id,
        transaction_id=row.transaction_id,
        promotion_id=row.promotion_id,
        tier=row.tier,
        used_by_id=row.used_by_id,
        replaces_id=row.replaces_id,
        replaced_by_id=row.replaced_by_id,
    )


def _moved(row: Row[Any]) -> VoucherMoved:
    return VoucherMoved(
        voucher_id=row.voucher_id,
        person_id=row.person_id,
        move=row.move,
        from_status=row.from_status,
        to_status=row.to_status,
        transaction_id=row.transaction_id,
        comment=row.comment,
        created_at=row.created_at,
    )
