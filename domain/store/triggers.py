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

REFUSE_UNLESS_ERASED = """
create function milepost_refuse_unless_erased() returns trigger language plpgsql as $$
declare
    erased boolean;
begin
    execute 'select exists (select from member where erased_at is not null and id = ' || tg_argv[0] || ')' into erased using old;
    if not erased then
        raise exception '% of % is refused: only of an erased member may something be taken away', tg_op, tg_table_name
            using errcode = 'restrict_violation';
    end if;
    return new;
end
$$
"""
"""What guards the texts that an erasure takes away; its argument finds the member of the row `$1`."""

DROP_REFUSE_UNLESS_ERASED = "drop function milepost_refuse_unless_erased()"

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


def erasable(table: str, column: str, member: str) -> tuple[str, ...]:
    """Statements after which a column, free to change so far, changes only where a member is erased: `member` finds whose `$1` is.

    A text can only go; a document that must be there can be written anew.
    """
    trigger, rule = f"{table}_erasable", f"{column} can only be taken away"
    kept = f"update of {column} on {table} for each row"
    call = "execute function milepost_refuse_unless_erased"
    made = [
        f"create trigger {trigger} before {kept} {call}('{member}')",
        f"alter table {table} enable always trigger {trigger}",
    ]
    if column != "body":
        less = f"{table}_only_less"
        refuse = f"execute function milepost_refuse('{rule}')"
        made += [
            f"create trigger {less} before {kept} when (new.{column} is not null) {refuse}",
            f"alter table {table} enable always trigger {less}",
        ]
    return tuple(made)


def unguarded(table: str, *names: str) -> tuple[str, ...]:
    """Statements that take such triggers away, so that others can be made."""
    return tuple(f"drop trigger {table}_{name} on {table}" for name in names)


def final(table: str, when: str, rule: str) -> tuple[str, ...]:
    """Statements after which rows stay, and a row for which `when` holds (of `old`) is never changed again."""
    trigger, refuse = f"{table}_final", f"execute function milepost_refuse('{rule}')"
    return (
        *_guard(table, "append_only", "delete or truncate", WRITTEN_ONCE),
        f"create trigger {trigger} before update on {table} for each row when ({when}) {refuse}",
        f"alter table {table} enable always trigger {trigger}",
    )


def _guard(table: str, name: str, events: str, rule: str) -> tuple[str, ...]:
    trigger = f"{table}_{name}"
    return (
        f"create trigger {trigger} before {events} on {table} for each statement execute function milepost_refuse('{rule}')",
        f"alter table {table} enable always trigger {trigger}",
    )
