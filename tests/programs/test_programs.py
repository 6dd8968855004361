"""Drafting, changing, activating and halting programs, and every version of them."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.attributes import AttributeType
from domain.commands.programs import (
    ProgramActivate,
    ProgramCreate,
    ProgramDeactivate,
    ProgramUpdate,
    SettingsChange,
)
from domain.expiry import ExpiryKind, ExpiryPolicy
from domain.people import ENGINE, Role
from domain.problems import AlreadyExists, NotFound, Refused, VersionConflict
from domain.program_problems import WrongProgramStatus
from domain.programs import BaseRule, CalculationRule, ProgramSettings, ProgramStatus
from domain.services.programs import program_activate, program_create, program_deactivate, program_update
from domain.store import programs as store
from domain.store.database import Database
from domain.transactions import SubType
from tests.support.factories import (
    PER_DOLLAR,
    a_code,
    a_draft,
    a_person,
    a_point_type,
    a_program,
    acting,
    result_of,
    somebody,
)
from tests.support.refusals import places, problems_of

MANY_ATTRIBUTES = {f"counters.a{number}": AttributeType.NUMBER for number in range(201)}


def a_creation(**values: Any) -> ProgramCreate:
    given = {"code": a_code("P"), "name": "Grocer", "time_zone": "Europe/Berlin", "currency": "EUR", **values}
    return ProgramCreate(**given)


async def test_a_program_begins_as_a_draft_with_the_settings_of_the_domain(database: Database) -> None:
    command = a_creation()

    program = result_of(await program_create(database, ENGINE, command))

    assert (program.code, program.name, program.time_zone, program.currency) == (
        command.code, "Grocer", "Europe/Berlin", "EUR",
    )  # fmt: skip
    assert program.status is ProgramStatus.DRAFT
    assert program.settings == ProgramSettings()
    assert (program.base_rules, dict(program.attributes), program.version) == ((), {}, 1)


async def test_what_a_program_is_given_is_what_is_read_again(database: Database) -> None:
    policy = ExpiryPolicy(ExpiryKind.PERIOD, 12)
    settings = SettingsChange(
        expiry=policy,
        approval_above={SubType.GIFT: Decimal("100.5")},
        process_queued_by_hand=True,
        spend_qualifying=False,
        calculation_rule=CalculationRule.ALL,
        required_for_accrual=("email", "attributes.homeStore"),
        required_for_redemption=("address.city",),
        earliest_days_back=30,
        max_days_ahead=2,
        host_blocks=True,
        close_statements_monthly=True,
        refund_reasons=("GOODWILL", "BILLED-TWICE"),
    )
    rule = BaseRule("perAmount", {"points": Decimal("1.50"), "currency": "EUR", "unit": 2})
    attributes = {"member.attributes.homeStore": AttributeType.TEXT}

    made = result_of(
        await program_create(database, ENGINE, a_creation(settings=settings, base_rules=(rule,), attributes=attributes))
    )

    async with database.read() as reader:
        read = await store.find(reader, ENGINE.scope, made.code)
    assert read == made
    assert made.settings == ProgramSettings(
        expiry=policy,
        approval_above={SubType.GIFT: Decimal("100.5")},
        process_queued_by_hand=True,
        spend_qualifying=False,
        calculation_rule=CalculationRule.ALL,
        required_for_accrual=("email", "attributes.homeStore"),
        required_for_redemption=("address.city",),
        earliest_days_back=30,
        max_days_ahead=2,
        host_blocks=True,
        close_statements_monthly=True,
        refund_reasons=("GOODWILL", "BILLED-TWICE"),
    )
    assert made.base_rules == (rule,)
    assert made.attributes == attributes


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"code": ""}, ("INVALID_INPUT", "input.code")),
        ({"code": "GRO CER"}, ("INVALID_INPUT", "input.code")),
        ({"code": "-GROCER"}, ("INVALID_INPUT", "input.code")),
        ({"code": "G" * 65}, ("INVALID_INPUT", "input.code")),
        ({"code": "GROCER\n"}, ("INVALID_INPUT", "input.code")),
        ({"name": " "}, ("INVALID_INPUT", "input.name")),
        ({"name": ""}, ("INVALID_INPUT", "input.name")),
        ({"name": "N" * 201}, ("INVALID_INPUT", "input.name")),
        ({"name": "Gro\0cer"}, ("INVALID_INPUT", "input.name")),
        ({"time_zone": "Berlin"}, ("UNKNOWN_TIME_ZONE", "input.timeZone")),
        ({"time_zone": "../etc/passwd"}, ("UNKNOWN_TIME_ZONE", "input.timeZone")),
        ({"time_zone": ""}, ("UNKNOWN_TIME_ZONE", "input.timeZone")),
        ({"currency": "eur"}, ("UNKNOWN_CURRENCY", "input.currency")),
        ({"currency": "ZZZ"}, ("UNKNOWN_CURRENCY", "input.currency")),
        ({"attributes": {"member.shoeSize": AttributeType.TEXT}}, ("INVALID_INPUT", "input.attributes.0.path")),
        ({"base_rules": (BaseRule("perMoon", {}),)}, ("UNKNOWN_RULE_KIND", "input.baseRules.0.kind")),
        ({"base_rules": (PER_DOLLAR, replace(PER_DOLLAR, version=2))}, ("UNKNOWN_RULE_KIND", "input.baseRules.1.kind")),
        (
            {"base_rules": (BaseRule("perAmount", {"points": Decimal(0), "currency": "EUR"}),)},
            ("INVALID_INPUT", "input.baseRules.0.parameters.points"),
        ),
        ({"base_rules": (PER_DOLLAR,) * 51}, ("TOO_MANY", "input.baseRules")),
        ({"attributes": MANY_ATTRIBUTES}, ("TOO_MANY", "input.attributes")),
        (
            {"settings": SettingsChange(refund_reasons=tuple(f"REASON-{number}" for number in range(101)))},
            ("TOO_MANY", "input.settings.refundReasons"),
        ),
        (
            {"settings": SettingsChange(required_for_accrual=("email",) * 51)},
            ("TOO_MANY", "input.settings.requiredForAccrual"),
        ),
    ],
)
async def test_a_program_that_cannot_work_is_refused_with_the_place(
    database: Database, values: dict[str, Any], expected: tuple[str, str]
) -> None:
    command = a_creation(**values)

    assert places(await problems_of(program_create(database, ENGINE, command))) == [expected]

    async with database.read() as reader:
        assert "\0" in command.code or await store.find(reader, ENGINE.scope, command.code) is None


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (SettingsChange(expiry=ExpiryPolicy(ExpiryKind.PERIOD, 0)), "expiry.length"),
        (SettingsChange(expiry=ExpiryPolicy(ExpiryKind.FIXED_DAY, month=13)), "expiry.month"),
        (SettingsChange(approval_above={SubType.EXPIRY: Decimal(1)}), "approvalAbove.0.subType"),
        (SettingsChange(approval_above={SubType.GIFT: Decimal(-1)}), "approvalAbove.0.points"),
        (SettingsChange(approval_above={SubType.GIFT: Decimal("0.00001")}), "approvalAbove.0.points"),
        (SettingsChange(required_for_accrual=("shoeSize",)), "requiredForAccrual.0"),
        (SettingsChange(required_for_redemption=("email", "attributes.homeStore")), "requiredForRedemption.1"),
        (SettingsChange(earliest_days_back=-1), "earliestDaysBack"),
        (SettingsChange(earliest_days_back=36_501), "earliestDaysBack"),
        (SettingsChange(max_days_ahead=3_651), "maxDaysAhead"),
        (SettingsChange(refund_reasons=("GOODWILL", "not a code")), "refundReasons.1"),
        (SettingsChange(refund_reasons=("GOODWILL", "GOODWILL")), "refundReasons.1"),
    ],
)
async def test_settings_out_of_range_are_refused_with_the_place(
    database: Database, change: SettingsChange, place: str
) -> None:
    problems = await problems_of(program_create(database, ENGINE, a_creation(settings=change)))

    assert places(problems) == [("INVALID_INPUT", f"input.settings.{place}")]


async def test_everything_that_is_wrong_is_said_at_once(database: Database) -> None:
    command = a_creation(code="?", name="", time_zone="Mars", currency="?", base_rules=(BaseRule("perMoon", {}),))

    problems = await problems_of(program_create(database, ENGINE, command))

    assert [code for code, _ in places(problems)] == [
        "INVALID_INPUT", "INVALID_INPUT", "UNKNOWN_TIME_ZONE", "UNKNOWN_CURRENCY", "UNKNOWN_RULE_KIND",
    ]  # fmt: skip


async def test_a_code_is_given_once_also_to_two_at_the_same_time(database: Database) -> None:
    command = a_creation()

    answers = await asyncio.gather(
        *(program_create(database, ENGINE, command) for _ in range(3)), return_exceptions=True
    )

    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == 2
    expected = AlreadyExists(what="program", key=command.code, path=("input", "code"))
    assert [answer.problems for answer in refused] == [(expected,)] * 2


async def test_who_is_bound_to_a_program_makes_no_other(database: Database) -> None:
    administrator = somebody(Role.PROGRAM_ADMINISTRATOR, program=await a_draft(database))

    problems = await problems_of(program_create(database, administrator, a_creation()))

    assert places(problems) == [("NOT_ALLOWED", "input")]


async def test_an_update_changes_what_it_names_and_nothing_else(database: Database) -> None:
    before = await a_draft(database, settings=SettingsChange(max_days_ahead=5, spend_qualifying=False))

    after = result_of(
        await program_update(
            database,
            ENGINE,
            ProgramUpdate(program=before.code, expected_version=1, settings=SettingsChange(max_days_ahead=7)),
        )
    )

    assert after == replace(before, version=2, settings=replace(before.settings, max_days_ahead=7))
    assert after.settings.spend_qualifying is False


async def test_an_update_replaces_name_base_rules_and_attributes(database: Database) -> None:
    before = await a_draft(database)
    attributes = {"transaction.attributes.miles": AttributeType.NUMBER}

    after = result_of(
        await program_update(
            database,
            ENGINE,
            ProgramUpdate(program=before.code, expected_version=1, name="Flyer", base_rules=(), attributes=attributes),
        )
    )

    assert after == replace(before, version=2, name="Flyer", base_rules=(), attributes=attributes)


async def test_who_has_not_seen_the_current_version_changes_nothing(database: Database) -> None:
    program = await a_draft(database)
    command = ProgramUpdate(program=program.code, expected_version=1, name="First")
    await program_update(database, ENGINE, command)

    problems = await problems_of(program_update(database, ENGINE, replace(command, name="Second")))

    assert problems == [VersionConflict(expected=1, current=2, path=("input", "expectedVersion"))]
    async with database.read() as reader:
        read = await store.find(reader, ENGINE.scope, program.code)
    assert read is not None
    assert (read.name, read.version) == ("First", 2)


async def test_of_two_updates_at_once_one_is_carried_out(database: Database) -> None:
    program = await a_draft(database)
    commands = [ProgramUpdate(program=program.code, expected_version=1, name=name) for name in ("A", "B", "C")]

    answers = await asyncio.gather(
        *(program_update(database, ENGINE, command) for command in commands), return_exceptions=True
    )

    refused = [answer.problems for answer in answers if isinstance(answer, Refused)]
    assert refused == [(VersionConflict(expected=1, current=2, path=("input", "expectedVersion")),)] * 2


async def test_a_wrong_update_is_refused_with_the_place(database: Database) -> None:
    program = await a_draft(database)
    command = ProgramUpdate(
        program=program.code,
        expected_version=1,
        name=" ",
        settings=SettingsChange(required_for_accrual=("attributes.homeStore",)),
        base_rules=(BaseRule("perAmount", {"points": Decimal(1)}),),
    )

    assert places(await problems_of(program_update(database, ENGINE, command))) == [
        ("INVALID_INPUT", "input.name"),
        ("INVALID_INPUT", "input.settings.requiredForAccrual.0"),
        ("MISSING_INPUT", "input.baseRules.0.parameters.currency"),
    ]


async def test_an_attribute_that_is_still_required_stays_declared(database: Database) -> None:
    program = await a_draft(
        database,
        attributes={"member.attributes.homeStore": AttributeType.TEXT},
        settings=SettingsChange(required_for_accrual=("attributes.homeStore",)),
    )

    problems = await problems_of(
        program_update(database, ENGINE, ProgramUpdate(program=program.code, expected_version=1, attributes={}))
    )

    assert places(problems) == [("INVALID_INPUT", "input.settings.requiredForAccrual.0")]


async def test_a_program_without_a_point_type_is_not_activated(database: Database) -> None:
    program = await a_draft(database)

    problems = await problems_of(program_activate(database, ENGINE, ProgramActivate(program.code)))

    assert places(problems) == [("MISSING_INPUT", "input.pointTypes")]


async def test_a_program_is_activated_halted_and_activated_again(database: Database) -> None:
    program = await a_draft(database)
    await a_point_type(database, program)

    active = result_of(await program_activate(database, ENGINE, ProgramActivate(program.code)))
    halted = result_of(await program_deactivate(database, ENGINE, ProgramDeactivate(program.code)))
    again = result_of(await program_activate(database, ENGINE, ProgramActivate(program.code)))

    assert [(one.status, one.version) for one in (active, halted, again)] == [
        (ProgramStatus.ACTIVE, 3),
        (ProgramStatus.INACTIVE, 4),
        (ProgramStatus.ACTIVE, 5),
    ]


async def test_an_active_program_is_not_activated_again_and_a_draft_not_halted(database: Database) -> None:
    active, draft = await a_program(database), await a_draft(database)

    again = await problems_of(program_activate(database, ENGINE, ProgramActivate(active.code)))
    halted = await problems_of(program_deactivate(database, ENGINE, ProgramDeactivate(draft.code)))

    path = ("input", "program")
    beginnings = (ProgramStatus.DRAFT, ProgramStatus.INACTIVE)
    assert again == [WrongProgramStatus(status=ProgramStatus.ACTIVE, allowed=beginnings, path=path)]
    assert halted == [WrongProgramStatus(status=ProgramStatus.DRAFT, allowed=(ProgramStatus.ACTIVE,), path=path)]
    assert again[0].message == "This program is ACTIVE: only one that is DRAFT or INACTIVE can do this."


async def test_a_program_of_somebody_else_does_not_exist(database: Database) -> None:
    own, other = await a_program(database), await a_program(database)
    administrator = somebody(Role.PROGRAM_ADMINISTRATOR, program=own)
    unknown = [NotFound(what="program", key=other.code, path=("input", "program"))]

    update = ProgramUpdate(program=other.code, expected_version=3, name="Mine")
    assert await problems_of(program_update(database, administrator, update)) == unknown
    assert await problems_of(program_deactivate(database, administrator, ProgramDeactivate(other.code))) == unknown
    assert await problems_of(program_activate(database, administrator, ProgramActivate(other.code))) == unknown


async def test_every_version_is_kept_as_it_was_with_who_made_it(database: Database) -> None:
    person = await a_person(database, Role.PROGRAM_ADMINISTRATOR)
    draft = result_of(await program_create(database, acting(person), a_creation(base_rules=(PER_DOLLAR,))))
    point_type = await a_point_type(database, draft)
    await program_update(
        database, ENGINE, ProgramUpdate(program=draft.code, expected_version=2, name="Later", base_rules=())
    )

    async with database.read() as reader:
        versions = [await store.definition_at(reader, draft.id, number) for number in (1, 2, 3, 4)]

    assert versions[0] == (draft, ())
    assert versions[1] == (replace(draft, version=2), (point_type,))
    assert versions[2] == (replace(draft, version=3, name="Later", base_rules=()), (point_type,))
    assert versions[3] is None
