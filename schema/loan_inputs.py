"""What is said about loans: inputs and payloads."""

import strawberry

from schema.base import answers, direct, takes
from schema.entries import PREVIEW
from schema.loans import MaximumLoan
from schema.member_references import MemberReference
from schema.payloads import Keyed, Payload, ReplayablePayload
from schema.previews import PREVIEWED, RESULT, is_preview, result
from schema.scalars import Points
from schema.transactions import Transaction
from schema.wording import REFUSED

POINT_TYPE = "The code of the point type; not given: the default one."
SUBMIT_TO = "Who is to be asked, by subject; not given: your manager. Nobody is, if your own limit covers it."
COMMENT = "Kept with the move."
SEEN = "The version that you have seen; if the amount has changed since, nothing is decided."


@takes
class MemberMaxLoanSetInput:
    """How much a member may owe. Another amount starts the approval again; 0 ends lending."""

    member: MemberReference
    program: str | None = strawberry.field(
        default=None, description="Its code; needed unless the member is named by id, or you are bound to one program."
    )
    points: Points
    point_type: str | None = strawberry.field(default=None, description=POINT_TYPE)
    submit_to: str | None = strawberry.field(default=None, description=SUBMIT_TO)
    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class MemberMaxLoanForwardInput:
    """A maximum loan that somebody else shall decide about."""

    id: strawberry.ID
    expected_version: int = strawberry.field(description=SEEN)
    submit_to: str | None = strawberry.field(
        default=None, description="Who is to be asked now, by subject; not given: the manager of whoever it waits for."
    )
    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class MemberMaxLoanApproveInput:
    """A maximum loan that is granted."""

    id: strawberry.ID
    expected_version: int = strawberry.field(description=SEEN)
    comment: str | None = strawberry.field(default=None, description=COMMENT)


@takes
class MemberMaxLoanRejectInput:
    """A maximum loan that is not granted."""

    id: strawberry.ID
    expected_version: int = strawberry.field(description=SEEN)
    comment: str = strawberry.field(description="Why not.")


@takes
class LoanRequestInput(Keyed):
    """Points to lend, within the approved maximum of the member."""

    program: str = strawberry.field(description="The code of the program.")
    member: MemberReference
    points: Points = strawberry.field(description="How many.")
    point_type: str | None = strawberry.field(default=None, description=POINT_TYPE)
    qualifying: bool | None = strawberry.field(
        default=None, description="Lent points never count towards a tier: true is refused."
    )
    submit_to: str | None = strawberry.field(default=None, description=SUBMIT_TO)
    comment: str | None = strawberry.field(default=None, description=COMMENT)
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@takes
class LoanRepayInput(Keyed):
    """Points that repay a loan, wholly or in part. Points that were not lent are taken first."""

    loan: strawberry.ID = strawberry.field(description="The id of the transaction that lent them.")
    points: Points = strawberry.field(description="How many; at most what is outstanding.")
    point_type: str | None = strawberry.field(
        default=None, description="The code of the point type; it is that of the loan, and need not be said."
    )
    submit_to: str | None = strawberry.field(default=None, description=SUBMIT_TO)
    comment: str | None = strawberry.field(default=None, description=COMMENT)
    preview: bool = strawberry.field(default=False, description=PREVIEW)


@answers
class MemberMaxLoanSetPayload(Payload):
    """The maximum loan: APPROVED if your own limit covers it, else SUBMITTED."""

    result: MaximumLoan | None = strawberry.field(name="maximumLoan", description=REFUSED)


@answers
class MemberMaxLoanForwardPayload(Payload):
    """The maximum loan, which waits for somebody else."""

    result: MaximumLoan | None = strawberry.field(name="maximumLoan", description=REFUSED)


@answers
class MemberMaxLoanApprovePayload(Payload):
    """The maximum loan, APPROVED."""

    result: MaximumLoan | None = strawberry.field(name="maximumLoan", description=REFUSED)


@answers
class MemberMaxLoanRejectPayload(Payload):
    """The maximum loan, REJECTED."""

    result: MaximumLoan | None = strawberry.field(name="maximumLoan", description=REFUSED)


@answers
class LoanRequestPayload(ReplayablePayload):
    """The loan's accrual: SUBMITTED, or processed at once if your own loan limit covers it."""

    preview: bool = direct(is_preview, PREVIEWED)
    transaction: Transaction | None = direct(result, RESULT)


@answers
class LoanRepayPayload(ReplayablePayload):
    """The repayment: SUBMITTED, or processed at once if your own limit covers it."""

    preview: bool = direct(is_preview, PREVIEWED)
    transaction: Transaction | None = direct(result, RESULT)
