"""What a partner is sent as files: fees, bills and statements, by the command line; the same period is the same bytes."""

import csv
import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.failures import Failure
from app.partner_pdf import BillFile, as_pdf
from domain.billing import Bill, BillFee, BillLine, ChargeKind
from domain.commands.partner_accounts import AccountPeriod
from domain.partner_files import bill_csv, fees_csv, statement_csv, statement_json
from domain.services.partner_bills import partner_bill
from tests.app.milepost import Answer, milepost
from tests.partner_accounts.kit import Books
from tests.statements.paper import pages, words

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
NOVEMBER = ("--from", "2026-11-01", "--through", "2026-11-30")


async def a_november(books: Books) -> None:
    """Two fees in money, of which one is given back, one in points; the clock stands in December."""
    block = await books.block(1000)
    await books.fee(block, "100")
    await books.fee(amount="1250.00", description='Brochure,\n"summer"')
    books.pass_to(2026, 11, 20)
    await books.refund(await books.fee(amount="9.50", currency="USD", description="=1+1"), "MISTAKE")
    books.pass_to(2026, 12, 1)
    await books.fee(amount="1")


async def the_bill(books: Books, title: str = "Fees") -> BillFile:
    asked = AccountPeriod(books.program.code, books.partner.code, FIRST, LAST)
    bill = await partner_bill(books.database, books.manager.scope, asked)
    assert bill is not None
    return BillFile(books.program, books.partner, bill, title)


def written_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def table(written: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(written.decode().splitlines(keepends=True)))


async def test_fees_as_csv(books: Books) -> None:
    await a_november(books)
    written = fees_csv((await the_bill(books)).bill)
    assert written == fees_csv((await the_bill(books)).bill)
    rows = table(written)
    assert [[row[name] for name in ("posted_on", "kind", "description", "reason_code", "amount", "currency")] for row in rows] == [
        ["2026-11-01", "FEE", 'Brochure,\n"summer"', "", "1250.00", "EUR"],
        ["2026-11-20", "FEE", "'=1+1", "", "9.50", "USD"],
        ["2026-11-20", "REFUND", "", "MISTAKE", "-9.50", "USD"],
    ]  # fmt: skip
    assert {(row["program"], row["partner"]) for row in rows} == {(books.program.code, books.partner.code)}


async def test_fees_on_paper(books: Books) -> None:
    await a_november(books)
    file = await the_bill(books)
    pdf = as_pdf(file)
    assert pdf == as_pdf(await the_bill(books))
    assert pages(pdf) == 1
    assert words(pdf) == [
        books.program.name,
        "Fees from 2026-11-01 to 2026-11-30",
        f"Søren's Inn ({books.partner.code})",
        "Days begin and end in the time zone UTC.",
        "Processed", "What", "Reason", "Amount", "Currency",
        "2026-11-01", 'Fee: Brochure, "summer"', "1250.00", "EUR",
        "2026-11-20", "Fee: =1+1", "9.50", "USD",
        "2026-11-20", "Refund", "MISTAKE", "-9.50", "USD",
        "Total", "1250.00", "EUR",
        "Total", "0.00", "USD",
        f"{books.program.name}, Søren's Inn ({books.partner.code})",
        "1 / ", "1",
    ]  # fmt: skip


def a_fee(number: int, description: str = "Listing") -> BillFee:
    return BillFee(
        id=number, posted_on=FIRST, kind=ChargeKind.FEE, description=description, reason_code=None,
        amount=Decimal(number), currency="EUR",
    )  # fmt: skip


def a_bill(*fees: BillFee, lines: tuple[BillLine, ...] = ()) -> Bill:
    return Bill(program="P", partner="H", starts_on=FIRST, ends_on=LAST, complete=False, lines=lines, fees=fees)


LINE = BillLine(
    point_type="MILES", promotion="SUMMER", entries=3, points=Decimal(545), price=Decimal("0.012"),
    percentage=Decimal(50), amount=Decimal("3.27"), currency="EUR",
)  # fmt: skip


def test_a_bill_as_csv_has_points_fees_and_totals() -> None:
    rows = [list(row.values()) for row in table(bill_csv(a_bill(a_fee(7), lines=(LINE,))))]
    own = ["P", "H", "2026-11-01", "2026-11-30"]
    assert rows == [
        [*own, "POINTS", "", "", "", "MILES", "SUMMER", "3", "545", "0.012", "50", "3.27", "EUR"],
        [*own, "FEE", "2026-11-01", "Listing", "", "", "", "", "", "", "", "7", "EUR"],
        [*own, "TOTAL", "", "", "", "", "", "", "", "", "", "10.27", "EUR"],
    ]


