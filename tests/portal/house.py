"""A program with two partners: the hotel, whose people these tests are about, and the airline, which must see nothing of it."""

from dataclasses import dataclass
from typing import Any

from domain.moves import Move
from domain.partners import Partner
from domain.people import Principal, Role
from domain.services import transactions as services
from domain.services.posting import Desk
from domain.store import partners
from domain.store.database import Database
from domain.transactions import Transaction
from tests.support.factories import a_partner, terms
from tests.support.graphql import Client
from tests.support.members import herself
from tests.support.transactions import Stage, a_stage


@dataclass(frozen=True)
class House:
    """`clerk` and `approver` are the hotel's, `rival` and `rival_approver` the airline's."""

    stage: Stage
    hotel: Partner
    airline: Partner
    clerk: Principal
    approver: Principal
    rival: Principal
    rival_approver: Principal
    administrator: Principal
    partner_manager: Principal

    @property
    def database(self) -> Database:
        return self.stage.database

    @property
    def program(self) -> str:
        """The code of the program."""
        return self.stage.program.code

    @property
    def member(self) -> Principal:
        """The member of the stage, logged in."""
        return herself(self.stage.member)

    def client(self, actor: Principal) -> Client:
        """Somebody at the API."""
        return Client(self.database, actor, self.stage.desk)

    async def agree(self, partner: Partner, **values: Any) -> None:
        """Change what the program and a partner have agreed."""
        async with self.database.read() as reader:
            before = await partners.terms(reader, self.stage.program.id, partner.id)
        assert before is not None
        await terms(self.database, self.stage.program, partner, expected_version=before.version, **values)

    async def offered(self, actor: Principal, transaction: Transaction) -> set[Move]:
        """The moves that somebody may make of a transaction now."""
        async with self.database.read() as reader:
            [moves] = await services.moves_of(reader, self.stage.desk.programs, actor, [transaction])
        return set(moves)


async def a_house(desk: Desk) -> House:
    stage = await a_stage(desk)
    database, program = stage.database, stage.program
    hotel, airline = await a_partner(database, program), await a_partner(database, program)

    async def of(partner: Partner, role: Role) -> Principal:
        return await stage.person(role, partner=partner.code, program=None)

    return House(
        stage, hotel, airline,
        clerk=await of(hotel, Role.PARTNER_REPRESENTATIVE),
        approver=await of(hotel, Role.PARTNER_APPROVER),
        rival=await of(airline, Role.PARTNER_REPRESENTATIVE),
        rival_approver=await of(airline, Role.PARTNER_APPROVER),
        administrator=await stage.person(Role.PROGRAM_ADMINISTRATOR),
        partner_manager=await stage.person(Role.PARTNER_MANAGER),
    )  # fmt: skip
