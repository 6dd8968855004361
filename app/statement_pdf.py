"""A member's statement on paper: A4 pages that print as they are. The same statement is the same bytes.

The font that every reader has writes Latin letters only. A text that the font cannot write is refused by name, never printed
with holes: give a font that has its letters.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from app.failures import Failure
from app.statement_files import StatementFile, spoken
from domain.calendars import business_date
from domain.statements import PointStatement, StatementLine

BUILT_IN = "helvetica"
GIVEN = "given"
MARGIN_MM = 18
ROW_MM = 6
COLUMNS_MM = (22, 22, 58, 36, 36)
"""Processed, date, what it was, points, balance."""
HEADINGS = ("Processed", "Date", "What", "Points", "Balance")
WHAT = 2
SIZE = 9
ALIGNED = ("L", "L", "L", "R", "R")
NO_BREAK_SPACE = "\xa0"
LATIN = 256
"""The built-in font writes ISO 8859-1."""


def as_pdf(file: StatementFile, font: Path | None = None) -> bytes:
    """The pages; raises Failure for a text that the font cannot write."""
    paper = _Paper(file, font)
    paper.check(_texts(file))
    paper.add_page()
    paper.head()
    for account in file.statement.accounts:
        paper.account(account)
    return bytes(paper.output())


class _Paper(FPDF):
    """A4, with the member and the page's number at the foot of each page."""

    def __init__(self, file: StatementFile, font: Path | None) -> None:
        super().__init__(format="A4")
        self.file = file
        self.family = BUILT_IN if font is None else GIVEN
        if font is not None:
            self._bring(font)
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=MARGIN_MM)
        said = file.statement
        # Neither the day of printing nor anything else that changes from run to run.
        self.set_creation_date(datetime.combine(said.ends_on, time.min, UTC))
        self.set_title(f"Statement {said.starts_on} to {said.ends_on}")

    def _bring(self, font: Path) -> None:
        try:
            self.add_font(GIVEN, fname=font)
            self.add_font(GIVEN, style="B", fname=font)
        except Exception as error:
            raise Failure(f"{font} is not a font that can be used ({error}): give a TrueType file (.ttf).") from error

    def check(self, texts: Iterable[str]) -> None:
        """Refuse what the font has no letters for."""
        font = self.fonts.get(GIVEN)
        for text in texts:
            if missing := sorted({sign for sign in text if not _writes(font, sign)}):
                hint = "give one that has them" if font else "give one that has them by --font FILE.ttf"
                signs = " ".join(missing)
                raise Failure(f"The font has no letters for {signs} in {text!r}: {hint}, or take --format json.")

    def header(self) -> None:
        """What the columns are, on every page but the first, which says it where they begin."""
        if self.page_no() > 1:
            self._row(HEADINGS, bold=True, border="B")

    def footer(self) -> None:
        """Whose page it is, and which."""
        self.set_y(-MARGIN_MM + 4)
        self.set_font(self.family, size=8)
        self.cell(text=f"{self.file.program.name}, member {self.file.member.number}")
        self.set_x(MARGIN_MM)
        self.cell(w=0, text=f"{self.page_no()} / {{nb}}", align="R")

    def head(self) -> None:
        """Whose statement it is, and of when."""
        said, member = self.file.statement, self.file.member
        self._say(self.file.program.name, size=16, bold=True)
        self._say(f"Statement from {said.starts_on} to {said.ends_on}", size=12)
        self._say(f"{member.name}, member {member.number}", size=11)
        today = "" if said.complete else " The last day has not ended: more may follow."
        self._say(f"Days begin and end in the time zone {said.time_zone}.{today}", size=9)

    def account(self, account: PointStatement) -> None:
        """One kind of points: opening, lines, closing."""
        self.ln(ROW_MM)
        self._say(account.point_type_name, size=12, bold=True)
        self._row(HEADINGS, bold=True, border="B")
        self._row(("", "", "Opening", "", spoken(account.opening)), bold=True)
        for line in account.lines:
            self._row(self._cells(line))
        self._row(("", "", "All that came", f"+{spoken(account.credited)}", ""), border="T")
        self._row(("", "", "All that went", f"-{spoken(account.debited)}", ""))
        self._row(("", "", "Closing", "", spoken(account.closing)), bold=True)

    def _cells(self, line: StatementLine) -> tuple[str, ...]:
        processed = business_date(line.processed_at, self.file.statement.time_zone)
        points = f"+{spoken(line.points)}" if line.points > 0 else spoken(line.points)
        return str(processed), str(line.transaction_date), _what(line), points, spoken(line.balance)

    def _say(self, text: str, *, size: int, bold: bool = False) -> None:
        self.set_font(self.family, style="B" if bold else "", size=size)
        self.multi_cell(w=0, text=text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _row(self, cells: Iterable[str], *, bold: bool = False, border: str = "") -> None:
        style = "B" if bold else ""
        for column, text in enumerate(cells):
            self.set_font(self.family, style=style, size=SIZE)
            room = COLUMNS_MM[column] - 2 * self.c_margin
            if column == WHAT:
                said = self._fitting(text, room)
            else:
                said = text
                self.set_font_size(SIZE * min(1, room / max(room, self.get_string_width(text))))
            self.cell(w=COLUMNS_MM[column], h=ROW_MM, text=said, align=ALIGNED[column], border=border)
        self.ln(ROW_MM)

    def _fitting(self, text: str, room: float) -> str:
        """The text, or as much of it as there is room for; numbers are written small instead, never cut."""
        if self.get_string_width(text) <= room:
            return text
        while text and self.get_string_width(f"{text}...") > room:
            text = text[:-1]
        return f"{text}..."


def _texts(file: StatementFile) -> Iterator[str]:
    """Everything on the pages that somebody has named."""
    yield from (file.program.name, file.member.name, file.member.number)
    for account in file.statement.accounts:
        yield account.point_type_name
        yield from (name for line in account.lines for name in (line.product, line.partner) if name)


def _what(line: StatementLine) -> str:
    kind = (line.sub_type or line.kind).value.replace("_", " ").capitalize()
    return ", ".join([kind, *(name for name in (line.product, line.partner) if name)])


def _writes(font: object, sign: str) -> bool:
    """Whether a font has a letter; without one, the built-in one."""
    if isinstance(font, TTFFont):
        return ord(sign) in font.cmap
    return (sign.isprintable() or sign == NO_BREAK_SPACE) and ord(sign) < LATIN
