"""Partners: other companies whose customers earn or spend points."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import strawberry

import domain.activities as a
import domain.commands.partners as c
import domain.partners as d
from domain.blocks import PointBlock
from domain.commands.partner_accounts import AccountPeriod
from domain.pages import Page, PageRequest
from domain.partner_balances import PartnerBalance as Balance
from domain.partner_statements import PartnerStatement as Statement
from domain.partner_transactions import PartnerTransaction as Row
from schema.base import Node, answers, field, loaded, offers, shows, takes
from schema.context import Info
from schema.loads import MEMBERSHIPS_OF_PARTNER, TERMS_OF_PARTNER
from schema.ordering import Direction
from schema.paged import Paged
from schema.pages import After, Connection, First
from schema.partner_accounts import (
    BALANCE,
    PARTNER_STATEMENT,
    PARTNER_STATEMENTS,
    RUNWAY,
    AccountAsked,
    From,
    OfProgram,
    PartnerBalance,
    PartnerStatement,
    StatementsAsked,
    Through,
)
from schema.partner_transactions import (
    PARTNER_TRANSACTIONS,
    PartnerTransactionFilter,
    PartnerTransactionOrderBy,
    PartnerTransactionsAsked,
)
from schema.payloads import Payload
from schema.wording import CODE, EXPECTED_VERSION, NAME, REFUSED, VERSION

if TYPE_CHECKING:
    from schema.activities import Activity
    from schema.memberships import Membership
    from schema.partner_transactions import PartnerTransaction
    from schema.terms import PartnerTerms

offers(c.PartnerOrder)


@dataclass(frozen=True, slots=True)
class ActivitiesAsked:
    """A page of the activities of a partner; of these statuses, if any are named."""

    partner: str
    status: tuple[a.ActivityStatus, ...]
    request: PageRequest


@dataclass(frozen=True, slots=True)
class BlocksAsked:
    """A page of the blocks of a partner."""

    partner: str
    program: str | None
    active: bool | None
    request: PageRequest


BLOCKS: Paged[BlocksAsked, PointBlock] = Paged("blocks of a partner")
ACTIVITIES: Paged[ActivitiesAsked, a.Activity] = Paged("activities of a partner")


@shows(d.Partner)
class Partner(Node):
    """Another company whose customers earn or spend points."""

    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description=NAME)
    active: bool = strawberry.field(description="An inactive partner takes part in no program.")
    terms: list[Annotated["PartnerTerms", strawberry.lazy("schema.terms")]] = loaded(
        TERMS_OF_PARTNER, by="id", description="Those that you may see, one per program."
    )
    memberships: list[Annotated["Membership", strawberry.lazy("schema.memberships")]] = loaded(
        MEMBERSHIPS_OF_PARTNER, by="id", description="In partner programs: the newest 100, the newest first."
    )
    version: int = strawberry.field(description=VERSION)

    @field(Connection[Annotated["PointBlock", strawberry.lazy("schema.blocks")]])
    def blocks(
        self: d.Partner,
        info: Info,
        program: str | None = None,
        active: bool | None = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[PointBlock]]:
        """The points it has bought, the oldest first; in one program, if it is named; that can be used today, or cannot."""
        return BLOCKS.of(info.context, BlocksAsked(self.code, program, active, PageRequest(first, after)))

    @field(Connection[Annotated["Activity", strawberry.lazy("schema.activities")]])
    def activities(
        self: d.Partner,
        info: Info,
        status: list[a.ActivityStatus] | None = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[a.Activity]]:
        """What somebody should see to, of these statuses, if any are named; the newest first."""
        asked = ActivitiesAsked(self.code, tuple(status or ()), PageRequest(first, after))
        return ACTIVITIES.of(info.context, asked)

    @field(PartnerBalance | None)
    def balance(self: d.Partner, info: Info, program: OfProgram) -> Awaitable[Balance | None]:
        """What is in its blocks of a program now; null if you may not see it."""
        return BALANCE.of(info.context, AccountAsked(program, self.code))

    @field(int | None)
    def runway(self: d.Partner, info: Info, program: OfProgram) -> Awaitable[int | None]:
        """For how many days its active blocks last if they go on being used as in the last 30; null: nothing was used."""
        return RUNWAY.of(info.context, AccountAsked(program, self.code))

    @field(Connection[Annotated["PartnerTransaction", strawberry.lazy("schema.partner_transactions")]])
    def transactions(
        self: d.Partner,
        info: Info,
        filter: PartnerTransactionFilter | None = None,
        order_by: PartnerTransactionOrderBy | None = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[Row]]:
        """Every point that entered or left its blocks, and every fee in money; the newest first."""
        asked = PartnerTransactionsAsked(self.code, filter, order_by, PageRequest(first, after))
        return PARTNER_TRANSACTIONS.of(info.context, asked)

    @field(PartnerStatement | None)
    def statement(
        self: d.Partner, info: Info, program: OfProgram, from_: From, through: Through
    ) -> Awaitable[Statement | None]:
        """What was there before a period, what was processed in it, what was there then: as closed, or as it is now."""
        return PARTNER_STATEMENT.of(info.context, AccountPeriod(program, self.code, from_, through))

    @field(Connection[PartnerStatement])
    def statements(
        self: d.Partner, info: Info, program: str | None = None, first: First = 20, after: After = None
    ) -> Awaitable[Page[Statement]]:
        """Its closed statements, the newest first; of one program, if its code is given."""
        asked = StatementsAsked(self.id, program, PageRequest(first, after))
        return PARTNER_STATEMENTS.of(info.context, asked)


@takes
class PartnerCreateInput:
    """A new partner; it takes part in a program once its terms are set there."""

    code: str = strawberry.field(description="Its name in inputs and files; it never changes.")
    name: str = strawberry.field(description=NAME)
    active: bool = strawberry.field(default=True, description="An inactive partner takes part in no program.")


@takes
class PartnerUpdateInput:
    """A change of a partner; what is not given stays as it is."""

    partner: str = strawberry.field(description="Its code.")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    name: str | None = strawberry.field(default=None, description=NAME)
    active: bool | None = strawberry.field(default=None, description="An inactive partner takes part in no program.")


@takes
class PartnerFilter:
    """Which partners; all that is given must hold."""

    program: str | None = strawberry.field(default=None, description="The code of a program in which they have terms.")
    active: bool | None = strawberry.field(default=None, description="Whether they are active.")
    search: str | None = strawberry.field(default=None, description="Part of the code or name.")


@takes
class PartnerOrderBy:
    """How partners are sorted."""

    field: c.PartnerOrder = strawberry.field(default=c.PartnerOrder.CODE, description="By what.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Upwards or downwards.")


@answers
class PartnerCreatePayload(Payload):
    """The new partner."""

    result: Partner | None = strawberry.field(name="partner", description=REFUSED)


@answers
class PartnerUpdatePayload(Payload):
    """The partner as it is now."""

    result: Partner | None = strawberry.field(name="partner", description=REFUSED)
