"""`milepost export statement`: a member's statement of a period as a file, to be sent or printed."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import Program, a_day, counted, with_runtime, writable
from app.failures import Failure

if TYPE_CHECKING:
    from app.runtime import Runtime
    from app.statement_files import StatementFile

app = typer.Typer(
    no_args_is_help=True, help="Write down what the system knows: statements of members and partners, fees, bills."
)

FORMATS = ("json", "pdf")

Member = Annotated[str, typer.Option("--member", metavar="NUMBER", help="The member's number.", show_default=False)]
From = Annotated[datetime, typer.Option("--from", parser=a_day, metavar="DATE", help="The first day.")]
To = Annotated[datetime, typer.Option("--to", parser=a_day, metavar="DATE", help="The last day, included.")]
Out = Annotated[
    Path, typer.Option("--out", callback=writable, dir_okay=False, writable=True, metavar="FILE", help="Written anew.")
]
Format = Annotated[str | None, typer.Option(metavar="json|pdf", help="What to write, if FILE does not say.")]
Font = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, metavar="TTF", help="For a PDF with other than Latin letters."),
]


@app.callback()
def export() -> None:
    """Its commands have names, however few they are."""


@app.command()
def statement(
    *, program: Program, member: Member, from_: From, to: To, out: Out, format: Format = None, font: Font = None
) -> None:
    """Write a member's statement: what was owned, what came and went by the date of processing, and what was owned then.

    Example: milepost export statement --program CITRUS --member 1001 --from 2026-01-01 --to 2026-03-31 --out clara.pdf
    """
    kind = (format or out.suffix.removeprefix(".")).lower()
    if kind not in FORMATS:
        raise Failure(
            f"{out.name} says neither .json nor .pdf: name the file so, or give --format json or --format pdf."
        )
    found = with_runtime(lambda runtime: _found(runtime, program, member, from_, to))
    out.write_bytes(_written(found, kind, font))
    lines = sum(len(account.lines) for account in found.statement.accounts)
    print(f"{program}: {counted(lines, 'line')} of member {found.member.number} are in {out}.")


@app.command("member")
def everything(*, program: Program, member: Member, out: Out) -> None:
    """Write all data of a member as JSON: what is known, every transaction, lot and use, and why in sentences.

    Example: milepost export member --program CITRUS --member 1001 --out clara.json
    """
    out.write_text(with_runtime(lambda runtime: _everything(runtime, program, member)), encoding="utf-8")
    print(f"{program}: everything about member {member} is in {out}.")


async def _everything(runtime: "Runtime", program: str, number: str) -> str:
    from domain.commands.members import MemberReference
    from domain.people import ENGINE
    from domain.services.member_export import everything_of
    from domain.services.members import named
    from domain.store.json import encode

    async with runtime.database.read() as reader:
        await runtime.programs.id_of(reader, program, "program")
        member = await named(reader, ENGINE, MemberReference(number=number), program, "member")
        return encode(await everything_of(reader, member))


async def _found(
    runtime: "Runtime", program: str, number: str, starts_on: datetime, ends_on: datetime
) -> "StatementFile":
    from app.statement_files import StatementFile
    from domain.commands.members import MemberReference
    from domain.people import ENGINE
    from domain.services.members import named
    from domain.services.statements import member_statement
    from domain.store import programs

    async with runtime.database.read() as reader:
        member = await named(reader, ENGINE, MemberReference(number=number), program, "member")
        found = await programs.find(reader, ENGINE.scope, program)
    said = await member_statement(runtime.database, ENGINE.scope, member.id, starts_on.date(), ends_on.date())
    assert found is not None
    assert said is not None
    return StatementFile(found, member, said)


def _written(file: "StatementFile", kind: str, font: Path | None) -> bytes:
    if kind == "json":
        from app.statement_files import as_json

        return as_json(file)
    from app.statement_pdf import as_pdf

    return as_pdf(file, font)
