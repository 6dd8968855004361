"""Tier classes and tiers of a program. They are written under the program's lock: every change is a new version of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Table, any_, update
from sqlalchemy.dialects.postgresql import insert

from domain.people import Scope
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.documents import to_document
from domain.store.programs import program_of_member, programs_of_partner
from domain.store.tier_definitions import CLASSES, CLASSES_BY_PROGRAMS, IDS, TIERS, TIERS_BY_PROGRAMS, class_of, tier_of
from domain.tiers import Tier, TierClass

CLASSES_BY_IDS = CLASSES.where(t.tier_class.c.id == any_(IDS))
TIERS_BY_IDS = TIERS.where(t.tier.c.id == any_(IDS))


async def load_classes(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[TierClass | None]:
    """The classes with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(_in_scope(CLASSES_BY_IDS, t.tier_class, scope), {"ids": list(ids)})
    found = {row.id: class_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def load_tiers(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[Tier | None]:
    """The tiers with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(_in_scope(TIERS_BY_IDS, t.tier, scope), {"ids": list(ids)})
    found = {row.id: tier_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def load_of_programs(reader: Reader, scope: Scope, program_ids: Sequence[int]) -> list[list[TierClass]]:
    """The classes of each of these programs, the most senior first."""
    rows = await reader.execute(_in_scope(CLASSES_BY_PROGRAMS, t.tier_class, scope), {"ids": list(program_ids)})
    found: dict[int, list[TierClass]] = {each: [] for each in program_ids}
    for row in rows:
        found[row.program_id].append(class_of(row))
    return [found[each] for each in program_ids]


async def load_by_code(reader: Reader, scope: Scope, keys: Sequence[tuple[int, str]]) -> list[Tier | None]:
    """The tiers with these codes, each of a program."""
    programs = list({program_id for program_id, _ in keys})
    rows = await reader.execute(_in_scope(TIERS_BY_PROGRAMS, t.tier, scope), {"ids": programs})
    found = {(row.program_id, row.code): tier_of(row) for row in rows}
    return [found.get(each) for each in keys]


async def load_of_classes(reader: Reader, scope: Scope, keys: Sequence[tuple[int, str]]) -> list[list[Tier]]:
    """The tiers of each of these classes (a program, and a code), the lowest first."""
    programs = list({program_id for program_id, _ in keys})
    rows = await reader.execute(_in_scope(TIERS_BY_PROGRAMS, t.tier, scope), {"ids": programs})
    found: dict[tuple[int, str], list[Tier]] = {each: [] for each in keys}
    for row in rows:
        found.get((row.program_id, row.tier_class), []).append(tier_of(row))
    return [found[each] for each in keys]


async def add_class(writer: Writer, **values: Any) -> TierClass:
    """A new class of a locked program."""
    return class_of((await writer.execute(insert(t.tier_class).values(values).returning(t.tier_class))).one())


async def change_class(writer: Writer, key: int, **values: Any) -> TierClass:
    """Write some fields of a class of a locked program."""
    statement = update(t.tier_class).where(t.tier_class.c.id == key).values(values).returning(t.tier_class)
    return class_of((await writer.execute(statement)).one())


async def add_tier(writer: Writer, **values: Any) -> Tier:
    """A new tier of a locked program."""
    return tier_of((await writer.execute(insert(t.tier).values(_documents(values)).returning(t.tier))).one())


async def change_tier(writer: Writer, key: int, **values: Any) -> Tier:
    """Write some fields of a tier of a locked program."""
    statement = update(t.tier).where(t.tier.c.id == key).values(_documents(values)).returning(t.tier)
    return tier_of((await writer.execute(statement)).one())


def _documents(values: dict[str, Any]) -> dict[str, Any]:
    kept = ("thresholds", "expiry", "vouchers", "loan")
    return {name: to_document(value) if name in kept and value is not None else value for name, value in values.items()}


def _in_scope(query: Select[Any], table: Table, scope: Scope) -> Select[Any]:
    if scope.program_id is not None:
        query = query.where(table.c.program_id == scope.program_id)
    if scope.partner_id is not None:
        query = query.where(table.c.program_id.in_(programs_of_partner(scope.partner_id)))
    if scope.member_id is not None:
        query = query.where(table.c.program_id.in_(program_of_member(scope.member_id)))
    return query