async def test_a_bill_on_paper_and_a_long_one_is_many_pages(books: Books) -> None:
    short = BillFile(books.program, books.partner, a_bill(a_fee(7), lines=(LINE,)), "Bill")
    found = words(as_pdf(short))
    assert "545 MILES (SUMMER) at 0.012, 50 %" in found
    assert "Days begin and end in the time zone UTC. The last day has not ended: more may follow." in found
    long = BillFile(books.program, books.partner, a_bill(*(a_fee(each) for each in range(1, 501))), "Bill")
    pdf = as_pdf(long)
    assert pages(pdf) == words(pdf).count("Processed") == 13
    assert [one for one in words(pdf) if one.isdecimal() and int(one) == 499] == ["499"]


async def test_a_text_that_the_font_does_not_have_is_refused(books: Books) -> None:
    file = BillFile(books.program, books.partner, a_bill(a_fee(1, "Ἑλένη")), "Fees")
    with pytest.raises(Failure, match=r"by --font FILE\.ttf, or take a file that ends with \.csv"):
        as_pdf(file)


async def test_a_statement_as_json_with_its_hash(books: Books) -> None:
    await a_november(books)
    await books.close(LAST)
    said = await books.statement(FIRST, LAST)
    written = json.loads(statement_json(said))
    again = json.dumps(written["statement"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(again.encode()).hexdigest() == written["sha256"] == said.sha256
    assert written["statement"]["closing"] == "900.00"
    assert written["statement"]["number"] == "1"


async def test_a_statement_as_csv(books: Books) -> None:
    await a_november(books)
    said = await books.statement(FIRST, LAST)
    rows = [list(row.values())[2:] for row in table(statement_csv(said))]
    own = ["2026-11-01", "2026-11-30"]
    assert rows == [
        [*own, "opening", "", "", "", "", "", "0.00", "", ""],
        [*own, "movement", "PURCHASE", "", "1", "1000.00", "0.00", "1000.00", "", ""],
        [*own, "movement", "FEE", "", "1", "0.00", "100.00", "900.00", "", ""],
        [*own, "closing", "", "", "", "1000.00", "100.00", "900.00", "", ""],
        [*own, "charge", "PURCHASE", "", "1", "", "", "", "10.00", "EUR"],
        [*own, "charge", "FEE", "", "1", "", "", "", "1250.00", "EUR"],
        [*own, "charge", "FEE", "", "1", "", "", "", "9.50", "USD"],
        [*own, "charge", "REFUND", "", "1", "", "", "", "-9.50", "USD"],
        [*own, "sha256", said.sha256, "", "", "", "", "", "", ""],
    ]


async def test_the_command_line_writes_the_same_bytes_again(books: Books, migrated_url: str, tmp_path: Path) -> None:
    """It lives in the time of this machine, in which the November of the books may not have come: so it asks about the past."""
    past = ("--from", "2020-01-01", "--through", "2020-01-31")
    account = ("--program", books.program.code, "--partner", books.partner.code)

    async def export(what: str, name: str, *more: str) -> Answer:
        return await milepost(
            "export", what, *account, *past, "--out", str(tmp_path / name), *more, DATABASE_URL=migrated_url
        )

    for what, one, two in (
        ("fees", "a.csv", "b.csv"),
        ("fees", "a.pdf", "b.pdf"),
        ("bill", "c.csv", "d.csv"),
        ("bill", "c.pdf", "d.pdf"),
        ("partner-statement", "e.json", "f.json"),
        ("partner-statement", "e.csv", "f.csv"),
    ):
        first, second = await export(what, one), await export(what, two)
        assert (first.code, second.code) == (0, 0), first.err
        assert one in first.out
        assert (tmp_path / one).read_bytes() == (tmp_path / two).read_bytes() != b""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fees", "--program", "NONE", "--partner", "H", *NOVEMBER, "--out", "a.csv"), "There is no program 'NONE'."),
        (("fees", "--program", "NONE", "--partner", "H", *NOVEMBER, "--out", "a.json"), "neither .csv nor .pdf"),
        (("partner-statement", "--program", "NONE", *NOVEMBER, "--out", "a.json"), "There is no program 'NONE'."),
    ],
)
async def test_what_cannot_be_exported_is_said_in_one_line(
    migrated_url: str, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    given = [str(tmp_path / each) if each.startswith("a.") else each for each in arguments]
    answer = await milepost("export", *given, DATABASE_URL=migrated_url)
    assert answer.code == 2
    assert said in answer.err
    assert written_in(tmp_path) == []


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t"])
def test_no_text_is_taken_for_a_formula(sign: str) -> None:
    [row] = table(fees_csv(a_bill(a_fee(1, f"{sign}1+1"))))
    assert row["description"] == f"'{sign}1+1"
