"""The demonstration from beginning to end: files, the year, the next year, and what came of it."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from app.demo import files, program, promotions, source
from app.demo.clock import EVENING, NIGHT, Clock, months
from app.demo.club import Club, Watch, opened
from app.demo.recompute import Redemption
from domain.statistics import MonthOfPoints, PointsOfPromotion

LAST_MONTH = date(2018, 12, 31)
EVERY = 4
"""One household in so many redeems, whenever it has enough for a voucher at the end of a month."""


@dataclass(slots=True)
class Story:
    """What happened, as the engine tells it."""

    households: Sequence[int]
    baskets: int = 0
    lines: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    redemptions: list[Redemption] = field(default_factory=list)
    balances: dict[date, dict[int, int]] = field(default_factory=dict)
    """By household, after the night that begins a month."""
    months: Sequence[MonthOfPoints] = ()
    promotions: Sequence[PointsOfPromotion] = ()
    bonuses: int = 0
    """How many counts have reached a step."""
    richest: Sequence[tuple[int, int]] = ()
    explained: tuple[int, int, Decimal] = (0, 0, Decimal(0))
    """Household, basket and amount of the transaction that is explained."""
    explanation: Sequence[str] = ()

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Add the time of the block to what is being done."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[what] = self.seconds.get(what, 0) + time.perf_counter() - began

    @property
    def nights(self) -> list[date]:
        """The first days of months, on which lapsed points were taken."""
        return sorted(self.balances)


async def play(url: str, data: Path, folder: Path, most_households: int | None) -> Story:
    """Run the club from January 2017 to the end of 2018, in an empty migrated database."""
    story = Story(source.households(data, most_households))
    print(f"Writing the baskets of {len(story.households):,} households to {folder}")
    with story.timed("files"):
        shelf = source.shelf(data)
        files.write_members(folder / "members.csv", story.households)
        baskets = _counted(story, source.baskets(data, story.households))
        largest = files.write_baskets(folder / "baskets.jsonl", baskets, shelf)
    clock = Clock(program.FIRST_DAY)
    async with opened(url, clock, [str(each) for each in shelf.of(source.FUEL)]) as club:
        await _import(story, club, folder)
        await club.write_to(source.written_to(data, promotions.CAMPAIGN, story.households))
        await _months(story, club)
        story.months, story.promotions = await club.months(), await club.promotions()
        await _tell(story, club, largest)
    return story


def _counted(story: Story, baskets: Iterator[source.Basket]) -> Iterator[source.Basket]:
    for basket in baskets:
        story.baskets += 1
        story.lines += len(basket.lines)
        yield basket


async def _import(story: Story, club: Club, folder: Path) -> None:
    enrolled = await club.enroll(folder / "members.csv")
    assert enrolled.added == len(story.households)
    with story.timed("import"), _bar("Importing", story.baskets) as watch:
        done = await club.bring_in(folder / "baskets.jsonl", watch)
    assert (done.added, done.bad_lines) == (story.baskets, 0)
    print(f"Imported {_speed(story.baskets, 'baskets', story.seconds['import'])}, with {story.lines:,} lines")


async def _months(story: Story, club: Club) -> None:
    redeemers = [household for household in story.households if household % EVERY == 0]
    worked = 0
    with _bar("Processing", story.baskets) as watch:
        for last_day, next_day in months(program.FIRST_DAY, LAST_MONTH):
            club.clock.set(last_day, EVENING)
            with story.timed("process"):
                progress = await club.process(last_day, lambda done, before=worked: watch(before + done))  # type: ignore[misc]
            worked += progress.total
            assert progress.rejected == 0
            await _redeem(story, club, redeemers, last_day)
            club.clock.set(next_day, NIGHT)
            with story.timed("expire"):
                await club.expire()
                story.bonuses += await club.pay_steps()
            story.balances[next_day] = await club.balances(story.households)
    assert worked == story.baskets + story.bonuses
    print(f"Processed {_speed(worked, 'baskets', story.seconds['process'])}")
    print(f"Redeemed {_speed(len(story.redemptions), 'vouchers in real time', story.seconds['redeem'])}")


async def _redeem(story: Story, club: Club, redeemers: Sequence[int], day: date) -> None:
    held = await club.balances(redeemers)
    able = [household for household in redeemers if held[household] >= program.VOUCHER_POINTS]
    with story.timed("redeem"):
        story.redemptions += await club.redeem(able, day)


async def _tell(story: Story, club: Club, largest: dict[int, tuple[Decimal, int]]) -> None:
    at_the_end = story.balances[date(2018, 1, 1)]
    story.richest = sorted(at_the_end.items(), key=lambda one: (-one[1], one[0]))[:10]
    household = story.richest[0][0]
    amount, basket = largest[household]
    story.explained = household, basket, amount
    story.explanation = await club.explanation(basket)


def _speed(count: int, what: str, seconds: float) -> str:
    return f"{count:,} {what} in {seconds:,.1f} s, {count / seconds:,.0f} a second"


@contextmanager
def _bar(title: str, total: int) -> Iterator[Watch]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)
