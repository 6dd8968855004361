"""Two who want the same number or card at once: one gets it, the other is told so, and nothing is half written."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from domain.commands.members import MemberEnroll, MemberUpdate
from domain.members import Identifier, Member
from domain.people import ENGINE, Scope
from domain.problems import AlreadyExists, Problem, Refused, VersionConflict
from domain.programs import Program
from domain.receipts import Receipt
from domain.services.member_enrollment import member_enroll
from domain.services.member_updates import member_update
from domain.store import member_writes, members
from domain.store.database import Database, Writer
from tests.support.factories import a_program
from tests.support.members import a_member, by_number, refusal

CARD = Identifier("CARD", "4000-1")
CARD_TAKEN = AlreadyExists(what="member with CARD", key="4000-1", path=("input", "identifiers", "0"))


def first_do(monkeypatch: pytest.MonkeyPatch, name: str, competitor: Callable[[], Awaitable[object]]) -> None:
    """Let a competitor finish after everything was checked and before anything is written."""
    original = getattr(member_writes, name)

    async def interrupted(writer: Writer, *arguments: object) -> object:
        monkeypatch.setattr(member_writes, name, original)
        await competitor()
        return await original(writer, *arguments)

    monkeypatch.setattr(member_writes, name, interrupted)


async def test_the_second_to_bring_a_card_is_told_even_if_it_was_free_when_checked(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = await a_program(database)
    first_do(monkeypatch, "take_ids", lambda: a_member(database, program, number="FIRST", identifiers=(CARD,)))
    with refusal(CARD_TAKEN):
        await a_member(database, program, number="SECOND", identifiers=(CARD,))
    assert await numbers(database, program) == ["FIRST"]


async def test_the_second_to_bring_a_number_is_told_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    program = await a_program(database)
    first_do(monkeypatch, "add", lambda: a_member(database, program, number="N1"))
    with refusal(AlreadyExists(what="member", key="N1", path=("input", "number"))):
        await a_member(database, program, number="N1", name="Somebody Else")
    assert await numbers(database, program) == ["N1"]


async def test_a_card_given_to_somebody_meanwhile_is_not_taken_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = await a_program(database)
    member = await a_member(database, program, number="SECOND", identifiers=(Identifier("CARD", "OLD"),))
    first_do(monkeypatch, "change", lambda: a_member(database, program, number="FIRST", identifiers=(CARD,)))
    update = MemberUpdate(member=by_number(member), program=program.code, expected_version=1, identifiers=(CARD,))
    with refusal(CARD_TAKEN):
        await member_update(database, ENGINE, update)
    async with database.read() as reader:
        assert await members.load(reader, Scope(), member.id) == member


async def test_of_ten_who_enrol_with_one_card_at_once_one_succeeds(database: Database) -> None:
    program = await a_program(database)
    commands = [
        MemberEnroll(program=program.code, number=f"N{place}", name="Ada", identifiers=(CARD,)) for place in range(10)
    ]
    answers = [
        await one for one in asyncio.as_completed([tried(member_enroll(database, ENGINE, one)) for one in commands])
    ]
    winners = [one for one in answers if isinstance(one, Member)]
    assert len(winners) == 1
    assert [one for one in answers if not isinstance(one, Member)] == [CARD_TAKEN] * 9
    assert await numbers(database, program) == [winners[0].number]


async def test_two_who_edit_the_same_version_do_not_overwrite_each_other(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    updates = [
        MemberUpdate(member=by_number(member), program=program.code, expected_version=1, name=name)
        for name in ("Ada King", "Ada Byron")
    ]
    answers = await asyncio.gather(*(tried(member_update(database, ENGINE, one)) for one in updates))
    [winner] = [one for one in answers if isinstance(one, Member)]
    [loser] = [one for one in answers if not isinstance(one, Member)]
    assert winner.version == 2
    assert loser == VersionConflict(expected=1, current=2, path=("input", "expectedVersion"))


async def test_two_who_exchange_cards_at_once_end_without_losing_one(database: Database) -> None:
    program = await a_program(database)
    other = Identifier("CARD", "4000-2")
    pair = [await a_member(database, program, identifiers=(card,)) for card in (CARD, other)]
    updates = [
        MemberUpdate(member=by_number(member), program=program.code, expected_version=1, identifiers=(card,))
        for member, card in zip(pair, (other, CARD), strict=True)
    ]
    await asyncio.gather(*(tried(member_update(database, ENGINE, one)) for one in updates))
    async with database.read() as reader:
        stored = await members.load_many(reader, Scope(), [member.id for member in pair])
    assert {card for member in stored if member for card in member.identifiers} == {CARD, other}


async def tried(attempt: Awaitable[Receipt[Member]]) -> Member | Problem | None:
    """The member, or why not."""
    try:
        return (await attempt).result
    except Refused as refused:
        return refused.problems[0]


async def numbers(database: Database, program: Program) -> list[str]:
    """The numbers of all members of a program."""
    from sqlalchemy import select

    from domain.store import tables as t

    async with database.read() as reader:
        rows = await reader.execute(select(t.member.c.number).where(t.member.c.program_id == program.id))
        return sorted(rows.scalars())
