"""Joining promotions: once and for good, by the member, a person at the desk or the partner that enrolled the member."""

import asyncio
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import DBAPIError

from domain.commands.members import MemberReference, MemberStatusChange
from domain.commands.promotions import PromotionEnroll
from domain.members import MemberStatus
from domain.people import ENGINE, Principal, Role
from domain.problems import NotAllowed, NotFound
from domain.promotion_problems import NoEnrollment, PromotionEnded, PromotionInactive
from domain.promotions import PromotionEnrollment
from domain.services.member_status import member_status_change
from domain.services.promotion_enrollment import promotion_enroll
from domain.store import promotion_enrollments
from domain.store import tables as t
from domain.store.database import Database
from tests.support.factories import a_partner, a_person, a_program, acting, result_of, somebody
from tests.support.members import a_member, at, by_number, herself, refusal
from tests.support.promotions import a_draft_promotion, a_promotion, deactivated, joins

PROMOTION = ("input", "promotion")
MEMBER = ("input", "member")


async def joined(database: Database, member_id: int, actor: Principal = ENGINE) -> list[PromotionEnrollment]:
    async with database.read() as reader:
        [found] = await promotion_enrollments.load_of_members(reader, actor.scope, [member_id])
    return found


async def test_a_member_joins_once_however_often_it_is_asked(database: Database) -> None:
    program, person = await a_program(database), await a_person(database, Role.MSR)
    member = await a_member(database, program)
    promotion = await a_promotion(database, program, enrollment_required=True)

    first = await joins(database, program, member, promotion, acting(person))
    again = await joins(database, program, member, promotion)

    assert first.result is not None
    expected = PromotionEnrollment(member.id, promotion.id, person.id, first.result.created_at)
    assert (first.result, first.replayed) == (expected, False)
    assert (again.result, again.replayed) == (expected, True)
    assert await joined(database, member.id) == [expected]


async def test_of_two_who_ask_at_once_one_is_new(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    promotion = await a_promotion(database, program, enrollment_required=True)

    both = await asyncio.gather(*(joins(database, program, member, promotion) for _ in range(2)))

    assert sorted(each.replayed for each in both) == [False, True]
    assert both[0].result == both[1].result
    assert await joined(database, member.id) == [both[0].result]


async def test_members_join_for_themselves_and_for_nobody_else(database: Database) -> None:
    program = await a_program(database)
    member, other = await a_member(database, program), await a_member(database, program)
    promotion = await a_promotion(database, program, enrollment_required=True)

    await joins(database, program, member, promotion, herself(member))

    with refusal(NotFound(what="member", key=other.number, path=MEMBER)):
        await joins(database, program, other, promotion, herself(member))
    assert [len(await joined(database, each.id)) for each in (member, other)] == [1, 0]


async def test_a_partner_serves_the_members_that_it_enrolled(database: Database) -> None:
    program = await a_program(database)
    partner = await a_partner(database, program)
    own = await a_member(database, program, enrolled_by_partner=partner.code)
    promotion = await a_promotion(database, program, enrollment_required=True)
    representative = somebody(Role.PARTNER_REPRESENTATIVE, partner=partner)
    other = await a_member(database, program)

    await joins(database, program, own, promotion, representative)

    assert len(await joined(database, own.id)) == 1
    with refusal(NotFound(what="member", key=other.number, path=MEMBER)):
        await joins(database, program, other, promotion, representative)


async def test_there_must_be_something_to_join(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    draft = await a_draft_promotion(database, program, enrollment_required=True)
    for_all = await a_promotion(database, program)

    with refusal(PromotionInactive(promotion=draft.code, path=PROMOTION)):
        await joins(database, program, member, draft)
    with refusal(NotFound(what="promotion", key=draft.code, path=PROMOTION)):
        await joins(database, program, member, draft, herself(member))
    with refusal(NoEnrollment(promotion=for_all.code, path=PROMOTION)):
        await joins(database, program, member, for_all)
    command = PromotionEnroll(program=program.code, promotion="NOWHERE", member=by_number(member))
    with refusal(NotFound(what="promotion", key="NOWHERE", path=PROMOTION)):
        await promotion_enroll(database, ENGINE, command)
    assert await joined(database, member.id) == []


@pytest.mark.parametrize(("time_zone", "ended"), [("America/New_York", False), ("Europe/Berlin", True)])
async def test_a_promotion_can_be_joined_through_its_last_day_in_the_time_zone_of_the_program(
    database: Database, time_zone: str, *, ended: bool
) -> None:
    program = await a_program(database, time_zone=time_zone)
    member = await a_member(database, program)
    promotion = await a_promotion(database, program, enrollment_required=True, ends_on=date(2026, 3, 31))
    then = at(database, datetime(2026, 3, 31, 23, 30, tzinfo=UTC))

    if ended:
        with refusal(PromotionEnded(promotion=promotion.code, ends_on=date(2026, 3, 31), path=PROMOTION)):
            await joins(then, program, member, promotion)
    else:
        await joins(then, program, member, promotion)

    assert len(await joined(database, member.id)) == (0 if ended else 1)
    await then.close()


async def test_who_has_left_joins_nothing(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    promotion = await a_promotion(database, program, enrollment_required=True)
    gone = MemberStatusChange(
        member=by_number(member), program=program.code, status=MemberStatus.CANCELLED, reason="moved away"
    )
    await member_status_change(database, ENGINE, gone)

    with refusal(NotAllowed(why="a member that is CANCELLED joins nothing", path=MEMBER)):
        await joins(database, program, member, promotion)


async def test_a_member_of_another_program_is_not_found(database: Database) -> None:
    program, other = await a_program(database), await a_program(database)
    member = await a_member(database, other)
    promotion = await a_promotion(database, program, enrollment_required=True)
    reference = MemberReference(id=member.id)

    with refusal(NotFound(what="member", key=None, path=MEMBER)):
        command = PromotionEnroll(program=program.code, promotion=promotion.code, member=reference)
        await promotion_enroll(database, ENGINE, command)


async def test_an_enrolment_outlives_a_change_of_the_promotion_but_is_hidden_while_it_is_out(
    database: Database,
) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    promotion = await a_promotion(database, program, enrollment_required=True)
    enrollment = result_of(await joins(database, program, member, promotion))

    await deactivated(database, program, promotion)

    assert await joined(database, member.id) == [enrollment]
    assert await joined(database, member.id, herself(member)) == []


async def test_the_database_keeps_enrolments_as_they_are(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    promotion = await a_promotion(database, program, enrollment_required=True)
    await joins(database, program, member, promotion)

    with pytest.raises(DBAPIError, match="append-only"):
        async with database.write() as writer:
            await writer.execute(t.promotion_enrollment.delete())

    assert len(await joined(database, member.id)) == 1


async def test_only_what_is_asked_is_read_for_the_engine(database: Database) -> None:
    program = await a_program(database)
    member, other = await a_member(database, program), await a_member(database, program)
    promotions = [await a_promotion(database, program, enrollment_required=True) for _ in range(3)]
    for promotion in promotions:
        await joins(database, program, member, promotion)

    async with database.read() as reader:
        ids = [promotion.id for promotion in promotions[:2]]
        found = await promotion_enrollments.enrolled(reader, [member.id, other.id], ids)
        nothing = await promotion_enrollments.enrolled(reader, [member.id], [])

    assert (found, nothing) == ({member.id: frozenset(ids)}, {})
