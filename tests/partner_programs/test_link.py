"""A loyalty program that demands a membership of its partners: accruals of others are refused, and nothing else is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

import domain.commands.transactions as c
from domain.commands.programs import ProgramUpdate, SettingsChange
from domain.engine.rejections import PartnerInactive
from domain.entries import NewTransaction
from domain.members import Member
from domain.people import ENGINE
from domain.problems import NotFound, TooMany
from domain.programs import Program
from domain.receipts import Receipt
from domain.services import transactions as services
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.services.programs import program_update
from domain.store.database import Database
from domain.transactions import Status, SubStatus, Transaction, Type
from tests.partner_programs.guild import BEGIN, Guild, a_guild
from tests.support.factories import a_program, result_of, terms
from tests.support.members import a_member, by_number, refusal
from tests.support.transactions import a_key

DAY = timedelta(days=1)
END, GRACE_END = date(2026, 1, 14), date(2026, 2, 13)


@dataclass
class Club:
    """A loyalty program with a member, in which the guild's partner has terms."""

    guild: Guild
    desk: Desk
    program: Program
    member: Member

    async def earn(self, **values: Any) -> Receipt[Transaction]:
        """A purchase at the partner, today."""
        usual = {"program": self.program.code, "member": "", "type": Type.ACCRUAL, "amount": Decimal(10)}
        said = NewTransaction(**{**usual, "partner": self.guild.partner.code, **values})
        command = c.PointsEarn(idempotency_key=a_key(), member=by_number(self.member), entry=said)
        return await services.points_earn(self.desk, ENGINE, command)

    async def ends(self, **values: Any) -> SubStatus | None:
        """How a purchase at the partner ends today."""
        receipt = await self.earn(**values)
        assert receipt.result is not None
        return receipt.result.sub_status


@asynccontextmanager
async def a_club(database: Database, *, demands: bool = True, **values: Any) -> AsyncIterator[Club]:
    async with a_guild(database, **values) as guild:
        demanded = (guild.program.code,) if demands else ()
        program = await a_program(guild.database, settings=SettingsChange(partner_programs=demanded))
        await terms(guild.database, program, guild.partner)
        desk = Desk(guild.database, EnginePrograms())
        yield Club(guild, desk, program, await a_member(guild.database, program))
        await desk.close()


FINE, REFUSED = SubStatus.NO_PROMOTIONS_QUALIFIED, SubStatus.PARTNER_INACTIVE


async def test_accruals_of_a_partner_without_a_membership_are_refused(database: Database) -> None:
    async with a_club(database) as club:
        receipt = await club.earn()
        assert receipt.result is not None
        assert (receipt.result.status, receipt.result.sub_status) == (Status.REJECTED_ENGINE, REFUSED)
        [problem] = receipt.errors
        expected = PartnerInactive(partner=club.guild.partner.code, demanded=(club.guild.program.code,))
        assert problem.at() == expected
        assert expected.message == (
            f"Partner '{club.guild.partner.code}' is no member of {club.guild.program.code}, which this program demands."
        )

        await club.guild.member()
        assert await club.ends() is FINE


@pytest.mark.parametrize("job", [True, False], ids=["the job runs", "the job sleeps"])
async def test_a_member_is_one_through_its_grace_whether_or_not_the_job_has_run(database: Database, job: bool) -> None:
    async with a_club(database) as club:
        await club.guild.member()
        days = ((END, FINE), (END + DAY, FINE), (GRACE_END, FINE), (GRACE_END + DAY, REFUSED))
        for day, expected in days:
            club.guild.on(day)
            if job:
                await club.guild.night()
            assert await club.ends() is expected, day


async def test_a_renewal_counts_from_its_first_day_and_a_termination_at_once(database: Database) -> None:
    async with a_club(database) as club:
        first = await club.guild.member()
        await club.guild.on(END).renew(first)
        club.guild.on(GRACE_END + DAY)
        assert await club.ends() is FINE
        await club.guild.remove()
        assert await club.ends() is REFUSED


async def test_it_is_the_day_of_processing_that_counts(database: Database) -> None:
    async with a_club(database) as club:
        club.guild.on(BEGIN + 5 * DAY)
        await club.guild.add()
        assert await club.ends(transaction_date=BEGIN) is FINE
        club.guild.on(GRACE_END + 6 * DAY)
        assert await club.ends(transaction_date=END) is REFUSED


async def test_what_no_partner_gives_is_not_refused(database: Database) -> None:
    async with a_club(database) as club:
        await club.guild.member()
        result_of(await club.earn())
        assert await club.ends(partner=None) is FINE
        await club.guild.remove()
        assert await club.ends(partner=None) is FINE
        said = NewTransaction(
            program=club.program.code,
            member="",
            type=Type.REDEMPTION,
            points=Decimal(5),
            partner=club.guild.partner.code,
        )
        command = c.PointsRedeem(idempotency_key=a_key(), member=by_number(club.member), entry=said)
        redeemed = result_of(await services.points_redeem(club.desk, ENGINE, command))
        assert redeemed.status is Status.PROCESSED


async def test_a_program_that_demands_nothing_asks_nothing(database: Database) -> None:
    async with a_club(database, demands=False) as club:
        asked: list[str] = []
        engine = club.guild.database.engine.sync_engine

        def look(*arguments: Any) -> None:
            asked.append(arguments[2])

        event.listen(engine, "before_cursor_execute", look)
        assert await club.ends() is FINE
        assert [statement for statement in asked if "membership" in statement] == []
        assert asked != []


async def test_any_of_the_demanded_programs_will_do(database: Database) -> None:
    async with a_club(database) as club, a_guild(database) as other:
        both = SettingsChange(partner_programs=(other.program.code, club.guild.program.code))
        command = ProgramUpdate(program=club.program.code, expected_version=club.program.version, settings=both)
        updated = result_of(await program_update(club.guild.database, ENGINE, command))
        assert updated.settings.partner_programs == both.partner_programs
        assert await club.ends() is REFUSED
        await club.guild.member()
        assert await club.ends() is FINE


async def test_a_program_demands_what_there_is_and_no_more_than_fifty(database: Database) -> None:
    program = await a_program(database)

    async def change(*codes: str) -> None:
        settings = SettingsChange(partner_programs=codes)
        command = ProgramUpdate(program=program.code, expected_version=program.version, settings=settings)
        await program_update(database, ENGINE, command)

    path = ("input", "settings", "partnerPrograms")
    with refusal(NotFound(what="partner program", key="NONE", path=(*path, "0"))):
        await change("NONE")
    many = [f"N{index}" for index in range(51)]
    unknown = [NotFound(what="partner program", key=code, path=(*path, str(i))) for i, code in enumerate(many)]
    with refusal(TooMany(what="partner programs", limit=50, found=51, path=path), *unknown):
        await change(*many)
