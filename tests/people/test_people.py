"""People: roles of one side, what they are bound to, managers without circles, and changes of the version that was read."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.commands.people import PersonCreate, PersonUpdate
from domain.people import ENGINE, Person, Principal, Role
from domain.people_checks import ManagerCycle, MixedRoles
from domain.problems import AlreadyExists, NotFound, Refused, VersionConflict
from domain.services.people import person_create, person_of_subject, person_update
from domain.store import people as store
from domain.store.database import Database
from tests.support.factories import a_code, a_draft, a_partner, a_person, acting, result_of, somebody
from tests.support.refusals import places, problems_of

MSR, REPRESENTATIVE = frozenset({Role.MSR}), frozenset({Role.PARTNER_REPRESENTATIVE})


def a_creation(**values: Any) -> PersonCreate:
    return PersonCreate(**{"subject": a_code("u"), "name": "Ada", "roles": MSR, **values})


async def change(database: Database, person: Person, actor: Principal = ENGINE, **values: Any) -> Person:
    given = {"person": person.subject, "expected_version": person.version, **values}
    return result_of(await person_update(database, actor, PersonUpdate(**given)))


async def test_a_person_is_read_as_they_were_given(database: Database) -> None:
    program, boss = await a_draft(database), await a_person(database, Role.MANAGER)
    command = a_creation(
        roles=frozenset({Role.MSR, Role.MANAGER}),
        email="ada@example.org",
        program=program.code,
        manager=boss.subject,
        tier_approver=True,
        transaction_approval_limit=Decimal("1500.50"),
        loan_approval_limit=Decimal(200),
        active=False,
    )

    made = result_of(await person_create(database, ENGINE, command))

    assert made == Person(
        id=made.id,
        subject=command.subject,
        name="Ada",
        email="ada@example.org",
        roles=frozenset({Role.MSR, Role.MANAGER}),
        program_id=program.id,
        partner_id=None,
        member_id=None,
        manager_id=boss.id,
        tier_approver=True,
        transaction_approval_limit=Decimal("1500.5"),
        loan_approval_limit=Decimal(200),
        active=False,
        version=1,
    )
    assert (str(made.transaction_approval_limit), str(made.loan_approval_limit)) == ("1500.5", "200")
    assert await person_of_subject(database, command.subject) == made
    assert await person_of_subject(database, "nobody") is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"subject": ""}, ("INVALID_INPUT", "input.subject")),
        ({"subject": "s" * 201}, ("INVALID_INPUT", "input.subject")),
        ({"name": " "}, ("INVALID_INPUT", "input.name")),
        ({"email": ""}, ("INVALID_INPUT", "input.email")),
        ({"email": "no address"}, ("INVALID_INPUT", "input.email")),
        ({"roles": frozenset()}, ("MISSING_INPUT", "input.roles")),
        ({"roles": frozenset({Role.ENGINE})}, ("INVALID_INPUT", "input.roles")),
        ({"roles": MSR | {Role.ENGINE}}, ("INVALID_INPUT", "input.roles")),
        ({"roles": REPRESENTATIVE}, ("MISSING_INPUT", "input.partner")),
        ({"transaction_approval_limit": Decimal(-1)}, ("INVALID_INPUT", "input.transactionApprovalLimit")),
        ({"loan_approval_limit": Decimal("0.00001")}, ("INVALID_INPUT", "input.loanApprovalLimit")),
        ({"program": "NONE"}, ("NOT_FOUND", "input.program")),
        ({"manager": "nobody"}, ("NOT_FOUND", "input.manager")),
    ],
)
async def test_a_wrong_person_is_refused_with_the_place(
    database: Database, values: dict[str, Any], expected: tuple[str, str]
) -> None:
    command = a_creation(**values)

    assert places(await problems_of(person_create(database, ENGINE, command))) == [expected]
    assert await person_of_subject(database, command.subject) is None


async def test_a_member_needs_a_program_and_a_member(database: Database) -> None:
    problems = await problems_of(person_create(database, ENGINE, a_creation(roles=frozenset({Role.MEMBER}))))

    assert places(problems) == [("MISSING_INPUT", "input.program"), ("MISSING_INPUT", "input.member")]


async def test_an_employee_belongs_to_no_partner(database: Database) -> None:
    partner = await a_partner(database)

    problems = await problems_of(person_create(database, ENGINE, a_creation(partner=partner.code)))

    assert places(problems) == [("INVALID_INPUT", "input.partner")]


async def test_roles_of_two_sides_do_not_mix(database: Database) -> None:
    partner = await a_partner(database)
    command = a_creation(roles=MSR | REPRESENTATIVE, partner=partner.code)

    problems = await problems_of(person_create(database, ENGINE, command))

    assert problems == [MixedRoles(roles=(Role.MSR, Role.PARTNER_REPRESENTATIVE), path=("input", "roles"))]
    assert problems[0].message.startswith("MSR, PARTNER_REPRESENTATIVE do not mix")


async def test_a_subject_is_given_once_also_at_the_same_time(database: Database) -> None:
    command = a_creation()

    answers = await asyncio.gather(
        *(person_create(database, ENGINE, command) for _ in range(3)), return_exceptions=True
    )

    taken = AlreadyExists(what="person", key=command.subject, path=("input", "subject"))
    assert [answer.problems for answer in answers if isinstance(answer, Refused)] == [(taken,)] * 2


async def test_an_update_changes_what_it_names_and_nothing_else(database: Database) -> None:
    boss = await a_person(database, Role.MANAGER)
    before = await a_person(database, email="a@example.org", manager=boss.subject)

    raised = await change(database, before, transaction_approval_limit=Decimal(500), roles=frozenset({Role.MANAGER}))
    assert raised == replace(
        before, transaction_approval_limit=Decimal(500), roles=frozenset({Role.MANAGER}), version=2
    )

    alone = await change(database, raised, email=None, manager=None, active=False, name="Ada", tier_approver=True)
    assert alone == replace(
        raised, email=None, manager_id=None, active=False, name="Ada", tier_approver=True, version=3
    )


async def test_an_update_of_an_old_version_or_an_unknown_person_is_refused(database: Database) -> None:
    person = await a_person(database)
    command = PersonUpdate(person=person.subject, expected_version=1, name="Ada")
    await person_update(database, ENGINE, command)

    old = await problems_of(person_update(database, ENGINE, command))
    unknown = await problems_of(person_update(database, ENGINE, replace(command, person="nobody")))

    assert old == [VersionConflict(expected=1, current=2, path=("input", "expectedVersion"))]
    assert unknown == [NotFound(what="person", key="nobody", path=("input", "person"))]


async def test_nobody_changes_sides(database: Database) -> None:
    employee = await a_person(database)
    partners_user = await a_person(database, Role.PARTNER_APPROVER, partner=(await a_partner(database)).code)

    to_partner = PersonUpdate(person=employee.subject, expected_version=1, roles=REPRESENTATIVE)
    to_host = PersonUpdate(person=partners_user.subject, expected_version=1, roles=MSR)

    assert places(await problems_of(person_update(database, ENGINE, to_partner))) == [
        ("MISSING_INPUT", "input.partner")
    ]
    assert places(await problems_of(person_update(database, ENGINE, to_host))) == [("INVALID_INPUT", "input.partner")]


async def test_nobody_becomes_their_own_manager(database: Database) -> None:
    top = await a_person(database, Role.MANAGER)
    middle = await a_person(database, Role.MANAGER, manager=top.subject)
    bottom = await a_person(database, manager=middle.subject)

    own = await problems_of(
        person_update(database, ENGINE, PersonUpdate(person=top.subject, expected_version=1, manager=top.subject))
    )
    circle = await problems_of(
        person_update(database, ENGINE, PersonUpdate(person=top.subject, expected_version=1, manager=bottom.subject))
    )

    path = ("input", "manager")
    assert own == [ManagerCycle(chain=(top.subject, top.subject), path=path)]
    assert circle == [ManagerCycle(chain=(top.subject, bottom.subject, middle.subject, top.subject), path=path)]
    assert circle[0].message.startswith(f"Nobody can be their own manager: {top.subject} reports to {bottom.subject}")


async def test_two_changes_at_once_cannot_close_a_circle(database: Database) -> None:
    first, second = await a_person(database, Role.MANAGER), await a_person(database, Role.MANAGER)
    commands = [
        PersonUpdate(person=first.subject, expected_version=1, manager=second.subject),
        PersonUpdate(person=second.subject, expected_version=1, manager=first.subject),
    ]

    answers = await asyncio.gather(
        *(person_update(database, ENGINE, command) for command in commands), return_exceptions=True
    )

    (refused,) = [answer for answer in answers if isinstance(answer, Refused)]
    assert [type(problem) for problem in refused.problems] == [ManagerCycle]


async def test_a_manager_is_an_employee_or_a_user_of_the_same_partner(database: Database) -> None:
    own, other = await a_partner(database), await a_partner(database)
    employee = await a_person(database, Role.MANAGER)
    colleague = await a_person(database, Role.PARTNER_APPROVER, partner=own.code)
    stranger = await a_person(database, Role.PARTNER_APPROVER, partner=other.code)

    for manager in (employee, colleague):
        made = await a_person(database, Role.PARTNER_REPRESENTATIVE, partner=own.code, manager=manager.subject)
        assert made.manager_id == manager.id
    command = a_creation(roles=REPRESENTATIVE, partner=own.code, manager=stranger.subject)
    assert places(await problems_of(person_create(database, ENGINE, command))) == [("INVALID_INPUT", "input.manager")]
    command = a_creation(manager=colleague.subject)
    assert places(await problems_of(person_create(database, ENGINE, command))) == [("INVALID_INPUT", "input.manager")]


async def test_who_is_bound_to_a_program_adds_and_changes_people_of_that_program_only(database: Database) -> None:
    own, other = await a_draft(database), await a_draft(database)
    administrator = somebody(Role.PROGRAM_ADMINISTRATOR, program=own)
    unbound = await a_person(database)
    foreign = await a_person(database, program=other.code)
    mine = await a_person(database, actor=administrator, program=own.code)

    everywhere = await problems_of(person_create(database, administrator, a_creation()))
    elsewhere = await problems_of(person_create(database, administrator, a_creation(program=other.code)))
    assert places(everywhere) == [("NOT_ALLOWED", "input.program")]
    assert places(elsewhere) == [("NOT_FOUND", "input.program")]

    change_unbound = PersonUpdate(person=unbound.subject, expected_version=1, active=False)
    change_foreign = PersonUpdate(person=foreign.subject, expected_version=1, active=False)
    assert places(await problems_of(person_update(database, administrator, change_unbound))) == [
        ("NOT_ALLOWED", "input.person")
    ]
    assert places(await problems_of(person_update(database, administrator, change_foreign))) == [
        ("NOT_FOUND", "input.person")
    ]
    assert (await change(database, mine, administrator, active=False)).active is False


async def test_a_partners_user_sees_its_own_people_and_nobody_else(database: Database) -> None:
    own, other = await a_partner(database), await a_partner(database)
    employee = await a_person(database)
    colleague = await a_person(database, Role.PARTNER_APPROVER, partner=own.code)
    stranger = await a_person(database, Role.PARTNER_APPROVER, partner=other.code)
    scope = acting(colleague).scope

    async with database.read() as reader:
        found = await store.load_many(reader, scope, [employee.id, stranger.id, colleague.id])
        assert found == [None, None, colleague]
        assert await store.find(reader, scope, employee.subject) is None
