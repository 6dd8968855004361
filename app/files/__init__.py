"""Files of many lines, read in constant memory: CSV, JSON Lines and Parquet look the same to whoever imports them.

A file that is wrong as a whole is refused when it is opened; a line that is wrong comes out as a `BadLine` among the others.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from app.files.parquet import ParquetFile
from domain.imports.lines import Layout
from domain.imports.problems import EmptyFile, UnknownFormat
from domain.problems import Refused
from domain.services.imports.files.csv_files import CsvFile
from domain.services.imports.files.json_lines import JsonLinesFile
from domain.services.imports.files.lines import LineFile

__all__ = ["FORMATS", "LineFile", "open_lines"]

FORMATS: Mapping[str, Callable[[Path, Layout], LineFile]] = MappingProxyType(
    {"csv": CsvFile, "jsonl": JsonLinesFile, "parquet": ParquetFile}
)
SUFFIXES = MappingProxyType(
    {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".pq": "parquet"}
)


@contextmanager
def open_lines(path: Path, layout: Layout, format: str | None = None) -> Iterator[LineFile]:
    """The lines of a file; raises Refused for a file that is wrong as a whole."""
    kind = format or SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise Refused(UnknownFormat(name=path.name, known=tuple(SUFFIXES)))
    if path.stat().st_size == 0:
        raise Refused(EmptyFile())
    lines = FORMATS[kind](path, layout)
    try:
        yield lines
    finally:
        lines.close()
