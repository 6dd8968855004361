"""Points of a type over the last months: seen before the transaction, counted by transaction date."""

from datetime import date

import pytest
from msgspec.structs import replace

from domain.promotions import Criterion, Operator, Promotion, Rule
from tests.engine.samples import MEMBER, POINTS, accrual, member, points, program, promotion, worked


def loyal(months: int, at_least: int) -> Promotion:
    """Pays 5 to those who were given so many points in the last months."""
    criterion = Criterion(f"points.POINTS.lastMonths.{months}", Operator.AT_LEAST, (at_least,))
    return promotion("LOYAL", rules=(Rule((points("5"),), (criterion,)),))


@pytest.mark.parametrize(
    ("given", "paid"),
    [
        ({date(2026, 3, 16): 100}, True),
        ({date(2026, 3, 15): 100}, False),
        ({date(2026, 3, 16): 60, date(2026, 6, 15): 40}, True),
        ({date(2026, 6, 16): 100}, False),
        ({}, False),
    ],
)
def test_the_window_ends_with_the_transaction_date(given: dict[date, int], paid: bool) -> None:
    known = replace(member(), earned={POINTS: given})

    [outcome] = worked(program(loyal(3, 100)), known, accrual(1, None)).outcomes

    assert [lot.points for lot in outcome.lots] == ([5] if paid else [])


def test_what_the_chunk_gave_before_counts_and_the_transaction_itself_does_not() -> None:
    done = worked(program(loyal(1, 50)), member(), accrual(1, "50"), accrual(2, "1"))

    assert [[lot.points for lot in outcome.lots] for outcome in done.outcomes] == [[50], [1, 5]]
    assert done.balances[MEMBER, POINTS].available == 56
