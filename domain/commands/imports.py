"""Commands that bring in whole files. The lines themselves come beside the command, one after the other."""

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
