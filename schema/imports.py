"""Files in a request: what they say is recorded, and a report tells what became of every line."""

import strawberry

import domain.commands.imports as c
import domain.imports.lines as x
import domain.imports.reports as d
from schema.base import answers, computed, offers, shows, takes
from schema.payloads import Payload
from schema.wording import REFUSED

offers(c.DocumentFormat, "ImportFormat")


@shows(x.BadLine)
class ImportProblem:
    """Why a line was not taken; a line may have several."""

    line: int = computed(lambda bad: bad.number, "Counted from 1, as an editor does.")
    column: str = computed(lambda bad: bad.column, "Empty: the whole line.")
    code: str = computed(lambda bad: bad.problem.code, "As in `errors` of a mutation.")
    message: str = computed(lambda bad: bad.problem.message, "What was wrong, and what would be right.")
    value: str = strawberry.field(description="What stands there, shortened.")


@shows(d.ImportReport)
class ImportReport:
    """What became of a file."""

    preview: bool = strawberry.field(description="Nothing was written: this is what would become of it.")
    lines: int = computed(lambda report: report.done.lines, "How many were read.")
    added: int = computed(lambda report: report.done.added, "New: queued, or waiting for the partner's approval.")
    known: int = computed(lambda report: report.done.known, "Recorded before, with the same content.")
    repeated: int = computed(lambda report: report.done.repeated, "Said by an earlier line of this file.")
    corrected: int = computed(
        lambda report: report.done.corrected, "In the place of what the engine had rejected: recorded again."
    )
    refused: int = computed(lambda report: report.done.bad_lines, "Not taken.")
    problems: list[ImportProblem] = computed(lambda report: report.done.bad, "Why not, line by line.")


@takes
class ImportStartInput:
    """A file of transactions. Its external ids make it safe to send again: what is there already is not added twice."""

    program: str = strawberry.field(description="The code of the program.")
    document: list[str] = strawberry.field(
        description="The text of the file, at most 512 KiB and 4,000 lines; a long one in pieces, which are joined as they are."
    )
    format: c.DocumentFormat = strawberry.field(default=c.DocumentFormat.CSV, description="What it is.")
    source: str | None = strawberry.field(
        default=None, description="Where it comes from: external ids are unique per program, partner and source."
    )
    partner: str | None = strawberry.field(
        default=None, description="The code of the partner whose activities these are; a partner's users need not say."
    )
    preview: bool = strawberry.field(default=False, description="Only tell what would become of it.")


@answers
class ImportStartPayload(Payload):
    """What became of the file."""

    result: ImportReport | None = strawberry.field(name="report", description=REFUSED)
