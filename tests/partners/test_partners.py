"""Partners and the terms by which they take part in programs."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from domain.commands.partners import PartnerCreate, PartnerTermsSet, PartnerUpdate
from domain.partners import Partner, PartnerTerms
from domain.people import ENGINE, Role
from domain.problems import AlreadyExists, NotFound, Refused, VersionConflict
from domain.services.partners import partner_create, partner_terms_set, partner_update
from domain.store import partners as store
from domain.store.database import Database
from tests.support.factories import a_code, a_draft, a_partner, result_of, somebody, terms
from tests.support.refusals import places, problems_of


async def test_a_partner_is_read_as_it_was_given(database: Database) -> None:
    code = a_code("H")

    made = result_of(await partner_create(database, ENGINE, PartnerCreate(code=code, name="Hotel", active=False)))

    assert made == Partner(made.id, code, "Hotel", active=False, version=1)
    async with database.read() as reader:
        assert await store.find(reader, ENGINE.scope, code) == made


@pytest.mark.parametrize(("values", "place"), [({"code": "A B"}, "code"), ({"name": ""}, "name")])
async def test_a_wrong_partner_is_refused_with_the_place(
    database: Database, values: dict[str, Any], place: str
) -> None:
    command = PartnerCreate(**{"code": a_code("H"), "name": "Hotel", **values})

    assert places(await problems_of(partner_create(database, ENGINE, command))) == [("INVALID_INPUT", f"input.{place}")]


async def test_a_code_is_given_once_also_at_the_same_time(database: Database) -> None:
    command = PartnerCreate(code=a_code("H"), name="Hotel")

    answers = await asyncio.gather(
        *(partner_create(database, ENGINE, command) for _ in range(3)), return_exceptions=True
    )

    taken = AlreadyExists(what="partner", key=command.code, path=("input", "code"))
    assert [answer.problems for answer in answers if isinstance(answer, Refused)] == [(taken,)] * 2


async def test_an_update_changes_what_it_names_and_nothing_else(database: Database) -> None:
    before = await a_partner(database)

    named = result_of(
        await partner_update(database, ENGINE, PartnerUpdate(partner=before.code, expected_version=1, name="Inn"))
    )
    halted = result_of(
        await partner_update(database, ENGINE, PartnerUpdate(partner=before.code, expected_version=2, active=False))
    )

    assert named == replace(before, name="Inn", version=2)
    assert halted == replace(named, active=False, version=3)


async def test_an_update_of_an_old_version_an_unknown_partner_or_a_blank_name_is_refused(database: Database) -> None:
    partner = await a_partner(database)
    command = PartnerUpdate(partner=partner.code, expected_version=1, name="Inn")
    await partner_update(database, ENGINE, command)

    old = await problems_of(partner_update(database, ENGINE, command))
    unknown = await problems_of(partner_update(database, ENGINE, replace(command, partner="NONE")))
    blank = await problems_of(partner_update(database, ENGINE, replace(command, expected_version=2, name=" ")))

    assert old == [VersionConflict(expected=1, current=2, path=("input", "expectedVersion"))]
    assert unknown == [NotFound(what="partner", key="NONE", path=("input", "partner"))]
    assert places(blank) == [("INVALID_INPUT", "input.name")]


async def test_new_terms_are_active_and_take_reports_at_any_time(database: Database) -> None:
    program, partner = await a_draft(database), await a_partner(database)

    agreed = await terms(database, program, partner)

    assert agreed == PartnerTerms(program.id, partner.id, active=True, report_within_days=None, version=1)


async def test_terms_change_in_what_is_named_and_nothing_else(database: Database) -> None:
    program = await a_draft(database)
    partner = await a_partner(database)
    first = await terms(database, program, partner, report_within_days=30)

    halted = await terms(database, program, partner, expected_version=1, active=False)
    unbound = await terms(database, program, partner, expected_version=2, report_within_days=None)

    assert halted == replace(first, active=False, version=2)
    assert unbound == replace(halted, report_within_days=None, version=3)


async def test_terms_are_changed_by_who_has_read_them_only(database: Database) -> None:
    program = await a_draft(database)
    partner = await a_partner(database, program)
    command = PartnerTermsSet(program=program.code, partner=partner.code, active=False)

    as_if_new = await problems_of(partner_terms_set(database, ENGINE, command))
    ahead = await problems_of(partner_terms_set(database, ENGINE, replace(command, expected_version=2)))

    path = ("input", "expectedVersion")
    assert as_if_new == [VersionConflict(expected=0, current=1, path=path)]
    assert ahead == [VersionConflict(expected=2, current=1, path=path)]


async def test_first_terms_set_by_two_at_once_are_set_by_one(database: Database) -> None:
    program, partner = await a_draft(database), await a_partner(database)
    commands = [
        PartnerTermsSet(program=program.code, partner=partner.code, report_within_days=days) for days in (1, 2, 3)
    ]

    answers = await asyncio.gather(
        *(partner_terms_set(database, ENGINE, command) for command in commands), return_exceptions=True
    )

    conflict = VersionConflict(expected=0, current=1, path=("input", "expectedVersion"))
    assert [answer.problems for answer in answers if isinstance(answer, Refused)] == [(conflict,)] * 2


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"report_within_days": -1}, ("INVALID_INPUT", "input.reportWithinDays")),
        ({"report_within_days": 3_651}, ("INVALID_INPUT", "input.reportWithinDays")),
        ({"program": "NONE"}, ("NOT_FOUND", "input.program")),
        ({"partner": "NONE"}, ("NOT_FOUND", "input.partner")),
    ],
)
async def test_wrong_terms_are_refused_with_the_place(
    database: Database, values: dict[str, Any], expected: tuple[str, str]
) -> None:
    program, partner = await a_draft(database), await a_partner(database)
    command = PartnerTermsSet(**{"program": program.code, "partner": partner.code, **values})

    assert places(await problems_of(partner_terms_set(database, ENGINE, command))) == [expected]


async def test_who_is_bound_to_one_program_sets_no_terms_of_another(database: Database) -> None:
    own, other, partner = await a_draft(database), await a_draft(database), await a_partner(database)
    manager = somebody(Role.PARTNER_MANAGER, program=own)

    problems = await problems_of(
        partner_terms_set(database, manager, PartnerTermsSet(program=other.code, partner=partner.code))
    )

    assert problems == [NotFound(what="program", key=other.code, path=("input", "program"))]


async def test_who_is_bound_to_one_program_changes_no_partner_that_takes_part_in_others(database: Database) -> None:
    own, other = await a_draft(database), await a_draft(database)
    manager = somebody(Role.PARTNER_MANAGER, program=own)
    partner = await a_partner(database, own)

    alone = PartnerUpdate(partner=partner.code, expected_version=1, active=False)
    assert result_of(await partner_update(database, manager, alone)).active is False

    await terms(database, other, partner)
    shared = PartnerUpdate(partner=partner.code, expected_version=2, active=True)
    assert places(await problems_of(partner_update(database, manager, shared))) == [("NOT_ALLOWED", "input.partner")]
    assert result_of(await partner_update(database, ENGINE, shared)).active is True


async def test_a_partners_user_sees_its_own_company_and_terms_and_nothing_of_another(database: Database) -> None:
    program, elsewhere = await a_draft(database), await a_draft(database)
    own, other = await a_partner(database, program), await a_partner(database, program)
    await terms(database, elsewhere, own)
    scope = somebody(Role.PARTNER_REPRESENTATIVE, partner=own).scope

    async with database.read() as reader:
        assert await store.load_many(reader, scope, [other.id, own.id]) == [None, own]
        assert await store.find(reader, scope, other.code) is None
        assert [len(found) for found in await store.load_terms(reader, scope, [other.id, own.id])] == [0, 2]
        foreign, mine = await store.load_pairs(reader, scope, [(program.id, other.id), (program.id, own.id)])
    assert foreign is None
    assert mine == PartnerTerms(program.id, own.id, active=True, report_within_days=None, version=1)


async def test_an_employee_of_one_program_sees_every_partner_but_only_the_terms_of_that_program(
    database: Database,
) -> None:
    program, elsewhere = await a_draft(database), await a_draft(database)
    partner = await a_partner(database, program)
    await terms(database, elsewhere, partner)
    scope = somebody(Role.MSR, program=program).scope

    async with database.read() as reader:
        assert await store.load_many(reader, scope, [partner.id]) == [partner]
        assert [[one.program_id for one in found] for found in await store.load_terms(reader, scope, [partner.id])] == [
            [program.id]
        ]
