"""One group of postings of one program: lock, claim, load, run, write; every step for all of them at once.

A posting that cannot be carried out is answered alone and leaves nothing behind; the others go on without it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from domain.calendars import business_date
from domain.drafts import Draft
from domain.engine import EngineProgram, Entry, MemberState, Outcome, Outcomes, refuse_all
from domain.engine.rejections import EngineFailed
from domain.erasure import MemberErased
from domain.member_status import FINAL
from domain.move_rights import Case, case_of, check_right
from domain.moves import Move, Step, steps
from domain.people import Person
from domain.postings import Posting
from domain.problems import NotFound, Problem, Refused
from domain.receipts import Receipt
from domain.services import telling, touching, working
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import claims, drafting, recipients, stakes, stored
from domain.services.posting.claims import EVERYTHING, Answer
from domain.services.posting.drafting import Named, Owner
from domain.services.posting.owners import as_shown, is_shown
from domain.services.settling import settle
from domain.services.working import Loaded
from domain.store import (
    approvals,
    holds,
    idempotency,
    locks,
    member_references,
    outcomes,
    people,
    queue,
    transactions,
)
from domain.store import members as members_store
from domain.store.database import Database, Writer
from domain.store.member_rows import MemberRow
from domain.transactions import Status, Transaction, Type


@dataclass(slots=True)
class Work:
    """A posting on its way: its row's number, its member, what the engine gets, and the moves to be recorded."""

    place: int
    posting: Posting
    id: int
    member_id: int = 0
    recipient: Owner | None = None
    draft: Draft | None = None
    transaction: Transaction | None = None
    entry: Entry | None = None
    steps: tuple[Step, ...] = ()

    @property
    def other_member_id(self) -> int | None:
        """Whom it touches besides its member."""
        if self.transaction is not None:
            return self.transaction.other_member_id
        return None if self.recipient is None else self.recipient.id

    @property
    def original_id(self) -> int | None:
        """What it takes back."""
        if self.transaction is not None:
            return stored.taken_back(self.transaction)
        return None if self.posting.entry is None else self.posting.entry.cancels


