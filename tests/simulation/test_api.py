"""Simulations as clients see them: the fields of a real transaction, beside what was decided then; nothing has an id that is stored."""

from decimal import Decimal
from typing import Any

import pytest

from domain.people import Principal, Role
from schema.ids import seal
from tests.support.factories import result_of
from tests.support.graphql import Client
from tests.support.members import a_member, herself
from tests.support.promotions import a_draft_promotion, a_promotion, gives
from tests.support.transactions import Stage, counts

SHOWN = """
    transaction {
      status subStatus transactionDate totals { pointType points qualifying }
      lots { points origin expiresOn }
      lotUses { points lot { remaining } }
      decision { subStatus awards { promotion limited paid } balances { before after } text }
      member { balances { pointType available } }
    }
    then { subStatus text }
    differs
"""


def client(stage: Stage, actor: Principal | None = None) -> Client:
    """The MSR, unless it is somebody else."""
    return Client(stage.database, actor or stage.msr, stage.desk)


async def simulated(stage: Stage, actor: Principal | None = None, **given: Any) -> Any:
    """The payload for the stage's program."""
    command = {"program": stage.program.code, **given}
    return await client(stage, actor).command("transactionSimulate", SHOWN, **command)


def purchase(stage: Stage, amount: str = "30", **values: Any) -> dict[str, Any]:
    """A new purchase of the member."""
    return {"member": {"number": stage.member.number}, "type": "ACCRUAL", "amount": Decimal(amount), **values}


async def test_a_new_transaction_is_shown_as_if_it_were_there(stage: Stage) -> None:
    promotion = await a_promotion(stage.database, stage.program, gives(25))
    await stage.earn(10)
    before = await counts(stage.database)
    payload = await simulated(stage, **purchase(stage))
    assert payload["errors"] == []
    transaction = payload["transaction"]
    assert (transaction["status"], transaction["subStatus"]) == ("PROCESSED", "SUCCESS")
    assert transaction["totals"] == [{"pointType": "POINTS", "points": "55", "qualifying": "30"}]
    assert transaction["lots"] == [
        {"points": "30", "origin": "BASE", "expiresOn": None},
        {"points": "25", "origin": "PROMOTION", "expiresOn": None},
    ]
    assert transaction["decision"]["balances"] == [{"before": "35", "after": "90"}]
    assert transaction["member"] == {"balances": [{"pointType": "POINTS", "available": "90"}]}
    assert any(promotion.code in sentence for sentence in transaction["decision"]["text"])
    assert (payload["then"], payload["differs"]) == (None, [])
    assert await counts(stage.database) == before


async def test_spending_shows_the_lots_as_they_would_be(stage: Stage) -> None:
    await stage.earn(10)
    payload = await simulated(stage, member={"number": stage.member.number}, type="REDEMPTION", points="4")
    assert payload["transaction"]["lotUses"] == [{"points": "4", "lot": {"remaining": "6"}}]
    assert payload["transaction"]["member"]["balances"] == [{"pointType": "POINTS", "available": "6"}]


async def test_what_would_be_refused_stands_beside_its_reason(stage: Stage) -> None:
    payload = await simulated(stage, member={"number": stage.member.number}, type="REDEMPTION", points="4")
    assert [(each["code"], each["path"]) for each in payload["errors"]] == [("INSUFFICIENT_POINTS", ["input"])]
    assert payload["transaction"]["status"] == "REJECTED_ENGINE"


async def test_a_processed_transaction_is_shown_beside_its_decision_of_then(stage: Stage) -> None:
    transaction = result_of(await stage.earn(30))
    draft = await a_draft_promotion(stage.database, stage.program, gives(25))
    given = {"id": seal("Transaction", transaction.id), "draftPromotions": [draft.code]}
    payload = await simulated(stage, stage.manager, **given)
    assert payload["then"]["subStatus"] == "NO_PROMOTIONS_QUALIFIED"
    assert not any(draft.code in sentence for sentence in payload["then"]["text"])
    assert payload["transaction"]["decision"]["awards"] == [{"promotion": draft.code, "limited": "25", "paid": True}]
    assert payload["differs"] == ["subStatus", "awards", "lots"]


async def test_beside_a_stored_transaction_nothing_of_a_new_one_is_given(stage: Stage) -> None:
    transaction = result_of(await stage.earn(30))
    given = {"program": stage.program.code, "id": seal("Transaction", transaction.id), "amount": "5", "type": "ACCRUAL"}
    assert await client(stage).refused("transactionSimulate", **given) == [
        ("INVALID_INPUT", "type"),
        ("INVALID_INPUT", "amount"),
    ]


async def test_a_new_transaction_says_whose_and_what(stage: Stage) -> None:
    given = {"program": stage.program.code}
    refused = await client(stage).refused("transactionSimulate", **given)
    assert refused == [("MISSING_INPUT", "member"), ("MISSING_INPUT", "type")]


@pytest.mark.parametrize("role", [Role.PARTNER_MANAGER, Role.PROGRAM_ADMINISTRATOR])
async def test_every_employee_simulates(stage: Stage, role: Role) -> None:
    payload = await simulated(stage, await stage.person(role), **purchase(stage))
    assert payload["transaction"]["totals"] == [{"pointType": "POINTS", "points": "30", "qualifying": "30"}]


async def test_a_member_sees_its_own_future_only(stage: Stage) -> None:
    own = await simulated(stage, herself(stage.member), **purchase(stage))
    assert own["transaction"]["decision"]["subStatus"] == "NO_PROMOTIONS_QUALIFIED"
    other = await a_member(stage.database, stage.program)
    given = {"program": stage.program.code, **purchase(stage)}
    assert await client(stage, herself(other)).refused("transactionSimulate", **given) == [("NOT_FOUND", "member")]
