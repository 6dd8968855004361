"""Root fields about programs, their point types and the rule kinds they can use."""

from collections.abc import Sequence

import domain.bonuses as b
import domain.commands.programs as c
import domain.programs as d
import schema.program_inputs as i
from domain.attributes import AttributeType, OnReversal
from domain.commands.members import Unchanged
from domain.expiry import ExpiryPolicy
from domain.leaving import LeavingLimits
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.rules import RuleKindInfo
from domain.services import point_types as point_type_services
from domain.services import programs as services
from domain.services.rule_kinds import installed_rule_kinds
from domain.store import point_types
from domain.store import programs as store
from domain.store.database import Reader
from domain.store.keyset import page_of
from domain.transfers import TransferLimits
from resolvers.context import Info
from resolvers.inputs import mapping, some, unless_unset
from resolvers.loaders import loads
from resolvers.roots import mutation, query
from schema.expiry import ExpiryPolicyInput
from schema.leaving import LeavingLimitsInput
from schema.loads import POINT_TYPE, POINT_TYPES_OF_PROGRAM, PROGRAM
from schema.pages import After, Connection, First
from schema.programs import Program
from schema.rule_kinds import RuleKind
from schema.transfers import TransferLimitsInput


@loads(PROGRAM, node="Program")
async def _programs(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.Program | None]:
    return await store.load_many(reader, scope, ids)


@loads(POINT_TYPE, node="PointType")
async def _point_types(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.PointType | None]:
    return await point_types.load_many(reader, scope, ids)


