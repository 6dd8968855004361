"""Programs: what they are, what they decide for themselves, and their kinds of points."""

from collections.abc import Awaitable
from datetime import datetime
from decimal import Decimal

import strawberry

import domain.attributes as a
import domain.bonuses as b
import domain.programs as d
import domain.promotions as p
import domain.transactions as x
from domain.pages import Page, PageRequest
from schema.base import Node, computed, field, loaded, offers, shows
from schema.context import Info
from schema.documents import Document
from schema.expiry import ExpiryPolicy
from schema.leaving import LeavingLimits
from schema.loads import POINT_TYPES_OF_PROGRAM, TIER_CLASSES_OF_PROGRAM
from schema.pages import After, Connection, First
from schema.promotions import PROMOTIONS, ProgramPromotionFilter, Promotion, PromotionOrderBy, PromotionsAsked
from schema.scalars import Points
from schema.tiers import TierClass
from schema.transfers import TransferLimits
from schema.wording import CODE, CREATED_AT, NAME, VERSION

offers(a.AttributeType)
offers(a.OnReversal)
offers(d.CalculationRule)
offers(d.ProgramStatus)
offers(x.SubType, "TransactionSubType")


@strawberry.type(description="From how many points on a sub-type of transactions needs a manager's approval.")
class ApprovalThreshold:
    """Shown from a pair of the settings."""

    sub_type: x.SubType = computed(lambda pair: pair[0], "Which transactions.")
    points: Points = computed(lambda pair: pair[1], "More than this needs approval; 0: every one does.")


@strawberry.type(description="An attribute that a program declares, so that its rules may read it.")
class AttributeDeclaration:
    """Shown from path, type and what becomes of it."""

    path: str = computed(lambda each: each[0], "As rules name it: `member.attributes.homeStore`.")
    type: a.AttributeType = computed(lambda each: each[1], "What it holds.")
    on_reversal: a.OnReversal = computed(
        lambda each: each[2], "What becomes of its changes when the transaction that made them is taken back."
    )


def _declarations(program: d.Program) -> list[tuple[str, a.AttributeType, a.OnReversal]]:
    return [(path, kind, program.on_reversal(path)) for path, kind in program.attributes.items()]


@shows(b.Bonus)
class Bonus:
    """Points for an action. They are queued, and given by the batch engine."""

    points: Points | None = strawberry.field(description="So many; null: what the product earns.")
    point_type: str | None = strawberry.field(description="The code of their type; null: the default one.")
    product: str | None = strawberry.field(description="The code of the product whose price says how many.")
    qualifying: bool = strawberry.field(description="Whether they count towards a tier.")


@strawberry.type(description="A bonus for filling in a field of one's profile.")
class ProfileBonus:
    """Shown from a pair of field and bonus."""

    field: str = computed(lambda pair: pair[0], "Which: `email`, `address.city`, `attributes.NAME`.")
    bonus: Bonus = computed(lambda pair: pair[1], "Once, when an update fills it in for the first time.")


@shows(b.Bonuses)
class Bonuses:
    """What a program gives for actions."""

    enrollment: Bonus | None = strawberry.field(description="To whoever enrols.")
    referral: Bonus | None = strawberry.field(description="To whom a new member names as referrer when enrolling.")
    referred: Bonus | None = strawberry.field(description="To a new member who names a referrer when enrolling.")
    profile: list[ProfileBonus] = computed(
        lambda bonuses: list(bonuses.profile.items()), "For fields that updates fill in, once each."
    )


