"""The demonstration on a few households: it ends with equal totals, and a wrong figure on either side is noticed."""

import asyncio
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from app.commands.demo import demo
from app.demo import club, offers, program, promotions, recompute, source, story, verdict
from app.demo.clock import Clock
from app.failures import Failure
from domain.store import migrate
from tests import databases

HOUSEHOLDS = 12


@dataclass
class Played:
    """A demonstration that was played to its end, and where."""

    told: story.Story
    url: str
    data: Path

    def recomputed(self) -> list[str]:
        totals = recompute.recompute(self.data, self.told.households, self.told.redemptions, self.told.nights)
        return verdict.differences(self.told, totals)


@pytest.fixture(scope="module")
def played(database_server: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with databases.empty_database(database_server, f"{worker_id}_demo") as url:
        migrate.upgrade(url)
        data = source.folder()
        yield Played(asyncio.run(story.play(url, data, tmp_path_factory.mktemp("demo"), HOUSEHOLDS)), url, data)


def test_the_engine_and_the_recomputation_agree_to_the_point(played: Played) -> None:
    assert played.recomputed() == []
    told = played.told
    issued, spent, expired = (
        sum(column) for column in zip(*((m.issued, m.redeemed, m.expired) for m in told.months), strict=True)
    )
    assert issued == spent + expired
    assert spent == program.VOUCHER_POINTS * len(told.redemptions) > 0
    assert len(told.nights) == 24
    assert set(told.balances[date(2019, 1, 1)].values()) == {0}


def test_figures_that_are_wrong_in_the_recomputation_are_noticed(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offers, "POINTS_FOR_A_BIG_BASKET", 26)
    found = played.recomputed()
    assert any(each.startswith("issued in 2017-") for each in found)
    assert any(each.startswith("household ") for each in found)


def test_every_promotion_has_given_something(played: Played) -> None:
    wanted = {each.code for each in promotions.promotions(program.CODE, ["1"])}
    assert len(wanted) == 12
    assert {each.code for each in played.told.promotions if each.lots and each.points} == wanted


@pytest.mark.parametrize(
    ("name", "wrong", "promotion"),
    [
        ("SUMMER", (date(2017, 7, 15), date(2017, 9, 4)), "MEAT-WEEKENDS"),
        ("MAIL", (date(2017, 8, 31), date(2017, 9, 24)), "SUMMER-MAIL"),
        ("DECEMBER", (date(2017, 12, 1), date(2017, 12, 30)), "HOLIDAY"),
        ("STEPS", ((8, 501), (5, 251), (3, 101)), "OCTOBER"),
        ("A_MONTH", 500_00, "MONTH-300"),
        ("EVERY", 11, "TENTH-VISIT"),
        ("GOLD_FROM", 1_600, "GOLD"),
    ],
)
def test_an_offer_that_is_wrong_in_the_recomputation_is_noticed(
    played: Played, monkeypatch: pytest.MonkeyPatch, name: str, wrong: object, promotion: str
) -> None:
    monkeypatch.setattr(offers, name, wrong)
    assert any(each.startswith(f"promotion {promotion}: the engine says") for each in played.recomputed())


def test_dates_that_are_wrong_in_the_recomputation_are_noticed(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    right = recompute._last_day
    monkeypatch.setattr(recompute, "_last_day", lambda day: right(date(day.year, min(day.month + 1, 12), 1)))
    found = played.recomputed()
    assert not any(each.startswith("issued in") for each in found)
    assert any(each.startswith("expired in 2018-") for each in found)


def test_a_point_that_the_engine_has_too_much_is_noticed(played: Played) -> None:
    told, night = played.told, played.told.nights[3]
    household = told.households[0]
    told.balances[night][household] += 1
    first, *others = told.months
    told.months = [replace(first, issued=first.issued + Decimal(1)), *others]
    issued, balance = played.recomputed()
    told.balances[night][household] -= 1
    told.months = [first, *others]
    assert issued.startswith("issued in 2017-01: the engine says")
    assert balance.startswith(f"household {household} on {night}: the engine says")


def test_points_that_were_spent_but_not_there_are_noticed(played: Played) -> None:
    told = played.told
    told.redemptions.append(recompute.Redemption(told.households[0], date(2018, 12, 31), 1_000_000))
    found = played.recomputed()
    told.redemptions.pop()
    assert f"household {told.households[0]} on 2018-12-31: 1,000,000 points were spent that were not there" in found


def test_the_demonstration_wants_a_database_of_its_own(played: Played) -> None:
    async def again() -> None:
        async with club.opened(played.url, Clock(program.FIRST_DAY), ()):
            raise AssertionError

    with pytest.raises(Failure, match="has a program GROCER already"):
        asyncio.run(again())


def test_the_command_shows_what_came_of_it(
    tmp_path: Path, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILEPOST_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv("MILEPOST_DATABASE_URL", empty_database_url)
    before = signal.getsignal(signal.SIGTERM)
    app = typer.Typer()
    app.command()(demo)
    result = CliRunner().invoke(app, ["--households", "3"], catch_exceptions=False)
    signal.signal(signal.SIGTERM, before)
    assert result.exit_code == 0
    for part in (
        "Points by month",
        "What every promotion has given",
        "OWN-BRAND",
        "The richest households",
        "The largest basket of household",
        "Base points:",
    ):
        assert part in result.stdout
    assert "equal, every month and the balances of 3 households after 24 month ends." in result.stdout
