"""Scalars: what is taken, what is refused, and how values are written."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLError, parse_value

from schema.attributes import Attributes, read_attributes, write_attributes
from schema.scalars import (
    SCALARS,
    Points,
    read_date,
    read_decimal,
    read_moment,
    read_points,
    write_date,
    write_moment,
    write_number,
)


def literal(scalar: Any, text: str, variables: dict[str, Any] | None = None) -> Any:
    read = SCALARS[scalar].parse_literal
    assert read is not None
    return read(parse_value(text), variables)


@pytest.mark.parametrize(
    ("given", "points"),
    [
        ("1500", "1500"),
        ("40.32", "40.32"),
        ("0.0001", "0.0001"),
        ("40.30", "40.30"),
        (1500, "1500"),
        (0, "0"),
        ("-5", "-5"),
        ("-0", "0"),
        ("007", "7"),
        (9007199254740993, "9007199254740993"),
        ("9" * 20 + ".9999", "9" * 20 + ".9999"),
        (10**20 - 1, "9" * 20),
    ],
)
def test_points_are_exact_from_a_string_or_an_integer(given: object, points: str) -> None:
    assert str(read_points(given)) == points


@pytest.mark.parametrize(
    "given",
    [
        1.5,
        1500.0,
        Decimal("1.5"),
        True,
        None,
        [],
        {},
        "",
        " 5",
        "5 ",
        "+5",
        "5.",
        ".5",
        "1e3",
        "1e9999",
        "1E+3",
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "0x10",
        "1_000",
        "1,000",
        "1.23456",
        "9" * 21,
        "9" * 100_000,
        10**20,
        -(10**20),
        "\u0663",
        "\uff15",
        "5\n",
        "5\0",
    ],
)
def test_points_that_are_not_exact_are_refused(given: object) -> None:
    with pytest.raises(GraphQLError, match=r'^Points cannot be .{1,80}: expected a string such as "1500"'):
        read_points(given)


def test_points_in_a_document_are_read_from_their_text() -> None:
    assert literal(Points, '"40.32"') == Decimal("40.32")
    assert literal(Points, "12345678901234567890") == Decimal(12345678901234567890)


@pytest.mark.parametrize("text", ["1.5", "1e3", "true", "null", "[1]", "{a: 1}", "ENUM", "9" * 5000])
def test_other_literals_are_no_points(text: str) -> None:
    with pytest.raises(GraphQLError, match=r"^Points cannot be "):
        literal(Points, text)


def test_a_decimal_has_up_to_ten_decimals() -> None:
    assert read_decimal("0.0000000001") == Decimal("0.0000000001")
    with pytest.raises(GraphQLError, match=r'^Decimal cannot be \'0.00000000001\': expected a string such as "12.50"'):
        read_decimal("0.00000000001")


def test_numbers_are_written_without_exponents_and_with_their_decimals() -> None:
    written = [write_number(Decimal(text)) for text in ("40.30", "1E+3", "1E-4", "0", "123456789012345678901.5")]
    assert written == ["40.30", "1000", "0.0001", "0", "123456789012345678901.5"]


@pytest.mark.parametrize("value", [1.5, 1, "1", None, Decimal("NaN"), Decimal("Infinity")])
def test_writing_what_is_not_an_exact_number_is_a_bug(value: object) -> None:
    with pytest.raises(TypeError):
        write_number(value)


def test_a_date_is_a_day_of_the_calendar() -> None:
    assert read_date("2028-02-29") == date(2028, 2, 29)
    assert write_date(date(2026, 1, 31)) == "2026-01-31"


@pytest.mark.parametrize(
    "given",
    [
        "2026-02-29",
        "2026-13-01",
        "20260131",
        "2026-W05-6",
        "2026-1-1",
        "2026-01-31T00:00:00",
        "0000-01-01",
        5,
        None,
        "\uff12026-01-01",
    ],
)
def test_other_dates_are_refused(given: object) -> None:
    with pytest.raises(GraphQLError, match=r'^Date cannot be .*: expected a calendar date such as "2026-01-31"'):
        read_date(given)


def test_a_moment_where_a_date_belongs_is_a_bug() -> None:
    with pytest.raises(TypeError):
        write_date(datetime(2026, 1, 31, tzinfo=UTC))


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-01-31T09:30:00Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31T09:30:00+01:00", datetime(2026, 1, 31, 8, 30, tzinfo=UTC)),
        ("2026-01-31T09:30Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31T09:30:00.123456-05:30", datetime(2026, 1, 31, 15, 0, 0, 123456, tzinfo=UTC)),
    ],
)
def test_a_moment_is_turned_into_utc(given: str, moment: datetime) -> None:
    read = read_moment(given)
    assert (read, read.utcoffset()) == (moment, timedelta(0))


@pytest.mark.parametrize(
    "given",
    [
        "2026-01-31T09:30:00",
        "2026-01-31",
        "2026-01-31 09:30:00Z",
        "2026-01-31T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "20260131T093000Z",
        "2026-01-31T09:30:00+99:00",
        1769848200,
        None,
    ],
)
def test_a_moment_without_an_offset_or_outside_the_calendar_is_refused(given: object) -> None:
    with pytest.raises(GraphQLError, match=r"^DateTime cannot be .*: expected a moment with its offset"):
        read_moment(given)


def test_moments_are_written_in_utc_with_their_offset() -> None:
    east = datetime(2026, 1, 31, 9, 30, tzinfo=timezone(timedelta(hours=1)))
    assert write_moment(east) == "2026-01-31T08:30:00+00:00"
    with pytest.raises(TypeError):
        write_moment(datetime(2026, 1, 31, 9, 30))  # noqa: DTZ001 naive on purpose


def test_attributes_keep_numbers_exact() -> None:
    given = {"department": "BAKERY", "weight": Decimal("1.10"), "count": 3, "organic": True, "note": None}
    read = read_attributes(given)
    assert read == given
    assert [type(value) for value in read.values()] == [str, Decimal, int, bool, type(None)]


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        [1],
        {"a": 1},
        "x" * 1001,
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("1E+400"),
        Decimal("1E+999999999"),
        Decimal("1E-999999999"),
        Decimal("1E+20"),
        Decimal("1E-11"),
        10**20,
    ],
)
def test_an_attribute_is_a_plain_and_bounded_value(value: object) -> None:
    with pytest.raises(GraphQLError, match=r"^The attribute 'fare' cannot be .*: expected a string of at most 1000"):
        read_attributes({"fare": value})


def test_an_exponent_is_only_another_way_to_write_a_number() -> None:
    read = read_attributes({"miles": Decimal("1.5E+3"), "rate": Decimal("1E-10"), "most": Decimal("1E+19")})
    assert {name: str(value) for name, value in read.items()} == {
        "miles": "1500",
        "rate": "1E-10",
        "most": "1" + "0" * 19,
    }


@pytest.mark.parametrize("given", [None, "text", 5, [], [{"a": 1}]])
def test_attributes_are_an_object(given: object) -> None:
    with pytest.raises(GraphQLError, match=r"^Attributes cannot be .*: expected an object"):
        read_attributes(given)


def test_attributes_are_bounded_in_number_and_name() -> None:
    with pytest.raises(GraphQLError, match=r"^Attributes has 101 names; at most 100 are allowed.$"):
        read_attributes({f"a{i}": i for i in range(101)})
    for name in ("", "x" * 65):
        with pytest.raises(
            GraphQLError, match=f"^A name of Attributes has {len(name)} characters; 1 to 64 are allowed.$"
        ):
            read_attributes({name: 1})


def test_attributes_in_a_document_are_exact_and_may_hold_variables() -> None:
    text = '{fare: 12.10, miles: 12345678901234567, cabin: "Y", upgraded: false, seat: null, code: $code}'
    assert literal(Attributes, text, {"code": "LH"}) == {
        "fare": Decimal("12.10"),
        "miles": 12345678901234567,
        "cabin": "Y",
        "upgraded": False,
        "seat": None,
        "code": "LH",
    }


@pytest.mark.parametrize("text", ["[1]", '"text"', "{a: [1]}", "{a: {b: 1}}", "{a: ENUM}", "{a: 1e400}", "5"])
def test_other_literals_are_no_attributes(text: str) -> None:
    with pytest.raises(GraphQLError, match=r" cannot be .*: expected "):
        literal(Attributes, text)


def test_a_number_is_written_as_a_number_only_where_no_reader_can_lose_a_digit() -> None:
    given = {
        "small": 3,
        "fare": Decimal("12.10"),
        "big": 2**53,
        "exact": 2**53 - 1,
        "long": Decimal("0.1234567890123456789"),
        "text": "x",
        "yes": True,
        "day": date(2026, 1, 31),
        "none": None,
    }
    assert write_attributes(given) == {
        "small": 3,
        "fare": 12.1,
        "big": "9007199254740992",
        "exact": 9007199254740991,
        "long": "0.1234567890123456789",
        "text": "x",
        "yes": True,
        "day": "2026-01-31",
        "none": None,
    }


def test_writing_what_is_no_mapping_is_a_bug() -> None:
    with pytest.raises(TypeError):
        write_attributes("text")
