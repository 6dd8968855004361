"""A partner program of one test alone, its administrator, a partner and the partner's representative, on days the test chooses.

`guild.on(day)` sets the clock; `guild.night()` runs the daily job. Golden: 12 months, renewal opens 60 days before the end, 30 days of grace.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import text

from domain.agreements import AgreementLine, Entitlement
from domain.applications import Application
from domain.commands.applications import ApplicationMoved, ApplicationSave
from domain.commands.memberships import MassUpdate, MembershipRenew, MembershipsAdd, MembershipsRemove
from domain.commands.partner_programs import (
    PartnerProgramActivate,
    PartnerProgramCreate,
    PartnerProgramListChange,
)
from domain.memberships import LIVE, Membership, MembershipRecord, MembershipStatus
from domain.partner_programs import ApprovalMethod, EligibilityList, EntitlementTemplate, LineTemplate, PartnerProgram
from domain.partners import Partner
from domain.people import Principal, Role, Scope
from domain.services import applications as application_services
from domain.services import memberships as services
from domain.services.membership_dates import Dated, keep_dates_of
from domain.services.partner_programs import (
    partner_program_activate,
    partner_program_create,
    partner_program_list_change,
)
from domain.store import agreements, applications
from domain.store import memberships as store
from domain.store.database import Database
from tests.support.factories import a_code, a_partner, a_person, acting, result_of
from tests.support.graphql import Client

EVERYTHING = Scope()
BEGIN = date(2025, 1, 15)
GOLDEN: dict[str, Any] = {
    "kind": "LEVEL",
    "time_zone": "UTC",
    "starts_on": date(2024, 1, 1),
    "ends_on": date(2040, 12, 31),
    "approval_method": ApprovalMethod.APPROVE_ALL,
    "membership_months": 12,
    "renewal_days": 60,
    "grace_days": 30,
    "lines": (LineTemplate("TERMS", "Terms of partners"), LineTemplate("LAUNCH", "Launch support", months=3)),
    "entitlements": (EntitlementTemplate("LOGO", "Use of the logo"),),
}


@dataclass(slots=True)
class Days:
    """The clock of a test: noon of a day."""

    today: date = BEGIN

    def __call__(self, _: datetime) -> datetime:
        return datetime.combine(self.today, time(12), UTC)


@dataclass(slots=True)
class Guild:
    """What a test works with."""

    database: Database
    days: Days
    program: PartnerProgram
    administrator: Principal
    partner: Partner
    representative: Principal

    def on(self, day: date) -> "Guild":
        """Set the clock."""
        self.days.today = day
        return self

    def client(self, principal: Principal | None = None) -> Client:
        """Somebody who asks the API: the administrator, unless somebody else is named."""
        return Client(self.database, principal or self.administrator)

    async def night(self) -> Dated:
        """The daily job, for this program alone."""
        progress = Dated()
        async for _ in keep_dates_of(self.database, self.program.id, progress):
            pass
        return progress

    async def add(self, *codes: str, **values: Any) -> MassUpdate:
        command = MembershipsAdd(partner_program=self.program.code, partners=codes or (self.partner.code,), **values)
        return result_of(await services.memberships_add(self.database, self.administrator, command))

    async def remove(self, *codes: str, **values: Any) -> MassUpdate:
        command = MembershipsRemove(partner_program=self.program.code, partners=codes or (self.partner.code,), **values)
        return result_of(await services.memberships_remove(self.database, self.administrator, command))

    async def member(self) -> Membership:
        """The partner becomes a member today."""
        [row] = (await self.add()).rows
        assert row.membership is not None
        return row.membership

    async def renew(self, membership: Membership, actor: Principal | None = None) -> Application:
        command = MembershipRenew(id=membership.id)
        return result_of(await services.membership_renew(self.database, actor or self.representative, command))

    async def save(self, actor: Principal | None = None, **values: Any) -> Application:
        command = ApplicationSave(partner_program=self.program.code, **values)
        return result_of(
            await application_services.application_save(self.database, actor or self.representative, command)
        )

    async def submit(self, application: Application, actor: Principal | None = None) -> Application:
        return await self._moved(application_services.application_submit, application, actor or self.representative)

    async def accept(self, application: Application) -> Application:
        return await self._moved(application_services.application_accept, application)

    async def approve(self, application: Application) -> Application:
        return await self._moved(application_services.application_approve, application)

    async def reject(self, application: Application, comment: str | None = "Not this year.") -> Application:
        return await self._moved(application_services.application_reject, application, comment=comment)

    async def apply(self) -> Application:
        """A partner's application, handed in."""
        return await self.submit(await self.save())

    async def _moved(
        self, service: Any, application: Application, actor: Principal | None = None, comment: str | None = None
    ) -> Application:
        command = ApplicationMoved(id=application.id, comment=comment)
        done: Application = result_of(await service(self.database, actor or self.administrator, command))
        return done

    async def put_on(self, which: EligibilityList, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        command = PartnerProgramListChange(
            partner_program=self.program.code, list=which, add=tuple(add), remove=tuple(remove)
        )
        result_of(await partner_program_list_change(self.database, self.administrator, command))

    async def memberships(self) -> list[Membership]:
        """All of the partner's, the oldest first."""
        async with self.database.read() as reader:
            [mine] = await store.load_of_partners(reader, EVERYTHING, [self.partner.id])
        return [each for each in reversed(mine) if each.partner_program_id == self.program.id]

    async def statuses(self) -> list[str]:
        return [each.status.value for each in await self.memberships()]

    async def live(self) -> Membership:
        """The membership by which the partner is a member."""
        [found] = [each for each in await self.memberships() if each.status in LIVE]
        return found

    async def lines(self, membership: Membership) -> list[AgreementLine]:
        async with self.database.read() as reader:
            [found] = await agreements.load_lines(reader, EVERYTHING, [membership.id])
        return found

    async def line_statuses(self, membership: Membership) -> list[str]:
        return [each.status.value for each in await self.lines(membership)]

    async def entitlements(self, membership: Membership) -> list[Entitlement]:
        async with self.database.read() as reader:
            [found] = await agreements.load_entitlements(reader, EVERYTHING, [membership.id])
        return found

    async def moves(self, membership: Membership) -> list[MembershipRecord]:
        async with self.database.read() as reader:
            [found] = await store.load_moves(reader, EVERYTHING, [membership.id])
        return found

    async def trail(self, membership: Membership) -> list[tuple[str, date]]:
        """The statuses that a membership had, and since when."""
        return [(each.to_status.value, each.effective_on) for each in await self.moves(membership)]

    async def stored(self, application: Application) -> Application:
        async with self.database.read() as reader:
            found = await applications.find(reader, EVERYTHING, application.id)
        assert found is not None
        return found

    async def emails(self) -> list[tuple[str, str]]:
        """To whom and about what the outbox writes, of this program."""
        query = text(
            "select body::jsonb->>'to' as to, body::jsonb->>'subject' as subject from outbox "
            "where type = 'email' and body::jsonb->>'subject' like :about order by id"
        )
        async with self.database.read() as reader:
            found = await reader.execute(query, {"about": f"%{self.program.name}"})
            return [(row.to, row.subject) for row in found]

    async def another(self, **values: Any) -> Partner:
        return await a_partner(self.database, **values)

    async def of_another(self) -> "Guild":
        """The same program and clock, seen from another partner."""
        partner = await a_partner(self.database)
        desk = await a_person(self.database, Role.PARTNER_REPRESENTATIVE, partner=partner.code)
        return replace(self, partner=partner, representative=acting(desk))

    async def all_statuses(self) -> dict[int, list[str]]:
        """The statuses of all memberships of the program, by partner, the oldest first."""
        query = text("select partner_id, status from membership where partner_program_id = :key order by id")
        found: dict[int, list[str]] = {}
        async with self.database.read() as reader:
            for row in await reader.execute(query, {"key": self.program.id}):
                found.setdefault(row.partner_id, []).append(row.status)
        return found


@asynccontextmanager
async def a_guild(database: Database, *, active: bool = True, **values: Any) -> AsyncIterator[Guild]:
    """A partner program, as golden as `values` leave it, on the first day of a membership."""
    days = Days()
    own = Database(database.engine.url.render_as_string(hide_password=False), pool_size=4, clock=days)
    try:
        administrator = await a_person(own, Role.PARTNER_PROGRAM_ADMINISTRATOR)
        partner = await a_partner(own)
        code = a_code("G")
        email = f"desk@{partner.code.lower()}.example"
        desk = await a_person(own, Role.PARTNER_REPRESENTATIVE, partner=partner.code, email=email)
        command = PartnerProgramCreate(**{**GOLDEN, "code": code, "name": f"Guild {code}", **values})
        program = result_of(await partner_program_create(own, acting(administrator), command))
        if active:
            activate = PartnerProgramActivate(partner_program=program.code)
            program = result_of(await partner_program_activate(own, acting(administrator), activate))
        yield Guild(own, days, program, acting(administrator), partner, acting(desk))
    finally:
        await own.close()


CURRENT, IN_GRACE, APPROVED = (
    MembershipStatus.CURRENT.value,
    MembershipStatus.IN_GRACE_PERIOD.value,
    MembershipStatus.APPROVED.value,
)
EXPIRED, TERMINATED = MembershipStatus.EXPIRED.value, MembershipStatus.TERMINATED.value
