"""Defining classes and tiers: every change is a new version of the program, and what cannot be right is refused with its place."""

from decimal import Decimal
from typing import Any

import pytest

from domain.commands.tiers import TierClassUpdate, TierThreshold, TierUpdate
from domain.people import ENGINE
from domain.problems import AlreadyExists, Invalid, Missing, NotFound, Problem, VersionConflict
from domain.programs import Program
from domain.services.tiers import tier_class_update, tier_update
from domain.store import programs
from domain.store.database import Database
from domain.tiers import TierModel
from tests.support.factories import a_program, result_of
from tests.support.members import refusal
from tests.tiers.club import EVERYTHING, a_class, a_tier, points

THRESHOLD = "input", "thresholds", "0"


async def a_ladder(database: Database) -> Program:
    """BASIC and GOLD."""
    program = await a_program(database)
    await a_class(database, program)
    await a_tier(database, program, "BASIC", 10)
    await a_tier(database, program, "GOLD", 20, thresholds=points(500))
    return program


async def version(database: Database, program: Program) -> int:
    async with database.read() as reader:
        found = await programs.find(reader, EVERYTHING, program.code)
    assert found is not None
    return found.version


async def test_the_first_tier_of_a_class_is_its_default(database: Database) -> None:
    program = await a_program(database)
    await a_class(database, program)

    assert (await a_tier(database, program, "BASIC", 10)).is_default
    assert not (await a_tier(database, program, "GOLD", 20)).is_default


async def test_every_change_is_a_new_version_of_the_program(database: Database) -> None:
    program = await a_ladder(database)
    before = await version(database, program)

    change = TierUpdate(program=program.code, tier="GOLD", expected_version=before, name="Golden")
    assert result_of(await tier_update(database, ENGINE, change)).name == "Golden"
    again = TierClassUpdate(
        program=program.code, tier_class="STATUS", expected_version=before + 1, model=TierModel.ROLLING
    )
    assert result_of(await tier_class_update(database, ENGINE, again)).model is TierModel.ROLLING

    assert await version(database, program) == before + 2
    with refusal(VersionConflict(expected=before, current=before + 2, path=("input", "expectedVersion"))):
        await tier_update(database, ENGINE, change)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"code": "GOLD"}, AlreadyExists(what="tier", key="GOLD", path=("input", "code"))),
        ({"sequence": 20}, Invalid(value="20", expected="a sequence that no other tier has: GOLD has it", path=("input", "sequence"))),
        ({"sequence": 5}, Invalid(value="5", expected="more than 10, that of BASIC, the default of the class", path=("input", "sequence"))),
        ({"minimum_months": 0}, Invalid(value="0", expected="1 to 1200", path=("input", "minimumMonths"))),
        ({"downgrade_to": "NOBLE"}, Invalid(value="NOBLE", expected="a tier of STATUS below SILVER", path=("input", "downgradeTo"))),
        ({"downgrade_to": "GOLD"}, Invalid(value="GOLD", expected="a tier of STATUS below SILVER", path=("input", "downgradeTo"))),
        ({"thresholds": (TierThreshold(at_least=Decimal(5)),)}, Missing(why="a threshold names either a point type or a counter", path=THRESHOLD)),
        ({"thresholds": (TierThreshold(at_least=Decimal(0), point_type="POINTS"),)}, Invalid(value="0", expected="more than 0", path=(*THRESHOLD, "atLeast"))),
        ({"thresholds": (TierThreshold(at_least=Decimal(5), point_type="MILES"),)}, NotFound(what="point type", key="MILES", path=(*THRESHOLD, "pointType"))),
        ({"thresholds": (TierThreshold(at_least=Decimal(5), counter="counters.flights"),)}, NotFound(what="counter", key="counters.flights", path=(*THRESHOLD, "counter"))),
    ],
)  # fmt: skip
async def test_a_tier_that_cannot_be_right_is_refused(
    database: Database, values: dict[str, Any], problem: Problem
) -> None:
    program = await a_ladder(database)
    before = await version(database, program)
    given = {"code": "SILVER", "sequence": 15, **values}

    with refusal(problem):
        await a_tier(database, program, **given)

    assert await version(database, program) == before


async def test_a_default_tier_has_nothing_to_reach_lose_or_suspend(database: Database) -> None:
    program = await a_ladder(database)
    why = "BASIC: it is the default of its class, where everybody begins"
    expected = await version(database, program)

    with refusal(
        Invalid(value="1 thresholds", expected=f"none for {why}", path=("input", "thresholds")),
        Invalid(
            value="true",
            expected=f"false for {why} and nothing ends; points that never lapse need an expiry of their own",
            path=("input", "suspendsExpiry"),
        ),
    ):
        await tier_update(
            database,
            ENGINE,
            TierUpdate(
                program=program.code,
                tier="BASIC",
                expected_version=expected,
                thresholds=points(5),
                suspends_expiry=True,
            ),
        )


async def test_two_classes_have_no_sequence_in_common(database: Database) -> None:
    program = await a_ladder(database)
    expected = "a sequence that no other class has: STATUS has it"

    with refusal(Invalid(value="1", expected=expected, path=("input", "sequence"))):
        await a_class(database, program, "CLUB")


async def test_a_tier_stays_above_those_that_fall_to_it(database: Database) -> None:
    program = await a_ladder(database)
    await a_tier(database, program, "NOBLE", 30, downgrade_to="GOLD")
    change = TierUpdate(
        program=program.code, tier="GOLD", expected_version=await version(database, program), sequence=40
    )

    with refusal(
        Invalid(value="40", expected="less than 30: NOBLE stands above it", path=("input", "sequence")),
    ):
        await tier_update(database, ENGINE, change)
