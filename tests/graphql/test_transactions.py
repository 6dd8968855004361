"""Transactions found, listed and shown, each viewer seeing what is theirs to see."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.commands.members import MemberReference
from domain.people import Role
from tests.graphql.shop import Shop, open_shop
from tests.graphql.web import Web
from tests.support.factories import a_code

TODAY = datetime.now(UTC).date()
LIST = """query($filter: TransactionFilter, $orderBy: TransactionOrderBy, $first: Int! = 20, $after: String) {
    transactions(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { externalId } }
    }
}"""


async def found(shop: Shop, **filter: Any) -> list[str]:
    """The external ids of a filtered list."""
    data = await shop.msr.ask(LIST, filter={"program": shop.program, **filter})
    return [edge["node"]["externalId"] for edge in data["transactions"]["edges"]]


EVERYTHING = """
    program { code } member { number } type subType status subStatus transactionDate processedAt
    createdBy { subject } product { code } money { amount currency } quantity
    lineItems { product quantity amount attributes } attributes partner { code } basePoints pointType { code }
    qualifying points submitTo { subject } external source externalId comment totals { points } attempts version
    decision { text } decisions { text }
"""
SAID: dict[str, Any] = {
    "subType": "PRODUCT",
    "points": None,
    "transactionDate": f"{TODAY - timedelta(days=3)}",
    "product": "BED",
    "amount": "120.50",
    "quantity": "2",
    "lineItems": [
        {"product": "BED", "quantity": "2", "amount": "100"},
        {"attributes": {"kind": "tax"}, "amount": "20.5"},
    ],
    "attributes": {"room": 12, "late": True, "weight": "1.25"},
    "basePoints": "12.5",
    "pointType": "POINTS",
    "qualifying": False,
    "source": "desk",
    "externalId": "E-7",
    "comment": "Paid\nin cash",
}


async def test_a_transaction_shows_everything_that_was_said(shop: Shop) -> None:
    partner = a_code("HOTEL")
    await shop.administrator.done("partnerCreate", "partner { code }", code=partner, name="Hotel")
    await shop.administrator.done("productCreate", "product { code }", program=shop.program, code="BED", name="Bed")
    member = await shop.enroll()
    recorded = await shop.record(
        member,
        EVERYTHING,
        partner=partner,
        submitTo=shop.director.person.subject,
        **SAID,
    )
    assert recorded == {
        "program": {"code": shop.program},
        "member": {"number": member},
        "type": "ACCRUAL",
        "subType": "PRODUCT",
        "status": "IN_PROGRESS",
        "subStatus": None,
        "transactionDate": f"{TODAY - timedelta(days=3)}",
        "processedAt": None,
        "createdBy": {"subject": shop.msr.person.subject},
        "product": {"code": "BED"},
        "money": {"amount": "120.50", "currency": "EUR"},
        "quantity": "2",
        "lineItems": [
            {"product": "BED", "quantity": "2", "amount": "100", "attributes": {}},
            {"product": None, "quantity": None, "amount": "20.5", "attributes": {"kind": "tax"}},
        ],
        "attributes": {"room": 12, "late": True, "weight": "1.25"},
        "partner": {"code": partner},
        "basePoints": "12.5",
        "pointType": {"code": "POINTS"},
        "qualifying": False,
        "points": None,
        "submitTo": {"subject": shop.director.person.subject},
        "external": False,
        "source": "desk",
        "externalId": "E-7",
        "comment": "Paid\nin cash",
        "totals": [],
        "attempts": 0,
        "version": 1,
        "decision": None,
        "decisions": [],
    }


async def test_every_attempt_has_its_decision(shop: Shop) -> None:
    member = await shop.enroll()
    payload = await shop.msr.command("pointsRedeem", "transaction { id }", **shop.of(member, points="5"))
    id_ = payload["transaction"]["id"]
    await shop.earn(member, "10")
    await shop.msr.done("transactionReopen", "transaction { status }", id=id_)
    await shop.msr.done("transactionAccept", "transaction { status }", id=id_)
    done = await shop.msr.done(
        "transactionProcess",
        """transaction { status attempts decision { attempt subStatus }
            decisions { attempt subStatus refusal { code ... on InsufficientPoints { available } } } }""",
        id=id_,
        idempotencyKey="second try",
    )
    assert done["transaction"] == {
        "status": "PROCESSED",
        "attempts": 2,
        "decision": {"attempt": 2, "subStatus": "SUCCESS"},
        "decisions": [
            {
                "attempt": 1,
                "subStatus": "INSUFFICIENT_POINTS",
                "refusal": {"code": "INSUFFICIENT_POINTS", "available": "0"},
            },
            {"attempt": 2, "subStatus": "SUCCESS", "refusal": None},
        ],
    }


async def test_a_list_is_filtered_sorted_and_read_page_by_page(shop: Shop) -> None:
    ada, bob = await shop.enroll(), await shop.enroll(name="Bob")
    for day, (member, amount) in enumerate([(ada, "1"), (bob, "2"), (ada, "3"), (bob, "4")]):
        date = f"{TODAY - timedelta(days=day)}"
        await shop.earn(member, amount, externalId=f"E-{amount}", source="till", transactionDate=date)
    await shop.msr.command("pointsRedeem", "replayed", **shop.of(ada, points=100, externalId="E-5", source="web"))

    assert await found(shop) == ["E-5", "E-4", "E-3", "E-2", "E-1"]
    assert await found(shop, member={"number": ada}) == ["E-5", "E-3", "E-1"]
    assert await found(shop, type="REDEMPTION") == ["E-5"]
    assert await found(shop, status=["REJECTED_ENGINE"]) == ["E-5"]
    assert await found(shop, subStatus=["INSUFFICIENT_POINTS", "LIMIT_EXCEEDED"]) == ["E-5"]
    assert await found(shop, source="till", externalId="E-2") == ["E-2"]
    assert await found(shop, transactionDateFrom=f"{TODAY - timedelta(days=2)}", transactionDateThrough=f"{TODAY - timedelta(days=1)}") == ["E-3", "E-2"]  # fmt: skip
    assert await found(shop, createdBy=shop.manager.person.subject) == []
    assert await found(shop, member={"number": "nobody"}) == []

    oldest = {
        "filter": {"program": shop.program, "type": "ACCRUAL"},
        "orderBy": {"field": "TRANSACTION_DATE", "direction": "ASC"},
    }
    first = (await shop.msr.ask(LIST, **oldest, first=3))["transactions"]
    assert [edge["node"]["externalId"] for edge in first["edges"]] == ["E-4", "E-3", "E-2"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (4, True)
    rest = (await shop.msr.ask(LIST, **oldest, first=3, after=first["pageInfo"]["endCursor"]))["transactions"]
    assert ([edge["node"]["externalId"] for edge in rest["edges"]], rest["pageInfo"]["hasNextPage"]) == (["E-1"], False)


async def test_a_member_shows_its_transactions(shop: Shop) -> None:
    ada = await shop.enroll()
    await shop.earn(ada, "10", externalId="E-1")
    await shop.earn(await shop.enroll(), "10", externalId="E-2")
    await shop.msr.done("pointsGift", "replayed", **shop.of(ada, points=5, externalId="E-3"))
    query = """query($n: String!, $p: String!, $filter: MemberTransactionFilter, $first: Int!) {
        member(reference: {number: $n}, program: $p) {
            transactions(filter: $filter, first: $first) { totalCount edges { node { externalId } } } } }"""

    async def shown(first: int, **filter: Any) -> tuple[int, list[str]]:
        data = await shop.msr.ask(query, n=ada, p=shop.program, filter=filter, first=first)
        found = data["member"]["transactions"]
        return found["totalCount"], [edge["node"]["externalId"] for edge in found["edges"]]

    assert await shown(10) == (2, ["E-3", "E-1"])
    assert await shown(1) == (2, ["E-3"])
    assert await shown(10, subType=["PRODUCT"]) == (1, ["E-1"])


async def test_a_transaction_is_found_as_the_system_that_sent_it_knows_it(shop: Shop) -> None:
    member = await shop.enroll()
    plain = await shop.earn(member, "1", externalId="E-1")
    by_till = await shop.earn(member, "2", externalId="E-1", source="till")
    query = "query($e: ExternalIdInput!) { transaction(externalId: $e) { id } }"

    async def find(**said: Any) -> Any:
        given = {"program": shop.program, "externalId": "E-1", **said}
        return (await shop.msr.ask(query, e=given))["transaction"]

    assert await find() == plain
    assert await find(source="till") == by_till
    assert await find(source="web") is None
    assert await find(partner="NOBODY") is None
    assert await find(program="NOWHERE") is None


async def test_a_transaction_is_asked_for_in_exactly_one_way(shop: Shop) -> None:
    for query in (
        "{ transaction { id } }",
        '{ transaction(id: "a", externalId: {program: "a", externalId: "b"}) { id } }',
    ):
        answer = await shop.msr.answer(query)
        assert answer["data"] == {"transaction": None}
        assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_everybody_sees_only_what_is_theirs(web: Web, shop: Shop) -> None:
    ours, theirs = a_code("OURS"), a_code("THEIRS")
    for code in (ours, theirs):
        await shop.administrator.done("partnerCreate", "partner { code }", code=code, name=code)
        await shop.administrator.done("partnerTermsSet", "terms { active }", program=shop.program, partner=code)
    ada, bob = await shop.enroll(), await shop.enroll()
    await shop.earn(ada, "1", externalId="E-1", partner=ours)
    await shop.earn(bob, "2", externalId="E-2", partner=theirs)
    await shop.earn(bob, "3", externalId="E-3")
    id_ = (await shop.earn(bob, "4", externalId="E-4"))["id"]
    other = await open_shop(web)
    viewers = {
        "partner": await web.person(Role.PARTNER_REPRESENTATIVE, partner=ours),
        "member": await web.person(Role.MEMBER, program=shop.program, member=MemberReference(number=bob)),
        "other program": other.msr,
    }
    seen = {}
    for name, viewer in viewers.items():
        data = await viewer.ask(LIST)
        seen[name] = [edge["node"]["externalId"] for edge in data["transactions"]["edges"]]
    assert seen == {"partner": ["E-1"], "member": ["E-4", "E-3", "E-2"], "other program": []}
    query = "query($id: ID!) { transaction(id: $id) { id } node(id: $id) { id } }"
    nothing = {"transaction": None, "node": None}
    assert await viewers["partner"].ask(query, id=id_) == nothing
    assert await viewers["other program"].ask(query, id=id_) == nothing
    assert await viewers["partner"].refused("transactionRecall", id=id_) == [("NOT_FOUND", "id")]


async def test_a_partner_records_for_its_own_organisation_alone(shop: Shop) -> None:
    ours = a_code("OURS")
    await shop.administrator.done("partnerCreate", "partner { code }", code=ours, name=ours)
    await shop.administrator.done("partnerTermsSet", "terms { active }", program=shop.program, partner=ours)
    clerk = await shop.web.person(Role.PARTNER_REPRESENTATIVE, partner=ours)
    member = await shop.enroll()
    payload = await clerk.done(
        "pointsEarn",
        "transaction { partner { code } member { number } }",
        **shop.of(member, amount="5", externalId="E-1"),
    )
    assert payload["transaction"] == {"partner": {"code": ours}, "member": {"number": member}}
    assert await clerk.refused("pointsEarn", **shop.of(member, amount="5", partner="OTHERS")) == [
        ("NOT_FOUND", "partner")
    ]
    query = "query($e: ExternalIdInput!) { transaction(externalId: $e) { partner { code } } }"
    given = {"program": shop.program, "externalId": "E-1"}
    assert await clerk.ask(query, e=given) == {"transaction": {"partner": {"code": ours}}}


async def test_members_redeem_for_themselves_and_nothing_else(shop: Shop) -> None:
    ada, bob = await shop.enroll(), await shop.enroll()
    await shop.earn(ada, "10")
    herself = await shop.web.person(Role.MEMBER, program=shop.program, member=MemberReference(number=ada))
    payload = await herself.done(
        "pointsRedeem", "transaction { status createdBy { subject } }", **shop.of(ada, points=4)
    )
    assert payload["transaction"]["status"] == "PROCESSED"
    assert await herself.refused("pointsRedeem", **shop.of(bob, points=1)) == [("NOT_FOUND", "member")]
    answer = await herself.answer(
        "mutation($input: PointsEarnInput!) { pointsEarn(input: $input) { replayed } }", input=shop.of(ada, amount="1")
    )
    assert answer["errors"][0]["extensions"] == {"code": "FORBIDDEN"}
    assert await herself.refused("transactionCreate", **shop.of(ada, type="ACCRUAL", amount="1")) == [
        ("NOT_ALLOWED", "")
    ]
    assert await shop.available(ada) == "6"
