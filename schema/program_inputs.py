"""What is said about programs and point types: inputs, filters, orders and payloads."""

from decimal import Decimal

import strawberry

import domain.attributes as a
import domain.commands.programs as c
import domain.programs as d
import domain.transactions as x
from schema.base import answers, offers, takes
from schema.documents import Document
from schema.expiry import ExpiryPolicyInput
from schema.leaving import LeavingLimitsInput
from schema.ordering import Direction
from schema.payloads import Payload
from schema.programs import PointType, Program
from schema.scalars import Points
from schema.transfers import TransferLimitsInput
from schema.wording import CODE, EXPECTED_VERSION, NAME, ON_REVERSAL, REFUSED

offers(c.ProgramOrder)


@takes
class ApprovalThresholdInput:
    """From how many points on a sub-type of transactions needs a manager's approval."""

    sub_type: x.SubType = strawberry.field(description="Which transactions.")
    points: Points = strawberry.field(description="More than this needs approval; 0: every one does.")


@takes
class AttributeDeclarationInput:
    """An attribute that rules may read."""

    path: str = strawberry.field(
        description="`transaction.attributes.NAME`, `line.attributes.NAME`, `member.attributes.NAME`, "
        "`product.attributes.NAME` or `counters.NAME`."
    )
    type: a.AttributeType = strawberry.field(description="What it holds.")
    on_reversal: a.OnReversal | None = strawberry.field(default=None, description=ON_REVERSAL)


@takes
class BaseRuleInput:
    """One way to find base points."""

    kind: str = strawberry.field(description="One of `ruleKinds`.")
    version: int = strawberry.field(default=1, description="Of the rule kind.")
    parameters: Document = strawberry.field(description="As the schema of the rule kind says.")


@takes
class BonusInput:
    """Points for an action: so many, or what a product earns."""

    points: Points | None = strawberry.field(default=None, description="So many.")
    point_type: str | None = strawberry.field(
        default=None, description="The code of their type; not given: the default."
    )
    product: str | None = strawberry.field(default=None, description="The code of a product whose price says how many.")
    qualifying: bool = strawberry.field(default=False, description="Whether they count towards a tier.")


@takes
class ProfileBonusInput:
    """A bonus for filling in a field of one's profile."""

    field: str = strawberry.field(description="Which: `email`, `address.city`, `attributes.NAME`.")
    bonus: BonusInput = strawberry.field(description="Once, when an update fills it in for the first time.")


@takes
class BonusesInput:
    """What a program gives for actions; what is not given here is not rewarded."""

    enrollment: BonusInput | None = strawberry.field(default=None, description="To whoever enrols.")
    referral: BonusInput | None = strawberry.field(
        default=None, description="To whom a new member names as referrer when enrolling."
    )
    referred: BonusInput | None = strawberry.field(
        default=None, description="To a new member who names a referrer when enrolling."
    )
    profile: list[ProfileBonusInput] | None = strawberry.field(default=None, description="For fields, once each.")


