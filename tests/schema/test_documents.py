"""The JSON scalar: structure and exact numbers both ways, and nothing that is too large."""

from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLError, parse_value

from schema.documents import MAX_DEPTH, MAX_VALUES, read_document, read_document_literal, write_document

SAMPLE = {"points": Decimal("1.50"), "unit": 2, "when": [{"operator": "IN", "values": ["A", None, True]}], "none": {}}


def nested(depth: int) -> dict[str, Any]:
    return {} if depth == 1 else {"inner": nested(depth - 1)}


def test_a_document_is_read_as_it_is() -> None:
    assert read_document(SAMPLE) == SAMPLE


def test_a_literal_is_read_exactly_with_its_variables() -> None:
    literal = parse_value('{points: 0.1000000000000000055, unit: 2, when: [{values: ["A", null, true, $more]}]}')

    read = read_document_literal(literal, {"more": Decimal("7.5")})

    assert read == {
        "points": Decimal("0.1000000000000000055"),
        "unit": 2,
        "when": [{"values": ["A", None, True, Decimal("7.5")]}],
    }


@pytest.mark.parametrize(
    "value",
    [
        None,
        [1],
        "text",
        {"a": 0.5},
        {"a": Decimal("NaN")},
        {"a": Decimal("1e999999")},
        {"a": Decimal("1e-999999")},
        {"a": 10**30},
        {"a": -(10**30)},
        {"a": Decimal("0." + "1" * 31)},
        {"a": "x" * 20_001},
        {"a": [object()]},
        nested(MAX_DEPTH + 1),
        {"a": [0] * MAX_VALUES},
    ],
)
def test_what_is_inexact_or_too_large_is_refused(value: Any) -> None:
    with pytest.raises(GraphQLError, match="JSON cannot be this"):
        read_document(value)


@pytest.mark.parametrize("value", [nested(MAX_DEPTH), {"a": [0] * (MAX_VALUES - 2)}, {"a": Decimal("9" * 30)}, {}])
def test_the_largest_are_still_read(value: Any) -> None:
    assert read_document(value) == value


@pytest.mark.parametrize("literal", ["[1]", "{a: ENUM}", '"text"', "{a: 1e999999}", "{a: " + "1" * 31 + "}"])
def test_literals_that_are_no_documents_are_refused(literal: str) -> None:
    with pytest.raises(GraphQLError, match="JSON cannot be this"):
        read_document_literal(parse_value(literal))


def test_numbers_are_written_so_that_no_reader_loses_a_digit() -> None:
    written = write_document({"half": Decimal("0.5"), "fine": Decimal("0.1000000000000000055"), "list": (1, 2**60)})

    assert written == {"half": 0.5, "fine": "0.1000000000000000055", "list": [1, str(2**60)]}
