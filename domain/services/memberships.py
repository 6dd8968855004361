"""Memberships by hand: a partner renews its own, an administrator adds and removes many at once.

A mass update answers for every row, and harms none for another's sake; sent again, it changes nothing more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from domain.applications import Application
from domain.commands.memberships import (
    MassOutcome,
    MassRow,
    MassUpdate,
    MembershipRenew,
    MembershipsAdd,
    MembershipsRemove,
)
from domain.memberships import Membership, MembershipMove, MembershipStatus
from domain.partner_lists import Named, named
from domain.partner_program_problems import (
    DatesBackward,
    MembershipOver,
    MembershipOverlap,
    NotInTheFuture,
    NotMember,
)
from domain.partner_programs import Period, period
from domain.partners import Partner
from domain.people import Principal, Scope
from domain.problems import NotFound, Problem, Refused
from domain.receipts import Receipt
from domain.services import membership_changes
from domain.services.applications import MAX_COMMENT, MAX_NOTE, ask_for_renewal
from domain.services.checks import INPUT, found, refuse
from domain.services.partner_programs import locked, refuse_bound
from domain.services.standings import Held, hold, standings_of
from domain.standings import closed_problem, membership_moves, membership_problem
from domain.store import memberships as store
from domain.store import partners
from domain.store.database import Database, Reader, Writer
from domain.values import attribute_problems, shown, text_problems

MEMBERSHIP = (INPUT, "id")
EVERYTHING = Scope()


async def membership_renew(database: Database, actor: Principal, command: MembershipRenew) -> Receipt[Application]:
    """Ask to stay a member: the application is decided at once, or waits for an administrator."""
    refuse_bound(actor)
    refuse([
        *text_problems(command.note, MAX_NOTE, INPUT, "note", lines=True),
        *attribute_problems(command.attributes, INPUT, "attributes"),
    ])  # fmt: skip
    async with database.write() as writer:
        seen = found(await store.find(writer, actor.scope, command.id), "membership", None, "id")
        program_id, partner_id = seen.partner_program_id, seen.partner_id
        held = await hold(database, writer, actor, program_id, [partner_id], also=[seen.id])
        problem = membership_problem(held.standings[partner_id], seen.id, MembershipMove.RENEW, actor)
        if problem is not None:
            raise Refused(problem.at(*MEMBERSHIP))
        return Receipt(await ask_for_renewal(held, partner_id, seen.id, command.note, command.attributes))


async def memberships_add(database: Database, actor: Principal, command: MembershipsAdd) -> Receipt[MassUpdate]:
    """Make partners members of a program, by an administrator's word alone."""
    mass = _Mass.of(actor, command)
    async with database.write() as writer:
        held = await mass.hold(database, writer, actor)
        of = _period(held, command.begins_on)
        free_from = await store.free_from(writer, held.program.id, list(held.standings))
        answers: dict[int, Answer] = {}
        for key, standing in held.standings.items():
            if standing.live is not None:
                answers[key] = standing.live, None
            elif key in free_from and of.begins_on < free_from[key]:
                answers[key] = None, MembershipOverlap(partner=standing.partner.code, free_from=free_from[key])
        added = await membership_changes.add(held, sorted(held.standings.keys() - answers.keys()), of, command.comment)
        return Receipt(mass.answered(answers, added))


async def memberships_remove(database: Database, actor: Principal, command: MembershipsRemove) -> Receipt[MassUpdate]:
    """Take partners out of a program today."""
    mass = _Mass.of(actor, command)
    async with database.write() as writer:
        held = await mass.hold(database, writer, actor)
        latest = await store.latest(writer, held.program.id, list(held.standings))
        leaving = {key: each.live.id for key, each in held.standings.items() if each.live is not None}
        await membership_changes.remove(held, list(leaving), command.comment)
        gone = await store.load_many(writer, EVERYTHING, list(leaving.values()))
        removed = {each.partner_id: each for each in gone if each is not None}
        answers = {
            key: _not_there(standing.partner, latest.get(key))
            for key, standing in held.standings.items()
            if key not in removed
        }
        return Receipt(mass.answered(answers, removed))


