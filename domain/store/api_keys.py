"""API keys: read within somebody's scope, found by a secret's hash, written under their lock.

A partner's user sees the keys of its partner's people, who is bound to a program those that act there, a member none.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Row,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    false,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.api_keys import ApiKey
from domain.commands.api_keys import ApiKeyFilter
from domain.people import Role, Scope
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.keyset import Listing, Order

USED_EVERY = timedelta(minutes=1)
"""How exact `last_used_at` is: a busy key is not written at every request."""

IDS = bindparam("ids", type_=ARRAY(BigInteger))
KEY = bindparam("key", type_=BigInteger)
HASH = bindparam("hash", type_=Text)
NOW = bindparam("now", type_=DateTime(timezone=True))
BEFORE = bindparam("before", type_=DateTime(timezone=True))
_k, _p = t.api_key.c, t.person.c

ROWS: Select[Any] = select(t.api_key)
BY_IDS = ROWS.where(_k.id == any_(IDS))
_valid = and_(_k.revoked_at.is_(None), _k.expires_at > NOW)
BY_SECRET = ROWS.where(or_(_k.secret_hash == HASH, and_(_k.old_secret_hash == HASH, _k.old_secret_until > NOW)), _valid)
COUNT = select(func.count()).where(_k.person_id == KEY, _valid)
INSERT = insert(t.api_key).returning(t.api_key)
UPDATE = update(t.api_key).where(_k.id == KEY).returning(t.api_key)
ROTATE = UPDATE.values(
    secret_hash=HASH,
    hint=bindparam("new_hint", type_=Text),
    expires_at=bindparam("ends", type_=DateTime(timezone=True)),
)
KEEP_OLD = {"old_secret_hash": _k.secret_hash, "old_secret_until": bindparam("until", type_=DateTime(timezone=True))}
FORGET_OLD = {"old_secret_hash": None, "old_secret_until": None}
USED = (
    update(t.api_key)
    .where(_k.id == KEY, or_(_k.last_used_at.is_(None), _k.last_used_at < BEFORE))
    .values(last_used_at=NOW)
)


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the keys that somebody may see."""
    if scope.member_id is not None:
        return query.where(false())
    if scope.program_id is not None:
        of_the_program = select(_p.id).where(_p.program_id == scope.program_id)
        query = query.where(or_(_k.program_id == scope.program_id, _k.person_id.in_(of_the_program)))
    if scope.partner_id is not None:
        query = query.where(_k.person_id.in_(select(_p.id).where(_p.partner_id == scope.partner_id)))
    return query


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[ApiKey | None]:
    """The keys with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: key_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def lock(writer: Writer, scope: Scope, id: int) -> ApiKey | None:
    """The key with this id, locked, if the scope shows it."""
    return _one((await writer.execute(in_scope(BY_IDS, scope).with_for_update(), {"ids": [id]})).one_or_none())


async def find(reader: Reader, secret_hash: str, now: datetime) -> ApiKey | None:
    """The key with this secret that is valid now, by its secret or, for a while, by the one before."""
    return _one((await reader.execute(BY_SECRET, {"hash": secret_hash, "now": now})).one_or_none())


async def count(reader: Reader, person_id: int, now: datetime) -> int:
    """How many keys of a person are valid now."""
    return int((await reader.execute(COUNT, {"key": person_id, "now": now})).scalar_one())


def listing(scope: Scope, filter: ApiKeyFilter, now: datetime) -> Listing[ApiKey]:
    """The keys of a list, the oldest first."""
    query = in_scope(ROWS, scope)
    if filter.person is not None:
        query = query.where(_k.person_id.in_(select(_p.id).where(_p.subject == filter.person)))
    if filter.program is not None:
        query = query.where(_k.program_id.in_(select(t.program.c.id).where(t.program.c.code == filter.program)))
    if filter.active is not None:
        active = and_(_k.revoked_at.is_(None), _k.expires_at > now)
        query = query.where(active if filter.active else ~active)
    return Listing(query, Order((_k.id,), descending=False), key_of)


async def add(writer: Writer, **values: Any) -> ApiKey:
    """A new key."""
    roles = sorted(role.value for role in values.pop("roles"))
    return key_of((await writer.execute(INSERT, {**values, "roles": roles})).one())


async def change(writer: Writer, key_id: int, **values: Any) -> ApiKey:
    """Write some of a locked key's fields."""
    return key_of((await writer.execute(UPDATE.values(**values), {"key": key_id})).one())


async def rotate(
    writer: Writer, key_id: int, secret_hash: str, hint: str, *, expires_at: datetime, until: datetime | None
) -> ApiKey:
    """A locked key with a new secret; the one before is taken beside it until then, if at all."""
    given = {"key": key_id, "hash": secret_hash, "new_hint": hint, "ends": expires_at}
    if until is None:
        return key_of((await writer.execute(ROTATE.values(FORGET_OLD), given)).one())
    return key_of((await writer.execute(ROTATE.values(KEEP_OLD), {**given, "until": until})).one())


async def used(writer: Writer, key_id: int, now: datetime) -> None:
    """Note that a key was used, unless that was noted a moment ago."""
    await writer.execute(USED, {"key": key_id, "now": now, "before": now - USED_EVERY})


def key_of(row: Row[Any]) -> ApiKey:
    """A key from its row."""
    return ApiKey(
        id=row.id, person_id=row.person_id, program_id=row.program_id, name=row.name,
        roles=frozenset(map(Role, row.roles)), hint=row.hint, expires_at=row.expires_at,
        old_secret_until=row.old_secret_until, revoked_at=row.revoked_at, last_used_at=row.last_used_at,
        created_by_id=row.created_by_id, created_at=row.created_at,
    )  # fmt: skip


def _one(row: Row[Any] | None) -> ApiKey | None:
    return None if row is None else key_of(row)
