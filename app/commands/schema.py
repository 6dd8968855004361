"""`milepost schema`: the GraphQL schema as it is, and whether the committed one still says the same."""

import difflib
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.failures import Failure

COMMITTED = Path(__file__).parent.parent.parent / "schema.graphql"

Check = Annotated[bool, typer.Option("--check", help="Compare with schema.graphql; exit code 1 if it differs.")]


def schema(check: Check = False) -> None:
    """Print the GraphQL schema in its own language.

    Example: milepost schema > schema.graphql
    """
    from app.build import print_schema

    now = print_schema()
    if not check:
        print(now, end="")
        return
    if not COMMITTED.exists():
        raise Failure(f"there is no {COMMITTED}: write it by `milepost schema > schema.graphql`")
    before = COMMITTED.read_text()
    if now == before:
        print("schema.graphql is up to date.")
        return
    print("\n".join(differences(before, now)), file=sys.stderr)
    raise typer.Exit(1)


def differences(before: str, now: str) -> list[str]:
    """What changed, first what breaks clients; then how to accept it."""
    from graphql import build_schema, find_schema_changes

    old, new = (build_schema(text, assume_valid=True, assume_valid_sdl=True) for text in (before, now))
    changes = [f"  {change.type.name}: {change.description}" for change in find_schema_changes(old, new)]
    named = changes or [f"  {line}" for line in _changed_lines(before, now)]
    return ["schema.graphql differs from the code:", *named, "Accept it by `milepost schema > schema.graphql`."]


def _changed_lines(before: str, now: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), now.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
