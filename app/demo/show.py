"""What the demonstration prints at the end: months, households, one transaction in full, and the verdict."""

from collections.abc import Sequence
from typing import Any

from app.demo.story import Story
from app.demo.verdict import MOST_SHOWN


def show(story: Story) -> None:
    """Everything that the engine tells."""
    print("\nPoints by month\n")
    rows = [(each.issued, each.redeemed, each.expired) for each in story.months]
    sums = [sum(column) for column in zip(*rows, strict=True)]
    named = [(f"{each.month:%Y-%m}", *row) for each, row in zip(story.months, rows, strict=True)]
    _table(("month", "issued", "spent", "expired"), [*named, ("in all", *sums)])
    print("\nWhat every promotion has given\n")
    given = [(each.code, each.name, each.lots, each.points) for each in story.promotions]
    _table(("promotion", "what", "times", "points"), sorted(given, key=lambda row: -row[-1]))
    print("\nThe richest households when 2017 had ended\n")
    _table(("household", "points"), story.richest)
    household, basket, amount = story.explained
    print(f"\nThe largest basket of household {household}: {basket}, ${amount:,}\n")
    for sentence in story.explanation:
        print(f"  {sentence}")


def show_verdict(story: Story, found: Sequence[str], seconds: float) -> None:
    """Equal, or in which figures not."""
    nights, households = len(story.balances), len(story.households)
    print(f"\nRecomputed from the till's data, without the engine, in {seconds:,.1f} s: ", end="")
    if not found:
        print(f"equal, every month and the balances of {households:,} households after {nights} month ends.")
        return
    print(f"{len(found):,} figures differ.")
    for difference in found[:MOST_SHOWN]:
        print(f"  {difference}")
    if len(found) > MOST_SHOWN:
        print(f"  … and {len(found) - MOST_SHOWN:,} more")


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    cells = [columns, *([f"{value:,}" if not isinstance(value, str) else value for value in row] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(columns))]
    for row in cells:
        print("  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
