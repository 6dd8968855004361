"""A member's change of tier by hand: an MSR asks, a tier approver decides, and what is approved begins today."""

from collections.abc import Sequence

from domain.approvals import NoApprover
from domain.commands.tiers import (
    MemberTierRequest,
    MemberTierRequestApprove,
    MemberTierRequestForward,
    MemberTierRequestReject,
)
from domain.engine import EngineProgram
from domain.engine.book import Book
from domain.engine.standing import begin, holds_already, would_end
from domain.families import MemberFinal
from domain.member_status import FINAL
from domain.people import Person, Principal, Scope
from domain.problems import NotAllowed, Problem, Refused
from domain.receipts import Receipt
from domain.services import tier_changes, touching, working
from domain.services.checks import INPUT, found, refuse
from domain.services.engine_programs import EnginePrograms
from domain.services.members import MEMBER_PATH, for_maintenance
from domain.services.working import Loaded
from domain.store import locks, people, tier_requests
from domain.store.database import Database, Reader, Writer
from domain.store.member_rows import MemberRow
from domain.store.member_tiers import NewTier
from domain.tier_requests import (
    NotTierApprover,
    OwnTierRequest,
    TierHeld,
    TierRequest,
    TierRequestDecided,
    TierRequestOpen,
    TierRequestStatus,
    decision_problem,
)
from domain.tiers import Tier, TierReason
from domain.values import text_problems

MAX_COMMENT = 1_000
REQUEST = (INPUT, "id")
EVERYBODY = Scope()


async def member_tier_request(
    database: Database, programs: EnginePrograms, actor: Principal, command: MemberTierRequest
) -> Receipt[TierRequest]:
    """Ask for a tier: of the approver named, else of the nearest one above the actor, else of any."""
    refuse(_text(command.reason, "reason"))
    async with database.write() as writer:
        member = await for_maintenance(writer, actor, command.member, command.program)
        if member.status in FINAL:
            raise Refused(NotAllowed(why=f"a member that is {member.status.value} changes no tier", path=MEMBER_PATH))
        program = await programs.current(writer, member.program_id)
        tier = found(program.tiers.get(command.tier), "tier", command.tier, "tier")
        loaded = await _loaded(database, writer, program, await locks.members(writer, [member.id]))
        refuse(_held_problems(loaded, tier_changes.books(loaded)[member.id], tier, INPUT, "tier"))
        request = await tier_requests.add(
            writer,
            actor,
            program_id=member.program_id,
            member_id=member.id,
            tier_class=tier.tier_class,
            tier=tier.code,
            reason=command.reason,
            submit_to_id=await _approver(writer, actor, command.submit_to),
        )
        if request is None:
            raise Refused(TierRequestOpen(tier_class=tier.tier_class, path=(INPUT, "tier")))
        return Receipt(request)


async def member_tier_request_forward(
    database: Database, actor: Principal, command: MemberTierRequestForward
) -> Receipt[TierRequest]:
    """It waits for another tier approver."""
    refuse(text_problems(command.comment, MAX_COMMENT, INPUT, "comment", lines=True))
    async with database.write() as writer:
        seen = found(await tier_requests.find(writer, actor.scope, command.id), "tier request", None, "id")
        await locks.patience(writer)
        request = await _open(writer, actor, seen)
        asked = await _approver(writer, actor, command.submit_to)
        if asked is None:
            raise Refused(NoApprover(name=actor.subject, path=(INPUT, "submitTo")))
        if asked == request.requested_by_id:
            raise Refused(OwnTierRequest(path=(INPUT, "submitTo")))
        return Receipt(await tier_requests.forward(writer, actor, request, asked, command.comment))


