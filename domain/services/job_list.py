"""The jobs there are. To add one, add a line to `JOBS`: its name, when it is due, what becomes of a missed slot, what it does.

What it does is an asynchronous generator over `Task`, which does whatever is due by now (`await task.now()`), in commits that
are not large, and after each yields a sentence of all it has done so far. It may be closed between any two of them, begun
again, and run twice at once: it must never do anything twice. A job of a program gets that program; one that is not
(`per_program=False`) runs once for the whole installation, and its `task.program` is not there to be asked.

Beside it the job needs a row in docs/jobs.md, which a test compares with the list.
Everything else follows from the line: the row per program, the schedule, `milepost jobs`, `jobs` and `jobStart`.
"""

import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from types import MappingProxyType

from domain.jobs import AFTER_MIDNIGHT, Daily, Every, Missed, Schedule
from domain.programs import Program
from domain.services import deliveries, figures
from domain.services.block_dates import keep_dates as keep_block_dates
from domain.services.campaign_runs import keep_campaigns
from domain.services.dormancy import lull
from domain.services.engine_programs import EnginePrograms
from domain.services.expiry import expire
from domain.services.expiry_warnings import warn
from domain.services.holds import release_due as release_holds
from domain.services.membership_dates import keep_dates
from domain.services.partner_statements import close_months
from domain.services.promotion_steps import settle
from domain.services.repayments import repay
from domain.services.seals import seal
from domain.services.tier_evaluation import evaluate
from domain.services.verify import verify
from domain.services.vouchers import release_due
from domain.store.database import Database


@dataclass(frozen=True, slots=True)
class Task:
    """What a job works with."""

    database: Database
    programs: EnginePrograms
    of: Program | None

    @property
    def program(self) -> Program:
        """The program of a job of a program."""
        assert self.of is not None, "a job of the installation has no program"
        return self.of

    async def now(self) -> datetime:
        """The moment up to which there is something to do."""
        async with self.database.read() as reader:
            return await self.database.now(reader)


class LedgerBroken(Exception):
    """The ledger is not what it must be: the job that looks at it fails, and says so every night until it is."""

    def __init__(self, invariants: int) -> None:
        super().__init__(f"{invariants} invariants are broken: `milepost verify` names the rows")


VERIFIED = timedelta(hours=49)
"""What the nightly verification looks back over: the night before, and one more that may have been missed."""

log = logging.getLogger(__name__)

Run = Callable[[Task], AsyncGenerator[str, None]]


@dataclass(frozen=True, slots=True)
class Listed:
    """A job as it is listed here; its `code` is the first word of its name, and never changes."""

    code: str
    what: str
    when: Schedule
    missed: Missed
    run: Run
    per_program: bool = True

    def next(self, after: datetime, time_zone: str) -> datetime:
        """When it is due after a moment."""
        return self.when.next(after, time_zone)


async def _expiry(task: Task) -> AsyncGenerator[str, None]:
    async with aclosing(expire(task.database, task.programs, task.program.id)) as chunks:
        async for done in chunks:
            points = ", ".join(f"{points:,f} {code}" for code, points in sorted(done.points.items())) or "no points"
            yield f"{points} expired; members: {done.members:,}"


async def _warnings(task: Task) -> AsyncGenerator[str, None]:
    async with aclosing(warn(task.database, task.program)) as chunks:
        async for warned in chunks:
            yield f"members warned: {warned:,}"


async def _dormancy(task: Task) -> AsyncGenerator[str, None]:
    async with aclosing(lull(task.database, task.program)) as chunks:
        async for asleep in chunks:
            yield f"members asleep: {asleep:,}"


async def _tiers(task: Task) -> AsyncGenerator[str, None]:
    async with aclosing(evaluate(task.database, task.programs, task.program.id)) as chunks:
        async for done in chunks:
            yield f"tiers of {done.members:,} members ended: {done.renewed:,} renewed, {done.changed:,} changed"


async def _steps(task: Task) -> AsyncGenerator[str, None]:
    async with aclosing(settle(task.database, task.programs, task.program.id)) as chunks:
        async for done in chunks:
            points = ", ".join(f"{points:,f} {code}" for code, points in sorted(done.points.items())) or "nothing"
            yield f"counts of {done.members:,} members closed: {done.paid:,} are given {points}"


async def _repayments(task: Task) -> AsyncGenerator[str, None]:
    async with aclosing(repay(task.database, task.programs, task.program.id)) as chunks:
        async for done in chunks:
            points = ", ".join(f"{points:,f} {code}" for code, points in sorted(done.points.items())) or "no points"
            yield f"{points} repaid of loans; transactions: {done.transactions:,}"


async def _cleanup(task: Task) -> AsyncGenerator[str, None]:
    async with aclosing(deliveries.clean(task.database)) as chunks:
        async for removed in chunks:
            yield f"{removed:,} messages removed"


async def _partner_programs(task: Task) -> AsyncGenerator[str, None]:
    async with aclosing(keep_dates(task.database)) as chunks:
        async for done in chunks:
            left = f", {done.left:,} left for the next run" if done.left else ""
            yield f"{done.moved:,} memberships moved, {done.asked:,} partners asked to renew{left}"


async def _holds(task: Task) -> AsyncGenerator[str, None]:
    async with aclosing(release_holds(task.database, task.programs, task.program.id)) as chunks:
        async for done in chunks:
            yield f"holds of {done:,} members ran out"


