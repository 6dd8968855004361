"""Reading files: CSV, JSON Lines and Parquet give the same lines; what is wrong with a file or a line is said clearly."""

import tracemalloc
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.files import open_lines
from domain.imports import members
from domain.imports.lines import BadLine, Line
from domain.imports.problems import (
    BrokenQuotes,
    DamagedFile,
    EmptyFile,
    LineTooLong,
    MissingColumns,
    NotInThisFormat,
    NotJson,
    NulByte,
    RepeatedColumns,
    UnknownColumns,
    UnknownFormat,
    WrongEncoding,
    WrongFieldCount,
)
from domain.imports.transactions import LAYOUT
from domain.problems import Problem, Refused
from domain.services.imports.files.text import LONGEST_LINE

HEADER = "external_id,member_number,type,transaction_date,amount,attributes.miles\n"
FIRST = "A,1001,ACCRUAL,2026-01-05,12.50,7\n"
SAID = {
    "external_id": "A",
    "member_number": "1001",
    "type": "ACCRUAL",
    "transaction_date": "2026-01-05",
    "amount": "12.50",
}
VALUES = SAID | {"attributes": {"miles": "7"}}

Write = Callable[[str | bytes], Path]


@pytest.fixture
def csv_file(tmp_path: Path) -> Write:
    return lambda content: _written(tmp_path / "file.csv", content)


@pytest.fixture
def json_file(tmp_path: Path) -> Write:
    return lambda content: _written(tmp_path / "file.jsonl", content)


def _written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path: Path, format: str | None = None) -> list[Line | BadLine]:
    with open_lines(path, LAYOUT, format) as lines:
        found = list(lines)
        assert lines.position == lines.size
        return found


def values(found: list[Line | BadLine]) -> list[tuple[int, Any]]:
    """Number and values of each line; of a bad one, the problem."""
    return [(each.number, each.values if isinstance(each, Line) else each.problem) for each in found]


def refusal(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(Refused) as refused:
        read(path)
    return refused.value.problems


@pytest.mark.parametrize(
    "content",
    [
        HEADER + FIRST,
        "\ufeff" + HEADER + FIRST,
        (HEADER + FIRST).replace("\n", "\r\n"),
        HEADER + FIRST.removesuffix("\n"),
        HEADER.replace(",", ";") + FIRST.replace(",", ";"),
        HEADER.replace(",", "\t") + FIRST.replace(",", "\t"),
        HEADER.replace(",", " , ") + '"A","1001","ACCRUAL","2026-01-05","12.50","7"\n',
    ],
    ids=["plain", "byte order mark", "CRLF", "no line end", "semicolons", "tabs", "quotes"],
)
def test_a_csv_file_is_read_whatever_wrote_it(csv_file: Write, content: str) -> None:
    assert values(read(csv_file(content))) == [(2, VALUES)]


def test_an_empty_cell_is_absent_and_an_empty_line_no_line(csv_file: Write) -> None:
    found = values(read(csv_file(HEADER + "\n" + "A,1001,ACCRUAL,,,\n\n\n" + FIRST)))
    first = {"external_id": "A", "member_number": "1001", "type": "ACCRUAL", "attributes": {}}
    assert found == [(3, first), (6, VALUES)]


def test_a_value_may_span_lines_and_the_next_line_keeps_its_number(csv_file: Write) -> None:
    found = values(read(csv_file(HEADER.replace("amount", "comment") + 'A,1,X,Y,"two\nlines, ""quoted""",\n' + FIRST)))
    assert found[0][1]["comment"] == 'two\nlines, "quoted"'
    assert [number for number, _ in found] == [2, 4]


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        ('B,"open,3\n', BrokenQuotes(reason="a quote is not closed")),
        ('B,"un"closed,X,Y,3,\n', BrokenQuotes(reason="',' expected after '\"'")),
        ("B,1001\n", WrongFieldCount(found=2, expected=6)),
        ("B,1001,ACCRUAL,2026-01-05,1,234.50,7\n", WrongFieldCount(found=7, expected=6)),
    ],
)
def test_a_broken_line_costs_only_itself(csv_file: Write, broken: str, problem: Problem) -> None:
    found = values(read(csv_file(HEADER + FIRST + broken + FIRST + FIRST)))
    assert found == [(2, VALUES), (3, problem), (4, VALUES), (5, VALUES)]


