"""`milepost simulate`: what is printed, and the exit code."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from domain.problems import NotFound, Refused
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.support.promotions import a_draft_promotion, gives
from tests.support.transactions import Stage, a_stage, counts

T = TypeVar("T")
TODAY = datetime.now(UTC).date()


@dataclass(frozen=True)
class Known:
    """What the tests name."""

    program: str
    member: str
    draft: str


@pytest.fixture(autouse=True)
def the_shared_database(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MILEPOST_DATABASE_URL", migrated_url)
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def done(url: str, do: Callable[[Database], Awaitable[T]]) -> T:
    """Something done in a loop of its own, as a command is."""

    async def doing() -> T:
        database = Database(url, pool_size=2)
        try:
            return await do(database)
        finally:
            await database.close()

    return asyncio.run(doing())


@pytest.fixture
def known(migrated_url: str) -> Known:
    """A program with a draft of 25 points for everything, and a member who has bought twice."""

    async def make(database: Database) -> Known:
        stage: Stage = await a_stage(Desk(database, EnginePrograms()))
        draft = await a_draft_promotion(database, stage.program, gives(25))
        await stage.earn(1_000)
        await stage.earn(10)
        return Known(stage.program.code, stage.member.number, draft.code)

    return done(migrated_url, make)


def simulating(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["simulate", *map(str, arguments)], catch_exceptions=False)


def lines_of(result: Result) -> list[str]:
    """What is printed, without the figures of speed."""
    return [" ".join(line.split(" in ")[0].split()) for line in result.stdout.splitlines()]


def a_file(folder: Path, *lines: str) -> Path:
    file = folder / "file.csv"
    header = "external_id,member_number,type,transaction_date,amount,points"
    file.write_text("\n".join((header, *lines)) + "\n")
    return file


def test_a_file_is_worked_without_being_written(tmp_path: Path, known: Known, migrated_url: str) -> None:
    before = done(migrated_url, counts)
    file = a_file(
        tmp_path,
        *(f"E{number},{known.member},ACCRUAL,{TODAY},{number}," for number in range(100)),
        f"R1,{known.member},REDEMPTION,{TODAY},,700",
        f"R2,{known.member},REDEMPTION,{TODAY},,7000000",
    )
    result = simulating(file, "--program", known.program, "--draft", known.draft)
    assert (result.exit_code, lines_of(result)) == (
        0,
        [
            f"{known.program}: 102 lines read",
            "102 simulated",
            "Nothing was written. They would come to:",
            "1 INSUFFICIENT_POINTS",
            "101 SUCCESS",
            "7,450 POINTS given",
            "700 POINTS taken",
            f"2,500 POINTS given by {known.draft}",
        ],
    )
    assert done(migrated_url, counts) == before


def test_bad_lines_are_printed_and_the_exit_code_says_so(tmp_path: Path, known: Known) -> None:
    file = a_file(tmp_path, f"E1,{known.member},ACCRUAL,{TODAY},10,", f"E2,NOBODY,ACCRUAL,{TODAY},10,")
    result = simulating(file, "--program", known.program)
    lines = lines_of(result)
    assert (result.exit_code, lines[:3]) == (1, [f"{known.program}: 2 lines read", "1 simulated", "1 bad line"])
    assert "10 POINTS given" in lines


def test_what_was_processed_stands_beside_what_it_would_come_to(known: Known) -> None:
    result = simulating("--processed", "--program", known.program, "--draft", known.draft, "--from", str(TODAY))
    assert (result.exit_code, lines_of(result)) == (
        0,
        [
            f"{known.program}: 2 accruals simulated; 2 would differ. Nothing was written.",
            "then now",
            "2 0 NO_PROMOTIONS_QUALIFIED",
            "0 2 SUCCESS",
            "1,010 1,060 POINTS given",
            f"0 50 POINTS given by {known.draft}",
        ],
    )


def test_where_nothing_was_processed_it_says_so(known: Known) -> None:
    result = simulating("--processed", "--program", known.program, "--through", "2001-01-01")
    assert lines_of(result) == [f"{known.program}: no accruals were processed."]


def test_what_does_not_go_together_is_refused(tmp_path: Path, known: Known) -> None:
    file = a_file(tmp_path)
    for arguments in (
        (),
        (file, "--processed"),
        (file, "--from", "2026-01-01"),
        ("--processed", "--as-of", "2026-01-01"),
    ):
        assert simulating(*arguments, "--program", known.program).exit_code == 2
    with pytest.raises(Refused) as refused:
        simulating(file, "--program", known.program, "--draft", "NOBODY")
    assert [type(problem) for problem in refused.value.problems] == [NotFound]
