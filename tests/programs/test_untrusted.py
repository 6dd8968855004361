"""Rule kinds that a program does not trust run in a helper process, to the same points."""

from decimal import Decimal

import psutil
import pytest

from domain.commands.programs import ProgramUpdate, SettingsChange
from domain.people import ENGINE
from domain.problems import Invalid, Refused
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.services.programs import program_update
from domain.store.database import Database
from tests.support.factories import a_program, result_of
from tests.support.members import refusal
from tests.support.transactions import a_stage


async def test_an_untrusted_kind_gives_the_same_points(database: Database) -> None:
    desk = Desk(database, EnginePrograms())
    change = SettingsChange(untrusted_rule_kinds=("perAmount",), rule_time_limit_ms=5_000)
    stage = await a_stage(desk, settings=change)

    earned = result_of(await stage.earn(70))

    assert [total.points for total in earned.totals] == [Decimal(70)]
    assert any("rules.sandbox_helper" in child.cmdline() for child in psutil.Process().children())
    await desk.close()


@pytest.mark.parametrize("limit", [9, 10_001])
async def test_a_time_limit_is_within_bounds(database: Database, limit: int) -> None:
    program = await a_program(database)
    change = ProgramUpdate(
        program=program.code, expected_version=program.version, settings=SettingsChange(rule_time_limit_ms=limit)
    )
    path = ("input", "settings", "ruleTimeLimitMs")

    with refusal(Invalid(value=str(limit), expected="10 to 10000 milliseconds", path=path)):
        await program_update(database, ENGINE, change)


async def test_a_kind_without_a_name_is_refused(database: Database) -> None:
    program = await a_program(database)
    change = ProgramUpdate(
        program=program.code, expected_version=program.version, settings=SettingsChange(untrusted_rule_kinds=("",))
    )

    with pytest.raises(Refused) as caught:
        await program_update(database, ENGINE, change)
    assert caught.value.problems[0].path == ("input", "settings", "untrustedRuleKinds", "0")