async def member_tier_request_approve(
    database: Database, programs: EnginePrograms, actor: Principal, command: MemberTierRequestApprove
) -> Receipt[TierRequest]:
    """The tier begins today, in the commit that approves it."""
    refuse(text_problems(command.comment, MAX_COMMENT, INPUT, "comment"))

    async def work(writer: Writer) -> Receipt[TierRequest]:
        seen = found(await tier_requests.find(writer, actor.scope, command.id), "tier request", None, "id")
        await locks.patience(writer)
        await locks.program(writer, seen.program_id)
        rows = await locks.members(writer, [seen.member_id])
        request = await _open(writer, actor, seen)
        if request.member_id != seen.member_id:  # it followed whoever stayed after a merge
            raise touching.Moved
        refuse(_left_problems(rows, *REQUEST))
        program = await programs.current(writer, seen.program_id)
        await _begin(writer, await _loaded(database, writer, program, rows), request)
        return Receipt(await tier_requests.decide(writer, actor, request, TierRequestStatus.APPROVED, command.comment))

    return await touching.until_settled(database.write, work)


async def member_tier_request_reject(
    database: Database, actor: Principal, command: MemberTierRequestReject
) -> Receipt[TierRequest]:
    """Nothing changes but the request."""
    refuse(_text(command.comment, "comment"))
    async with database.write() as writer:
        seen = found(await tier_requests.find(writer, actor.scope, command.id), "tier request", None, "id")
        await locks.patience(writer)
        request = await _open(writer, actor, seen)
        return Receipt(await tier_requests.decide(writer, actor, request, TierRequestStatus.REJECTED, command.comment))


async def _open(writer: Writer, actor: Principal, seen: TierRequest) -> TierRequest:
    """The request, locked, if it waits and the actor may decide about it."""
    request = await tier_requests.lock(writer, seen.id)
    problem = decision_problem(await _person(writer, actor.person_id), actor.subject, request)
    if problem is not None:
        raise Refused(problem.at(*REQUEST))
    if request.status is not TierRequestStatus.SUBMITTED:
        raise Refused(TierRequestDecided(status=request.status, path=REQUEST))
    return request


async def _loaded(database: Database, writer: Writer, program: EngineProgram, rows: Sequence[MemberRow]) -> Loaded:
    return await working.load(writer, program, rows, (), await database.now(writer))


async def _begin(writer: Writer, loaded: Loaded, request: TierRequest) -> None:
    pages = tier_changes.books(loaded)
    page, tier = pages[request.member_id], loaded.program.tiers[request.tier]
    refuse(_held_problems(loaded, page, tier, *REQUEST))
    change = begin(loaded.program, page, tier, TierReason.REQUEST, page.today)
    new = NewTier(request.member_id, change, tier_request_id=request.id)
    await tier_changes.write(writer, loaded, pages, [new])


def _left_problems(rows: Sequence[MemberRow], *path: str) -> list[Problem]:
    """Who has left meanwhile gets no tier; what was asked for can still be rejected."""
    return [MemberFinal(status=row.status, path=path) for row in rows if row.status in FINAL]


def _held_problems(loaded: Loaded, page: Book, tier: Tier, *path: str) -> list[Problem]:
    if not holds_already(loaded.program, page, tier):
        return []
    return [TierHeld(tier=tier.code, ends_on=would_end(loaded.program, page, tier, page.today), path=path)]


async def _approver(reader: Reader, actor: Principal, subject: str | None) -> int | None:
    if subject is not None:
        named = found(await people.find(reader, actor.scope, subject), "person", subject, "submitTo")
        problem = NotTierApprover(name=named.name, path=(INPUT, "submitTo"))
        if not (named.active and named.tier_approver):
            raise Refused(problem)
        return named.id
    chain = [] if actor.person_id is None else await people.chain_above(reader, actor.person_id)
    above = await people.load_many(reader, EVERYBODY, [key for key, _ in chain[1:]])
    return next((each.id for each in above if each is not None and each.active and each.tier_approver), None)


async def _person(reader: Reader, key: int | None) -> Person | None:
    return None if key is None else (await people.load_many(reader, EVERYBODY, [key]))[0]


def _text(text: str, name: str) -> list[Problem]:
    return list(text_problems(text, MAX_COMMENT, INPUT, name, lines=True))
