"""`milepost seal`: what is written once is sealed by a chain of hashes; its head, kept elsewhere, proves that history was not rewritten."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import begin, with_runtime

if TYPE_CHECKING:
    from app.runtime import Runtime
    from domain.seals import Checkpoint

app = typer.Typer(name="seal", help="Seal what is written once, and show that it is as it was.", no_args_is_help=True)


@app.command("now")
def seal_now() -> None:
    """Seal everything that is older than a few seconds, as a worker does every minute.

    Example: milepost seal now
    """

    async def seal(runtime: "Runtime") -> int:
        from domain.services import seals

        total = 0
        async for total in seals.seal(runtime.database):
            print(f"{total:,} rows sealed", file=sys.stderr)
        return total

    if not with_runtime(seal):
        print("There is nothing to seal.", file=sys.stderr)


@app.command()
def key() -> None:
    """Print a new key with which checkpoints are signed; keep it as MILEPOST_SEAL_KEY, away from the database.

    Example: milepost seal key > seal-key.txt
    """
    from app import seal_keys

    print(seal_keys.new())


@app.command()
def checkpoint() -> None:
    """Print the head of the chain, signed if there is a key in MILEPOST_SEAL_KEY. Keep it where nobody writes who writes here.

    Example: milepost seal checkpoint > checkpoint-2026-11.json
    """
    from app import seal_keys
    from domain.seals import written

    settings = begin()
    head = with_runtime(_head)
    if head is None:
        print("Nothing is sealed yet: `milepost seal now`.", file=sys.stderr)
        raise typer.Exit(1)
    signature, public = (None, None) if settings.seal_key is None else seal_keys.sign(settings.seal_key, head)
    sys.stdout.write(written(head, signature, public))


@app.command()
def check(
    file: Annotated[
        Path, typer.Argument(help="As `milepost seal checkpoint` has written it.", exists=True, dir_okay=False)
    ],
    key: Annotated[
        str | None, typer.Option("--key", help="The public key that must have signed it.", show_default=False)
    ] = None,
) -> None:
    """Say whether the chain still contains what a checkpoint saw. Exit code 1 if not.

    That rows are as they were sealed is what `milepost verify` says; both together prove that history was not rewritten.

    Example: milepost seal check checkpoint-2026-11.json
    """
    from app import seal_keys
    from domain.seals import read

    seen, signature, public = read(file.read_text(encoding="utf-8"))
    signed = seal_keys.who_signed(seen, signature, public, key)

    async def compare(runtime: "Runtime") -> bool:
        from domain.services import seals

        return await seals.holds(runtime.database, seen)

    if not with_runtime(compare):
        print(f"BROKEN  the chain does not contain seal {seen.number} as this checkpoint has it: it was made anew")
        raise typer.Exit(1)
    print(f"ok      seal {seen.number}, through {seen.through_at.isoformat()}, is in the chain; {signed}")


async def _head(runtime: "Runtime") -> "Checkpoint | None":
    from domain.services import seals

    return await seals.head(runtime.database)
