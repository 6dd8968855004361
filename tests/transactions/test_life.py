"""The whole life: from every status, exactly the moves of the table are offered and carried out; every other is refused.

`availableMoves` and refusals come from the same rows: what is offered works, what is not offered is refused.
"""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from domain.moves import Move, moves_from
from domain.people import Principal, Role
from domain.problems import Refused
from domain.services import transactions as services
from domain.services.posting import Desk
from domain.transactions import Status, Transaction, Type
from tests.support.factories import a_partner, result_of
from tests.support.transactions import LIMIT, MOVES, Stage, a_stage

PRESSED = (*MOVES, Move.APPROVE, Move.PROCESS)


class Life:
    """Transactions in any status. `chief` may do whatever an employee may; `partner` whatever the partner's people may."""

    def __init__(self, stage: Stage, chief: Principal, partner: Principal, code: str) -> None:
        self.stage, self.chief, self.partner, self.code = stage, chief, partner, code

    async def recorded(self, points: int = 500) -> Transaction:
        return await self.stage.record(self.stage.credit(points, partner=self.code))

    async def submitted(self) -> Transaction:
        return await self.stage.moved(Move.SUBMIT, await self.recorded())

    async def acceptable(self) -> Transaction:
        return await self.stage.moved(Move.ACCEPT, await self.recorded(), self.chief)

    async def queued(self) -> Transaction:
        return await self.stage.moved(Move.QUEUE, await self.recorded(), self.chief)

    async def pending(self) -> Transaction:
        return await self.stage.moved(Move.SEND_TO_PARTNER, await self.recorded(), self.chief)

    async def refused_by_partner(self) -> Transaction:
        return await self.stage.moved(Move.PARTNER_REJECT, await self.pending(), self.partner)

    async def refused_by_manager(self) -> Transaction:
        return await self.stage.moved(Move.REJECT, await self.submitted(), self.chief)

    async def refused_by_engine(self) -> Transaction:
        entry = self.stage.entry(type=Type.REDEMPTION, points=Decimal(10**6), partner=self.code)
        transaction = await self.stage.moved(Move.ACCEPT, await self.stage.record(entry))
        refused = (await self.stage.move(Move.PROCESS, transaction)).result
        assert refused is not None
        return refused

    async def recalled(self) -> Transaction:
        return await self.stage.moved(Move.RECALL, await self.recorded())

    async def processed(self) -> Transaction:
        return await self.stage.moved(Move.PROCESS, await self.acceptable())


BORN: dict[Status, Callable[[Life], Awaitable[Transaction]]] = {
    Status.IN_PROGRESS: Life.recorded,
    Status.SUBMITTED: Life.submitted,
    Status.ACCEPTABLE: Life.acceptable,
    Status.QUEUED: Life.queued,
    Status.PARTNER_PENDING: Life.pending,
    Status.PARTNER_REJECTED: Life.refused_by_partner,
    Status.REJECTED_MANAGER: Life.refused_by_manager,
    Status.REJECTED_ENGINE: Life.refused_by_engine,
    Status.CANCELLED: Life.recalled,
    Status.PROCESSED: Life.processed,
}
"""How a transaction comes into each status; through APPROVED and PARTNER_APPROVED it only passes."""


async def a_life(desk: Desk) -> Life:
    stage = await a_stage(desk)
    partner = await a_partner(stage.database, stage.program)
    chief = await stage.person(Role.MSR, Role.MANAGER, transaction_approval_limit=LIMIT)
    approver = await stage.person(Role.PARTNER_APPROVER, partner=partner.code, program=None)
    return Life(stage, chief, approver, partner.code)


async def offered(stage: Stage, actor: Principal, transaction: Transaction) -> set[Move]:
    async with stage.database.read() as reader:
        [moves] = await services.moves_of(reader, stage.desk.programs, actor, [transaction])
    return set(moves)


async def is_carried_out(life: Life, move: Move, transaction: Transaction, actor: Principal) -> bool:
    """Whether the move was made; if not, the transaction is as it was."""
    try:
        receipt = await life.stage.move(move, transaction, actor)
    except Refused:
        assert await life.stage.stored(transaction) == transaction
        return False
    if receipt.errors:
        assert await life.stage.stored(transaction) == transaction
        return False
    return True


