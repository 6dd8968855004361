"""Statements, fees and bills of partners as CSV, to be read by people in a spreadsheet and by programs. The same content is the same bytes.

Texts that a spreadsheet would take for a formula begin with an apostrophe.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from domain.billing import Bill, BillFee
from domain.global_ids import seal
from domain.partner_statements import PartnerStatement, document_of, spoken

STATEMENT = (
    "program", "partner", "from", "through", "line", "kind", "promotion", "entries", "credited", "debited", "balance",
    "amount", "currency",
)  # fmt: skip
FEES = ("program", "partner", "posted_on", "kind", "description", "reason_code", "amount", "currency", "id")
BILL = (
    "program", "partner", "from", "through", "line", "posted_on", "description", "reason_code", "point_type", "promotion",
    "entries", "points", "price", "percentage", "amount", "currency",
)  # fmt: skip
FORMULAS = ("=", "+", "-", "@", "\t")


def statement_json(statement: PartnerStatement) -> bytes:
    """The document, and the SHA-256 of its canonical bytes."""
    said = {"statement": document_of(statement), "sha256": statement.sha256}
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def statement_csv(statement: PartnerStatement) -> bytes:
    """Opening, movements with what was in the blocks then, closing, charges, and the hash of the document."""
    said, partner = statement, statement.partner
    own = [said.program.code, partner.code if partner else "", said.starts_on, said.ends_on]
    rows: list[list[Any]] = [[*own, "opening", "", "", "", "", "", spoken(said.opening), "", ""]]
    balance = said.opening
    for each in said.movements:
        balance += each.credited - each.debited
        moved = [spoken(each.credited), spoken(each.debited), spoken(balance)]
        rows.append([*own, "movement", each.kind.value, each.promotion, each.entries, *moved, "", ""])
    sums = [spoken(said.credited), spoken(said.debited), spoken(said.closing)]
    rows.append([*own, "closing", "", "", "", *sums, "", ""])
    for charge in said.charges:
        money = [spoken(charge.amount), charge.currency]
        rows.append([*own, "charge", charge.kind.value, charge.promotion, charge.entries, "", "", "", *money])
    rows.append([*own, "sha256", said.sha256, "", "", "", "", "", "", ""])
    return _written(STATEMENT, rows)


def fees_csv(bill: Bill) -> bytes:
    """The fees in money of a period and their refunds, one a line."""
    return _written(FEES, ([bill.program, bill.partner, *_fee(each)] for each in bill.fees))


def bill_csv(bill: Bill) -> bytes:
    """Points on postpaid terms, fees, and the total of each currency."""
    own = [bill.program, bill.partner, bill.starts_on, bill.ends_on]
    rows: list[list[Any]] = [
        [
            *own, "POINTS", "", "", "", each.point_type, each.promotion, each.entries, spoken(each.points),
            spoken(each.price), spoken(each.percentage), spoken(each.amount), each.currency,
        ]
        for each in bill.lines
    ]  # fmt: skip
    for fee in bill.fees:
        posted_on, kind, description, reason, amount, currency, _ = _fee(fee)
        rows.append([*own, kind, posted_on, description, reason, "", "", "", "", "", "", amount, currency])
    empty = [""] * 9
    rows += [[*own, "TOTAL", *empty, spoken(total.amount), total.currency] for total in bill.totals]
    return _written(BILL, rows)


def _fee(fee: BillFee) -> list[Any]:
    said = [_plain(fee.description), _plain(fee.reason_code)]
    return [
        fee.posted_on, fee.kind.value, *said, spoken(fee.amount), fee.currency, seal("PartnerTransaction", fee.id)
    ]  # fmt: skip


def _plain(text: str | None) -> str | None:
    return f"'{text}" if text is not None and text.startswith(FORMULAS) else text


def _written(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    file = StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows(rows)
    return file.getvalue().encode()
