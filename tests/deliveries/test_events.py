"""Events: told in the commit of what they tell of, by the desk and by the batch engine alike, and by nobody to nobody."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from domain.commands.member_imports import MemberRow
from domain.commands.programs import SettingsChange
from domain.deliveries import EventType
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.global_ids import seal
from domain.people import ENGINE
from domain.services import batch
from domain.services.engine_programs import EnginePrograms
from domain.services.expiry import expire
from domain.services.member_imports import members_import
from domain.services.posting import Desk
from domain.store.database import Database
from domain.transactions import Status, Transaction
from tests.deliveries.outboxes import told
from tests.deliveries.telling import an_endpoint, messages
from tests.loans.lending import Lending
from tests.support.factories import a_partner, a_program, result_of
from tests.support.members import a_member
from tests.support.transactions import Stage, a_stage
from tests.tiers.club import a_club

URL = "https://example.org/"
E = EventType
A_MONTH = ExpiryPolicy(ExpiryKind.PERIOD, length=1, unit=PeriodUnit.MONTH)


def member_of(stage: Stage) -> dict[str, str]:
    return {"id": seal("Member", stage.member.id), "number": stage.member.number}


def said_of(transaction: Transaction, **values: Any) -> dict[str, Any]:
    return {
        "id": seal("Transaction", transaction.id), "type": transaction.type.value,
        "subType": transaction.sub_type.value, "status": transaction.status.value,
        "subStatus": transaction.sub_status and transaction.sub_status.value,
        "transactionDate": transaction.transaction_date.isoformat(), "partner": None, "source": transaction.source,
        "externalId": transaction.external_id, **values,
    }  # fmt: skip


async def data(stage: Stage) -> list[tuple[str, dict[str, Any]]]:
    """Type and data of everything that was told."""
    return [(kind, body["data"]) for kind, body in await told(stage.database, stage.program.id)]


async def worked(stage: Stage) -> None:
    async for _ in batch.work(stage.database, stage.desk.programs, stage.program.id):
        pass


@pytest.fixture
async def stage(fresh_database: Database) -> Any:
    desk = Desk(fresh_database, EnginePrograms())
    yield await a_stage(desk)
    await desk.close()


async def test_a_transaction_at_the_desk_is_told(stage: Stage) -> None:
    await an_endpoint(stage.database, stage.program, URL, E.TRANSACTION_PROCESSED, E.TRANSACTION_REJECTED)
    earned = result_of(await stage.earn(30, external_id="A-1", source="till"))
    refused = (await stage.redeem(500)).result
    assert refused is not None
    totals = [{"pointType": "POINTS", "points": "30", "qualifying": "30"}]
    assert await data(stage) == [
        ("transaction.processed", {"transaction": said_of(earned), "member": member_of(stage), "totals": totals}),
        ("transaction.rejected", {"transaction": said_of(refused), "member": member_of(stage)}),
    ]
    assert said_of(earned)["externalId"] == "A-1"
    assert said_of(refused)["subStatus"] == "INSUFFICIENT_POINTS"


async def test_a_transaction_of_the_batch_engine_is_told_alike(stage: Stage) -> None:
    await an_endpoint(stage.database, stage.program, URL, E.TRANSACTION_PROCESSED)
    queued = [await stage.record(queue=True) for _ in range(3)]
    assert await data(stage) == []
    await worked(stage)
    totals = [{"pointType": "POINTS", "points": "10", "qualifying": "10"}]
    expected = []
    for each in queued:
        stored = await stage.stored(each)
        assert stored is not None
        assert stored.status is Status.PROCESSED
        expected.append(
            ("transaction.processed", {"transaction": said_of(stored), "member": member_of(stage), "totals": totals})
        )
    assert await data(stage) == expected
    await worked(stage)
    assert len(await data(stage)) == 3


async def test_what_an_endpoint_did_not_ask_for_is_not_told(stage: Stage) -> None:
    await an_endpoint(stage.database, stage.program, URL, E.TRANSACTION_REJECTED)
    await stage.earn(30)
    assert await data(stage) == []


async def test_a_repeated_request_is_told_once(stage: Stage) -> None:
    await an_endpoint(stage.database, stage.program, URL, E.TRANSACTION_PROCESSED)
    await stage.earn(30, external_id="A-1")
    await stage.earn(30, external_id="A-1")
    assert len(await data(stage)) == 1


async def test_a_partner_hears_of_its_own_transactions(stage: Stage) -> None:
    airline, hotel = [await a_partner(stage.database, stage.program) for _ in range(2)]
    theirs = await an_endpoint(stage.database, stage.program, URL, E.TRANSACTION_PROCESSED, partner=airline.code)
    for partner in (airline, hotel):
        await stage.earn(30, partner=partner.code)
    await stage.earn(30)
    [message] = await messages(stage.database)
    assert message.endpoint_id == theirs.endpoint.id
    [(_, said)] = await data(stage)
    assert said["transaction"]["partner"] == airline.code


async def test_new_members_are_told_one_by_one_and_by_the_file(database: Database) -> None:
    program = await a_program(database)
    partner = await a_partner(database, program)
    await an_endpoint(database, program, URL)
    await an_endpoint(database, program, URL, partner=partner.code)
    ada = await a_member(database, program, name="Ada Lovelace", email="ada@example.org")
    eve = await a_member(database, program, enrolled_by_partner=partner.code)
    await members_import(
        database, ENGINE, program.code, [MemberRow(number="F1", name="Bob"), MemberRow(number="F2", name="Eve")]
    )
    found = [body["data"]["member"]["number"] for _, body in await told(database, program.id)]
    assert found == [ada.number, eve.number, eve.number, "F1", "F2"]
    [(kind, first), *_] = await told(database, program.id)
    assert (kind, first["data"]) == (
        "member.enrolled",
        {
            "member": {"id": seal("Member", ada.id), "number": ada.number}, "status": "ACTIVE",
            "enrolledOn": ada.enrolled_on.isoformat(),
        },
    )  # fmt: skip
    assert "Ada" not in str(await told(database, program.id))


async def test_a_tier_that_changes_is_told_after_an_accrual_and_after_a_night(database: Database) -> None:
    club = await a_club(database)
    await an_endpoint(database, club.program, URL, E.MEMBER_TIER_CHANGED)
    await club.earn(date(2025, 11, 20), 400)
    await club.earn(date(2025, 11, 21), 200)
    await club.night(date(2027, 3, 10))
    found = [(kind, body["data"]) for kind, body in await told(database, club.program.id)]
    named = {"id": seal("Member", club.member.id), "number": club.member.number}
    changes = [(said["before"], said["after"], said["startsOn"], said["reason"]) for _, said in found]
    assert {kind for kind, _ in found} == {"member.tier_changed"}
    assert all((said["member"], said["tierClass"]) == (named, "STATUS") for _, said in found)
    assert changes[-2:] == [
        ("BASIC", "GOLD", "2025-11-21", "THRESHOLD"),
        ("GOLD", "BASIC", "2027-03-10", "DOWNGRADE"),
    ]


async def test_what_is_repaid_at_night_is_told(stage: Stage) -> None:
    lending = Lending(stage)
    await lending.set_maximum(100)
    await lending.lend(100)
    await stage.earn(70)
    await lending.settings(repay_automatically=True)
    await an_endpoint(stage.database, stage.program, URL, E.TRANSACTION_PROCESSED)
    assert (await lending.night()).transactions == 1
    [(kind, said)] = await data(stage)
    assert (kind, said["transaction"]["subType"]) == ("transaction.processed", "LOAN_REPAYMENT")
    assert said["totals"] == [{"pointType": "POINTS", "points": "70", "qualifying": "70"}]


async def test_points_that_expire_are_told(fresh_database: Database) -> None:
    stage = await a_stage(Desk(fresh_database, EnginePrograms()), settings=SettingsChange(expiry=A_MONTH))
    await stage.earn(30, transaction_date=date(2026, 1, 10))
    await an_endpoint(stage.database, stage.program, URL, E.POINTS_EXPIRED)
    async for _ in expire(stage.database, stage.desk.programs, stage.program.id):
        pass
    [(kind, said)] = await data(stage)
    assert (kind, said["member"], said["transaction"]["subType"]) == ("points.expired", member_of(stage), "EXPIRY")
    assert said["totals"] == [{"pointType": "POINTS", "points": "30", "qualifying": "30"}]
    async for _ in expire(stage.database, stage.desk.programs, stage.program.id):
        pass
    assert len(await data(stage)) == 1


async def test_where_nobody_listens_not_a_single_statement_is_made_for_it(fresh_database: Database) -> None:
    """The engine's commits cost the same as if there were no webhooks at all."""
    stage = await a_stage(Desk(fresh_database, EnginePrograms()))
    await stage.earn(10)
    statements: list[str] = []
    event.listen(fresh_database.engine.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    await stage.earn(10)
    await stage.record(queue=True)
    await worked(stage)
    assert statements != []
    assert [each for each in statements if "outbox" in each or "webhook_endpoint" in each] == []
