"""Statements as clients of the API see them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.commands.members import MemberReference
from domain.people import Role
from tests.graphql.shop import Shop
from tests.graphql.web import Caller, Web

LINE = (
    "edges { node { position kind points balance transaction { subType comment } } } pageInfo { endCursor hasNextPage }"
)
QUERY = """query($n: String!, $p: String!, $from: Date!, $to: Date!, $first: Int! = 20, $after: String) {
    member(reference: {number: $n}, program: $p) { statement(from: $from, to: $to) {
        startsOn endsOn timeZone complete
        accounts { pointType opening credited debited closing lines(first: $first, after: $after) { totalCount %s } }
    } } }"""


def today() -> str:
    return datetime.now(UTC).date().isoformat()


async def asked(caller: Caller, shop: Shop, number: str, **values: Any) -> Any:
    """The answer about today."""
    given = {"n": number, "p": shop.program, "from": today(), "to": today(), **values}
    return await caller.answer(QUERY % LINE, **given)


async def test_a_statement_is_a_field_of_the_member(shop: Shop, web: Web) -> None:
    number = await shop.enroll()
    await shop.earn(number, "100", comment="for staff")
    await shop.msr.done("pointsRedeem", "transaction { id }", **shop.of(number, points="30"))

    statement = (await asked(shop.msr, shop, number))["data"]["member"]["statement"]

    [account] = statement.pop("accounts")
    assert statement == {"startsOn": today(), "endsOn": today(), "timeZone": "UTC", "complete": False}
    lines = [edge["node"] for edge in account.pop("lines")["edges"]]
    assert account == {"pointType": "POINTS", "opening": "0", "credited": "100", "debited": "30", "closing": "70"}
    bought = {"subType": "PRODUCT", "comment": "for staff"}
    spent = {"subType": "PRODUCT", "comment": None}
    assert lines == [
        {"position": 1, "kind": "TRANSACTION", "points": "100", "balance": "100", "transaction": bought},
        {"position": 2, "kind": "TRANSACTION", "points": "-30", "balance": "70", "transaction": spent},
    ]
    member = await web.person(Role.MEMBER, program=shop.program, member=MemberReference(number=number))
    [seen] = (await asked(member, shop, number))["data"]["member"]["statement"]["accounts"]
    assert seen["lines"]["edges"][0]["node"]["transaction"] == {"subType": "PRODUCT", "comment": None}


async def test_lines_come_in_pages(shop: Shop) -> None:
    number = await shop.enroll()
    for amount in ("1", "2", "4"):
        await shop.earn(number, amount)
    found, after = [], None
    for more in (True, True, False):
        answer = await asked(shop.msr, shop, number, first=1, after=after)
        [account] = answer["data"]["member"]["statement"]["accounts"]
        assert (account["closing"], account["lines"]["totalCount"]) == ("7", 3)
        found += [edge["node"]["balance"] for edge in account["lines"]["edges"]]
        assert account["lines"]["pageInfo"]["hasNextPage"] is more
        after = account["lines"]["pageInfo"]["endCursor"]
    assert found == ["1", "3", "7"]
    [error] = (await asked(shop.msr, shop, number, after="WzEsIngiXQ"))["errors"]
    assert error["message"].startswith("This cursor belongs to another list")


async def test_a_period_that_cannot_be_is_refused_by_name(shop: Shop) -> None:
    number = await shop.enroll()
    tomorrow = (datetime.now(UTC).date() + timedelta(1)).isoformat()
    for values, said in (
        ({"to": tomorrow}, f"to is '{tomorrow}'; expected a date that has begun: today is {today()}."),
        ({"from": tomorrow}, f"to is '{today()}'; expected a date from {tomorrow} on."),
        ({"from": "1850-01-01"}, "from is '1850-01-01'; expected a date from 1900-01-01 on."),
    ):
        answer = await asked(shop.msr, shop, number, **values)
        [error] = answer["errors"]
        assert (error["message"], error["extensions"]["code"]) == (said, "INVALID_INPUT")
        assert answer["data"]["member"] == {"statement": None}


async def test_a_partner_sees_no_statement_of_whom_it_serves(shop: Shop, web: Web) -> None:
    code = "P" + shop.program[-6:]
    await shop.administrator.done("partnerCreate", "partner { code }", code=code, name="Hotel")
    await shop.administrator.done("partnerTermsSet", "terms { version }", program=shop.program, partner=code)
    partner = await web.person(Role.PARTNER_REPRESENTATIVE, program=shop.program, partner=code)
    guest = (await partner.done("memberEnroll", "member { number }", program=shop.program, name="Guest"))["member"]
    await shop.earn(guest["number"], "100")
    assert await asked(partner, shop, guest["number"]) == {"data": {"member": {"statement": None}}}
