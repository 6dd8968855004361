"""Decisions as they are read: every attempt at a transaction, in the words of the program version that it was made with.

Whoever may see a transaction may see its decisions.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, Engine, Integer, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.decisions import Decision, ProgramVersion, read
from domain.engine.decision import decode
from domain.people import Scope
from domain.programs import PointType, Program
from domain.store import tables as t
from domain.store.asked import arrays, asked
from domain.store.database import Reader
from domain.store.documents import from_document
from domain.store.promotion_documents import promotion_from
from domain.store.transactions import in_scope

VersionKey = tuple[int, int]
"""A program and a version of it."""

VERSION_KEY = ("program_id", "version")

REMEMBERED = 64
"""How many versions are kept at hand: one may have hundreds of rules, and it never changes."""

_KNOWN: WeakKeyDictionary[Engine, OrderedDict[VersionKey, ProgramVersion]] = WeakKeyDictionary()

_d, _v = t.decision.c, t.program_version.c
_versions = asked(program_id=BigInteger, version=Integer)

ATTEMPTS = (
    select(_d.transaction_id, _d.member_id, _d.attempt, _d.program_version, _d.body, t.transaction.c.program_id)
    .join_from(t.decision, t.transaction, t.transaction.c.id == _d.transaction_id)
    .where(_d.transaction_id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(_d.transaction_id, _d.attempt)
)
VERSIONS = select(_v.program_id, _v.version, _v.definition).join_from(
    t.program_version,
    _versions,
    (_versions.c.program_id == _v.program_id) & (_versions.c.version == _v.version),
)


async def of_transactions(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[list[Decision]]:
    """Every attempt at each transaction, the first one first."""
    rows = (await reader.execute(in_scope(ATTEMPTS, scope), {"ids": list(ids)})).all()
    known = await versions(reader, {(row.program_id, row.program_version) for row in rows})
    found: dict[int, list[Decision]] = {each: [] for each in ids}
    for row in rows:
        version = known[row.program_id, row.program_version]
        found[row.transaction_id].append(
            read(
                decode(row.body),
                version,
                transaction_id=row.transaction_id,
                member_id=row.member_id,
                attempt=row.attempt,
            )
        )
    return [found[each] for each in ids]


async def versions(reader: Reader, keys: Collection[VersionKey]) -> dict[VersionKey, ProgramVersion]:
    """What the engine knew of programs, by version."""
    known = _KNOWN.setdefault(reader.sync_engine, OrderedDict())
    found = {key: known[key] for key in keys if key in known}
    lacking = sorted(key for key in keys if key not in known)
    if lacking:
        rows = await reader.execute(VERSIONS, arrays(lacking, *VERSION_KEY))
        found.update({(row.program_id, row.version): _version(row.definition) for row in rows})
    for key, version in found.items():
        known[key] = version
        known.move_to_end(key)
    while len(known) > REMEMBERED:
        known.popitem(last=False)
    return found


def _version(document: Any) -> ProgramVersion:
    point_types = from_document(document["point_types"], tuple[PointType, ...])
    promotions = map(promotion_from, document["promotions"])
    return ProgramVersion(
        from_document(document["program"], Program),
        {each.id: each for each in point_types},
        {each.id: each for each in promotions},
    )
