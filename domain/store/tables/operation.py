"""What keeps requests single and jobs on time."""

from sqlalchemy import BigInteger, Column, Interval, LargeBinary, Table, Text

from domain.store.tables.base import created, metadata, moment, words

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("principal", Text, primary_key=True),
    Column("mutation", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("input_hash", LargeBinary, nullable=False),
    words("answer_type"),
    Column("answer_id", BigInteger, nullable=False),
    created(),
)

job = Table(
    "job",
    metadata,
    Column("name", Text, primary_key=True),
    Column("every", Interval, nullable=False),
    moment("next_run_at"),
    moment("last_started_at", optional=True),
    moment("last_finished_at", optional=True),
    words("last_result", optional=True),
)
