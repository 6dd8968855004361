"""Migrations make exactly the tables that the code describes, once, whoever starts them."""

import asyncio

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from domain.store import migrate
from domain.store.tables import metadata

CATALOG = text("""
select 'column', relname || '.' || attname, format_type(atttypid, atttypmod) || ' not null ' || attnotnull
       || ' default ' || coalesce(pg_get_expr(adbin, adrelid), 'none') || ' identity ' || attidentity::text
  from pg_attribute join pg_class c on c.oid = attrelid left join pg_attrdef on adrelid = attrelid and adnum = attnum
 where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and attnum > 0 and not attisdropped
union all
select 'constraint', conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid)
  from pg_constraint where connamespace = 'public'::regnamespace
union all
select 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
  from pg_index join pg_class c on c.oid = indexrelid where relnamespace = 'public'::regnamespace
union all
select 'table', relname, coalesce(reloptions::text, 'plain')
  from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
union all
select 'sequence', sequencename, start_value || ' by ' || increment_by from pg_sequences where schemaname = 'public'
""")


def catalog(url: str) -> set[tuple[str, ...]]:
    with migrate.connected(url) as connection:
        rows = {tuple(row) for row in connection.execute(CATALOG)}
    return {row for row in rows if not row[1].startswith("alembic_version")}


def test_an_empty_database_has_no_revision(empty_database_url: str) -> None:
    assert migrate.current(empty_database_url) is None
    assert not migrate.is_current(empty_database_url)


def test_an_upgrade_reaches_the_newest_revision_and_may_be_repeated(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)
    migrate.upgrade(empty_database_url)

    assert migrate.current(empty_database_url) == migrate.newest()
    assert migrate.is_current(empty_database_url)


async def test_processes_that_start_at_once_migrate_once(empty_database_url: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(migrate.upgrade, empty_database_url) for _ in range(3)))

    assert migrate.is_current(empty_database_url)


def test_a_failing_upgrade_leaves_the_database_as_it_was(empty_database_url: str) -> None:
    with migrate.connected(empty_database_url) as connection:
        connection.execute(text("create table program (id int)"))

    with pytest.raises(ProgrammingError, match='relation "program" already exists'):
        migrate.upgrade(empty_database_url)

    assert {name for kind, name, _ in catalog(empty_database_url) if kind == "table"} == {"program"}
    assert migrate.current(empty_database_url) is None


def test_migrations_make_exactly_the_tables_of_the_code(migrated_url: str, empty_database_url: str) -> None:
    with migrate.connected(empty_database_url) as connection:
        metadata.create_all(connection)

    described, migrated = catalog(empty_database_url), catalog(migrated_url)

    assert migrated - described == set()
    assert described - migrated == set()
    assert len(described) > 300


def test_alembic_finds_nothing_to_do(migrated_url: str) -> None:
    with migrate.connected(migrated_url) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_downgrade_takes_everything_away(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)

    with migrate.connected(empty_database_url) as connection:
        command.downgrade(migrate.config(connection), "base")

    assert catalog(empty_database_url) == set()
