"""Maximum loans: set by one person, approved by one whose loan limit covers the amount. No loan is given before."""

from domain.approvals import UnsuitableApprover, approval_problem, check_approver, covers
from domain.commands.loans import (
    MemberMaxLoanApprove,
    MemberMaxLoanForward,
    MemberMaxLoanReject,
    MemberMaxLoanSet,
    OnMaximumLoan,
)
from domain.entries import MAX_COMMENT, MAX_POINTS
from domain.families import MemberFinal
from domain.loans import MaximumLoan, MaximumLoanDecided, MaximumLoanStatus
from domain.member_status import FINAL
from domain.people import Person, Principal, Scope
from domain.problems import NotAllowed, Refused
from domain.receipts import Receipt
from domain.services.approvers import SUBMIT_TO, approver_named, manager_of, person_of
from domain.services.checks import INPUT, check_version, found, refuse
from domain.services.engine_programs import EnginePrograms
from domain.services.members import MEMBER_PATH, for_maintenance
from domain.store import locks, members
from domain.store import maximum_loans as store
from domain.store.database import Database, Writer
from domain.store.maximum_loans import Said
from domain.transactions import SubType
from domain.values import number_problems, text_problems

Answer = Receipt[MaximumLoan]
EVERYTHING = Scope()


async def member_max_loan_set(
    database: Database, programs: EnginePrograms, actor: Principal, command: MemberMaxLoanSet
) -> Answer:
    """APPROVED at once if the actor's own loan limit covers it, else SUBMITTED; the same amount again changes nothing."""
    _check_comment(command.comment)
    async with database.write() as writer:
        member = await for_maintenance(writer, actor, command.member, command.program)
        if member.status in FINAL:
            raise Refused(NotAllowed(why=f"a member that is {member.status.value} borrows nothing", path=MEMBER_PATH))
        program = await programs.current(writer, member.program_id)
        code = command.point_type or program.default.code
        point_type = found(program.by_code.get(code), "point type", code, "pointType")
        refuse(number_problems(command.points, MAX_POINTS, point_type.decimals, INPUT, "points"))
        before = await store.current(writer, member.id, point_type.id)
        if before and before.points == command.points and before.status is not MaximumLoanStatus.REJECTED:
            return Receipt(before)
        asked = await _approver(writer, actor, member.program_id, command)
        said = await _said(database, writer, actor, command.comment)
        key = await store.put(
            writer, said.at, program_id=member.program_id, member_id=member.id, point_type_id=point_type.id,
            points=int(command.points.scaleb(point_type.decimals)),
            status=MaximumLoanStatus.SUBMITTED if asked else MaximumLoanStatus.APPROVED,
            requested_by_id=actor.person_id, submit_to_id=asked and asked.id,
        )  # fmt: skip
        return Receipt(await store.record(writer, key, before, said))


async def _approver(writer: Writer, actor: Principal, program_id: int, command: MemberMaxLoanSet) -> Person | None:
    """Who is to be asked; None: nobody, because the actor's own limit covers it."""
    if covers(await person_of(writer, actor), SubType.LOAN, command.points):
        return None
    if command.submit_to is None:
        asked = await manager_of(writer, None, actor)
    else:
        asked = await approver_named(writer, program_id, command.submit_to)
    check_approver(
        asked, *SUBMIT_TO, program_id=program_id, requester_id=actor.person_id, sub_type=SubType.LOAN,
        points=command.points,
    )  # fmt: skip
    return asked


