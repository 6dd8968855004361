"""Loans: asked for and repaid by hand. What the actor's own limit covers is processed at once, all else waits for approval.

Whether there is room below the maximum, and how much is outstanding, is looked at when it is asked and again when processed.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from domain.approvals import around_problem
from domain.commands.loans import LoanRepay, LoanRequest
from domain.commands.members import MemberReference
from domain.commands.transactions import TransactionCreate
from domain.engine.loans import exceeds, not_allowed
from domain.engine.rejections import OtherPointType
from domain.entries import LOANS, NewTransaction
from domain.fingerprints import hash_of
from domain.move_rights import check_right
from domain.moves import Move
from domain.people import Principal
from domain.points import to_units
from domain.postings import Posting
from domain.problems import NotFound, Refused
from domain.receipts import Receipt
from domain.services.checks import INPUT
from domain.services.posting import claims
from domain.services.posting.desk import Desk
from domain.services.posting.group import Group
from domain.services.transactions.approving import whom_to_ask
from domain.services.transactions.held import Held
from domain.services.transactions.keys import check_key, claim_of
from domain.services.transactions.moving import Answer, carry_out, check_comment
from domain.services.transactions.naming import program_id_of
from domain.services.transactions.pressing import PRESSED
from domain.services.transactions.previews import Preview, seen
from domain.services.transactions.recording import Recording, keep, recording_of
from domain.store import loans as store
from domain.store import locks
from domain.store.database import Writer
from domain.transactions import Status, SubType, Transaction, Type

Command = LoanRequest | LoanRepay


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is recorded for a command; `check` is what only loans are asked about."""

    create: TransactionCreate
    submit_to: str | None
    check: Callable[[Writer, Recording], Awaitable[None]]


async def loan_request(desk: Desk, actor: Principal, command: LoanRequest) -> Answer:
    """ACCRUAL/LOAN: SUBMITTED, or processed at once where the actor's own loan limit covers it."""
    return await _carried_out(desk, actor, command)


async def loan_repay(desk: Desk, actor: Principal, command: LoanRepay) -> Answer:
    """REDEMPTION/LOAN_REPAYMENT: SUBMITTED, or processed at once where no approval is needed or the actor's limit covers it."""
    return await _carried_out(desk, actor, command)


async def loan_preview(desk: Desk, actor: Principal, command: Command) -> Preview:
    """What the command would do now; nothing of it stays, and its key is not looked at."""
    check_key(command.idempotency_key)
    async with desk.database.rehearse() as writer:
        answer = await _asked(writer, desk, actor, command, claiming=False)
        if (press := _press(actor, command, answer)) is not None:
            group = Group(desk.database, desk.programs, writer, press.program_id, [press], claiming=False, alone=True)
            [answer] = await group.post()
        return await seen(desk, writer, actor.scope, answer)


async def _carried_out(desk: Desk, actor: Principal, command: Command) -> Answer:
    async with desk.database.write() as writer:
        answer = await _asked(writer, desk, actor, command)
    press = _press(actor, command, answer)
    return claims.as_recorded(answer) if press is None else await desk.submit(press)


def _press(actor: Principal, command: Command, answer: Answer) -> Posting | None:
    """The press of Process for what needs nobody else's approval."""
    transaction = answer.result
    if transaction is None or not transaction.external or transaction.status not in PRESSED:
        return None
    return Posting(
        actor=actor, mutation=f"{_name(command)}.process", key=command.idempotency_key,
        program_id=transaction.program_id, transaction_id=transaction.id,
    )  # fmt: skip


def _name(command: Command) -> str:
    return "loanRequest" if isinstance(command, LoanRequest) else "loanRepay"


