"""Members: who collects points, what is known of them, what they have, and what became of it."""

from collections.abc import Awaitable
from datetime import date, datetime
from typing import Annotated, Any

import strawberry

import domain.commands.ledger as lc
import domain.families as fd
import domain.lots as ld
import domain.members as d
import domain.statements as sd
import domain.transactions as td
from domain.member_status import CHANGES
from domain.pages import Page, PageRequest
from domain.problems import Invalid, Refused
from schema.attributes import Attributes
from schema.base import Node, computed, direct, field, loaded, offers, shows
from schema.context import Info
from schema.families import MEMBERS_OF_FAMILY, FamilyMembership
from schema.holds import PointHold
from schema.ledger import Balance, ExpiringPoints, Lot, LotFilter, LotOrderBy
from schema.ledger_questions import BALANCES, EXPIRING, LOTS, BalancesAsked, ExpiringAsked, LotsAsked
from schema.loads import (
    FAMILIES_OF_MEMBER,
    HOLDS_OF_MEMBER,
    LOANS_OF_MEMBER,
    MAXIMUM_LOANS_OF_MEMBER,
    MEMBER,
    MERGED_INTO_MEMBER,
    PARTNER,
    PERSON,
    PROGRAM,
    PROMOTIONS_OF_MEMBER,
    TIER_REQUESTS_OF_MEMBER,
)
from schema.loans import Loan, MaximumLoan
from schema.member_tiers import MemberTier, TierProgress, TierRequest
from schema.paged import Paged
from schema.pages import After, Connection, First
from schema.partners import Partner
from schema.people import Person
from schema.programs import Program
from schema.promotions import PromotionEnrollment
from schema.statements import STATEMENT, From, MemberStatement, StatementAsked, To
from schema.tier_questions import TIER_OF_MEMBER, TIER_PROGRESS_OF_MEMBER, TIERS_OF_MEMBER, asked
from schema.tiers import Tier
from schema.transactions import MemberTransactionFilter, Transaction, TransactionOrderBy
from schema.transactions_of_member import TRANSACTIONS, TransactionsAsked

offers(d.MemberKind)
offers(d.MemberStatus)

MAX_WITHIN = 3_660
Within = Annotated[int, strawberry.argument(description=f"How many days from today, 0 to {MAX_WITHIN}.")]
AsOf = Annotated[datetime | None, strawberry.argument(description="A moment that has passed; without it: now.")]

CHANGES_OF_MEMBER: Paged[tuple[int, PageRequest], d.MemberChange] = Paged("changes of a member")


@shows(d.Address)
class Address:
    """A postal address."""

    lines: list[str] = strawberry.field(description="As people write them.")
    city: str | None
    region: str | None
    postal_code: str | None
    country: str | None = strawberry.field(description="ISO 3166: `DE`.")


@shows(d.Identifier)
class MemberIdentifier:
    """A card, or whatever else identifies a member."""

    kind: str = strawberry.field(description="`CARD`, `APP`, …")
    value: str = strawberry.field(description="Unique in its program and kind.")


@shows(d.Consent)
class Consent:
    """What a member agreed to, or withdrew."""

    purpose: str
    given: bool
    at: datetime = strawberry.field(description="Since when.")


@shows(d.MemberChange)
class MemberChange:
    """One change of a member: of fields (their values are not kept), or of its status."""

    version: int = strawberry.field(description="The member's version since then.")
    person: Person | None = loaded(PERSON, by="person_id", description="Who; null: the engine, or nobody you may see.")
    fields: list[str]
    from_status: d.MemberStatus | None
    to_status: d.MemberStatus | None
    reason: str | None
    created_at: datetime


async def _family(member: d.Member, info: Any) -> fd.FamilyMembership | None:
    found: list[fd.FamilyMembership] = await info.context.load(FAMILIES_OF_MEMBER, member.id)
    return next((each for each in found if each.ends_on is None), None)


