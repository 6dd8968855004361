"""What operators see: figures, the dashboard made of them, traces, slow operations; and nothing personal in any log."""

import json
import logging
import re
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY
from pydantic import SecretStr
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from app.asgi import create_app
from app.exposition import OF_DATABASE, of_worker
from app.identity import Identity
from app.settings import Environment, Settings
from app.tracing import traces
from domain.services import batch_runs
from domain.store import telemetry
from domain.store.database import Database
from schema.ids import unseal
from tests.app.milepost import free_port
from tests.app.stamps import NO_DESK, stamp_schema
from tests.app.test_identity import People
from tests.graphql.shop import Shop, open_shop
from tests.graphql.web import SETTINGS, serving

OPS = Path(__file__).parent.parent.parent / "ops"
TOKEN = "a-token-that-prometheus-knows"


@pytest_asyncio.fixture
async def shop(database: Database) -> AsyncIterator[Shop]:
    async with serving(database) as web:
        yield await open_shop(web)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What was traced."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("tests"))
    monkeypatch.setattr(telemetry, "_tracing", True)
    yield exporter
    provider.shutdown()


def value(name: str, /, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


async def test_operations_are_counted_by_kind_and_errors_by_code(shop: Shop) -> None:
    refused = {"place": "payload", "code": "NOT_FOUND"}
    before = (
        value("milepost_errors_total", **refused),
        value("milepost_operations_total", kind="mutation", outcome="answered"),
    )
    await shop.msr.refused("pointsEarn", **shop.of("nobody", amount="5"))
    after = (
        value("milepost_errors_total", **refused),
        value("milepost_operations_total", kind="mutation", outcome="answered"),
    )
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)
    unread = {"place": "answer", "code": "INVALID_REQUEST"}
    before = value("milepost_errors_total", **unread), value("milepost_operations_total", kind="none", outcome="errors")
    await shop.msr.answer("{ nonsense }")
    after = value("milepost_errors_total", **unread), value("milepost_operations_total", kind="none", outcome="errors")
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)


async def test_groups_chunks_and_waits_are_measured(shop: Shop) -> None:
    names = ("milepost_group_size_sum", "milepost_chunk_size_sum", "milepost_chunk_seconds_count")
    before = [value(name) for name in names]
    waited = value("milepost_pool_wait_seconds_count")
    await shop.earn(await shop.enroll(), "5")
    given = shop.of(await shop.enroll(), type="ACCRUAL", subType="PRODUCT", amount="10", queue=True)
    await shop.msr.done("transactionCreate", "transaction { id }", **given)
    figures = (await shop.web.http.get("/metrics")).text
    assert re.search(r"^milepost_queue_depth [1-9]", figures, re.MULTILINE)
    assert "\nmilepost_database_up 1.0" in figures
    run = (await shop.administrator.done("batchStart", "batchRun { id }", program=shop.program))["batchRun"]
    found = unseal(run["id"])
    assert found is not None
    assert isinstance(found.key, int)
    async for _ in batch_runs.work(
        shop.web.database, shop.web.desk.programs, await batch_runs.batch_run(shop.web.database, found.key)
    ):
        pass
    assert [value(name) - was for name, was in zip(names, before, strict=True)][:2] == [1, 1]
    assert value("milepost_chunk_seconds_count") > before[2]
    assert value("milepost_pool_wait_seconds_count") > waited
    assert value("milepost_desk_waiting") == 0


def shown() -> set[str]:
    """Every name that a scrape can show."""
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
    metrics = [metric for registry in (REGISTRY, OF_DATABASE) for metric in registry.collect()]
    return {metric.name + suffix for metric in metrics for suffix in suffixes.get(metric.type, ())}


def named(text: str) -> set[str]:
    return set(re.findall(r"\bmilepost_[a-z_]+", text))


