"""What an erasure removes: one list. Whatever else may hold something personal of a member gets a line here.

The ledger is not touched: of its rows only texts that people wrote, and what decisions have seen, and the database allows that
for members who are erased and for nobody else (`triggers.erasable`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, TextClause, any_, bindparam, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from domain.engine.decision import decode, encode
from domain.erasure import ERASED, without_person
from domain.store import tables as t
from domain.store.bulk import BulkUpdate
from domain.store.database import Reader, Writer

PAGE = 1_000

ERASES: Mapping[str, TextClause] = {
    "the profile": text(
        f"update member set name = '{ERASED}', email = null, phone = null, birth_date = null, address = null,"  # noqa: S608 - our own word
        " language = null, consents = '[]', attributes = '{}', erased_at = :now, version = version + 1"
        " where id = any(:ids)"
    ),
    "cards": text("delete from member_identifier where member_id = any(:ids)"),
    "emails on their way, or sent": text(
        "delete from outbox where kind = 'EMAIL' and lower(cast(body as jsonb) ->> 'to') = any(:addresses)"
    ),
    "names under which requests were made": text(
        "update idempotency_key k set principal = 'erased:' || p.id from person p"
        " where p.member_id = any(:ids) and k.principal = p.subject"
    ),
    "logins": text(
        f"update person set name = '{ERASED}', email = null, subject = 'erased:' || id, active = false,"  # noqa: S608 - likewise
        " version = version + 1 where member_id = any(:ids)"
    ),
    "comments and free attributes of transactions": text(
        "update transaction set comment = null, attributes = ("
        "  select jsonb_object_agg(key, value) from jsonb_each(attributes) where 'transaction.attributes.' || key = any(:declared)),"
        " line_items = (select jsonb_agg(jsonb_set(line, '{3}', coalesce(("
        "  select jsonb_object_agg(key, value) from jsonb_each(case jsonb_typeof(line -> 3) when 'object' then line -> 3 else '{}' end) where 'line.attributes.' || key = any(:declared)), '{}'))"
        "  order by place) from jsonb_array_elements(line_items) with ordinality as lines(line, place))"
        " where member_id = any(:ids) and (comment is not null or attributes is not null or line_items is not null)"
    ),
    "comments of approvals": text(
        "update approval a set comment = null from transaction t"
        " where t.id = a.transaction_id and t.member_id = any(:ids) and a.comment is not null"
    ),
    "reasons of changes": text(
        "update member_change set reason = null where member_id = any(:ids) and reason is not null"
    ),
    "comments of holds": text(
        "update point_hold set comment = null where member_id = any(:ids) and comment is not null"
    ),
    "comments of vouchers": text(
        "update voucher_move m set comment = null from voucher v"
        " where v.id = m.voucher_id and v.member_id = any(:ids) and m.comment is not null"
    ),
    "comments of maximum loans": text(
        "update maximum_loan_move m set comment = null from maximum_loan l"
        " where l.id = m.maximum_loan_id and l.member_id = any(:ids) and m.comment is not null"
    ),
    "comments of tier requests": text(
        "update tier_request_move m set comment = null from tier_request r"
        " where r.id = m.tier_request_id and r.member_id = any(:ids) and m.comment is not null"
    ),
    "reasons of tier requests": text(
        f"update tier_request set reason = '{ERASED}' where member_id = any(:ids)"  # noqa: S608 - likewise
    ),
    "what activities say": text(
        f"update activity set subject = '{ERASED}', comment = null where about_type = 'Member' and about_id = any(:ids)"  # noqa: S608 - likewise
    ),
    "and the record of it": text(
        "insert into member_change (member_id, version, person_id, fields, reason, created_at)"
        " select id, version, :person, array['erase'], :reason, :now from member where id = any(:ids)"
    ),
}
"""What is removed, by name, in this order; the profile first, because it marks the member as erased."""

_m, _d = t.member.c, t.decision.c
IDS = bindparam("ids", type_=ARRAY(BigInteger))
MERGED_INTO = select(_m.id).where(_m.merged_into_id == bindparam("id")).order_by(_m.id)
ADDRESSES = text(
    "select lower(email) from member where id = any(:ids) and email is not null"
    " union select lower(email) from person where member_id = any(:ids) and email is not null"
)
DECISIONS = (
    select(_d.transaction_id, _d.attempt, _d.body)
    .join_from(t.transaction, t.decision, _d.transaction_id == t.transaction.c.id)
    .where(t.transaction.c.member_id == any_(IDS))
    .where(tuple_(_d.transaction_id, _d.attempt) > tuple_(bindparam("transaction"), bindparam("attempt")))
    .order_by(_d.transaction_id, _d.attempt)
    .limit(PAGE)
)
REWRITE = BulkUpdate("decision", [("transaction_id", "bigint"), ("attempt", "integer"), ("body", "bytea")], keys=2)


async def person(reader: Reader, member_id: int) -> list[int]:
    """The member and all who were merged into it: one person."""
    return [member_id, *(await reader.execute(MERGED_INTO, {"id": member_id})).scalars()]


async def erase(
    writer: Writer, ids: Sequence[int], declared: Sequence[str], now: datetime, *, by: int | None, reason: str
) -> None:
    """Remove what is personal of locked members who have left; `declared`: the attributes that rules read, which stay."""
    known = {"ids": list(ids)}
    addresses = list((await writer.execute(ADDRESSES, known)).scalars())
    named: dict[str, Any] = {
        **known, "now": now, "addresses": addresses, "declared": list(declared), "person": by, "reason": reason,
    }  # fmt: skip
    for statement in ERASES.values():
        await writer.execute(statement, {name: named[name] for name in statement.compile().params})
    await _rewrite_decisions(writer, known)


async def _rewrite_decisions(writer: Writer, known: Mapping[str, Any]) -> None:
    after = (0, 0)
    while rows := (await writer.execute(DECISIONS, {**known, "transaction": after[0], "attempt": after[1]})).all():
        kept = ((row, decode(row.body)) for row in rows)
        changed = [(row, found) for row, before in kept if (found := without_person(before)) is not before]
        await REWRITE(writer, [(row.transaction_id, row.attempt, encode(found)) for row, found in changed])
        after = rows[-1].transaction_id, rows[-1].attempt