async def member_max_loan_forward(database: Database, actor: Principal, command: MemberMaxLoanForward) -> Answer:
    """It waits for somebody else."""
    _check_comment(command.comment)
    async with database.write() as writer:
        waiting = await _waiting(writer, actor, command)
        await _check_may_decide(writer, actor, waiting)
        if command.submit_to is None:
            asked = await manager_of(writer, waiting.submit_to_id, actor)
        else:
            asked = await approver_named(writer, waiting.program_id, command.submit_to)
        check_approver(
            asked, *SUBMIT_TO, program_id=waiting.program_id, requester_id=waiting.requested_by_id,
            sub_type=SubType.LOAN, points=waiting.points,
        )  # fmt: skip
        if asked.id == waiting.submit_to_id:
            raise Refused(UnsuitableApprover(name=asked.name, why="it waits for them already", path=SUBMIT_TO))
        await store.change(writer, waiting.id, submit_to_id=asked.id)
        said = await _said(database, writer, actor, command.comment)
        return Receipt(await store.record(writer, waiting.id, waiting, said))


async def member_max_loan_approve(database: Database, actor: Principal, command: MemberMaxLoanApprove) -> Answer:
    """It counts from now on."""
    _check_comment(command.comment)
    async with database.write() as writer:
        waiting = await _waiting(writer, actor, command)
        person = await person_of(writer, actor)
        problem = approval_problem(person, SubType.LOAN, waiting.points, waiting.requested_by_id)
        refuse([] if problem is None else [problem])
        await _check_borrows(writer, waiting)
        said = await _said(database, writer, actor, command.comment)
        return await _decided(writer, waiting, MaximumLoanStatus.APPROVED, said)


async def member_max_loan_reject(database: Database, actor: Principal, command: MemberMaxLoanReject) -> Answer:
    """No loans, until another amount is approved."""
    _check_comment(command.comment)
    async with database.write() as writer:
        waiting = await _waiting(writer, actor, command)
        await _check_may_decide(writer, actor, waiting)
        said = await _said(database, writer, actor, command.comment)
        return await _decided(writer, waiting, MaximumLoanStatus.REJECTED, said)


async def _waiting(writer: Writer, actor: Principal, command: OnMaximumLoan) -> MaximumLoan:
    """The maximum loan of a locked member, if it is as the actor has seen it and waits for a decision."""
    seen = found(await store.find(writer, actor.scope, command.id), "maximum loan", None, "id")
    await locks.patience(writer)
    await locks.members(writer, [seen.member_id])
    [waiting] = await store.load_many(writer, actor.scope, [seen.id])
    assert waiting is not None
    if waiting.status is not MaximumLoanStatus.SUBMITTED:
        raise Refused(MaximumLoanDecided(status=waiting.status, path=(INPUT, "id")))
    check_version(command.expected_version, waiting.version)
    return waiting


async def _check_borrows(writer: Writer, waiting: MaximumLoan) -> None:
    """Raises Refused where the locked member has left meanwhile; what nobody will borrow can still be rejected."""
    [member] = await members.load_many(writer, EVERYTHING, [waiting.member_id])
    assert member is not None, "members are never deleted"
    if member.status in FINAL:
        raise Refused(MemberFinal(status=member.status, path=(INPUT, "id")))


async def _check_may_decide(writer: Writer, actor: Principal, waiting: MaximumLoan) -> None:
    """The person asked may reject or pass it on, and everybody whose limit covers it."""
    person = await person_of(writer, actor)
    is_asked = person is not None and person.active and person.id == waiting.submit_to_id
    if not is_asked and not covers(person, SubType.LOAN, waiting.points):
        raise Refused(NotAllowed(why="this is for the named approver and employees whose limit covers it"))


async def _decided(writer: Writer, waiting: MaximumLoan, status: MaximumLoanStatus, said: Said) -> Answer:
    await store.change(writer, waiting.id, status=status, submit_to_id=None)
    return Receipt(await store.record(writer, waiting.id, waiting, said))


async def _said(database: Database, writer: Writer, actor: Principal, comment: str | None) -> Said:
    return Said(actor.person_id, comment, await database.now(writer))


def _check_comment(comment: str | None) -> None:
    refuse(text_problems(comment, MAX_COMMENT, INPUT, "comment", lines=True))
