"""Members as they are written: new ones by the set, changes one at a time under the member's lock.

A change of version `n` is recorded in `member_change` with the names of the fields: values of people are kept in one place only.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, text, update

from domain.members import Identifier, Member, MemberChange
from domain.store import tables as t
from domain.store.bulk import BulkInsert
from domain.store.conflicts import conflicts
from domain.store.database import Writer
from domain.store.documents import to_document
from domain.store.json import encode

TAKE_IDS = text("select nextval('member_id_seq') from generate_series(1, :count)")

COLUMNS = [
    ("id", "bigint"), ("program_id", "bigint"), ("number", "text"), ("kind", "text"), ("name", "text"),
    ("email", "text"), ("phone", "text"), ("birth_date", "date"), ("address", "jsonb"), ("language", "text"),
    ("consents", "jsonb"), ("referrer_id", "bigint"), ("attributes", "jsonb"), ("status", "text"),
    ("enrolled_on", "date"), ("enrolled_by_id", "bigint"), ("enrolled_by_partner_id", "bigint"),
    ("version", "integer"), ("created_at", "timestamptz"),
]  # fmt: skip
INSERT = BulkInsert("member", COLUMNS)
INSERT_IDENTIFIERS = BulkInsert(
    "member_identifier", [("program_id", "bigint"), ("kind", "text"), ("value", "text"), ("member_id", "bigint")]
)

_CHANGING = (
    "kind", "name", "email", "phone", "birth_date", "address", "language", "consents", "attributes", "status", "version",
)  # fmt: skip
UPDATE = (
    update(t.member)
    .where(t.member.c.id == bindparam("member_id"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGING})
)
SET_VERSION = update(t.member).where(t.member.c.id == bindparam("member_id")).values(version=bindparam("new_version"))
DELETE_IDENTIFIERS = delete(t.member_identifier).where(t.member_identifier.c.member_id == bindparam("member_id"))
INSERT_CHANGE = insert(t.member_change)


async def take_ids(writer: Writer, count: int) -> list[int]:
    """Keys for new members; those of a roll-back are lost, which is harmless."""
    return list((await writer.execute(TAKE_IDS, {"count": count})).scalars())


async def add(writer: Writer, members: Sequence[Member]) -> None:
    """New members with their identifiers, in the order of their numbers, so that no two writers wait for each other; raises Taken."""
    ordered = sorted(members, key=lambda member: member.number)
    cards = sorted((one.program_id, card.kind, card.value, one.id) for one in members for card in one.identifiers)
    with conflicts():
        await INSERT(writer, [_row(member) for member in ordered])
        await INSERT_IDENTIFIERS(writer, cards)


def _row(member: Member) -> Sequence[Any]:
    return (
        member.id, member.program_id, member.number, member.kind.value, member.name, member.email, member.phone,
        member.birth_date, None if member.address is None else encode(to_document(member.address)),
        member.language, encode(to_document(member.consents)), member.referrer_id, encode(member.attributes),
        member.status.value, member.enrolled_on, member.enrolled_by_id, member.enrolled_by_partner_id, member.version,
        member.created_at,
    )  # fmt: skip


async def change(writer: Writer, before: Member, after: Member, record: MemberChange) -> None:
    """Write a locked member as it is now, and who changed what; raises Taken."""
    values = {f"new_{name}": getattr(after, name) for name in _CHANGING}
    values["new_address"] = None if after.address is None else to_document(after.address)
    values["new_consents"] = to_document(after.consents)
    await writer.execute(UPDATE, {"member_id": after.id, **values})
    await writer.execute(INSERT_CHANGE, {name: getattr(record, name) for name in record.__slots__})
    if before.identifiers != after.identifiers:
        await _replace_identifiers(writer, after, after.identifiers)


async def record(writer: Writer, change: MemberChange) -> None:
    """Who changed what of a locked member whose row is written elsewhere; its version becomes that of the change."""
    await writer.execute(SET_VERSION, {"member_id": change.member_id, "new_version": change.version})
    await writer.execute(INSERT_CHANGE, {name: getattr(change, name) for name in change.__slots__})


async def _replace_identifiers(writer: Writer, member: Member, identifiers: Sequence[Identifier]) -> None:
    await writer.execute(DELETE_IDENTIFIERS, {"member_id": member.id})
    with conflicts():
        await INSERT_IDENTIFIERS(
            writer, [(member.program_id, one.kind, one.value, member.id) for one in sorted(identifiers, key=_unique)]
        )


def _unique(identifier: Identifier) -> tuple[str, str]:
    return identifier.kind, identifier.value
