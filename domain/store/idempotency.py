"""Idempotency keys: one effect per principal, mutation and key, for as long as the entry stands.

A key is claimed before anything else is done. Who loses the race waits for the winner's commit and gets the winner's answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import text

from domain.store.bulk import BulkInsert
from domain.store.database import Writer


class Claim(NamedTuple):
    """Whose key it is, for what, with which input, and the thing (a transaction's id) that will be its answer."""

    principal: str
    mutation: str
    key: str
    input_hash: bytes
    answer_type: str
    answer_id: int

    @property
    def name(self) -> tuple[str, str, str]:
        """What is unique."""
        return self.principal, self.mutation, self.key


CLAIM = BulkInsert(
    "idempotency_key",
    [
        ("principal", "text"), ("mutation", "text"), ("key", "text"), ("input_hash", "bytea"), ("answer_type", "text"),
        ("answer_id", "bigint"),
    ],
    "on conflict do nothing returning principal, mutation, key",
)  # fmt: skip
_NAMES = "unnest(cast(:principals as text[]), cast(:mutations as text[]), cast(:keys as text[])) as u(principal, mutation, key)"
FIND = text(f"select k.* from idempotency_key k join {_NAMES} using (principal, mutation, key)")  # noqa: S608
ANSWER = text(
    "update idempotency_key set answer_id = :answer_id"
    " where principal = :principal and mutation = :mutation and key = :key"
)
RELEASE = text(
    f"delete from idempotency_key k using {_NAMES}"  # noqa: S608
    " where (k.principal, k.mutation, k.key) = (u.principal, u.mutation, u.key)"
)


async def claim(writer: Writer, claims: Sequence[Claim]) -> dict[tuple[str, str, str], Claim]:
    """Claim the keys; the earlier claim of each one that was taken before."""
    ordered = sorted(claims, key=lambda each: each.name)
    won = {tuple(row) for row in await CLAIM(writer, ordered)}
    lost = [each.name for each in ordered if each.name not in won]
    if not lost:
        return {}
    return {(row.principal, row.mutation, row.key): Claim(*row[:6]) for row in await writer.execute(FIND, _names(lost))}


async def answer(writer: Writer, claim: Claim) -> None:
    """Say what the answer of a claim is, where that was not known before: nobody else has seen the claim yet."""
    key = {"principal": claim.principal, "mutation": claim.mutation, "key": claim.key}
    await writer.execute(ANSWER, {**key, "answer_id": claim.answer_id})


async def release(writer: Writer, claims: Iterable[Claim]) -> None:
    """Give up keys of requests that were bad input: they leave nothing behind."""
    names = [each.name for each in claims]
    if names:
        await writer.execute(RELEASE, _names(names))


def _names(names: Sequence[tuple[str, str, str]]) -> Mapping[str, list[str]]:
    principals, mutations, keys = zip(*names, strict=True)
    return {"principals": list(principals), "mutations": list(mutations), "keys": list(keys)}
