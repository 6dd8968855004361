"""JSON Lines: one object per line. Numbers stay exactly as they are written; `"attributes.miles"` and an object mean the same."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from domain.imports.lines import BadLine, Layout, Line
from domain.imports.problems import NotJson, UnknownColumns
from domain.services.imports.files.lines import named
from domain.services.imports.files.text import TextFile

_decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


class JsonLinesFile:
    """An open file of JSON Lines."""

    unit = "bytes"

    def __init__(self, source: Path | bytes, layout: Layout) -> None:
        self.text = TextFile(source)
        self.size = self.text.size
        self.layout = layout
        self.known = layout.plain.union(layout.bags)

    @property
    def position(self) -> int:
        """Bytes read so far."""
        return self.text.position

    def __iter__(self) -> Iterator[Line | BadLine]:
        while (line := self.text.next()) is not None:
            number, content, size = line
            if not isinstance(content, str):
                yield BadLine(number, content)
            elif content.strip():
                yield self._line(number, content, size)

    def _line(self, number: int, content: str, size: int) -> Line | BadLine:
        try:
            values = _decoder.decode(content)
        except (msgspec.DecodeError, RecursionError) as error:
            return BadLine(number, NotJson(reason=str(error).removeprefix("JSON is malformed: ")))
        if not values.keys() <= self.known:
            unknown = tuple(name for name in values if name not in self.known and self.layout.place(name) is None)
            if unknown:
                return BadLine(number, UnknownColumns(columns=named(unknown), known=self.layout.names))
            values = folded(values, self.layout)
        return Line(number, values, size)

    def close(self) -> None:
        """Give the file back."""
        self.text.close()


def folded(values: dict[str, Any], layout: Layout) -> dict[str, Any]:
    """Columns such as `attributes.miles` inside their bags."""
    made: dict[str, Any] = {}
    for column, value in values.items():
        bag, name = layout.place(column) or (column, None)
        if name is None:
            made[bag] = {**value, **made[bag]} if isinstance(value, dict) and bag in made else value
        elif isinstance(inside := made.setdefault(bag, {}), dict):
            inside[name] = value
    return made
