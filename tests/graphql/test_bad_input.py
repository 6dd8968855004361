"""Bad input: each kind has its own code and place, and leaves nothing behind: no transaction, not even its key."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.people import Role
from tests.graphql.shop import Shop, open_shop
from tests.graphql.web import Web

TOMORROW = f"{datetime.now(UTC).date() + timedelta(days=2)}"
LONG_AGO = "1999-12-31"
PURCHASE = {"amount": "10"}


@pytest.mark.parametrize(
    ("mutation", "said", "found"),
    [
        ("pointsEarn", {**PURCHASE, "program": "NOWHERE"}, ("NOT_FOUND", "program")),
        ("pointsEarn", {**PURCHASE, "member": {"number": "nobody"}}, ("NOT_FOUND", "member")),
        ("pointsEarn", {**PURCHASE, "member": {"card": "0000"}}, ("NOT_FOUND", "member")),
        ("pointsEarn", {**PURCHASE, "member": {"email": "no@body.example"}}, ("NOT_FOUND", "member")),
        ("pointsEarn", {**PURCHASE, "member": {"id": "rubbish"}}, ("NOT_FOUND", "member")),
        ("pointsEarn", {**PURCHASE, "member": {"id": "UHJvZ3JhbTox"}}, ("NOT_FOUND", "member")),
        ("pointsEarn", {**PURCHASE, "product": "NOTHING"}, ("NOT_FOUND", "product")),
        ("pointsEarn", {**PURCHASE, "partner": "NOBODY"}, ("NOT_FOUND", "partner")),
        ("pointsEarn", {**PURCHASE, "pointType": "STARS"}, ("NOT_FOUND", "pointType")),
        ("pointsEarn", {**PURCHASE, "transactionDate": TOMORROW}, ("DATE_OUT_OF_RANGE", "transactionDate")),
        ("pointsEarn", {**PURCHASE, "transactionDate": LONG_AGO}, ("DATE_OUT_OF_RANGE", "transactionDate")),
        ("pointsEarn", {"amount": "-10"}, ("AMOUNT_OUT_OF_RANGE", "amount")),
        ("pointsEarn", {"amount": "9999999999999999999"}, ("AMOUNT_OUT_OF_RANGE", "amount")),
        ("pointsEarn", {"amount": "10.005"}, ("AMOUNT_TOO_FINE", "amount")),
        ("pointsEarn", {**PURCHASE, "currency": "XYZ"}, ("UNKNOWN_CURRENCY", "currency")),
        ("pointsEarn", {**PURCHASE, "quantity": "-1"}, ("INVALID_INPUT", "quantity")),
        ("pointsEarn", {**PURCHASE, "basePoints": "-5"}, ("INVALID_INPUT", "basePoints")),
        ("pointsEarn", {"lineItems": [{"amount": "1"}, {"amount": "-1"}]}, ("AMOUNT_OUT_OF_RANGE", "lineItems.1.amount")),
        ("pointsEarn", {**PURCHASE, "source": "A\n"}, ("INVALID_INPUT", "source")),
        ("pointsEarn", {**PURCHASE, "comment": "x" * 1001}, ("INVALID_INPUT", "comment")),
        ("pointsEarn", {**PURCHASE, "idempotencyKey": ""}, ("MISSING_INPUT", "idempotencyKey")),
        ("pointsRedeem", {}, ("MISSING_INPUT", "product")),
        ("pointsRedeem", {"points": "0"}, ("INVALID_INPUT", "points")),
        ("pointsRedeem", {"points": "-1"}, ("INVALID_INPUT", "points")),
        ("pointsRedeem", {"points": "1.5"}, ("TOO_MANY_DECIMALS", "points")),
        ("pointsGift", {"points": "99999999999999999999"}, ("INVALID_INPUT", "points")),
        ("transactionCreate", {"type": "ACCRUAL", "subType": "EXPIRY", "points": 1}, ("INVALID_INPUT", "subType")),
        ("transactionCreate", {"type": "ACCRUAL", "subType": "LOAN", "points": 1}, ("INVALID_INPUT", "subType")),
        ("transactionCreate", {"type": "ACCRUAL", "subType": "GIFT"}, ("MISSING_INPUT", "points")),
        ("transactionCreate", {"type": "ACCRUAL", **PURCHASE, "submitTo": "nobody"}, ("NOT_FOUND", "submitTo")),
        (
            "transactionCreate",
            {"type": "ACCRUAL", **PURCHASE, "queue": True, "sendToPartner": True},
            ("INVALID_INPUT", "queue"),
        ),
    ],
)  # fmt: skip
async def test_what_cannot_be_right_is_refused_at_its_place(
    shop: Shop, mutation: str, said: dict[str, Any], found: tuple[str, str]
) -> None:
    member = await shop.enroll()
    given = {**shop.of(member), **said}
    assert await shop.msr.refused(mutation, **given) == [found]
    assert await shop.count() == 0
    if given["idempotencyKey"]:
        await shop.msr.done("pointsEarn", "replayed", **shop.of(member, **PURCHASE))
        right = {**shop.of(member, **PURCHASE), "idempotencyKey": given["idempotencyKey"]}
        assert (await shop.msr.done("pointsEarn", "replayed", **right))["replayed"] is False


async def test_everything_wrong_is_said_at_once(shop: Shop) -> None:
    member = await shop.enroll()
    wrong = {"amount": "-1", "currency": "XYZ", "transactionDate": LONG_AGO, "product": "NOTHING"}
    assert sorted(await shop.msr.refused("pointsEarn", **shop.of(member, **wrong))) == [
        ("AMOUNT_OUT_OF_RANGE", "amount"),
        ("DATE_OUT_OF_RANGE", "transactionDate"),
        ("NOT_FOUND", "product"),
        ("UNKNOWN_CURRENCY", "currency"),
    ]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"amount": 10.5}, "Decimal cannot be"),
        ({"amount": "ten"}, "Decimal cannot be 'ten'"),
        ({"amount": "1e5"}, "Decimal cannot be '1e5'"),
        ({"basePoints": "1.00001"}, "Points cannot be '1.00001'"),
        ({"transactionDate": "31.12.2025"}, "Date cannot be '31.12.2025'"),
        ({"transactionDate": "2025-02-30"}, "Date cannot be '2025-02-30'"),
        ({"member": {}}, "OneOf Input Object 'MemberReference' must specify exactly one key"),
        ({"member": {"number": "1", "card": "2"}}, "OneOf Input Object 'MemberReference' must specify exactly one key"),
        ({"weather": "fine"}, "not to include unknown field 'weather'"),
        ({"lineItems": [{}] * 501}, "This request has 501 items in one list; at most 500 are allowed."),
    ],
)  # fmt: skip
async def test_what_does_not_fit_the_schema_never_gets_far(shop: Shop, said: dict[str, Any], message: str) -> None:
    given = {**shop.of("1"), **said}
    answer = await shop.msr.answer(EARN, input=given)
    assert len(answer["errors"]) == 1
    assert message in answer["errors"][0]["message"]
    assert answer.get("data") is None


EARN = "mutation($input: PointsEarnInput!) { pointsEarn(input: $input) { replayed } }"


async def test_an_unknown_enum_value_is_named(shop: Shop) -> None:
    query = "mutation($input: TransactionCreateInput!) { transactionCreate(input: $input) { replayed } }"
    answer = await shop.msr.answer(query, input=shop.of("1", type="EARNING"))
    assert "Value 'EARNING' does not exist in 'TransactionType' enum." in answer["errors"][0]["message"]


async def test_a_program_that_is_not_active_refuses_with_a_record_of_it(web: Web) -> None:
    shop = await open_shop(web)
    member = await shop.enroll()
    await shop.administrator.done("programDeactivate", "program { status }", program=shop.program)
    payload = await shop.msr.command("pointsEarn", "transaction { status subStatus }", **shop.of(member, amount="10"))
    assert payload["transaction"] == {"status": "REJECTED_ENGINE", "subStatus": "PROGRAM_INACTIVE"}
    assert [(error["__typename"], error["code"]) for error in payload["errors"]] == [
        ("ProgramInactive", "PROGRAM_INACTIVE")
    ]


async def test_a_suspended_member_earns_and_cannot_burn(shop: Shop) -> None:
    member = await shop.enroll()
    await shop.msr.done(
        "memberStatusChange",
        "member { status }",
        member={"number": member},
        program=shop.program,
        status="SUSPENDED",
        reason="card reported stolen",
    )
    await shop.earn(member, "10")
    payload = await shop.msr.command("pointsRedeem", "transaction { subStatus }", **shop.of(member, points=1))
    assert payload["transaction"] == {"subStatus": "MEMBER_INACTIVE"}
    assert await shop.available(member) == "10"


async def test_members_of_other_programs_do_not_exist(web: Web, shop: Shop) -> None:
    other = await open_shop(web)
    stranger = await other.enroll()
    query = "query($n: String!, $p: String!) { member(reference: {number: $n}, program: $p) { id } }"
    id_ = (await other.msr.ask(query, n=stranger, p=other.program))["member"]["id"]
    said = {**shop.of("x", amount="10"), "member": {"id": id_}}
    assert await shop.msr.refused("pointsEarn", **said) == [("NOT_FOUND", "member")]
    assert await other.msr.refused("pointsEarn", **{**said, "program": shop.program}) == [("NOT_FOUND", "program")]


async def test_without_the_role_an_operation_is_forbidden(shop: Shop) -> None:
    clerk = await shop.web.person(Role.PARTNER_MANAGER)
    answer = await clerk.answer(EARN, input=shop.of("1", amount="10"))
    assert answer["data"] == {"pointsEarn": None}
    [error] = answer["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN"}


@pytest.mark.parametrize("id_", ["", "rubbish", "UHJvZ3JhbTox", "VHJhbnNhY3Rpb246OTk5OTk5OTk=", "VHJhbnNhY3Rpb246LTE="])
async def test_an_id_that_names_no_transaction_is_answered_alike_everywhere(shop: Shop, id_: str) -> None:
    query = "query($id: ID!) { transaction(id: $id) { id } node(id: $id) { id } }"
    assert (await shop.msr.ask(query, id=id_))["transaction"] is None
    for mutation in ("transactionSubmit", "transactionRecall", "transactionDelete"):
        assert await shop.msr.refused(mutation, id=id_) == [("NOT_FOUND", "id")]
    assert await shop.msr.refused("transactionProcess", id=id_, idempotencyKey="k") == [("NOT_FOUND", "id")]
