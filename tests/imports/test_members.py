"""Lines of a file of members: who is enrolled, who is known, and what is wrong with the others."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from domain.attributes import AttributeType
from domain.commands.imports import MembersImport
from domain.imports.lines import BadLine, Line
from domain.imports.reports import Imported
from domain.members import Address, Consent, Identifier, Member, MemberKind, MemberStatus
from domain.people import ENGINE, Principal, Role, Scope
from domain.problems import NotAllowed, NotFound, Refused
from domain.programs import Program
from domain.services.imports import members_import
from domain.store import members
from domain.store import tables as t
from domain.store.database import Database
from tests.imports.lines import places
from tests.support.factories import a_partner, a_program, somebody


async def importing(
    database: Database, program: str, *lines: Line | BadLine, actor: Principal = ENGINE
) -> tuple[Imported, list[BadLine]]:
    total, bad = Imported(), list[BadLine]()
    async for done in members_import(database, actor, MembersImport(program=program), lines):
        total += done
        bad.extend(done.bad)
    return total, bad


def a_line(number: int, member: str = "M1", **values: Any) -> Line:
    return Line(number, {"number": member, "name": "Ada", **values})


async def enrolled(database: Database, program: Program) -> list[Member]:
    query = select(t.member.c.id).where(t.member.c.program_id == program.id).order_by(t.member.c.number)
    async with database.read() as reader:
        ids = list((await reader.execute(query)).scalars())
        return [each for each in await members.load_many(reader, Scope(), ids) if each is not None]


async def test_a_line_becomes_a_member(database: Database) -> None:
    program = await a_program(database, attributes={"member.attributes.children": AttributeType.INTEGER})
    full = a_line(
        2, " M1 ", kind="HOUSEHOLD", status="SUSPENDED", email="ada@example.com", phone="+49 30 901820",
        birth_date="1990-02-28", language="de", enrolled_on=date(2020, 2, 29),
        address={"lines": "Street 1\nBack yard", "city": "Bonn", "country": "de", "region": " "},
        identifiers={"CARD": 7001, "APP": "A1"}, consents={"NEWS": "true", "SMS": False},
        attributes={"children": "2", "store": "S1"},
    )  # fmt: skip
    total, bad = await importing(database, program.code, full, a_line(3, "M2", referrer_number="M1"))
    assert (total, bad) == (Imported(lines=2, added=2), [])
    first, second = await enrolled(database, program)
    assert (first.number, first.kind, first.status) == ("M1", MemberKind.HOUSEHOLD, MemberStatus.SUSPENDED)
    assert (first.email, first.phone, first.language) == ("ada@example.com", "+4930901820", "de")
    assert (first.birth_date, first.enrolled_on) == (date(1990, 2, 28), date(2020, 2, 29))
    assert first.address == Address(("Street 1", "Back yard"), "Bonn", None, None, "DE")
    assert first.identifiers == (Identifier("APP", "A1"), Identifier("CARD", "7001"))
    assert first.consents == (Consent("NEWS", True, first.created_at), Consent("SMS", False, first.created_at))  # noqa: FBT003
    assert first.attributes == {"children": 2, "store": "S1"}
    assert second.referrer_id == first.id


async def test_the_same_file_again_adds_nothing(database: Database) -> None:
    program = await a_program(database)
    lines = [a_line(number, f"M{number}", email=f"m{number}@example.com") for number in range(10)]
    assert (await importing(database, program.code, *lines))[0] == Imported(lines=10, added=10)
    assert (await importing(database, program.code, *lines))[0] == Imported(lines=10, known=10)
    assert len(await enrolled(database, program)) == 10


BAD_VALUES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"number": " ", "name": None}, [("number", "MISSING_INPUT"), ("name", "MISSING_INPUT")]),
    ({"number": "\x00"}, [("number", "INVALID_INPUT")]),
    ({"kind": "PERSON"}, [("kind", "INVALID_INPUT")]),
    ({"birth_date": "28.02.1990"}, [("birth_date", "INVALID_INPUT")]),
    ({"birth_date": "2999-01-01"}, [("birth_date", "INVALID_INPUT")]),
    ({"email": "nobody"}, [("email", "INVALID_INPUT")]),
    ({"referrer_number": "NOBODY"}, [("referrer_number", "NOT_FOUND")]),
    ({"address": {"town": "Bonn"}}, [("address.town", "INVALID_INPUT")]),
    ({"address": "Bonn"}, [("address", "INVALID_INPUT")]),
    ({"address": {"country": "Deutschland"}}, [("address.country", "INVALID_INPUT")]),
    ({"identifiers": {"CARD": "\x00"}}, [("identifiers.CARD", "INVALID_INPUT")]),
    ({"consents": {"NEWS": "perhaps"}}, [("consents.NEWS", "INVALID_INPUT")]),
    ({"attributes": {"children": "some"}}, [("attributes.children", "INVALID_INPUT")]),
    ({"number": "M0", "name": "Bea"}, [("number", "MEMBER_DIFFERS")]),
]


@pytest.mark.parametrize(("changed", "expected"), BAD_VALUES)
async def test_a_bad_line_is_named_and_harms_no_other(
    database: Database, changed: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    program = await a_program(database, attributes={"member.attributes.children": AttributeType.INTEGER})
    line = Line(3, {"number": "M1", "name": "Ada", **changed})
    total, bad = await importing(database, program.code, a_line(2, "M0"), line, a_line(4, "M2"))
    assert total == Imported(lines=3, added=2, bad_lines=1)
    assert places(bad) == [(3, column, code) for column, code in expected]
    assert [each.number for each in await enrolled(database, program)] == ["M0", "M2"]


async def test_an_import_is_refused_as_a_whole_where_nothing_of_it_can_be_right(database: Database) -> None:
    program = await a_program(database)
    partner = await a_partner(database, program)
    with pytest.raises(Refused) as refused:
        await importing(database, "NOPE", a_line(1))
    assert [type(problem) for problem in refused.value.problems] == [NotFound]
    with pytest.raises(Refused) as refused:
        await importing(database, program.code, a_line(1), actor=somebody(Role.PARTNER_REPRESENTATIVE, partner=partner))
    assert [type(problem) for problem in refused.value.problems] == [NotAllowed]
