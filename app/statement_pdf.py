"""A member's statement on paper. The same statement is the same bytes."""

from collections.abc import Iterator
from pathlib import Path

from app.paper import ROW_MM, Columns, Paper
from app.statement_files import StatementFile, spoken
from domain.calendars import business_date
from domain.statements import PointStatement, StatementLine

COLUMNS = Columns(
    headings=("Processed", "Date", "What", "Points", "Balance"),
    widths_mm=(22, 22, 58, 36, 36),
    aligned=("L", "L", "L", "R", "R"),
    wide=(2,),
)


def as_pdf(file: StatementFile, font: Path | None = None) -> bytes:
    """The pages; raises Failure for a text that the font cannot write."""
    paper = _Paper(file, font)
    paper.check(_texts(file))
    paper.add_page()
    paper.head()
    for account in file.statement.accounts:
        paper.account(account)
    return bytes(paper.output())


class _Paper(Paper):
    """With the member at the foot of each page."""

    def __init__(self, file: StatementFile, font: Path | None) -> None:
        said = file.statement
        super().__init__(
            COLUMNS,
            title=f"Statement {said.starts_on} to {said.ends_on}",
            foot=f"{file.program.name}, member {file.member.number}",
            on=said.ends_on,
            font=font,
            instead="--format json",
        )
        self.file = file

    def head(self) -> None:
        """Whose statement it is, and of when."""
        said, member = self.file.statement, self.file.member
        self.say(self.file.program.name, size=16, bold=True)
        self.say(f"Statement from {said.starts_on} to {said.ends_on}", size=12)
        self.say(f"{member.name}, member {member.number}", size=11)
        today = "" if said.complete else " The last day has not ended: more may follow."
        self.say(f"Days begin and end in the time zone {said.time_zone}.{today}", size=9)

    def account(self, account: PointStatement) -> None:
        """One kind of points: opening, lines, closing."""
        self.ln(ROW_MM)
        self.say(account.point_type_name, size=12, bold=True)
        self.headings()
        self.row(("", "", "Opening", "", spoken(account.opening)), bold=True)
        for line in account.lines:
            self.row(self._cells(line))
        self.row(("", "", "All that came", f"+{spoken(account.credited)}", ""), border="T")
        self.row(("", "", "All that went", f"-{spoken(account.debited)}", ""))
        self.row(("", "", "Closing", "", spoken(account.closing)), bold=True)

    def _cells(self, line: StatementLine) -> tuple[str, ...]:
        processed = business_date(line.processed_at, self.file.statement.time_zone)
        points = f"+{spoken(line.points)}" if line.points > 0 else spoken(line.points)
        return str(processed), str(line.transaction_date), _what(line), points, spoken(line.balance)


def _texts(file: StatementFile) -> Iterator[str]:
    """Everything on the pages that somebody has named."""
    yield from (file.program.name, file.member.name, file.member.number)
    for account in file.statement.accounts:
        yield account.point_type_name
        yield from (name for line in account.lines for name in (line.product, line.partner) if name)


def _what(line: StatementLine) -> str:
    kind = (line.sub_type or line.kind).value.replace("_", " ").capitalize()
    return ", ".join([kind, *(name for name in (line.product, line.partner) if name)])
