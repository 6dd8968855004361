"""Disputes: a missing accrual is given once its partner agrees; a wrong one is cancelled with it, or nothing happens at all."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from domain.engine.rejections import AlreadyCancelled
from domain.moves import Move
from domain.people import Principal
from domain.receipts import Receipt
from domain.services import batch
from domain.store import invariants
from domain.store.dispute_invariants import DISPUTES
from domain.transactions import Status, Transaction, Type
from schema.ids import seal, unseal
from tests.portal.house import House
from tests.support.factories import result_of
from tests.support.transactions import a_key

SHOWN = "replayed transaction { id status disputes { id } partner { code } availableMoves }"


def said(house: House, **values: Any) -> dict[str, Any]:
    """A dispute of 80 dollars at the hotel, without a wrong accrual."""
    usual = {
        "program": house.program, "member": {"number": house.stage.member.number}, "partner": house.hotel.code,
        "amount": 80, "comment": "Two nights, not one.", "idempotencyKey": a_key(),
    }  # fmt: skip
    return {name: value for name, value in {**usual, **values}.items() if value is not None}


async def opened(house: House, actor: Principal | None = None, wrong: Transaction | None = None, **values: Any) -> Any:
    about = {} if wrong is None else {"wrong": seal("Transaction", wrong.id), "partner": None}
    payload = await house.client(actor or house.member).command("disputeOpen", SHOWN, **said(house, **about, **values))
    assert payload["errors"] == [], payload
    return payload["transaction"]


async def refused(house: House, actor: Principal | None = None, **values: Any) -> list[tuple[str, str]]:
    return await house.client(actor or house.member).refused("disputeOpen", **said(house, **values))


def number_of(shown: Any) -> int:
    found = unseal(shown["id"])
    assert found is not None
    assert isinstance(found.key, int)
    return found.key


async def stay(house: House, dollars: int = 40, partner: str | None = None) -> Transaction:
    """An accrual at the hotel that is wrong."""
    return result_of(await house.stage.earn(dollars, partner=partner or house.hotel.code))


async def decided(house: House, shown: Any) -> Receipt[Transaction]:
    """What becomes of a dispute that the hotel agrees to."""
    await house.stage.moved(Move.PARTNER_APPROVE, number_of(shown), house.approver)
    return await house.stage.move(Move.PROCESS, number_of(shown))


async def test_a_missing_accrual_waits_for_the_partner_and_is_given(house: House) -> None:
    shown = await opened(house)
    assert (shown["status"], shown["disputes"], shown["availableMoves"]) == ("PARTNER_PENDING", None, [])
    assert result_of(await decided(house, shown)).status is Status.PROCESSED
    assert (await house.stage.balance()).available == 80


@pytest.mark.parametrize("by", ["member", "clerk", "msr"])
async def test_the_right_one_cancels_the_wrong_one_in_the_same_commit(house: House, by: str) -> None:
    wrong = await stay(house)
    actor = house.stage.msr if by == "msr" else getattr(house, by)
    shown = await opened(house, actor, wrong)
    assert shown["disputes"] == {"id": seal("Transaction", wrong.id)}
    assert shown["partner"] == {"code": house.hotel.code}
    assert (await house.stage.balance()).available == 40
    assert result_of(await decided(house, shown)).status is Status.PROCESSED
    assert await house.stage.status(wrong) is Status.CANCELLED
    assert (await house.stage.balance()).available == 80
    async with house.database.read() as reader:
        found = await invariants.violations(reader, DISPUTES, await house.database.now(reader), 1_000)
    assert not [each for each in found if each.place == f"transaction {number_of(shown)}"]


async def test_the_partner_sees_what_took_the_wrong_one_back(house: House) -> None:
    wrong = await stay(house)
    result_of(await decided(house, await opened(house, wrong=wrong)))
    asked = f'transaction(id: "{seal("Transaction", wrong.id)}")'
    shown = "status cancelledBy { edges { node { subType partner { code } totals { points } } } }"
    seen = await house.client(house.approver).ask(f"{{ {asked} {{ {shown} }} }}")
    back = {"subType": "CANCELLATION", "partner": {"code": house.hotel.code}, "totals": [{"points": "40"}]}
    assert seen["transaction"] == {"status": "CANCELLED", "cancelledBy": {"edges": [{"node": back}]}}
    hidden = await house.client(house.rival_approver).ask(f"{{ {asked} {{ {shown} }} }}")
    assert hidden["transaction"] is None


async def test_the_inbox_shows_what_is_left_once_the_wrong_one_is_gone(house: House) -> None:
    wrong = await stay(house, 40)
    await opened(house, wrong=wrong, amount=100)
    shown = "balances { pointType before after } text"
    seen = await house.client(house.approver).ask(f"{{ approvals {{ edges {{ node {{ effect {{ {shown} }} }} }} }} }}")
    [effect] = [edge["node"]["effect"] for edge in seen["approvals"]["edges"]]
    assert effect["balances"] == [{"pointType": "POINTS", "before": "40", "after": "100"}]
    assert effect["text"][-1] == (
        f"With it goes what is left of the accrual of {wrong.transaction_date} that is in dispute. "
        "Available: 40 before, 100 POINTS after both."
    )


async def test_what_was_spent_of_the_wrong_one_is_covered_by_the_right_one(house: House) -> None:
    wrong = await stay(house)
    result_of(await house.stage.redeem(30))
    result_of(await decided(house, await opened(house, wrong=wrong)))
    assert (await house.stage.balance()).available == 50


async def test_where_it_is_not_covered_nothing_happens(house: House) -> None:
    wrong = await stay(house, 100)
    result_of(await house.stage.redeem(100))
    receipt = await decided(house, await opened(house, wrong=wrong, amount=10))
    assert receipt.result is not None
    assert receipt.result.status is Status.REJECTED_ENGINE
    assert [each.code for each in receipt.errors] == ["INSUFFICIENT_POINTS"]
    assert await house.stage.status(wrong) is Status.PROCESSED
    assert (await house.stage.balance()).available == 0


async def test_a_wrong_one_that_was_cancelled_meanwhile_is_not_given_twice(house: House) -> None:
    wrong = await stay(house)
    shown = await opened(house, wrong=wrong)
    result_of(await house.stage.cancel(wrong))
    receipt = await decided(house, shown)
    assert [type(each) for each in receipt.errors] == [AlreadyCancelled]
    assert (await house.stage.balance()).available == 0


async def test_the_batch_engine_decides_as_a_person_does(house: House) -> None:
    wrong = await stay(house)
    shown = await opened(house, wrong=wrong)
    await house.stage.moved(Move.PARTNER_APPROVE, number_of(shown), house.approver)
    await house.stage.moved(Move.QUEUE, number_of(shown))
    async for _ in batch.work(house.database, house.stage.desk.programs, house.stage.program.id):
        pass
    assert await house.stage.status(number_of(shown)) is Status.PROCESSED
    assert await house.stage.status(wrong) is Status.CANCELLED
    assert (await house.stage.balance()).available == 80


async def test_a_rejection_by_the_partner_leaves_the_wrong_one_and_allows_another_dispute(house: House) -> None:
    wrong = await stay(house)
    about: dict[str, Any] = {"wrong": seal("Transaction", wrong.id), "partner": None}
    shown = await opened(house, wrong=wrong)
    assert await refused(house, **about) == [("ALREADY_DISPUTED", "wrong")]
    await house.stage.moved(Move.PARTNER_REJECT, number_of(shown), house.approver)
    assert await house.stage.status(wrong) is Status.PROCESSED
    again = await opened(house, wrong=wrong)
    result_of(await decided(house, again))
    assert await refused(house, **about) == [("NOT_DISPUTABLE", "wrong")]


async def test_the_same_key_gives_the_first_answer_again(house: House) -> None:
    given = said(house, idempotencyKey="dispute-1")
    first = await house.client(house.member).command("disputeOpen", SHOWN, **given)
    again = await house.client(house.member).command("disputeOpen", SHOWN, **given)
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first["transaction"]["id"] == again["transaction"]["id"]
    assert await house.client(house.member).refused("disputeOpen", **{**given, "amount": 81}) == [
        ("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")
    ]


async def test_what_cannot_be_disputed_is_refused(house: House) -> None:
    mine = await stay(house)
    of_nobody = result_of(await house.stage.earn(5))
    spent = result_of(await house.stage.redeem(1, partner=house.hotel.code))
    waiting = await house.stage.record(house.stage.entry(partner=house.hotel.code))
    no_partner: dict[str, Any] = {"partner": None}
    assert await refused(house, **no_partner, wrong=seal("Transaction", of_nobody.id)) == [("NOT_DISPUTABLE", "wrong")]
    assert await refused(house, wrong=seal("Transaction", spent.id)) == [("NOT_DISPUTABLE", "wrong")]
    assert await refused(house, wrong=seal("Transaction", waiting.id)) == [("NOT_DISPUTABLE", "wrong")]
    other: dict[str, Any] = {"partner": house.airline.code, "wrong": seal("Transaction", mine.id)}
    assert await refused(house, **other) == [("NOT_DISPUTABLE", "wrong")]
    assert await refused(house, comment="  ") == [("MISSING_INPUT", "comment")]
    assert await refused(house, partner=None) == [("NOT_ALLOWED", "")]


async def test_for_another_partner_or_member_the_accrual_does_not_exist(house: House) -> None:
    wrong = await stay(house)
    about: dict[str, Any] = {"wrong": seal("Transaction", wrong.id)}
    assert await refused(house, house.rival, **about, partner=None) == [("NOT_FOUND", "wrong")]
    assert await refused(house, house.rival) == [("NOT_FOUND", "partner")]


async def test_what_comes_after_a_dispute_that_failed_finds_nothing_of_it(house: House) -> None:
    """In one chunk of the batch engine the member must not be left with points that were never given."""
    wrong = await stay(house, 100)
    result_of(await house.stage.redeem(100))
    shown = await opened(house, wrong=wrong, amount=10)
    await house.stage.moved(Move.PARTNER_APPROVE, number_of(shown), house.approver)
    await house.stage.moved(Move.QUEUE, number_of(shown))
    after = await house.stage.record(
        house.stage.entry(type=Type.REDEMPTION, points=Decimal(5), partner=house.hotel.code), queue=True
    )
    async for _ in batch.work(house.database, house.stage.desk.programs, house.stage.program.id):
        pass
    assert await house.stage.status(number_of(shown)) is Status.REJECTED_ENGINE
    assert await house.stage.status(after) is Status.REJECTED_ENGINE
    assert (await house.stage.balance()).available == 0


async def test_of_two_disputes_at_once_one_is_opened(house: House) -> None:
    wrong = await stay(house)
    client = house.client(house.member)
    given = {"wrong": seal("Transaction", wrong.id), "partner": None}
    asked = [client.command("disputeOpen", SHOWN, **said(house, **given)) for _ in range(2)]
    codes = [[error["code"] for error in each["errors"]] for each in await asyncio.gather(*asked)]
    assert sorted(codes) == [[], ["ALREADY_DISPUTED"]]