@loads(POINT_TYPES_OF_PROGRAM)
async def _point_types_of_program(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[list[d.PointType]]:
    return await point_types.load_of_programs(reader, scope, ids)


@query(Program | None)
async def program(info: Info, code: str) -> d.Program | None:
    """A program by its code; null if there is none, or none that you may see."""
    async with info.context.database.read() as reader:
        return await store.find(reader, info.context.principal.scope, code)


@query(Connection[Program], name="programs")
async def programs(
    info: Info,
    filter: i.ProgramFilter | None = None,
    order_by: i.ProgramOrderBy | None = None,
    first: First = 20,
    after: After = None,
) -> Page[d.Program]:
    """The programs that you may see."""
    wanted, order = filter or i.ProgramFilter(), order_by or i.ProgramOrderBy()
    listing = store.listing(
        info.context.principal.scope,
        c.ProgramFilter(status=some(wanted.status), search=wanted.search),
        order.field,
        descending=order.direction.descending,
    )
    return await page_of(info.context.database, listing, PageRequest(first, after))


@query(list[RuleKind])
def rule_kinds(info: Info) -> Sequence[RuleKindInfo]:
    """What base rules and actions of promotions can be made of, with the JSON schema of their parameters."""
    return installed_rule_kinds()


@mutation(i.ProgramCreatePayload)
async def program_create(info: Info, input: i.ProgramCreateInput) -> Receipt[d.Program]:
    """Draft a program: add point types to it, then activate it."""
    command = c.ProgramCreate(
        code=input.code,
        name=input.name,
        time_zone=input.time_zone,
        currency=input.currency,
        settings=_settings(input.settings),
        base_rules=_base_rules(some(input.base_rules)),
        attributes=_attributes(some(input.attributes)),
        reversals=_reversals(some(input.attributes)),
    )
    return await services.program_create(info.context.database, info.context.principal, command)


@mutation(i.ProgramUpdatePayload)
async def program_update(info: Info, input: i.ProgramUpdateInput) -> Receipt[d.Program]:
    """Change a program. Every change makes a new version, which decisions name."""
    command = c.ProgramUpdate(
        program=input.program,
        expected_version=input.expected_version,
        name=input.name,
        settings=_settings(input.settings),
        base_rules=None if input.base_rules is None else _base_rules(input.base_rules),
        attributes=None if input.attributes is None else _attributes(input.attributes),
        reversals=None if input.attributes is None else _reversals(input.attributes),
    )
    return await services.program_update(info.context.database, info.context.principal, command)


@mutation(i.ProgramActivatePayload)
async def program_activate(info: Info, input: i.ProgramActivateInput) -> Receipt[d.Program]:
    """Let a program process transactions, if everything it needs is there."""
    command = c.ProgramActivate(input.program)
    return await services.program_activate(info.context.database, info.context.principal, command)


@mutation(i.ProgramDeactivatePayload)
async def program_deactivate(info: Info, input: i.ProgramDeactivateInput) -> Receipt[d.Program]:
    """Halt a program: its transactions are refused until it is activated again."""
    command = c.ProgramDeactivate(input.program)
    return await services.program_deactivate(info.context.database, info.context.principal, command)


@mutation(i.PointTypeCreatePayload)
async def point_type_create(info: Info, input: i.PointTypeCreateInput) -> Receipt[d.PointType]:
    """Add a kind of points; the first of a program is its default."""
    command = c.PointTypeCreate(
        program=input.program,
        code=input.code,
        name=input.name,
        decimals=input.decimals,
        qualifying=input.qualifying,
        weight_qualifying=input.weight_qualifying,
        weight_non_qualifying=input.weight_non_qualifying,
        expiry=expiry_policy(input.expiry) if input.expiry else None,
        is_default=input.is_default,
    )
    return await point_type_services.point_type_create(info.context.database, info.context.principal, command)


@mutation(i.PointTypeUpdatePayload)
async def point_type_update(info: Info, input: i.PointTypeUpdateInput) -> Receipt[d.PointType]:
    """Change a kind of points, for what is processed from now on."""
    command = c.PointTypeUpdate(
        program=input.program,
        point_type=input.point_type,
        expected_version=input.expected_version,
        name=input.name,
        qualifying=input.qualifying,
        weight_qualifying=input.weight_qualifying,
        weight_non_qualifying=input.weight_non_qualifying,
        expiry=_changed_expiry(unless_unset(input.expiry)),
        is_default=input.is_default,
    )
    return await point_type_services.point_type_update(info.context.database, info.context.principal, command)


def expiry_policy(given: ExpiryPolicyInput) -> ExpiryPolicy:
    """The policy that an input describes."""
    return ExpiryPolicy(given.kind, given.length, given.unit, given.month, given.day, given.snap)


def _changed_expiry(given: ExpiryPolicyInput | Unchanged | None) -> ExpiryPolicy | Unchanged | None:
    return expiry_policy(given) if isinstance(given, ExpiryPolicyInput) else given


def _settings(given: i.ProgramSettingsInput | None) -> c.SettingsChange:
    if given is None:
        return c.SettingsChange()
    above = given.approval_above
    pairs = None if above is None else ((each.sub_type, each.points) for each in above)
    return c.SettingsChange(
        expiry=expiry_policy(given.expiry) if given.expiry else None,
        approval_above=None if pairs is None else mapping(pairs, "input", "settings", "approvalAbove"),
        process_queued_by_hand=given.process_queued_by_hand,
        spend_qualifying=given.spend_qualifying,
        calculation_rule=given.calculation_rule,
        required_for_accrual=None if given.required_for_accrual is None else tuple(given.required_for_accrual),
        required_for_redemption=None if given.required_for_redemption is None else tuple(given.required_for_redemption),
        earliest_days_back=given.earliest_days_back,
        max_days_ahead=given.max_days_ahead,
        expiry_warning_days=given.expiry_warning_days,
        transfer_limits=_transfer_limits(given.transfer_limits),
        dormant_after_months=given.dormant_after_months,
        leaving_limits=_leaving_limits(given.leaving_limits),
        bonuses=_bonuses(given.bonuses) if given.bonuses else None,
        repay_automatically=given.repay_automatically,
        repayment_percent=given.repayment_percent,
        untrusted_rule_kinds=None if given.untrusted_rule_kinds is None else tuple(given.untrusted_rule_kinds),
        rule_time_limit_ms=given.rule_time_limit_ms,
        tender_rate=given.tender_rate,
        partner_programs=None if given.partner_programs is None else tuple(given.partner_programs),
        lend_refund_shortfall=given.lend_refund_shortfall,
        refund_grace_days=given.refund_grace_days,
        hold_minutes=given.hold_minutes,
        longest_hold_minutes=given.longest_hold_minutes,
        host_blocks=given.host_blocks,
        close_statements_monthly=given.close_statements_monthly,
        refund_reasons=None if given.refund_reasons is None else tuple(given.refund_reasons),
    )


def _transfer_limits(given: TransferLimitsInput | None) -> TransferLimits | None:
    return None if given is None else TransferLimits(given.per_transaction, given.per_year)


def _leaving_limits(given: LeavingLimitsInput | None) -> LeavingLimits | None:
    return None if given is None else LeavingLimits(given.per_day, given.after_contact_change, given.hours)


def _bonuses(given: i.BonusesInput) -> b.Bonuses:
    path = ("input", "settings", "bonuses", "profile")
    return b.Bonuses(
        _bonus(given.enrollment),
        _bonus(given.referral),
        _bonus(given.referred),
        mapping(((each.field, _bonus_of(each.bonus)) for each in given.profile or ()), *path),
    )


def _bonus(given: i.BonusInput | None) -> b.Bonus | None:
    return None if given is None else _bonus_of(given)


def _bonus_of(given: i.BonusInput) -> b.Bonus:
    return b.Bonus(given.points, given.point_type, given.product, given.qualifying)


def _base_rules(given: Sequence[i.BaseRuleInput]) -> tuple[d.BaseRule, ...]:
    return tuple(d.BaseRule(each.kind, each.parameters, each.version) for each in given)


def _reversals(given: Sequence[i.AttributeDeclarationInput]) -> dict[str, OnReversal]:
    return {each.path: each.on_reversal for each in given if each.on_reversal is not None}


def _attributes(given: Sequence[i.AttributeDeclarationInput]) -> dict[str, AttributeType]:
    return mapping(((each.path, each.type) for each in given), "input", "attributes")
