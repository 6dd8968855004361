"""Loans of a member, what was repaid of them, and the maximum that a member may owe."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import domain.loans as d
from schema.base import Node, loaded, offers, shows
from schema.loads import (
    MEMBER,
    MOVES_OF_MAXIMUM_LOAN,
    PERSON,
    POINT_TYPE,
    REPAYMENTS_OF_LOAN,
    TRANSACTION,
)
from schema.people import Person
from schema.programs import PointType
from schema.scalars import Points
from schema.wording import CREATED_AT

if TYPE_CHECKING:
    from schema.members import Member
    from schema.transactions import Transaction

offers(d.MaximumLoanStatus)


@shows(d.Loan)
class Loan:
    """Points lent to a member. They never lapse and never count towards a tier."""

    transaction: Annotated["Transaction", strawberry.lazy("schema.transactions")] = loaded(
        TRANSACTION, by="transaction_id", description="The accrual that lent them; repayments name its id."
    )
    point_type: str = strawberry.field(description="The code of the point type.")
    points: Points = strawberry.field(description="How many were lent.")
    outstanding: Points = strawberry.field(description="How many are still owed.")
    repayments: list[Annotated["Transaction", strawberry.lazy("schema.transactions")]] = loaded(
        REPAYMENTS_OF_LOAN,
        by="transaction_id",
        description="Whatever repays it, asked for or done, the first one first.",
    )
    redemption: Annotated["Transaction", strawberry.lazy("schema.transactions")] | None = loaded(
        TRANSACTION,
        by="follows_id",
        description="The one for which they were lent by themselves; null: somebody asked.",
    )
    created_at: datetime = strawberry.field(description="When they were lent.")


@shows(d.MaximumLoanMove)
class MaximumLoanMove:
    """A move of a maximum loan."""

    person: Person | None = loaded(PERSON, by="person_id", description="Who; null: nobody you may see.")
    from_status: d.MaximumLoanStatus | None = strawberry.field(description="Null: it was set for the first time.")
    to_status: d.MaximumLoanStatus
    points: Points = strawberry.field(description="The amount that it was about.")
    submit_to: Person | None = loaded(PERSON, by="submit_to_id", description="For whom it waited from then on.")
    comment: str | None
    created_at: datetime


@shows(d.MaximumLoan)
class MaximumLoan(Node):
    """How much a member may owe of a kind of points. Only an APPROVED one counts."""

    member: Annotated["Member", strawberry.lazy("schema.members")] | None = loaded(MEMBER, by="member_id")
    point_type: PointType | None = loaded(POINT_TYPE, by="point_type_id")
    points: Points
    status: d.MaximumLoanStatus
    requested_by: Person | None = loaded(PERSON, by="requested_by_id", description="Null: nobody you may see.")
    submit_to: Person | None = loaded(PERSON, by="submit_to_id", description="Who is asked; null: nobody any more.")
    moves: list[MaximumLoanMove] = loaded(MOVES_OF_MAXIMUM_LOAN, by="id", description="The first one first.")
    version: int = strawberry.field(description="Counts every change; give it as `expectedVersion` of a decision.")
    created_at: datetime = strawberry.field(description=CREATED_AT)
