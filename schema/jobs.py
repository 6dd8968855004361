"""Jobs: what runs by itself, and starting one by hand."""

from datetime import datetime

import strawberry

import domain.jobs as d
from schema.base import answers, computed, loaded, offers, shows, takes
from schema.loads import PROGRAM
from schema.payloads import Payload
from schema.programs import Program
from schema.wording import REFUSED

offers(d.JobOutcome)
offers(d.Missed, "MissedSlots")


@shows(d.DescribedJob)
class Job:
    """Something that runs by itself, for a program or for the whole installation."""

    name: str = computed(lambda shown: shown.job.name, "How it is called: `EXPIRY GROCER`.")
    what: str = strawberry.field(description="What it does.")
    schedule: str = strawberry.field(description="When: `daily at 00:01`, by the clocks of its program.")
    missed: d.Missed = strawberry.field(description="What becomes of a slot at which no worker was there.")
    program: Program | None = loaded(
        PROGRAM, by=lambda shown: shown.job.program_id, description="Whose job it is; null: the installation's."
    )
    running: bool = computed(lambda shown: shown.running, "Whether a worker has it now.")
    next_run_at: datetime = computed(lambda shown: shown.job.next_run_at, "When it is due.")
    last_started_at: datetime | None = computed(lambda shown: shown.job.last_started_at, "When it last began.")
    last_finished_at: datetime | None = computed(lambda shown: shown.job.last_finished_at, "When it last ended.")
    last_outcome: d.JobOutcome | None = computed(lambda shown: shown.job.last_outcome, "How its last run ended.")
    last_result: str | None = computed(lambda shown: shown.job.last_result, "What its last run did, in a sentence.")
    failures: int = computed(lambda shown: shown.job.failures, "How often in a row it has failed.")


@takes
class JobStartInput:
    """Let a job run now."""

    job: str = strawberry.field(description="Its name, as `jobs` shows it.")


@answers
class JobStartPayload(Payload):
    """The job, due now: a worker runs it within seconds."""

    result: Job | None = strawberry.field(name="job", description=REFUSED)
