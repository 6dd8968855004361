"""Traces by OpenTelemetry, for those who set OTEL_EXPORTER_OTLP_ENDPOINT and have installed `milepost[telemetry]`.

Everything else is set by OpenTelemetry's own variables (OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, headers). One span per operation,
batch of a loader, group, chunk and job; they carry names and numbers of ours, never values.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from domain.store.telemetry import collect_traces

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

log = structlog.get_logger("milepost.traces")


@contextmanager
def traces() -> Iterator[None]:
    """Send traces as long as the block lasts, if somebody collects them; what is on its way at the end is sent."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        yield
        return
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("no traces are sent: install milepost[telemetry]")
        yield
        return
    name = os.environ.get("OTEL_SERVICE_NAME", "milepost")
    provider = TracerProvider(resource=Resource.create({"service.name": name}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    collect_traces()
    try:
        yield
    finally:
        provider.shutdown()
