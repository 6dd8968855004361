"""Partner programs: what a company joins to be a partner. Not to be confused with loyalty programs."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import date, datetime

import strawberry

import domain.partner_programs as d
import domain.partners as pd
from domain.pages import Page, PageRequest
from schema.base import Node, field, loaded, offers, shows
from schema.context import Info
from schema.loads import PERSON
from schema.paged import Paged
from schema.pages import After, Connection, First
from schema.partners import Partner
from schema.people import Person
from schema.wording import CREATED_AT, NAME, VERSION

offers(d.Admission)
offers(d.ApprovalMethod)
offers(d.EligibilityList)
offers(d.PartnerProgramStatus)

CODE = "Its name in inputs; it never changes."
KIND = "What sort of program it is, in your own words, such as `LEVEL` or `CERTIFICATION`."
TIME_ZONE = "Of the IANA database: `Europe/Berlin`. It decides every date of the program and its memberships."
MONTHS = "How long a membership is; it ends on the day before."
RENEWAL_DAYS = "How many days before its end a membership may be renewed."
GRACE_DAYS = "How many days after its end a member is one still, and may renew."
LINE_MONTHS = "How long it runs; null: as long as the membership."
EXPIRE_LINES = "Whether all agreement lines expire when the program ends; otherwise they stay as they are."


@dataclass(frozen=True, slots=True)
class ListedAsked:
    """A page of the partners on a list of a partner program."""

    partner_program_id: int
    list: d.EligibilityList
    request: PageRequest


LISTED: Paged[ListedAsked, pd.Partner] = Paged("partners on a list")


@shows(d.LineTemplate)
class AgreementLineTemplate:
    """A line of the agreement with every member."""

    code: str
    description: str = strawberry.field(description=NAME)
    months: int | None = strawberry.field(description=LINE_MONTHS)


@shows(d.EntitlementTemplate)
class EntitlementTemplate:
    """What every member is entitled to."""

    code: str
    description: str = strawberry.field(description=NAME)


@shows(d.PartnerProgram)
class PartnerProgram(Node):
    """What a company joins to be a partner, such as Gold or a certification."""

    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    kind: str = strawberry.field(description=KIND)
    time_zone: str = strawberry.field(description=TIME_ZONE)
    status: d.PartnerProgramStatus = strawberry.field(description="An ACTIVE one is read-only.")
    starts_on: date = strawberry.field(description="From this day on it takes applications.")
    ends_on: date = strawberry.field(description="Its last day; memberships run on by their own dates.")
    approval_method: d.ApprovalMethod
    membership_months: int = strawberry.field(description=MONTHS)
    renewal_days: int = strawberry.field(description=RENEWAL_DAYS)
    grace_days: int = strawberry.field(description=GRACE_DAYS)
    may_apply: d.Admission
    may_renew: d.Admission
    lines: list[AgreementLineTemplate] = strawberry.field(description="Empty: one, `MEMBERSHIP`.")
    entitlements: list[EntitlementTemplate]
    expire_lines_at_end: bool = strawberry.field(description=EXPIRE_LINES)
    owner: Person | None = loaded(
        PERSON, by="owner_id", description="Who sees to its activities; null: nobody you may see."
    )
    version: int = strawberry.field(description=VERSION)
    created_at: datetime = strawberry.field(description=CREATED_AT)

    @field(Connection[Partner])
    def listed(
        self: d.PartnerProgram, info: Info, list: d.EligibilityList, first: First = 20, after: After = None
    ) -> Awaitable[Page[pd.Partner]]:
        """The partners on a list, by code; a partner sees whether it is on it itself."""
        return LISTED.of(info.context, ListedAsked(self.id, list, PageRequest(first, after)))