def test_the_dashboard_and_the_alerts_name_figures_that_there_are_and_all_of_them() -> None:
    dashboard = json.loads((OPS / "grafana-dashboard.json").read_text())
    drawn = named(" ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"]))
    alerts = named(" ".join(re.findall(r"expr: (.*)", (OPS / "alerts.yaml").read_text())))
    assert (drawn | alerts) - shown() == set()
    ours = {name for name in shown() if name.startswith("milepost_")}
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in ours}
    used = {re.sub(r"_(bucket|sum|count)$", "", name) for name in drawn | alerts}
    assert families - used == set()
    assert len({panel["title"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


@pytest.mark.parametrize(
    ("environment", "token", "given", "status"),
    [
        (Environment.TEST, None, None, 200),
        (Environment.TEST, TOKEN, None, 401),
        (Environment.PRODUCTION, None, None, 404),
        (Environment.PRODUCTION, TOKEN, None, 401),
        (Environment.PRODUCTION, TOKEN, "Bearer wrong", 401),
        (Environment.PRODUCTION, TOKEN, "Bearer wr\xf6ng", 401),
        (Environment.PRODUCTION, TOKEN, f"Bearer {TOKEN}", 200),
    ],
)
async def test_figures_are_shown_to_those_who_may_see_them(
    database: Database, environment: Environment, token: str | None, given: str | None, status: int
) -> None:
    secret = None if token is None else SecretStr(token)
    settings = SETTINGS.model_copy(update={"environment": environment, "metrics_token": secret})
    headers = [] if given is None else [(b"authorization", given.encode("latin-1"))]
    app = create_app(settings, database, NO_DESK, identity=Identity(settings, People().find), schema=stamp_schema())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://milepost.test") as http:
        answer = await http.get("/metrics", headers=headers)
    assert (answer.status_code, "milepost_" in answer.text) == (status, status == httpx.codes.OK)


def test_a_worker_shows_its_figures_at_a_port_of_its_own() -> None:
    port = free_port()
    settings = Settings(metrics_port=port, metrics_token=SecretStr(TOKEN), _env_file=None)
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    with of_worker(settings) as where:
        assert where == port
        with urllib.request.urlopen(request) as answer:
            assert b"milepost_chunk_seconds" in answer.read()
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/else")
    with of_worker(Settings(_env_file=None)) as nowhere:
        assert nowhere is None


async def test_a_slow_operation_is_logged_with_who_and_what(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SETTINGS.__dict__, "slow_ms", -1)
    with capture_logs([merge_contextvars]) as logs:
        await shop.msr.ask("query Wanted { viewer { subject } }")
    [slow] = [each for each in logs if each["event"] == "slow operation"]
    assert (slow["kind"], slow["log_level"], slow["ms"] >= 0) == ("query", "warning", True)
    assert (slow["operation"], slow["actor"]) == ("Wanted", shop.msr.person.id)


async def test_an_operation_its_batches_and_its_group_are_traced(shop: Shop, spans: InMemorySpanExporter) -> None:
    number = await shop.enroll()
    spans.clear()
    await shop.earn(number, "5", "id member { number }")
    found = {span.name: span for span in spans.get_finished_spans()}
    assert set(found) == {"mutation", "group", "load"}
    assert dict(found["mutation"].attributes or {}) == {"milepost.operation": "pointsEarn"}
    assert dict(found["group"].attributes or {}) == {"milepost.size": 1}
    load = found["load"]
    assert load.parent is not None
    assert load.parent.span_id == found["mutation"].context.span_id
    assert dict(load.attributes or {}) == {"milepost.of": "member", "milepost.keys": 1}


async def test_no_log_has_anything_personal(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    personal = {"name": "Zebulon Quince", "email": "zebulon@quince.example", "phone": "+4366012345678"}
    caplog.set_level(logging.DEBUG)
    with capture_logs([merge_contextvars]) as logs:
        member = (await shop.msr.done("memberEnroll", "member { number }", program=shop.program, **personal))["member"]
        await shop.msr.command("memberEnroll", program=shop.program, **{**personal, "email": "zebulon-not-an-address"})
        query = "query($p: String!, $e: String!) { member(program: $p, reference: { email: $e }) { name email phone } }"
        assert (await shop.msr.ask(query, p=shop.program, e=personal["email"]))["member"] == personal
        await shop.msr.answer(
            f'{{ member(program: "{shop.program}", reference: {{ email: "{personal["email"]}" }}) {{ nme }} }}'
        )
        await shop.earn(member["number"], "5", comment="for Zebulon")
        await shop.web.http.get("/graphql?query={viewer{subject}}&variables=zebulon", headers=shop.msr.token)
        await shop.web.http.get("/zebulon@quince.example", headers={"x-request-id": "zebulon quince"})
    ours = [record.getMessage() for record in caplog.records if record.name != "httpx"]  # who asks logs what it asks
    told = f"{logs}{ours}".lower()
    assert "operation" in told
    assert re.findall(r"zebulon|quince|4366012345678", told) == []
    requests = [each for each in logs if each["event"] == "request"]
    assert all({"route", "method", "status", "ms"} <= set(each) for each in requests)


async def test_every_line_of_a_request_has_its_id_its_actor_and_its_operation(shop: Shop) -> None:
    with capture_logs([merge_contextvars]) as logs:
        body = {"query": "query Named { viewer { subject } }"}
        headers = {**shop.msr.token, "x-request-id": "from-the-proxy"}
        answer = await shop.web.http.post("/graphql", json=body, headers=headers)
    assert answer.headers["x-request-id"] == "from-the-proxy"
    [line] = [each for each in logs if each["event"] == "request"]
    assert (line["request_id"], line["actor"], line["operation"]) == ("from-the-proxy", shop.msr.person.id, "Named")


def test_where_nothing_can_send_traces_that_is_said_and_work_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter", None)
    with capture_logs() as logs, traces():
        assert telemetry.span("anything") is telemetry.span("else")
    assert [each["event"] for each in logs] == ["no traces are sent: install milepost[telemetry]"]