async def _blocks(task: Task) -> AsyncGenerator[str, None]:
    async with aclosing(keep_block_dates(task.database, task.program.id)) as chunks:
        async for done in chunks:
            unpriced = f", {done.unpriced:,} without a price" if done.unpriced else ""
            yield f"blocks that ended: {done.lapsed:,}; reorders: {done.reordered:,}{unpriced}"


async def _statements(task: Task) -> AsyncGenerator[str, None]:
    async with aclosing(close_months(task.database, task.program)) as chunks:
        async for done in chunks:
            yield f"{done:,} statements of partners closed"


async def _vouchers(task: Task) -> AsyncGenerator[str, None]:
    async with aclosing(release_due(task.database, task.programs, task.program.id)) as chunks:
        async for done in chunks:
            yield f"{done:,} vouchers lapsed or were let go"


async def _seals(task: Task) -> AsyncGenerator[str, None]:
    async with aclosing(seal(task.database)) as seals:
        async for rows in seals:
            yield f"{rows:,} rows sealed"


async def _verify(task: Task) -> AsyncGenerator[str, None]:
    """What happened since the run before the last one, and all that is not about one member; a violation is a failure."""
    since, broken, rows = await task.now() - VERIFIED, 0, 0
    async with aclosing(verify(task.database, since)) as findings:
        async for finding in findings:
            rows += finding.rows
            broken += bool(finding.violations)
            figures.LEDGER_VIOLATIONS.inc(len(finding.violations))
            for violation in finding.violations:
                log.error("%s is broken: %s", finding.invariant.name, violation)
            yield f"{rows:,} rows verified"
    if broken:
        raise LedgerBroken(broken)


async def _campaigns(task: Task) -> AsyncGenerator[str, None]:
    async with aclosing(keep_campaigns(task.database, task.program)) as chunks:
        async for done in chunks:
            people = f"{done.reached:,} members reached, {done.told:,} of them told"
            yield f"campaigns started: {done.started:,}, ended: {done.ended:,}; {people}"


JOBS = (
    Listed(
        "EXPIRY", "Takes what has lapsed; counts what has become effective.", AFTER_MIDNIGHT, Missed.CATCH_UP, _expiry
    ),
    Listed("WARNINGS", "Warns of points that lapse soon.", Daily(time(8)), Missed.CATCH_UP, _warnings),
    Listed(
        "DORMANCY", "Lets members sleep who have done nothing for long.", AFTER_MIDNIGHT, Missed.CATCH_UP, _dormancy
    ),
    Listed("TIERS", "Renews or lowers the tiers that have ended.", AFTER_MIDNIGHT, Missed.CATCH_UP, _tiers),
    Listed("HOLDS", "Writes down that holds have run out.", Every(timedelta(minutes=1)), Missed.CATCH_UP, _holds),
    Listed(
        "VOUCHERS",
        "Lets vouchers lapse, and reservations of them end.",
        Every(timedelta(minutes=5)),
        Missed.CATCH_UP,
        _vouchers,
    ),
    Listed(
        "BLOCKS",
        "Lets what is left of ended blocks lapse; reorders points that run low.",
        AFTER_MIDNIGHT,
        Missed.CATCH_UP,
        _blocks,
    ),
    Listed(
        "CAMPAIGNS",
        "Starts and ends campaigns by their dates; enrols and tells their audience.",
        Every(timedelta(minutes=1)),
        Missed.CATCH_UP,
        _campaigns,
    ),
    Listed("STEPS", "Pays what stepped promotions have counted.", AFTER_MIDNIGHT, Missed.CATCH_UP, _steps),
    Listed(
        "REPAYMENTS",
        "Lets accruals repay loans that were made while their program did not repay automatically.",
        AFTER_MIDNIGHT,
        Missed.CATCH_UP,
        _repayments,
    ),
    Listed(
        "STATEMENTS",
        "Closes the statements of partners for the months that have passed, where the program says so.",
        AFTER_MIDNIGHT,
        Missed.CATCH_UP,
        _statements,
    ),
    Listed(
        "CLEANUP",
        "Removes messages that can no longer be replayed.",
        Daily(time(3, 30)),
        Missed.SKIP,
        _cleanup,
        per_program=False,
    ),
    Listed(
        "SEALS",
        "Seals what was written once, so that a change of it is found.",
        Every(timedelta(minutes=1)),
        Missed.CATCH_UP,
        _seals,
        per_program=False,
    ),
    Listed(
        "VERIFY",
        "Checks every invariant of the ledger; fails if one is broken.",
        Daily(time(4)),
        Missed.CATCH_UP,
        _verify,
        per_program=False,
    ),
    Listed(
        "PARTNER_PROGRAMS",
        "Moves memberships in partner programs by their dates; asks partners to renew.",
        Every(timedelta(hours=1)),  # every partner program has a time zone of its own
        Missed.CATCH_UP,
        _partner_programs,
        per_program=False,
    ),
)

BY_CODE: Mapping[str, Listed] = MappingProxyType({job.code: job for job in JOBS})
OF_PROGRAMS = tuple(job.code for job in JOBS if job.per_program)
OF_ALL = tuple(job.code for job in JOBS if not job.per_program)