def test_bytes_that_are_no_text_cost_only_their_line(csv_file: Write) -> None:
    content = HEADER.encode() + b"caf\xe9,1,2,3,4,5\n" + b'B,"open\n' + b"\xff\n" + b"C\0,1,2,3,4,5\n" + FIRST.encode()
    assert values(read(csv_file(content))) == [
        (2, WrongEncoding(found="byte 4 of the line is 0xe9")),
        (3, BrokenQuotes(reason="a quote is not closed")),
        (4, WrongEncoding(found="byte 1 of the line is 0xff")),
        (5, NulByte(position=2)),
        (6, VALUES),
    ]


@pytest.mark.parametrize("write", ["csv_file", "json_file"])
def test_a_huge_line_costs_only_itself(write: str, request: pytest.FixtureRequest) -> None:
    header = HEADER if write == "csv_file" else ""
    path = request.getfixturevalue(write)(
        header + "x" * 3 * LONGEST_LINE + "\n" + ("" if header else '{"external_id": 1}')
    )
    found = values(read(path))
    assert found[0] == (1 + bool(header), LineTooLong(limit=LONGEST_LINE))
    assert len(found) == 2 - bool(header)


def test_a_quote_that_swallows_a_megabyte_gives_it_back(csv_file: Write) -> None:
    lines = LONGEST_LINE // len(FIRST) + 100
    found = read(csv_file(HEADER + 'B,"open\n' + FIRST * lines))
    assert isinstance(found[0], BadLine)
    assert (len(found), found[0].problem) == (lines + 1, BrokenQuotes(reason="a quote is not closed"))
    assert [each.number for each in found] == list(range(2, lines + 3))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", EmptyFile()),
        (b"\n\n", EmptyFile()),
        (HEADER.encode("utf-16"), WrongEncoding(found="its first bytes say UTF-16")),
        (HEADER.encode("utf-32"), WrongEncoding(found="its first bytes say UTF-32")),
        (HEADER.encode("utf-16-le"), NulByte(position=2, path=("header",))),
        (b"\xe9" + HEADER.encode(), WrongEncoding(found="byte 1 of the line is 0xe9", path=("header",))),
        (b"x" * (LONGEST_LINE + 1), LineTooLong(limit=LONGEST_LINE, path=("header",))),
        (b'"abc', BrokenQuotes(reason="in the header, unexpected end of data")),
        (HEADER.replace("amount", "line_items").encode(), NotInThisFormat(columns=("line_items",))),
        (HEADER.replace("amount", "amuont").encode(), UnknownColumns(columns=("amuont",), known=LAYOUT.names)),
        (
            HEADER.replace("amount", "attributes.").encode(),
            UnknownColumns(columns=("attributes.",), known=LAYOUT.names),
        ),
        (HEADER.replace("amount", "type").encode(), RepeatedColumns(columns=("type",))),
        (
            b"external_id,amount\n",
            MissingColumns(columns=("member_number", "type", "transaction_date"), found=("external_id", "amount")),
        ),
    ],
)
def test_a_csv_file_that_is_wrong_as_a_whole_is_refused(csv_file: Write, content: bytes, problem: Problem) -> None:
    assert refusal(csv_file(content)) == (problem,)


def test_a_header_alone_has_no_lines(csv_file: Write) -> None:
    assert read(csv_file(HEADER)) == []


def test_a_file_says_by_its_name_what_it_is_unless_it_is_told(tmp_path: Path) -> None:
    path = _written(tmp_path / "file.txt", HEADER + FIRST)
    [problem] = refusal(path)
    assert isinstance(problem, UnknownFormat)
    assert ".csv" in problem.message
    assert values(read(path, "csv")) == [(2, VALUES)]


def test_json_numbers_stay_exactly_as_they_are_written(json_file: Write) -> None:
    line = '{"external_id": 7, "amount": 12.50, "quantity": 1e2, "attributes": {"miles": 0.1}, "line_items": [{"amount": 0.30}]}'
    [(number, found)] = values(read(json_file(line)))
    assert number == 1
    assert found == {
        "external_id": 7, "amount": Decimal("12.50"), "quantity": Decimal(100), "attributes": {"miles": Decimal("0.1")},
        "line_items": [{"amount": Decimal("0.30")}],
    }  # fmt: skip


