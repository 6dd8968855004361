"""What is said about tiers: inputs and payloads."""

from decimal import Decimal

import strawberry

import domain.tiers as d
from schema.base import answers, takes
from schema.expiry import ExpiryPolicyInput
from schema.member_references import MemberReference
from schema.member_tiers import TierRequest
from schema.payloads import Payload
from schema.scalars import Points
from schema.tiers import (
    ANY_THRESHOLD,
    CAP,
    DOWNGRADE_TO,
    EXPIRY,
    LARGER,
    LOAN,
    MINIMUM_MONTHS,
    PERCENT,
    PERIOD_MONTHS,
    SEQUENCE,
    SEQUENCE_OF_CLASS,
    SHOWN,
    STARTS_DAY,
    STARTS_MONTH,
    SUSPENDS_EXPIRY,
    VOUCHERS,
    Tier,
    TierClass,
)
from schema.voucher_terms import TierVoucherInput
from schema.wording import CODE, NAME, REFUSED

PROGRAM = "The code of its program."
PROGRAM_VERSION = "The version of its program that you have read; if it is no longer current, nothing is changed."
UNCHANGED = "Not given: as it is."


@takes
class TierClassCreateInput:
    """A new class; its tiers are added one by one, the default first."""

    program: str = strawberry.field(description=PROGRAM)
    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    sequence: int = strawberry.field(description=SEQUENCE_OF_CLASS)
    model: d.TierModel
    period_months: int = strawberry.field(default=12, description=PERIOD_MONTHS)
    starts_month: int = strawberry.field(default=1, description=STARTS_MONTH)
    starts_day: int = strawberry.field(default=1, description=STARTS_DAY)


@takes
class TierClassUpdateInput:
    """A change of a class; what is not given stays as it is, and so do the ends of tiers that members hold."""

    program: str = strawberry.field(description=PROGRAM)
    tier_class: str = strawberry.field(description="Its code.")
    expected_version: int = strawberry.field(description=PROGRAM_VERSION)
    name: str | None = strawberry.field(default=None, description=NAME)
    sequence: int | None = strawberry.field(default=None, description=SEQUENCE_OF_CLASS)
    model: d.TierModel | None = strawberry.field(default=None, description=UNCHANGED)
    period_months: int | None = strawberry.field(default=None, description=PERIOD_MONTHS)
    starts_month: int | None = strawberry.field(default=None, description=STARTS_MONTH)
    starts_day: int | None = strawberry.field(default=None, description=STARTS_DAY)


@takes
class TierThresholdInput:
    """So many qualifying points of a type, or so high a counter: exactly one of the two is named."""

    at_least: Points
    point_type: str | None = strawberry.field(default=None, description="The code of a point type.")
    counter: str | None = strawberry.field(default=None, description="A counter of members: `counters.flights`.")


@takes
class TierLoanInput:
    """How much a redemption may borrow by itself: by a cap, a percentage of the balance, or one of both."""

    cap: Points | None = strawberry.field(default=None, description=CAP)
    percent: Decimal | None = strawberry.field(default=None, description=PERCENT)
    larger: bool = strawberry.field(default=False, description=LARGER)


@takes
class TierCreateInput:
    """A new tier. The first of a class is its default, in which every member begins."""

    program: str = strawberry.field(description=PROGRAM)
    tier_class: str = strawberry.field(description="The code of its class.")
    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    sequence: int = strawberry.field(description=SEQUENCE)
    shown: bool = strawberry.field(default=True, description=SHOWN)
    thresholds: list[TierThresholdInput] | None = strawberry.field(
        default=None, description="None: it is not reached by itself."
    )
    any_threshold: bool = strawberry.field(default=False, description=ANY_THRESHOLD)
    downgrade_to: str | None = strawberry.field(default=None, description=DOWNGRADE_TO)
    minimum_months: int = strawberry.field(default=12, description=MINIMUM_MONTHS)
    suspends_expiry: bool = strawberry.field(default=False, description=SUSPENDS_EXPIRY)
    expiry: ExpiryPolicyInput | None = strawberry.field(default=None, description=EXPIRY)
    vouchers: list[TierVoucherInput] | None = strawberry.field(default=None, description=VOUCHERS)
    loan: TierLoanInput | None = strawberry.field(default=None, description=LOAN)


