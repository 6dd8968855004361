"""Runs of the batch engine: what is asked of it, and how far it is."""

from datetime import datetime

import strawberry

import domain.batch_runs as d
import domain.transactions as x
from schema.base import Node, answers, computed, loaded, offers, shows, takes
from schema.loads import PERSON, PROGRAM
from schema.payloads import Payload
from schema.people import Person
from schema.programs import Program
from schema.wording import REFUSED

offers(d.BatchRunState)


@strawberry.type(description="How many transactions came to an end.")
class BatchOutcome:
    """Shown from a pair of sub-status and number."""

    sub_status: x.SubStatus = computed(lambda pair: pair[0])
    count: int = computed(lambda pair: pair[1])


@shows(d.BatchWorker)
class BatchWorker:
    """A process that took part in a run."""

    name: str = strawberry.field(description="Its host and the number of its process.")
    worked: int
    last_seen_at: datetime = strawberry.field(description="When it finished its last chunk.")


@shows(d.BatchRun)
class BatchRun(Node):
    """A run of the batch engine over a program's queue. A program has at most one that is not DONE."""

    program: Program | None = loaded(PROGRAM, by="program_id")
    state: d.BatchRunState
    continuous: bool = strawberry.field(description="Whether workers began it by themselves, because something waited.")
    started_by: Person | None = loaded(
        PERSON, by="started_by_id", description="Null: the engine, the command line, or nobody you may see."
    )
    started_at: datetime
    ended_at: datetime | None = strawberry.field(description="When it was done, stopped or failed.")
    worked: int = strawberry.field(description="How many transactions it has worked: processed and rejected.")
    processed: int
    rejected: int
    remaining: int = strawberry.field(description="How many are left of those that waited when it was last looked.")
    outcomes: list[BatchOutcome] = computed(lambda run: list(run.outcomes.items()), "What they came to.")
    per_second: int | None = strawberry.field(description="The average speed while it was at work.")
    ends_at: datetime | None = strawberry.field(
        description="When it will be done at this speed; null: that cannot be said, or it does not run."
    )
    workers: list[BatchWorker] = strawberry.field(description="Who took part; empty: nobody has worked anything yet.")
    failure: str | None = strawberry.field(description="Why it FAILED; it is tried again after a minute.")


@takes
class BatchStartInput:
    """A program whose queue shall be worked."""

    program: str = strawberry.field(description="Its code.")


@takes
class BatchStopInput:
    """A run that shall end."""

    id: strawberry.ID = strawberry.field(description="Of the run.")


@answers
class BatchStartPayload(Payload):
    """The run: a new one, one that goes on where it was stopped, or the one that runs already."""

    result: BatchRun | None = strawberry.field(name="batchRun", description=REFUSED)
    replayed: bool = strawberry.field(
        name="alreadyRunning", description="It was running before: workers are at it, and nothing was changed."
    )


@answers
class BatchStopPayload(Payload):
    """The run: STOPPED, or still STOPPING where a chunk takes long. It goes on by `batchStart`."""

    result: BatchRun | None = strawberry.field(name="batchRun", description=REFUSED)
