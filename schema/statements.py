"""A member's statement of a period: per kind of points what it owned before, what came and went, and what it owned then."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import domain.statements as d
from domain.pages import InvalidCursor, Page, PageRequest, page, unseal
from schema.base import field, loaded, offers, shows
from schema.context import Info
from schema.loads import TRANSACTION
from schema.paged import Question
from schema.pages import After, Connection, First
from schema.scalars import Points

if TYPE_CHECKING:
    from schema.transactions import Transaction

offers(d.LineKind, "StatementLineKind")

From = Annotated[
    date, strawberry.argument(name="from", description="The first day, in the time zone of the member's program.")
]
To = Annotated[
    date,
    strawberry.argument(description=f"The last day, included; today at the latest, at most {d.MAX_DAYS} days in all."),
]


@dataclass(frozen=True, slots=True)
class StatementAsked:
    """The statement of a member for a period, both days included."""

    member_id: int
    starts_on: date
    ends_on: date


STATEMENT: Question[StatementAsked, d.Statement | None] = Question("statement of a member")


def _position(cursor: str) -> int:
    """Of the line that a cursor names."""
    [position] = unseal(cursor, 1)
    if not isinstance(position, int) or position < 0:
        raise InvalidCursor("This cursor belongs to another list: start again without `after`.")
    return position


@shows(d.StatementLine)
class MemberStatementLine:
    """Points that came or went at one moment."""

    position: int = strawberry.field(description="The first line is 1.")
    processed_at: datetime = strawberry.field(description="When; lines stand in this order.")
    kind: d.LineKind
    transaction: Annotated["Transaction", strawberry.lazy("schema.transactions")] | None = loaded(
        TRANSACTION, by="transaction_id", description="What moved them; null: no transaction, the calendar did."
    )
    transaction_date: date = strawberry.field(description="Of the activity itself, which may be long before.")
    points: Points = strawberry.field(description="Positive: they came; negative: they went.")
    balance: Points = strawberry.field(description="What the member owned after this line.")


@shows(d.PointStatement)
class MemberStatementAccount:
    """One kind of points within a period. Always: closing = opening + credited - debited, and = opening + all lines."""

    point_type: str = strawberry.field(description="The code of the point type.")
    opening: Points = strawberry.field(
        description="Available, held and pending as of the last moment before the first day."
    )
    credited: Points = strawberry.field(description="What the lines that came add up to.")
    debited: Points = strawberry.field(description="What the lines that went add up to, as a positive number.")
    closing: Points = strawberry.field(
        description="Available, held and pending as of the end of the last day; of today, as of now."
    )

    @field(Connection[MemberStatementLine])
    async def lines(
        self: d.PointStatement, info: Info, first: First = 20, after: After = None
    ) -> Page[d.StatementLine]:
        """Everything that came and went, in time."""
        every, start = self.lines, 0 if after is None else _position(after)

        async def count() -> int:
            return len(every)

        return page(every[start : start + first + 1], PageRequest(first, after), lambda line: (line.position,), count)


@shows(d.Statement)
class MemberStatement:
    """What a member owned, got and lost within a period, by the date of processing."""

    starts_on: date
    ends_on: date = strawberry.field(description="The last day, included.")
    time_zone: str = strawberry.field(description="In which the days begin and end: that of the program.")
    complete: bool = strawberry.field(description="Whether the last day has passed, so that nothing is added any more.")
    accounts: list[MemberStatementAccount] = strawberry.field(
        description="One per point type of the program, the default one first."
    )
