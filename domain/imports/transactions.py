"""A line of a file of transactions, and the entry that it says: codes stay codes, nothing is looked up yet.

Every line names its own id and date: so a file says the same on every day, and adds nothing the second time.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from domain.attributes import LINE_PREFIX
from domain.commands.imports import TransactionsImport
from domain.entries import MAX_CODE, NewTransaction, check
from domain.imports import cells
from domain.imports.cells import ATTRIBUTES, Read
from domain.imports.lines import Layout
from domain.problems import Invalid, Problem
from domain.programs import Program
from domain.transactions import LineItem, SubType, Type
from domain.values import shown, text_problems

LAYOUT = Layout(
    required=("external_id", "member_number", "type", "transaction_date"),
    optional=(
        "sub_type", "product", "partner", "amount", "currency", "quantity", "base_points", "point_type", "points",
        "qualifying", "comment",
    ),
    lists=("line_items",),
    bags=("attributes",),
)  # fmt: skip
COLUMNS = {"member": "member_number"}
"""What files call otherwise than the API."""

NEEDED = LAYOUT.required
CELLS: Mapping[str, Read] = {
    "external_id": cells.text,
    "member_number": cells.text,
    "type": cells.choice(Type),
    "sub_type": cells.choice(SubType),
    "transaction_date": cells.day,
    "product": cells.text,
    "partner": cells.text,
    "amount": cells.number,
    "currency": cells.text,
    "quantity": cells.number,
    "base_points": cells.number,
    "point_type": cells.text,
    "points": cells.number,
    "qualifying": cells.flag,
    "comment": cells.text,
    "attributes": cells.bag,
    "line_items": cells.items,
}
ITEM_CELLS: Mapping[str, Read] = {
    "product": cells.text,
    "quantity": cells.number,
    "amount": cells.number,
    "attributes": cells.bag,
}


class Reading:
    """How the lines of one import are read: for a program, with the attributes it declares, on a day."""

    def __init__(self, program: Program, default_point_type: str, command: TransactionsImport, today: date) -> None:
        self.program, self.command, self.today = program, command, today
        self.default_point_type = default_point_type
        self.attributes = _declared(program, "transaction.attributes.")
        self.item_attributes = _declared(program, f"{LINE_PREFIX}attributes.")

    def entry(self, values: Mapping[str, Any]) -> NewTransaction | list[Problem]:
        """The entry that a line says, or everything that is wrong with the line by itself."""
        problems: list[Problem] = []
        said = cells.read_cells(values, CELLS, problems)
        cells.need(NEEDED, said, problems)
        attributes = self._attributes(said, self.attributes, problems)
        items = self._items(said.pop("line_items", ()), problems)
        if problems:
            return problems
        entry = self._entry(said, attributes, items)
        problems.extend(text_problems(entry.member, MAX_CODE, "member"))
        problems.extend(self._partner_problems(entry))
        problems.extend(check(entry, self.today, self.program.settings))
        return problems or entry

    def _entry(self, said: dict[str, Any], attributes: dict[str, Any], items: tuple[LineItem, ...]) -> NewTransaction:
        if "currency" not in said and ("amount" in said or any(item.amount is not None for item in items)):
            said["currency"] = self.program.currency
        if "points" in said:
            said.setdefault("point_type", self.default_point_type)
        if self.command.partner is not None:
            said.setdefault("partner", self.command.partner)
        return NewTransaction(
            program=self.program.code,
            member=said.pop("member_number"),
            source=self.command.source,
            attributes=attributes,
            line_items=items,
            **said,
        )

    def _items(self, found: Sequence[Any], problems: list[Problem]) -> tuple[LineItem, ...]:
        return tuple(self._item(item, problems, "line_items", str(index)) for index, item in enumerate(found))

    def _item(self, item: Any, problems: list[Problem], *path: str) -> LineItem:
        if not isinstance(item, dict):
            expected = f"an object with {', '.join(ITEM_CELLS)}"
            problems.append(Invalid(value=shown(str(item)), expected=expected, path=path))
            return LineItem()
        said = cells.read_cells(item, ITEM_CELLS, problems, *path)
        attributes = self._attributes(said, self.item_attributes, problems, *path)
        return LineItem(said.get("product"), said.get("quantity"), said.get("amount"), attributes)

    @staticmethod
    def _attributes(
        said: dict[str, Any], readers: Mapping[str, Read], problems: list[Problem], *path: str
    ) -> dict[str, Any]:
        found = said.pop("attributes", None)
        return cells.read_cells(found, readers, problems, *path, "attributes", other=cells.plain) if found else {}

    def _partner_problems(self, entry: NewTransaction) -> list[Problem]:
        mine = self.command.partner
        if mine in (None, entry.partner):
            return []
        expected = f"{mine}, whose file this is, or nothing"
        return [Invalid(value=shown(entry.partner or ""), expected=expected, path=("partner",))]


def _declared(program: Program, prefix: str) -> Mapping[str, Read]:
    """How to read the attributes that a program declares, by name."""
    return {
        path.removeprefix(prefix): ATTRIBUTES[kind]
        for path, kind in program.attributes.items()
        if path.startswith(prefix)
    }
