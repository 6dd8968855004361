"""Root fields about promotions and about the attributes that their rules read."""

from collections.abc import Iterable, Sequence

from strawberry import UNSET

import domain.commands.promotions as c
import domain.promotions as d
import schema.promotion_inputs as i
import schema.promotions as s
from domain.commands.members import UNCHANGED
from domain.cost_shares import ShareGiven
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.problems import Problem
from domain.programs import Program
from domain.promotion_steps import Payout
from domain.receipts import Receipt
from domain.services import attributes as attribute_services
from domain.services import promotion_checks, promotion_enrollment
from domain.services import promotions as services
from domain.store import programs, promotion_enrollments, promotion_steps
from domain.store import promotions as store
from domain.store.database import Reader
from domain.store.keyset import page_of
from resolvers.context import Context, Info
from resolvers.inputs import some, unless_unset
from resolvers.loaders import loads
from resolvers.members import member_reference
from resolvers.promotion_rules import rules
from resolvers.roots import mutation, query
from schema.cost_shares import CostShareInput
from schema.loads import PAYOUT_OF_TRANSACTION, PROBLEMS_OF_PROMOTION, PROMOTION, PROMOTIONS_OF_MEMBER
from schema.pages import After, Connection, First
from schema.promotion_steps import PromotionStepsInput
from schema.promotions import PROMOTIONS, PromotionsAsked


@loads(PROMOTION, node="Promotion")
async def _promotions(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.Promotion | None]:
    return await store.load_many(reader, scope, ids)


@loads(PROBLEMS_OF_PROMOTION)
async def _problems(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[Problem]]:
    return await promotion_checks.problems_of(reader, await store.load_many(reader, scope, ids))


@loads(PROMOTIONS_OF_MEMBER)
async def _of_member(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.PromotionEnrollment]]:
    return await promotion_enrollments.load_of_members(reader, scope, ids)


@loads(PAYOUT_OF_TRANSACTION)
async def _payouts(reader: Reader, _: Scope, ids: list[int]) -> Sequence[Payout | None]:
    """Whoever may see a transaction may see what it pays for."""
    return await promotion_steps.of_transactions(reader, ids)


@PROMOTIONS.answered_by
async def _of_program(context: Context, asked: PromotionsAsked) -> Page[d.Promotion]:
    return await _page(context, asked.filter, asked.program_code, asked.order, asked.request)


@query(s.Promotion | None)
async def promotion(info: Info, program: str, code: str) -> d.Promotion | None:
    """A promotion of a program by its code; null if there is none, or none that you may see."""
    scope = info.context.principal.scope
    async with info.context.database.read() as reader:
        found = await programs.find(reader, scope, program)
        return None if found is None else await store.find(reader, scope, found.id, code)


@query(Connection[s.Promotion], name="promotions")
async def promotions(
    info: Info,
    filter: s.PromotionFilter | None = None,
    order_by: s.PromotionOrderBy | None = None,
    first: First = 20,
    after: After = None,
) -> Page[d.Promotion]:
    """The promotions that you may see: partners and members see those that are active."""
    wanted = filter or s.PromotionFilter()
    return await _page(
        info.context, wanted, wanted.program, order_by or s.PromotionOrderBy(), PageRequest(first, after)
    )


async def _page(
    context: Context,
    wanted: s.ProgramPromotionFilter,
    program: str | None,
    order: s.PromotionOrderBy,
    request: PageRequest,
) -> Page[d.Promotion]:
    chosen = c.PromotionFilter(program=program, active=wanted.active, on=wanted.on, search=wanted.search)
    listing = store.listing(context.principal.scope, chosen, order.field, descending=order.direction.descending)
    return await page_of(context.database, listing, request)


@mutation(i.PromotionCreatePayload)
async def promotion_create(info: Info, input: i.PromotionCreateInput) -> Receipt[d.Promotion]:
    """Draft a promotion; it pays nothing until it is activated."""
    command = c.PromotionCreate(
        program=input.program,
        code=input.code,
        name=input.name,
        starts_on=input.starts_on,
        ends_on=input.ends_on,
        applies_to=_applies_to(some(input.applies_to)),
        partners=some(input.partners),
        product_scope=input.product_scope,
        products=some(input.products),
        tiers=some(input.tiers),
        always_apply=input.always_apply,
        enrollment_required=input.enrollment_required,
        limits=_limits(input.limits) if input.limits else d.Limits(),
        rules=rules(some(input.rules)),
        steps=None if input.steps is None else _steps(input.steps),
        shares=_shares(some(input.shares)),
        own_blocks_only=input.own_blocks_only,
    )
    return await services.promotion_create(info.context.database, info.context.principal, command)


