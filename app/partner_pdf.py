"""Fees of a partner, or its whole bill, on paper, to attach to an order. The same bill is the same bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from app.paper import ROW_MM, Columns, Paper
from domain.billing import Bill, BillFee, BillLine
from domain.partner_statements import spoken
from domain.partners import Partner
from domain.programs import Program
from domain.transactions import Money

COLUMNS = Columns(
    headings=("Processed", "What", "Reason", "Amount", "Currency"),
    widths_mm=(24, 72, 28, 32, 18),
    aligned=("L", "L", "L", "R", "L"),
    wide=(1, 2),
)
NOTHING = Money(Decimal(0), "")
WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class BillFile:
    """Whose bill it is; `title`: `Fees` or `Bill`."""

    program: Program
    partner: Partner
    bill: Bill
    title: str


def as_pdf(file: BillFile, font: Path | None = None) -> bytes:
    """The pages; raises Failure for a text that the font cannot write."""
    paper = _Paper(file, font)
    paper.check(_texts(file))
    paper.add_page()
    paper.head()
    paper.body()
    return bytes(paper.output())


class _Paper(Paper):
    """With the partner at the foot of each page."""

    def __init__(self, file: BillFile, font: Path | None) -> None:
        bill = file.bill
        super().__init__(
            COLUMNS,
            title=f"{file.title} {bill.starts_on} to {bill.ends_on}",
            foot=f"{file.program.name}, {file.partner.name} ({file.partner.code})",
            on=bill.ends_on,
            font=font,
            instead="a file that ends with .csv",
        )
        self.file = file

    def head(self) -> None:
        """Whose bill it is, and of when."""
        file, bill = self.file, self.file.bill
        self.say(file.program.name, size=16, bold=True)
        self.say(f"{file.title} from {bill.starts_on} to {bill.ends_on}", size=12)
        self.say(f"{file.partner.name} ({file.partner.code})", size=11)
        today = "" if bill.complete else " The last day has not ended: more may follow."
        self.say(f"Days begin and end in the time zone {file.program.time_zone}.{today}", size=9)

    def body(self) -> None:
        """Points, fees, totals."""
        self.ln(ROW_MM)
        self.headings()
        for line in self.file.bill.lines:
            self.row(("", _points(line), "", spoken(line.amount), line.currency))
        for fee in self.file.bill.fees:
            self.row((str(fee.posted_on), _what(fee), fee.reason_code or "", spoken(fee.amount), fee.currency))
        for total in self.file.bill.totals or (NOTHING,):
            self.row(("", "Total", "", spoken(total.amount), total.currency), bold=True, border="T")


def _points(line: BillLine) -> str:
    """`545 MILES (SUMMER) at 0.012, 50 %`."""
    promotion = f" ({line.promotion})" if line.promotion else ""
    share = "" if line.percentage == WHOLE else f", {spoken(line.percentage)} %"
    return f"{spoken(line.points)} {line.point_type}{promotion} at {spoken(line.price)}{share}"


def _what(fee: BillFee) -> str:
    """In one line, whatever was written."""
    kind = fee.kind.value.capitalize()
    return " ".join(f"{kind}: {fee.description}".split()) if fee.description else kind


def _texts(file: BillFile) -> Iterator[str]:
    """Everything on the pages that somebody has named."""
    yield from (file.program.name, file.partner.name, file.partner.code)
    for fee in file.bill.fees:
        yield _what(fee)
        yield fee.reason_code or ""
