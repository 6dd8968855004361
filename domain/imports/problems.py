"""What can be wrong with a file as a whole, or with one line of it before its values are looked at.

A file that is wrong as a whole is refused before anything is written; a line that is wrong harms no other.
"""

from dataclasses import dataclass

from domain.problems import Problem
from domain.transactions import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyFile(Problem):
    """A file in which nothing is written."""

    code = "EMPTY_FILE"

    @property
    def message(self) -> str:
        return "The file is empty."


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownFormat(Problem):
    """A file whose name does not say what it is."""

    code = "UNKNOWN_FORMAT"
    name: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"{self.name!r} does not say what it is: its name ends with {' or '.join(self.known)}, or give --format."


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongEncoding(Problem):
    """Bytes that are not UTF-8."""

    code = "WRONG_ENCODING"
    found: str

    @property
    def message(self) -> str:
        return f"This is not UTF-8: {self.found}. Save the file as UTF-8."


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingColumns(Problem):
    """Columns without which no line can be understood."""

    code = "MISSING_COLUMNS"
    columns: tuple[str, ...]
    found: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"The file has no column {', '.join(self.columns)}; its columns are {', '.join(self.found)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownColumns(Problem):
    """Columns that mean nothing here: a slip of the pen would lose what they hold."""

    code = "UNKNOWN_COLUMNS"
    columns: tuple[str, ...]
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"There is no column {', '.join(self.columns)}; there are {', '.join(self.known)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedColumns(Problem):
    """Columns that stand in the header more than once."""

    code = "REPEATED_COLUMNS"
    columns: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"The header names {', '.join(self.columns)} more than once."


@dataclass(frozen=True, slots=True, kw_only=True)
class NotInThisFormat(Problem):
    """Columns that a format cannot hold."""

    code = "NOT_IN_THIS_FORMAT"
    columns: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"A CSV file cannot hold {', '.join(self.columns)}: use JSON Lines or Parquet."


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedFile(Problem):
    """A file that cannot be read, from the beginning or from somewhere on."""

    code = "DAMAGED_FILE"
    reason: str

    @property
    def message(self) -> str:
        return f"The file cannot be read: {self.reason}."


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTooLong(Problem):
    """A line beyond all reason."""

    code = "LINE_TOO_LONG"
    limit: int

    @property
    def message(self) -> str:
        return f"The line is longer than {self.limit:,} bytes."


@dataclass(frozen=True, slots=True, kw_only=True)
class NulByte(Problem):
    """A byte that no text has."""

    code = "NUL_BYTE"
    position: int

    @property
    def message(self) -> str:
        return f"Byte {self.position} is NUL, which no text has: is this UTF-16, or no text at all?"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongFieldCount(Problem):
    """More or fewer values than the header has columns."""

    code = "WRONG_FIELD_COUNT"
    found: int
    expected: int

    @property
    def message(self) -> str:
        return f"The line has {self.found} values, the header {self.expected} columns: is a separator or quote missing?"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenQuotes(Problem):
    """A quote that is not closed, or closed in the middle of a value."""

    code = "BROKEN_QUOTES"
    reason: str

    @property
    def message(self) -> str:
        return f'The quotes are broken: {self.reason}. A quote inside a quoted value is written twice, "".'


@dataclass(frozen=True, slots=True, kw_only=True)
class NotJson(Problem):
    """A line of JSON Lines that is not one JSON object."""

    code = "NOT_JSON"
    reason: str

    @property
    def message(self) -> str:
        return f"The line is not a JSON object: {self.reason}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalIdDiffers(Problem):
    """An external id that another transaction has; `during` tells that it came with this very import."""

    code = "EXTERNAL_ID_DIFFERS"
    external_id: str
    status: Status
    columns: tuple[str, ...]
    during: bool

    @property
    def message(self) -> str:
        whose = "an earlier line of this import" if self.during else f"a transaction that is {self.status.value}"
        return (
            f"{self.external_id!r} is the id of {whose}, which differs in {', '.join(self.columns)}: "
            "one id names one transaction, and only one that the engine has rejected may be corrected."
        )
