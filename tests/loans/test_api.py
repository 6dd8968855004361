"""Loans through the API, as a service desk and its managers use it."""

from typing import Any

import pytest_asyncio

from domain.people import Role
from domain.store.database import Database
from tests.graphql.shop import LIMIT, Shop, open_shop
from tests.graphql.web import Caller, a_key, serving

LOANS = """query($n: String!, $p: String!) { member(reference: {number: $n}, program: $p) {
    balances { available loanOutstanding }
    loans { transaction { id } pointType points outstanding redemption { id } repayments { id status points } }
    maximumLoans { points status moves { toStatus points comment } }
} }"""


@pytest_asyncio.fixture
async def shop(database: Database) -> Any:
    async with serving(database) as web:
        yield await open_shop(web)


async def a_lender(shop: Shop) -> Caller:
    return await shop.web.person(Role.MANAGER, program=shop.program, loan_approval_limit=LIMIT)


async def member_of(shop: Shop, number: str) -> Any:
    return (await shop.msr.ask(LOANS, n=number, p=shop.program))["member"]


async def test_a_loan_from_its_maximum_to_its_repayment(shop: Shop) -> None:
    number, lender = await shop.enroll(), await a_lender(shop)
    member = {"member": {"number": number}, "program": shop.program}
    shown = "maximumLoan { id version status submitTo { subject } pointType { code } }"
    asked = await shop.msr.done(
        "memberMaxLoanSet", shown, **member, points="500", submitTo=lender.person.subject, comment="loyal"
    )
    maximum = asked["maximumLoan"]
    assert (maximum["status"], maximum["submitTo"]["subject"]) == ("SUBMITTED", lender.person.subject)
    await lender.done(
        "memberMaxLoanApprove", "maximumLoan { status }", id=maximum["id"], expectedVersion=maximum["version"]
    )
    request = {**member, "points": "300", "idempotencyKey": a_key(), "submitTo": lender.person.subject}
    preview = await shop.msr.done("loanRequest", "preview transaction { status }", **request, preview=True)
    assert preview == {"preview": True, "transaction": {"status": "SUBMITTED"}, "errors": []}
    loan = (await shop.msr.done("loanRequest", "transaction { id status product { code } }", **request))["transaction"]
    assert (loan["status"], loan["product"]["code"]) == ("SUBMITTED", "LOAN")
    await lender.done(
        "transactionApprove", "transaction { status }", id=loan["id"], idempotencyKey=a_key(), andProcess=True
    )
    repay = {"loan": loan["id"], "points": "100", "idempotencyKey": a_key()}
    repaid = await shop.manager.done("loanRepay", "transaction { id status loan { outstanding } }", **repay)
    assert repaid["transaction"]["status"] == "PROCESSED"
    assert repaid["transaction"]["loan"] == {"outstanding": "200"}
    assert await member_of(shop, number) == {
        "balances": [{"available": "200", "loanOutstanding": "200"}],
        "loans": [
            {
                "transaction": {"id": loan["id"]},
                "pointType": "POINTS",
                "points": "300",
                "outstanding": "200",
                "redemption": None,
                "repayments": [{"id": repaid["transaction"]["id"], "status": "PROCESSED", "points": "100"}],
            }
        ],
        "maximumLoans": [
            {
                "points": "500",
                "status": "APPROVED",
                "moves": [
                    {"toStatus": "SUBMITTED", "points": "500", "comment": "loyal"},
                    {"toStatus": "APPROVED", "points": "500", "comment": None},
                ],
            }
        ],
    }


async def test_a_maximum_is_passed_on_and_refused(shop: Shop) -> None:
    number, lender = await shop.enroll(), await a_lender(shop)
    given = {"member": {"number": number}, "program": shop.program, "points": "500"}
    maximum = (await shop.msr.done("memberMaxLoanSet", "maximumLoan { id version }", **given))["maximumLoan"]
    on = {"id": maximum["id"], "expectedVersion": maximum["version"]}
    assert await shop.manager.refused("memberMaxLoanApprove", **on) == [("APPROVAL_LIMIT_EXCEEDED", "id")]
    forwarded = await shop.manager.done(
        "memberMaxLoanForward", "maximumLoan { version submitTo { subject } }", **on, submitTo=lender.person.subject
    )
    assert forwarded["maximumLoan"] == {"version": 2, "submitTo": {"subject": lender.person.subject}}
    assert await lender.refused("memberMaxLoanReject", **on, comment="no") == [("VERSION_CONFLICT", "expectedVersion")]
    on["expectedVersion"] = 2
    rejected = await lender.done("memberMaxLoanReject", "maximumLoan { status submitTo { id } }", **on, comment="no")
    assert rejected["maximumLoan"] == {"status": "REJECTED", "submitTo": None}


