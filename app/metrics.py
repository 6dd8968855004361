"""Figures for Prometheus. Labels come from our own lists only, never from what a client wrote."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter("milepost_http_requests_total", "Answered HTTP requests.", ["route", "status"])
REQUEST_SECONDS = Histogram(
    "milepost_http_request_seconds",
    "Time from the first byte asked to the last byte answered.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
OPERATIONS = Counter("milepost_operations_total", "Finished GraphQL operations.", ["outcome"])
INCIDENTS = Counter("milepost_incidents_total", "Errors of ours that were hidden from clients and logged.")
