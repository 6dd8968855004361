"""Partner accounts as clients of the API see them: the partner manager, the partner itself, and those who see nothing."""

from typing import Any

import pytest

from domain.blocks import PointBlock
from domain.global_ids import seal
from domain.people import Principal, Role, Scope
from tests.partner_accounts.kit import Books
from tests.support.factories import a_partner, a_person, acting, somebody
from tests.support.graphql import Client
from tests.support.transactions import a_key

ROW = """kind direction postedOn points money { amount currency } price description reasonCode
    partner { code } program { code } createdBy { name } refunds { id } refund { id } member { id } transaction { id }"""
ACCOUNT = """query($code: String!, $program: String!) { partner(code: $code) {
    balance(program: $program) { available promotions idle overdrawn creditLimit creditLeft total }
    runway(program: $program)
    statement(program: $program, from: "2026-11-01", through: "2026-11-30") {
        program { code } partner { code } startsOn endsOn opening credited debited closing closed number sha256 closedAt
        closedBy { name } timeZone movements { kind promotion entries credited debited }
        charges { kind entries money { amount currency } }
    }
    statements(program: $program) { totalCount edges { node { number closing } } }
    transactions(first: 2) { totalCount pageInfo { hasNextPage } edges { node { kind points } } }
} }"""
LIST = """query($filter: PartnerTransactionFilter, $order: PartnerTransactionOrderBy) {
    partnerTransactions(filter: $filter, orderBy: $order) { edges { node { id kind points money { amount } } } } }"""
BILL = """query($partner: String!, $program: String!) {
    partnerBill(program: $program, partner: $partner, from: "2026-11-01", through: "2026-11-30") {
        complete lines { pointType money { amount currency } }
        fees { kind description reasonCode postedOn money { amount currency } transaction { kind } }
        totals { amount currency }
    } }"""


def client(books: Books, principal: Principal | None = None) -> Client:
    return Client(books.database, principal or books.manager)


def block_id(block: PointBlock) -> str:
    return seal("PointBlock", block.id)


def fee_of(books: Books, **values: Any) -> dict[str, Any]:
    return {
        "idempotencyKey": a_key(), "program": books.program.code, "partner": books.partner.code,
        "description": "Listing", **values,
    }  # fmt: skip


async def test_a_fee_is_charged_and_given_back(books: Books) -> None:
    block, asking = await books.block(1000), client(books)

    given = fee_of(books, block=block_id(block), points="120.5")
    charged = await asking.command("partnerFeeCharge", f"preview replayed transaction {{ id {ROW} }}", **given)
    fee = charged["transaction"]
    assert (charged["preview"], charged["replayed"]) == (False, False)
    assert fee == {
        "id": fee["id"], "kind": "FEE", "direction": "DEBIT", "postedOn": "2026-11-01", "points": "120.50",
        "money": None, "price": "0.01", "description": "Listing", "reasonCode": None,
        "partner": {"code": books.partner.code}, "program": {"code": books.program.code},
        "createdBy": {"name": books.manager.subject}, "refunds": None, "refund": None, "member": None,
        "transaction": None,
    }  # fmt: skip

    back = {"idempotencyKey": a_key(), "fee": fee["id"], "reasonCode": "GOODWILL"}
    refunded = await asking.command("partnerFeeRefund", f"transaction {{ id {ROW} }}", **back)
    assert refunded["transaction"]["refunds"] == {"id": fee["id"]}
    node = "query($id: ID!) { node(id: $id) { ... on PartnerTransaction { refund { id reasonCode } } } }"
    again = (await asking.ask(node, id=fee["id"]))["node"]
    assert again == {"refund": {"id": refunded["transaction"]["id"], "reasonCode": "GOODWILL"}}
    second = "transaction { id } errors { ... on AlreadyRefunded { refund refundedOn message } }"
    query = f"mutation($i: PartnerFeeRefundInput!) {{ partnerFeeRefund(input: $i) {{ {second} }} }}"
    refused = (await asking.ask(query, i={**back, "idempotencyKey": a_key()}))["partnerFeeRefund"]
    assert refused == {
        "transaction": None,
        "errors": [{
            "refund": refunded["transaction"]["id"], "refundedOn": "2026-11-01",
            "message": "This fee was refunded on 2026-11-01: a fee is refunded once, and whole.",
        }],
    }  # fmt: skip