async def test_bad_input_is_refused_by_name_and_place(shop: Shop) -> None:
    number, lender = await shop.enroll(), await a_lender(shop)
    member = {"member": {"number": number}, "program": shop.program}
    asked = {**member, "points": "10", "idempotencyKey": a_key()}
    assert await shop.msr.refused("loanRequest", **asked) == [("LOAN_NOT_ALLOWED", "points")]
    await lender.done("memberMaxLoanSet", "maximumLoan { status }", **member, points="50")
    assert await shop.msr.refused("loanRequest", **asked, qualifying=True) == [("QUALIFYING_LOAN", "qualifying")]
    assert await shop.msr.refused("loanRequest", **{**asked, "points": "51"}) == [("LOAN_NOT_ALLOWED", "points")]
    assert await shop.msr.refused("loanRequest", **asked, pointType="MILES") == [("NOT_FOUND", "pointType")]
    loan = (await lender.done("loanRequest", "transaction { id status }", **asked))["transaction"]
    assert loan["status"] == "PROCESSED"
    repay = {"loan": loan["id"], "points": "11", "idempotencyKey": a_key()}
    assert await shop.msr.refused("loanRepay", **repay) == [("REPAYMENT_EXCEEDS_LOAN", "points")]
    assert await shop.msr.refused("loanRepay", **{**repay, "points": "0"}) == [("POINTS_OUT_OF_RANGE", "points")]
    other = {**repay, "points": "1", "pointType": "MILES"}
    assert await shop.msr.refused("loanRepay", **other) == [("OTHER_POINT_TYPE", "pointType")]
    earned = await shop.earn(number, "10")
    assert await shop.msr.refused("loanRepay", **{**repay, "loan": earned["id"]}) == [("NOT_FOUND", "loan")]


async def test_settings_and_tiers_say_how_loans_are_repaid_and_lent(shop: Shop) -> None:
    admin, query = shop.administrator, "program { version settings { repayAutomatically repaymentPercent } }"
    version = (await admin.ask("query($p: String!) { program(code: $p) { version } }", p=shop.program))["program"]
    changed = await admin.done(
        "programUpdate", query, program=shop.program, expectedVersion=version["version"],
        settings={"repayAutomatically": True, "repaymentPercent": 50},
    )  # fmt: skip
    assert changed["program"]["settings"] == {"repayAutomatically": True, "repaymentPercent": 50}
    await admin.done(
        "tierClassCreate", "tierClass { code }", program=shop.program, code="S", name="S", sequence=1, model="ROLLING"
    )
    tier = {"program": shop.program, "tierClass": "S", "code": "B", "name": "B", "sequence": 1}
    loan = {"cap": "3000", "percent": "20", "larger": True}
    made = await admin.done("tierCreate", "tier { loan { cap percent larger } }", **tier, loan=loan)
    assert made["tier"]["loan"] == loan
    assert await admin.refused("tierCreate", **{**tier, "code": "C", "sequence": 2}, loan={}) == [
        ("MISSING_INPUT", "loan")
    ]
    version = (await admin.ask("query($p: String!) { program(code: $p) { version } }", p=shop.program))["program"]
    edit = {"program": shop.program, "tier": "B", "expectedVersion": version["version"]}
    assert (await admin.done("tierUpdate", "tier { loan { cap } }", **edit, loan=None))["tier"] == {"loan": None}


async def test_a_redemption_that_borrows_shows_its_loan(shop: Shop) -> None:
    admin = shop.administrator
    await admin.done(
        "tierClassCreate", "tierClass { code }", program=shop.program, code="S", name="S", sequence=1, model="ROLLING"
    )
    tier = {"program": shop.program, "tierClass": "S", "code": "B", "name": "B", "sequence": 1}
    await admin.done("tierCreate", "tier { code }", **tier, loan={"cap": "100"})
    number = await shop.enroll()
    given = shop.of(number, points="30")
    shown = "transaction { id decision { loans { lent repaid before after limit pointType } text } }"
    redeemed = (await shop.msr.done("pointsRedeem", shown, **given))["transaction"]
    assert redeemed["decision"]["loans"] == [
        {"lent": "30", "repaid": "0", "before": "0", "after": "30", "limit": "100", "pointType": "POINTS"}
    ]
    [loan] = (await member_of(shop, number))["loans"]
    assert loan["redemption"] == {"id": redeemed["id"]}


async def test_partners_do_not_lend(shop: Shop) -> None:
    representative = await shop.web.person(Role.PARTNER_MANAGER, program=shop.program)
    asked = shop.of(await shop.enroll(), points="10")
    answer = await representative.answer(
        "mutation($input: LoanRequestInput!) { loanRequest(input: $input) { errors { code } } }", input=asked
    )
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
