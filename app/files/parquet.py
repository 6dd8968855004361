"""Parquet: rows in batches, straight from their typed columns. Decimals and whole numbers are exact; a double counts as the
decimal it shows.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from domain.imports.lines import BadLine, Layout, Line
from domain.imports.problems import DamagedFile
from domain.problems import Refused
from domain.services.imports.files.json_lines import folded
from domain.services.imports.files.lines import check_columns

BATCH = 500
"""So many rows are in memory at once: a row may have a thousand line items."""

BUFFER = 1 << 20


class ParquetFile:
    """An open Parquet file."""

    unit = "rows"

    def __init__(self, path: Path, layout: Layout) -> None:
        self.layout = layout
        self.position = 0
        try:
            self.file = pq.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False)
            schema = self.file.schema_arrow
            self.size: int = self.file.metadata.num_rows
        except (pa.ArrowException, OSError) as error:
            raise Refused(DamagedFile(reason=_first_line(error))) from None
        check_columns(schema.names, layout)
        self.doubles = [field.name for field in schema if pa.types.is_floating(field.type)]
        self.folds = not layout.plain.union(layout.bags).issuperset(schema.names)

    def __iter__(self) -> Iterator[Line | BadLine]:
        batches = self.file.iter_batches(batch_size=BATCH)
        while True:
            try:
                batch = next(batches, None)
            except (pa.ArrowException, OSError) as error:
                raise Refused(DamagedFile(reason=f"after row {self.position}, {_first_line(error)}")) from None
            if batch is None:
                return
            size = batch.nbytes // max(1, batch.num_rows)
            for row in batch.to_pylist():
                self.position += 1
                yield Line(self.position, self._values(row), size)

    def _values(self, row: dict[str, Any]) -> dict[str, Any]:
        for name in self.doubles:
            if row[name] != row[name]:
                row[name] = None
        return folded(row, self.layout) if self.folds else row

    def close(self) -> None:
        """Give the file back."""
        self.file.close()


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
