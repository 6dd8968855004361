"""A child (the stage's member), a household and a company for tests: who joins whom is up to them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from domain.commands.families import HouseholdJoin, HouseholdLeave
from domain.families import FamilyMembership
from domain.members import Member, MemberKind
from domain.people import ENGINE
from domain.services.families import household_join, household_leave
from domain.services.posting import Desk
from domain.store.database import Database
from tests.support.factories import result_of
from tests.support.members import a_member, by_number
from tests.support.transactions import Stage, a_stage
from tests.transfers.pair import Pair

ALWAYS = date(2000, 1, 1)


@dataclass(frozen=True)
class House(Pair):
    """`stage.member` (or `ada`) is the child, `grace` the household."""

    company: Member

    @property
    def parent(self) -> Member:
        return self.grace

    @property
    def database(self) -> Database:
        return self.stage.database

    async def join(self, member: Member | None = None, family: Member | None = None, **values: Any) -> FamilyMembership:
        """The child joins the household, unless others are named."""
        command = HouseholdJoin(
            member=by_number(member or self.ada), family=by_number(family or self.parent),
            program=self.stage.program.code, **values,
        )  # fmt: skip
        return result_of(await household_join(self.database, ENGINE, command))

    async def leave(self, member: Member | None = None) -> FamilyMembership:
        command = HouseholdLeave(member=by_number(member or self.ada), program=self.stage.program.code)
        return result_of(await household_leave(self.database, ENGINE, command))

    async def has(self, member: Member) -> tuple[Decimal, Decimal]:
        """What a member can spend, and what has qualified."""
        balance = await self.stage.balance(member)
        return balance.available, balance.lifetime_qualifying


async def a_house(desk: Desk, **values: Any) -> House:
    """A house; `values` are the program's."""
    stage: Stage = await a_stage(desk, **values)
    household = await a_member(desk.database, stage.program, name="The Lovelaces", kind=MemberKind.HOUSEHOLD)
    company = await a_member(desk.database, stage.program, name="Engines Ltd", kind=MemberKind.ACCOUNT)
    return House(stage, household, company)
