"""Declaring attributes: rules may read them from then on; what they hold never changes."""

import asyncio

import pytest

from domain.attributes import AttributeType
from domain.commands.programs import ProgramUpdate
from domain.commands.promotions import AttributeDefine
from domain.people import ENGINE, Role
from domain.problems import NotFound
from domain.programs import Program
from domain.promotion_problems import AttributeTypeFixed
from domain.promotions import AttributeOperation, Criterion, Operator, Rule, UpdateAttribute
from domain.receipts import Receipt
from domain.services.attributes import attribute_define
from domain.services.programs import program_update
from domain.store import programs
from domain.store.database import Database
from tests.support.factories import a_draft, a_program, result_of, somebody
from tests.support.promotions import a_draft_promotion, a_promotion, activated, gives
from tests.support.refusals import places, problems_of

STORE = "member.attributes.homeStore"


async def define(database: Database, program: Program, path: str, kind: AttributeType) -> Receipt[Program]:
    return await attribute_define(database, ENGINE, AttributeDefine(program=program.code, path=path, type=kind))


@pytest.mark.parametrize(
    "path",
    [
        STORE,
        "transaction.attributes.miles",
        "line.attributes.department",
        "product.attributes.brand",
        "counters.visits",
    ],
)
async def test_an_attribute_is_a_new_version_of_its_program(database: Database, path: str) -> None:
    program = await a_program(database, attributes={"member.attributes.other": AttributeType.DATE})

    defined = result_of(await define(database, program, path, AttributeType.NUMBER))

    assert defined.attributes == {"member.attributes.other": AttributeType.DATE, path: AttributeType.NUMBER}
    assert defined.version == program.version + 1
    async with database.read() as reader:
        assert await programs.find(reader, ENGINE.scope, program.code) == defined


async def test_a_promotion_that_reads_it_can_then_be_activated(database: Database) -> None:
    program = await a_program(database)
    rule = gives(1, Criterion(STORE, Operator.EQUALS, ("7",)))
    draft = await a_draft_promotion(database, program, rule)

    await define(database, program, STORE, AttributeType.TEXT)

    assert (await activated(database, program, draft)).active


async def test_the_same_again_changes_nothing_and_says_so(database: Database) -> None:
    program = await a_draft(database)
    first = await define(database, program, STORE, AttributeType.TEXT)

    again = await define(database, program, STORE, AttributeType.TEXT)

    assert (first.replayed, again.replayed) == (False, True)
    assert again.result == first.result


async def test_its_type_never_changes(database: Database) -> None:
    program = await a_draft(database)
    defined = result_of(await define(database, program, STORE, AttributeType.TEXT))
    command = AttributeDefine(program=program.code, path=STORE, type=AttributeType.NUMBER)

    problems = await problems_of(attribute_define(database, ENGINE, command))

    assert problems == [AttributeTypeFixed(attribute=STORE, type=AttributeType.TEXT, path=("input", "type"))]
    async with database.read() as reader:
        assert await programs.find(reader, ENGINE.scope, program.code) == defined


async def test_its_type_never_changes_with_the_whole_program_either(database: Database) -> None:
    declared = {STORE: AttributeType.TEXT, "counters.visits": AttributeType.NUMBER}
    program = await a_draft(database, attributes=declared)
    wanted = {"counters.visits": AttributeType.NUMBER, STORE: AttributeType.DATE}
    command = ProgramUpdate(program=program.code, expected_version=program.version, attributes=wanted)

    problems = await problems_of(program_update(database, ENGINE, command))

    place = ("input", "attributes", "1", "type")
    assert problems == [AttributeTypeFixed(attribute=STORE, type=AttributeType.TEXT, path=place)]


@pytest.mark.parametrize(
    "path",
    ["", "homeStore", "member.homeStore", "member.attributes.", "member.attributes.a b", "tier.code", "counters.1st"],
)
async def test_only_attributes_of_ones_own_can_be_declared(database: Database, path: str) -> None:
    program = await a_draft(database)
    command = AttributeDefine(program=program.code, path=path, type=AttributeType.TEXT)

    problems = await problems_of(attribute_define(database, ENGINE, command))

    assert places(problems) == [("INVALID_INPUT", "input.path")]


async def test_a_counter_in_use_cannot_be_declared_to_be_something_else(database: Database) -> None:
    program = await a_program(database)
    counting = await a_promotion(
        database, program, Rule((UpdateAttribute("counters.visits", AttributeOperation.ADD, 1),))
    )
    command = AttributeDefine(program=program.code, path="counters.visits", type=AttributeType.TEXT)

    problems = await problems_of(attribute_define(database, ENGINE, command))

    place = f"input.promotions.{counting.code}.rules.0.actions.0.operation"
    assert places(problems) == [("INVALID_RULE", place)]
    assert (await define(database, program, "counters.visits", AttributeType.INTEGER)).errors == ()


async def test_two_declared_at_once_are_both_there(database: Database) -> None:
    program = await a_draft(database)
    paths = [f"member.attributes.{name}" for name in "ab"]

    await asyncio.gather(*(define(database, program, path, AttributeType.TEXT) for path in paths))

    async with database.read() as reader:
        found = await programs.find(reader, ENGINE.scope, program.code)
    assert found is not None
    assert (set(found.attributes), found.version) == (set(paths), program.version + 2)


async def test_a_program_that_somebody_may_not_see_does_not_exist(database: Database) -> None:
    program, other = await a_draft(database), await a_draft(database)
    actor = somebody(Role.PROGRAM_ADMINISTRATOR, program=other)

    command = AttributeDefine(program=program.code, path=STORE, type=AttributeType.TEXT)

    problems = await problems_of(attribute_define(database, actor, command))

    assert problems == [NotFound(what="program", key=program.code, path=("input", "program"))]