@takes
class TierUpdateInput:
    """A change of a tier, for what happens from now on; what is not given stays as it is."""

    program: str = strawberry.field(description=PROGRAM)
    tier: str = strawberry.field(description="Its code.")
    expected_version: int = strawberry.field(description=PROGRAM_VERSION)
    name: str | None = strawberry.field(default=None, description=NAME)
    sequence: int | None = strawberry.field(default=None, description=SEQUENCE)
    shown: bool | None = strawberry.field(default=None, description=SHOWN)
    thresholds: list[TierThresholdInput] | None = strawberry.field(default=None, description="All of them.")
    any_threshold: bool | None = strawberry.field(default=None, description=ANY_THRESHOLD)
    downgrade_to: str | None = strawberry.field(default=strawberry.UNSET, description=DOWNGRADE_TO)
    minimum_months: int | None = strawberry.field(default=None, description=MINIMUM_MONTHS)
    suspends_expiry: bool | None = strawberry.field(default=None, description=SUSPENDS_EXPIRY)
    expiry: ExpiryPolicyInput | None = strawberry.field(default=strawberry.UNSET, description=EXPIRY)
    vouchers: list[TierVoucherInput] | None = strawberry.field(default=None, description=f"{VOUCHERS} All of them.")
    loan: TierLoanInput | None = strawberry.field(default=strawberry.UNSET, description=LOAN)


@takes
class MemberTierRequestInput:
    """A change of tier by hand."""

    member: MemberReference
    program: str | None = strawberry.field(
        default=None, description="Its code; needed unless the member is named by id, or you are bound to one program."
    )
    tier: str = strawberry.field(description="The code of the tier that is to begin when the request is approved.")
    reason: str = strawberry.field(description="Why; the approver reads it.")
    submit_to: str | None = strawberry.field(
        default=None, description="A tier approver, by subject; not given: the nearest above you, else any."
    )


@takes
class MemberTierRequestForwardInput:
    """A request that another tier approver shall decide about."""

    id: strawberry.ID
    submit_to: str | None = strawberry.field(
        default=None, description="Who, by subject; not given: the nearest tier approver above you."
    )
    comment: str | None = None


@takes
class MemberTierRequestApproveInput:
    """A request that is granted."""

    id: strawberry.ID
    comment: str | None = None


@takes
class MemberTierRequestRejectInput:
    """A request that is not granted."""

    id: strawberry.ID
    comment: str = strawberry.field(description="Why not.")


@answers
class TierClassCreatePayload(Payload):
    """The new class."""

    result: TierClass | None = strawberry.field(name="tierClass", description=REFUSED)


@answers
class TierClassUpdatePayload(Payload):
    """The class as it is now."""

    result: TierClass | None = strawberry.field(name="tierClass", description=REFUSED)


@answers
class TierCreatePayload(Payload):
    """The new tier."""

    result: Tier | None = strawberry.field(name="tier", description=REFUSED)


@answers
class TierUpdatePayload(Payload):
    """The tier as it is now."""

    result: Tier | None = strawberry.field(name="tier", description=REFUSED)


@answers
class MemberTierRequestPayload(Payload):
    """The request, which waits for a tier approver."""

    result: TierRequest | None = strawberry.field(name="tierRequest", description=REFUSED)


@answers
class MemberTierRequestForwardPayload(Payload):
    """The request, which waits for somebody else."""

    result: TierRequest | None = strawberry.field(name="tierRequest", description=REFUSED)


@answers
class MemberTierRequestApprovePayload(Payload):
    """The request, APPROVED; the tier has begun."""

    result: TierRequest | None = strawberry.field(name="tierRequest", description=REFUSED)


@answers
class MemberTierRequestRejectPayload(Payload):
    """The request, REJECTED."""

    result: TierRequest | None = strawberry.field(name="tierRequest", description=REFUSED)