@takes
class ProgramSettingsInput:
    """What a program decides for itself; what is not given stays as it is, in a new program at its default."""

    expiry: ExpiryPolicyInput | None = strawberry.field(
        default=None, description="When points lapse, if their point type or award does not say. Default: never."
    )
    approval_above: list[ApprovalThresholdInput] | None = strawberry.field(
        default=None, description="All of them: a sub-type that is not named never needs approval."
    )
    process_queued_by_hand: bool | None = strawberry.field(
        default=None, description="Whether people may process queued transactions. Default: false."
    )
    spend_qualifying: bool | None = strawberry.field(
        default=None, description="Whether qualifying points may be spent. Default: true."
    )
    calculation_rule: d.CalculationRule | None = strawberry.field(
        default=None, description="Which of the competing promotions pay. Default: MAX_BY_PROMOTION."
    )
    required_for_accrual: list[str] | None = strawberry.field(
        default=None,
        description="Member data without which nothing is earned: `email`, `address.city`, `attributes.NAME`.",
    )
    required_for_redemption: list[str] | None = strawberry.field(
        default=None, description="Member data without which nothing is spent."
    )
    earliest_days_back: int | None = strawberry.field(
        default=None, description="How many days back a transaction may be dated. Default: 3650."
    )
    max_days_ahead: int | None = strawberry.field(
        default=None, description="How many days ahead a transaction may be dated. Default: 0."
    )
    expiry_warning_days: int | None = strawberry.field(
        default=None, description="How many days before points lapse their member is warned. Default: 0, not at all."
    )
    transfer_limits: TransferLimitsInput | None = strawberry.field(
        default=None, description="How much members may send each other, all of it. Default: no limits."
    )
    leaving_limits: LeavingLimitsInput | None = strawberry.field(
        default=None, description="How fast points may leave a member, all of it. Default: no limits."
    )
    dormant_after_months: int | None = strawberry.field(
        default=None, description="After how many months without a transaction a member is DORMANT. Default: 0, never."
    )
    bonuses: BonusesInput | None = strawberry.field(
        default=None, description="All of them: an action that is not named gives nothing. Default: none."
    )
    repay_automatically: bool | None = strawberry.field(
        default=None, description="Whether accruals repay older loans by themselves. Default: false."
    )
    repayment_percent: int | None = strawberry.field(
        default=None, description="How much of what an accrual gives, at most; 1 to 100. Default: 100."
    )
    untrusted_rule_kinds: list[str] | None = strawberry.field(
        default=None, description="Rule kinds that run in a helper process, ended at its time limit. Default: none."
    )
    rule_time_limit_ms: int | None = strawberry.field(
        default=None, description="Milliseconds that one of them may take for a transaction. Default: 250."
    )
    hold_minutes: int | None = strawberry.field(
        default=None, description="How long a hold lasts that says nothing else. Default: 15."
    )
    longest_hold_minutes: int | None = strawberry.field(
        default=None, description="How long a hold may last at most. Default: 60."
    )
    tender_rate: Decimal | None = strawberry.field(
        default=None,
        description="Points of the default type that one unit of its currency pays. Default: money pays no part of a price.",
    )
    partner_programs: list[str] | None = strawberry.field(
        default=None,
        description="Codes of partner programs: a partner must be a member of one of them, or in its grace, for its accruals. "
        "Default: none, no membership is demanded.",
    )
    lend_refund_shortfall: bool | None = strawberry.field(
        default=None,
        description="Whether a member who has spent what is taken back is lent the rest. Default: false, that is refused.",
    )
    refund_grace_days: int | None = strawberry.field(
        default=None,
        description="For how many days points may be used that a cancellation puts back after they have lapsed. Default: 0.",
    )
    host_blocks: bool | None = strawberry.field(
        default=None,
        description="Whether points of the host's own activities and promotions come out of its blocks, too, one for one. "
        "Default: false, the host gives what it likes.",
    )
    refund_reasons: list[str] | None = strawberry.field(
        default=None, description="Codes of reasons for which a partner's fee is refunded, at most 100. Default: none."
    )
    close_statements_monthly: bool | None = strawberry.field(
        default=None,
        description="Whether the statements of partners are closed by themselves, a calendar month at a time. Default: false.",
    )


@takes
class ProgramCreateInput:
    """A new program; it begins as a draft."""

    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    time_zone: str = strawberry.field(
        description="Of the IANA database: `Europe/Berlin`. It decides every calendar date."
    )
    currency: str = strawberry.field(description="ISO 4217: `EUR`. Of amounts that name none.")
    settings: ProgramSettingsInput | None = strawberry.field(default=None, description="Where the defaults do not fit.")
    base_rules: list[BaseRuleInput] | None = strawberry.field(
        default=None,
        description="The first that applies to a transaction decides; none: only products with a price earn.",
    )
    attributes: list[AttributeDeclarationInput] | None = strawberry.field(
        default=None, description="What rules may read besides the built-in attributes."
    )


