"""Root fields about API keys."""

from collections.abc import Sequence

import domain.api_keys as k
import domain.commands.api_keys as c
import schema.api_keys as s
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import api_keys as services
from domain.store import api_keys as store
from domain.store.database import Reader
from domain.store.keyset import page_of
from resolvers.context import Info
from resolvers.ids import key
from resolvers.loaders import loads
from resolvers.roots import mutation, query
from schema.loads import API_KEY
from schema.pages import After, Connection, First


@loads(API_KEY, node="ApiKey")
async def _api_keys(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[k.ApiKey | None]:
    return await store.load_many(reader, scope, ids)


@query(Connection[s.ApiKey])
async def api_keys(
    info: Info, filter: s.ApiKeyFilter | None = None, first: First = 20, after: After = None
) -> Page[k.ApiKey]:
    """The API keys that you may see, the oldest first; never their secrets."""
    wanted = filter or s.ApiKeyFilter()
    chosen = c.ApiKeyFilter(person=wanted.person, program=wanted.program, active=wanted.active)
    database = info.context.database
    async with database.read() as reader:
        now = await database.now(reader)
    listing = store.listing(info.context.principal.scope, chosen, now)
    return await page_of(database, listing, PageRequest(first, after))


@mutation(s.ApiKeyCreatePayload)
async def api_key_create(info: Info, input: s.ApiKeyCreateInput) -> Receipt[k.Issued]:
    """Make an API key: administrators for the people whom they reach, everybody else for themselves."""
    command = c.ApiKeyCreate(
        name=input.name,
        person=input.person,
        roles=None if input.roles is None else frozenset(input.roles),
        program=input.program,
        expires_at=input.expires_at,
    )
    return await services.api_key_create(info.context.database, info.context.principal, command)


@mutation(s.ApiKeyRotatePayload)
async def api_key_rotate(info: Info, input: s.ApiKeyRotateInput) -> Receipt[k.Issued]:
    """Give an API key a new secret; the one before is taken for some hours more."""
    command = c.ApiKeyRotate(
        key_id=key(input.key, "ApiKey", "input", "key"),
        overlap_hours=input.overlap_hours,
        expires_at=input.expires_at,
    )
    return await services.api_key_rotate(info.context.database, info.context.principal, command)


@mutation(s.ApiKeyRevokePayload)
async def api_key_revoke(info: Info, input: s.ApiKeyRevokeInput) -> Receipt[k.ApiKey]:
    """End an API key for ever; requests with it are refused within seconds."""
    named = key(input.key, "ApiKey", "input", "key")
    return await services.api_key_revoke(info.context.database, info.context.principal, named)
