"""What an account's blocks hold, and how fast they are used."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Select, bindparam, case, func, select

from domain.blocks import BlockKind, BlockStatus, PointBlock
from domain.partner_transactions import Direction, PartnerTransactionKind
from domain.store import blocks
from domain.store import tables as t
from domain.store.database import Reader
from domain.store.partner_statements import Owner

_b, _p = t.point_block.c, t.partner_transaction.c
APPROVED: Select[Any] = blocks.ROWS.where(_b.status == BlockStatus.APPROVED)
OF_ACCRUALS = (PartnerTransactionKind.ACCRUAL_DEBIT, PartnerTransactionKind.ACCRUAL_REVERSAL)
USED: Select[Any] = (
    select(func.coalesce(func.sum(case((_p.direction == Direction.DEBIT, _p.points), else_=-_p.points)), 0))
    .join_from(t.partner_transaction, t.point_block, _b.id == _p.block_id)
    .where(_p.kind.in_(OF_ACCRUALS), _b.kind != BlockKind.PROMOTION, _p.posted_on > bindparam("after", type_=Date))
)


async def approved(reader: Reader, owner: Owner) -> list[PointBlock]:
    """All blocks that are approved, whether or not they are active today."""
    return [blocks.block_of(row) for row in await reader.execute(APPROVED.where(*owner(_b)))]


async def used_since(reader: Reader, owner: Owner, after: date) -> Decimal:
    """Points that accruals took from blocks after a day, less what came back; promotions' own blocks are left out."""
    return Decimal((await reader.execute(USED.where(*owner(_p)), {"after": after})).scalar_one())
