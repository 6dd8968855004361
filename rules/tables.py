"""Decision tables in JDM, ZEN's own JSON format, as a source of points: the first row whose cells all hold decides.

The document has one table between its input and its output; the table's output is `points`. A transaction that no row fits
is a fault: what is to give nothing, a last row says with blank cells and 0.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.problems import Refused
from domain.rule_problems import InvalidRule
from rules.expressions import Kind, compile_cell, compile_expression
from rules.expressions.kinds import Run
from rules.faults import Fault
from rules.findings import build_at, build_each
from rules.scope import Scope

MAX_ROWS = 1000
NODES = frozenset({"inputNode", "outputNode", "decisionTableNode"})
OUTPUT = "points"
IGNORED = frozenset({"_id", "_description"})
"""What a row holds beside its cells."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in the rows, and the attribute it tests or the output it gives."""

    id: str
    field: str | None


Row = tuple[tuple[Run, ...], Run]
"""Tests of a row's cells, and its points."""


def compile_table(document: Mapping[str, Any], scope: Scope) -> Callable[[Any], Decimal]:
    """Points of a decision table; refuses one that ZEN or the attributes do not fit, with row and column."""
    nodes = _list(document, "nodes")
    for index, node in enumerate(nodes):
        if node.get("type") not in NODES:
            raise _wrong(
                "nodes",
                str(index),
                "type",
                reason=f"{node.get('type')!r} cannot be used: have one decision table and no code",
            )
    tables = [index for index, node in enumerate(nodes) if node["type"] == "decisionTableNode"]
    if len(tables) != 1:
        raise _wrong("nodes", reason=f"a document has exactly one decision table, not {len(tables)}")
    content = nodes[tables[0]].get("content")
    rows = build_at(
        "nodes", lambda: build_at(str(tables[0]), lambda: build_at("content", lambda: _rows(content, scope)))
    )
    return _deciding(rows)


def _rows(content: Any, scope: Scope) -> tuple[Row, ...]:
    if not isinstance(content, Mapping):
        raise _wrong(reason="the decision table has no content")
    if content.get("hitPolicy", "first") != "first":
        raise _wrong("hitPolicy", reason="the first row that fits decides: the hit policy is `first`")
    inputs = build_each("inputs", _list(content, "inputs"), lambda column: _input(column, scope))
    outputs = build_each("outputs", _list(content, "outputs"), _output)
    if len(outputs) != 1:
        raise _wrong("outputs", reason=f"a table of points has one output, `{OUTPUT}`, not {len(outputs)}")
    rules = _list(content, "rules")
    if not 1 <= len(rules) <= MAX_ROWS:
        raise _wrong("rules", reason=f"a table has 1 to {MAX_ROWS} rows, not {len(rules)}")
    return build_each("rules", rules, lambda row: _row(row, inputs, outputs[0], scope))


def _input(column: Mapping[str, Any], scope: Scope) -> Column:
    found = Column(str(column.get("id", "")), column.get("field") or None)
    if not found.id:
        raise _wrong("id", reason="a column needs an id")
    if found.field is not None:
        build_at("field", lambda: scope.resolve(str(found.field)))
    return found


def _output(column: Mapping[str, Any]) -> Column:
    if column.get("field") != OUTPUT:
        raise _wrong("field", reason=f"the output of a table of points is `{OUTPUT}`, not {column.get('field')!r}")
    return Column(str(column.get("id", "")), OUTPUT)


def _row(row: Mapping[str, Any], inputs: Sequence[Column], output: Column, scope: Scope) -> Row:
    known = {column.id for column in (*inputs, output)}
    for key in row:
        if key not in known and key not in IGNORED:
            raise _wrong(key, reason=f"this cell belongs to no column; the columns are {', '.join(sorted(known))}")
    cells = [(column, _cell(row, column)) for column in inputs]
    tests = [_test(column, text, scope) for column, text in cells if text]
    points = _cell(row, output)
    if not points:
        raise _wrong(output.id, reason="this row gives no points: write how many, if only 0")
    return tuple(tests), build_at(output.id, lambda: compile_expression(points, scope, Kind.NUMBER).run)


def _test(column: Column, text: str, scope: Scope) -> Run:
    return build_at(column.id, lambda: compile_cell(text, column.field, scope))


def _cell(row: Mapping[str, Any], column: Column) -> str:
    if column.id not in row:
        raise _wrong(column.id, reason='this row has no cell for this column: leave it blank ("") to fit anything')
    return str(row[column.id] if row[column.id] is not None else "").strip()


def _deciding(rows: Sequence[Row]) -> Callable[[Any], Decimal]:
    def points(frame: Any) -> Decimal:
        for index, (tests, result) in enumerate(rows):
            if all(holds(frame, None) is True for holds in tests):
                found = result(frame, None)
                if found is None:
                    raise Fault(f"row {index + 1} of the table gives points that are empty")
                return found  # type: ignore[no-any-return]
        raise Fault("no row of the table fits this transaction")

    return points


def _list(source: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = source.get(name)
    if not isinstance(found, (list, tuple)) or not all(isinstance(each, Mapping) for each in found):
        raise _wrong(name, reason=f"`{name}` is missing from the table, or is no list of objects")
    return list(found)


def _wrong(*path: str, reason: str) -> Refused:
    return Refused(InvalidRule(path=path, reason=reason))
