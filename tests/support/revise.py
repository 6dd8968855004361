"""Write a migration out of the difference between the tables and the revisions so far.

python -m tests.support.revise tables --first     begins anew: until the first release there is one revision
python -m tests.support.revise "loan limits"      adds a revision; read and correct it before you commit it
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import produce_migrations
from alembic.autogenerate.api import AutogenContext, render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import DowngradeOps, UpgradeOps
from sqlalchemy import Connection, Enum, inspect, text
from sqlalchemy.schema import CreateSequence, DropSequence

from app import embedded
from domain.store import migrate
from domain.store.tables import APPEND_ONLY, metadata
from tests.support.guards import CHANGING, fixed_columns

VERSIONS = migrate.FOLDER / "versions"

TEMPLATE = '''"""{message}."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from domain.store import triggers

revision = "{revision}"
down_revision = {previous}


def upgrade() -> None:  # noqa: PLR0915
    """Make what this revision adds."""
{upgrade}
{guards}


def downgrade() -> None:  # noqa: PLR0915
    """Take it away again."""
{downgrade}


def _choice(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
'''


def revise(url: str, message: str) -> Path:
    """Write the next revision against the database at `url`, which is empty."""
    if newest := migrate.newest():
        migrate.upgrade(url)
    number = f"{int(newest or 0) + 1:04}"
    with migrate.connected(url) as connection:
        text = _text(connection, number, newest, message)
    path = VERSIONS / f"{number}_{re.sub(r'[^a-z0-9]+', '_', message.lower())}.py"
    path.write_text(text)
    for arguments in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([Path(sys.executable).parent / "ruff", *arguments, path], check=True)
    return path


def _text(connection: Connection, number: str, previous: str | None, message: str) -> str:
    context = MigrationContext.configure(connection)
    script = produce_migrations(context, metadata)
    ups, downs = script.upgrade_ops, script.downgrade_ops
    assert ups is not None
    assert downs is not None
    known = set(inspect(connection).get_sequence_names())
    sequences = [sequence for name, sequence in sorted(metadata._sequences.items()) if name not in known]
    made = [f'    op.execute("{CreateSequence(one).compile(connection)}")' for one in sequences]
    gone = [f'    op.execute("{DropSequence(one).compile(connection)}")' for one in sequences]
    first = previous is None
    return TEMPLATE.format(
        message=message.capitalize(),
        revision=number,
        previous=f'"{previous}"' if previous else None,
        upgrade="\n".join([*made, _code(context, ups)]),
        guards="\n".join([*(["    op.execute(triggers.REFUSE)"] if first else []), *_guards(connection)]),
        downgrade="\n".join(
            [_code(context, downs), *gone, *(["    op.execute(triggers.DROP_REFUSE)"] if first else [])]
        ),
    )


def _code(context: MigrationContext, operations: UpgradeOps | DowngradeOps) -> str:
    code = render_python_code(operations, migration_context=context, render_item=_shorter)
    lines = (line.removeprefix("    ") for line in code.splitlines() if "# ###" not in line)
    return "\n".join(f"    {line}" for line in lines)


def _shorter(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """An enumeration as one line; Alembic renders the rest."""
    if kind == "type" and isinstance(item, Enum):
        return f"_choice({item.name!r}, {' '.join(item.enums)!r})"
    return False


def _guards(connection: Connection) -> Iterator[str]:
    known = set(
        connection.execute(text("select tgrelid::regclass::text from pg_trigger where not tgisinternal")).scalars()
    )
    if tables := tuple(sorted({*APPEND_ONLY} - known)):
        yield f"    for table in {tables!r}:"
        yield "        for statement in triggers.append_only(table):\n            op.execute(statement)"
    for table in sorted({*CHANGING} - known):
        arguments = f'"{table}", {CHANGING[table]!r}, {fixed_columns(table)!r}'
        yield f"    for statement in triggers.only_changing({arguments}):\n        op.execute(statement)"


def main() -> None:
    """Write the revision and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("message")
    parser.add_argument("--first", action="store_true", help="delete every revision before")
    arguments = parser.parse_args()
    if arguments.first:
        for path in VERSIONS.glob("[0-9]*.py"):
            path.unlink()
    with tempfile.TemporaryDirectory() as folder, embedded.server(Path(folder) / "db", durable=False) as url:
        print(revise(url, arguments.message))


if __name__ == "__main__":
    main()
