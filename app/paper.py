"""Paper: A4 pages that print as they are, a table with headings on each. The same content is the same bytes.

The font that every reader has writes Latin letters only. A text that the font cannot write is refused by name, never printed
with holes: give a font that has its letters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from app.failures import Failure

BUILT_IN = "helvetica"
GIVEN = "given"
MARGIN_MM = 18
ROW_MM = 6
SIZE = 9
NO_BREAK_SPACE = "\xa0"
LATIN = 256
"""The built-in font writes ISO 8859-1."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What a table looks like: 174 mm in all; the `wide` columns hold texts, which are cut, the others are written small instead."""

    headings: tuple[str, ...]
    widths_mm: tuple[int, ...]
    aligned: tuple[str, ...]
    wide: tuple[int, ...]


class Paper(FPDF):
    """A4, with whose page it is and its number at the foot of each."""

    def __init__(self, columns: Columns, *, title: str, foot: str, on: date, font: Path | None, instead: str) -> None:
        super().__init__(format="A4")
        self.columns, self.foot, self.instead = columns, foot, instead
        self.family = BUILT_IN if font is None else GIVEN
        if font is not None:
            self._bring(font)
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=MARGIN_MM)
        # Neither the day of printing nor anything else that changes from run to run.
        self.set_creation_date(datetime.combine(on, time.min, UTC))
        self.set_title(title)

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
                raise Failure(f"The font has no letters for {signs} in {text!r}: {hint}, or take {self.instead}.")

    def header(self) -> None:
        """What the columns are, on every page but the first, which says it where they begin."""
        if self.page_no() > 1:
            self.headings()

    def headings(self) -> None:
        """What the columns are."""
        self.row(self.columns.headings, bold=True, border="B")

    def footer(self) -> None:
        """Whose page it is, and which."""
        self.set_y(-MARGIN_MM + 4)
        self.set_font(self.family, size=8)
        self.cell(text=self.foot)
        self.set_x(MARGIN_MM)
        self.cell(w=0, text=f"{self.page_no()} / {{nb}}", align="R")

    def say(self, text: str, *, size: int, bold: bool = False) -> None:
        """A line above the table, or as many as it needs."""
        self.set_font(self.family, style="B" if bold else "", size=size)
        self.multi_cell(w=0, text=text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def row(self, cells: Iterable[str], *, bold: bool = False, border: str = "") -> None:
        """A row of the table."""
        style, columns = "B" if bold else "", self.columns
        for column, text in enumerate(cells):
            self.set_font(self.family, style=style, size=SIZE)
            room = columns.widths_mm[column] - 2 * self.c_margin
            if column in columns.wide:
                said = self._fitting(text, room)
            else:
                said = text
                self.set_font_size(SIZE * min(1, room / max(room, self.get_string_width(text))))
            self.cell(w=columns.widths_mm[column], h=ROW_MM, text=said, align=columns.aligned[column], border=border)
        self.ln(ROW_MM)

    def _fitting(self, text: str, room: float) -> str:
        """The text, or as much of it as there is room for; numbers are written small instead, never cut."""
        if self.get_string_width(text) <= room:
            return text
        while text and self.get_string_width(f"{text}...") > room:
            text = text[:-1]
        return f"{text}..."


def _writes(font: object, sign: str) -> bool:
    """Whether a font has a letter; without one, the built-in one."""
    if isinstance(font, TTFFont):
        return ord(sign) in font.cmap
    return (sign.isprintable() or sign == NO_BREAK_SPACE) and ord(sign) < LATIN