async def _asked(writer: Writer, desk: Desk, actor: Principal, command: Command, *, claiming: bool = True) -> Answer:
    check_comment(command.comment)
    await locks.patience(writer)
    [number] = await desk.database.ids.take(writer, 1)
    key = claim_of(
        actor, _name(command), command.idempotency_key, hash_of(replace(command, idempotency_key="")), number
    )
    if claiming and (earlier := await claims.by_key(writer, {0: key})):
        return earlier[0]
    asked = await (_request if isinstance(command, LoanRequest) else _repayment)(writer, desk, actor, command)
    recording = await recording_of(
        desk.database, writer, desk.programs, actor, asked.create, number=number, move=Move.CREATE, creatable=LOANS
    )
    await asked.check(writer, recording)
    recorded = (await keep(writer, recording, key)).result
    assert recorded is not None
    return Receipt(await _sent(writer, desk, recording, recorded, asked.submit_to))


async def _sent(
    writer: Writer, desk: Desk, recording: Recording, recorded: Transaction, submit_to: str | None
) -> Transaction:
    """On its way: to whoever must approve, or past them."""
    case = replace(recording.case, status=Status.IN_PROGRESS, requester_id=recorded.created_by_id)
    program = await desk.programs.current(writer, recorded.program_id)
    held = Held(recorded, program, case, recorded.created_at)
    if around_problem(case.settings, case.person, case.sub_type, case.points) is None:
        return await carry_out(writer, held, check_right(case, Move.ACCEPT))
    steps = check_right(case, Move.SUBMIT)
    asked = await whom_to_ask(writer, held, submit_to)
    return await carry_out(writer, held, steps, submit_to_id=asked.id)


async def _request(writer: Writer, desk: Desk, actor: Principal, command: Command) -> _Asked:
    assert isinstance(command, LoanRequest)
    program_id = await program_id_of(writer, desk.programs, actor, command.program)
    await store.product(writer, program_id)
    entry = NewTransaction(
        program=command.program, member="", type=Type.ACCRUAL, sub_type=SubType.LOAN, product=store.PRODUCT,
        point_type=command.point_type, points=command.points, qualifying=command.qualifying, comment=command.comment,
    )  # fmt: skip
    create = TransactionCreate(idempotency_key=command.idempotency_key, member=command.member, entry=entry)
    return _Asked(create, command.submit_to, _check_maximum)


async def _check_maximum(writer: Writer, recording: Recording) -> None:
    draft, program = recording.draft, recording.program
    point_type = program.point_types[draft.point_type_id or program.default.id]
    maximum = (await store.maxima(writer, [draft.member_id])).get(draft.member_id, {}).get(point_type.id)
    owed = sum(
        loan.outstanding
        for loan in (await store.outstanding(writer, [draft.member_id])).get(draft.member_id, ())
        if loan.point_type_id == point_type.id
    )
    asked = draft.points or 0
    if maximum is None or owed + asked > maximum:
        raise Refused(not_allowed(point_type, asked, owed, maximum).at(INPUT, "points"))


async def _repayment(writer: Writer, desk: Desk, actor: Principal, command: Command) -> _Asked:
    assert isinstance(command, LoanRepay)
    [loan] = await store.load_many(writer, actor.scope, [command.loan])
    if loan is None:
        raise Refused(NotFound(what="loan", path=(INPUT, "loan")))
    program = await desk.programs.current(writer, loan.program_id)
    if command.point_type not in (None, loan.point_type):
        problem = OtherPointType(point_type=str(command.point_type), expected=loan.point_type)
        raise Refused(problem.at(INPUT, "pointType"))
    point_type = program.by_code[loan.point_type]
    asked = to_units(command.points, point_type.decimals, INPUT, "points")
    outstanding = int(loan.outstanding.scaleb(point_type.decimals))
    if asked > outstanding:
        raise Refused(exceeds(point_type, asked, outstanding).at(INPUT, "points"))
    entry = NewTransaction(
        program=program.program.code, member="", type=Type.REDEMPTION, sub_type=SubType.LOAN_REPAYMENT,
        point_type=loan.point_type, points=command.points, loan=command.loan, comment=command.comment,
    )  # fmt: skip
    member = MemberReference(id=loan.member_id)
    create = TransactionCreate(idempotency_key=command.idempotency_key, member=member, entry=entry)
    return _Asked(create, command.submit_to, _nothing_more)


async def _nothing_more(_writer: Writer, _recording: Recording) -> None:
    """What was asked about a repayment was asked before it was recorded."""
