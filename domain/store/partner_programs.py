"""Partner programs: read within somebody's scope, changed under their lock, which orders everything that happens in one of them.

They are the host's, whatever loyalty programs it has. A partner's user sees those that are no draft, a member none.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Row, Select, Text, any_, bindparam, delete, exists, false, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.commands.partner_programs import PartnerProgramFilter, PartnerProgramOrder
from domain.memberships import FINAL
from domain.partner_programs import (
    EligibilityList,
    EntitlementTemplate,
    LineTemplate,
    PartnerProgram,
    PartnerProgramStatus,
)
from domain.partners import Partner
from domain.people import Scope
from domain.store import partners
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.documents import to_document
from domain.store.keyset import Listing, Order

_p = t.partner_program.c
_l = t.partner_program_list.c
IDS = bindparam("ids", type_=ARRAY(BigInteger))
CODE = bindparam("code", type_=Text)
KEY = bindparam("key", type_=BigInteger)

ROWS: Select[Any] = select(t.partner_program)
BY_CODE = ROWS.where(_p.code == CODE)
BY_IDS = ROWS.where(_p.id == any_(IDS))
BY_CODES = select(_p.code).where(_p.code == any_(bindparam("codes", type_=ARRAY(Text))))
INSERT = insert(t.partner_program).on_conflict_do_nothing(index_elements=["code"]).returning(t.partner_program)
UPDATE = update(t.partner_program).where(_p.id == KEY).values(version=_p.version + 1).returning(t.partner_program)
WORKED = (
    select(_p.id)
    .where(
        or_(
            _p.status == PartnerProgramStatus.ACTIVE,
            exists().where(t.membership.c.partner_program_id == _p.id, t.membership.c.status.not_in(FINAL)),
        )
    )
    .order_by(_p.id)
)
LIST_ADD = text(
    "insert into partner_program_list (partner_program_id, list, partner_id) "
    "select :key, :list, unnest(cast(:ids as bigint[])) on conflict do nothing"
)
LIST_REMOVE = delete(t.partner_program_list).where(
    _l.partner_program_id == KEY, _l.list == bindparam("list_", type_=_l.list.type), _l.partner_id == any_(IDS)
)
CLOSE_LINES = text(
    "update agreement_line l set status = 'EXPIRED' from membership m "
    "where m.id = l.membership_id and m.partner_program_id = :key and l.status in ('CURRENT', 'PENDING')"
)
ORDERS: dict[PartnerProgramOrder, tuple[Any, ...]] = {
    PartnerProgramOrder.CODE: (_p.code,),
    PartnerProgramOrder.NAME: (_p.name, _p.id),
    PartnerProgramOrder.STARTS_ON: (_p.starts_on, _p.id),
}


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the partner programs that somebody may see."""
    if scope.partner_id is not None:
        query = query.where(_p.status != PartnerProgramStatus.PENDING)
    return query if scope.member_id is None else query.where(false())


async def find(reader: Reader, scope: Scope, code: str) -> PartnerProgram | None:
    """The partner program with this code, if the scope shows it."""
    return _one((await reader.execute(in_scope(BY_CODE, scope), {"code": code})).one_or_none())


async def lock(writer: Writer, scope: Scope, code: str) -> PartnerProgram | None:
    """The same, locked: whatever changes its applications and memberships does so one after the other."""
    query = in_scope(BY_CODE, scope).with_for_update(key_share=True)
    return _one((await writer.execute(query, {"code": code})).one_or_none())


async def lock_by_id(writer: Writer, key: int) -> PartnerProgram:
    """The same for one that is there."""
    query = BY_IDS.with_for_update(key_share=True)
    return partner_program_of((await writer.execute(query, {"ids": [key]})).one())


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[PartnerProgram | None]:
    """The partner programs with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: partner_program_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def worked(reader: Reader) -> Sequence[int]:
    """The partner programs in which dates may move something."""
    return (await reader.execute(WORKED)).scalars().all()


async def known(reader: Reader, codes: Sequence[str]) -> frozenset[str]:
    """Which of these codes are those of a partner program."""
    return frozenset((await reader.execute(BY_CODES, {"codes": list(codes)})).scalars())


def listing(
    scope: Scope, filter: PartnerProgramFilter, order: PartnerProgramOrder, *, descending: bool
) -> Listing[PartnerProgram]:
    """The partner programs of a list."""
    query = in_scope(ROWS, scope)
    if filter.status:
        query = query.where(_p.status.in_(filter.status))
    if filter.kind is not None:
        query = query.where(_p.kind == filter.kind)
    if filter.search is not None:
        query = query.where(or_(*(each.icontains(filter.search, autoescape=True) for each in (_p.code, _p.name))))
    return Listing(query, Order(ORDERS[order], descending), partner_program_of)


async def add(writer: Writer, **values: Any) -> PartnerProgram | None:
    """A new draft; None if its code is taken."""
    row = {**_documents(values), "status": PartnerProgramStatus.PENDING, "version": 1}
    return _one((await writer.execute(INSERT, row)).one_or_none())


async def change(writer: Writer, key: int, **values: Any) -> PartnerProgram:
    """Write some of a locked partner program's fields."""
    return partner_program_of((await writer.execute(UPDATE.values(**_documents(values)), {"key": key})).one())


async def end(writer: Writer, program: PartnerProgram) -> PartnerProgram:
    """Note that the end of a locked program has passed; agreement lines expire if it says so."""
    if program.expire_lines_at_end:
        await writer.execute(CLOSE_LINES, {"key": program.id})
    return await change(writer, program.id, status=PartnerProgramStatus.INACTIVE)


async def change_list(
    writer: Writer, key: int, which: EligibilityList, add: Sequence[int], remove: Sequence[int]
) -> None:
    """Put partners on a list, and take others off it."""
    if add:
        await writer.execute(LIST_ADD, {"key": key, "list": which.value, "ids": list(add)})
    if remove:
        await writer.execute(LIST_REMOVE, {"key": key, "list_": which, "ids": list(remove)})


def listed(scope: Scope, key: int, which: EligibilityList) -> Listing[Partner]:
    """The partners on a list of a program, by code: a partner's user sees whether its own is."""
    query = partners.in_scope(partners.ROWS, scope).join(
        t.partner_program_list, (_l.partner_id == t.partner.c.id) & (_l.partner_program_id == key) & (_l.list == which)
    )
    return Listing(query, Order((t.partner.c.code,)), partners.partner_of)


def partner_program_of(row: Row[Any]) -> PartnerProgram:
    """A partner program from its row."""
    values = {name: getattr(row, name) for name in PartnerProgram.__slots__}
    values["lines"] = msgspec.convert(row.lines, tuple[LineTemplate, ...])
    values["entitlements"] = msgspec.convert(row.entitlements, tuple[EntitlementTemplate, ...])
    return PartnerProgram(**values)


def _documents(values: dict[str, Any]) -> dict[str, Any]:
    kept = ("lines", "entitlements")
    return {name: to_document(value) if name in kept else value for name, value in values.items()}


def _one(row: Row[Any] | None) -> PartnerProgram | None:
    return None if row is None else partner_program_of(row)
