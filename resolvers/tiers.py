"""Root fields about tiers: their definition, what members hold, and requests for a change by hand."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

import domain.commands.tiers as c
import domain.tier_requests as r
import domain.tiers as d
import schema.tier_inputs as i
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import member_tiers
from domain.services import tier_requests as request_services
from domain.services import tiers as services
from domain.store import tier_requests, tiers
from domain.store.database import Reader
from domain.store.keyset import page_of
from domain.tier_progress import TierProgress
from domain.vouchers import TierVoucher
from resolvers.context import Context, Info
from resolvers.ids import key
from resolvers.inputs import some, unless_unset
from resolvers.loaders import loads
from resolvers.members import member_reference
from resolvers.programs import expiry_policy
from resolvers.roots import mutation, query
from schema.expiry import ExpiryPolicyInput
from schema.loads import (
    MOVES_OF_TIER_REQUEST,
    TIER,
    TIER_BY_CODE,
    TIER_CLASS,
    TIER_CLASSES_OF_PROGRAM,
    TIER_REQUEST,
    TIER_REQUESTS_OF_MEMBER,
    TIERS_OF_CLASS,
)
from schema.member_tiers import TierRequest
from schema.pages import After, Connection, First
from schema.tier_questions import TIER_OF_MEMBER, TIER_PROGRESS_OF_MEMBER, TIERS_OF_MEMBER, TiersAsked
from schema.voucher_terms import TierVoucherInput


@loads(TIER_CLASS, node="TierClass")
async def _classes(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.TierClass | None]:
    return await tiers.load_classes(reader, scope, ids)


@loads(TIER, node="Tier")
async def _tiers(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.Tier | None]:
    return await tiers.load_tiers(reader, scope, ids)


@loads(TIER_BY_CODE)
async def _tiers_by_code(reader: Reader, scope: Scope, keys: list[tuple[int, str]]) -> Sequence[d.Tier | None]:
    return await tiers.load_by_code(reader, scope, keys)


@loads(TIER_CLASSES_OF_PROGRAM)
async def _classes_of_program(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.TierClass]]:
    return await tiers.load_of_programs(reader, scope, ids)


@loads(TIERS_OF_CLASS)
async def _tiers_of_class(reader: Reader, scope: Scope, keys: list[tuple[int, str]]) -> Sequence[list[d.Tier]]:
    return await tiers.load_of_classes(reader, scope, keys)


@loads(TIER_OF_MEMBER)
async def _dominant(reader: Reader, scope: Scope, keys: list[TiersAsked]) -> Sequence[d.Tier | None]:
    return await member_tiers.load_dominant(reader, scope, *await _of_now(reader, keys))


@loads(TIERS_OF_MEMBER)
async def _history(reader: Reader, scope: Scope, keys: list[TiersAsked]) -> Sequence[list[d.MemberTier]]:
    return await member_tiers.load_history(reader, scope, *await _of_now(reader, keys))


@loads(TIER_PROGRESS_OF_MEMBER)
async def _progress(reader: Reader, scope: Scope, keys: list[TiersAsked]) -> Sequence[list[TierProgress]]:
    return await member_tiers.load_progress(reader, scope, *await _of_now(reader, keys))


async def _of_now(reader: Reader, keys: list[TiersAsked]) -> tuple[list[int], datetime]:
    """The members asked about, and the time by the clock of the request."""
    return [each.member_id for each in keys], await cast("Context", keys[0].context).database.now(reader)


@loads(TIER_REQUEST, node="TierRequest")
async def _requests(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[r.TierRequest | None]:
    return await tier_requests.load_many(reader, scope, ids)


@loads(TIER_REQUESTS_OF_MEMBER)
async def _requests_of_member(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[r.TierRequest]]:
    return await tier_requests.load_of_members(reader, scope, ids)


@loads(MOVES_OF_TIER_REQUEST)
async def _moves(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[r.TierRequestMove]]:
    return await tier_requests.load_moves(reader, scope, ids)


@query(Connection[TierRequest])
async def tier_requests_waiting(info: Info, first: First = 20, after: After = None) -> Page[r.TierRequest]:
    """The requests for tiers that wait for a tier approver, the oldest first."""
    listing = tier_requests.waiting(info.context.principal.scope)
    return await page_of(info.context.database, listing, PageRequest(first, after))


@mutation(i.TierClassCreatePayload)
async def tier_class_create(info: Info, input: i.TierClassCreateInput) -> Receipt[d.TierClass]:
    """Add a tier class to a program."""
    command = c.TierClassCreate(
        program=input.program,
        code=input.code,
        name=input.name,
        sequence=input.sequence,
        model=input.model,
        period_months=input.period_months,
        starts_month=input.starts_month,
        starts_day=input.starts_day,
    )
    return await services.tier_class_create(info.context.database, info.context.principal, command)


@mutation(i.TierClassUpdatePayload)
async def tier_class_update(info: Info, input: i.TierClassUpdateInput) -> Receipt[d.TierClass]:
    """Change a tier class."""
    command = c.TierClassUpdate(
        program=input.program,
        tier_class=input.tier_class,
        expected_version=input.expected_version,
        name=input.name,
        sequence=input.sequence,
        model=input.model,
        period_months=input.period_months,
        starts_month=input.starts_month,
        starts_day=input.starts_day,
    )
    return await services.tier_class_update(info.context.database, info.context.principal, command)


@mutation(i.TierCreatePayload)
async def tier_create(info: Info, input: i.TierCreateInput) -> Receipt[d.Tier]:
    """Add a tier to a class; the first of a class is its default."""
    command = c.TierCreate(
        program=input.program,
        tier_class=input.tier_class,
        code=input.code,
        name=input.name,
        sequence=input.sequence,
        shown=input.shown,
        thresholds=_thresholds(some(input.thresholds)),
        any_threshold=input.any_threshold,
        downgrade_to=input.downgrade_to,
        minimum_months=input.minimum_months,
        suspends_expiry=input.suspends_expiry,
        expiry=expiry_policy(input.expiry) if input.expiry else None,
        vouchers=_vouchers(some(input.vouchers)),
        loan=_loan(input.loan) if input.loan else None,
    )
    return await services.tier_create(info.context.database, info.context.principal, command)


@mutation(i.TierUpdatePayload)
async def tier_update(info: Info, input: i.TierUpdateInput) -> Receipt[d.Tier]:
    """Change a tier."""
    expiry, loan = unless_unset(input.expiry), unless_unset(input.loan)
    command = c.TierUpdate(
        program=input.program,
        tier=input.tier,
        expected_version=input.expected_version,
        name=input.name,
        sequence=input.sequence,
        shown=input.shown,
        thresholds=None if input.thresholds is None else _thresholds(input.thresholds),
        any_threshold=input.any_threshold,
        downgrade_to=unless_unset(input.downgrade_to),
        minimum_months=input.minimum_months,
        suspends_expiry=input.suspends_expiry,
        expiry=expiry_policy(expiry) if isinstance(expiry, ExpiryPolicyInput) else expiry,
        vouchers=None if input.vouchers is None else _vouchers(input.vouchers),
        loan=_loan(loan) if isinstance(loan, i.TierLoanInput) else loan,
    )
    return await services.tier_update(info.context.database, info.context.principal, command)


@mutation(i.MemberTierRequestPayload)
async def member_tier_request(info: Info, input: i.MemberTierRequestInput) -> Receipt[r.TierRequest]:
    """Ask for a member's change of tier; a tier approver decides."""
    command = c.MemberTierRequest(
        member=member_reference(input.member, "input", "member"),
        program=input.program,
        tier=input.tier,
        reason=input.reason,
        submit_to=input.submit_to,
    )
    context = info.context
    return await request_services.member_tier_request(
        context.database, context.realtime.programs, context.principal, command
    )