Answer = tuple[Membership | None, Problem | None]
"""A partner that is left as it is: with its membership, if it is so already, or else with why not."""


def _not_there(partner: Partner, latest: Membership | None) -> Answer:
    """Whoever was removed before is not removed again; anybody else was no member."""
    if latest is not None and latest.status is MembershipStatus.TERMINATED:
        return latest, None
    return None, NotMember(partner=partner.code)


@dataclass(slots=True)
class _Mass:
    """A mass update: the rows that name partners, and the partners that there are."""

    program: str
    rows: tuple[Named, ...]
    place: str
    known: Mapping[str, Partner] = field(default_factory=dict)

    @classmethod
    def of(cls, actor: Principal, command: MembershipsAdd | MembershipsRemove) -> Self:
        """The rows of a command; raises Refused for a list that is wrong as a whole."""
        refuse_bound(actor)
        refuse(text_problems(command.comment, MAX_COMMENT, INPUT, "comment", lines=True))
        rows = named(command.partners, command.csv, INPUT)
        return cls(command.partner_program, rows, "partners" if command.csv is None else "csv")

    async def hold(self, database: Database, writer: Writer, actor: Principal) -> Held:
        """Lock the program, and settle everybody who is named."""
        program = await locked(writer, actor, self.program)
        self.known = await partners.by_codes(writer, [each.code for each in self.rows])
        return await hold(database, writer, actor, program.id, {each.id for each in self.known.values()})

    def answered(self, answers: Mapping[int, Answer], changed: Mapping[int, Membership]) -> MassUpdate:
        """A result for every row; a partner that is named twice is changed by the first of its rows."""
        left = dict(changed)
        return MassUpdate(rows=tuple(self._row(each, answers, changed, left) for each in self.rows))

    def _row(
        self,
        each: Named,
        answers: Mapping[int, Answer],
        changed: Mapping[int, Membership],
        left: dict[int, Membership],
    ) -> MassRow:
        partner = self.known.get(each.code)
        if partner is not None and (now := left.pop(partner.id, None)) is not None:
            return MassRow(row=each.row, partner=partner.code, outcome=MassOutcome.DONE, membership=now)
        problem: Problem | None
        if partner is None:
            membership, problem = None, NotFound(what="partner", key=shown(each.code))
        else:
            membership, problem = answers.get(partner.id, (changed.get(partner.id), None))
        outcome = MassOutcome.UNCHANGED if problem is None else MassOutcome.REFUSED
        at = None if problem is None else problem.at(INPUT, self.place, str(each.row))
        return MassRow(row=each.row, partner=shown(each.code), outcome=outcome, membership=membership, problem=at)


async def moves_of(
    database: Database, reader: Reader, actor: Principal, asked: Sequence[Membership]
) -> list[tuple[MembershipMove, ...]]:
    """What somebody may do with each membership now."""
    if actor.scope.program_id is not None:
        return [()] * len(asked)
    pairs = [(each.partner_program_id, each.partner_id) for each in asked]
    standings = await standings_of(reader, await database.now(reader), pairs, [each.id for each in asked])
    return [membership_moves(standings[pair], each.id, actor) for each, pair in zip(asked, pairs, strict=True)]


def _period(held: Held, begins_on: date | None) -> Period:
    """The dates of memberships that are added by hand: from today on, or dated back."""
    program, today, path = held.program, held.today, (INPUT, "beginsOn")
    problem = closed_problem(program, today)
    if problem is not None:
        raise Refused(problem.at(INPUT, "partnerProgram"))
    day = begins_on or today
    if day > today:
        raise Refused(NotInTheFuture(day=day, today=today, path=path))
    if day < program.starts_on:
        raise Refused(DatesBackward(starts_on=program.starts_on, ends_on=day, path=path))
    of = period(program, day)
    if of.ends_on < today:
        raise Refused(MembershipOver(begins_on=day, ends_on=of.ends_on, path=path))
    return of