async def test_an_adjustment_and_its_preview(books: Books) -> None:
    block, asking = await books.block(1000), client(books)
    given = {
        "idempotencyKey": a_key(), "program": books.program.code, "partner": books.partner.code,
        "block": block_id(block), "direction": "CREDIT", "points": 5, "description": "Found behind the shelf",
    }  # fmt: skip
    shown = "preview replayed transaction { kind direction points }"
    seen = await asking.command("partnerBalanceAdjust", shown, **given, preview=True)
    assert seen["preview"] is True
    done = await asking.command("partnerBalanceAdjust", shown, **given)
    again = await asking.command("partnerBalanceAdjust", shown, **given)
    assert done["transaction"] == seen["transaction"] == {"kind": "ADJUSTMENT", "direction": "CREDIT", "points": "5.00"}
    assert (done["preview"], done["replayed"], again["replayed"]) == (False, False, True)
    assert await books.left(block) == 1005


async def test_refusals_name_the_place_in_the_words_of_the_input(books: Books) -> None:
    block, asking = await books.block(10), client(books)
    other = await books.block(partner=await a_partner(books.database, books.program))
    for given, expected in (
        (fee_of(books, block=block_id(block), points="11"), ("INSUFFICIENT_BLOCK_POINTS", "points")),
        (fee_of(books, block=block_id(other), points="1"), ("NOT_FOUND", "block")),
        (fee_of(books, block="nonsense", points="1"), ("NOT_FOUND", "block")),
        (fee_of(books, block=block_id(block), points="0"), ("POINTS_OUT_OF_RANGE", "points")),
        (fee_of(books, money={"amount": "0", "currency": "EUR"}), ("ZERO_FEE", "money.amount")),
        (fee_of(books, money={"amount": "1", "currency": "EURO"}), ("UNKNOWN_CURRENCY", "money.currency")),
        (fee_of(books), ("MISSING_INPUT", "points")),
    ):
        assert await asking.refused("partnerFeeCharge", **given) == [expected]
    close = {"program": books.program.code, "partner": books.partner.code}
    assert await asking.refused("statementClose", **close, through="2026-11-01") == [("PERIOD_NOT_OVER", "through")]


