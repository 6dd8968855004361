"""The command line: `milepost COMMAND`. Each command is a function in `app/commands`, which imports what it needs when it runs.

Answers go to standard output, everything else to standard error. Exit codes: 0 done, 1 the answer is no, 2 it could not be done.
"""

import sys

import typer

from app.commands import (
    batch_runs,
    benchmarks,
    database,
    decisions,
    demo,
    exporting,
    importing,
    jobs,
    keys,
    partner_exports,
    people,
    schema,
    sealing,
    serving,
    simulating,
    transactions,
    verifying,
)
from app.failures import explained

app = typer.Typer(
    name="milepost",
    help="A points engine for loyalty programs, served as one GraphQL API. Begin with `milepost run`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (
    serving.run, serving.serve, serving.work,
    database.migrate, database.seed, verifying.verify,
    people.token,
    batch_runs.process, transactions.expire, simulating.simulate, decisions.explain,
    schema.schema, demo.demo,
):  # fmt: skip
    app.command()(command)
for export in (partner_exports.fees, partner_exports.bill, partner_exports.partner_statement):
    exporting.app.command()(export)
app.add_typer(people.app, name="person")
app.add_typer(keys.app, name="key")
app.add_typer(importing.app, name="import")
app.add_typer(exporting.app, name="export")
app.add_typer(jobs.app, name="jobs")
app.add_typer(sealing.app, name="seal")
app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(benchmarks.bench)


def main() -> None:
    """Run a command; what the person can mend is said in one line."""
    try:
        app()
    except Exception as error:
        if (message := explained(error)) is None:
            raise
        print(f"milepost: {message}", file=sys.stderr)
        sys.exit(2)