@mutation(i.MemberTierRequestForwardPayload)
async def member_tier_request_forward(
    info: Info,
    input: i.MemberTierRequestForwardInput,
) -> Receipt[r.TierRequest]:
    """Let another tier approver decide about a request."""
    command = c.MemberTierRequestForward(
        id=key(input.id, "TierRequest", "input", "id"), submit_to=input.submit_to, comment=input.comment
    )
    return await request_services.member_tier_request_forward(info.context.database, info.context.principal, command)


@mutation(i.MemberTierRequestApprovePayload)
async def member_tier_request_approve(
    info: Info,
    input: i.MemberTierRequestApproveInput,
) -> Receipt[r.TierRequest]:
    """Grant a request: the tier begins today."""
    command = c.MemberTierRequestApprove(id=key(input.id, "TierRequest", "input", "id"), comment=input.comment)
    context = info.context
    return await request_services.member_tier_request_approve(
        context.database, context.realtime.programs, context.principal, command
    )


@mutation(i.MemberTierRequestRejectPayload)
async def member_tier_request_reject(
    info: Info,
    input: i.MemberTierRequestRejectInput,
) -> Receipt[r.TierRequest]:
    """Do not grant a request; the comment says why."""
    command = c.MemberTierRequestReject(id=key(input.id, "TierRequest", "input", "id"), comment=input.comment)
    return await request_services.member_tier_request_reject(info.context.database, info.context.principal, command)


def _loan(given: i.TierLoanInput) -> d.TierLoan:
    return d.TierLoan(given.cap, given.percent, given.larger)


def _thresholds(given: Iterable[i.TierThresholdInput]) -> tuple[c.TierThreshold, ...]:
    return tuple(
        c.TierThreshold(at_least=each.at_least, point_type=each.point_type, counter=each.counter) for each in given
    )


def _vouchers(given: Iterable[TierVoucherInput]) -> tuple[TierVoucher, ...]:
    return tuple(TierVoucher(each.voucher_type, each.quantity) for each in given)
