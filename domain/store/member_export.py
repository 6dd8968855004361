"""Everything that is stored of a member, as documents: one list of questions. A new table of a member gets a line here.

Points are the whole numbers of the store, in units of the smallest part: `pointTypes` says how many decimals each kind has.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import TextClause, text

from domain.store.database import Reader
from domain.store.json import decode


def _of(table: str, condition: str = "x.member_id = any(:ids)", order: str = "1") -> TextClause:
    return text(f"select cast(to_jsonb(x) as text) from {table} x where {condition} order by {order}")  # noqa: S608 - our own words


SECTIONS: Mapping[str, TextClause] = {
    "pointTypes": _of("point_type", "x.program_id in (select program_id from member where id = any(:ids))"),
    "profile": _of("member", "x.id = any(:ids)"),
    "identifiers": _of("member_identifier"),
    "changes": _of("member_change"),
    "logins": _of("person"),
    "balances": _of("balance"),
    "transactions": _of("transaction", order="x.id"),
    "approvals": _of("approval", "x.transaction_id in (select id from transaction where member_id = any(:ids))"),
    "lots": _of("lot", order="x.transaction_id, x.position"),
    "lotUses": _of("lot_use", order="x.transaction_id, x.position"),
    "lotExtensions": _of("lot_extension"),
    "lotReversals": _of("lot_reversal"),
    "tiers": _of("member_tier"),
    "tierRequests": _of("tier_request"),
    "tierRequestMoves": _of(
        "tier_request_move", "x.tier_request_id in (select id from tier_request where member_id = any(:ids))"
    ),
    "vouchers": _of("voucher"),
    "voucherMoves": _of("voucher_move", "x.voucher_id in (select id from voucher where member_id = any(:ids))"),
    "holds": _of("point_hold"),
    "loans": _of("loan"),
    "maximumLoans": _of("maximum_loan"),
    "maximumLoanMoves": _of(
        "maximum_loan_move", "x.maximum_loan_id in (select id from maximum_loan where member_id = any(:ids))"
    ),
    "families": _of("family_membership", "x.member_id = any(:ids) or x.family_id = any(:ids)"),
    "promotionsJoined": _of("promotion_enrollment"),
    "emails": _of(
        "outbox",
        "x.kind = 'EMAIL' and lower(cast(x.body as jsonb) ->> 'to') in ("
        "select lower(email) from member where id = any(:ids) union select lower(email) from person where member_id = any(:ids))",
    ),
    "campaigns": _of("campaign_member"),
    "activities": _of("activity", "x.about_type = 'Member' and x.about_id = any(:ids)"),
}
"""By the name that the file shows."""

TRANSACTIONS = text("select count(*) from transaction where member_id = any(:ids)")


async def transactions(reader: Reader, ids: Sequence[int]) -> int:
    """How many transactions a person has."""
    return int((await reader.execute(TRANSACTIONS, {"ids": list(ids)})).scalar_one())


async def sections(reader: Reader, ids: Sequence[int]) -> dict[str, list[Any]]:
    """What is stored of a person: a member, and those who were merged into it."""
    known = {"ids": list(ids)}
    return {
        name: [decode(row) for row in (await reader.execute(statement, known)).scalars()]
        for name, statement in SECTIONS.items()
    }
