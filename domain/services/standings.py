"""Reading where partners stand in their programs, and bringing it up to date: the calendar comes before any command.

`hold` is how every command begins: it locks the program, takes the day, and makes the moves that are due by it. So it makes
no difference whether the daily job has run.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.agreements import LineStatus
from domain.calendars import business_date
from domain.memberships import (
    FINAL,
    LIVE,
    Membership,
    MembershipStatus,
    Step,
    due,
    settled,
)
from domain.partner_programs import PartnerProgram
from domain.partners import Partner
from domain.people import ENGINE, Principal, Scope
from domain.standings import Standing
from domain.store import agreements, applications, locks, memberships, partner_programs, partners
from domain.store.database import Database, Reader, Writer

EVERYTHING = Scope()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A locked program, some partners' standings in it as of today, and the unit of work that may change them."""

    writer: Writer
    actor: Principal
    now: datetime
    program: PartnerProgram
    standings: Mapping[int, Standing]

    @property
    def today(self) -> date:
        """The day in the program's time zone."""
        return business_date(self.now, self.program.time_zone)


async def hold(
    database: Database,
    writer: Writer,
    actor: Principal,
    program_id: int,
    partner_ids: Collection[int],
    *,
    also: Sequence[int] = (),
) -> Held:
    """Lock a program, and settle these partners in it; `also`: memberships of theirs that are needed even if they are final."""
    await locks.patience(writer)
    program = await partner_programs.lock_by_id(writer, program_id)
    now = await database.now(writer)
    today = business_date(now, program.time_zone)
    found = [each for each in await partners.load_many(writer, EVERYTHING, sorted(partner_ids)) if each is not None]
    pairs = {(program_id, each.id): (program, each, today) for each in found}
    raw = await memberships.standing(writer, list(pairs), also) if pairs else []
    steps = [step for mine in _by_pair(raw).values() for step in due(mine, today)]
    await carry_out(writer, ENGINE, now, raw, steps)
    standings = {pair[1]: each for pair, each in (await _standings(writer, pairs, raw)).items()}
    return Held(writer=writer, actor=actor, now=now, program=program, standings=standings)


async def standings_of(
    reader: Reader, now: datetime, pairs: Iterable[tuple[int, int]], also: Sequence[int] = ()
) -> dict[tuple[int, int], Standing]:
    """Where the partner of each pair (program, partner) stands in the program: for showing what is possible now."""
    wanted = sorted(set(pairs))
    if not wanted:
        return {}
    programs = await partner_programs.load_many(reader, EVERYTHING, sorted({program for program, _ in wanted}))
    companies = await partners.load_many(reader, EVERYTHING, sorted({partner for _, partner in wanted}))
    by_id = {each.id: each for each in programs if each is not None}
    companies_by_id = {each.id: each for each in companies if each is not None}
    days = {key: business_date(now, each.time_zone) for key, each in by_id.items()}
    known = {
        (program, partner): (by_id[program], companies_by_id[partner], days[program])
        for program, partner in wanted
        if program in by_id and partner in companies_by_id
    }
    return await _standings(reader, known, await memberships.standing(reader, list(known), also))


async def carry_out(
    writer: Writer,
    actor: Principal,
    now: datetime,
    standing: Sequence[Membership],
    steps: Sequence[Step],
    *,
    comment: str | None = None,
) -> None:
    """Make moves of these memberships, with everything that follows them (domain: partner programs, the table)."""
    if not steps:
        return
    await memberships.move(writer, standing, steps)
    await memberships.record(writer, actor, now, steps, comment)
    begun = [step.membership_id for step in steps if step.before is MembershipStatus.APPROVED and step.to in LIVE]
    expired = [step.membership_id for step in steps if step.to is MembershipStatus.EXPIRED]
    terminated = [step.membership_id for step in steps if step.to is MembershipStatus.TERMINATED]
    open_lines = (LineStatus.CURRENT, LineStatus.PENDING)
    await agreements.move_lines(writer, begun, (LineStatus.PENDING,), LineStatus.CURRENT)
    await agreements.move_lines(writer, expired, open_lines, LineStatus.EXPIRED)
    await agreements.move_lines(writer, terminated, open_lines, LineStatus.CANCELLED)
    await agreements.end(writer, [(step.membership_id, step.on) for step in steps if step.to in FINAL])


Known = Mapping[tuple[int, int], tuple[PartnerProgram, Partner, date]]


async def _standings(reader: Reader, known: Known, raw: Sequence[Membership]) -> dict[tuple[int, int], Standing]:
    if not known:
        return {}
    mine = _by_pair(raw)
    renewals = await applications.renewals(reader, list(known))
    lists = await applications.lists(reader, list(known))
    return {
        pair: Standing(
            program=program,
            partner=partner,
            today=today,
            memberships=settled(mine.get(pair, ()), today),
            renewals=tuple(each for each in renewals if (each.partner_program_id, each.partner_id) == pair),
            lists=lists[pair],
        )
        for pair, (program, partner, today) in known.items()
    }


def _by_pair(raw: Iterable[Membership]) -> dict[tuple[int, int], list[Membership]]:
    found: dict[tuple[int, int], list[Membership]] = {}
    for each in raw:
        found.setdefault((each.partner_program_id, each.partner_id), []).append(each)
    return found