@takes
class ProgramUpdateInput:
    """A change of a program; what is not given stays as it is."""

    program: str = strawberry.field(description="Its code.")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    name: str | None = strawberry.field(default=None, description=NAME)
    settings: ProgramSettingsInput | None = strawberry.field(default=None, description="The settings to change.")
    base_rules: list[BaseRuleInput] | None = strawberry.field(default=None, description="All of them, in their order.")
    attributes: list[AttributeDeclarationInput] | None = strawberry.field(default=None, description="All of them.")


@takes
class ProgramActivateInput:
    """A program that is to process transactions."""

    program: str = strawberry.field(description="Its code.")


@takes
class ProgramDeactivateInput:
    """A program that is to process no more transactions."""

    program: str = strawberry.field(description="Its code.")


@takes
class PointTypeCreateInput:
    """A new kind of points."""

    program: str = strawberry.field(description="The code of its program.")
    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    decimals: int = strawberry.field(default=0, description="How fine its points are, 0 to 4; this never changes.")
    qualifying: bool = strawberry.field(
        default=True, description="Whether base points of this kind count towards a tier."
    )
    weight_qualifying: Decimal = strawberry.field(
        default=Decimal(1), description="What a qualifying point weighs among promotions."
    )
    weight_non_qualifying: Decimal = strawberry.field(
        default=Decimal(1), description="What any other point weighs among promotions."
    )
    expiry: ExpiryPolicyInput | None = strawberry.field(
        default=None, description="When its points lapse; not given: as the program says."
    )
    is_default: bool = strawberry.field(
        default=False, description="Whether it is meant where none is named. The first of a program is in any case."
    )


@takes
class PointTypeUpdateInput:
    """A change of a kind of points; what is not given stays as it is."""

    program: str = strawberry.field(description="The code of its program.")
    point_type: str = strawberry.field(description="Its code.")
    expected_version: int = strawberry.field(
        description="The version of its program that you have read; if it is no longer current, nothing is changed."
    )
    name: str | None = strawberry.field(default=None, description=NAME)
    qualifying: bool | None = strawberry.field(default=None, description="For transactions to come.")
    weight_qualifying: Decimal | None = strawberry.field(default=None, description="For transactions to come.")
    weight_non_qualifying: Decimal | None = strawberry.field(default=None, description="For transactions to come.")
    expiry: ExpiryPolicyInput | None = strawberry.field(
        default=strawberry.UNSET, description="For points to come; null: as the program says."
    )
    is_default: bool = strawberry.field(
        default=False, description="True: it is meant where none is named, from now on."
    )


@takes
class ProgramFilter:
    """Which programs; all that is given must hold."""

    status: list[d.ProgramStatus] | None = strawberry.field(default=None, description="One of these.")
    search: str | None = strawberry.field(default=None, description="Part of the code or name.")


@takes
class ProgramOrderBy:
    """How programs are sorted."""

    field: c.ProgramOrder = strawberry.field(default=c.ProgramOrder.CODE, description="By what.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Upwards or downwards.")


@answers
class ProgramCreatePayload(Payload):
    """The draft."""

    result: Program | None = strawberry.field(name="program", description=REFUSED)


@answers
class ProgramUpdatePayload(Payload):
    """The program as it is now."""

    result: Program | None = strawberry.field(name="program", description=REFUSED)


@answers
class ProgramActivatePayload(Payload):
    """The program as it is now."""

    result: Program | None = strawberry.field(name="program", description=REFUSED)


@answers
class ProgramDeactivatePayload(Payload):
    """The program as it is now."""

    result: Program | None = strawberry.field(name="program", description=REFUSED)


@answers
class PointTypeCreatePayload(Payload):
    """The new kind of points."""

    result: PointType | None = strawberry.field(name="pointType", description=REFUSED)


@answers
class PointTypeUpdatePayload(Payload):
    """The kind of points as it is now."""

    result: PointType | None = strawberry.field(name="pointType", description=REFUSED)
