"""Importing members, a set at a time: one bad line harms no other, and repeating a file adds nothing.

A line whose number is known is skipped if it says what is stored, else it is refused with the columns that differ.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from domain import profiles
from domain.calendars import business_date
from domain.codes import foreign_code_problems
from domain.commands.member_imports import MAX_ROWS, MemberDiffers, MemberRow, RowOutcome, RowResult
from domain.events import enrolled
from domain.member_rows import differences, profile_of
from domain.members import Identifier, Member, MemberKind, MemberStatus
from domain.people import Principal, Scope
from domain.problems import AlreadyExists, Invalid, NotAllowed, NotFound, Problem, Refused, TooMany
from domain.profiles import Profile
from domain.programs import Program
from domain.services.member_enrollment import enrolling_program
from domain.services.member_profiles import consent_problems, in_stored_order, with_attributes, with_consents
from domain.store import member_writes, members, outbox, references
from domain.store.conflicts import in_one_go
from domain.store.database import Database, Reader, Writer
from domain.values import shown

EARLIEST = date(1900, 1, 1)
SKIPPED = RowResult(RowOutcome.SKIPPED)
ADDED = RowResult(RowOutcome.ADDED)


async def members_import(
    database: Database, actor: Principal, program: str, rows: Sequence[MemberRow]
) -> list[RowResult]:
    """Add the members of these lines, in one unit of work; what became of each, in their order."""
    if len(rows) > MAX_ROWS:
        raise Refused(TooMany(what="rows", limit=MAX_ROWS, found=len(rows)))
    if actor.scope.partner_id is not None:
        raise Refused(NotAllowed(why="only employees import members"))

    async def work(writer: Writer) -> list[RowResult]:
        found = await enrolling_program(writer, actor, program)
        return await _import(writer, Batch(found, actor, await database.now(writer)), rows)

    return await in_one_go(database, work)


@dataclass(frozen=True, slots=True)
class Batch:
    """Into which program the lines go, by whom and when."""

    program: Program
    actor: Principal
    now: datetime

    @property
    def today(self) -> date:
        """The business date of the program."""
        return business_date(self.now, self.program.time_zone)


@dataclass(slots=True)
class Known:
    """Whom the lines may mean or contradict: members by number, ids by number, and who has which card."""

    members: dict[str, Member]
    ids: dict[str, int]
    cards: dict[Identifier, int]
    ids_to_give: Iterator[int]
    new: list[Member] = field(default_factory=list)

    def add(self, member: Member) -> None:
        """A member of an earlier line is known to the later ones."""
        self.new.append(member)
        self.members[member.number] = member
        self.ids[member.number] = member.id
        self.cards.update(dict.fromkeys(member.identifiers, member.id))


async def _import(writer: Writer, batch: Batch, rows: Sequence[MemberRow]) -> list[RowResult]:
    profiled = [profile_of(row) for row in rows]
    known = await _known(writer, batch.program.id, rows, profiled)
    today = batch.today
    results = []
    for row, profile in zip(rows, profiled, strict=True):
        if problems := [*profiles.check(profile, today), *_row_problems(row, today)]:
            results.append(RowResult(RowOutcome.REFUSED, tuple(problems)))
        elif stored := known.members.get(row.number):
            results.append(_repeated(row, profile, stored, known.ids))
        elif problems := [*_taken_problems(row, profile, known)]:
            results.append(RowResult(RowOutcome.REFUSED, tuple(problems)))
        else:
            known.add(_member(batch, row, profile, known))
            results.append(ADDED)
    await member_writes.add(writer, known.new)
    await outbox.add_events(writer, enrolled(known.new), batch.now)
    return results


async def _known(writer: Writer, program_id: int, rows: Sequence[MemberRow], profiled: Sequence[Profile]) -> Known:
    ids = await references.members(
        writer, program_id, {row.number for row in rows} | {row.referrer_number for row in rows}
    )
    stored = await _stored(writer, [ids[number] for number in {row.number for row in rows} if number in ids])
    cards = list({card for profile in profiled for card in profile.identifiers})
    owners = await members.cards_taken(writer, program_id, cards) if cards else {}
    new = sum(row.number not in ids for row in rows)
    return Known(stored, ids, owners, iter(await member_writes.take_ids(writer, new)))


async def _stored(reader: Reader, ids: Sequence[int]) -> dict[str, Member]:
    found = await members.load_many(reader, Scope(), ids) if ids else []
    return {member.number: member for member in found if member is not None}


def _row_problems(row: MemberRow, today: date) -> Iterator[Problem]:
    yield from foreign_code_problems(row.number, "number")
    if row.status is MemberStatus.MERGED:
        yield Invalid(value="MERGED", expected="any status but this one, which only a merge gives", path=("status",))
    if row.enrolled_on is not None and not EARLIEST <= row.enrolled_on <= today:
        expected = f"a date from {EARLIEST} to {today}"
        yield Invalid(value=str(row.enrolled_on), expected=expected, path=("enrolledOn",))
    for problem in consent_problems(row.consents):
        yield problem.at(*problem.path[1:])


def _repeated(row: MemberRow, profile: Profile, stored: Member, ids: Mapping[str, int]) -> RowResult:
    columns = differences(row, profile, stored, ids.get(row.referrer_number or ""))
    if not columns:
        return SKIPPED
    return RowResult(RowOutcome.REFUSED, (MemberDiffers(number=row.number, columns=columns, path=("number",)),))


def _taken_problems(row: MemberRow, profile: Profile, known: Known) -> Iterator[Problem]:
    for index, card in enumerate(profile.identifiers):
        if card in known.cards:
            what, path = f"member with {card.kind}", ("identifiers", str(index))
            yield AlreadyExists(what=what, key=shown(card.value), path=path)
    if row.referrer_number is not None and row.referrer_number not in known.ids:
        yield NotFound(what="member", key=shown(row.referrer_number), path=("referrerNumber",))


def _member(batch: Batch, row: MemberRow, profile: Profile, known: Known) -> Member:
    return Member(
        id=next(known.ids_to_give), program_id=batch.program.id, number=row.number,
        kind=row.kind or MemberKind.INDIVIDUAL, name=profile.name, email=profile.email, phone=profile.phone,
        birth_date=profile.birth_date, address=profile.address, language=profile.language,
        identifiers=in_stored_order(profile.identifiers), consents=with_consents((), row.consents, batch.now),
        referrer_id=known.ids.get(row.referrer_number or ""), attributes=with_attributes({}, profile.attributes),
        status=row.status or MemberStatus.ACTIVE, enrolled_on=row.enrolled_on or batch.today,
        enrolled_by_id=batch.actor.person_id, enrolled_by_partner_id=None, created_at=batch.now, version=1,
    )  # fmt: skip
