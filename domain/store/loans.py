"""Loans: what members owe, written with the ledger and read by the engine, and what automatic repayment has yet to consider."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, Row, Select, any_, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from domain.engine import LoanState, Outcome
from domain.loans import Loan, MaximumLoanStatus
from domain.people import Scope
from domain.points import from_units
from domain.store import tables as t
from domain.store.bulk import BulkInsert, BulkUpdate
from domain.store.database import Reader, Writer
from domain.store.members import in_scope

PRODUCT = "LOAN"
"""The code of the product that every loan names."""

IDS = bindparam("ids", type_=ARRAY(BigInteger))
_loan = t.loan.c

OUTSTANDING = (
    select(_loan.member_id, _loan.transaction_id, _loan.point_type_id, _loan.outstanding, _loan.follows_id)
    .where(_loan.member_id == any_(IDS), _loan.outstanding > 0)
    .order_by(_loan.member_id, _loan.created_at, _loan.transaction_id)
)
ROWS: Select[Any] = (
    select(t.loan, t.member.c.program_id, t.point_type.c.code, t.point_type.c.decimals)
    .join_from(t.loan, t.member, t.member.c.id == _loan.member_id)
    .join(t.point_type, t.point_type.c.id == _loan.point_type_id)
)
BY_MEMBERS = ROWS.where(_loan.member_id == any_(IDS)).order_by(_loan.created_at.desc(), _loan.transaction_id.desc())
BY_TRANSACTIONS = ROWS.join(
    t.transaction, (t.transaction.c.id == _loan.transaction_id) & (t.transaction.c.member_id == _loan.member_id)
).where(t.transaction.c.id == any_(IDS))
REPAYMENTS = (
    select(t.transaction.c.loan_id, t.transaction.c.id)
    .where(t.transaction.c.loan_id == any_(IDS))
    .order_by(t.transaction.c.id)
)
MAXIMA = select(t.maximum_loan.c.member_id, t.maximum_loan.c.point_type_id, t.maximum_loan.c.points).where(
    t.maximum_loan.c.member_id == any_(IDS), t.maximum_loan.c.status == MaximumLoanStatus.APPROVED
)
INSERT = BulkInsert(
    "loan",
    [
        ("member_id", "bigint"), ("transaction_id", "bigint"), ("point_type_id", "bigint"), ("points", "bigint"),
        ("outstanding", "bigint"), ("follows_id", "bigint"), ("created_at", "timestamptz"),
    ],
)  # fmt: skip
UPDATE = BulkUpdate("loan", [("member_id", "bigint"), ("transaction_id", "bigint"), ("outstanding", "bigint")], keys=2)
WAIT = BulkInsert(
    "unconsidered_accrual",
    [("program_id", "bigint"), ("member_id", "bigint"), ("transaction_id", "bigint"), ("loan_id", "bigint")],
)
_waits = t.unconsidered_accrual.c
MEMBERS_WAITING = (
    select(_waits.member_id)
    .distinct()
    .where(_waits.program_id == bindparam("program_id"), _waits.member_id > bindparam("after"))
    .order_by(_waits.member_id)
    .limit(bindparam("most", type_=Integer))
)
TAKE_WAITING = (
    delete(t.unconsidered_accrual)
    .where(_waits.program_id == bindparam("program_id"), _waits.member_id == any_(IDS))
    .returning(_waits.member_id, _waits.transaction_id, _waits.loan_id)
)
EARNED = (
    select(
        t.lot.c.member_id,
        t.lot.c.transaction_id,
        t.lot.c.point_type_id,
        func.sum(t.lot.c.points).label("points"),
    )
    .where(
        t.lot.c.member_id == any_(IDS),
        t.lot.c.transaction_id == any_(bindparam("transactions", type_=ARRAY(BigInteger))),
    )
    .group_by(t.lot.c.member_id, t.lot.c.transaction_id, t.lot.c.point_type_id, t.lot.c.transaction_date)
    .order_by(func.min(t.lot.c.created_at), t.lot.c.transaction_date, t.lot.c.transaction_id, t.lot.c.point_type_id)
)
NAME = text("update transaction set product_id = :product_id where id = any(:ids)").bindparams(IDS)
ADD_PRODUCT = text("""
    insert into product (program_id, code, name, active, attributes, version)
    values (:program_id, :code, 'Loan', true, '{}', 1) on conflict do nothing
