"""The talks about joint promotions: proposed, agreed to or refused, with notes. Everything happens under the lock of the program.

Who is no administrator drafts and edits joint promotions only; a partner those that it has drafted itself, and pays for.
"""

from collections.abc import Iterator, Sequence

from domain.commands.joint_promotions import JointPromotionMoved
from domain.cost_shares import CostShare
from domain.joint_promotions import (
    JointMove,
    JointPromotion,
    NotJoint,
    Row,
    after,
    available_moves,
    check,
)
from domain.people import Principal, Role
from domain.problems import NotAllowed, Problem, Refused
from domain.promotion_problems import PromotionActive
from domain.promotions import Promotion
from domain.receipts import Receipt
from domain.services.checks import INPUT, check_version, found, refuse
from domain.services.cost_shares import payer_problems
from domain.services.programs import locked
from domain.store import joint_promotions as store
from domain.store import promotions
from domain.store.database import Database, Reader
from domain.values import text_problems

MAX_COMMENT = 4_000
PATH = (INPUT, "promotion")
SHARES = (INPUT, "shares")


async def joint_promotion_propose(
    database: Database, actor: Principal, command: JointPromotionMoved
) -> Receipt[Promotion]:
    """Ask the other sides; the own side agrees by it."""
    return await _move(database, actor, command, JointMove.PROPOSE)


async def joint_promotion_approve(
    database: Database, actor: Principal, command: JointPromotionMoved
) -> Receipt[Promotion]:
    """Agree for one's side. Nothing is activated by it."""
    return await _move(database, actor, command, JointMove.APPROVE)


async def joint_promotion_reject(
    database: Database, actor: Principal, command: JointPromotionMoved
) -> Receipt[Promotion]:
    """Do not agree, and say why."""
    return await _move(database, actor, command, JointMove.REJECT)


async def joint_promotion_note(
    database: Database, actor: Principal, command: JointPromotionMoved
) -> Receipt[Promotion]:
    """Say something to the other sides."""
    return await _move(database, actor, command, JointMove.NOTE)


def drafting_problems(actor: Principal, shares: Sequence[CostShare]) -> Iterator[Problem]:
    """Why somebody may not draft a promotion whose cost is shared like this."""
    if actor.has(Role.PROGRAM_ADMINISTRATOR, Role.ENGINE):
        return
    if not shares:
        yield NotAllowed(why="only administrators have promotions of which the cost is not shared", path=SHARES)
    elif actor.scope.partner_id not in {None, *(share.partner_id for share in shares)}:
        yield NotAllowed(why="a partner drafts promotions for which it pays a share itself", path=SHARES)


async def editing_problems(
    reader: Reader, actor: Principal, promotion: Promotion, shares: Sequence[CostShare]
) -> list[Problem]:
    """Why somebody may not edit a promotion so that its cost is shared like this."""
    if actor.has(Role.PROGRAM_ADMINISTRATOR, Role.ENGINE):
        return []
    [joint] = await store.load_many(reader, actor.scope, [promotion.id])
    if joint is None or actor.scope.partner_id not in {None, joint.drafted_by_partner_id}:
        return [
            NotAllowed(why="it is edited by administrators, and joint ones by the side that drafted them", path=PATH)
        ]
    return list(drafting_problems(actor, shares))


def moves_of(actor: Principal, asked: Sequence[JointPromotion]) -> list[tuple[JointMove, ...]]:
    """What somebody may do with each joint promotion now."""
    return [available_moves(each, actor) for each in asked]


async def _move(
    database: Database, actor: Principal, command: JointPromotionMoved, move: JointMove
) -> Receipt[Promotion]:
    refuse(text_problems(command.comment, MAX_COMMENT, INPUT, "comment", lines=True))
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        promotion = await promotions.find(writer, actor.scope, program.id, command.promotion)
        promotion = found(promotion, "promotion", command.promotion, "promotion")
        joint = await _talks(writer, actor, promotion)
        if command.expected_version is not None:
            check_version(command.expected_version, promotion.version)
        row = _checked(joint, actor, move, command.comment)
        now = await database.now(writer)
        to = after(joint, row, actor.scope.partner_id)
        if move is JointMove.PROPOSE:
            refuse(await _proposing_problems(writer, promotion))
            await store.propose(writer, actor, promotion, now)
        elif move is not JointMove.NOTE:
            await store.answer(writer, actor, promotion, now, to, agrees=move is JointMove.APPROVE)
        await store.record(
            writer, actor, now, promotion, move, from_status=joint.status, to_status=to, comment=command.comment
        )
        return Receipt(promotion)


async def _talks(reader: Reader, actor: Principal, promotion: Promotion) -> JointPromotion:
    [joint] = await store.load_many(reader, actor.scope, [promotion.id])
    if joint is None:
        raise Refused(NotJoint(promotion=promotion.code, path=PATH))
    return joint


async def _proposing_problems(reader: Reader, promotion: Promotion) -> list[Problem]:
    if promotion.active:
        return [PromotionActive(promotion=promotion.code, path=PATH)]
    return [each.at(*PATH, *each.path) for each in await payer_problems(reader, promotion)]


def _checked(joint: JointPromotion, actor: Principal, move: JointMove, comment: str | None) -> Row:
    try:
        return check(joint, actor, move, comment)
    except Refused as refused:
        raise Refused(*(each if each.path else each.at(*PATH) for each in refused.problems)) from None
