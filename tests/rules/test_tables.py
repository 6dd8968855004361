"""Decision tables: points by fare class and tier, read as ZEN reads them, and refused with row and column."""

import json
from decimal import Decimal
from typing import Any

import pytest
import zen
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.promotions import AssignPoints, Rule
from tests.rules.samples import error_of, facts, points, problems
from tests.rules.zen_cases import as_json

INPUTS = [
    {"id": "fare", "name": "Channel", "field": "transaction.attributes.channel"},
    {"id": "tier", "name": "Tier", "field": "tier.code"},
    {"id": "miles", "name": "Miles", "field": "transaction.attributes.miles"},
    {"id": "if", "name": "If"},
]
OUTPUTS = [{"id": "points", "name": "Points", "field": "points"}]


def row(fare: str = "", tier: str = "", miles: str = "", condition: str = "", points: str = "1") -> dict[str, str]:
    return {"_id": "r", "fare": fare, "tier": tier, "miles": miles, "if": condition, "points": points}


def a_table(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    content = {"hitPolicy": "first", "inputs": INPUTS, "outputs": OUTPUTS, "rules": list(rows), **changes}
    at = {"position": {"x": 0, "y": 0}}
    return {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "Request", **at},
            {"id": "table", "type": "decisionTableNode", "name": "Points", "content": content, **at},
            {"id": "out", "type": "outputNode", "name": "Response", **at},
        ],
        "edges": [
            {"id": "a", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "b", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }


FARES = a_table(
    row("'FIRST'", "'GOLD', 'PLATINUM'", "", "", "transaction.attributes.miles * 3"),
    row("'FIRST'", points="transaction.attributes.miles * 2"),
    row("'ECONOMY', 'LIGHT'", "", "< 500", "", "500"),
    row("'ECONOMY'", "", "[500..1000)", "", "transaction.attributes.miles"),
    row("'ECONOMY'", "", ">= 1000 and < 5000", "transaction.amount > 300", "transaction.attributes.miles * 1.25"),
    row("", "", "> 5000", "", "10000"),
    row("!= 'CHARTER'", "", "", "", "1"),
)


@pytest.mark.parametrize(
    ("channel", "tier", "miles", "amount", "expected"),
    [
        ("FIRST", "GOLD", 600, 100, "1800"), ("FIRST", "PLATINUM", 1, 100, "3"), ("FIRST", "SILVER", 600, 100, "1200"),
        ("LIGHT", "GOLD", 499, 100, "500"), ("ECONOMY", "GOLD", 500, 100, "500"), ("ECONOMY", "GOLD", 999, 100, "999"),
        ("ECONOMY", "GOLD", 1000, 300, "1"), ("ECONOMY", "GOLD", 1001, 301, "1251.25"), ("X", "GOLD", 5001, 1, "10000"),
        ("LIGHT", "GOLD", 500, 100, "1"),
    ],
)  # fmt: skip
def test_the_first_row_that_fits_gives_the_points(
    channel: str, tier: str, miles: int, amount: int, expected: str
) -> None:
    given_facts = facts(
        transaction__attributes={"channel": channel, "miles": miles},
        tier__code=tier,
        transaction__amount=Decimal(amount),
    )
    assert points(AssignPoints(table=FARES), given_facts) == Decimal(expected)


def test_a_transaction_that_no_row_fits_is_an_error_and_not_a_zero() -> None:
    given_facts = facts(transaction__attributes={"channel": "CHARTER", "miles": 1})
    assert error_of(AssignPoints(table=FARES), given_facts) == "no row of the table fits this transaction"


@pytest.mark.parametrize("cell", ["'WEB'", "!= 'WEB'", "not in ['WEB']", "in ['WEB']", "startsWith($, 'W')", "< 'Z'"])
def test_no_cell_fits_an_empty_value(cell: str) -> None:
    table = a_table(row(cell, points="5"), row(points="0"))
    assert points(AssignPoints(table=table), facts(transaction__attributes={"miles": 1})) == 0


def test_a_cell_may_ask_for_an_empty_value() -> None:
    table = a_table(row("$ == null", points="5"), row(points="0"))
    assert points(AssignPoints(table=table), facts(transaction__attributes={"miles": 1})) == 5


def test_points_that_are_empty_are_an_error_that_names_the_row() -> None:
    table = a_table(row("'FIRST'"), row(points="member.attributes.nights"))
    assert error_of(AssignPoints(table=table), facts()) == "row 2 of the table gives points that are empty"


AT = ("promotions", "SPRING", "rules", "0", "actions", "0", "table", "nodes", "1", "content")
WITHOUT_TIER = {key: value for key, value in row().items() if key != "tier"}

WRONG: list[tuple[dict[str, Any], tuple[str, ...], str]] = [
    (a_table(row(fare="'FIRST")), ("rules", "0", "fare"), "The expression is wrong at position 1: the text that begins with ' does not end."),
    (a_table(row(), row(miles="> 'x'")), ("rules", "1", "miles"), "The expression is wrong at position 3: a number cannot be compared with a text."),
    (a_table(row(points="transaction.amont")), ("rules", "0", "points"),
     "There is no attribute 'transaction.amont' at position 1. Did you mean 'transaction.amount'?"),
    (a_table(row(points="tier.code")), ("rules", "0", "points"), "The expression is wrong at position 1: expected a number, found a text."),
    (a_table(row(points="rand(5)")), ("rules", "0", "points"),
     "The expression is wrong at position 1: rand() asks chance: a rule must give the same result whenever it runs."),
    (a_table(row(points="")), ("rules", "0", "points"), "This row gives no points: write how many, if only 0."),
    (a_table(row(condition="$ > 5")), ("rules", "0", "if"),
     "The expression is wrong at position 1: `$` stands for the value of a column: use it in the cells of a decision table."),
    (a_table(WITHOUT_TIER), ("rules", "0", "tier"), 'This row has no cell for this column: leave it blank ("") to fit anything.'),
    (a_table({**row(), "cabin": "'Y'"}), ("rules", "0", "cabin"),
     "This cell belongs to no column; the columns are fare, if, miles, points, tier."),
    (a_table(row(), inputs=[{"id": "x", "field": "tier.kode"}]), ("inputs", "0", "field"),
     "There is no attribute 'tier.kode'. Did you mean 'tier.code'?"),
    (a_table(row(), outputs=[]), ("outputs",), "A table of points has one output, `points`, not 0."),
    (a_table(row(), outputs=[{"id": "o", "field": "bonus"}]), ("outputs", "0", "field"),
     "The output of a table of points is `points`, not 'bonus'."),
    (a_table(row(), hitPolicy="collect"), ("hitPolicy",), "The first row that fits decides: the hit policy is `first`."),
    (a_table(), ("rules",), "A table has 1 to 1000 rows, not 0."),
    (a_table(rules=5), ("rules",), "`rules` is missing from the table, or is no list of objects."),
]  # fmt: skip


@pytest.mark.parametrize(("table", "path", "message"), WRONG)
def test_a_wrong_table_is_refused_with_row_and_column(
    table: dict[str, Any], path: tuple[str, ...], message: str
) -> None:
    (problem,) = problems(Rule((AssignPoints(table=table),)))
    assert (problem.path, problem.message) == ((*AT, *path), message)


def test_a_document_has_one_table_and_no_code() -> None:
    code = {"nodes": [{"id": "f", "type": "functionNode", "content": "Date.now()"}], "edges": []}
    (problem,) = problems(Rule((AssignPoints(table=code),)))
    assert problem.path == (*AT[:-2], "0", "type")
    assert problem.message == "'functionNode' cannot be used: have one decision table and no code."
    (problem,) = problems(Rule((AssignPoints(table={"nodes": [{"type": "inputNode"}]}),)))
    assert problem.message == "A document has exactly one decision table, not 0."


TEXT_CELLS = st.sampled_from(
    ["", "'FIRST'", "'FIRST', 'LIGHT'", "!= 'FIRST'", "in ['LIGHT']", "not in ['LIGHT', 'X']", "startsWith($, 'L')"]
)
NUMBER_CELLS = st.sampled_from(
    ["", "5", "5, 7", "> 5", "< 5, > 7", ">= 5 and < 7", "[5..7]", "(5..7)", "[1..2], 7", "!= 5", "$ * 2 > 10", "-1"]
)
CONDITIONS = st.sampled_from(["", "transaction.amount > 50", "tier.code == 'GOLD' and transaction.amount > 10"])
OUTPUT_CELLS = st.sampled_from(["1", "transaction.amount * 2", "transaction.attributes.miles + 2.25", "500"])
ROWS = st.lists(st.builds(row, TEXT_CELLS, st.just(""), NUMBER_CELLS, CONDITIONS, OUTPUT_CELLS), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None)
@given(ROWS, st.sampled_from(["FIRST", "LIGHT", "X"]), st.integers(-2, 9), st.decimals(0, 100, places=2))
def test_a_table_gives_what_zen_gives(rows: list[dict[str, str]], channel: str, miles: int, amount: Decimal) -> None:
    rows = [*rows, row(points="0")]
    given_facts = facts(transaction__attributes={"channel": channel, "miles": miles}, transaction__amount=amount)
    as_text = a_table(*({**each, "points": f"string({each['points']})"} for each in rows))
    read = {name: given_facts[name] for name in ("tier",)}
    read["transaction"] = {name: given_facts["transaction"][name] for name in ("amount", "attributes")}
    answer = zen.ZenEngine().create_decision(json.dumps(as_text)).evaluate(as_json(read))
    assert points(AssignPoints(table=a_table(*rows)), given_facts) == Decimal(answer["result"]["points"])
