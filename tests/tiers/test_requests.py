"""Changes of tier by hand: asked for, approved or rejected by a tier approver, never by whoever asked."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest_asyncio

from domain.commands.members import MemberReference, MemberStatusChange
from domain.commands.tiers import MemberTierRequest, MemberTierRequestApprove, MemberTierRequestReject
from domain.families import MemberFinal
from domain.members import MemberStatus
from domain.people import ENGINE, Principal, Role
from domain.problems import Invalid, NotFound, Refused
from domain.services.member_status import member_status_change
from domain.services.posting import Desk
from domain.services.tier_requests import (
    member_tier_request,
    member_tier_request_approve,
    member_tier_request_reject,
)
from domain.store import tier_requests
from domain.store.database import Database
from domain.tier_requests import (
    NotTierApprover,
    OwnTierRequest,
    TierHeld,
    TierRequest,
    TierRequestDecided,
    TierRequestMove,
    TierRequestOpen,
    TierRequestStatus,
)
from tests.support.factories import a_person, acting, result_of
from tests.support.members import by_number, refusal
from tests.tiers.club import ENROLLED, EVERYTHING, Club, a_club

TODAY = date(2025, 6, 1)
ID = "input", "id"


@dataclass(frozen=True)
class Office:
    """Who asks and who decides, on one day."""

    club: Club
    desk: Desk
    msr: Principal
    approver: Principal

    async def ask(self, tier: str = "GOLD", actor: Principal | None = None, **values: Any) -> TierRequest:
        command = MemberTierRequest(
            member=by_number(self.club.member), program=self.club.program.code, tier=tier, reason="A guest of honour", **values
        )  # fmt: skip
        return result_of(await member_tier_request(self.desk.database, self.desk.programs, actor or self.msr, command))

    async def approve(self, request: TierRequest, actor: Principal | None = None) -> TierRequest:
        command = MemberTierRequestApprove(id=request.id)
        actor = actor or self.approver
        return result_of(await member_tier_request_approve(self.desk.database, self.desk.programs, actor, command))

    async def reject(self, request: TierRequest, comment: str = "Not yet") -> TierRequest:
        command = MemberTierRequestReject(id=request.id, comment=comment)
        return result_of(await member_tier_request_reject(self.desk.database, self.approver, command))

    async def moves(self, request: TierRequest) -> list[TierRequestMove]:
        async with self.desk.database.read() as reader:
            return (await tier_requests.load_moves(reader, EVERYTHING, [request.id]))[0]


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    """An MSR below a manager below a tier approver."""
    club = await a_club(database)
    code = club.program.code
    approver = await a_person(database, Role.MANAGER, program=code, tier_approver=True)
    manager = await a_person(database, Role.MANAGER, program=code, manager=approver.subject)
    msr = await a_person(database, Role.MSR, program=code, manager=manager.subject)
    async with club.on(TODAY) as desk:
        yield Office(club, desk, acting(msr), acting(approver))


async def test_an_approved_tier_begins_today(office: Office) -> None:
    request = await office.ask()
    assert request.submit_to_id == office.approver.person_id

    approved = await office.approve(request)

    assert approved.status is TierRequestStatus.APPROVED
    assert await office.club.history(TODAY) == [
        ("GOLD", TODAY, date(2027, 3, 9), "REQUEST"),
        ("BASIC", ENROLLED, date(2025, 5, 31), None),
    ]
    assert [(each.person_id, each.from_status, each.to_status) for each in await office.moves(request)] == [
        (office.msr.person_id, None, TierRequestStatus.SUBMITTED),
        (office.approver.person_id, TierRequestStatus.SUBMITTED, TierRequestStatus.APPROVED),
    ]


async def test_a_rejected_request_changes_nothing(office: Office) -> None:
    request = await office.ask()

    rejected = await office.reject(request)

    assert rejected.status is TierRequestStatus.REJECTED
    assert await office.club.tier(TODAY) == "BASIC"
    assert [each.comment for each in await office.moves(request)] == ["A guest of honour", "Not yet"]


async def test_a_rejection_says_why(office: Office) -> None:
    request = await office.ask()

    with refusal(Invalid(value=" ", expected="a text that is not blank", path=("input", "comment"))):
        await office.reject(request, " ")


async def test_only_tier_approvers_decide(office: Office) -> None:
    request = await office.ask()

    with refusal(NotTierApprover(name=office.msr.subject, path=ID)):
        await office.approve(request, office.msr)
    assert await office.club.tier(TODAY) == "BASIC"


async def test_nobody_decides_about_their_own_request(office: Office) -> None:
    request = await office.ask(actor=office.approver)

    with refusal(OwnTierRequest(path=ID)):
        await office.approve(request)
    with refusal(OwnTierRequest(path=ID)):
        await office.reject(request)


async def test_a_decision_is_final(office: Office) -> None:
    request = await office.ask()
    await office.approve(request)

    with refusal(TierRequestDecided(status=TierRequestStatus.APPROVED, path=ID)):
        await office.reject(request)


async def test_one_request_of_a_class_at_a_time(office: Office) -> None:
    await office.ask()

    with refusal(TierRequestOpen(tier_class="STATUS", path=("input", "tier"))):
        await office.ask("PLATINUM")


async def test_a_tier_that_changes_nothing_is_not_asked_for(office: Office) -> None:
    with refusal(TierHeld(tier="BASIC", ends_on=None, path=("input", "tier"))):
        await office.ask("BASIC")


async def test_an_approver_is_named_who_is_one(office: Office) -> None:
    with refusal(NotFound(what="person", key="nobody", path=("input", "submitTo"))):
        await office.ask(submit_to="nobody")
    with refusal(NotTierApprover(name=office.msr.subject, path=("input", "submitTo"))):
        await office.ask(submit_to=office.msr.subject)


async def test_a_member_may_be_brought_down_by_hand(office: Office) -> None:
    await office.club.earn(TODAY, 1000)

    await office.approve(await office.ask("GOLD"))

    assert await office.club.tier(TODAY) == "GOLD"
    assert [each[0] for each in await office.club.history(TODAY)] == ["GOLD", "BASIC"]


async def test_who_has_left_meanwhile_gets_no_tier(office: Office) -> None:
    request = await office.ask()
    leave = MemberStatusChange(
        member=MemberReference(id=office.club.member.id), status=MemberStatus.CANCELLED, reason="wanted to go"
    )
    result_of(await member_status_change(office.desk.database, ENGINE, leave))
    with refusal(MemberFinal(status=MemberStatus.CANCELLED, path=ID)):
        await office.approve(request)
    assert [each[0] for each in await office.club.history(TODAY)] == ["BASIC"]
    assert (await office.reject(request)).status is TierRequestStatus.REJECTED


async def test_of_two_approvals_at_once_one_counts(office: Office) -> None:
    request = await office.ask()

    done = await asyncio.gather(office.approve(request), office.approve(request), return_exceptions=True)

    refused = [each for each in done if isinstance(each, Refused)]
    assert [each.problems for each in refused] == [(TierRequestDecided(status=TierRequestStatus.APPROVED, path=ID),)]
    assert len(await office.club.history(TODAY)) == 2


async def test_purchases_and_an_approval_at_once_leave_one_chain_of_tiers(office: Office) -> None:
    request = await office.ask("PLATINUM")

    await asyncio.gather(office.approve(request), *(office.club.earn(TODAY, 200) for _ in range(4)))

    assert [each[0] for each in await office.club.history(TODAY)] == ["PLATINUM", "BASIC"]
    await office.club.verified(TODAY)
