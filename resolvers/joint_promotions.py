"""Root fields about joint promotions: the moves of the talks. They are drafted and edited like all promotions."""

from collections.abc import Sequence

import domain.joint_promotions as d
import schema.joint_promotions as s
from domain.commands.joint_promotions import JointPromotionMoved
from domain.cost_shares import CostShare
from domain.people import Scope
from domain.promotions import Promotion
from domain.receipts import Receipt
from domain.services import joint_promotions as services
from domain.store import joint_promotions as store
from domain.store import promotions
from domain.store.database import Reader
from resolvers.context import Context, Info
from resolvers.loaders import loads
from resolvers.roots import mutation
from schema.loads import JOINT_OF_PROMOTION, RECORDS_OF_JOINT_PROMOTION, SHARES_OF_PROMOTION


@loads(JOINT_OF_PROMOTION)
async def _joint(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.JointPromotion | None]:
    return await store.load_many(reader, scope, ids)


@loads(RECORDS_OF_JOINT_PROMOTION)
async def _records(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.JointRecord]]:
    return await store.load_records(reader, scope, ids)


@loads(SHARES_OF_PROMOTION)
async def _shares(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[tuple[CostShare, ...]]:
    found = await promotions.load_many(reader, scope, ids)
    return [() if promotion is None else promotion.shares for promotion in found]


@loads(s.MOVES)
async def _moves(_: Reader, __: Scope, asked: list[s.JointMovesAsked]) -> Sequence[tuple[d.JointMove, ...]]:
    context = asked[0].context
    assert isinstance(context, Context)
    return services.moves_of(context.principal, [each.joint for each in asked])


@mutation(s.JointPromotionProposePayload)
async def joint_promotion_propose(info: Info, input: s.JointPromotionProposeInput) -> Receipt[Promotion]:
    """Ask the other sides of a joint promotion; your own side agrees by it."""
    command = _moved(input, input.expected_version)
    return await services.joint_promotion_propose(info.context.database, info.context.principal, command)


@mutation(s.JointPromotionApprovePayload)
async def joint_promotion_approve(info: Info, input: s.JointPromotionApproveInput) -> Receipt[Promotion]:
    """Agree to a joint promotion for your side. Nothing is activated by it."""
    command = _moved(input, input.expected_version)
    return await services.joint_promotion_approve(info.context.database, info.context.principal, command)


@mutation(s.JointPromotionRejectPayload)
async def joint_promotion_reject(info: Info, input: s.JointPromotionRejectInput) -> Receipt[Promotion]:
    """Do not agree to a joint promotion, and say why."""
    command = _moved(input, input.expected_version)
    return await services.joint_promotion_reject(info.context.database, info.context.principal, command)


@mutation(s.JointPromotionNotePayload)
async def joint_promotion_note(info: Info, input: s.JointPromotionNoteInput) -> Receipt[Promotion]:
    """Say something to the other sides of a joint promotion."""
    return await services.joint_promotion_note(info.context.database, info.context.principal, _moved(input))


def _moved(
    given: s.JointPromotionProposeInput
    | s.JointPromotionApproveInput
    | s.JointPromotionRejectInput
    | s.JointPromotionNoteInput,
    expected_version: int | None = None,
) -> JointPromotionMoved:
    return JointPromotionMoved(
        program=given.program, promotion=given.promotion, comment=given.comment, expected_version=expected_version
    )
