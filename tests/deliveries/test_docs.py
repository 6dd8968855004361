"""The pages about webhooks, emails and jobs say what is so: types, times, numbers, requests and the receiver's code."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from app import seed
from app.runtime import Runtime
from domain import webhooks
from domain.deliveries import EventType
from domain.jobs import LATE, RETRIES, Missed
from domain.people import Role
from domain.services import deliveries, job_list, jobs
from domain.services import webhooks as services
from domain.services.engine_programs import EnginePrograms
from domain.store.database import Database
from tests.docs.pages import FENCE, ROOT, examples
from tests.graphql.web import SETTINGS, serving
from tests.support.factories import a_person
from workers.webhooks import ANSWER_SECONDS, AT_ONCE

WEBHOOKS = ROOT / "docs" / "webhooks.md"
JOBS = ROOT / "docs" / "jobs.md"


def words(span: timedelta) -> str:
    """As the page says it: `5 minutes`."""
    seconds = int(span.total_seconds())
    hours, minutes = divmod(seconds, 3600)[0], seconds // 60
    return f"{hours} hours" if hours else f"{minutes} minutes" if minutes else f"{seconds} seconds"


def rows(text: str) -> list[list[str]]:
    """The cells of every table of a page."""
    lines = (line for line in text.splitlines() if line.startswith("|"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_page_names_every_event() -> None:
    named = [cells[0].strip("`") for cells in rows(WEBHOOKS.read_text()) if "." in cells[0]]
    assert named == [kind.value for kind in EventType]


def test_the_page_shows_the_schedule_of_attempts() -> None:
    [after] = [cells[1:] for cells in rows(WEBHOOKS.read_text()) if cells[0] == "after"]
    assert after == [words(wait) for wait in webhooks.RETRIES]
    total = sum(webhooks.RETRIES, timedelta())
    assert timedelta(days=3) < total < timedelta(days=3, hours=6)


def test_the_numbers_on_the_page_are_those_of_the_code() -> None:
    text = " ".join(WEBHOOKS.read_text().split())
    said = (
        f"at most {webhooks.MOST_ENDPOINTS} endpoints", f"{words(webhooks.SECRET_LIVES_ON)} messages are signed with both",
        f"within {ANSWER_SECONDS} seconds", f"up to {services.MOST_REPLAYED:,} messages",
        f"kept for {deliveries.KEPT.days} days",
    )  # fmt: skip
    assert [each for each in said if each not in text] == []
    assert (AT_ONCE, webhooks.PATIENCE.days) == (10, 5)
    assert (webhooks.rest(1), webhooks.rest(100)) == (timedelta(seconds=5), timedelta(minutes=5))


async def test_every_request_on_the_page_is_answered(fresh_database: Database) -> None:
    found = examples(WEBHOOKS)
    assert len(found) == 2
    async with serving(fresh_database) as web:
        await seed.seed(Runtime(SETTINGS, fresh_database, EnginePrograms(), web.desk))
        caller = web.caller(await a_person(fresh_database, Role.PROGRAM_ADMINISTRATOR))
        answers = [await caller.answer(each.query) for each in found]
    created, listed = [each["data"] for each in answers]
    assert created["webhookEndpointCreate"]["errors"] == []
    assert created["webhookEndpointCreate"]["secret"].startswith("whsec_")
    assert listed == {"deliveries": {"edges": []}}


def test_the_receiver_on_the_page_takes_what_is_signed_once_and_nothing_else() -> None:
    [code] = [block[2] for block in FENCE.finditer(WEBHOOKS.read_text()) if block[1] == "python"]
    there: dict[str, Any] = {}
    exec(code, there)
    now, body, seen = datetime.now(UTC), '{"type": "member.enrolled"}', set[str]()
    headers = {
        "webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(there["SECRET"]).sign("msg_1", now, body),
    }  # fmt: skip
    assert there["receive"](headers, body.encode(), seen) == {"type": "member.enrolled"}
    assert there["receive"](headers, body.encode(), seen) is None
    with pytest.raises(WebhookVerificationError):
        there["receive"](headers, b'{"type": "member.erased"}', seen)


def test_the_page_lists_every_job_as_it_is() -> None:
    shown = {cells[0].strip("`"): (cells[1], cells[2]) for cells in rows(JOBS.read_text()) if cells[0].startswith("`")}
    missed = {Missed.CATCH_UP: "caught up", Missed.SKIP: "skipped"}
    assert shown == {job.code: (str(job.when), missed[job.missed]) for job in job_list.JOBS}


def test_the_page_knows_whose_the_jobs_of_the_installation_are() -> None:
    text = " ".join(JOBS.read_text().split())
    *others, last = (f"`{code}`" for code in sorted(job_list.OF_ALL))
    assert f"{', '.join(others)} and {last} belong to the installation" in text


def test_the_times_on_the_page_are_those_of_the_code() -> None:
    assert timedelta(minutes=10) == jobs.CLAIM
    assert timedelta(hours=1) == LATE
    assert [wait.total_seconds() / 60 for wait in RETRIES] == [1, 2, 5, 10, 30, 60]
