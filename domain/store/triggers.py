"""The database's own refusals: what is written once is never changed or removed, by nobody, through no door.

A trigger fires once per statement and costs nothing per row. It is enabled ALWAYS: a session in replica mode is refused too.
"""

from collections.abc import Iterable

REFUSE = """
create function milepost_refuse() returns trigger language plpgsql as $$
begin
    raise exception '% of % is refused: %', tg_op, tg_table_name, tg_argv[0] using errcode = 'restrict_violation';
end
$$
"""
"""What every trigger below calls; its argument says what the rule is."""

DROP_REFUSE = "drop function milepost_refuse()"

WRITTEN_ONCE = "its rows are append-only"


def append_only(table: str) -> tuple[str, ...]:
    """Statements after which rows of the table can be added and read, nothing else."""
    return _guard(table, "append_only", "update or delete or truncate", WRITTEN_ONCE)


def only_changing(table: str, columns: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """Statements after which an update may set no column but `columns`, and rows stay; `others` are all its other columns."""
    rule = f"only {' and '.join(columns)} may change"
    return (
        *_guard(table, "append_only", "delete or truncate", WRITTEN_ONCE),
        *_guard(table, "fixed_columns", f"update of {', '.join(others)}", rule),
    )


def _guard(table: str, name: str, events: str, rule: str) -> tuple[str, ...]:
    trigger = f"{table}_{name}"
    return (
        f"create trigger {trigger} before {events} on {table} for each statement execute function milepost_refuse('{rule}')",
        f"alter table {table} enable always trigger {trigger}",
    )