async def test_a_partner_sees_its_account_and_nobody_elses(books: Books) -> None:
    block = await books.block(1000)
    await books.fee(block, "100")
    await books.fee(amount="25.00")
    await books.block(7, partner=await a_partner(books.database, books.program))
    books.pass_to(2026, 12, 1)
    closing = {"program": books.program.code, "partner": books.partner.code, "through": "2026-11-30"}
    closed = await client(books).command("statementClose", "statement { number sha256 closing }", **closing)
    assert closed["statement"]["number"] == 1

    codes = {"code": books.partner.code, "program": books.program.code}
    own = client(books, somebody(Role.PARTNER_REPRESENTATIVE, partner=books.partner))
    account = (await own.ask(ACCOUNT, **codes))["partner"]

    assert account.pop("statement") == {
        "program": {"code": books.program.code}, "partner": {"code": books.partner.code}, "startsOn": "2026-11-01",
        "endsOn": "2026-11-30", "opening": "0.00", "credited": "1000.00", "debited": "100.00", "closing": "900.00",
        "closed": True, "number": 1, "sha256": closed["statement"]["sha256"], "closedAt": "2026-12-01T12:00:00+00:00",
        "closedBy": None, "timeZone": "UTC",
        "movements": [
            {"kind": "PURCHASE", "promotion": None, "entries": 1, "credited": "1000.00", "debited": "0.00"},
            {"kind": "FEE", "promotion": None, "entries": 1, "credited": "0.00", "debited": "100.00"},
        ],
        "charges": [
            {"kind": "PURCHASE", "entries": 1, "money": {"amount": "10.00", "currency": "EUR"}},
            {"kind": "FEE", "entries": 1, "money": {"amount": "25.00", "currency": "EUR"}},
        ],
    }  # fmt: skip
    assert account == {
        "balance": {
            "available": "900.00", "promotions": "0.00", "idle": "0.00", "overdrawn": "0.00", "creditLimit": "0.00",
            "creditLeft": "0.00", "total": "900.00",
        },
        "runway": None,
        "statements": {"totalCount": 1, "edges": [{"node": {"number": 1, "closing": "900.00"}}]},
        "transactions": {
            "totalCount": 3, "pageInfo": {"hasNextPage": True},
            "edges": [{"node": {"kind": "FEE", "points": None}}, {"node": {"kind": "FEE", "points": "100.00"}}],
        },
    }  # fmt: skip

    other = await a_partner(books.database, books.program)
    stranger = client(books, somebody(Role.PARTNER_REPRESENTATIVE, partner=other))
    assert (await stranger.ask(ACCOUNT, **codes))["partner"] is None
    assert await stranger.ask(LIST) == {"partnerTransactions": {"edges": []}}
    assert await stranger.ask(LIST, filter={"partner": books.partner.code}) == {"partnerTransactions": {"edges": []}}
    assert (await stranger.ask(BILL, program=books.program.code, partner=books.partner.code))["partnerBill"] is None
    fee = await books.fee(amount="1")
    node = "query($id: ID!) { node(id: $id) { id } }"
    assert await stranger.ask(node, id=seal("PartnerTransaction", fee.transaction.id)) == {"node": None}


async def test_members_see_nothing_of_an_account(books: Books) -> None:
    await books.block(1000)
    member = Principal(None, "m", frozenset({Role.MEMBER}), Scope(member_id=1))
    query = """query($code: String!, $program: String!) { partner(code: $code) {
        balance(program: $program) { total } transactions { edges { node { id } } } } }"""
    seen = await client(books, member).ask(query, code=books.partner.code, program=books.program.code)
    assert seen["partner"] is None
    _, errors = await client(books, member).execute(LIST)
    assert [(error.extensions or {})["code"] for error in errors] == ["FORBIDDEN"]


async def test_partner_transactions_are_filtered_and_sorted(books: Books) -> None:
    block, asking = await books.block(1000), client(books)
    books.pass_to(2026, 11, 2)
    fee = await books.fee(block, "100")
    books.pass_to(2026, 11, 3)
    money = await books.fee(amount="25", currency="USD")
    await books.refund(fee, "MISTAKE")

    async def kinds(order: dict[str, str] | None = None, **filter: Any) -> list[str]:
        wanted = {"program": books.program.code, **filter}
        found = (await asking.ask(LIST, filter=wanted, order=order))["partnerTransactions"]["edges"]
        return [each["node"]["kind"] for each in found]

    assert await kinds() == ["REFUND", "FEE", "FEE", "PURCHASE"]
    assert await kinds({"field": "CREATED_AT", "direction": "ASC"}) == ["PURCHASE", "FEE", "FEE", "REFUND"]
    assert await kinds(kind=["FEE", "PURCHASE"]) == ["FEE", "FEE", "PURCHASE"]
    assert await kinds(direction="CREDIT") == ["REFUND", "PURCHASE"]
    assert await kinds(postedFrom="2026-11-02", postedThrough="2026-11-02") == ["FEE"]
    assert await kinds(currency="USD") == ["FEE"]
    assert await kinds(reasonCode="MISTAKE") == ["REFUND"]
    assert await kinds(refunded=True) == ["FEE"]
    assert await kinds(refunded=False) == ["FEE"]
    assert await kinds(block=block_id(block)) == ["REFUND", "FEE", "PURCHASE"]
    assert await kinds(partner=books.partner.code, host=False) == ["REFUND", "FEE", "FEE", "PURCHASE"]
    assert await kinds(host=True) == []
    assert await kinds(partner="NONE") == []
    found = (await asking.ask(LIST, filter={"program": books.program.code, "refunded": False}))["partnerTransactions"]
    assert found["edges"][0]["node"]["id"] == seal("PartnerTransaction", money.transaction.id)