@dataclass(slots=True)
class Group:
    """Postings of one program inside one unit of work; `answers` by place."""

    database: Database
    programs: EnginePrograms
    writer: Writer
    program_id: int
    postings: Sequence[Posting]
    claiming: bool = True
    answers: dict[int, Answer] = field(default_factory=dict)
    claimed: frozenset[int] = frozenset()
    alone: bool = False
    """Whether what many share is locked before it is read: it was Contended before."""
    incident: str | None = None
    """Where the group has failed before: its number in the log; all of it is then refused as ENGINE_ERROR."""

    async def post(self) -> list[Answer]:
        """Carry all of them out; one answer each, in their order."""
        await locks.patiently(self.writer, self.program_id)
        program = await self.programs.current(self.writer, self.program_id)
        works = await self._claimed(await self._numbered())
        works = await self._with_members(works)
        members = await self._locked(works, program)
        now = await self.database.now(self.writer)
        spenders = {work.member_id for work in works if _spends(work)}
        loaded = await working.load(self.writer, program, members, spenders, now)
        names = await drafting.named(self.writer, program, [w.posting.entry for w in works if w.posting.entry])
        works = await self._prepared(works, program, names, loaded.states, now)
        await self._release()
        await self._run(works, program, loaded, now)
        return [self.answers[place] for place in range(len(self.postings))]

    def _refuse(self, work: Work, *problems: Problem) -> None:
        self.answers[work.place] = Receipt(errors=problems)

    def _left(self, works: Iterable[Work]) -> list[Work]:
        return [work for work in works if work.place not in self.answers]

    async def _numbered(self) -> list[Work]:
        new = sum(posting.entry is not None for posting in self.postings)
        numbers = iter(await self.database.ids.take(self.writer, new))
        return [
            Work(place, posting, next(numbers) if posting.transaction_id is None else posting.transaction_id)
            for place, posting in enumerate(self.postings)
        ]

    async def _claimed(self, works: Sequence[Work]) -> list[Work]:
        if self.claiming:
            wanted = {work.place: claims.key_of(work.posting, work.id) for work in works}
            self.answers.update(await claims.by_key(self.writer, wanted))
            self.claimed = frozenset(work.place for work in self._left(works))
        return self._left(works)

    async def _release(self) -> None:
        """What is answered by now without being worked leaves nothing behind: not even its key."""
        given_up = self.claimed.intersection(self.answers)
        await idempotency.release(self.writer, [claims.key_of(self.postings[place], 0) for place in given_up])

    async def _with_members(self, works: Sequence[Work]) -> list[Work]:
        """The member of each, by reference or by its stored transaction, as far as the actor may see it."""
        named = [work for work in works if work.posting.member is not None]
        found = await member_references.find(
            self.writer, self.program_id, {work.posting.member for work in named if work.posting.member}
        )
        await recipients.find(self.writer, self.program_id, works, self._refuse)
        for work in named:
            reference = work.posting.member
            assert reference is not None
            scope = work.posting.actor.scope
            member = await as_shown(self.writer, scope, self.program_id, reference, found[reference])
            if isinstance(member, Problem):
                self._refuse(work, member.at(*work.posting.path, "member"))
            else:
                work.member_id = member
        await stored.load(
            self.writer, [work for work in works if work.posting.transaction_id is not None], self._refuse
        )
        await self._check_scopes(self._left(works))
        return self._left(works)

    async def _locked(self, works: Sequence[Work], program: EngineProgram) -> Sequence[MemberRow]:
        """The members, and everybody else whom their transactions touch, locked in one go."""
        mine = {work.member_id for work in works}
        parents = await touching.parents(self.writer, program, mine)
        others = [other for work in works if (other := work.other_member_id) is not None]
        back = await touching.of_originals(
            self.writer, {each for work in works if (each := work.original_id) is not None}
        )
        others += [each for ids in back.values() for each in ids]
        locked = await locks.members(self.writer, [*mine, *parents.values(), *others])
        touching.check_families(mine, locked)
        touching.check_merged({called for work in works for called in _called(work)}, locked)
        return locked

    async def _check_scopes(self, works: Sequence[Work]) -> None:
        for work in works:
            posting, scope = work.posting, work.posting.actor.scope
            if posting.member is None and not await is_shown(self.writer, scope, self.program_id, work.member_id, None):
                self._refuse(work, NotFound(what="member", path=(*posting.path, "member")))

    async def _prepared(
        self,
        works: Sequence[Work],
        program: EngineProgram,
        names: Named,
        states: Mapping[int, MemberState],
        now: datetime,
    ) -> list[Work]:
        persons = await self._persons(works)
        await self._check_holds(works, states, now)
        await self._check_erased(works, states)
        await stored.reload(self.writer, [work for work in works if work.transaction is not None], self._refuse)
        touching.check_owners((work.member_id, work.transaction) for work in works if work.transaction)
        touching.check_recipients((work.transaction for work in works if work.transaction), states)
        for work in self._left(works):
            try:
                person = persons.get(work.posting.actor.person_id or 0)
                self._prepare(work, program, names, person=person, member=states[work.member_id], now=now)
            except Refused as refused:
                self._refuse(work, *refused.problems)
        await stored.prepare(self.writer, [work for work in self._left(works) if work.transaction], program)
        touching.check_originals((work.entry for work in self._left(works) if work.entry), states)
        drafts = {work.place: work.draft for work in self._left(works) if work.draft is not None}
        for place, answer in (await claims.by_external_id(self.writer, drafts)).items():
            self.answers[place] = Receipt(errors=answer.problems) if isinstance(answer, Refused) else answer
        return self._left(works)

    async def _check_holds(self, works: Sequence[Work], states: Mapping[int, MemberState], now: datetime) -> None:
        """A hold that has ended is captured by nobody."""
        for work in works:
            hold_id = None if work.posting.entry is None else work.posting.entry.hold
            if hold_id is not None and not any(each.id == hold_id for each in states[work.member_id].holds):
                problem = await holds.ended(self.writer, hold_id, now)
                self._refuse(work, problem.at(*work.posting.path, "id"))

    async def _check_erased(self, works: Sequence[Work], states: Mapping[int, MemberState]) -> None:
        """Nothing new is recorded about a member who was erased, not even that it was refused."""
        gone = {work.member_id for work in works if states[work.member_id].status in FINAL}
        erased = await members_store.erased(self.writer, gone) if gone else ()
        for work in works:
            if work.member_id in erased and work.posting.entry is not None:
                self._refuse(work, MemberErased(path=(*work.posting.path, "member")))

    async def _persons(self, works: Iterable[Work]) -> dict[int, Person]:
        ids = list({w.posting.actor.person_id for w in works if w.posting.actor.person_id is not None})
        found = await people.load_many(self.writer, EVERYTHING, ids) if ids else []
        return {person.id: person for person in found if person is not None}

    def _prepare(
        self,
        work: Work,
        program: EngineProgram,
        names: Named,
        *,
        person: Person | None,
        member: MemberState,
        now: datetime,
    ) -> None:
        actor, today = work.posting.actor, business_date(now, program.program.time_zone)
        if work.transaction is not None:
            case = case_of(work.transaction, actor, person, program.program.settings)
            work.steps = check_right(case, Move.PROCESS)
            return
        assert work.posting.entry is not None
        work.draft = draft = drafting.draft_of(
            work.posting.entry, program, Owner(member.id, member.facts["number"]), names, id=work.id, actor=actor,
            now=now, today=today, status=Status.ACCEPTABLE, path=work.posting.path, recipient=work.recipient,
        )  # fmt: skip
        work.entry = drafting.entry_of(draft, names, today)
        points = stakes.of_entry(program, member, work.entry, now)
        work.steps = _at_once(
            program, draft, work, person, points, partner_approves=names.approves(draft.entry.partner)
        )

    async def _run(self, works: Sequence[Work], program: EngineProgram, loaded: Loaded, now: datetime) -> None:
        if not works:
            return
        entries = [work.entry for work in works if work.entry is not None]
        done = await self._worked(program, loaded, entries, now)
        results = {outcome.transaction_id: outcome for outcome in done.outcomes}
        drafts = [work.draft for work in works if work.draft is not None]
        await transactions.insert(self.writer, drafts, results, now)
        await outcomes.write(self.writer, self.program_id, done, now, {draft.id for draft in drafts})
        await telling.worked(self.writer, program, done, now)
        await queue.remove(self.writer, [work.transaction for work in works if work.transaction is not None])
        await approvals.record(self.writer, [_moved(work, step, results) for work in works for step in work.steps], now)
        found = await transactions.load_many(self.writer, EVERYTHING, [work.id for work in works])
        for work, transaction in zip(works, found, strict=True):
            self.answers[work.place] = Receipt(transaction, _errors(results[work.id], work.posting.path))
        await settle(self.writer, program, done, now)

    async def _worked(
        self, program: EngineProgram, loaded: Loaded, entries: Sequence[Entry], now: datetime
    ) -> Outcomes:
        if self.incident is None:
            return await working.worked(self.database, self.writer, loaded, entries, alone=self.alone)
        return refuse_all(program, entries, now, EngineFailed(incident=self.incident))


