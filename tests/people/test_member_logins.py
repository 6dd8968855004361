"""Log-ins of members: bound to one member of one program, they see that program's shop window and nobody else."""

from typing import Any

import pytest

from domain.people import Person, Role
from domain.programs import Program
from domain.services.people import person_of_subject
from domain.store import people, point_types
from domain.store.database import Database
from tests.support.factories import a_code, a_partner, a_person, a_price, a_product, a_program, acting, somebody
from tests.support.graphql import Client
from tests.support.members import a_member

ADMINISTRATOR = somebody(Role.PROGRAM_ADMINISTRATOR)


def a_login(program: Program, **values: Any) -> dict[str, Any]:
    return {"subject": a_code("m"), "name": "Ada", "roles": ["MEMBER"], "program": program.code, **values}


async def logged_in(database: Database, program: Program, **values: Any) -> Person:
    given = a_login(program, **values)
    payload = await Client(database, ADMINISTRATOR).command("personCreate", "person { subject }", **given)
    assert payload["errors"] == []
    person = await person_of_subject(database, given["subject"])
    assert person is not None
    return person


@pytest.mark.parametrize("by", ["number", "email", "phone"])
async def test_a_member_is_named_by_what_people_know_of_it(database: Database, by: str) -> None:
    program = await a_program(database)
    member = await a_member(database, program, email="Ada@Example.org", phone="+49 30 901820")
    known = {"number": member.number, "email": "ada@example.ORG", "phone": "0049 (30) 901820"}

    person = await logged_in(database, program, member={by: known[by]})

    assert (person.program_id, person.member_id, person.partner_id) == (program.id, member.id, None)
    assert person.roles == {Role.MEMBER}


async def test_a_log_in_shows_whose_it_is(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    person = await logged_in(database, program, member={"number": member.number})

    seen = await Client(database, ADMINISTRATOR).ask(
        "query($subject: String!) { person(subject: $subject) { member { number } } }", subject=person.subject
    )

    assert seen["person"] == {"member": {"number": member.number}}


async def test_a_member_of_another_program_or_an_employees_member_is_refused(database: Database) -> None:
    program, other = await a_program(database), await a_program(database)
    member = await a_member(database, other, number=a_code("N"))
    client = Client(database, ADMINISTRATOR)

    elsewhere = a_login(program, member={"number": member.number})
    assert await client.refused("personCreate", **elsewhere) == [("NOT_FOUND", "member")]
    employee = a_login(other, member={"number": member.number}, roles=["MSR"])
    assert await client.refused("personCreate", **employee) == [("INVALID_INPUT", "member")]


async def test_a_member_sees_its_program_its_products_and_who_takes_part(database: Database) -> None:
    program, other = await a_program(database), await a_program(database)
    product, partner = await a_product(database, program), await a_partner(database, program)
    await a_price(database, program, product, 5)
    await a_product(database, other)
    await a_partner(database, other)
    member = await a_member(database, program)
    client = Client(database, acting(await logged_in(database, program, member={"number": member.number})))

    seen = await client.ask(
        """{ programs { edges { node { code } } } products { edges { node { code prices { points } } } }
             partners { edges { node { code terms { active } } } } }"""
    )

    assert seen == {
        "programs": {"edges": [{"node": {"code": program.code}}]},
        "products": {"edges": [{"node": {"code": product.code, "prices": [{"points": "5"}]}}]},
        "partners": {"edges": [{"node": {"code": partner.code, "terms": []}}]},
    }


async def test_a_member_asks_for_no_people(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    client = Client(database, acting(await logged_in(database, program, member={"number": member.number})))

    _, errors = await client.execute("{ people { totalCount } }")

    assert [(error.extensions or {})["code"] for error in errors] == ["FORBIDDEN"]


async def test_a_member_reads_itself_and_its_points_kinds_and_nobody_elses(database: Database) -> None:
    program, other = await a_program(database), await a_program(database)
    member = await a_member(database, program)
    own = await logged_in(database, program, member={"number": member.number})
    employee = await a_person(database, program=program.code)
    scope = acting(own).scope

    async with database.read() as reader:
        assert await people.load_many(reader, scope, [employee.id, own.id]) == [None, own]
        mine, foreign = await point_types.load_of_programs(reader, scope, [program.id, other.id])
    assert ([one.code for one in mine], foreign) == (["POINTS"], [])


async def test_a_member_manages_nobody(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    person = await logged_in(database, program, member={"number": member.number})

    refused = await Client(database, ADMINISTRATOR).refused(
        "personCreate", subject=a_code("u"), name="Bo", roles=["MSR"], manager=person.subject
    )

    assert refused == [("INVALID_INPUT", "manager")]
