"""A line of a file of members. An empty cell says nothing; `identifiers.CARD` is a card, `consents.NEWS` is true or false."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.commands.member_imports import MemberRow
from domain.commands.members import ConsentGiven
from domain.imports import cells
from domain.imports.cells import ATTRIBUTES, Read
from domain.imports.lines import Layout
from domain.members import Address, Identifier, MemberKind, MemberStatus
from domain.problems import Problem
from domain.profiles import MAX_IDENTIFIER
from domain.programs import Program
from domain.values import shown, text_problems

LAYOUT = Layout(
    required=("number", "name"),
    optional=("kind", "status", "email", "phone", "birth_date", "language", "referrer_number", "enrolled_on"),
    bags=("address", "identifiers", "consents", "attributes"),
)
COLUMNS: Mapping[str, str] = {}

CELLS: Mapping[str, Read] = {
    "number": cells.text,
    "name": cells.text,
    "kind": cells.choice(MemberKind),
    "status": cells.choice(MemberStatus),
    "email": cells.text,
    "phone": cells.text,
    "birth_date": cells.day,
    "language": cells.text,
    "referrer_number": cells.text,
    "enrolled_on": cells.day,
    "address": cells.bag,
    "identifiers": cells.bag,
    "consents": cells.bag,
    "attributes": cells.bag,
}
ADDRESS: Mapping[str, Read] = {
    "lines": cells.lines,
    "city": cells.text,
    "region": cells.text,
    "postal_code": cells.text,
    "country": cells.text,
}
MAX_NUMBER = 64


class Reading:
    """How the lines of one import are read, with the attributes that the program declares."""

    def __init__(self, program: Program) -> None:
        prefix = "member.attributes."
        self.attributes = {
            path.removeprefix(prefix): ATTRIBUTES[kind]
            for path, kind in program.attributes.items()
            if path.startswith(prefix)
        }

    def row(self, values: Mapping[str, Any]) -> MemberRow | list[Problem]:
        """What a line says of a member, or everything that is wrong with it by itself."""
        problems: list[Problem] = []
        said = cells.read_cells(values, CELLS, problems)
        cells.need(LAYOUT.required, said, problems)

        def bag(name: str, readers: Mapping[str, Read], other: Read | None = None) -> dict[str, Any]:
            return cells.read_cells(said.pop(name, {}), readers, problems, name, other=other)

        address = bag("address", ADDRESS)
        identifiers = bag("identifiers", {}, cells.text)
        consents = bag("consents", {}, cells.flag)
        attributes = bag("attributes", self.attributes, cells.plain)
        if problems:
            return problems
        row = MemberRow(
            address=Address(**address) if address else None,
            identifiers=tuple(Identifier(*each) for each in identifiers.items()),
            consents=tuple(ConsentGiven(*each) for each in consents.items()),
            attributes=attributes,
            **said,
        )
        return list(_key_problems(row)) or row


def _key_problems(row: MemberRow) -> Iterator[Problem]:
    """What is looked up before anything else is checked must at least be text that can be."""
    yield from text_problems(row.number, MAX_NUMBER, "number")
    yield from text_problems(row.referrer_number, MAX_NUMBER, "referrer_number")
    for card in row.identifiers:
        yield from text_problems(card.kind, MAX_IDENTIFIER, "identifiers", shown(card.kind))
        yield from text_problems(card.value, MAX_IDENTIFIER, "identifiers", shown(card.kind))