def _called(work: Work) -> Iterator[int]:
    """Members who were named by something that leads to whoever stays after a merge: anything but an id."""
    if work.posting.member is not None and work.posting.member.id is None:
        yield work.member_id
    if work.recipient is not None and work.posting.recipient is not None and work.posting.recipient.id is None:
        yield work.recipient.id


def _spends(work: Work) -> bool:
    said = work.posting.entry or work.transaction
    return said is not None and (said.type is Type.REDEMPTION or _disputes(work))


def _disputes(work: Work) -> bool:
    return work.transaction is not None and work.transaction.disputes_id is not None


def _at_once(
    program: EngineProgram, draft: Draft, work: Work, person: Person | None, points: Decimal, *, partner_approves: bool
) -> tuple[Step, ...]:
    """A one-call operation: the call of whoever may record an acceptable transaction is also the press of Process."""
    case = Case(
        principal=work.posting.actor, person=person, settings=program.program.settings, type=draft.entry.type,
        sub_type=draft.entry.sub_type, member_id=work.member_id, points=points, partner_id=draft.partner_id,
        partner_approves=partner_approves,
    )  # fmt: skip
    return *check_right(case, Move.CREATE_ACCEPTABLE), *steps(Status.ACCEPTABLE, Move.PROCESS)


def _moved(work: Work, step: Step, results: Mapping[int, Outcome]) -> approvals.Moved:
    """A move by a person; where it pressed Process, with the status that the engine gave."""
    to = results[work.id].status if step.move is Move.PROCESS else step.to
    return approvals.Moved(work.id, work.posting.actor.person_id, step.move, step.status, to)


def _errors(outcome: Outcome, path: tuple[str, ...]) -> tuple[Problem, ...]:
    return () if outcome.rejection is None else (outcome.rejection.at(*path),)
