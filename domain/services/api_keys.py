"""API keys: making, rotating and revoking them, and finding for whom a secret speaks.

Administrators make keys for the people they reach, everybody else for themselves. A secret is in one answer and nowhere else.
"""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.api_keys import (
    HINT,
    MOST_KEYS,
    PREFIX,
    SECRET_BYTES,
    USUAL_LIFE,
    ApiKey,
    ApiKeyRevoked,
    Issued,
    KeyHolder,
    expiry_problems,
    hashed,
    may_hold,
    overlap_problems,
    role_problems,
)
from domain.codes import name_problems
from domain.commands.api_keys import ApiKeyCreate, ApiKeyRotate
from domain.people import Person, Principal, Scope
from domain.problems import Invalid, NotAllowed, NotFound, Problem, Refused, TooMany
from domain.receipts import Receipt
from domain.services.checks import INPUT, Findings, found, refuse
from domain.store import api_keys as store
from domain.store import people, programs
from domain.store.database import Database, Reader, Writer

EVERYWHERE = Scope()
NOT_YOURS = "keys of other people are made and rotated by administrators who reach them, and by no key"


async def holder_of(database: Database, secret: str) -> KeyHolder | None:
    """For whom a secret speaks now; asked before anybody is known, so without a scope."""
    async with database.read() as reader:
        now = await database.now(reader)
        key = await store.find(reader, hashed(secret), now)
        if key is None:
            return None
        [person] = await people.load_many(reader, EVERYWHERE, [key.person_id])
    if key.last_used_at is None or key.last_used_at < now - store.USED_EVERY:
        async with database.write() as writer:
            await store.used(writer, key.id, now)
    return KeyHolder(key, person) if person is not None and person.active else None


async def api_key_create(database: Database, actor: Principal, command: ApiKeyCreate) -> Receipt[Issued]:
    """Make a key. Its secret is in this answer and nowhere else."""
    async with database.write() as writer:
        person = await _person(writer, actor, command.person)
        now = await database.now(writer)
        roles = person.roles if command.roles is None else command.roles
        expires_at = command.expires_at or now + USUAL_LIFE
        findings = Findings([
            *name_problems(command.name, INPUT, "name"),
            *role_problems(roles, person, INPUT, "roles"),
            *expiry_problems(expires_at, now, INPUT, "expiresAt"),
        ])  # fmt: skip
        program_id = await _program_id(writer, actor, person, command.program, findings)
        findings.refuse()
        if (count := await store.count(writer, person.id, now)) >= MOST_KEYS:
            raise Refused(TooMany(what="API keys of a person", limit=MOST_KEYS, found=count + 1, path=(INPUT,)))
        secret = _new_secret()
        key = await store.add(
            writer,
            person_id=person.id,
            program_id=program_id,
            name=command.name,
            roles=roles,
            secret_hash=hashed(secret),
            hint=secret[-HINT:],
            expires_at=expires_at,
            created_by_id=actor.person_id,
        )
        return Receipt(Issued(key, secret))


async def api_key_rotate(database: Database, actor: Principal, command: ApiKeyRotate) -> Receipt[Issued]:
    """Give a key a new secret; the one before is taken for some hours more, never beyond the day that the key had."""
    async with database.write() as writer:
        key, holder = await _locked(writer, actor, command.key_id)
        if not may_hold(actor, holder):
            raise Refused(NotAllowed(why=NOT_YOURS, path=(INPUT, "key")))
        if key.revoked_at is not None:
            raise Refused(ApiKeyRevoked(path=(INPUT, "key")))
        now = await database.now(writer)
        expires_at = command.expires_at or now + USUAL_LIFE
        refuse(_rotate_problems(command, expires_at, now))
        secret = _new_secret()
        until = min(now + timedelta(hours=command.overlap_hours), key.expires_at)
        rotated = await store.rotate(
            writer, key.id, hashed(secret), secret[-HINT:], expires_at=expires_at, until=until if until > now else None
        )
        return Receipt(Issued(rotated, secret))


async def api_key_revoke(database: Database, actor: Principal, key_id: int) -> Receipt[ApiKey]:
    """End a key for ever; a second time changes nothing."""
    async with database.write() as writer:
        key, holder = await _locked(writer, actor, key_id)
        if not (may_hold(actor, holder) or actor.person_id == holder.id):
            raise Refused(NotAllowed(why="keys of other people are revoked by administrators", path=(INPUT, "key")))
        if key.revoked_at is None:
            key = await store.change(writer, key.id, revoked_at=await database.now(writer))
        return Receipt(key)


def _new_secret() -> str:
    return f"{PREFIX}{secrets.token_urlsafe(SECRET_BYTES)}"


def _rotate_problems(command: ApiKeyRotate, expires_at: datetime, now: datetime) -> Iterator[Problem]:
    yield from overlap_problems(command.overlap_hours, INPUT, "overlapHours")
    yield from expiry_problems(expires_at, now, INPUT, "expiresAt")


async def _person(writer: Writer, actor: Principal, subject: str | None) -> Person:
    """Whose key it is to be, locked so that two at once do not pass the limit together."""
    named = actor.subject if subject is None else subject
    person = found(await people.lock(writer, actor.scope, named), "person", named, "person")
    if not may_hold(actor, person):
        raise Refused(NotAllowed(why=NOT_YOURS, path=(INPUT, "person")))
    return person


async def _program_id(
    reader: Reader, actor: Principal, person: Person, code: str | None, findings: Findings
) -> int | None:
    """The only program in which a key acts: the named one, else the person's own."""
    if code is None:
        return person.program_id
    program = findings.named(await programs.find(reader, actor.scope, code), "program", code, "program")
    if program is not None and person.program_id not in {None, program.id}:
        findings.add([Invalid(value=code, expected="the person's own program", path=(INPUT, "program"))])
    return None if program is None else program.id


async def _locked(writer: Writer, actor: Principal, key_id: int) -> tuple[ApiKey, Person]:
    """A key that the actor may see, locked, and the person for whom it speaks."""
    key = found(await store.lock(writer, actor.scope, key_id), "api key", None, "key")
    [holder] = await people.load_many(writer, EVERYWHERE, [key.person_id])
    if holder is None:
        raise Refused(NotFound(what="api key", path=(INPUT, "key")))
    return key, holder
