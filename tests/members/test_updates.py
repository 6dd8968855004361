"""Changing members: what changes, what does not, who may, and what is recorded."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.commands.members import ConsentGiven, MemberReference, MemberUpdate
from domain.members import Address, Consent, Identifier, Member, MemberChange, MemberStatus
from domain.pages import PageRequest
from domain.people import ENGINE, Principal, Role, Scope
from domain.problems import AlreadyExists, Invalid, Missing, NotAllowed, NotFound, VersionConflict
from domain.programs import Program
from domain.services.member_updates import member_update
from domain.services.members import member_changes
from domain.store import members
from domain.store.database import Database
from tests.support.factories import a_partner, a_person, a_program, acting, result_of, somebody
from tests.support.members import a_member, at, by_number, herself, refusal

MOMENT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


async def update(
    database: Database, program: Program, member: Member, actor: Principal = ENGINE, **values: Any
) -> Member:
    values = {"expected_version": member.version, "program": program.code, **values}
    return result_of(await member_update(database, actor, MemberUpdate(member=by_number(member), **values)))


async def stored(database: Database, member: Member) -> Member | None:
    async with database.read() as reader:
        return await members.load(reader, Scope(), member.id)


async def changes(database: Database, member: Member) -> list[MemberChange]:
    page = await member_changes(database, Scope(), member.id, PageRequest())
    return [edge.node for edge in page.edges]


async def test_only_what_is_named_changes_and_null_clears(database: Database) -> None:
    program = await a_program(database)
    card = Identifier("CARD", "1")
    before = await a_member(
        database, program, email="ada@example.com", phone="+4930901820", identifiers=(card,), language="en"
    )
    after = await update(
        database, program, before, phone=None, address=Address(("Main Street 1",)), birth_date=date(1990, 1, 1)
    )
    assert after == await stored(database, before)
    assert (after.phone, after.address, after.birth_date) == (None, Address(("Main Street 1",)), date(1990, 1, 1))
    assert (after.email, after.identifiers, after.language, after.version) == ("ada@example.com", (card,), "en", 2)


async def test_every_change_is_recorded_by_field_never_by_value(database: Database) -> None:
    program = await a_program(database)
    msr = await a_person(database, Role.MSR)
    member = await a_member(database, program)
    frozen = at(database, MOMENT)
    changed = await update(frozen, program, member, acting(msr), name="Ada King", birth_date=date(1990, 1, 1))
    await update(frozen, program, changed, acting(msr), attributes={"homeStore": "S1"})
    await frozen.close()
    record: dict[str, Any] = {
        "member_id": member.id,
        "person_id": msr.id,
        "from_status": None,
        "to_status": None,
        "reason": None,
    }
    assert await changes(database, member) == [
        MemberChange(version=3, fields=("attributes",), created_at=MOMENT, **record),
        MemberChange(version=2, fields=("name", "birthDate"), created_at=MOMENT, **record),
    ]


async def test_saying_the_same_again_changes_nothing(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(
        database, program, email="ada@example.com", consents=(ConsentGiven("NEWS", given=True),), attributes={"a": 1}
    )
    same = await update(
        database, program, member, email=" ADA@example.com", consents=(ConsentGiven("NEWS", given=True),),
        attributes={"a": 1, "b": None},
    )  # fmt: skip
    assert same == member == await stored(database, member)
    assert await changes(database, member) == []


async def test_consents_and_attributes_are_added_to_the_others(database: Database) -> None:
    program = await a_program(database)
    frozen = at(database, MOMENT)
    member = await a_member(
        frozen, program, consents=(ConsentGiven("NEWS", given=True), ConsentGiven("SMS", given=True)),
        attributes={"kept": "x", "changed": 1, "removed": True},
    )  # fmt: skip
    later = MOMENT.replace(hour=4)
    clock = at(database, later)
    after = await update(
        clock, program, member, consents=(ConsentGiven("SMS", given=False), ConsentGiven("POST", given=True)),
        attributes={"changed": 2, "removed": None, "new": "y"},
    )  # fmt: skip
    await frozen.close()
    await clock.close()
    assert after.consents == (
        Consent("NEWS", given=True, at=MOMENT), Consent("SMS", given=False, at=later), Consent("POST", given=True, at=later),
    )  # fmt: skip
    assert after.attributes == {"kept": "x", "changed": 2, "new": "y"}


async def test_cards_are_replaced_and_free_again(database: Database) -> None:
    program = await a_program(database)
    old, new = Identifier("CARD", "OLD"), Identifier("CARD", "NEW")
    first = await a_member(database, program, identifiers=(old,))
    second = await a_member(database, program)
    with refusal(AlreadyExists(what="member with CARD", key="OLD", path=("input", "identifiers", "0"))):
        await update(database, program, second, identifiers=(old,))
    await update(database, program, first, identifiers=(new,))
    assert (await update(database, program, second, identifiers=(old,))).identifiers == (old,)


async def test_who_has_not_seen_the_current_version_is_told_which_it_is(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    await update(database, program, member, name="Ada King")
    with refusal(VersionConflict(expected=1, current=2, path=("input", "expectedVersion"))):
        await update(database, program, member, name="Ada Byron")


async def test_all_that_is_wrong_is_said_at_once(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    with refusal(
        Missing(why="a member has a name", path=("input", "name")),
        Invalid(value="x", expected="an email address, such as ada@example.com", path=("input", "email")),
        Invalid(value="??", expected="two letters of ISO 3166, such as DE or US", path=("input", "address", "country")),
        Invalid(
            value="a b", expected="a name of letters, digits and _ that begins with a letter, at most 64 long",
            path=("input", "attributes", "a b"),
        ),
    ):  # fmt: skip
        await update(
            database, program, member, name="", email="x", address=Address(country="??"), attributes={"a b": 1}
        )
    assert await stored(database, member) == member


async def test_what_was_stored_before_a_rule_is_not_judged_again(database: Database) -> None:
    program = await a_program(database)
    then, now = at(database, datetime(2020, 1, 1, tzinfo=UTC)), at(database, datetime(2040, 1, 1, tzinfo=UTC))
    member = await a_member(then, program, birth_date=date(1900, 5, 4))  # in 2040 nobody could enrol with it
    assert (await update(now, program, member, name="Old Ada")).birth_date == date(1900, 5, 4)
    await then.close()
    await now.close()


async def test_a_member_corrects_how_it_is_reached_and_nothing_else(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    after = await update(database, program, member, herself(member), email="me@example.com")
    assert after.email == "me@example.com"
    why = "members change only name, email, phone, address, language, consents, not birthDate, attributes"
    with refusal(NotAllowed(why=why, path=("input",))):
        await update(
            database, program, after, herself(member), birth_date=date(1990, 1, 1), attributes={"tier": "GOLD"}
        )


async def test_a_member_does_not_find_another(database: Database) -> None:
    program = await a_program(database)
    member, other = await a_member(database, program), await a_member(database, program)
    with refusal(NotFound(what="member", key=other.number, path=("input", "member"))):
        await update(database, program, other, herself(member), name="Mine")


async def test_a_partner_maintains_the_members_it_enrolled(database: Database) -> None:
    program = await a_program(database)
    partner = await a_partner(database, program)
    user = somebody(Role.PARTNER_REPRESENTATIVE, partner=partner)
    mine, foreign = await a_member(database, program, user), await a_member(database, program)
    assert (await update(database, program, mine, user, name="Ada King")).name == "Ada King"
    with refusal(NotFound(what="member", key=foreign.number, path=("input", "member"))):
        await update(database, program, foreign, user, name="Ada King")


@pytest.mark.parametrize("by", ["id", "number", "card", "email", "phone"])
async def test_the_member_may_be_named_in_every_way(database: Database, by: str) -> None:
    program = await a_program(database)
    member = await a_member(
        database, program, email="ada@example.com", phone="+4930901820", identifiers=(Identifier("APP", "a-1"),)
    )
    values: dict[str, Any] = {
        "id": member.id,
        "number": member.number,
        "card": "a-1",
        "email": "Ada@Example.com",
        "phone": "0049 30 901820",
    }
    command = MemberUpdate(
        member=MemberReference(**{by: values[by]}), program=program.code, expected_version=1, name="Found"
    )
    assert result_of(await member_update(database, ENGINE, command)).name == "Found"


async def test_only_an_id_names_a_member_without_a_program(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    by_id = MemberUpdate(member=MemberReference(id=member.id), expected_version=1, name="By id")
    assert result_of(await member_update(database, ENGINE, by_id)).name == "By id"
    number = MemberUpdate(member=by_number(member), expected_version=2, name="By number")
    why = "without the code of a program only an id names a member"
    with refusal(Missing(why=why, path=("input", "program"))):
        await member_update(database, ENGINE, number)
    bound = somebody(Role.MSR, program=program)
    assert result_of(await member_update(database, bound, number)).name == "By number"


async def test_a_member_who_has_left_for_good_does_not_change(database: Database) -> None:
    from domain.commands.members import MemberStatusChange
    from domain.services.member_status import member_status_change

    program = await a_program(database)
    member = await a_member(database, program)
    leaving = MemberStatusChange(member=MemberReference(id=member.id), status=MemberStatus.CANCELLED, reason="Asked to")
    gone = result_of(await member_status_change(database, ENGINE, leaving))
    why = "the member is CANCELLED, and nothing about it changes any more"
    with refusal(NotAllowed(why=why, path=("input", "member"))):
        await update(database, program, gone, name="Back again")
