"""The inbox of approvals, and what each would lead to: tried with the engine itself, and nothing written."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from domain.block_moves import Case, check
from domain.blocks import BlockMove, spoken
from domain.calendars import business_date
from domain.currencies import as_written
from domain.engine import EngineProgram
from domain.engine.explain import Story, explain
from domain.engine.standing import current, holds_already, would_end
from domain.families import MemberFinal
from domain.inbox import ApprovalEffect, ApprovalFilter, ApprovalKind, ApprovalRequest
from domain.joint_promotions import JointPromotionNotApproved
from domain.loans import MaximumLoan, MaximumLoanStatus
from domain.member_status import FINAL
from domain.pages import Page, PageRequest
from domain.people import Principal
from domain.points import from_units
from domain.problems import Problem, Refused
from domain.services import tier_changes, working
from domain.services.approvers import person_of
from domain.services.engine_programs import EnginePrograms
from domain.services.promotion_checks import activation_problems
from domain.services.simulations.transactions import tried_now
from domain.simulations import Simulation
from domain.store import (
    blocks,
    campaigns,
    inbox,
    joint_promotions,
    loans,
    maximum_loans,
    promotions,
    snapshots,
    tier_requests,
    transactions,
)
from domain.store.changes import Moment
from domain.store.database import Database, Reader
from domain.store.keyset import page_of
from domain.store.member_rows import MemberRow
from domain.tier_requests import TierHeld


@dataclass(frozen=True, slots=True)
class _Look:
    """Who looks at a request of which program, and when."""

    reader: Reader
    actor: Principal
    program: EngineProgram
    now: datetime


async def approvals_list(
    database: Database, actor: Principal, wanted: ApprovalFilter, request: PageRequest
) -> Page[ApprovalRequest]:
    """What waits for the actor, the oldest first: submitted to them, or covered by their limit; for their partner's approval."""
    async with database.read() as reader:
        person = await person_of(reader, actor)
    return await page_of(database, inbox.waiting_for(actor, person, wanted), request)


async def come_since(reader: Reader, actor: Principal, since: Moment) -> list[ApprovalRequest]:
    """What came to the actor's inbox since a moment, or has changed there."""
    statement = inbox.come_since(actor, await person_of(reader, actor))
    return [inbox.request_of(row) for row in await reader.execute(statement, {"since": since})]


async def effects(
    reader: Reader, programs: EnginePrograms, actor: Principal, requests: Sequence[ApprovalRequest], now: datetime
) -> list[ApprovalEffect]:
    """What the approval of each would lead to now, each as if it were the only one."""
    found = []
    for request in requests:
        look = _Look(reader, actor, await programs.current(reader, request.program_id), now)
        found.append(await EFFECTS[request.kind](look, request))
    return found


async def _of_transaction(look: _Look, request: ApprovalRequest) -> ApprovalEffect:
    """What processing it would do."""
    [transaction] = await transactions.load_many(look.reader, look.actor.scope, [request.id])
    if transaction is None:
        return ApprovalEffect()
    tried = await tried_now(look.reader, look.program, look.actor, transaction, now=look.now)
    decision = tried.decisions[-1]
    story = Story(decision=decision, transaction=transaction, lots=tried.lots, uses=tried.uses, sources=tried.used_lots)
    effect = ApprovalEffect(problems=tried.receipt.errors, balances=decision.balances, text=tuple(explain(story)[1:]))
    return effect if transaction.disputes_id is None or effect.problems else await _in_dispute(look, tried, effect)


async def _in_dispute(look: _Look, tried: Simulation, effect: ApprovalEffect) -> ApprovalEffect:
    """The same, with what is taken back of the wrong accrual: balances are those after both."""
    disputed = tried.receipt.result and tried.receipt.result.disputes_id
    [wrong] = await transactions.load_many(look.reader, look.actor.scope, [disputed]) if disputed else [None]
    after = {balance.point_type: balance.available for balance in tried.balances}
    changes = tuple(replace(each, after=after[each.point_type]) for each in effect.balances)
    sums = "; ".join(f"{each.before:,f} before, {each.after:,f} {each.point_type} after both" for each in changes)
    of = "" if wrong is None else f" of {wrong.transaction_date}"
    text = f"With it goes what is left of the accrual{of} that is in dispute. Available: {sums}."
    return replace(effect, balances=changes, text=(*effect.text, text))


async def _of_maximum_loan(look: _Look, request: ApprovalRequest) -> ApprovalEffect:
    maximum = await maximum_loans.find(look.reader, look.actor.scope, request.id)
    if maximum is None:
        return ApprovalEffect()
    owed = sum(
        loan.outstanding
        for loan in (await loans.outstanding(look.reader, [maximum.member_id])).get(maximum.member_id, ())
        if loan.point_type_id == maximum.point_type_id
    )
    before = await _approved_before(look, maximum)
    code, decimals = maximum.point_type, maximum.decimals
    return ApprovalEffect(
        problems=_left_problems(await snapshots.member_rows(look.reader, [maximum.member_id])),
        text=(
            f"The member may owe {maximum.points:,f} {code}. {before}",
            f"Outstanding now: {from_units(owed, decimals):,f} {code}.",
        ),
    )


