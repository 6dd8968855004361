"""Figures of the work itself, for Prometheus: groups, chunks, jobs, deliveries. Labels come from our own lists only."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import Counter, Gauge, Histogram

from domain.store.telemetry import span

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

GROUP_SIZE = Histogram(
    "milepost_group_size", "Postings that were committed together.", buckets=(1, 2, 4, 8, 16, 32, 48, 64)
)
GROUP_SECONDS = Histogram("milepost_group_seconds", "Time to work and commit a group of postings.", buckets=SECONDS)
DESK_WAITING = Gauge("milepost_desk_waiting", "Postings that wait for their group in this process.")
CHUNK_SIZE = Histogram(
    "milepost_chunk_size",
    "Transactions that the batch engine worked in one commit.",
    buckets=(1, 10, 50, 100, 200, 400, 800, 1600, 3200, 6400),
)
CHUNK_SECONDS = Histogram("milepost_chunk_seconds", "Time to work and commit a chunk.", buckets=SECONDS)
JOB_RUNS = Counter("milepost_job_runs_total", "Runs of jobs that have ended in this process.", ["job", "outcome"])
JOB_SECONDS = Histogram(
    "milepost_job_seconds", "Time of a job's run.", ["job"], buckets=(0.01, 0.1, 1, 10, 60, 600, 3600)
)
LEDGER_VIOLATIONS = Counter(
    "milepost_ledger_violations_total", "Rows that broke an invariant when the nightly verification looked."
)
DELIVERIES = Counter(
    "milepost_deliveries_total", "Attempts to deliver a message, by kind and what came of it.", ["kind", "outcome"]
)


@contextmanager
def group(size: int) -> Iterator[None]:
    """A group of postings, worked within the block."""
    began = perf_counter()
    with span("group", size=size):
        yield
    GROUP_SIZE.observe(size)
    GROUP_SECONDS.observe(perf_counter() - began)


@contextmanager
def chunk(size: int) -> Iterator[None]:
    """A chunk of the queue, worked within the block."""
    began = perf_counter()
    with span("chunk", size=size):
        yield
    CHUNK_SIZE.observe(size)
    CHUNK_SECONDS.observe(perf_counter() - began)


@contextmanager
def job(kind: str) -> Iterator[None]:
    """A run of a job; what it came to is counted where it is known."""
    began = perf_counter()
    with span("job", job=kind):
        yield
    JOB_SECONDS.labels(kind).observe(perf_counter() - began)
