"""Kinds of points of a program: what a point is, how fine, and what it weighs when promotions compete.

How many decimals a kind has is decided once, when it is made: every number of points ever stored means it.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from domain.codes import code_problems, name_problems
from domain.commands.members import Unchanged
from domain.commands.programs import PointTypeCreate, PointTypeUpdate
from domain.expiry import ExpiryPolicy, policy_problems
from domain.people import Principal
from domain.points import MAX_DECIMALS
from domain.problems import AlreadyExists, Invalid, Problem, TooMany
from domain.programs import PointType
from domain.receipts import Receipt
from domain.services.checks import INPUT, check_version, found, refuse
from domain.services.programs import locked
from domain.store import point_types as store
from domain.store import programs
from domain.store.database import Database
from domain.values import number_problems

MAX_POINT_TYPES = 50
MAX_WEIGHT = Decimal(10**6)
WEIGHT_DECIMALS = 6


async def point_type_create(database: Database, actor: Principal, command: PointTypeCreate) -> Receipt[PointType]:
    """Add a kind of points; the first of a program is its default."""
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        known = await store.of_program(writer, program.id)
        refuse([*_create_problems(command), *_known_problems(command, known)])
        point_type = await store.add(
            writer,
            program_id=program.id,
            code=command.code,
            name=command.name,
            decimals=command.decimals,
            qualifying=command.qualifying,
            weight_qualifying=command.weight_qualifying,
            weight_non_qualifying=command.weight_non_qualifying,
            expiry=command.expiry,
            is_default=command.is_default or not known,
        )
        await programs.publish(writer, program.id, actor)
        return Receipt(point_type)


async def point_type_update(database: Database, actor: Principal, command: PointTypeUpdate) -> Receipt[PointType]:
    """Change a kind of points; lots that exist keep their expiry dates."""
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        known = await store.of_program(writer, program.id)
        point_type = found(known.get(command.point_type), "point type", command.point_type, "pointType")
        check_version(command.expected_version, program.version)
        refuse(_value_problems(command))
        changed = await store.change(writer, point_type, **_changes(command, point_type))
        await programs.publish(writer, program.id, actor)
        return Receipt(changed)


def _changes(command: PointTypeUpdate, point_type: PointType) -> dict[str, Any]:
    expiry = point_type.expiry if isinstance(command.expiry, Unchanged) else command.expiry
    named = {
        "name": command.name,
        "qualifying": command.qualifying,
        "weight_qualifying": command.weight_qualifying,
        "weight_non_qualifying": command.weight_non_qualifying,
        "is_default": command.is_default or None,
    }
    return {"expiry": expiry, **{name: value for name, value in named.items() if value is not None}}


def _create_problems(command: PointTypeCreate) -> Iterator[Problem]:
    yield from code_problems(command.code, INPUT, "code")
    if not 0 <= command.decimals <= MAX_DECIMALS:
        yield Invalid(value=str(command.decimals), expected=f"0 to {MAX_DECIMALS}", path=(INPUT, "decimals"))
    yield from _value_problems(command)


def _value_problems(command: PointTypeCreate | PointTypeUpdate) -> Iterator[Problem]:
    yield from name_problems(command.name, INPUT, "name")
    yield from _weight_problems(command.weight_qualifying, "weightQualifying")
    yield from _weight_problems(command.weight_non_qualifying, "weightNonQualifying")
    if isinstance(command.expiry, ExpiryPolicy):
        yield from policy_problems(command.expiry, INPUT, "expiry")


def _weight_problems(weight: Decimal | None, name: str) -> Iterator[Problem]:
    return number_problems(weight, MAX_WEIGHT, WEIGHT_DECIMALS, INPUT, name)


def _known_problems(command: PointTypeCreate, known: dict[str, PointType]) -> Iterator[Problem]:
    if command.code in known:
        yield AlreadyExists(what="point type", key=command.code, path=(INPUT, "code"))
    if len(known) >= MAX_POINT_TYPES:
        yield TooMany(what="point types", limit=MAX_POINT_TYPES, found=len(known) + 1, path=(INPUT,))
