"""Figures for Prometheus of what comes over HTTP. Labels come from our own lists only, never from what a client wrote."""

from prometheus_client import Counter, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

REQUESTS = Counter("milepost_http_requests_total", "Answered HTTP requests.", ["route", "status"])
REQUEST_SECONDS = Histogram(
    "milepost_http_request_seconds",
    "Time from the first byte asked to the last byte answered.",
    ["route"],
    buckets=SECONDS,
)
OPERATIONS = Counter("milepost_operations_total", "Finished GraphQL operations.", ["kind", "outcome"])
OPERATION_SECONDS = Histogram(
    "milepost_operation_seconds", "Time of queries and mutations, without HTTP.", ["kind"], buckets=SECONDS
)
INCIDENTS = Counter("milepost_incidents_total", "Errors of ours that were hidden from clients and logged.")