async def test_a_bill_has_fees_in_money_and_their_refunds(books: Books) -> None:
    block = await books.block(1000)
    await books.fee(block, "100")
    await books.fee(amount="25.00", description="Brochure")
    books.pass_to(2026, 11, 20)
    await books.refund(await books.fee(amount="9.50", currency="USD"), "MISTAKE")
    books.pass_to(2026, 12, 1)
    await books.fee(amount="1")

    bill = (await client(books).ask(BILL, program=books.program.code, partner=books.partner.code))["partnerBill"]

    def line(kind: str, day: str, money: str, said: str | None, reason: str | None) -> dict[str, Any]:
        amount, currency = money.split()
        return {
            "kind": kind, "postedOn": day, "money": {"amount": amount, "currency": currency}, "description": said,
            "reasonCode": reason, "transaction": {"kind": kind},
        }  # fmt: skip

    assert bill == {
        "complete": True,
        "lines": [],
        "fees": [
            line("FEE", "2026-11-01", "25.00 EUR", "Brochure", None),
            line("FEE", "2026-11-20", "9.50 USD", "Listing", None),
            line("REFUND", "2026-11-20", "-9.50 USD", None, "MISTAKE"),
        ],
        "totals": [{"amount": "25.00", "currency": "EUR"}, {"amount": "0.00", "currency": "USD"}],
    }


async def test_the_host_has_an_account_of_its_own(books: Books) -> None:
    await books.block(1000)
    query = """query($program: String!) {
        partnerBalance(program: $program) { total }
        partnerStatement(program: $program, from: "2026-11-01", through: "2026-11-01") { partner { code } closing } }"""
    found = await client(books).ask(query, program=books.program.code)
    assert found == {
        "partnerBalance": {"total": "0.00"}, "partnerStatement": {"partner": None, "closing": "0.00"},
    }  # fmt: skip
    own = somebody(Role.PARTNER_REPRESENTATIVE, partner=books.partner)
    seen = await client(books, own).ask(query, program=books.program.code)
    assert seen == {"partnerBalance": None, "partnerStatement": None}


@pytest.mark.parametrize(
    "role", [Role.MSR, Role.MANAGER, Role.PARTNER_APPROVER, Role.PARTNER_REPRESENTATIVE, Role.MEMBER]
)
@pytest.mark.parametrize("mutation", ["partnerBalanceAdjust", "partnerFeeCharge", "partnerFeeRefund", "statementClose"])
async def test_only_partner_managers_and_administrators_book(books: Books, mutation: str, role: Role) -> None:
    person = acting(await a_person(books.database, role)) if role in {Role.MSR, Role.MANAGER} else somebody(role)
    inputs = {
        "partnerBalanceAdjust": {"idempotencyKey": "1", "program": "P", "block": "B", "direction": "DEBIT", "points": 1, "description": "x"},
        "partnerFeeCharge": {"idempotencyKey": "1", "program": "P", "partner": "H", "description": "x"},
        "partnerFeeRefund": {"idempotencyKey": "1", "fee": "F", "reasonCode": "R"},
        "statementClose": {"program": "P", "through": "2026-11-30"},
    }  # fmt: skip
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    query = f"mutation($i: {kind}!) {{ {mutation}(input: $i) {{ errors {{ code }} }} }}"
    _, errors = await client(books, person).execute(query, i=inputs[mutation])
    assert [(error.extensions or {})["code"] for error in errors] == ["FORBIDDEN"]