def test_attributes_may_be_an_object_or_columns_of_their_own(json_file: Write) -> None:
    lines = (
        '{"attributes.a": 1, "attributes": {"b": 2}}\n{"attributes": {"b": 2}, "attributes.a": 1}\n{"attributes.a": 1}'
    )
    found = [line["attributes"] for _, line in values(read(json_file(lines)))]
    assert found == [{"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1}]


def test_json_that_is_no_object_costs_only_its_line(json_file: Write) -> None:
    deep = '{"x": ' + "[" * 50_000
    lines = ["[1]", '{"external_id": ', '{"amount": NaN}', deep, '{"amuont": 1}', "", '{"external_id": "A"}', ""]
    found = values(read(json_file("\n".join(lines))))
    assert [number for number, _ in found] == [1, 2, 3, 4, 5, 7]
    assert [type(problem) for _, problem in found[:5]] == [NotJson, NotJson, NotJson, NotJson, UnknownColumns]
    assert found[0][1].message == "The line is not a JSON object: Expected `object`, got `array`."
    assert found[5][1] == {"external_id": "A"}


def parquet(path: Path, **columns: Any) -> Path:
    given = {"external_id": ["A"], "member_number": [1001], "type": ["ACCRUAL"], "transaction_date": [date(2026, 1, 5)]}
    pq.write_table(pa.table(given | columns), path)
    return path


def test_parquet_gives_typed_values_row_by_row(tmp_path: Path) -> None:
    item = {"product": "SKU", "quantity": Decimal("1.5"), "attributes": {"department": "PRODUCE"}}
    path = parquet(
        tmp_path / "file.parquet", amount=pa.array([Decimal("12.50")], pa.decimal128(12, 2)), line_items=[[item]],
        **{"attributes.miles": [None], "attributes.shop": ["S1"], "base_points": [1.25], "points": [float("nan")]},
    )  # fmt: skip
    [(number, found)] = values(read(path))
    assert number == 1
    assert {name: value for name, value in found.items() if value is not None} == {
        "external_id": "A", "member_number": 1001, "type": "ACCRUAL", "transaction_date": date(2026, 1, 5),
        "amount": Decimal("12.50"), "line_items": [item], "attributes": {"miles": None, "shop": "S1"}, "base_points": 1.25,
    }  # fmt: skip


def test_rows_of_parquet_are_numbered_across_batches(tmp_path: Path) -> None:
    many = 1_201
    path = parquet(
        tmp_path / "file.pq", external_id=[f"E{number}" for number in range(many)], member_number=["1"] * many,
        type=["ACCRUAL"] * many, transaction_date=[datetime(2026, 1, 5)] * many,  # noqa: DTZ001
    )  # fmt: skip
    found = read(path)
    assert [each.number for each in found] == list(range(1, many + 1))


def test_a_parquet_file_with_wrong_columns_is_refused(tmp_path: Path) -> None:
    assert refusal(parquet(tmp_path / "a.parquet", amuont=[1])) == (
        UnknownColumns(columns=("amuont",), known=LAYOUT.names),
    )
    pq.write_table(pa.table({"external_id": ["A"]}), tmp_path / "b.parquet")
    assert [type(problem) for problem in refusal(tmp_path / "b.parquet")] == [MissingColumns]


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    whole = parquet(tmp_path / "a.parquet").read_bytes()
    for damaged in (b"PAR1", whole[:-1], b"no parquet at all" * 10):
        [problem] = refusal(_written(tmp_path / "b.parquet", damaged))
        assert isinstance(problem, DamagedFile)
    pages = whole[:4] + b"\xff" * 60 + whole[64:]
    with pytest.raises(Refused) as refused:
        read(_written(tmp_path / "c.parquet", pages))
    assert [type(problem) for problem in refused.value.problems] == [DamagedFile]


def test_a_layout_of_members_has_bags_of_its_own(tmp_path: Path) -> None:
    path = _written(tmp_path / "m.csv", "number,name,address.city,identifiers.CARD,consents.NEWS\n1,Ada,Bonn,C1,true\n")
    with open_lines(path, members.LAYOUT) as lines:
        [line] = list(lines)
    assert isinstance(line, Line)
    assert line.values == {
        "number": "1", "name": "Ada", "address": {"city": "Bonn"}, "identifiers": {"CARD": "C1"}, "consents": {"NEWS": "true"},
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, kind: str) -> None:
    def peak(lines: int) -> int:
        path = tmp_path / f"{lines}.{kind}"
        if kind == "csv":
            path.write_text(HEADER + FIRST * lines)
        elif kind == "jsonl":
            path.write_text('{"external_id": "A", "attributes": {"miles": 7}}\n' * lines)
        else:
            rows = {"external_id": ["A"], "member_number": ["1"], "type": ["X"], "transaction_date": ["Y"]}
            pq.write_table(pa.table({name: value * lines for name, value in rows.items()}), path)
        tracemalloc.start()
        with open_lines(path, LAYOUT) as opened:
            assert sum(1 for _ in opened) == lines
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(2_000)
    assert peak(40_000) < peak(2_000) + 200_000