@shows(d.Member)
class Member(Node):
    """A person, household or company that collects points in one program."""

    program: Program = loaded(PROGRAM, by="program_id")
    number: str = strawberry.field(description="Unique in its program.")
    kind: d.MemberKind
    name: str
    email: str | None
    phone: str | None = strawberry.field(description="As E.164: `+4930901820`.")
    birth_date: date | None
    address: Address | None
    language: str | None = strawberry.field(description="A language tag: `pt-BR`.")
    identifiers: list[MemberIdentifier]
    consents: list[Consent]
    referrer: Annotated["Member", strawberry.lazy("schema.members")] | None = loaded(
        MEMBER, by="referrer_id", description="Who brought the member; null: nobody, or nobody you may see."
    )
    attributes: Attributes = strawberry.field(description="What the program keeps of its members besides.")
    status: d.MemberStatus
    available_statuses: list[d.MemberStatus] = computed(
        lambda member: list(CHANGES[member.status]), "What people may make of the status now."
    )
    enrolled_on: date
    enrolled_by: Person | None = loaded(
        PERSON, by="enrolled_by_id", description="Who enrolled the member; null: an import, or nobody you may see."
    )
    enrolled_by_partner: Partner | None = loaded(
        PARTNER, by="enrolled_by_partner_id", description="For which partner; null: the host, or none you may see."
    )
    created_at: datetime
    erased_at: datetime | None = strawberry.field(description="Since when nothing personal is known; null: it is.")
    version: int = strawberry.field(description="Counts every change; give it as `expectedVersion` of an edit.")
    promotions: list[PromotionEnrollment] = loaded(
        PROMOTIONS_OF_MEMBER, by="id", description="Those it joined, the first one first, as far as you may see them."
    )

    merged_into: Annotated["Member", strawberry.lazy("schema.members")] | None = loaded(
        MEMBER,
        by="merged_into_id",
        description="Who stayed when it was merged; null: it was not, or nobody you may see.",
    )
    merged: list[Annotated["Member", strawberry.lazy("schema.members")]] = loaded(
        MERGED_INTO_MEMBER,
        by="id",
        description="Who was merged into it, the first one first, as far as you may see them.",
    )
    family: FamilyMembership | None = direct(_family, "Where it belongs now; null: to no household or account.")
    families: list[FamilyMembership] = loaded(
        FAMILIES_OF_MEMBER, by="id", description="Where it belongs and belonged, the latest first."
    )
    holds: list[PointHold] = loaded(
        HOLDS_OF_MEMBER, by="id", description="Points kept for checkouts that have not ended, the first one first."
    )

    tier: Tier | None = asked(TIER_OF_MEMBER, "The dominant one now; null: the program has none that is shown.")
    tiers: list[MemberTier] = asked(TIERS_OF_MEMBER, "What it holds and held, in every class, the latest first.")
    tier_progress: list[TierProgress] = asked(
        TIER_PROGRESS_OF_MEMBER, "Where it stands in every class, the most senior class first."
    )
    tier_requests: list[TierRequest] = loaded(
        TIER_REQUESTS_OF_MEMBER, by="id", description="Changes of tier that somebody asked for, the newest first."
    )

    loans: list[Loan] = loaded(LOANS_OF_MEMBER, by="id", description="What it borrowed, the latest first.")
    maximum_loans: list[MaximumLoan] = loaded(
        MAXIMUM_LOANS_OF_MEMBER, by="id", description="How much it may owe, per kind of points."
    )

    @field(list[Balance])
    def balances(self: d.Member, info: Info, as_of: AsOf = None) -> Awaitable[list[d.Balance]]:
        """What it has, or had at a past moment: one balance per point type of the program, the default one first."""
        return info.context.load(BALANCES, BalancesAsked(info.context, self.id, as_of))

    @field(list[ExpiringPoints])
    def expiring(self: d.Member, info: Info, within: Within = 90) -> Awaitable[list[d.ExpiringPoints]]:
        """What lapses within so many days unless it is used, the nearest first."""
        if not 0 <= within <= MAX_WITHIN:
            raise Refused(Invalid(value=str(within), expected=f"0 to {MAX_WITHIN} days", path=("within",)))
        return info.context.load(EXPIRING, ExpiringAsked(info.context, self.id, within))

    @field(MemberStatement | None)
    def statement(self: d.Member, info: Info, from_: From, to: To) -> Awaitable[sd.Statement | None]:
        """What came and went within a period, by the date of processing; null for partners, who see no statements."""
        return STATEMENT.of(info.context, StatementAsked(self.id, from_, to))

    @field(Connection[FamilyMembership])
    def members(
        self: d.Member, info: Info, first: First = 20, after: After = None
    ) -> Awaitable[Page[fd.FamilyMembership]]:
        """Who belongs to it now, if it is a household or account; the first one first."""
        return MEMBERS_OF_FAMILY.of(info.context, (self.id, PageRequest(first, after)))

    @field(Connection[Lot])
    def lots(
        self: d.Member,
        info: Info,
        filter: LotFilter | None = None,
        order_by: LotOrderBy | None = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[ld.Lot]]:
        """From where its points come, the newest first."""
        wanted, order = filter or LotFilter(), order_by or LotOrderBy()
        asked = LotsAsked(
            self.id,
            lc.LotFilter(open=wanted.open, point_type=wanted.point_type, qualifying=wanted.qualifying),
            order.field,
            order.direction.descending,
            PageRequest(first, after),
        )
        return LOTS.of(info.context, asked)

    @field(Connection[Transaction])
    def transactions(
        self: d.Member,
        info: Info,
        filter: MemberTransactionFilter | None = None,
        order_by: TransactionOrderBy | None = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[td.Transaction]]:
        """What it did, the newest first."""
        asked = TransactionsAsked(
            self.id,
            filter or MemberTransactionFilter(),
            order_by or TransactionOrderBy(),
            PageRequest(first, after),
        )
        return TRANSACTIONS.of(info.context, asked)

    @field(Connection[MemberChange])
    def changes(self: d.Member, info: Info, first: First = 20, after: After = None) -> Awaitable[Page[d.MemberChange]]:
        """What was changed about it, the newest first; the member itself, and partners that did not enrol it, see none."""
        return CHANGES_OF_MEMBER.of(info.context, (self.id, PageRequest(first, after)))
