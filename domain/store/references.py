"""From the codes that callers use to the keys that rows have, a set at a time."""

from collections.abc import Collection

from sqlalchemy import BigInteger, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.store import tables as t
from domain.store.database import Reader

CODES = bindparam("codes", type_=ARRAY(Text))
IDS = bindparam("ids", type_=ARRAY(BigInteger))
PROGRAM = bindparam("program_id", type_=BigInteger)

PRODUCTS = select(t.product.c.code, t.product.c.id).where(
    t.product.c.program_id == PROGRAM, t.product.c.code == any_(CODES)
)
PARTNERS = select(t.partner.c.code, t.partner.c.id).where(t.partner.c.code == any_(CODES))
NUMBERS = select(t.member.c.number, t.member.c.id).where(
    t.member.c.program_id == PROGRAM, t.member.c.number == any_(CODES)
)


async def products(reader: Reader, program_id: int, codes: Collection[str | None]) -> dict[str, int]:
    """Product ids of a program by code."""
    return await _find(reader, PRODUCTS, codes, program_id=program_id)


async def partners(reader: Reader, codes: Collection[str | None]) -> dict[str, int]:
    """Partner ids by code."""
    return await _find(reader, PARTNERS, codes)


async def members(reader: Reader, program_id: int, numbers: Collection[str | None]) -> dict[str, int]:
    """Member ids of a program by number."""
    return await _find(reader, NUMBERS, numbers, program_id=program_id)


async def _find(reader: Reader, statement: object, codes: Collection[str | None], **more: int) -> dict[str, int]:
    wanted = list({code for code in codes if code is not None})
    if not wanted:
        return {}
    return {row[0]: row[1] for row in await reader.execute(statement, {"codes": wanted, **more})}  # type: ignore[call-overload]