@mutation(i.PromotionUpdatePayload)
async def promotion_update(info: Info, input: i.PromotionUpdateInput) -> Receipt[d.Promotion]:
    """Change a promotion that is not active: this makes a new version of it."""
    command = c.PromotionUpdate(
        program=input.program,
        promotion=input.promotion,
        expected_version=input.expected_version,
        name=input.name,
        starts_on=input.starts_on,
        ends_on=unless_unset(input.ends_on),
        applies_to=None if input.applies_to is None else _applies_to(input.applies_to),
        partners=None if input.partners is None else tuple(input.partners),
        product_scope=input.product_scope,
        products=None if input.products is None else tuple(input.products),
        tiers=None if input.tiers is None else tuple(input.tiers),
        always_apply=input.always_apply,
        enrollment_required=input.enrollment_required,
        limits=None if input.limits is None else _limits(input.limits),
        rules=None if input.rules is None else rules(input.rules),
        steps=UNCHANGED if input.steps is UNSET else None if input.steps is None else _steps(input.steps),
        shares=None if input.shares is None else _shares(input.shares),
        own_blocks_only=input.own_blocks_only,
    )
    return await services.promotion_update(info.context.database, info.context.principal, command)


@mutation(i.PromotionActivatePayload)
async def promotion_activate(info: Info, input: i.PromotionActivateInput) -> Receipt[d.Promotion]:
    """Let a promotion pay, if everything it says can work: this makes a new version of its program."""
    command = c.PromotionActivate(
        program=input.program, promotion=input.promotion, expected_version=input.expected_version
    )
    return await services.promotion_activate(info.context.database, info.context.principal, command)


@mutation(i.PromotionDeactivatePayload)
async def promotion_deactivate(info: Info, input: i.PromotionDeactivateInput) -> Receipt[d.Promotion]:
    """Let a promotion pay no more, for good or to change it: this makes a new version of its program."""
    command = c.PromotionDeactivate(program=input.program, promotion=input.promotion)
    return await services.promotion_deactivate(info.context.database, info.context.principal, command)


@mutation(i.PromotionEnrollPayload)
async def promotion_enroll(info: Info, input: i.PromotionEnrollInput) -> Receipt[d.PromotionEnrollment]:
    """A member joins a promotion that is only for those who did."""
    member = member_reference(input.member, "input", "member")
    command = c.PromotionEnroll(program=input.program, promotion=input.promotion, member=member)
    return await promotion_enrollment.promotion_enroll(info.context.database, info.context.principal, command)


@mutation(i.AttributeDefinePayload)
async def attribute_define(info: Info, input: i.AttributeDefineInput) -> Receipt[Program]:
    """Declare an attribute, so that the rules of a program may read it."""
    command = c.AttributeDefine(program=input.program, path=input.path, type=input.type, on_reversal=input.on_reversal)
    return await attribute_services.attribute_define(info.context.database, info.context.principal, command)


def _applies_to(given: Iterable[i.AppliesToTransactionInput]) -> tuple[d.AppliesToTransaction, ...]:
    return tuple(d.AppliesToTransaction(each.type, each.sub_type) for each in given)


def _shares(given: Iterable[CostShareInput]) -> tuple[ShareGiven, ...]:
    return tuple(ShareGiven(each.partner, each.percent) for each in given)


def _steps(given: PromotionStepsInput) -> d.Steps:
    steps = tuple(d.Step(each.count, each.points) for each in given.steps)
    return d.Steps(given.counter, steps, given.counts_through, given.point_type, given.qualifying)


def _limits(given: i.PromotionLimitsInput) -> d.Limits:
    return d.Limits(
        given.total,
        given.per_member_day,
        given.per_member_week,
        given.per_member_month,
        given.per_member_year,
        given.per_member_ever,
    )