@shows(d.ProgramSettings)
class ProgramSettings:
    """Everything a program decides for itself."""

    expiry: ExpiryPolicy = strawberry.field(description="When points lapse, if their point type or award does not say.")
    approval_above: list[ApprovalThreshold] = computed(
        lambda settings: list(settings.approval_above.items()), "A sub-type that is not named never needs approval."
    )
    process_queued_by_hand: bool = strawberry.field(description="Whether people may process queued transactions.")
    spend_qualifying: bool = strawberry.field(description="Whether qualifying points may be spent.")
    lend_refund_shortfall: bool = strawberry.field(
        description="Whether a member who has spent what is taken back is lent the rest; else that is refused."
    )
    refund_grace_days: int = strawberry.field(
        description="For how many days points may be used that a cancellation puts back after they have lapsed."
    )
    calculation_rule: d.CalculationRule = strawberry.field(description="Which of the competing promotions pay.")
    required_for_accrual: list[str] = strawberry.field(description="Member data without which nothing is earned.")
    required_for_redemption: list[str] = strawberry.field(description="Member data without which nothing is spent.")
    earliest_days_back: int = strawberry.field(description="How many days back a transaction may be dated.")
    max_days_ahead: int = strawberry.field(description="How many days ahead a transaction may be dated.")
    transfer_limits: TransferLimits = strawberry.field(description="How much members may send each other.")
    dormant_after_months: int = strawberry.field(
        description="After how many months without a transaction an active member becomes DORMANT; 0: never."
    )
    leaving_limits: LeavingLimits = strawberry.field(description="How fast points may leave a member.")
    expiry_warning_days: int = strawberry.field(
        description="How many days before points lapse their member is warned; 0: nobody is."
    )
    bonuses: Bonuses = strawberry.field(description="What it gives for actions; while it is ACTIVE, once each.")
    repay_automatically: bool = strawberry.field(description="Whether accruals repay older loans by themselves.")
    repayment_percent: int = strawberry.field(description="How much of what an accrual gives, at most, in percent.")
    untrusted_rule_kinds: list[str] = strawberry.field(description="Rule kinds that run in a helper process.")
    rule_time_limit_ms: int = strawberry.field(
        description="Milliseconds that one of them may take for a transaction; longer is a RULE_ERROR."
    )
    hold_minutes: int = strawberry.field(description="How long a hold lasts that says nothing else.")
    longest_hold_minutes: int = strawberry.field(description="How long one may last at most.")
    tender_rate: Decimal | None = strawberry.field(
        description="Points of the default type that one unit of its currency pays; null: money pays no part of a price."
    )
    partner_programs: list[str] = strawberry.field(
        description="Of one of these a partner must be a member for its accruals; empty: no membership is demanded."
    )
    host_blocks: bool = strawberry.field(
        description="Whether points of the host's own activities and promotions come out of its blocks, too, one for one."
    )
    refund_reasons: list[str] = strawberry.field(description="Codes of reasons for which a partner's fee is refunded.")
    close_statements_monthly: bool = strawberry.field(
        description="Whether the statements of partners are closed by themselves, a calendar month at a time."
    )


@shows(d.BaseRule)
class BaseRule:
    """One way to find the base points of a transaction; the first of a program that applies decides."""

    kind: str = strawberry.field(description="One of `ruleKinds`.")
    version: int = strawberry.field(description="Of the rule kind.")
    parameters: Document = strawberry.field(description="As the schema of the rule kind says.")


@shows(d.PointType)
class PointType(Node):
    """A kind of points."""

    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    decimals: int = strawberry.field(description="How fine its points are, 0 to 4; this never changes.")
    qualifying: bool = strawberry.field(description="Whether base points of this kind count towards a tier.")
    weight_qualifying: Decimal = strawberry.field(description="What a qualifying point weighs among promotions.")
    weight_non_qualifying: Decimal = strawberry.field(description="What any other point weighs among promotions.")
    expiry: ExpiryPolicy | None = strawberry.field(description="When its points lapse; null: as the program says.")
    is_default: bool = strawberry.field(description="Whether it is meant where none is named.")


@shows(d.Program)
class Program(Node):
    """The top of everything: members, points, promotions and rules belong to one program alone."""

    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    status: d.ProgramStatus = strawberry.field(description="Only an ACTIVE one processes transactions.")
    time_zone: str = strawberry.field(description="It decides every calendar date.")
    currency: str = strawberry.field(description="Of amounts that name none.")
    settings: ProgramSettings = strawberry.field(description="What it decides for itself.")
    base_rules: list[BaseRule] = strawberry.field(description="They find base points, the first that applies.")
    attributes: list[AttributeDeclaration] = computed(
        _declarations, "What its rules may read besides the built-in attributes."
    )
    point_types: list[PointType] = loaded(POINT_TYPES_OF_PROGRAM, by="id", description="The oldest first.")
    tier_classes: list[TierClass] = loaded(TIER_CLASSES_OF_PROGRAM, by="id", description="The most senior first.")
    version: int = strawberry.field(description=VERSION)
    created_at: datetime = strawberry.field(description=CREATED_AT)

    @field(Connection[Promotion])
    def promotions(
        self: d.Program,
        info: Info,
        filter: ProgramPromotionFilter | None = None,
        order_by: PromotionOrderBy | None = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[p.Promotion]]:
        """What it offers on top of base points; partners and members see what is active."""
        wanted, order = filter or ProgramPromotionFilter(), order_by or PromotionOrderBy()
        return PROMOTIONS.of(info.context, PromotionsAsked(self.code, wanted, order, PageRequest(first, after)))
