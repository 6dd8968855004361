"""Runs of the batch engine: who set it to work on a program's queue, how far it is, and when it will be done.

A program has at most one run that is not DONE. Whatever is worked is counted in the commit that works it, by each worker for
itself: a crash neither loses nor doubles a count, and workers do not wait for each other.
"""

import enum
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.move_rights import PROCESSED_SUB_STATUSES
from domain.problems import Problem
from domain.transactions import SubStatus

SECOND = timedelta(seconds=1)


class BatchRunState(enum.Enum):
    """How a run stands. A STOPPED one holds the program's queue until it goes on; a FAILED one is tried again after a minute."""

    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    DONE = "DONE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerCount:
    """How many transactions one worker has brought to one outcome, and when it counted last."""

    worker: str
    sub_status: SubStatus
    count: int
    counted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchWorker:
    """What one worker has done for a run."""

    name: str
    worked: int
    last_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRun:
    """A run as it is counted now. `active`: how long it was at work before `resumed_at`, when it last began or went on.

    `continuous`: the engine began it by itself, and leaves it open for a while when nothing waits. `expected`: how many it
    will have worked when all is worked that waited when somebody last looked.
    """

    id: int
    program_id: int
    state: BatchRunState
    continuous: bool
    started_by_id: int | None
    started_at: datetime
    resumed_at: datetime
    ended_at: datetime | None
    active: timedelta
    expected: int
    failure: str | None
    counts: Sequence[WorkerCount]

    @property
    def outcomes(self) -> Mapping[SubStatus, int]:
        """How many came to which end, in the order of the sub-statuses."""
        found: Counter[SubStatus] = Counter()
        for each in self.counts:
            found[each.sub_status] += each.count
        return {sub_status: found[sub_status] for sub_status in SubStatus if sub_status in found}

    @property
    def worked(self) -> int:
        """All that were worked."""
        return sum(each.count for each in self.counts)

    @property
    def processed(self) -> int:
        """Those of them that were processed."""
        return sum(each.count for each in self.counts if each.sub_status in PROCESSED_SUB_STATUSES)

    @property
    def rejected(self) -> int:
        """Those that were not."""
        return self.worked - self.processed

    @property
    def remaining(self) -> int:
        """How many are left of those expected; what was recalled meanwhile never comes."""
        if self.state is BatchRunState.DONE:
            return 0
        return max(0, self.expected - self.worked)

    @property
    def workers(self) -> list[BatchWorker]:
        """Who has worked on it, by name."""
        found: dict[str, list[WorkerCount]] = {}
        for each in self.counts:
            found.setdefault(each.worker, []).append(each)
        return [
            BatchWorker(
                name=name,
                worked=sum(each.count for each in counts),
                last_seen_at=max(each.counted_at for each in counts),
            )
            for name, counts in sorted(found.items())
        ]

    @property
    def at_work(self) -> timedelta:
        """How long it was at work: from its beginning to the last count, without its pauses."""
        since = [each.counted_at - self.resumed_at for each in self.counts if each.counted_at > self.resumed_at]
        running = self.state in {BatchRunState.RUNNING, BatchRunState.STOPPING}
        return self.active + max(since) if running and since else self.active

    @property
    def per_second(self) -> int | None:
        """The average speed while it was at work; None before the first count."""
        return self.worked * SECOND // self.at_work if self.worked and self.at_work else None

    @property
    def ends_at(self) -> datetime | None:
        """When it will be done at this speed; None if that cannot be said, or it does not run."""
        if self.state is not BatchRunState.RUNNING or not self.worked or not self.at_work:
            return None
        last = max(each.counted_at for each in self.counts)
        return last + self.at_work * self.remaining // self.worked


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRunEnded(Problem):
    """A run that is to be stopped and has nothing left to do."""

    code = "BATCH_RUN_ENDED"
    ended_at: datetime

    @property
    def message(self) -> str:
        return f"This run was done at {self.ended_at:%Y-%m-%d %H:%M:%S %Z}: there is nothing to stop."