@pytest.mark.parametrize("status", BORN, ids=lambda status: status.value)
async def test_what_is_offered_works_and_what_is_not_offered_is_refused(desk: Desk, status: Status) -> None:
    life = await a_life(desk)
    seen: set[Move] = set()
    for actor in (life.chief, life.partner, life.stage.msr):
        transaction = await BORN[status](life)
        assert transaction.status is status
        open_now = await offered(life.stage, actor, transaction)
        seen |= open_now
        for move in [move for move in PRESSED if move not in open_now]:
            assert not await is_carried_out(life, move, transaction, actor), f"{move} by {actor.roles}"
        for move in open_now:
            fresh = await BORN[status](life)
            assert await is_carried_out(life, move, fresh, actor), f"{move} by {actor.roles}"
    assert seen == set(moves_from(status))


async def test_every_status_in_which_a_transaction_can_rest_is_covered() -> None:
    passing = {Status.APPROVED, Status.PARTNER_APPROVED}
    assert {*BORN} == {*Status} - passing


async def test_a_member_sees_no_move_of_the_desk(stage: Stage) -> None:
    transaction = await stage.record()
    administrator = await stage.person(Role.PROGRAM_ADMINISTRATOR)
    assert await offered(stage, administrator, transaction) == set()


async def test_moves_of_many_come_in_their_order(stage: Stage, desk: Desk) -> None:
    other = await a_stage(desk)
    mine = [await stage.record(), await stage.moved(Move.RECALL, await stage.record())]
    theirs = await other.record()
    async with stage.database.read() as reader:
        moves = await services.moves_of(reader, desk.programs, stage.msr, [mine[1], theirs, mine[0]])
    everything = (Move.ACCEPT, Move.QUEUE, Move.RECALL)
    assert moves == [(Move.REOPEN,), everything, everything]


async def test_from_the_desk_to_the_member_and_every_step_is_kept(desk: Desk) -> None:
    life = await a_life(desk)
    stage = life.stage
    transaction = await life.recorded()
    await stage.moved(Move.SUBMIT, transaction)
    await stage.moved(Move.REJECT, transaction, life.chief, comment="which purchase?")
    await stage.moved(Move.REOPEN, transaction)
    current = await stage.stored(transaction)
    assert current is not None
    result_of(await stage.update(current, comment="the one of Monday"))
    await stage.moved(Move.SUBMIT, transaction, submit_to=stage.director.subject)
    await stage.moved(Move.APPROVE, transaction, stage.director)
    done = await stage.moved(Move.PROCESS, transaction)
    assert (done.status, done.points, done.attempts) == (Status.PROCESSED, Decimal(500), 1)
    assert await stage.trail(transaction) == [
        (Move.CREATE, None, Status.IN_PROGRESS),
        (Move.SUBMIT, Status.IN_PROGRESS, Status.SUBMITTED),
        (Move.REJECT, Status.SUBMITTED, Status.REJECTED_MANAGER),
        (Move.REOPEN, Status.REJECTED_MANAGER, Status.IN_PROGRESS),
        (Move.SUBMIT, Status.IN_PROGRESS, Status.SUBMITTED),
        (Move.APPROVE, Status.SUBMITTED, Status.APPROVED),
        (Move.ACCEPT, Status.APPROVED, Status.ACCEPTABLE),
        (Move.PROCESS, Status.ACCEPTABLE, Status.PROCESSED),
    ]
    assert (await stage.balance()).available == 500


async def test_the_partner_decides_and_the_desk_processes(desk: Desk) -> None:
    life = await a_life(desk)
    agreed = await life.stage.moved(Move.PARTNER_APPROVE, await life.pending(), life.partner)
    assert agreed.status is Status.ACCEPTABLE
    assert (await life.stage.trail(agreed))[-2:] == [
        (Move.PARTNER_APPROVE, Status.PARTNER_PENDING, Status.PARTNER_APPROVED),
        (Move.ACCEPT, Status.PARTNER_APPROVED, Status.ACCEPTABLE),
    ]
    assert (await life.stage.moved(Move.PROCESS, agreed)).status is Status.PROCESSED


async def test_a_recalled_transaction_leaves_the_queue(desk: Desk) -> None:
    life = await a_life(desk)
    transaction = await life.queued()
    assert await life.stage.queued() == 1
    await life.stage.moved(Move.RECALL, transaction)
    assert await life.stage.queued() == 0
    again = await life.stage.moved(Move.QUEUE, await life.stage.moved(Move.REOPEN, transaction), life.chief)
    assert (again.status, await life.stage.queued()) == (Status.QUEUED, 1)


async def test_reopening_forgets_how_it_was_refused(desk: Desk) -> None:
    life = await a_life(desk)
    refused = await life.refused_by_engine()
    assert (refused.sub_status is not None, refused.processed_at is not None, refused.external) == (True, True, True)
    reopened = await life.stage.moved(Move.REOPEN, refused)
    assert (reopened.sub_status, reopened.processed_at, reopened.external) == (None, None, False)
    assert reopened.attempts == 1
