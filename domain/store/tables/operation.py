"""What keeps requests single, jobs on time, and the batch engine's runs counted."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Interval,
    LargeBinary,
    Table,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.batch_runs import BatchRunState
from domain.jobs import JobOutcome
from domain.store.tables.base import choice, created, key, metadata, moment, number, reference, words
from domain.transactions import SubStatus

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
    words("kind"),
    reference("program_id", "program", optional=True),
    moment("next_run_at"),
    # Whose worker is no more loses the claim by itself; `begun` keeps a doubled message from running it twice at once.
    moment("claimed_until", optional=True),
    Column("begun", Boolean, nullable=False, server_default=false()),
    moment("last_started_at", optional=True),
    moment("last_finished_at", optional=True),
    choice("last_outcome", JobOutcome, optional=True),
    words("last_result", optional=True),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Index(None, "next_run_at"),
)

batch_run = Table(
    "batch_run",
    metadata,
    key(),
    reference("program_id", "program"),
    choice("state", BatchRunState),
    Column("continuous", Boolean, nullable=False),
    reference("started_by_id", "person", optional=True),
    moment("started_at"),
    moment("resumed_at"),
    moment("ended_at", optional=True),
    Column("active", Interval, nullable=False),
    Column("expected", BigInteger, nullable=False),
    words("failure", optional=True),
    CheckConstraint("(ended_at is null) = (state in ('RUNNING', 'STOPPING'))", name="ended_at"),
    CheckConstraint("(failure is not null) = (state = 'FAILED')", name="failure"),
    Index("ix_batch_run_program_id_id", "program_id", "id"),
    Index("uq_batch_run_unfinished", "program_id", unique=True, postgresql_where=text("state <> 'DONE'")),
)

batch_count = Table(
    "batch_count",
    metadata,
    Column("run_id", number("run_id").type, primary_key=True, autoincrement=False),
    Column("worker", Text, primary_key=True),
    Column("sub_status", choice("sub_status", SubStatus).type, primary_key=True),
    Column("count", BigInteger, nullable=False),
    moment("counted_at"),
    CheckConstraint("count > 0", name="count"),
    postgresql_with={"fillfactor": "50"},
)

batch_rejection = Table(
    "batch_rejection",
    metadata,
    Column("transaction_id", number("transaction_id").type, primary_key=True, autoincrement=False),
    number("program_id"),
    choice("sub_status", SubStatus),
    Index(None, "program_id", "sub_status", "transaction_id"),
)

requeue = Table(
    "requeue",
    metadata,
    key(),
    reference("person_id", "person", optional=True),
    Column("rows", JSONB, nullable=False),
    Column("more", Boolean, nullable=False),
    created(),
)