def _left_problems(rows: Sequence[MemberRow]) -> tuple[Problem, ...]:
    """What is asked for somebody who has left the program meanwhile can only be rejected."""
    return tuple(MemberFinal(status=row.status) for row in rows if row.status in FINAL)


async def _approved_before(look: _Look, maximum: MaximumLoan) -> str:
    [moves] = await maximum_loans.load_moves(look.reader, look.actor.scope, [maximum.id])
    approved = [move for move in moves if move.to_status is MaximumLoanStatus.APPROVED]
    if not approved:
        return "None was approved before."
    return f"Approved last: {approved[-1].points:,f} {maximum.point_type}."


async def _of_tier_request(look: _Look, request: ApprovalRequest) -> ApprovalEffect:
    asked = await tier_requests.find(look.reader, look.actor.scope, request.id)
    if asked is None:
        return ApprovalEffect()
    rows = await snapshots.member_rows(look.reader, [asked.member_id])
    loaded = await working.load(look.reader, look.program, rows, (), look.now)
    page, tier = tier_changes.books(loaded)[asked.member_id], look.program.tiers[asked.tier]
    ends_on, held = would_end(look.program, page, tier, page.today), current(look.program, page, tier.tier_class)
    until = "" if ends_on is None else f" through {ends_on}"
    problems: tuple[Problem, ...] = _left_problems(rows)
    problems += (TierHeld(tier=tier.code, ends_on=ends_on),) if holds_already(look.program, page, tier) else ()
    before = "" if held is None else f"from {held.code} "
    return ApprovalEffect(
        problems=problems, text=(f"Tier of {tier.tier_class}: {before}to {tier.code} from {page.today} on{until}.",)
    )


async def _of_joint_promotion(look: _Look, request: ApprovalRequest) -> ApprovalEffect:
    """Who would pay, what keeps it from being activated besides, and who is still to be asked."""
    [promotion] = await promotions.load_many(look.reader, look.actor.scope, [request.id])
    [joint] = await joint_promotions.load_many(look.reader, look.actor.scope, [request.id])
    if promotion is None or joint is None:
        return ApprovalEffect()
    found = await activation_problems(look.reader, promotion)
    problems = tuple(each for each in found if not isinstance(each, JointPromotionNotApproved))
    own = next((each for each in promotion.shares if each.partner_id == look.actor.scope.partner_id), None)
    pays = "Your side pays nothing of it." if own is None else f"Your side pays {own.percent:f} percent of it."
    left = sum(side.agrees is None for side in joint.sides) - 1
    then = f"{left} more must agree." if left else "Then all have agreed, and an administrator may activate it."
    return ApprovalEffect(problems=problems, text=(f"{promotion.name} ({promotion.code}). {pays}", then))


async def _of_point_block(look: _Look, request: ApprovalRequest) -> ApprovalEffect:
    """What it would cost, and what there would be then."""
    block = await blocks.find(look.reader, look.actor.scope, request.id)
    if block is None:
        return ApprovalEffect()
    today = business_date(look.now, look.program.program.time_zone)
    active = await blocks.active_of(look.reader, block.program_id, block.partner_id, today)
    left = sum((each.remaining for each in active), Decimal(0))
    try:
        check(Case(block, look.actor, today), BlockMove.APPROVE)
        problems: tuple[Problem, ...] = ()
    except Refused as refused:
        problems = refused.problems
    cost = as_written(block.cost, block.currency)
    text = (
        f"{spoken(block.original)} points at {block.price:f} {block.currency} cost {cost:,f} {block.currency}.",
        f"Now {spoken(left)} points are left in active blocks; then {spoken(left + block.original)}.",
    )
    return ApprovalEffect(problems=problems, text=text)


async def _of_campaign(look: _Look, request: ApprovalRequest) -> ApprovalEffect:
    """What the two would do together, and when."""
    [campaign] = await campaigns.load_many(look.reader, look.actor.scope, [request.id])
    if campaign is None:
        return ApprovalEffect()
    offers = f"Its promotions: {', '.join(campaign.promotions)}." if campaign.promotions else "It has no promotions."
    days = f"from {campaign.starts_on} through {campaign.ends_on}"
    then = "Then both sides have agreed, and it starts on one of its days."
    return ApprovalEffect(text=(f"{campaign.name} ({campaign.code}), {days}. {offers}", then))


EFFECTS: Mapping[ApprovalKind, Callable[[_Look, ApprovalRequest], Awaitable[ApprovalEffect]]] = {
    ApprovalKind.TRANSACTION: _of_transaction,
    ApprovalKind.MAXIMUM_LOAN: _of_maximum_loan,
    ApprovalKind.TIER_REQUEST: _of_tier_request,
    ApprovalKind.JOINT_PROMOTION: _of_joint_promotion,
    ApprovalKind.POINT_BLOCK: _of_point_block,
    ApprovalKind.CAMPAIGN: _of_campaign,
}
"""What an approval of each kind would lead to."""
