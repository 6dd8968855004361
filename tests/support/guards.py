"""Which tables the database must guard, and how: read by the tests of the triggers and by whoever writes a migration."""

from domain.store.tables import metadata

CHANGING = {"lot": ("remaining", "open", "extended"), "member_tier": ("ends_on", "open")}
"""Tables whose rows stay, and the only columns of them that may change."""


def fixed_columns(table: str) -> tuple[str, ...]:
    """All columns of a table but those that may change."""
    return tuple(column.name for column in metadata.tables[table].columns if column.name not in CHANGING[table])
