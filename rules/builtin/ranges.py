"""Base points by ranges of a number: from (included) to (excluded), as in a table of zones. Ranges must not overlap.

A number outside all of them is not for this rule.
"""

from bisect import bisect_right
from decimal import Decimal
from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from rules.kinds import Evaluate, Parameters, Role, RuleKind, Snapshot


class Range(Parameters):
    """One row: a number of at least `from` and below `to` (open if absent) gives these points."""

    from_: Decimal = Field(alias="from", max_digits=22, decimal_places=6)
    to: Decimal | None = Field(None, max_digits=22, decimal_places=6)
    points: Decimal = Field(ge=0, max_digits=18, decimal_places=6)


class Ranges(Parameters):
    """Such as 500 points below 600 miles, 1,000 from there on."""

    attribute: str = Field(description="Which number decides")
    ranges: tuple[Range, ...] = Field(min_length=1, max_length=1000, description="Rows in ascending order")

    @model_validator(mode="after")
    def ascending(self) -> Self:
        for row in self.ranges:
            if row.to is not None and row.to <= row.from_:
                raise ValueError(f"the range from {row.from_} ends at {row.to}: `to` must be greater than `from`")
        for row, following in pairwise(self.ranges):
            if row.to is None or row.to > following.from_:
                raise ValueError(f"the range from {following.from_} begins before the one from {row.from_} has ended")
        return self


def compile_ranges(parameters: Ranges) -> Evaluate:
    attribute, rows = parameters.attribute, parameters.ranges
    starts = [row.from_ for row in rows]

    def evaluate(snapshot: Snapshot) -> Decimal | None:
        number = snapshot[attribute]
        if number is None or number < starts[0]:
            return None
        row = rows[bisect_right(starts, number) - 1]
        return row.points if row.to is None or number < row.to else None

    return evaluate


KIND = RuleKind(
    name="ranges",
    version=1,
    role=Role.BASE,
    summary="Points by ranges of a number",
    parameters=Ranges,
    reads=lambda parameters: (parameters.attribute,),
    compile=compile_ranges,
)
