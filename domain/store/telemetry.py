"""What a process shows of its work from the store upwards: how long connections are waited for, and spans of traces.

Figures are of Prometheus, their labels come from our own lists only. Spans are of OpenTelemetry and cost nothing where nobody
collects them.
"""

from contextlib import AbstractContextManager, nullcontext
from time import perf_counter
from typing import Any

from opentelemetry import trace
from prometheus_client import Histogram
from sqlalchemy.pool import AsyncAdaptedQueuePool

POOL_WAIT_SECONDS = Histogram(
    "milepost_pool_wait_seconds",
    "Time until a database connection was free, or made.",
    buckets=(0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30),
)

_tracer = trace.get_tracer("milepost")
_nothing: AbstractContextManager[Any] = nullcontext()
_tracing = False


def collect_traces() -> None:
    """From now on spans are made: a provider is there that takes them."""
    global _tracing, _tracer
    _tracing, _tracer = True, trace.get_tracer("milepost")


def span(name: str, **attributes: str | int | None) -> AbstractContextManager[Any]:
    """A span for as long as the block, inside the one that is open. Attributes are names and numbers of ours, never values."""
    if not _tracing:
        return _nothing
    given = {f"milepost.{key}": value for key, value in attributes.items() if value is not None}
    return _tracer.start_as_current_span(name, attributes=given)


class MeasuredPool(AsyncAdaptedQueuePool):
    """The usual pool, which says how long it let somebody wait."""

    # It logs where the others do: as the library, which we let tell little.
    __module__ = AsyncAdaptedQueuePool.__module__

    def _do_get(self) -> Any:
        began = perf_counter()
        try:
            return super()._do_get()
        finally:
            POOL_WAIT_SECONDS.observe(perf_counter() - began)
