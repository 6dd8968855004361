"""`milepost export fees`, `bill` and `partner-statement`: what a partner is sent, as files. The same period is the same bytes."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import Program, a_day, counted, with_runtime
from app.commands.exporting import Font, From, Out
from app.failures import Failure

if TYPE_CHECKING:
    from app.partner_pdf import BillFile
    from app.runtime import Runtime
    from domain.commands.partner_accounts import AccountPeriod
    from domain.partner_statements import PartnerStatement

Through = Annotated[datetime, typer.Option("--through", parser=a_day, metavar="DATE", help="The last day, included.")]
Partner = Annotated[str, typer.Option("--partner", metavar="CODE", help="The partner's code.", show_default=False)]
OfPartner = Annotated[
    str | None, typer.Option("--partner", metavar="CODE", help="The partner's code; not given: the host's own blocks.")
]


def fees(*, program: Program, partner: Partner, from_: From, through: Through, out: Out, font: Font = None) -> None:
    """Write the fees in money that a partner was charged in a period, and their refunds below zero, as CSV or PDF.

    Example: milepost export fees --program CITRUS --partner INN --from 2026-11-01 --through 2026-11-30 --out inn.pdf
    """
    kind = _kind(out, "csv", "pdf")
    file = _bill_file(program, partner, (from_, through), "Fees")
    out.write_bytes(_fees_csv(file) if kind == "csv" else _pdf(file, font))
    print(f"{program}: {counted(len(file.bill.fees), 'fee')} of partner {partner} are in {out}.")


def bill(*, program: Program, partner: Partner, from_: From, through: Through, out: Out, font: Font = None) -> None:
    """Write what a partner owes for a period: points on postpaid terms at the rate of each transaction's date, and fees.

    Example: milepost export bill --program CITRUS --partner INN --from 2026-11-01 --through 2026-11-30 --out inn.csv
    """
    kind = _kind(out, "csv", "pdf")
    file = _bill_file(program, partner, (from_, through), "Bill")
    out.write_bytes(_bill_csv(file) if kind == "csv" else _pdf(file, font))
    totals = ", ".join(f"{total.amount:,f} {total.currency}" for total in file.bill.totals) or "nothing"
    print(f"{program}: the bill of partner {partner}, {totals}, is in {out}.")


def partner_statement(*, program: Program, partner: OfPartner = None, from_: From, through: Through, out: Out) -> None:
    """Write a partner's statement: what was in its blocks, what came and went by the day of processing, what was there then.

    Example: milepost export partner-statement --program CITRUS --partner INN --from 2026-11-01 --through 2026-11-30 --out inn.json
    """
    from domain.partner_files import statement_csv, statement_json

    kind = _kind(out, "csv", "json")
    said = with_runtime(lambda runtime: _statement(runtime, program, partner, (from_, through)))
    out.write_bytes(statement_csv(said) if kind == "csv" else statement_json(said))
    state = f"statement {said.number}" if said.closed else "an open statement"
    print(f"{program}: {state} of {partner or 'the host'} is in {out}, sha256 {said.sha256}.")


def _kind(out: Path, *kinds: str) -> str:
    kind = out.suffix.removeprefix(".").lower()
    if kind not in kinds:
        raise Failure(f"{out.name} says neither .{' nor .'.join(kinds)}: name the file so.")
    return kind


def _asked(program: str, partner: str | None, days: tuple[datetime, datetime]) -> "AccountPeriod":
    from domain.commands.partner_accounts import AccountPeriod

    starts_on, ends_on = days
    return AccountPeriod(program, partner, starts_on.date(), ends_on.date())


def _bill_file(program: str, partner: str, days: tuple[datetime, datetime], title: str) -> "BillFile":
    return with_runtime(lambda runtime: _found_bill(runtime, program, partner, days, title))


async def _found_bill(
    runtime: "Runtime", program: str, partner: str, days: tuple[datetime, datetime], title: str
) -> "BillFile":
    from app.partner_pdf import BillFile
    from domain.people import ENGINE
    from domain.services.partner_bills import partner_bill
    from domain.store import partners, programs

    found = await partner_bill(runtime.database, ENGINE.scope, _asked(program, partner, days))
    async with runtime.database.read() as reader:
        known = await programs.find(reader, ENGINE.scope, program)
        named = await partners.find(reader, ENGINE.scope, partner)
    if known is None:
        raise _none("program", program)
    if named is None or found is None:
        raise _none("partner", partner)
    return BillFile(known, named, found, title)


async def _statement(
    runtime: "Runtime", program: str, partner: str | None, days: tuple[datetime, datetime]
) -> "PartnerStatement":
    from domain.people import ENGINE
    from domain.services.partner_statements import partner_statement as statement_of
    from domain.store import programs

    found = await statement_of(runtime.database, ENGINE.scope, _asked(program, partner, days))
    if found is not None:
        return found
    async with runtime.database.read() as reader:
        known = await programs.find(reader, ENGINE.scope, program)
    raise _none("program", program) if known is None else _none("partner", partner or "")


def _none(what: str, code: str) -> Failure:
    return Failure(f"There is no {what} {code!r}.")


def _fees_csv(file: "BillFile") -> bytes:
    from domain.partner_files import fees_csv

    return fees_csv(file.bill)


def _bill_csv(file: "BillFile") -> bytes:
    from domain.partner_files import bill_csv

    return bill_csv(file.bill)


def _pdf(file: "BillFile", font: Path | None) -> bytes:
    from dataclasses import replace

    from app.partner_pdf import as_pdf

    return as_pdf(replace(file, bill=replace(file.bill, lines=())) if file.title == "Fees" else file, font)
