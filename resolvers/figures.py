"""Figures of what clients are told. A code is one of ours: no client can make up another."""

from prometheus_client import Counter

ERRORS = Counter(
    "milepost_errors_total",
    "Errors that clients were told: `answer`, top-level; `payload`, refusals.",
    ["place", "code"],
)
