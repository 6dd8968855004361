"""Enrolling members: what is stored, what is refused, under which number, on which date."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from domain.commands.members import ConsentGiven, MemberEnroll, MemberReference
from domain.commands.programs import ProgramDeactivate
from domain.member_numbers import check_digit, member_number
from domain.members import Address, Consent, Identifier, Member, MemberKind, MemberStatus
from domain.people import ENGINE, Role, Scope
from domain.problems import AlreadyExists, Invalid, Missing, NotAllowed, NotFound
from domain.programs import Program
from domain.services.member_enrollment import member_enroll
from domain.services.members import resolve
from domain.services.programs import program_deactivate
from domain.store import members
from domain.store import tables as t
from domain.store.database import Database
from domain.store.member_references import AmbiguousMember
from tests.support.factories import a_draft, a_partner, a_person, a_program, acting, result_of, somebody, terms
from tests.support.members import a_member, at, herself, refusal

CARD = Identifier("CARD", "4000-1")


async def stored(database: Database, member: Member) -> Member | None:
    async with database.read() as reader:
        return await members.load(reader, Scope(), member.id)


async def count(database: Database, program: Program) -> int:
    async with database.read() as reader:
        rows = await reader.execute(select(func.count()).where(t.member.c.program_id == program.id))
        return int(rows.scalar_one())


async def test_everything_that_is_said_is_stored_in_one_form(database: Database) -> None:
    program = await a_program(database)
    msr = await a_person(database, Role.MSR)
    referrer = await a_member(database, program)
    moment = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    frozen = at(database, moment)
    command = MemberEnroll(
        program=program.code,
        number="A-17",
        kind=MemberKind.HOUSEHOLD,
        name="  Grace Hopper ",
        email=" Grace@Example.COM",
        phone="0049 (30) 90-1820",
        birth_date=date(1906, 12, 9),
        address=Address(("Navy Yard 1",), "Arlington", "VA", "22201", "us"),
        language="EN-us",
        identifiers=(CARD, Identifier("PASSPORT", "X1")),
        consents=(ConsentGiven("NEWSLETTER", given=True),),
        referrer=MemberReference(number=referrer.number),
        attributes={"homeStore": "S12", "children": 2, "gone": None},
    )
    enrolled = result_of(await member_enroll(frozen, acting(msr), command))
    await frozen.close()
    assert enrolled == await stored(database, enrolled)
    assert enrolled == Member(
        id=enrolled.id, program_id=program.id, number="A-17", kind=MemberKind.HOUSEHOLD, name="Grace Hopper",
        email="grace@example.com", phone="+4930901820", birth_date=date(1906, 12, 9),
        address=Address(("Navy Yard 1",), "Arlington", "VA", "22201", "US"), language="en-US",
        identifiers=(CARD, Identifier("PASSPORT", "X1")), consents=(Consent("NEWSLETTER", given=True, at=moment),),
        referrer_id=referrer.id, attributes={"homeStore": "S12", "children": 2}, status=MemberStatus.ACTIVE,
        enrolled_on=date(2026, 5, 4), enrolled_by_id=msr.id, enrolled_by_partner_id=None, created_at=moment, version=1,
    )  # fmt: skip


async def test_a_name_is_enough(database: Database) -> None:
    program = await a_program(database)
    enrolled = await a_member(database, program, name="Ada")
    assert (enrolled.name, enrolled.kind, enrolled.status) == ("Ada", MemberKind.INDIVIDUAL, MemberStatus.ACTIVE)
    assert (enrolled.email, enrolled.phone, enrolled.address, enrolled.identifiers, enrolled.consents) == (
        None,
        None,
        None,
        (),
        (),
    )
    assert enrolled.number == member_number(enrolled.id)


def test_numbers_carry_the_check_digit_of_luhn() -> None:
    assert member_number(1) == "1000000016"
    assert check_digit("7992739871") == 3  # the example of every text book
    for digits in ("100000001", "123456789", "999999999"):
        right = f"{digits}{check_digit(digits)}"
        for place in range(len(right)):
            for wrong in set("0123456789") - {right[place]}:
                slipped = right[:place] + wrong + right[place + 1 :]
                assert check_digit(slipped[:-1]) != int(slipped[-1])


async def test_a_number_that_somebody_has_already_is_never_given_again(database: Database) -> None:
    program = await a_program(database)
    first = await a_member(database, program)
    for ahead in range(12):  # as if they had been imported
        await a_member(database, program, number=member_number(first.id + 20 + ahead))
    given = [(await a_member(database, program)).number for _ in range(8)]
    assert given == [member_number(first.id + serial) for serial in (13, 14, 15, 16, 17, 18, 19, 32)]
    assert await count(database, program) == 21


async def test_the_date_of_enrolment_is_that_of_the_program(database: Database) -> None:
    frozen = at(database, datetime(2026, 2, 28, 23, 30, tzinfo=UTC))
    found = []
    for time_zone in ("Pacific/Auckland", "UTC", "America/New_York", "Pacific/Honolulu"):
        program = await a_program(database, time_zone=time_zone)
        found.append((await a_member(frozen, program)).enrolled_on)
    await frozen.close()
    assert found == [date(2026, 3, 1), date(2026, 2, 28), date(2026, 2, 28), date(2026, 2, 28)]


async def test_a_birth_date_is_judged_by_the_calendar_of_the_program(database: Database) -> None:
    frozen = at(database, datetime(2026, 2, 28, 23, 30, tzinfo=UTC))
    east, west = [await a_program(database, time_zone=zone) for zone in ("Pacific/Auckland", "Pacific/Honolulu")]
    assert (await a_member(frozen, east, birth_date=date(2026, 2, 28))).birth_date == date(2026, 2, 28)
    problem = Invalid(value="2026-02-28", expected="a date from 1896-02-28 to yesterday", path=("input", "birthDate"))
    with refusal(problem):
        await a_member(frozen, west, birth_date=date(2026, 2, 28))
    await frozen.close()


async def test_all_that_is_wrong_is_said_at_once_and_nothing_is_stored(database: Database) -> None:
    program = await a_program(database)
    other = await a_member(database, program, number="TAKEN", identifiers=(CARD,))
    with refusal(
        Missing(why="a member has a name", path=("input", "name")),
        Invalid(value="nobody", expected="an email address, such as ada@example.com", path=("input", "email")),
        Invalid(value="MERGED", expected="ACTIVE or PENDING", path=("input", "status")),
        Invalid(value="NEWS", expected="every purpose only once", path=("input", "consents", "1", "purpose")),
        AlreadyExists(what="member", key="TAKEN", path=("input", "number")),
        AlreadyExists(what="member with CARD", key="4000-1", path=("input", "identifiers", "1")),
        NotFound(what="partner", key="NONE", path=("input", "enrolledByPartner")),
        NotFound(what="member", key="NOBODY", path=("input", "referrer")),
    ):
        await a_member(
            database, program, name=" ", email="nobody", status=MemberStatus.MERGED, number=other.number,
            consents=(ConsentGiven("NEWS", given=True), ConsentGiven("NEWS", given=False)),
            identifiers=(Identifier("CARD", "4000-2"), CARD), enrolled_by_partner="NONE",
            referrer=MemberReference(number="NOBODY"),
        )  # fmt: skip
    assert await count(database, program) == 1


async def test_numbers_and_cards_are_unique_within_a_program_only(database: Database) -> None:
    first, second = await a_program(database), await a_program(database)
    for program in (first, second):
        enrolled = await a_member(database, program, number="A1", identifiers=(CARD,))
        assert (enrolled.number, enrolled.identifiers) == ("A1", (CARD,))
    assert (await a_member(database, first, identifiers=(Identifier("APP", CARD.value),))).identifiers != (CARD,)


@pytest.mark.parametrize("number", ["", " A1", "A1 ", "A\n1", "x" * 65])
async def test_a_number_that_could_be_mistaken_is_refused(database: Database, number: str) -> None:
    program = await a_program(database)
    with pytest.raises(Exception, match="INVALID_INPUT"):
        await a_member(database, program, number=number)
    assert await count(database, program) == 0


async def test_an_unknown_program_is_named(database: Database) -> None:
    with refusal(NotFound(what="program", key="NONE", path=("input", "program"))):
        await member_enroll(database, ENGINE, MemberEnroll(program="NONE", name="Ada"))


async def test_a_draft_takes_members_and_a_halted_program_does_not(database: Database) -> None:
    draft, halted = await a_draft(database), await a_program(database)
    await program_deactivate(database, ENGINE, ProgramDeactivate(halted.code))
    assert (await a_member(database, draft)).program_id == draft.id
    why = f"program {halted.code} is INACTIVE and takes no members"
    with refusal(NotAllowed(why=why, path=("input", "program"))):
        await a_member(database, halted)


async def test_employees_of_one_program_enrol_in_no_other(database: Database) -> None:
    mine, other = await a_program(database), await a_program(database)
    msr = somebody(Role.MSR, program=mine)
    assert (await a_member(database, mine, msr)).program_id == mine.id
    with refusal(NotFound(what="program", key=other.code, path=("input", "program"))):
        await a_member(database, other, msr)


async def test_a_member_enrols_nobody(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    with refusal(NotAllowed(why="a member cannot enrol another member", path=("input",))):
        await a_member(database, program, herself(member))


async def test_a_partner_enrols_for_itself(database: Database) -> None:
    program = await a_program(database)
    partner, rival = await a_partner(database, program), await a_partner(database, program)
    user = somebody(Role.PARTNER_REPRESENTATIVE, partner=partner)
    assert (await a_member(database, program, user)).enrolled_by_partner_id == partner.id
    assert (
        await a_member(database, program, user, enrolled_by_partner=partner.code)
    ).enrolled_by_partner_id == partner.id
    with refusal(NotFound(what="partner", key=rival.code, path=("input", "enrolledByPartner"))):
        await a_member(database, program, user, enrolled_by_partner=rival.code)


async def test_an_employee_records_an_enrolment_by_a_partner_that_takes_part(database: Database) -> None:
    program, elsewhere = await a_program(database), await a_program(database)
    partner, stranger = await a_partner(database, program), await a_partner(database, elsewhere)
    assert (await a_member(database, program, enrolled_by_partner=partner.code)).enrolled_by_partner_id == partner.id
    why = f"partner {stranger.code} has no active terms in program {program.code}"
    with refusal(NotAllowed(why=why, path=("input", "enrolledByPartner"))):
        await a_member(database, program, enrolled_by_partner=stranger.code)


async def test_a_partner_without_active_terms_enrols_nobody(database: Database) -> None:
    program = await a_program(database)
    partner = await a_partner(database, program)
    await terms(database, program, partner, active=False, expected_version=1)
    user = somebody(Role.PARTNER_REPRESENTATIVE, partner=partner)
    why = f"partner {partner.code} has no active terms in program {program.code}"
    with refusal(NotAllowed(why=why, path=("input", "enrolledByPartner"))):
        await a_member(database, program, user)
    stranger = somebody(Role.PARTNER_REPRESENTATIVE, partner=await a_partner(database))
    with refusal(NotFound(what="program", key=program.code, path=("input", "program"))):
        await a_member(database, program, stranger)


async def test_a_partner_names_a_referrer_by_what_people_tell_each_other(database: Database) -> None:
    program = await a_program(database)
    referrer = await a_member(database, program, email="ada@example.com", identifiers=(CARD,))
    user = somebody(Role.PARTNER_REPRESENTATIVE, partner=await a_partner(database, program))
    for reference in (MemberReference(number=referrer.number), MemberReference(card=CARD.value)):
        assert (await a_member(database, program, user, referrer=reference)).referrer_id == referrer.id
    with refusal(NotFound(what="member", key="ada@example.com", path=("input", "referrer"))):
        await a_member(database, program, user, referrer=MemberReference(email="ada@example.com"))


async def test_a_shared_email_is_no_reference(database: Database) -> None:
    program = await a_program(database)
    twins = [await a_member(database, program, email="twins@example.com") for _ in range(2)]
    async with database.read() as reader:
        with refusal(AmbiguousMember(by="email", count=2, path=("input", "member"))):
            await resolve(reader, Scope(), program.id, MemberReference(email="twins@example.com"))
        found = await resolve(reader, Scope(), program.id, MemberReference(number=twins[1].number))
    assert found == twins[1]
