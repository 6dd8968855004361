"""Webhooks, delivered to a real server: signed by the scheme, tried again by the schedule, and never to a private address."""

import asyncio
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from standardwebhooks import Webhook, WebhookVerificationError

from domain.commands.webhooks import WebhookEndpointReplay, WebhookEndpointUpdate
from domain.deliveries import DeliveryStatus
from domain.people import ENGINE
from domain.services.deliveries import LEASE
from domain.services.webhooks import webhook_endpoint_replay, webhook_endpoint_rotate, webhook_endpoint_update
from domain.store.database import Database
from domain.webhooks import LONGEST_REST, PATIENCE, RETRIES, SECRET_LIVES_ON, EndpointOff, OffBecause, is_public
from tests.app.milepost import PATIENCE_S
from tests.deliveries.receivers import Heard, Receiver, receiver
from tests.deliveries.telling import an_endpoint, as_it_is, courier, deliver, happened, messages
from tests.support.factories import a_partner, a_program, result_of
from tests.support.members import at, refusal

STATUS = DeliveryStatus
CUT = text(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
)


def numbers(there: Receiver, secret: str) -> list[int]:
    return sorted(heard.verified(secret)["data"]["number"] for heard in there.heard)


async def test_what_happened_is_told_once_and_signed_so_that_the_reference_believes_it(
    fresh_database: Database,
) -> None:
    program = await a_program(fresh_database)
    with receiver() as there:
        told = await an_endpoint(fresh_database, program, there.url)
        await happened(fresh_database, program, 1, 2, 3)
        await deliver(fresh_database)
        await deliver(fresh_database)
    assert told.secret is not None
    assert told.secret.startswith("whsec_")
    assert numbers(there, told.secret) == [1, 2, 3]
    body = there.heard[0].verified(told.secret)
    assert (body["type"], sorted(body)) == ("member.enrolled", ["data", "timestamp", "type"])
    assert there.heard[0].path == "/hooks"
    assert there.heard[0].headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        there.heard[0].verified("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert [(each.status, each.attempts) for each in await messages(fresh_database)] == [(STATUS.DELIVERED, 1)] * 3
    assert sorted(there.ids) == sorted(each.message_id for each in await messages(fresh_database))


def test_the_scheme_is_that_of_its_specification() -> None:
    """The example that the authors of the scheme give."""
    signer = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    moment = datetime.fromtimestamp(1614265330, UTC)
    signature = signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", moment, '{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_two_endpoints_hear_the_same_message_under_the_same_id(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    with receiver() as one, receiver() as other:
        first, second = [await an_endpoint(fresh_database, program, there.url) for there in (one, other)]
        await happened(fresh_database, program, 1)
        await deliver(fresh_database)
    assert one.ids == other.ids
    assert first.secret != second.secret
    assert second.secret is not None
    assert numbers(other, second.secret) == [1]


async def test_a_partner_hears_of_its_own_rows_and_another_program_of_nothing(fresh_database: Database) -> None:
    program, elsewhere = await a_program(fresh_database), await a_program(fresh_database)
    airline, hotel = [await a_partner(fresh_database, program) for _ in range(2)]
    with receiver() as host, receiver() as theirs, receiver() as other:
        mine = await an_endpoint(fresh_database, program, host.url)
        yours = await an_endpoint(fresh_database, program, theirs.url, partner=airline.code)
        await an_endpoint(fresh_database, elsewhere, other.url)
        await happened(fresh_database, program, 1, partner_id=airline.id)
        await happened(fresh_database, program, 2, partner_id=hotel.id)
        await happened(fresh_database, program, 3)
        await deliver(fresh_database)
    assert mine.secret is not None
    assert yours.secret is not None
    assert (numbers(host, mine.secret), numbers(theirs, yours.secret), other.heard) == ([1, 2, 3], [1], [])


async def test_a_message_that_fails_is_tried_again_for_three_days_and_then_given_up(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    async with fresh_database.read() as reader:
        moment = begin = await fresh_database.now(reader)
    with receiver() as there:
        there.answer = lambda _: 500
        told = await an_endpoint(fresh_database, program, there.url)
        await happened(fresh_database, program, 1)
        for attempt, wait in enumerate(RETRIES, start=1):
            moment += timedelta(seconds=1)
            await deliver(fresh_database, moment)
            [message] = await messages(fresh_database)
            assert (message.status, message.attempts, message.problem) == (STATUS.WAITING, attempt, "HTTP 500")
            assert wait <= message.due_at - moment <= wait * 1.1
            moment = max(message.due_at, moment + LONGEST_REST)
        await deliver(fresh_database, moment)
        [message] = await messages(fresh_database)
        assert (message.status, message.attempts, message.finished_at) == (STATUS.FAILED, 10, moment)
        await deliver(fresh_database, moment + timedelta(days=1))
    assert len(there.heard) == 10
    assert len(set(there.ids)) == 1
    assert timedelta(days=3) < moment - begin < timedelta(days=4)
    assert (await as_it_is(fresh_database, told.endpoint)).active


async def test_what_got_through_after_a_failure_is_not_told_again(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    async with fresh_database.read() as reader:
        now = await fresh_database.now(reader)
    with receiver() as there:
        there.answer = lambda heard: 503 if len(there.heard) == 1 else 200
        told = await an_endpoint(fresh_database, program, there.url)
        await happened(fresh_database, program, 1)
        for minutes in (1, 10, 100):
            await deliver(fresh_database, now + timedelta(minutes=minutes))
    assert len(there.heard) == 2
    [message] = await messages(fresh_database)
    assert (message.status, message.attempts, message.problem) == (STATUS.DELIVERED, 2, None)
    endpoint = await as_it_is(fresh_database, told.endpoint)
    assert (endpoint.failing_since, endpoint.rests_until) == (None, None)


async def test_after_the_first_failure_an_endpoint_rests_and_others_are_served(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    with receiver() as broken, receiver() as well:
        broken.answer = lambda _: 500
        ill = await an_endpoint(fresh_database, program, broken.url)
        await an_endpoint(fresh_database, program, well.url)
        await happened(fresh_database, program, *range(60))
        await deliver(fresh_database)
    assert len(well.heard) == 60
    assert 1 <= len(broken.heard) <= 10
    endpoint = await as_it_is(fresh_database, ill.endpoint)
    assert endpoint.failing_since is not None
    assert endpoint.rests_until is not None
    assert endpoint.rests_until > endpoint.failing_since
    tried = [each.attempts for each in await messages(fresh_database, endpoint)]
    assert sorted(set(tried)) == [0, 1]
    assert sum(tried) == len(broken.heard)


async def test_a_slow_endpoint_keeps_nobody_else_waiting(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    told = threading.Event()

    def waits(_: Heard) -> int:
        told.wait(PATIENCE_S)
        return 204

    with receiver() as slow, receiver() as quick:
        slow.answer = waits
        await an_endpoint(fresh_database, program, slow.url)
        await an_endpoint(fresh_database, program, quick.url)
        await happened(fresh_database, program, *range(3))
        async with courier(fresh_database) as someone:
            await someone.look()
            await happened(fresh_database, program, *range(3))
            while len(quick.heard) < 6:
                await someone.look()
                await asyncio.sleep(0.02)
            while len(slow.heard) < 3:  # noqa: ASYNC110 the receiver is a stranger
                await asyncio.sleep(0.02)
            assert slow.at_once == 3
            told.set()


async def test_no_more_than_ten_messages_are_told_at_the_same_time(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    with receiver() as there:
        there.seconds = 0.05
        await an_endpoint(fresh_database, program, there.url)
        await happened(fresh_database, program, *range(40))
        await deliver(fresh_database)
    assert len(there.heard) == 40
    assert there.most_at_once <= 10


async def test_an_endpoint_that_is_gone_is_switched_off_and_its_messages_kept(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    with receiver() as there:
        there.answer = lambda _: 410
        told = await an_endpoint(fresh_database, program, there.url)
        await happened(fresh_database, program, 1)
        await deliver(fresh_database)
        endpoint = await as_it_is(fresh_database, told.endpoint)
        assert (endpoint.active, endpoint.off_because) == (False, OffBecause.GONE)
        await happened(fresh_database, program, 2)
        await deliver(fresh_database)
        assert len(there.heard) == 1
        assert [each.status for each in await messages(fresh_database)] == [STATUS.HELD] * 2
        replay = WebhookEndpointReplay(endpoint_id=endpoint.id, since=endpoint.created_at - timedelta(seconds=1))
        with refusal(EndpointOff(path=("input", "endpoint"))):
            await webhook_endpoint_replay(fresh_database, ENGINE, replay)
        on = WebhookEndpointUpdate(endpoint_id=endpoint.id, expected_version=endpoint.version, active=True)
        await webhook_endpoint_update(fresh_database, ENGINE, on, private=True)
        there.answer = lambda _: 200
        assert result_of(await webhook_endpoint_replay(fresh_database, ENGINE, replay)).messages == 2
        await deliver(fresh_database)
    assert told.secret is not None
    assert numbers(there, told.secret) == [1, 1, 2]
    assert [each.status for each in await messages(fresh_database)] == [STATUS.DELIVERED] * 2


async def test_an_endpoint_at_which_nothing_gets_through_for_days_is_switched_off(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    async with fresh_database.read() as reader:
        moment = await fresh_database.now(reader) + timedelta(seconds=1)
    with receiver() as there:
        there.answer = lambda _: 404
        told = await an_endpoint(fresh_database, program, there.url)
        await happened(fresh_database, program, 1, 2)
        await deliver(fresh_database, moment)
        await deliver(fresh_database, moment + PATIENCE - timedelta(minutes=1))
        assert (await as_it_is(fresh_database, told.endpoint)).active
        await deliver(fresh_database, moment + PATIENCE + timedelta(hours=25))
    endpoint = await as_it_is(fresh_database, told.endpoint)
    assert (endpoint.active, endpoint.off_because) == (False, OffBecause.FAILING)
    assert {each.status for each in await messages(fresh_database)} == {STATUS.HELD}


async def test_a_replay_tells_a_span_of_time_again_under_the_same_ids(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    with receiver() as there:
        told = await an_endpoint(fresh_database, program, there.url)
        await happened(fresh_database, program, 1)
        await happened(fresh_database, program, 2)
        await happened(fresh_database, program, 3)
        await deliver(fresh_database)
        first, second, third = await messages(fresh_database)
        before = sorted(there.ids)
        replay = WebhookEndpointReplay(
            endpoint_id=told.endpoint.id, since=second.created_at, until=third.created_at, delivered=True
        )
        again = result_of(await webhook_endpoint_replay(fresh_database, ENGINE, replay))
        assert (again.messages, again.more) == (1, False)
        await deliver(fresh_database)
    assert sorted(there.ids) == sorted([*before, second.message_id])
    assert first.message_id != second.message_id


async def test_after_a_rotation_both_secrets_are_good_for_a_day(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    with receiver() as there:
        told = await an_endpoint(fresh_database, program, there.url)
        new = result_of(await webhook_endpoint_rotate(fresh_database, ENGINE, told.endpoint.id))
        await happened(fresh_database, program, 1)
        await deliver(fresh_database)
        async with fresh_database.read() as reader:
            later = await fresh_database.now(reader) + SECRET_LIVES_ON
        tomorrow = at(fresh_database, later)
        await happened(tomorrow, program, 2)
        await deliver(fresh_database, later)
        await tomorrow.close()
    assert told.secret is not None
    assert new.secret is not None
    today, next_day = there.heard
    assert today.verified(told.secret) == today.verified(new.secret)
    assert next_day.verified(new.secret)["data"] == {"number": 2}
    with pytest.raises(WebhookVerificationError):
        next_day.verified(told.secret)


async def test_private_addresses_are_refused_when_they_are_called(fresh_database: Database) -> None:
    """Also behind a name: what it stands for is judged after it was looked up."""
    program = await a_program(fresh_database)
    with receiver() as there:
        port = there.url.rpartition(":")[2]
        for url in (there.url, f"http://localhost:{port}"):
            await an_endpoint(fresh_database, program, url)
        await happened(fresh_database, program, 1)
        await deliver(fresh_database, private=False)
    assert there.heard == []
    problems = [each.problem for each in await messages(fresh_database)]
    assert problems == ["its address is not on the open internet"] * 2


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_an_address_that_is_not_on_the_open_internet_is_private(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_an_address_on_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


async def test_redirects_are_not_followed(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    with receiver() as there, receiver() as elsewhere:
        there.answer, there.headers = (lambda _: 307), {"location": elsewhere.url}
        await an_endpoint(fresh_database, program, there.url)
        await happened(fresh_database, program, 1)
        await deliver(fresh_database)
    assert (len(there.heard), elsewhere.heard) == (1, [])
    [message] = await messages(fresh_database)
    assert (message.status, message.problem) == (STATUS.WAITING, "HTTP 307")


async def test_an_answer_is_read_only_so_far(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    with receiver() as there:
        there.body = b"x" * 20_000_000
        await an_endpoint(fresh_database, program, there.url)
        await happened(fresh_database, program, 1)
        await deliver(fresh_database)
    [message] = await messages(fresh_database)
    assert message.status is STATUS.DELIVERED


async def test_no_answer_in_time_is_a_failure(fresh_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.webhooks.ANSWER_SECONDS", 0.2)
    program = await a_program(fresh_database)
    with receiver() as there:
        there.seconds = 1
        await an_endpoint(fresh_database, program, there.url)
        await happened(fresh_database, program, 1)
        await deliver(fresh_database)
    [message] = await messages(fresh_database)
    assert (message.status, message.attempts) == (STATUS.WAITING, 1)
    assert message.problem == "no answer within 0.2 seconds"


async def test_nobody_listening_is_a_failure(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    with receiver() as there:
        gone = there.url
    await an_endpoint(fresh_database, program, gone)
    await an_endpoint(fresh_database, program, "http://nowhere.invalid/hooks")
    await happened(fresh_database, program, 1)
    await deliver(fresh_database)
    first, second = await messages(fresh_database)
    assert first.problem is not None
    assert first.problem.startswith("ConnectError: ")
    assert second.problem == "ConnectError: nowhere.invalid cannot be looked up"


async def test_several_workers_share_the_outbox_and_tell_everything_once(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    with receiver() as there:
        told = [await an_endpoint(fresh_database, program, there.url) for _ in range(4)]
        await happened(fresh_database, program, *range(50))
        await asyncio.gather(*(deliver(fresh_database) for _ in range(3)))
    problems = {each.problem for one in told for each in await messages(fresh_database, one.endpoint)}
    assert problems == {None}
    assert len(there.heard) == 200
    assert len(set(there.ids)) == 50
    assert {each.status for each in await messages(fresh_database)} == {STATUS.DELIVERED}


async def test_what_a_killed_worker_had_claimed_is_told_when_its_lease_has_run_out(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    async with fresh_database.read() as reader:
        now = await fresh_database.now(reader)
    with receiver() as there:
        there.seconds = 0.3
        told = await an_endpoint(fresh_database, program, there.url)
        await happened(fresh_database, program, 1, 2)
        async with courier(fresh_database) as killed:
            await killed.look()
            for task in list(killed._tasks):
                task.cancel()
        await deliver(fresh_database)
        await deliver(fresh_database, now + LEASE - timedelta(seconds=2))
        assert {each.status for each in await messages(fresh_database)} == {STATUS.WAITING}
        there.heard.clear()
        await deliver(fresh_database, now + LEASE + timedelta(minutes=10))
    assert told.secret is not None
    assert numbers(there, told.secret) == [1, 2]
    assert {each.status for each in await messages(fresh_database)} == {STATUS.DELIVERED}


async def test_a_database_that_restarts_in_the_middle_loses_no_message(fresh_database: Database) -> None:
    """Every connection is cut while messages are on their way, so that what became of them cannot be written down."""
    program = await a_program(fresh_database)
    async with fresh_database.read() as reader:
        now = await fresh_database.now(reader)
    with receiver() as there:
        there.seconds = 0.5
        told = await an_endpoint(fresh_database, program, there.url)
        await happened(fresh_database, program, 1, 2)
        async with courier(fresh_database) as someone:
            await someone.look()
            async with fresh_database.read() as reader:
                await reader.execute(CUT)
            with suppress(DBAPIError):
                await asyncio.gather(*someone._tasks)
            with suppress(DBAPIError):
                await someone.look()
            await someone.deliver_all()
        there.seconds = 0
        await deliver(fresh_database, now + LEASE + timedelta(minutes=10))
    assert told.secret is not None
    assert set(numbers(there, told.secret)) == {1, 2}
    assert {each.status for each in await messages(fresh_database)} == {STATUS.DELIVERED}


async def test_a_worker_that_stops_gives_back_what_it_has_not_begun(fresh_database: Database) -> None:
    program = await a_program(fresh_database)
    told = threading.Event()

    def waits(_: Heard) -> int:
        told.wait(PATIENCE_S)
        return 204

    with receiver() as there:
        there.answer = waits
        await an_endpoint(fresh_database, program, there.url)
        await happened(fresh_database, program, *range(50))
        async with courier(fresh_database) as stopping:
            await stopping.look()
            while len(there.heard) < 10:  # noqa: ASYNC110 the receiver is a stranger
                await asyncio.sleep(0.01)
            stopping.stop()
            told.set()
        assert len(there.heard) == 10
        await deliver(fresh_database)
    assert len(there.heard) == 50
    assert {each.status for each in await messages(fresh_database)} == {STATUS.DELIVERED}


def test_the_receiver_is_a_real_server() -> None:
    with receiver() as there:
        assert httpx.post(there.url, content=b"{}", headers={"webhook-id": "x"}).status_code == 204
        there.answer = _teapot
        assert httpx.post(there.url, content=b"{}").status_code == 418


def _teapot(_heard: Heard) -> int:
    return 418
