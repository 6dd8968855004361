"""Importing members: what is added, what is skipped, what is refused and why; a file that is repeated adds nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.commands.member_imports import MAX_ROWS, MemberDiffers, MemberRow, RowOutcome, RowResult
from domain.commands.members import ConsentGiven, MemberReference
from domain.members import Address, Consent, Identifier, Member, MemberKind, MemberStatus
from domain.people import ENGINE, Role, Scope
from domain.problems import AlreadyExists, Invalid, Missing, NotAllowed, NotFound, Problem, Refused, TooMany
from domain.programs import Program
from domain.services.member_imports import members_import
from domain.services.members import resolve
from domain.store import member_writes
from domain.store import tables as t
from domain.store.database import Database, Writer
from tests.support.factories import a_partner, a_person, a_program, acting, somebody
from tests.support.members import a_member, at, refusal

MOMENT = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
ADDED, SKIPPED = RowResult(RowOutcome.ADDED), RowResult(RowOutcome.SKIPPED)
FULL = MemberRow(
    number="M1", name=" Ada ", kind=MemberKind.HOUSEHOLD, status=MemberStatus.SUSPENDED, email="ADA@example.com",
    phone="0049 30 901820", birth_date=date(1990, 1, 1), address=Address(("Street 1",), "Berlin", country="de"),
    language="de", identifiers=(Identifier("CARD", "C1"), Identifier("APP", "A1")),
    consents=(ConsentGiven("NEWS", given=True),), enrolled_on=date(2020, 2, 29),
    attributes={"store": "S1", "children": 2, "empty": None},
)  # fmt: skip


def row(number: str, name: str = "Ada", **values: Any) -> MemberRow:
    return replace(MemberRow(number=number, name=name), **values)


def refused(*problems: Problem) -> RowResult:
    return RowResult(RowOutcome.REFUSED, problems)


async def member(database: Database, program: Program, number: str) -> Member:
    async with database.read() as reader:
        return await resolve(reader, Scope(), program.id, MemberReference(number=number))


async def count(database: Database, program: Program) -> int:
    async with database.read() as reader:
        rows = await reader.execute(select(func.count()).where(t.member.c.program_id == program.id))
        return int(rows.scalar_one())


async def test_a_line_becomes_a_member(database: Database) -> None:
    program = await a_program(database, time_zone="Pacific/Auckland")
    actor = acting(await a_person(database, Role.PROGRAM_ADMINISTRATOR))
    frozen = at(database, MOMENT)
    assert await members_import(frozen, actor, program.code, [FULL, row("M2", referrer_number="M1")]) == [ADDED, ADDED]
    await frozen.close()
    first, second = [await member(database, program, number) for number in ("M1", "M2")]
    assert first == Member(
        id=first.id, program_id=program.id, number="M1", kind=MemberKind.HOUSEHOLD, name="Ada", email="ada@example.com",
        phone="+4930901820", birth_date=date(1990, 1, 1), address=Address(("Street 1",), "Berlin", country="DE"),
        language="de", identifiers=(Identifier("APP", "A1"), Identifier("CARD", "C1")),
        consents=(Consent("NEWS", given=True, at=MOMENT),), referrer_id=None,
        attributes={"store": "S1", "children": 2}, status=MemberStatus.SUSPENDED, enrolled_on=date(2020, 2, 29),
        enrolled_by_id=actor.person_id, enrolled_by_partner_id=None, created_at=MOMENT, version=1,
    )  # fmt: skip
    assert (second.referrer_id, second.status, second.enrolled_on) == (first.id, MemberStatus.ACTIVE, date(2026, 3, 1))


async def test_the_same_lines_again_add_nothing(database: Database) -> None:
    program = await a_program(database)
    lines = [FULL, row("M2", referrer_number="M1"), row("M3")]
    assert await members_import(database, ENGINE, program.code, lines) == [ADDED] * 3
    assert await members_import(database, ENGINE, program.code, lines) == [SKIPPED] * 3
    assert await members_import(database, ENGINE, program.code, [*lines, row("M4")]) == [*[SKIPPED] * 3, ADDED]
    assert await count(database, program) == 4


async def test_a_line_with_other_content_names_the_columns_and_changes_nothing(database: Database) -> None:
    program = await a_program(database)
    await members_import(database, ENGINE, program.code, [FULL, row("M9")])
    before = await member(database, program, "M1")
    other = replace(
        FULL, name="Eve", email="eve@example.com", address=Address(("Street 1",), "Bonn"), referrer_number="M9",
        identifiers=(Identifier("CARD", "C2"),), consents=(ConsentGiven("NEWS", given=False),),
        attributes={"store": "S2", "children": 2}, enrolled_on=date(2020, 3, 1),
    )  # fmt: skip
    columns = (
        "address.city", "attributes.store", "consents", "email", "enrolled_on", "identifiers", "name", "referrer_number",
    )  # fmt: skip
    assert await members_import(database, ENGINE, program.code, [other]) == [
        refused(MemberDiffers(number="M1", columns=columns, path=("number",)))
    ]
    assert await member(database, program, "M1") == before


async def test_an_empty_column_contradicts_nothing(database: Database) -> None:
    program = await a_program(database)
    await members_import(database, ENGINE, program.code, [FULL])
    assert await members_import(database, ENGINE, program.code, [row("M1")]) == [SKIPPED]


async def test_a_bad_line_harms_no_other(database: Database) -> None:
    program = await a_program(database)
    owner = await a_member(database, program, identifiers=(Identifier("CARD", "TAKEN"),))
    frozen = at(database, MOMENT)
    lines = [
        row("OK1"),
        row("BAD1", name="", email="x"),
        row(" BAD2"),
        row("BAD3", identifiers=(Identifier("CARD", "TAKEN"),)),
        row("BAD4", referrer_number="NOBODY"),
        row("BAD5", enrolled_on=date(2026, 3, 1)),
        row("BAD6", status=MemberStatus.MERGED),
        row("BAD7", consents=(ConsentGiven("A", given=True), ConsentGiven("A", given=True))),
        row("OK2", referrer_number=owner.number),
    ]
    results = await members_import(frozen, ENGINE, program.code, lines)
    await frozen.close()
    assert results[0] == results[8] == ADDED
    assert results[1] == refused(
        Missing(why="a member has a name", path=("name",)),
        Invalid(value="x", expected="an email address, such as ada@example.com", path=("email",)),
    )
    assert [problem.path for problem in results[2].problems] == [("number",)]
    assert results[3] == refused(AlreadyExists(what="member with CARD", key="TAKEN", path=("identifiers", "0")))
    assert results[4] == refused(NotFound(what="member", key="NOBODY", path=("referrerNumber",)))
    assert results[5] == refused(
        Invalid(value="2026-03-01", expected="a date from 1900-01-01 to 2026-02-28", path=("enrolledOn",))
    )
    assert results[6].problems[0].path == ("status",)
    assert results[7].problems[0].path == ("consents", "1", "purpose")
    assert await count(database, program) == 3


async def test_within_one_file_the_first_line_wins(database: Database) -> None:
    program = await a_program(database)
    card = (Identifier("CARD", "C1"),)
    lines = [row("M1", identifiers=card), row("M1"), row("M1", name="Eve"), row("M2", identifiers=card)]
    assert await members_import(database, ENGINE, program.code, lines) == [
        ADDED,
        SKIPPED,
        refused(MemberDiffers(number="M1", columns=("name",), path=("number",))),
        refused(AlreadyExists(what="member with CARD", key="C1", path=("identifiers", "0"))),
    ]
    assert await count(database, program) == 1


async def test_a_referrer_of_a_later_line_is_not_there_yet(database: Database) -> None:
    program = await a_program(database)
    lines = [row("M1", referrer_number="M2"), row("M2")]
    problem = NotFound(what="member", key="M2", path=("referrerNumber",))
    assert await members_import(database, ENGINE, program.code, lines) == [refused(problem), ADDED]


async def test_somebody_enrolled_meanwhile_is_met_as_if_he_had_been_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = await a_program(database)
    original = member_writes.add

    async def interrupted(writer: Writer, members: list[Member]) -> None:
        monkeypatch.setattr(member_writes, "add", original)
        await a_member(database, program, number="M2", name="Ada", identifiers=(Identifier("CARD", "C3"),))
        await original(writer, members)

    monkeypatch.setattr(member_writes, "add", interrupted)
    lines = [row("M1"), row("M2"), row("M3", identifiers=(Identifier("CARD", "C3"),))]
    assert await members_import(database, ENGINE, program.code, lines) == [
        ADDED,
        SKIPPED,
        refused(AlreadyExists(what="member with CARD", key="C3", path=("identifiers", "0"))),
    ]
    assert await count(database, program) == 2


async def test_thousands_of_lines_are_written_at_once(database: Database) -> None:
    program = await a_program(database)
    lines = [row(f"M{place}", identifiers=(Identifier("CARD", f"C{place}"),)) for place in range(3_000)]
    assert await members_import(database, ENGINE, program.code, lines) == [ADDED] * 3_000
    assert await members_import(database, ENGINE, program.code, lines) == [SKIPPED] * 3_000
    assert await count(database, program) == 3_000


async def test_too_many_lines_at_once_and_strangers_are_refused(database: Database) -> None:
    program = await a_program(database)
    with refusal(TooMany(what="rows", limit=MAX_ROWS, found=MAX_ROWS + 1)):
        await members_import(database, ENGINE, program.code, [row("M1")] * (MAX_ROWS + 1))
    user = somebody(Role.PARTNER_REPRESENTATIVE, partner=await a_partner(database, program))
    with refusal(NotAllowed(why="only employees import members")):
        await members_import(database, user, program.code, [row("M1")])
    with pytest.raises(Refused, match="NOT_FOUND"):
        await members_import(database, ENGINE, "NONE", [row("M1")])
