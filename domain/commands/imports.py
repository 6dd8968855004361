"""Commands that bring in whole files. The lines themselves come beside the command, one after the other."""

import enum
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionsImport:
    """Record many transactions for the batch engine. External ids are unique per partner and source.

    `partner`: whose activities these are, where a line names none; a line that names another is refused.
    """

    program: str
    source: str | None = None
    partner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersImport:
    """Enrol many members. A number that is taken names the member: the same content is skipped, other content is reported."""

    program: str


class DocumentFormat(enum.Enum):
    """What a document in a request is."""

    CSV = "CSV"
    JSON_LINES = "JSON_LINES"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentImport:
    """Record the transactions of a document that comes with the request. `preview`: only tell what would become of it."""

    program: str
    document: str
    format: DocumentFormat = DocumentFormat.CSV
    source: str | None = None
    partner: str | None = None
    preview: bool = False
