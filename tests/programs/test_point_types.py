"""Kinds of points: the first is the default, codes are single, and every change is a version of the program."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.commands.programs import PointTypeCreate, PointTypeUpdate
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.people import ENGINE, Role
from domain.problems import AlreadyExists, NotFound, Refused, TooMany, VersionConflict
from domain.programs import PointType, Program
from domain.services import point_types as services
from domain.services.point_types import point_type_create, point_type_update
from domain.store import point_types as store
from domain.store import programs
from domain.store.database import Database
from tests.support.factories import a_code, a_draft, a_partner, a_point_type, result_of, somebody
from tests.support.refusals import places, problems_of

YEAR = ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.YEAR)


async def all_of(database: Database, program: Program) -> list[PointType]:
    async with database.read() as reader:
        return list((await store.of_program(reader, program.id)).values())


async def version_of(database: Database, program: Program) -> int:
    async with database.read() as reader:
        found = await programs.find(reader, ENGINE.scope, program.code)
    assert found is not None
    return found.version


async def test_a_point_type_is_read_as_it_was_given(database: Database) -> None:
    program = await a_draft(database)
    command = PointTypeCreate(
        program=program.code,
        code="MILES",
        name="Miles",
        decimals=2,
        qualifying=False,
        weight_qualifying=Decimal("0.8"),
        weight_non_qualifying=Decimal("0.4"),
        expiry=YEAR,
    )

    made = result_of(await point_type_create(database, ENGINE, command))

    assert made == PointType(
        id=made.id,
        program_id=program.id,
        code="MILES",
        name="Miles",
        decimals=2,
        qualifying=False,
        weight_qualifying=Decimal("0.8"),
        weight_non_qualifying=Decimal("0.4"),
        expiry=YEAR,
        is_default=True,
    )
    assert str(made.weight_qualifying) == "0.8"
    assert await all_of(database, program) == [made]


async def test_the_first_is_the_default_and_a_later_one_only_if_it_says_so(database: Database) -> None:
    program = await a_draft(database)

    first = await a_point_type(database, program)
    second = await a_point_type(database, program)
    assert (first.is_default, second.is_default) == (True, False)

    third = await a_point_type(database, program, is_default=True)
    assert [one.id for one in await all_of(database, program) if one.is_default] == [third.id]


async def test_every_new_point_type_is_a_version_of_the_program(database: Database) -> None:
    program = await a_draft(database)
    await a_point_type(database, program)
    await a_point_type(database, program)

    assert await version_of(database, program) == 3


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"code": "two words"}, "code"),
        ({"name": ""}, "name"),
        ({"decimals": 5}, "decimals"),
        ({"decimals": -1}, "decimals"),
        ({"weight_qualifying": Decimal(-1)}, "weightQualifying"),
        ({"weight_non_qualifying": Decimal(1_000_000)}, "weightNonQualifying"),
        ({"weight_non_qualifying": Decimal("0.0000001")}, "weightNonQualifying"),
        ({"weight_qualifying": Decimal("NaN")}, "weightQualifying"),
        ({"expiry": ExpiryPolicy(ExpiryKind.PERIOD, 0)}, "expiry.length"),
    ],
)
async def test_a_wrong_point_type_is_refused_with_the_place(
    database: Database, values: dict[str, Any], place: str
) -> None:
    program = await a_draft(database)
    given = {"program": program.code, "code": a_code("T"), "name": "Points", **values}

    problems = await problems_of(point_type_create(database, ENGINE, PointTypeCreate(**given)))

    assert places(problems) == [("INVALID_INPUT", f"input.{place}")]
    assert await all_of(database, program) == []
    assert await version_of(database, program) == 1


async def test_two_of_the_same_code_at_once_make_one(database: Database) -> None:
    program = await a_draft(database)
    command = PointTypeCreate(program=program.code, code="MILES", name="Miles")

    answers = await asyncio.gather(
        *(point_type_create(database, ENGINE, command) for _ in range(3)), return_exceptions=True
    )

    taken = AlreadyExists(what="point type", key="MILES", path=("input", "code"))
    assert [answer.problems for answer in answers if isinstance(answer, Refused)] == [(taken,)] * 2
    assert len(await all_of(database, program)) == 1


async def test_a_program_has_a_bounded_number_of_them(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_POINT_TYPES", 1)
    program = await a_draft(database)
    await a_point_type(database, program)

    problems = await problems_of(
        point_type_create(database, ENGINE, PointTypeCreate(program=program.code, code="X", name="X"))
    )

    assert problems == [TooMany(what="point types", limit=1, found=2, path=("input",))]


async def test_an_update_changes_what_it_names_and_nothing_else(database: Database) -> None:
    program = await a_draft(database)
    before = await a_point_type(database, program, expiry=YEAR, weight_qualifying=Decimal(2))

    after = result_of(
        await point_type_update(
            database,
            ENGINE,
            PointTypeUpdate(program=program.code, point_type=before.code, expected_version=2, name="Miles"),
        )
    )

    assert after == replace(before, name="Miles")
    assert await version_of(database, program) == 3


async def test_an_expiry_of_its_own_can_be_taken_away_again(database: Database) -> None:
    program = await a_draft(database)
    before = await a_point_type(database, program, expiry=YEAR)
    command = PointTypeUpdate(program=program.code, point_type=before.code, expected_version=2, expiry=None)

    assert result_of(await point_type_update(database, ENGINE, command)) == replace(before, expiry=None)


async def test_another_can_become_the_default(database: Database) -> None:
    program = await a_draft(database)
    first, second = await a_point_type(database, program), await a_point_type(database, program)
    command = PointTypeUpdate(program=program.code, point_type=second.code, expected_version=3, is_default=True)

    await point_type_update(database, ENGINE, command)

    assert await all_of(database, program) == [replace(first, is_default=False), replace(second, is_default=True)]


async def test_an_update_of_an_old_version_an_unknown_one_or_with_wrong_values_changes_nothing(
    database: Database,
) -> None:
    program = await a_draft(database)
    point_type = await a_point_type(database, program)
    command = PointTypeUpdate(program=program.code, point_type=point_type.code, expected_version=2, name="Miles")

    old = await problems_of(point_type_update(database, ENGINE, replace(command, expected_version=1)))
    unknown = await problems_of(point_type_update(database, ENGINE, replace(command, point_type="NONE")))
    wrong = await problems_of(point_type_update(database, ENGINE, replace(command, weight_qualifying=Decimal(-1))))

    assert old == [VersionConflict(expected=1, current=2, path=("input", "expectedVersion"))]
    assert unknown == [NotFound(what="point type", key="NONE", path=("input", "pointType"))]
    assert places(wrong) == [("INVALID_INPUT", "input.weightQualifying")]
    assert await all_of(database, program) == [point_type]


async def test_point_types_are_loaded_within_the_scope_and_in_the_order_asked(database: Database) -> None:
    own, other = await a_draft(database), await a_draft(database)
    first, second = await a_point_type(database, own), await a_point_type(database, own)
    foreign = await a_point_type(database, other)
    partner = await a_partner(database, own)

    async with database.read() as reader:
        for scope in (somebody(Role.MSR, program=own).scope, somebody(Role.MSR, partner=partner).scope):
            found = await store.load_many(reader, scope, [second.id, foreign.id, first.id, 0])
            assert found == [second, None, first, None]
            assert await store.load_of_programs(reader, scope, [other.id, own.id]) == [[], [first, second]]
