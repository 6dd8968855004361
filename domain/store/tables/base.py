"""What all tables share: one metadata with named constraints, and column types that cannot be got wrong.

Points are `bigint` units of the smallest part; decimals are exact; moments carry their offset; nothing is ever a float.
"""

import enum
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, MetaData, Numeric, Text, func
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key() -> Column[int]:
    """The primary key of a table of things, numbered by the database."""
    return Column("id", BigInteger, primary_key=True, autoincrement=True)


def reference(name: str, target: str, *, optional: bool = False, primary: bool = False) -> Column[int]:
    """A foreign key to the `id` of another table."""
    return Column(name, BigInteger, ForeignKey(f"{target}.id"), nullable=optional, primary_key=primary)


def number(name: str, *, optional: bool = False) -> Column[int]:
    """A key of the ledger without a foreign key: hot tables trust the engine, and `verify` checks them."""
    return Column(name, BigInteger, nullable=optional)


def units(name: str, *, optional: bool = False) -> Column[int]:
    """Points in the smallest unit of their point type."""
    return Column(name, BigInteger, nullable=optional)


def block_points(name: str, *, optional: bool = False) -> Column[Decimal]:
    """Points of a block, which have two decimals whatever the point types of members."""
    return Column(name, Numeric(20, 2), nullable=optional)


def exact(name: str, *, optional: bool = False) -> Column[Decimal]:
    """An exact decimal: amounts, quantities, base points, prices."""
    return Column(name, Numeric(24, 6), nullable=optional)


def words(name: str, *, optional: bool = False) -> Column[str]:
    """Text."""
    return Column(name, Text, nullable=optional)


def document(name: str, *, optional: bool = False) -> Column[Any]:
    """A small JSON document; numbers in it stay exact."""
    return Column(name, JSONB(none_as_null=True), nullable=optional)


def choice(name: str, values: type[enum.Enum], *, optional: bool = False) -> Column[Any]:
    """One of an enumeration, as text; the database refuses any other."""
    kind = SqlEnum(values, name=name, native_enum=False, create_constraint=True, length=40)
    return Column(name, kind, nullable=optional)


def moment(name: str, *, optional: bool = False) -> Column[Any]:
    """A moment, with its offset."""
    return Column(name, DateTime(timezone=True), nullable=optional)


def created() -> Column[Any]:
    """When the row was written."""
    return Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now())
