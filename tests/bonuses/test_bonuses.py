"""Bonuses for actions: queued with what they are for, by the engine, once each, and given by the batch engine."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from domain.attributes import AttributeType
from domain.bonuses import SOURCE, Bonus, Bonuses
from domain.commands.member_imports import MemberRow
from domain.commands.members import MemberReference, MemberStatusChange, MemberUpdate
from domain.commands.programs import ProgramActivate, ProgramDeactivate, ProgramUpdate, SettingsChange
from domain.members import Address, Member, MemberStatus
from domain.people import ENGINE, Scope
from domain.problems import Invalid, Missing, NotAllowed, NotFound, Problem, Refused
from domain.programs import Program
from domain.services import batch
from domain.services.engine_programs import EnginePrograms
from domain.services.member_imports import members_import
from domain.services.member_status import member_status_change
from domain.services.member_updates import member_update
from domain.services.programs import program_activate, program_deactivate, program_update
from domain.store import tables as t
from domain.store import transactions
from domain.store.database import Database
from domain.transactions import Status, SubStatus, SubType, Transaction
from tests.support.factories import a_code, a_draft, a_point_type, a_price, a_product, a_program, result_of
from tests.support.members import a_member, by_number

PATH = ("input", "settings", "bonuses")
ALL = Bonuses(
    enrollment=Bonus(Decimal(100)),
    referral=Bonus(Decimal(50)),
    referred=Bonus(Decimal(20)),
    profile={"email": Bonus(Decimal(5)), "address.city": Bonus(Decimal(7))},
)


async def promising(database: Database, bonuses: Bonuses = ALL, **values: Any) -> Program:
    """A program that promises these."""
    return await a_program(database, settings=SettingsChange(bonuses=bonuses), **values)


async def promise(database: Database, program: Program, bonuses: Bonuses) -> Program:
    """The program, now that it promises these."""
    settings = SettingsChange(bonuses=bonuses)
    command = ProgramUpdate(program=program.code, expected_version=program.version, settings=settings)
    return result_of(await program_update(database, ENGINE, command))


async def bonuses_of(database: Database, *of: Member) -> list[Transaction]:
    """All transactions of these members, in the order in which they were recorded."""
    ids = select(t.transaction.c.id).where(t.transaction.c.member_id.in_([member.id for member in of]))
    async with database.read() as reader:
        found = await transactions.load_many(reader, Scope(), sorted((await reader.execute(ids)).scalars()))
    return [each for each in found if each is not None]


async def given(database: Database, program: Program, *of: Member) -> dict[str | None, int]:
    """What these members have been given once the batch engine is through: what for, and how many points."""
    async for _ in batch.work(database, EnginePrograms(), program.id):
        pass
    done = await bonuses_of(database, *of)
    assert [each.status for each in done] == [Status.PROCESSED] * len(done)
    return {each.external_id: int(each.totals[0].points) for each in done}


async def updated(database: Database, member: Member, **values: Any) -> Member:
    """The member after a change."""
    command = MemberUpdate(member=MemberReference(id=member.id), expected_version=member.version, **values)
    return result_of(await member_update(database, ENGINE, command))


async def becoming(database: Database, member: Member, status: MemberStatus) -> Member:
    """The member in another status."""
    command = MemberStatusChange(member=MemberReference(id=member.id), status=status, reason="as asked")
    return result_of(await member_status_change(database, ENGINE, command))


async def test_who_enrols_is_given_the_bonus_by_the_batch_engine(database: Database) -> None:
    program = await promising(database)
    member = await a_member(database, program)
    [bonus] = await bonuses_of(database, member)
    assert (bonus.sub_type, bonus.status) == (SubType.ACTION_BASED_BONUS, Status.QUEUED)
    assert (bonus.source, bonus.created_by_id, bonus.transaction_date) == (SOURCE, None, member.enrolled_on)
    assert (bonus.points, bonus.qualifying) == (Decimal(100), None)
    assert await given(database, program, member) == {f"ENROLLMENT:{member.number}": 100}
    [done] = await bonuses_of(database, member)
    assert [(each.points, each.qualifying) for each in done.totals] == [(Decimal(100), Decimal(0))]


async def test_a_program_that_promises_nothing_gives_nothing(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    await updated(database, member, email="ada@example.com")
    assert await bonuses_of(database, member) == []


async def test_a_referrer_named_at_enrolment_and_the_new_member_are_both_given_theirs(database: Database) -> None:
    program = await promising(database)
    referrer = await a_member(database, program)
    member = await a_member(database, program, referrer=by_number(referrer))
    assert await given(database, program, referrer, member) == {
        f"ENROLLMENT:{referrer.number}": 100,
        f"ENROLLMENT:{member.number}": 100,
        f"REFERRAL:{member.number}": 50,
        f"REFERRED:{member.number}": 20,
    }
    mine = [each.external_id for each in await bonuses_of(database, referrer)]
    assert mine == [f"ENROLLMENT:{referrer.number}", f"REFERRAL:{member.number}"]


async def test_the_referral_alone_leaves_the_new_member_without(database: Database) -> None:
    program = await promising(database, Bonuses(referral=Bonus(Decimal(50))))
    referrer = await a_member(database, program)
    member = await a_member(database, program, referrer=by_number(referrer))
    assert await given(database, program, referrer, member) == {f"REFERRAL:{member.number}": 50}


async def test_who_enrols_without_naming_anybody_brings_nobody_a_bonus_later_either(database: Database) -> None:
    program = await promising(database)
    member = await a_member(database, program)
    with pytest.raises(TypeError, match="referrer"):
        await updated(database, member, referrer=MemberReference(number=member.number))
    await updated(database, member, name="Ada King")
    assert await given(database, program, member) == {f"ENROLLMENT:{member.number}": 100}


async def test_a_promise_made_after_an_enrolment_does_not_reach_back(database: Database) -> None:
    program = await a_program(database)
    member = await a_member(database, program)
    await promise(database, program, ALL)
    await updated(database, member, name="Ada King")
    assert await bonuses_of(database, member) == []


async def test_who_no_longer_earns_is_given_nothing_for_bringing_somebody(database: Database) -> None:
    program = await promising(database)
    referrer = await a_member(database, program)
    await becoming(database, referrer, MemberStatus.INACTIVE)
    member = await a_member(database, program, referrer=by_number(referrer))
    names = [each.external_id for each in await bonuses_of(database, referrer, member)]
    assert names == [f"{what}:{who.number}" for what, who in (
        ("ENROLLMENT", referrer), ("ENROLLMENT", member), ("REFERRED", member),
    )]  # fmt: skip


async def test_a_pending_member_is_given_the_bonuses_of_its_enrolment_once_it_is_active(database: Database) -> None:
    program = await promising(database)
    referrer = await a_member(database, program)
    member = await a_member(database, program, referrer=by_number(referrer), status=MemberStatus.PENDING)
    await updated(database, member, email="ada@example.com")
    assert await bonuses_of(database, member) == []
    await becoming(database, member, MemberStatus.ACTIVE)
    assert await given(database, program, member) == {
        f"ENROLLMENT:{member.number}": 100,
        f"REFERRED:{member.number}": 20,
    }
    await becoming(database, member, MemberStatus.SUSPENDED)
    await becoming(database, member, MemberStatus.ACTIVE)
    assert len(await bonuses_of(database, member)) == 2


async def test_a_number_enrols_once_and_so_does_its_bonus_however_many_ask_at_the_same_time(database: Database) -> None:
    program = await promising(database)
    asked = [a_member(database, program, number="1001") for _ in range(5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    [member] = [each for each in answers if isinstance(each, Member)]
    assert all(isinstance(each, Member | Refused) for each in answers)
    assert await given(database, program, member) == {"ENROLLMENT:1001": 100}


async def test_a_field_is_rewarded_when_it_is_filled_in_for_the_first_time_and_never_again(database: Database) -> None:
    program = await promising(database)
    member = await a_member(database, program)
    member = await updated(database, member, email="ada@example.com")
    member = await updated(database, member, email="king@example.com")
    member = await updated(database, member, email=None)
    member = await updated(database, member, email="ada@example.com")
    member = await updated(database, member, address=Address(city="London"), phone="+44 20 7946 0000")
    assert await given(database, program, member) == {
        f"ENROLLMENT:{member.number}": 100,
        f"PROFILE:{member.number}:email": 5,
        f"PROFILE:{member.number}:address.city": 7,
    }


async def test_what_is_filled_in_at_enrolment_is_part_of_it(database: Database) -> None:
    program = await promising(database)
    member = await a_member(database, program, email="ada@example.com")
    member = await updated(database, member, email="king@example.com")
    assert await given(database, program, member) == {f"ENROLLMENT:{member.number}": 100}


async def test_an_attribute_of_the_program_is_a_field_too(database: Database) -> None:
    attributes = {"member.attributes.homeStore": AttributeType.TEXT}
    bonuses = Bonuses(profile={"attributes.homeStore": Bonus(Decimal(9))})
    program = await promising(database, bonuses, attributes=attributes)
    member = await updated(database, await a_member(database, program), attributes={"homeStore": "S1"})
    assert await given(database, program, member) == {f"PROFILE:{member.number}:attributes.homeStore": 9}


async def test_two_updates_at_once_are_one_first_time(database: Database) -> None:
    program = await promising(database)
    member = await a_member(database, program)
    both = (updated(database, member, email=f"{name}@example.com") for name in ("ada", "king"))
    await asyncio.gather(*both, return_exceptions=True)
    assert await given(database, program, member) == {
        f"ENROLLMENT:{member.number}": 100, f"PROFILE:{member.number}:email": 5,
    }  # fmt: skip


async def test_a_program_that_is_not_active_gives_nothing(database: Database) -> None:
    draft = await a_draft(database, settings=SettingsChange(bonuses=ALL))
    await a_point_type(database, draft, code="POINTS")
    early = await a_member(database, draft)
    program = result_of(await program_activate(database, ENGINE, ProgramActivate(draft.code)))
    member = await a_member(database, program)
    await program_deactivate(database, ENGINE, ProgramDeactivate(program.code))
    await updated(database, member, email="ada@example.com")
    with pytest.raises(Refused) as refused:
        await a_member(database, program)
    assert [type(problem) for problem in refused.value.problems] == [NotAllowed]
    assert await bonuses_of(database, early) == []
    assert [each.external_id for each in await bonuses_of(database, member)] == [f"ENROLLMENT:{member.number}"]


async def test_a_program_halted_before_the_batch_engine_comes_refuses_what_waits(database: Database) -> None:
    program = await promising(database)
    member = await a_member(database, program)
    await program_deactivate(database, ENGINE, ProgramDeactivate(program.code))
    async for _ in batch.work(database, EnginePrograms(), program.id):
        pass
    [bonus] = await bonuses_of(database, member)
    assert (bonus.status, bonus.sub_status) == (Status.REJECTED_ENGINE, SubStatus.PROGRAM_INACTIVE)


async def test_an_enrolment_that_is_refused_leaves_no_bonus(database: Database) -> None:
    program = await promising(database)
    referrer = await a_member(database, program)
    with pytest.raises(Refused):
        await a_member(database, program, referrer=by_number(referrer), email="nonsense")
    assert len(await bonuses_of(database, referrer)) == 1


async def test_members_who_are_imported_have_been_members_before(database: Database) -> None:
    program = await promising(database)
    referrer = await a_member(database, program, number="1001")
    rows = [MemberRow(number="1002", name="Ada", referrer_number="1001")]
    await members_import(database, ENGINE, program.code, rows)
    assert await given(database, program, referrer) == {"ENROLLMENT:1001": 100}


async def test_a_bonus_may_be_what_a_product_earns_and_may_qualify(database: Database) -> None:
    program = await a_program(database)
    product = await a_product(database, program)
    await a_price(database, program, product, 30)
    program = await promise(database, program, Bonuses(enrollment=Bonus(product=product.code, qualifying=True)))
    member = await a_member(database, program)
    assert await given(database, program, member) == {f"ENROLLMENT:{member.number}": 30}
    [bonus] = await bonuses_of(database, member)
    assert [each.qualifying for each in bonus.totals] == [30]


async def test_a_bonus_is_of_the_type_that_it_names(database: Database) -> None:
    program = await a_program(database)
    miles = await a_point_type(database, program, code="MILES", decimals=2)
    async with database.read() as reader:
        version = (await reader.execute(select(t.program.c.version).where(t.program.c.id == program.id))).scalar_one()
    bonuses = Bonuses(enrollment=Bonus(Decimal("0.25"), miles.code))
    program = await promise(database, replace(program, version=version), bonuses)
    member = await a_member(database, program)
    await given(database, program, member)
    [bonus] = await bonuses_of(database, member)
    assert [(each.point_type, each.points) for each in bonus.totals] == [("MILES", Decimal("0.25"))]


@pytest.mark.parametrize(
    ("bonuses", "problem"),
    [
        (
            Bonuses(enrollment=Bonus()),
            Missing(why="a bonus is so many points, or what a product earns", path=(*PATH, "enrollment", "points")),
        ),
        (
            Bonuses(referral=Bonus(Decimal(0))),
            Invalid(value="0", expected="more than 0 points", path=(*PATH, "referral", "points")),
        ),
        (
            Bonuses(referred=Bonus(Decimal("1.5"))),
            Invalid(value="1.5", expected="at most 0 decimals: those of POINTS", path=(*PATH, "referred", "points")),
        ),
        (
            Bonuses(enrollment=Bonus(Decimal(1), "NONE")),
            NotFound(what="point type", key="NONE", path=(*PATH, "enrollment", "pointType")),
        ),
        (
            Bonuses(enrollment=Bonus(product="NONE")),
            NotFound(what="product", key="NONE", path=(*PATH, "enrollment", "product")),
        ),
    ],
)
async def test_a_promise_that_cannot_be_kept_is_refused_at_its_place(
    database: Database, bonuses: Bonuses, problem: Problem
) -> None:
    program = await a_program(database)
    with pytest.raises(Refused) as refused:
        await promise(database, program, bonuses)
    assert refused.value.problems == (problem,)


async def test_a_bonus_is_either_points_or_a_product_and_fields_must_exist(database: Database) -> None:
    program = await a_program(database)
    product = await a_product(database, program)
    both = Bonus(Decimal(1), product=product.code)
    with pytest.raises(Refused) as refused:
        await promise(database, program, Bonuses(enrollment=both, profile={"email": ALL.profile["email"], "hat": both}))
    found = sorted((problem.path[3:], problem.code) for problem in refused.value.problems)
    assert found == [
        (("enrollment", "points"), "INVALID_INPUT"),
        (("profile", "1", "field"), "INVALID_INPUT"),
        (("profile", "1", "points"), "INVALID_INPUT"),
    ]


async def test_a_new_program_can_name_no_product_yet(database: Database) -> None:
    code = a_code("P")
    with pytest.raises(Refused) as refused:
        await a_draft(database, code=code, settings=SettingsChange(bonuses=Bonuses(enrollment=Bonus(product="SKU1"))))
    assert refused.value.problems == (NotFound(what="product", key="SKU1", path=(*PATH, "enrollment", "product")),)
