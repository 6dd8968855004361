"""`milepost import …`: what is printed, what is written down, and the exit code."""

import asyncio
import csv
import json
import secrets
import signal
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest
from typer.testing import CliRunner, Result

from app.commands.importing import app
from app.failures import Failure
from app.identity import make_token
from app.settings import load
from domain.imports.problems import MissingColumns
from domain.people import Role
from domain.problems import Refused
from domain.programs import Program
from domain.store.database import Database
from tests.support.factories import a_partner, a_person, a_program
from tests.support.members import a_member

T = TypeVar("T")

HEADER = "external_id,member_number,type,transaction_date,amount\n"


@pytest.fixture(autouse=True)
def the_shared_database(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MILEPOST_DATABASE_URL", migrated_url)
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def program(migrated_url: str) -> Program:
    async def make(database: Database) -> Program:
        program = await a_program(database)
        await a_member(database, program, number="1001")
        return program

    return done(migrated_url, make)


def done(url: str, do: Callable[[Database], Awaitable[T]]) -> T:
    """Something done in a loop of its own, as a command is."""

    async def doing() -> T:
        database = Database(url, pool_size=2)
        try:
            return await do(database)
        finally:
            await database.close()

    return asyncio.run(doing())


def importing(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)


def lines_of(result: Result) -> list[str]:
    """What is printed, without the figures of speed."""
    first, *others = result.stdout.splitlines()
    return [first.split(" in ")[0], *(" ".join(line.split()) for line in others)]


def test_good_lines_are_counted_and_the_same_file_again_is_known(tmp_path: Path, program: Program) -> None:
    file = tmp_path / "file.csv"
    file.write_text(HEADER + "".join(f"E{number},1001,ACCRUAL,2026-01-05,{number}\n" for number in range(1_500)))
    result = importing("transactions", file, "--program", program.code, "--source", "till")
    assert (result.exit_code, lines_of(result)) == (0, [f"{program.code}: 1,500 lines read", "1,500 queued"])
    again = importing("transactions", file, "--program", program.code, "--source", "till")
    assert (again.exit_code, lines_of(again)) == (
        0,
        [f"{program.code}: 1,500 lines read", "0 queued", "1,500 known already"],
    )


def test_bad_lines_are_a_table_and_exit_code_1(tmp_path: Path, program: Program) -> None:
    file = tmp_path / "file.csv"
    file.write_text(
        HEADER + 'A,1001,ACCRUAL,2026-01-05,1\nB,1001,ACCRUAL,2026-01-05,"1,5"\nC,9999,ACCRUAL,2026-01-05,1\n'
    )
    result = importing("transactions", file, "--program", program.code, "--show", "1")
    assert result.exit_code == 1
    assert lines_of(result) == [
        f"{program.code}: 3 lines read",
        "1 queued",
        "2 bad lines",
        "LINE COLUMN VALUE REASON",
        "3 amount 1,5 amount is '1,5'; expected a number such as 12.50, with a point and no separators.",
        "… and 1 more: --report FILE writes them all down.",
    ]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_report_has_every_problem(tmp_path: Path, program: Program, suffix: str) -> None:
    file, report = tmp_path / "file.jsonl", tmp_path / f"report.{suffix}"
    file.write_text(
        '{"external_id": "A", "member_number": "9999", "type": "ACCRUAL", "transaction_date": "2026-01-05"}\n[]\n{}\n'
    )
    result = importing("transactions", file, "--program", program.code, "--show", "0", "--report", report)
    assert (result.exit_code, lines_of(result)[-1]) == (1, f"All 6 problems are in {report}.")
    with report.open(newline="") as written:
        rows = list(csv.DictReader(written)) if suffix == "csv" else [json.loads(line) for line in written]
    assert [(str(row["line"]), row["column"], row["code"], row["value"]) for row in rows] == [
        ("1", "member_number", "NOT_FOUND", "9999"),
        ("2", "", "NOT_JSON", ""),
        ("3", "external_id", "MISSING_INPUT", ""),
        ("3", "member_number", "MISSING_INPUT", ""),
        ("3", "type", "MISSING_INPUT", ""),
        ("3", "transaction_date", "MISSING_INPUT", ""),
    ]
    assert rows[0]["reason"] == "There is no member '9999'."


def test_a_file_that_is_wrong_as_a_whole_is_refused_in_one_line(tmp_path: Path, program: Program) -> None:
    file = tmp_path / "file.csv"
    file.write_text("external_id,member_number\nA,1001\n")
    with pytest.raises(Refused) as refused:
        importing("transactions", file, "--program", program.code)
    assert refused.value.problems == (
        MissingColumns(columns=("type", "transaction_date"), found=("external_id", "member_number")),
    )


def test_a_person_may_stand_for_the_file(tmp_path: Path, program: Program, migrated_url: str) -> None:
    manager = done(
        migrated_url, lambda database: a_person(database, Role.MANAGER, transaction_approval_limit=Decimal(10))
    )
    file = tmp_path / "file.jsonl"
    file.write_text(
        '{"external_id": "A", "member_number": "1001", "type": "ACCRUAL", "sub_type": "MANUAL_CREDIT",'
        ' "points": 10, "transaction_date": "2026-01-05"}\n'
    )
    assert importing("transactions", file, "--program", program.code).exit_code == 1
    assert importing("transactions", file, "--program", program.code, "--as", manager.subject).exit_code == 0
    with pytest.raises(Failure, match="there is nobody active called 'nobody'"):
        importing("transactions", file, "--program", program.code, "--as", "nobody")


def test_members_are_enrolled_from_a_file(tmp_path: Path, program: Program) -> None:
    file = tmp_path / "file.csv"
    file.write_text("number,name,identifiers.CARD\n1001,Ada Lovelace,\n1002,Grace Hopper,7002\n1003,,\n")
    result = importing("members", file, "--program", program.code)
    assert result.exit_code == 1
    assert lines_of(result) == [
        f"{program.code}: 3 lines read",
        "1 enrolled",
        "1 known already",
        "1 bad line",
        "LINE COLUMN VALUE REASON",
        "4 name name is missing: no line can do without it.",
    ]


def test_a_report_is_csv_or_json_lines(tmp_path: Path, program: Program) -> None:
    file = tmp_path / "file.csv"
    file.write_text(HEADER)
    with pytest.raises(Failure, match=r"neither \.csv nor \.jsonl"):
        importing("transactions", file, "--program", program.code, "--report", tmp_path / "report.xls")


def test_a_file_that_is_not_there_is_a_mistake_of_the_command(tmp_path: Path) -> None:
    result = importing("transactions", tmp_path / f"{secrets.token_hex(4)}.csv", "--program", "X")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


def test_a_partners_token_brings_in_its_own_file(tmp_path: Path, program: Program, migrated_url: str) -> None:
    async def clerk(database: Database) -> tuple[str, str]:
        partner = await a_partner(database, program)
        person = await a_person(database, Role.PARTNER_REPRESENTATIVE, partner=partner.code)
        return partner.code, make_token(load(), person.subject)

    code, token = done(migrated_url, clerk)
    file = tmp_path / "stays.csv"
    file.write_text(f"{HEADER[:-1]},partner\n1,1001,ACCRUAL,2026-01-05,10,\n2,1001,ACCRUAL,2026-01-05,10,{code}X\n")
    result = importing("transactions", file, "--program", program.code, "--token", token)
    assert result.exit_code == 1
    assert "1  queued" in result.output
    assert code in result.output
    with pytest.raises(Failure, match="not valid"):
        importing("transactions", file, "--program", program.code, "--token", f"{token}x")
    with pytest.raises(Failure, match="give one of them"):
        importing("transactions", file, "--program", program.code, "--token", token, "--as", "somebody")
