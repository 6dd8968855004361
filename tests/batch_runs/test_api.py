"""Runs of the batch engine through the API: begun, listed, stopped, and watched over sockets and streams."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio

from domain.people import Role
from domain.services import batch_runs
from domain.store.database import Database
from resolvers import watching
from schema.ids import seal, unseal
from tests.app.sockets import PATIENCE, Socket, connected
from tests.graphql.shop import Shop, open_shop
from tests.graphql.web import Caller, Web, serving
from tests.support.factories import a_partner

RUN = "batchRun { id state worked processed rejected remaining outcomes { subStatus count } startedBy { name } }"
WATCH = "subscription($id: ID!) { batchProgress(id: $id) { state worked remaining } }"


@pytest_asyncio.fixture
async def web(database: Database) -> AsyncIterator[Web]:
    async with serving(database) as web:
        yield web


@pytest_asyncio.fixture
async def shop(web: Web) -> Shop:
    return await open_shop(web)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "BEAT_SECONDS", 0.02)


async def queued(shop: Shop, count: int) -> None:
    """So many members with a purchase each."""
    for _ in range(count):
        given = shop.of(await shop.enroll(), type="ACCRUAL", subType="PRODUCT", amount="10", queue=True)
        await shop.msr.done("transactionCreate", "transaction { id }", **given)


async def begin(shop: Shop, who: Caller | None = None) -> Any:
    payload = await (who or shop.administrator).done("batchStart", f"alreadyRunning {RUN}", program=shop.program)
    return payload["batchRun"]


async def work(shop: Shop, run_id: str) -> None:
    """What a worker does."""
    found = unseal(run_id)
    assert found is not None
    assert isinstance(found.key, int)
    run = await batch_runs.batch_run(shop.web.database, found.key)
    async for _ in batch_runs.work(shop.web.database, shop.web.desk.programs, run):
        pass


async def test_a_run_is_begun_worked_and_looked_at(shop: Shop) -> None:
    await queued(shop, 2)
    run = await begin(shop)
    assert run == {
        "id": run["id"], "state": "RUNNING", "worked": 0, "processed": 0, "rejected": 0, "remaining": 2, "outcomes": [],
        "startedBy": {"name": shop.administrator.person.name},
    }  # fmt: skip
    again = await shop.manager.done("batchStart", "alreadyRunning batchRun { id }", program=shop.program)
    assert again == {"alreadyRunning": True, "batchRun": {"id": run["id"]}, "errors": []}
    await work(shop, run["id"])
    query = (
        "query($id: ID!) { batchRun(id: $id) { state outcomes { subStatus count } program { code } perSecond endsAt failure"
        " continuous workers { name worked } } }"
    )
    done = (await shop.msr.ask(query, id=run["id"]))["batchRun"]
    assert done.pop("perSecond") > 0
    assert done == {
        "state": "DONE", "outcomes": [{"subStatus": "NO_PROMOTIONS_QUALIFIED", "count": 2}], "endsAt": None,
        "program": {"code": shop.program}, "failure": None, "continuous": False,
        "workers": [{"name": batch_runs.WORKER, "worked": 2}],
    }  # fmt: skip
    listed = await shop.msr.ask(
        "query($p: String!) { batchRuns(program: $p) { edges { node { id } } } }", p=shop.program
    )
    assert listed == {"batchRuns": {"edges": [{"node": {"id": run["id"]}}]}}
    node = await shop.msr.ask("query($id: ID!) { node(id: $id) { ... on BatchRun { worked } } }", id=run["id"])
    assert node == {"node": {"worked": 2}}


async def test_workers_are_told_of_what_was_queued_and_begun(shop: Shop) -> None:
    await queued(shop, 1)
    program = shop.web.nudged[-1]
    accepted = await shop.record(await shop.enroll(), points="5")
    assert shop.web.nudged == [program]
    await shop.manager.done("transactionQueue", "transaction { status }", id=accepted["id"])
    await begin(shop)
    assert shop.web.nudged == [program] * 3


async def test_a_run_is_stopped_and_goes_on(shop: Shop) -> None:
    await queued(shop, 1)
    run = await begin(shop)
    stopped = await shop.manager.done("batchStop", RUN, id=run["id"])
    assert (stopped["batchRun"]["state"], stopped["batchRun"]["remaining"]) == ("STOPPED", 1)
    await work(shop, run["id"])
    on = await shop.manager.done("batchStart", "alreadyRunning batchRun { id state }", program=shop.program)
    assert (on["alreadyRunning"], on["batchRun"]) == (False, {"id": run["id"], "state": "RUNNING"})
    await work(shop, run["id"])
    assert await shop.manager.refused("batchStop", id=run["id"]) == [("BATCH_RUN_ENDED", "id")]


async def test_what_somebody_may_not_see_does_not_exist(shop: Shop, web: Web) -> None:
    await queued(shop, 1)
    run = await begin(shop)
    elsewhere = await open_shop(web)
    assert await elsewhere.manager.refused("batchStop", id=run["id"]) == [("NOT_FOUND", "id")]
    assert await elsewhere.manager.refused("batchStart", program=shop.program) == [("NOT_FOUND", "program")]
    assert await elsewhere.msr.ask("query($id: ID!) { batchRun(id: $id) { id } }", id=run["id"]) == {"batchRun": None}
    listed = await elsewhere.msr.ask(
        "query($p: String) { batchRuns(program: $p) { edges { node { id } } } }", p=shop.program
    )
    assert listed == {"batchRuns": {"edges": []}}
    for nothing in ("rubbish", seal("BatchRun", 2**60), seal("Program", 1)):
        assert await shop.msr.ask("query($id: ID!) { batchRun(id: $id) { id } }", id=nothing) == {"batchRun": None}


async def test_partners_and_servers_of_members_start_nothing(shop: Shop, web: Web) -> None:
    partner = await a_partner(web.database)
    representative = await web.person(Role.PARTNER_REPRESENTATIVE, partner=partner.code)
    for who in (shop.msr, representative):
        answer = await who.answer("mutation($i: BatchStartInput!) { batchStart(input: $i) { errors { code } } }", i={"program": shop.program})  # fmt: skip
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    answer = await representative.answer("{ batchRuns { edges { node { id } } } }")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@asynccontextmanager
async def watching_socket(web: Web, who: Caller, run_id: str) -> AsyncIterator[Socket]:
    async with connected(web.app, "/graphql") as socket:
        socket.send({"type": "connection_init", "payload": who.token})
        await socket.receive()
        socket.send({"type": "subscribe", "id": "1", "payload": {"query": WATCH, "variables": {"id": run_id}}})
        yield socket


async def test_a_run_is_watched_until_it_is_done_whoever_works_it(shop: Shop, web: Web) -> None:
    await queued(shop, 2)
    run = await begin(shop)
    async with (
        watching_socket(web, shop.msr, run["id"]) as socket,
        watching_socket(web, shop.manager, run["id"]) as other,
    ):
        for one in (socket, other):
            first = (await one.receive())["payload"]["data"]["batchProgress"]
            assert first == {"state": "RUNNING", "worked": 0, "remaining": 2}
        assert web.app.state.watches.batch_runs.watchers == 2
        await work(shop, run["id"])
        for one in (socket, other):
            last = (await one.receive())["payload"]["data"]["batchProgress"]
            while last["state"] != "DONE":
                assert last == {"state": "RUNNING", "worked": 2, "remaining": 0}
                last = (await one.receive())["payload"]["data"]["batchProgress"]
            assert last == {"state": "DONE", "worked": 2, "remaining": 0}
            assert await one.receive() == {"id": "1", "type": "complete"}
    assert web.app.state.watches.batch_runs.watchers == 0


async def test_what_may_not_be_seen_cannot_be_watched(shop: Shop, web: Web) -> None:
    await queued(shop, 1)
    run = await begin(shop)
    elsewhere = await open_shop(web)
    for who, watched in ((elsewhere.msr, run["id"]), (shop.msr, "rubbish")):
        async with watching_socket(web, who, watched) as socket:
            assert await socket.receive() == {"id": "1", "type": "complete"}


async def test_who_goes_away_is_not_asked_for_any_more_and_the_end_of_the_server_ends_the_rest(
    shop: Shop, web: Web
) -> None:
    await queued(shop, 1)
    run = await begin(shop)
    async with watching_socket(web, shop.msr, run["id"]) as staying:
        async with watching_socket(web, shop.msr, run["id"]) as leaving:
            await leaving.receive()
        await staying.receive()
        assert web.app.state.watches.batch_runs.watchers == 1
        web.app.state.watches.close()
        assert await staying.receive() == {"id": "1", "type": "complete"}
    async with watching_socket(web, shop.msr, run["id"]) as late:
        [error] = (await late.receive())["payload"]["errors"]
        assert error["extensions"] == {"code": "OVERLOADED"}


async def test_more_than_one_process_can_watch_are_told_to_come_back(
    shop: Shop, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queued(shop, 1)
    run = await begin(shop)
    monkeypatch.setattr(watching, "MOST", 1)
    async with watching_socket(web, shop.msr, run["id"]) as first:
        await first.receive()
        async with watching_socket(web, shop.msr, run["id"]) as second:
            [error] = (await second.receive())["payload"]["errors"]
            assert error["extensions"] == {"code": "OVERLOADED"}


async def test_a_run_is_streamed_as_events(shop: Shop, web: Web) -> None:
    await queued(shop, 1)
    run = await begin(shop)
    working = asyncio.create_task(work_once_watched(shop, run["id"]))
    body = {"query": WATCH, "variables": {"id": run["id"]}}
    answer = await web.http.post("/graphql", json=body, headers={**shop.msr.token, "accept": "text/event-stream"})
    await working
    assert answer.status_code == httpx.codes.OK
    lines = answer.text.splitlines()
    said = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]
    seen = [each["data"]["batchProgress"] for each in said if each.get("data")]
    assert seen[0] == {"state": "RUNNING", "worked": 0, "remaining": 1}
    assert seen[-1] == {"state": "DONE", "worked": 1, "remaining": 0}
    assert "event: complete" in lines


def first_was_taken(place: watching._Place[Any]) -> bool:
    return place._value is not None and not place._changed.is_set()


async def work_once_watched(shop: Shop, run_id: str) -> None:
    watch = shop.web.app.state.watches.batch_runs
    async with asyncio.timeout(PATIENCE):
        while not any(first_was_taken(place) for places in watch._places.values() for place in places):  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.01)
    await work(shop, run_id)
