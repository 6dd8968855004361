"""Merging two members, under the locks of both and of everybody who belongs to the one that is merged: all in one commit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.calendars import business_date
from domain.commands.merges import MemberMerge
from domain.drafts import Draft
from domain.engine import EngineProgram, Entry, MemberState
from domain.engine.merges import inherited, movable
from domain.engine.standing import upgrades
from domain.entries import NewTransaction
from domain.fingerprints import hash_of
from domain.members import Member, MemberChange, MemberStatus
from domain.merges import Merged, MergeHeld, MergeReceipt, counted, filled, merge_problems
from domain.people import Principal, Scope
from domain.points import from_units
from domain.problems import IdempotencyKeyReused, Problem, Refused
from domain.receipts import Receipt
from domain.services import telling, tier_changes, touching, working
from domain.services.checks import INPUT, refuse
from domain.services.engine_programs import EnginePrograms
from domain.services.members import named
from domain.services.promotion_steps import close_apart
from domain.services.transactions.keys import check_key
from domain.services.working import Loaded
from domain.store import families, idempotency, locks, member_writes, members, merges, outcomes, transactions
from domain.store.database import Database, Writer
from domain.store.idempotency import Claim
from domain.store.member_tiers import NewTier
from domain.transactions import PointTotal, Status, SubType, Type
from domain.transfers import AcrossPrograms
from domain.values import text_problems

MAX_REASON = 1_000
EVERYTHING = Scope()
MUTATION = "memberMerge"


async def member_merge(
    database: Database, programs: EnginePrograms, actor: Principal, command: MemberMerge
) -> MergeReceipt:
    """Merge a member into another; the same request again gives the first answer again."""

    async def work(writer: Writer) -> MergeReceipt:
        return await _merge(database, writer, programs, actor, command)

    return await touching.until_settled(database.write, work)


async def merge_preview(
    database: Database, programs: EnginePrograms, actor: Principal, command: MemberMerge
) -> MergeReceipt:
    """What a merge would do; its key is not looked at."""
    async with database.rehearse() as writer:
        seen = await _merge(database, writer, programs, actor, command, claiming=False)
        return replace(seen, result=seen.result and replace(seen.result, preview=True))


async def _merge(
    database: Database,
    writer: Writer,
    programs: EnginePrograms,
    actor: Principal,
    command: MemberMerge,
    *,
    claiming: bool = True,
) -> MergeReceipt:
    refuse(text_problems(command.reason, MAX_REASON, INPUT, "reason", lines=True))
    await locks.patience(writer)
    member = await named(writer, actor, command.member, command.program, INPUT, "member")
    into = await named(writer, actor, command.into, command.program, INPUT, "into")
    if claiming and (earlier := await _claimed(writer, actor, command, member)) is not None:
        return earlier
    if member.program_id != into.program_id:
        raise Refused(AcrossPrograms(path=(INPUT, "into")))
    await locks.program(writer, member.program_id)
    member, into = await _locked(writer, member.id, into.id)
    refuse(merge_problems(member, into, INPUT))
    now = await database.now(writer)
    program = await programs.current(writer, member.program_id)
    work = _Work(database, writer, program, actor, command, member, into, now)
    return Receipt(await work.done())


async def _claimed(writer: Writer, actor: Principal, command: MemberMerge, member: Member) -> MergeReceipt | None:
    """The answer of before, if this key was used before."""
    check_key(command.idempotency_key)
    hash_ = hash_of(command)
    claim = Claim(actor.subject, MUTATION, command.idempotency_key, hash_, "Member", member.id)
    earlier = (await idempotency.claim(writer, [claim])).get(claim.name)
    if earlier is None:
        return None
    if earlier.input_hash != hash_:
        raise Refused(IdempotencyKeyReused(path=(INPUT, "idempotencyKey")))
    return Receipt(await _answered(writer, earlier.answer_id), replayed=True)


async def _answered(writer: Writer, member_id: int) -> Merged:
    """What was answered before: the members as they are now, and what moved then."""
    [member] = await members.load_many(writer, EVERYTHING, [member_id])
    assert member is not None
    assert member.merged_into_id is not None
    [into] = await members.load_many(writer, EVERYTHING, [member.merged_into_id])
    assert into is not None
    number = await merges.out_of(writer, member_id)
    [out] = await transactions.load_many(writer, EVERYTHING, [number or 0])
    return Merged(into, member, () if out is None else out.totals)


async def _locked(writer: Writer, member_id: int, into_id: int) -> tuple[Member, Member]:
    """Both members, and those who belong to the one that is merged, locked in one go; the two as they are now."""
    belonging = await merges.children(writer, member_id)
    await locks.members(writer, [member_id, into_id, *belonging])
    if list(await merges.children(writer, member_id)) != list(belonging):
        raise touching.Moved
    member, into = await members.load_many(writer, EVERYTHING, [member_id, into_id])
    assert member is not None
    assert into is not None
    return member, into


@dataclass(frozen=True, slots=True)
class _Work:
    """A merge that is allowed, under its locks."""

    database: Database
    writer: Writer
    program: EngineProgram
    actor: Principal
    command: MemberMerge
    member: Member
    into: Member
    now: datetime

    @property
    def today(self) -> date:
        """In the program's time zone."""
        return business_date(self.now, self.program.program.time_zone)

    async def done(self) -> Merged:
        """Everything moves: the profile first, then what the list of the store names, then tiers and points."""
        before = await self._loaded()
        refuse(_held_problems(self.program, before.states[self.member.id]))
        await self._leave_family()
        [row] = [each for each in before.rows if each.id == self.member.id]
        await close_apart(self.database, self.writer, self.program, row, self.into.id, now=self.now)
        await self._write_profile()
        await merges.move(
            self.writer, member=self.member.id, into=self.into.id, today=self.today, now=self.now,
            person=self.actor.person_id,
        )  # fmt: skip
        await self._inherit_tiers()
        moved = await self._move_points()
        merged, into = await members.load_many(self.writer, EVERYTHING, [self.member.id, self.into.id])
        assert merged is not None
        assert into is not None
        return Merged(into, merged, moved)

    async def _loaded(self) -> Loaded:
        """Both as they are now, with all lots of the one that is merged."""
        rows = await locks.members(self.writer, [self.member.id, self.into.id])
        both = [self.member.id, self.into.id]
        return await working.load(self.writer, self.program, rows, both, self.now, whole=True)

    async def _leave_family(self) -> None:
        belongs = await families.current(self.writer, self.member.id)
        if belongs is not None:
            await families.close(self.writer, self.actor, belongs, max(self.today, belongs.starts_on))

    async def _write_profile(self) -> None:
        """The cards move with the list; here both get their new profile, status and record of change."""
        member, into = self.member, self.into
        after = replace(
            filled(into, member, self.command.attributes), identifiers=into.identifiers, version=into.version + 1
        )
        merged = replace(member, status=MemberStatus.MERGED, version=member.version + 1)
        await member_writes.change(self.writer, into, after, self._record(into, into))
        await merges.mark(self.writer, member.id, into.id)
        await member_writes.change(self.writer, member, merged, self._record(member, merged))
        counters = await merges.counters(self.writer, [member.id, into.id])
        await merges.set_counters(self.writer, into.id, counted(counters[into.id], counters[member.id]))

    def _record(self, before: Member, after: Member) -> MemberChange:
        moved = before.status is not after.status
        return MemberChange(
            member_id=before.id, version=before.version + 1, person_id=self.actor.person_id,
            fields=() if moved else ("merge",), from_status=before.status if moved else None,
            to_status=after.status if moved else None, reason=self.command.reason.strip(), created_at=self.now,
        )  # fmt: skip

    async def _inherit_tiers(self) -> None:
        """The highest tier stays, and what both have earned may reach a higher one."""
        if not self.program.tiers:
            return
        loaded = await self._loaded()
        pages = tier_changes.books(loaded)
        page = pages[self.into.id]
        changes = [*inherited(self.program, page, pages[self.member.id]), *upgrades(self.program, page)]
        mine = replace(loaded, states={self.into.id: loaded.states[self.into.id]})
        begun = [NewTier(self.into.id, change) for change in changes]
        await tier_changes.write(self.writer, mine, {self.into.id: page}, begun)

    async def _move_points(self) -> tuple[PointTotal, ...]:
        """By MERGE_OUT and MERGE_IN; nothing is recorded where there is nothing to move."""
        loaded = await self._loaded()
        if not movable(tier_changes.books(loaded)[self.member.id]):
            return ()
        [number] = await self.database.ids.take(self.writer, 1)
        draft = self._draft(number)
        done = await working.worked(self.database, self.writer, loaded, [self._entry(draft)])
        await transactions.insert(self.writer, [draft], {each.transaction_id: each for each in done.outcomes}, self.now)
        await outcomes.write(self.writer, self.program.program.id, done, self.now, {number})
        await telling.worked(self.writer, self.program, done, self.now)
        [out] = await transactions.load_many(self.writer, EVERYTHING, [number])
        assert out is not None
        return out.totals

    def _draft(self, number: int) -> Draft:
        entry = NewTransaction(
            program=self.program.program.code, member=self.member.number, type=Type.REDEMPTION,
            sub_type=SubType.MERGE_OUT, transaction_date=self.today,
        )  # fmt: skip
        return Draft(
            id=number, program_id=self.program.program.id, member_id=self.member.id, entry=entry,
            transaction_date=self.today, status=Status.PROCESSED, created_at=self.now,
            created_by_id=self.actor.person_id, product_id=None, partner_id=None, point_type_id=None, points=None,
            other_member_id=self.into.id,
        )  # fmt: skip

    @staticmethod
    def _entry(draft: Draft) -> Entry:
        return Entry(
            id=draft.id, member_id=draft.member_id, type=Type.REDEMPTION, sub_type=SubType.MERGE_OUT,
            status=draft.status, transaction_date=draft.transaction_date, reported_on=draft.transaction_date,
            attributes={}, other_member_id=draft.other_member_id,
        )  # fmt: skip


def _held_problems(program: EngineProgram, member: MemberState) -> Sequence[Problem]:
    """Points held for a checkout and points lent belong to something that names the member: that is settled first."""
    return [
        MergeHeld(
            point_type=program.point_types[key].code,
            held=from_units(balance.held, program.point_types[key].decimals),
            lent=from_units(balance.loan_outstanding, program.point_types[key].decimals),
            path=(INPUT, "member"),
        )
        for key, balance in member.balances.items()
        if balance.held or balance.loan_outstanding
    ]
