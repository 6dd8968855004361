"""Moves of blocks: which status allows which, and who may make them. What is offered and what is refused come from one table.

A purchase that names an approver waits for that person; one that the reorder check proposes waits for whoever is in charge.
Nobody approves what they asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from domain.block_problems import BlockInactive, InsufficientBlockPoints, OwnPurchase, WrongBlockKind, WrongBlockStatus
from domain.blocks import LEAST, BlockKind, BlockMove, BlockStatus, PointBlock
from domain.people import Principal, Role
from domain.problems import NotAllowed, Problem, Refused

IN_CHARGE = (Role.PROGRAM_ADMINISTRATOR, Role.PARTNER_MANAGER, Role.ENGINE)
"""Who sells points to partners, and decides about blocks."""

PATH = ("input", "id")


@dataclass(frozen=True, slots=True)
class Row:
    """A move: from which statuses, to which, with which kinds of blocks."""

    sources: tuple[BlockStatus, ...]
    target: BlockStatus
    kinds: tuple[BlockKind, ...]


BOUGHT = (BlockKind.NORMAL, BlockKind.RESERVE)
WAITING = (BlockStatus.IN_PROGRESS, BlockStatus.SUBMITTED)
HELD = (*BOUGHT, BlockKind.PROMOTION)

MOVES: Mapping[BlockMove, Row] = MappingProxyType({
    BlockMove.FORWARD: Row(WAITING, BlockStatus.SUBMITTED, BOUGHT),
    BlockMove.APPROVE: Row(WAITING, BlockStatus.APPROVED, BOUGHT),
    BlockMove.REJECT: Row(WAITING, BlockStatus.REJECTED, BOUGHT),
    BlockMove.CARVE: Row((BlockStatus.APPROVED,), BlockStatus.APPROVED, BOUGHT),
    BlockMove.CLOSE: Row((BlockStatus.APPROVED,), BlockStatus.CLOSED, HELD),
})  # fmt: skip
"""Every move of a block that exists; PURCHASE is how one begins, or REORDER, by the nightly check."""


@dataclass(frozen=True, slots=True)
class Case:
    """A block, somebody who wants to move it, and the day in its program."""

    block: PointBlock
    actor: Principal
    today: date


def check(case: Case, move: BlockMove) -> Row:
    """The row of a move; raises Refused with why it cannot be made: the status, the kind, the right, a condition."""
    row, block = MOVES[move], case.block
    if block.status not in row.sources:
        allowed = tuple(each for each, other in MOVES.items() if block.status in other.sources)
        raise Refused(WrongBlockStatus(status=block.status, move=move, allowed=allowed, path=PATH))
    problem = _problem(case, move, row)
    if problem is not None:
        raise Refused(problem.at(*PATH))
    return row


def available_moves(case: Case) -> tuple[BlockMove, ...]:
    """The moves that would not be refused to this person now, in the order of the table."""
    return tuple(
        move for move, row in MOVES.items() if case.block.status in row.sources and _problem(case, move, row) is None
    )


def _problem(case: Case, move: BlockMove, row: Row) -> Problem | None:
    if case.block.kind not in row.kinds:
        return WrongBlockKind(kind=case.block.kind, move=move, allowed=row.kinds)
    if not case.actor.has(*IN_CHARGE):
        return NotAllowed(why="blocks are for partner managers and program administrators")
    return CONDITIONS[move](case)


def _asked(case: Case) -> bool:
    return case.block.submit_to_id is None or case.block.submit_to_id == case.actor.person_id


def _own(case: Case) -> bool:
    return case.actor.person_id is not None and case.actor.person_id == case.block.requested_by_id


def _may_forward(case: Case) -> Problem | None:
    if _asked(case) or _own(case) or case.actor.has(Role.PROGRAM_ADMINISTRATOR):
        return None
    return NotAllowed(why="this is for who is asked, who asked, and program administrators")


def _may_approve(case: Case) -> Problem | None:
    if _own(case):
        return OwnPurchase()
    ends_on = case.block.ends_on
    if ends_on is not None and ends_on < case.today:
        return NotAllowed(why=f"it would have ended on {ends_on}: reject it, and buy anew")
    return _may_reject(case)


def _may_reject(case: Case) -> Problem | None:
    return None if _asked(case) else NotAllowed(why="this waits for somebody else, who can decide or forward it")


def _may_carve(case: Case) -> Problem | None:
    if not case.block.active(case.today):
        return inactive(case.block, case.today)
    if case.block.remaining <= 0:
        return InsufficientBlockPoints(available=case.block.remaining, required=LEAST)
    return None


def _may_close(_: Case) -> Problem | None:
    return None


CONDITIONS: Mapping[BlockMove, Callable[[Case], Problem | None]] = MappingProxyType({
    BlockMove.FORWARD: _may_forward,
    BlockMove.APPROVE: _may_approve,
    BlockMove.REJECT: _may_reject,
    BlockMove.CARVE: _may_carve,
    BlockMove.CLOSE: _may_close,
})  # fmt: skip
"""Besides status, kind and role, what each move needs."""


def inactive(block: PointBlock, today: date) -> BlockInactive:
    """Why a block cannot be used on a day."""
    return BlockInactive(status=block.status, starts_on=block.starts_on, ends_on=block.ends_on, today=today)
