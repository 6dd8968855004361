"""Members for tests, enrolled through the product's own door: `a_member(database, program)`, and who acts for whom."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from domain.commands.members import MemberEnroll, MemberReference
from domain.members import Member
from domain.people import ENGINE, Principal, Role, Scope
from domain.problems import Problem, Refused
from domain.programs import Program
from domain.services.member_enrollment import member_enroll
from domain.store.database import Database
from tests.support.factories import result_of


async def a_member(database: Database, program: Program, actor: Principal = ENGINE, **values: Any) -> Member:
    """A member of a program; with a number of its own, unless one is given."""
    command = MemberEnroll(**{"program": program.code, "name": "Ada Lovelace", **values})
    return result_of(await member_enroll(database, actor, command))


def herself(member: Member) -> Principal:
    """The member as a request sees it."""
    scope = Scope(member.program_id, member_id=member.id)
    return Principal(None, f"member {member.number}", frozenset({Role.MEMBER}), scope)


def by_number(member: Member) -> MemberReference:
    """The reference that people use most."""
    return MemberReference(number=member.number)


@contextmanager
def refusal(*problems: Problem) -> Iterator[None]:
    """The block must be refused with exactly these problems, in any order."""
    with pytest.raises(Refused) as caught:
        yield
    assert sorted(map(repr, caught.value.problems)) == sorted(map(repr, problems))


def at(database: Database, moment: datetime) -> Database:
    """The same database, whose clock stands at a moment; close it at the end."""
    return Database(database.engine.url.render_as_string(hide_password=False), pool_size=2, clock=lambda _: moment)
