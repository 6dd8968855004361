"""Cancelling and refunding through the API: what is answered, what is shown afterwards, and what is refused, by code and path."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from domain.people import Role
from domain.store.database import Database
from tests.graphql.shop import Shop, open_shop
from tests.graphql.web import a_key, serving
from tests.refunds.ledgers import violations
from tests.support.factories import a_code

SHOWN = "transaction { id type subType status totals { points } cancels { id } refundLines { line quantity amount } } preview replayed"


@pytest_asyncio.fixture
async def shop(database: Database) -> AsyncIterator[Shop]:
    """A shop that is open, where cancellations of up to 100 points need no approval."""
    async with serving(database) as web:
        yield await open_shop(web, approvalAbove=[{"subType": "CANCELLATION", "points": "100"}])


async def cancel(shop: Shop, transaction: str, **values: Any) -> Any:
    given = {"id": transaction, "idempotencyKey": a_key(), **values}
    return await shop.msr.command("transactionCancel", SHOWN, **given)


async def refund(shop: Shop, transaction: str, **values: Any) -> Any:
    given = {"id": transaction, "idempotencyKey": a_key(), **values}
    return await shop.msr.command("transactionRefund", SHOWN, **given)


async def refused(shop: Shop, mutation: str, transaction: str, **values: Any) -> list[tuple[str, str]]:
    return await shop.msr.refused(mutation, **{"id": transaction, "idempotencyKey": a_key(), **values})


async def test_a_cancellation_is_answered_and_shown_on_both_sides(shop: Shop) -> None:
    member = await shop.enroll()
    bought = (await shop.earn(member, "80"))["id"]
    done = await cancel(shop, bought)
    assert (done["errors"], done["preview"], done["replayed"]) == ([], False, False)
    assert done["transaction"] == {
        "id": done["transaction"]["id"], "type": "REDEMPTION", "subType": "CANCELLATION", "status": "PROCESSED",
        "totals": [{"points": "80"}], "cancels": {"id": bought}, "refundLines": [],
    }  # fmt: skip
    query = """query($id: ID!) { transaction(id: $id) { status availableMoves
        refunds { share moneyLeft { amount currency } quantityLeft linesLeft { line } }
        cancelledBy { edges { node { id } } totalCount } } }"""
    assert (await shop.msr.ask(query, id=bought))["transaction"] == {
        "status": "CANCELLED", "availableMoves": [],
        "refunds": {"share": "1", "moneyLeft": {"amount": "0.00", "currency": "EUR"}, "quantityLeft": None, "linesLeft": []},
        "cancelledBy": {"edges": [{"node": {"id": done["transaction"]["id"]}}], "totalCount": 1},
    }  # fmt: skip
    assert await shop.available(member) == "0"


async def test_a_preview_shows_it_and_leaves_nothing(shop: Shop) -> None:
    member = await shop.enroll()
    bought = (await shop.earn(member, "80"))["id"]
    key = a_key()
    seen = await refund(shop, bought, amount="20", preview=True, idempotencyKey=key)
    assert (seen["preview"], seen["transaction"]["totals"]) == (True, [{"points": "20"}])
    assert await shop.available(member) == "80"
    real = await refund(shop, bought, amount="20", idempotencyKey=key)
    assert (real["preview"], real["replayed"], real["transaction"]["totals"]) == (False, False, [{"points": "20"}])
    assert await shop.available(member) == "60"


async def test_the_same_key_gives_the_first_answer_and_takes_nothing(shop: Shop) -> None:
    member = await shop.enroll()
    bought = (await shop.earn(member, "80"))["id"]
    key = a_key()
    first = await refund(shop, bought, amount="20", idempotencyKey=key)
    again = await refund(shop, bought, amount="20", idempotencyKey=key)
    assert again == {**first, "replayed": True}
    assert await shop.available(member) == "60"
    assert await refused(shop, "transactionRefund", bought, amount="21", idempotencyKey=key) == [
        ("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")
    ]


async def test_a_return_names_the_sale_by_its_external_id(shop: Shop) -> None:
    member, receipt = await shop.enroll(), a_code("R")
    lines = [{"product": "A", "quantity": "2", "amount": "60"}, {"product": "B", "quantity": "1", "amount": "20"}]
    await shop.earn(member, "80", externalId=receipt, source="till", lineItems=lines)
    named = {"program": shop.program, "externalId": receipt, "source": "till"}
    back = {"original": named, "lines": [{"line": 1, "quantity": "1"}], "externalId": f"{receipt}-1", "source": "till"}
    done = await shop.msr.done("transactionRefund", SHOWN, idempotencyKey=a_key(), **back)
    assert done["transaction"]["totals"] == [{"points": "30"}]
    assert done["transaction"]["refundLines"] == [{"line": 1, "quantity": "1", "amount": None}]
    again = await shop.msr.done("transactionRefund", SHOWN, idempotencyKey=a_key(), **back)
    assert (again["replayed"], again["transaction"]["id"]) == (True, done["transaction"]["id"])
    assert await shop.available(member) == "50"
    unknown = {"original": {**named, "externalId": "nothing"}, "amount": "1"}
    assert await shop.msr.refused("transactionRefund", idempotencyKey=a_key(), **unknown) == [("NOT_FOUND", "original")]


async def test_the_decision_says_what_came_back_from_where(shop: Shop) -> None:
    member = await shop.enroll()
    await shop.earn(member, "50")
    spent = await shop.msr.done("pointsRedeem", "transaction { id }", **shop.of(member, points="40"))
    done = await refund(shop, spent["transaction"]["id"], points="10")
    query = "query($id: ID!) { transaction(id: $id) { decision { text reversal { before after lots { points lapsed lot { remaining } } } } } }"
    decision = (await shop.msr.ask(query, id=done["transaction"]["id"]))["transaction"]["decision"]
    assert decision["reversal"] == {
        "before": "0", "after": "0.25", "lots": [{"points": "10", "lapsed": "0", "lot": {"remaining": "20"}}]
    }  # fmt: skip
    text = decision["text"]
    assert text[1].startswith("Takes back 25 % of the transaction of ")
    assert text[2].startswith("Put back: 10 POINTS into the lot of ")
    assert text[3] == "Available: 10 before, 20 POINTS after."


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"amount": "81"}, ("REFUND_TOO_HIGH", "amount")),
        ({"amount": "0"}, ("INVALID_INPUT", "amount")),
        ({"amount": "1", "currency": "USD"}, ("INVALID_INPUT", "currency")),
        ({"quantity": "1"}, ("INVALID_INPUT", "quantity")),
        ({"points": "81"}, ("REFUND_TOO_HIGH", "points")),
        ({"points": "1", "amount": "1"}, ("INVALID_INPUT", "points")),
        ({"lines": []}, ("TOO_MANY", "lines")),
        ({"lines": [{"line": 3}]}, ("INVALID_INPUT", "lines.0.line")),
        ({"lines": [{"line": 1}, {"line": 1}]}, ("INVALID_INPUT", "lines.1.line")),
        ({"lines": [{"line": 1, "quantity": "3"}]}, ("REFUND_TOO_HIGH", "lines.0.quantity")),
        ({"lines": [{"line": 1, "quantity": "1", "amount": "1"}]}, ("INVALID_INPUT", "lines.0.amount")),
        ({"lines": [{"line": 2, "quantity": "1"}]}, ("INVALID_INPUT", "lines.0.quantity")),
        ({}, ("MISSING_INPUT", "amount")),
    ],
)  # fmt: skip
async def test_a_wrong_part_is_refused_where_it_is_wrong(
    shop: Shop, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    member = await shop.enroll()
    lines = [{"product": "A", "quantity": "2", "amount": "60"}, {"product": "B", "amount": "20"}]
    bought = (await shop.earn(member, "80", lineItems=lines))["id"]
    count = await shop.count()
    assert await refused(shop, "transactionRefund", bought, **given) == [expected]
    assert (await shop.count(), await shop.available(member)) == (count, "80")


async def test_a_part_that_does_not_fit_is_refused_with_what_was_said_and_what_would_fit(shop: Shop) -> None:
    lines = [{"product": "A", "quantity": "2", "amount": "60"}, {"product": "B", "amount": "20"}]
    bought = (await shop.earn(await shop.enroll(), "80", lineItems=lines))["id"]
    said: dict[str, dict[str, Any]] = {
        "line is '3'; expected the number of a line: the transaction has 2.": {"lines": [{"line": 3}]},
        "quantity is '1'; expected nothing here: line 2 has no quantity of which it could be a part.": {
            "lines": [{"line": 2, "quantity": "1"}]
        },
        "points is '1'; expected nothing here: amount is given, and one of the two says what comes back.": {
            "amount": "1", "points": "1"
        },
    }  # fmt: skip
    for message, given in said.items():
        assert [error["message"] for error in (await refund(shop, bought, **given))["errors"]] == [message]


async def test_only_what_was_processed_is_cancelled_and_only_once(shop: Shop) -> None:
    member = await shop.enroll()
    draft = (await shop.record(member))["id"]
    assert await refused(shop, "transactionCancel", draft) == [("WRONG_STATUS", "id")]
    bought = (await shop.earn(member, "80"))["id"]
    cancellation = (await cancel(shop, bought))["transaction"]["id"]
    assert await refused(shop, "transactionCancel", bought) == [("ALREADY_CANCELLED", "id")]
    assert await refused(shop, "transactionRefund", bought, amount="1") == [("ALREADY_CANCELLED", "id")]
    assert await refused(shop, "transactionCancel", cancellation) == [("NOT_CANCELLABLE", "id")]
    assert await refused(shop, "transactionCancel", "nonsense") == [("NOT_FOUND", "id")]


async def test_a_transaction_is_named_in_one_way(shop: Shop) -> None:
    answer = await shop.msr.answer(
        "mutation($input: TransactionCancelInput!) { transactionCancel(input: $input) { errors { code } } }",
        input={"idempotencyKey": a_key()},
    )
    assert [error["message"] for error in answer["errors"]] == ["Give either `id` or `original`."]


async def test_members_cancel_nothing_and_a_cancellation_is_not_created_by_itself(shop: Shop) -> None:
    number = await shop.enroll()
    bought = (await shop.earn(number, "80"))["id"]
    assert await shop.msr.refused(
        "transactionCreate", **shop.of(number, type="REDEMPTION", subType="CANCELLATION", points="5")
    ) == [("INVALID_INPUT", "subType")]
    administrator = await shop.web.person(Role.PROGRAM_ADMINISTRATOR, program=shop.program)
    answer = await administrator.answer(
        "mutation($input: TransactionCancelInput!) { transactionCancel(input: $input) { errors { code } } }",
        input={"idempotencyKey": a_key(), "id": bought},
    )
    assert answer["data"]["transactionCancel"] is None
    assert await shop.available(number) == "80"


async def test_above_the_limit_it_is_recorded_approved_and_processed(shop: Shop) -> None:
    member = await shop.enroll()
    bought = (await shop.earn(member, "500"))["id"]
    assert await refused(shop, "transactionCancel", bought) == [("APPROVAL_NEEDED", "id")]
    draft = (await refund(shop, bought, amount="300", record=True))["transaction"]
    assert (draft["status"], draft["totals"]) == ("IN_PROGRESS", [])
    assert await shop.available(member) == "500"
    version = {"id": draft["id"], "expectedVersion": 1}
    changed = await shop.msr.done("transactionUpdate", "transaction { version }", **version, amount="400")
    assert changed["transaction"]["version"] == 2
    assert await shop.msr.refused("transactionUpdate", id=draft["id"], expectedVersion=2, amount="501") == [
        ("REFUND_TOO_HIGH", "amount")
    ]
    await shop.msr.done("transactionSubmit", "transaction { status }", id=draft["id"])
    result = await shop.manager.done(
        "transactionApprove", "transaction { status totals { points } approvals { move } }", id=draft["id"],
        andProcess=True, idempotencyKey=a_key(),
    )  # fmt: skip
    moves = ["CREATE", "SUBMIT", "APPROVE", "ACCEPT", "PROCESS"]
    assert result["transaction"] == {
        "status": "PROCESSED", "totals": [{"points": "400"}], "approvals": [{"move": move} for move in moves]
    }  # fmt: skip
    assert await shop.available(member) == "100"
    assert await violations(shop.web.database) == []


async def test_shares_are_checked_again_when_it_is_processed(shop: Shop) -> None:
    member = await shop.enroll()
    bought = (await shop.earn(member, "80"))["id"]
    waiting = (await refund(shop, bought, amount="50", record=True))["transaction"]["id"]
    await refund(shop, bought, amount="40")
    await shop.msr.done("transactionAccept", "transaction { status }", id=waiting)
    result = await shop.msr.command("transactionProcess", SHOWN, id=waiting, idempotencyKey=a_key())
    assert [error["code"] for error in result["errors"]] == ["REFUND_TOO_HIGH"]
    assert result["transaction"]["status"] == "REJECTED_ENGINE"
    assert await shop.available(member) == "40"
