"""The status of members: one table of changes, a reason for each, and a record of it."""

import itertools
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domain.commands.members import MemberReference, MemberStatusChange
from domain.member_status import BEGINNINGS, CHANGES, ENGINE_CHANGES, FINAL, MemberStatusRefused, status_refused
from domain.members import Member, MemberChange, MemberStatus
from domain.pages import PageRequest
from domain.people import ENGINE, Principal, Role, Scope
from domain.problems import Missing, NotAllowed, NotFound
from domain.services.engine_programs import EnginePrograms
from domain.services.member_status import member_status_change
from domain.services.members import member_changes
from domain.services.posting import Desk
from domain.services.verify import verify
from domain.store import balances
from domain.store.database import Database
from tests.members.ledgers import put
from tests.support.factories import a_partner, a_person, a_program, acting, result_of, somebody
from tests.support.members import a_member, at, refusal
from tests.support.transactions import a_stage

S = MemberStatus


async def change(
    database: Database, member: Member, status: MemberStatus, reason: str = "Asked to", actor: Principal = ENGINE
) -> Member:
    command = MemberStatusChange(member=MemberReference(id=member.id), status=status, reason=reason)
    return result_of(await member_status_change(database, actor, command))


def test_the_table_knows_every_status_and_the_engine_alone_makes_dormant_and_merged() -> None:
    assert set(CHANGES) == set(MemberStatus)
    assert {S.CANCELLED, S.MERGED} == FINAL
    by_hand = {status for following in CHANGES.values() for status in following}
    assert by_hand == {S.ACTIVE, S.SUSPENDED, S.INACTIVE, S.CANCELLED}
    assert (S.ACTIVE, S.DORMANT) in ENGINE_CHANGES
    assert not {before for before, _ in ENGINE_CHANGES} & FINAL
    assert {S.PENDING, S.ACTIVE} == BEGINNINGS


@pytest.mark.parametrize(("before", "after"), list(itertools.product(MemberStatus, MemberStatus)))
def test_no_change_exists_that_the_table_does_not_have(before: MemberStatus, after: MemberStatus) -> None:
    refused = status_refused(before, after, "input", "status")
    if after in CHANGES[before]:
        assert refused is None
    else:
        assert refused == MemberStatusRefused(
            status=before, wanted=after, allowed=CHANGES[before], path=("input", "status")
        )


async def test_a_change_keeps_who_when_and_why(database: Database) -> None:
    program = await a_program(database)
    manager = await a_person(database, Role.MANAGER)
    member = await a_member(database, program)
    moment = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    frozen = at(database, moment)
    suspended = await change(frozen, member, S.SUSPENDED, "  Card reported stolen ", acting(manager))
    await frozen.close()
    assert (suspended.status, suspended.version) == (S.SUSPENDED, 2)
    [edge] = (await member_changes(database, Scope(), member.id, PageRequest())).edges
    assert edge.node == MemberChange(
        member_id=member.id, version=2, person_id=manager.id, fields=(), from_status=S.ACTIVE, to_status=S.SUSPENDED,
        reason="Card reported stolen", created_at=moment,
    )  # fmt: skip


async def test_a_pending_member_is_activated_and_one_who_left_stays_away(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program, status=S.PENDING)
    member = await change(database, member, S.ACTIVE)
    member = await change(database, member, S.CANCELLED)
    with refusal(
        MemberStatusRefused(status=S.CANCELLED, wanted=S.ACTIVE, allowed=(), path=("input", "status")),
        Missing(why="a change of status needs a reason", path=("input", "reason")),
    ):
        await change(database, member, S.ACTIVE, "  ")


def test_the_refusal_says_what_would_be_possible() -> None:
    refused = status_refused(S.PENDING, S.SUSPENDED)
    final = status_refused(S.MERGED, S.ACTIVE)
    assert refused is not None
    assert final is not None
    assert refused.message == "The member is PENDING and cannot become SUSPENDED: it may become ACTIVE, CANCELLED."
    assert final.message == "The member is MERGED and cannot become ACTIVE: that is final."


async def test_a_partner_changes_the_status_of_members_it_enrolled_only(database: Database) -> None:
    program = await a_program(database)
    partner = await a_partner(database, program)
    user = somebody(Role.PARTNER_REPRESENTATIVE, partner=partner)
    mine, served, foreign = [await a_member(database, program, actor) for actor in (user, ENGINE, ENGINE)]
    await served_by(database, partner.id, served)
    assert (await change(database, mine, S.SUSPENDED, actor=user)).status is S.SUSPENDED
    with refusal(NotAllowed(why="a partner maintains only the members it enrolled", path=("input", "member"))):
        await change(database, served, S.SUSPENDED, actor=user)
    with refusal(NotFound(what="member", path=("input", "member"))):
        await change(database, foreign, S.SUSPENDED, actor=user)


async def served_by(database: Database, partner_id: int, member: Member) -> None:
    """A transaction of the member with the partner."""
    from domain.store import tables as t
    from domain.transactions import Status, SubType, Type

    async with database.write() as writer:
        [id_] = await database.ids.take(writer, 1)
    await put(
        database, t.transaction, id=id_, program_id=member.program_id, member_id=member.id, type=Type.ACCRUAL,
        sub_type=SubType.PRODUCT, status=Status.QUEUED, transaction_date=member.enrolled_on, partner_id=partner_id,
        external=False, attempts=0, version=1,
    )  # fmt: skip


async def test_the_rest_of_a_cancelled_members_points_expires_at_once(fresh_database: Database) -> None:
    desk = Desk(fresh_database, EnginePrograms())
    stage = await a_stage(desk)
    await stage.earn(70)

    await change(fresh_database, stage.member, S.CANCELLED)

    async with fresh_database.read() as reader:
        [[balance]] = await balances.load_many(reader, Scope(), [stage.member.id], await fresh_database.now(reader))
    assert (balance.available, balance.expired, balance.earned) == (Decimal(0), Decimal(70), Decimal(70))
    assert [finding.violations async for finding in verify(fresh_database) if finding.violations] == []
    await desk.close()
