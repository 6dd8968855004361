"""What is said about partner programs: inputs, filters, orders and payloads."""

from datetime import date

import strawberry

import domain.commands.partner_programs as c
import domain.partner_programs as d
from schema.base import answers, offers, takes
from schema.ordering import Direction
from schema.partner_programs import (
    CODE,
    EXPIRE_LINES,
    GRACE_DAYS,
    KIND,
    LINE_MONTHS,
    MONTHS,
    RENEWAL_DAYS,
    TIME_ZONE,
    PartnerProgram,
)
from schema.payloads import Payload
from schema.wording import EXPECTED_VERSION, NAME, REFUSED

offers(c.PartnerProgramOrder)

STARTS_ON = "From this day on it takes applications."
ENDS_ON = "Its last day."
OWNER = "The subject of the employee who sees to its activities."
LINES = "Not given: one, `MEMBERSHIP`."


@takes
class AgreementLineTemplateInput:
    """A line of the agreement with every member."""

    code: str = strawberry.field(description=CODE)
    description: str = strawberry.field(description=NAME)
    months: int | None = strawberry.field(default=None, description=LINE_MONTHS)


@takes
class EntitlementTemplateInput:
    """What every member is entitled to."""

    code: str = strawberry.field(description=CODE)
    description: str = strawberry.field(description=NAME)


@takes
class PartnerProgramCreateInput:
    """A new partner program; it begins as a draft, PENDING."""

    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    kind: str = strawberry.field(description=KIND)
    time_zone: str = strawberry.field(description=TIME_ZONE)
    starts_on: date = strawberry.field(description=STARTS_ON)
    ends_on: date = strawberry.field(description=ENDS_ON)
    approval_method: d.ApprovalMethod = strawberry.field(
        default=d.ApprovalMethod.MANUAL, description="Who decides about applications."
    )
    membership_months: int = strawberry.field(default=12, description=MONTHS)
    renewal_days: int = strawberry.field(default=60, description=RENEWAL_DAYS)
    grace_days: int = strawberry.field(default=30, description=GRACE_DAYS)
    may_apply: d.Admission = strawberry.field(
        default=d.Admission.EVERYBODY, description="LISTED: partners on the list MAY_APPLY."
    )
    may_renew: d.Admission = strawberry.field(
        default=d.Admission.EVERYBODY, description="LISTED: partners on the list MAY_RENEW."
    )
    lines: list[AgreementLineTemplateInput] | None = strawberry.field(default=None, description=LINES)
    entitlements: list[EntitlementTemplateInput] | None = strawberry.field(default=None, description="Default: none.")
    expire_lines_at_end: bool = strawberry.field(default=False, description=EXPIRE_LINES)
    owner: str | None = strawberry.field(default=None, description=f"{OWNER} Default: you.")


@takes
class PartnerProgramUpdateInput:
    """A change of a draft; what is not given stays as it is."""

    partner_program: str = strawberry.field(description="Its code.")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    name: str | None = strawberry.field(default=None, description=NAME)
    kind: str | None = strawberry.field(default=None, description=KIND)
    time_zone: str | None = strawberry.field(default=None, description=TIME_ZONE)
    starts_on: date | None = strawberry.field(default=None, description=STARTS_ON)
    ends_on: date | None = strawberry.field(default=None, description=ENDS_ON)
    approval_method: d.ApprovalMethod | None = strawberry.field(default=None, description="Who decides.")
    membership_months: int | None = strawberry.field(default=None, description=MONTHS)
    renewal_days: int | None = strawberry.field(default=None, description=RENEWAL_DAYS)
    grace_days: int | None = strawberry.field(default=None, description=GRACE_DAYS)
    may_apply: d.Admission | None = strawberry.field(default=None, description="Who may apply.")
    may_renew: d.Admission | None = strawberry.field(default=None, description="Who may renew.")
    lines: list[AgreementLineTemplateInput] | None = strawberry.field(default=None, description="All of them.")
    entitlements: list[EntitlementTemplateInput] | None = strawberry.field(default=None, description="All of them.")
    expire_lines_at_end: bool | None = strawberry.field(default=None, description=EXPIRE_LINES)
    owner: str | None = strawberry.field(default=None, description=OWNER)


@takes
class PartnerProgramActivateInput:
    """A draft that is to take applications."""

    partner_program: str = strawberry.field(description="Its code.")


@takes
class PartnerProgramListChangeInput:
    """A change of a list of partners, at any time; repeating it changes nothing more."""

    partner_program: str = strawberry.field(description="The code of the program.")
    which: d.EligibilityList = strawberry.field(name="list", description="Which list.")
    add: list[str] | None = strawberry.field(default=None, description="Codes of partners to put on it, up to 500.")
    remove: list[str] | None = strawberry.field(
        default=None, description="Codes of partners to take off it, up to 500."
    )


@takes
class PartnerProgramFilter:
    """Which partner programs; all that is given must hold."""

    status: list[d.PartnerProgramStatus] | None = strawberry.field(default=None, description="One of these.")
    kind: str | None = strawberry.field(default=None, description="Of this kind.")
    search: str | None = strawberry.field(default=None, description="Part of the code or name.")


@takes
class PartnerProgramOrderBy:
    """How partner programs are sorted."""

    field: c.PartnerProgramOrder = strawberry.field(default=c.PartnerProgramOrder.CODE, description="By what.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Upwards or downwards.")


@answers
class PartnerProgramCreatePayload(Payload):
    """The draft."""

    result: PartnerProgram | None = strawberry.field(name="partnerProgram", description=REFUSED)


@answers
class PartnerProgramUpdatePayload(Payload):
    """The draft as it is now."""

    result: PartnerProgram | None = strawberry.field(name="partnerProgram", description=REFUSED)


@answers
class PartnerProgramActivatePayload(Payload):
    """The partner program as it is now."""

    result: PartnerProgram | None = strawberry.field(name="partnerProgram", description=REFUSED)


@answers
class PartnerProgramListChangePayload(Payload):
    """The partner program; see its `listed`."""

    result: PartnerProgram | None = strawberry.field(name="partnerProgram", description=REFUSED)
