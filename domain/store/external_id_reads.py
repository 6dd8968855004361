"""Which transaction has an external id: unique per program, partner and source, empty values included."""

from typing import Any

from sqlalchemy import Select, Text, bindparam, select

from domain.people import Scope
from domain.store import tables as t
from domain.store.database import Reader

_e = t.external_id.c
FIND: Select[Any] = (
    select(_e.transaction_id)
    .join_from(t.external_id, t.program, t.program.c.id == _e.program_id)
    .outerjoin(t.partner, t.partner.c.id == _e.partner_id)
    .where(
        t.program.c.code == bindparam("program", type_=Text),
        _e.external_id == bindparam("external_id", type_=Text),
        _e.source.is_not_distinct_from(bindparam("source", type_=Text)),
    )
)
OF_PARTNER = FIND.where(t.partner.c.code.is_not_distinct_from(bindparam("partner", type_=Text)))


async def find(
    reader: Reader, scope: Scope, program: str, external_id: str, *, partner: str | None, source: str | None
) -> int | None:
    """The transaction's number; a partner's user need not name its own partner."""
    query, own = OF_PARTNER, scope.partner_id
    if own is not None and partner is None:
        query = FIND.where(_e.partner_id == own)
    named = {"program": program, "external_id": external_id, "partner": partner, "source": source}
    found: int | None = (await reader.execute(query, named)).scalar_one_or_none()
    return found
