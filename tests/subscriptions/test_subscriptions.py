"""What comes is told to those who may see it, in order, once; whoever is too slow is told so; the end comes in order."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from graphql import GraphQLError

from domain.commands.members import MemberReference
from domain.people import Role
from domain.store.changes import Bell, Moment
from domain.store.database import Database, Reader
from resolvers import feeds, watching
from tests.app.sockets import PATIENCE, Socket, connected
from tests.graphql.shop import LIMIT, Shop, open_shop
from tests.graphql.web import Caller, Web, a_key, serving
from tests.support.factories import a_partner

CHANGED = "subscription($id: ID, $member: ID) { transactionChanged(id: $id, member: $member) { id status version } }"
WAITING = "subscription { approvalWaiting { kind transaction { id status } covered } }"


@pytest_asyncio.fixture
async def web(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Web]:
    """The application; every commit rings the bell."""
    bell = Bell(database)
    monkeypatch.setattr(database, "committed", bell)
    async with serving(database) as web:
        yield web
        web.app.state.watches.close()
    await bell.close()


@pytest_asyncio.fixture
async def shop(web: Web) -> Shop:
    return await open_shop(web)


@asynccontextmanager
async def subscribed(who: Caller, web: Web, query: str, **variables: Any) -> AsyncIterator[Socket]:
    async with connected(web.app, "/graphql") as socket:
        socket.send({"type": "connection_init", "payload": who.token})
        assert (await socket.receive())["type"] == "connection_ack"
        socket.send({"type": "subscribe", "id": "1", "payload": {"query": query, "variables": variables}})
        yield socket


async def event(socket: Socket) -> Any:
    message = await socket.receive()
    assert message["type"] == "next", message
    return message["payload"]["data"]


async def member_id(shop: Shop, number: str) -> str:
    query = "query($p: String!, $n: String!) { member(program: $p, reference: { number: $n }) { id } }"
    return str((await shop.msr.ask(query, p=shop.program, n=number))["member"]["id"])


async def live(feed: feeds.Feed[Any, Any], watchers: int = 1) -> None:
    """Return once so many watch and nothing is missed any more."""
    async with asyncio.timeout(PATIENCE):
        while feed.watchers < watchers or not feed.live:  # noqa: ASYNC110 - the watcher comes over a socket
            await asyncio.sleep(0.01)


async def test_a_transaction_is_told_as_it_is_and_at_every_change(shop: Shop, web: Web) -> None:
    made = await shop.record(await shop.enroll())
    async with subscribed(shop.msr, web, CHANGED, id=made["id"]) as socket:
        first = await event(socket)
        assert first == {"transactionChanged": {"id": made["id"], "status": "IN_PROGRESS", "version": 1}}
        await shop.msr.done("transactionSubmit", "transaction { id }", id=made["id"])
        assert (await event(socket))["transactionChanged"] == {"id": made["id"], "status": "SUBMITTED", "version": 2}
        given = {"id": made["id"], "idempotencyKey": a_key()}
        approved = await shop.manager.done("transactionApprove", "transaction { id status version }", **given)
        assert (await event(socket))["transactionChanged"] == approved["transaction"]
    assert web.app.state.watches.transactions.watchers == 0


async def test_of_a_member_every_transaction_is_told_and_of_others_none(shop: Shop, web: Web) -> None:
    mine, other = await shop.enroll(), await shop.enroll()
    async with subscribed(shop.msr, web, CHANGED, member=await member_id(shop, mine)) as socket:
        await live(web.app.state.watches.transactions)
        await shop.earn(other, "5")
        made = await shop.earn(mine, "7")
        assert (await event(socket))["transactionChanged"] == {"id": made["id"], "status": "PROCESSED", "version": 1}
        again = await shop.earn(mine, "8")
        assert (await event(socket))["transactionChanged"]["id"] == again["id"]


async def test_what_waits_is_told_to_those_whom_it_waits_for(shop: Shop, web: Web) -> None:
    async with (
        subscribed(shop.manager, web, WAITING) as manager,
        subscribed(shop.director, web, WAITING) as director,
        subscribed(shop.msr, web, WAITING) as msr,
    ):
        await live(web.app.state.watches.approvals, 3)
        large = await shop.record(await shop.enroll(), points=str(LIMIT + 1))
        asked = {"id": large["id"], "submitTo": shop.director.person.subject}
        await shop.msr.done("transactionSubmit", "transaction { id }", **asked)
        found = await event(director)
        assert found["approvalWaiting"] == {
            "kind": "TRANSACTION", "transaction": {"id": large["id"], "status": "SUBMITTED"}, "covered": True,
        }  # fmt: skip
        small = await shop.record(await shop.enroll(), points="5")
        await shop.msr.done("transactionSubmit", "transaction { id }", id=small["id"])
        for one in (manager, director):
            assert (await event(one))["approvalWaiting"]["transaction"]["id"] == small["id"]
        assert msr.from_app.empty()


async def test_what_may_not_be_seen_cannot_be_watched(shop: Shop, web: Web) -> None:
    number = await shop.enroll()
    made, member = await shop.record(number), await member_id(shop, number)
    elsewhere = await open_shop(web)
    partner = await a_partner(web.database)
    representative = await web.person(Role.PARTNER_REPRESENTATIVE, partner=partner.code)
    for who, asked in (
        (elsewhere.msr, {"id": made["id"]}),
        (elsewhere.msr, {"member": member}),
        (representative, {"id": made["id"]}),
        (representative, {"member": member}),
        (shop.msr, {"id": "rubbish"}),
        (shop.msr, {"id": member}),
        (shop.msr, {"member": made["id"]}),
    ):
        async with subscribed(who, web, CHANGED, **asked) as socket:
            assert await socket.receive() == {"id": "1", "type": "complete"}


async def test_members_watch_what_is_theirs_and_nothing_else(shop: Shop, web: Web) -> None:
    number, other = await shop.enroll(), await shop.enroll()
    mine = await web.person(Role.MEMBER, program=shop.program, member=MemberReference(number=number))
    async with subscribed(mine, web, CHANGED, member=await member_id(shop, number)) as socket:
        await live(web.app.state.watches.transactions)
        made = await shop.earn(number, "7")
        assert (await event(socket))["transactionChanged"]["id"] == made["id"]
    async with subscribed(mine, web, CHANGED, member=await member_id(shop, other)) as socket:
        assert await socket.receive() == {"id": "1", "type": "complete"}
    async with subscribed(mine, web, WAITING) as socket:
        [error] = (await socket.receive())["payload"]
        assert error["extensions"]["code"] == "FORBIDDEN"


async def test_exactly_one_thing_is_watched(shop: Shop, web: Web) -> None:
    for asked in ({}, {"id": "a", "member": "b"}):
        async with subscribed(shop.msr, web, CHANGED, **asked) as socket:
            [error] = (await socket.receive())["payload"]["errors"]
            assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def told(since: Sequence[Sequence[int]], database: Database) -> feeds.Feed[str, int]:
    """A feed that finds, one look after the other, these things."""
    looks = iter(since)

    async def look(_reader: Reader, _since: Moment, keys: Sequence[str]) -> dict[str, Sequence[int]]:
        return dict.fromkeys(keys, next(looks, ()))

    return feeds.Feed(database, feeds.Ear(database), look)


async def test_what_changes_again_before_it_is_told_is_told_once(database: Database) -> None:
    feed = await told([[1, 2, 1], [3]], database)
    async with aclosing(feed.news("all", 7)) as news:
        assert [await anext(news) for _ in range(4)] == [7, 1, 2, 3]
    assert feed.watchers == 0


async def test_who_is_too_slow_is_told_so_and_ended(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "PENDING", 2)
    feed = await told([[1, 2, 3]], database)
    async with aclosing(feed.news("all")) as news:
        with pytest.raises(GraphQLError) as refused:
            await anext(news)
    assert refused.value.extensions == {"code": "TOO_SLOW", "limit": 2}
    assert feed.watchers == 0


async def test_looking_goes_on_after_a_look_that_failed(
    shop: Shop, web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = await shop.record(await shop.enroll())
    async with subscribed(shop.msr, web, CHANGED, id=made["id"]) as socket:
        await event(socket)
        with monkeypatch.context() as broken:
            broken.setattr(web.database, "snapshot", None)
            await shop.msr.done("transactionSubmit", "transaction { id }", id=made["id"])
            async with asyncio.timeout(PATIENCE):
                while "could not look what has changed" not in caplog.text:  # noqa: ASYNC110 - a log line has no event
                    await asyncio.sleep(0.01)
        await shop.earn(await shop.enroll(), "1")
        assert (await event(socket))["transactionChanged"]["status"] == "SUBMITTED"


async def test_the_end_of_the_server_ends_what_is_watched_in_order(shop: Shop, web: Web) -> None:
    made = await shop.record(await shop.enroll())
    async with subscribed(shop.msr, web, CHANGED, id=made["id"]) as one, subscribed(shop.manager, web, WAITING) as two:
        await event(one)
        await live(web.app.state.watches.approvals)
        web.app.state.watches.close()
        for socket in (one, two):
            assert await socket.receive() == {"id": "1", "type": "complete"}
    async with subscribed(shop.msr, web, WAITING) as late:
        [error] = (await late.receive())["payload"]["errors"]
        assert error["extensions"] == {"code": "OVERLOADED"}


async def test_more_than_one_process_takes_are_told_to_come_back(
    shop: Shop, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MOST", 1)
    async with subscribed(shop.manager, web, WAITING):
        await live(web.app.state.watches.approvals)
        async with subscribed(shop.manager, web, WAITING) as second:
            [error] = (await second.receive())["payload"]["errors"]
            assert error["extensions"] == {"code": "OVERLOADED"}