""")
FIND_PRODUCT = select(t.product.c.id).where(
    t.product.c.program_id == bindparam("program_id"), t.product.c.code == PRODUCT
)


class Waiting(NamedTuple):
    """An accrual that automatic repayment has yet to consider: what its lots gave, and the loans that are older."""

    member_id: int
    transaction_id: int
    points: dict[int, int]
    loans: frozenset[int]


async def outstanding(reader: Reader, members: Collection[int]) -> Mapping[int, tuple[LoanState, ...]]:
    """What each of these members owes, the oldest loan first."""
    if not members:
        return {}
    found: dict[int, list[LoanState]] = defaultdict(list)
    for member_id, *loan in await reader.execute(OUTSTANDING, {"ids": list(members)}):
        found[member_id].append(LoanState(*loan))
    return {member_id: tuple(mine) for member_id, mine in found.items()}


async def maxima(reader: Reader, members: Collection[int]) -> Mapping[int, Mapping[int, int]]:
    """The approved maximum loans of each member, in units by point type."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for row in await reader.execute(MAXIMA, {"ids": list(members)}):
        found[row.member_id][row.point_type_id] = row.points
    return found


async def write(writer: Writer, program_id: int, done: Iterable[Outcome], now: datetime) -> None:
    """Loans that outcomes made or repaid, and accruals that are still to be considered; asks for nothing where there is nothing."""
    touched = [each for each in done if each.loans or each.unconsidered]
    if not touched:
        return
    after = {(each.member_id, loan.id): loan for each in touched for loan in each.loans}
    made = {(each.member_id, each.transaction_id): each.loans[0] for each in touched if _is_loan(each)}
    await INSERT(
        writer,
        [
            (*key, loan.point_type_id, loan.outstanding, after[key].outstanding, loan.follows_id, now)
            for key, loan in made.items()
        ],
    )
    await UPDATE(writer, [(*key, loan.outstanding) for key, loan in after.items() if key not in made])
    await _name(writer, program_id, [each.transaction_id for each in touched if _is_loan(each) and each.follow_up])
    await WAIT(
        writer,
        [(program_id, each.member_id, each.transaction_id, loan) for each in touched for loan in each.unconsidered],
    )


def _is_loan(outcome: Outcome) -> bool:
    return any(loan.id == outcome.transaction_id for loan in outcome.loans)


async def _name(writer: Writer, program_id: int, loans: Sequence[int]) -> None:
    """Loans that the engine made name their product, as those that people ask for."""
    if loans:
        await writer.execute(NAME, {"product_id": await product(writer, program_id), "ids": list(loans)})


async def product(writer: Writer, program_id: int) -> int:
    """The product that loans of a program name; made with the first of them."""
    await writer.execute(ADD_PRODUCT, {"program_id": program_id, "code": PRODUCT})
    return int((await writer.execute(FIND_PRODUCT, {"program_id": program_id})).scalar_one())


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[Loan | None]:
    """The loans of these transactions, in their order; None for what is no loan, or none that the scope shows."""
    rows = await reader.execute(in_scope(BY_TRANSACTIONS, scope), {"ids": list(ids)})
    found = {row.transaction_id: loan_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def of_members(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[list[Loan]]:
    """The loans of each member, the newest first."""
    found: dict[int, list[Loan]] = {each: [] for each in ids}
    for row in await reader.execute(in_scope(BY_MEMBERS, scope), {"ids": list(ids)}):
        found[row.member_id].append(loan_of(row))
    return [found[each] for each in ids]


async def repayments(reader: Reader, ids: Sequence[int]) -> list[list[int]]:
    """The transactions that name each of these loans, the first one first."""
    found: dict[int, list[int]] = {each: [] for each in ids}
    for row in await reader.execute(REPAYMENTS, {"ids": list(ids)}):
        found[row.loan_id].append(row.id)
    return [found[each] for each in ids]


def loan_of(row: Row[Any]) -> Loan:
    """A loan from its row."""
    return Loan(
        transaction_id=row.transaction_id,
        program_id=row.program_id,
        member_id=row.member_id,
        point_type=row.code,
        points=from_units(row.points, row.decimals),
        outstanding=from_units(row.outstanding, row.decimals),
        follows_id=row.follows_id,
        created_at=row.created_at,
    )


async def members_waiting(reader: Reader, program_id: int, after: int, most: int) -> Sequence[int]:
    """The next members of a program, above `after`, of whom some accrual is still to be considered."""
    asked = {"program_id": program_id, "after": after, "most": most}
    return (await reader.execute(MEMBERS_WAITING, asked)).scalars().all()


async def take_waiting(writer: Writer, program_id: int, members: Sequence[int]) -> list[Waiting]:
    """The accruals of locked members that are still to be considered, in the order in which they were made; now they are."""
    asked = {"program_id": program_id, "ids": list(members)}
    loans: dict[tuple[int, int], set[int]] = defaultdict(set)
    for row in await writer.execute(TAKE_WAITING, asked):
        loans[row.member_id, row.transaction_id].add(row.loan_id)
    found: dict[tuple[int, int], Waiting] = {}
    numbers = [number for _, number in loans]
    for lots in await writer.execute(EARNED, {"transactions": numbers, "ids": list(members)}):
        key = lots.member_id, lots.transaction_id
        waiting = found.setdefault(key, Waiting(*key, {}, frozenset(loans.get(key, ()))))
        waiting.points[lots.point_type_id] = int(lots.points)
    return list(found.values())
