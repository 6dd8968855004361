"""Stepped frequency promotions: rules count until the final date, and the day after each member is paid by the step reached, once."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text

from domain.commands.members import MemberReference, MemberStatusChange
from domain.commands.merges import MemberMerge
from domain.commands.programs import ProgramActivate, ProgramDeactivate
from domain.commands.simulations import TransactionSimulate
from domain.commands.transactions import TransactionCancel
from domain.entries import NewTransaction
from domain.members import Member, MemberStatus
from domain.people import ENGINE, Role
from domain.promotions import AttributeOperation, Promotion, Rule, Step, Steps, UpdateAttribute
from domain.services import batch, jobs
from domain.services.explanations import explanations
from domain.services.member_status import member_status_change
from domain.services.merges import member_merge
from domain.services.programs import program_activate, program_deactivate
from domain.services.promotion_steps import Settled, settle
from domain.services.simulations import transaction_simulate
from domain.services.transactions import transaction_cancel
from domain.services.verify import verify
from domain.statistics import PointsOfPromotion
from domain.store import invariants, member_rows, point_types, promotion_steps, statistics, transactions
from domain.store import tables as t
from domain.store.database import Database
from domain.transactions import Status, SubType, Transaction, Type
from tests.support.factories import a_person, a_point_type, a_program, acting, result_of
from tests.support.graphql import Client
from tests.support.members import a_member, at, by_number, herself
from tests.support.promotions import a_promotion, activated, deactivated, gives, updated
from tests.support.transactions import EVERYTHING, holding
from tests.tiers.club import Club, noon

FIRST, LAST, FINAL = date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 10)
MORNING_AFTER = FINAL + timedelta(1)
FLIGHTS = "counters.flights"
COUNT = Rule((UpdateAttribute(FLIGHTS, AttributeOperation.ADD, 1),))
GOLDEN = (Step(Decimal(3), Decimal(1000)), Step(Decimal(4), Decimal(3000)), Step(Decimal(6), Decimal(5000)))
STEPS = Steps(FLIGHTS, GOLDEN, FINAL)


async def a_race(database: Database, *, steps: Steps = STEPS, **values: Any) -> tuple[Club, Promotion]:
    """A program whose promotion counts purchases of March, processed by 10 April, and a member."""
    program = await a_program(database)
    promotion = await a_promotion(
        database, program, COUNT, **{"code": "SPRING", "starts_on": FIRST, "ends_on": LAST, "steps": steps, **values}
    )
    return Club(database, program, await a_member(database, program)), promotion


async def night(club: Club, day: date = MORNING_AFTER) -> Settled:
    """The job, run on a day."""
    done = Settled()
    async with club.on(day) as desk:
        async for progress in settle(desk.database, desk.programs, club.program.id):
            done = progress
    return done


async def bonuses(club: Club, *members: Member) -> list[Transaction]:
    """What members were given for actions."""
    _t = t.transaction.c
    ids = (
        select(_t.id)
        .where(_t.program_id == club.program.id, _t.sub_type == SubType.ACTION_BASED_BONUS)
        .where(_t.member_id.in_([member.id for member in members or (club.member,)]))
        .order_by(_t.id)
    )
    async with club.database.read() as reader:
        found = await transactions.load_many(reader, EVERYTHING, (await reader.execute(ids)).scalars().all())
    return [each for each in found if each is not None]


async def processed(club: Club, day: date = MORNING_AFTER) -> None:
    """The batch engine, run on a day."""
    async with club.on(day) as desk:
        async for _ in batch.work(desk.database, desk.programs, club.program.id):
            pass


async def buys(club: Club, times: int, member: Member | None = None, day: date = LAST) -> None:
    """So many purchases on a day."""
    someone = Club(club.database, club.program, member or club.member)
    for _ in range(times):
        await someone.earn(day, 10)


async def rows(club: Club, table: Any) -> int:
    """How many rows of a table concern the program."""
    mine = select(t.promotion.c.id).where(t.promotion.c.program_id == club.program.id)
    async with club.database.read() as reader:
        return int((await reader.execute(select(func.count()).where(table.c.promotion_id.in_(mine)))).scalar_one())


@pytest.mark.parametrize(
    ("times", "points"),
    [(1, None), (2, None), (3, 1000), (4, 3000), (5, 3000), (6, 5000), (7, 5000)],
)
async def test_the_golden_steps(database: Database, times: int, points: int | None) -> None:
    club, _ = await a_race(database)
    await buys(club, times)

    done = await night(club)

    given = [each.points for each in await bonuses(club)]
    assert given == ([] if points is None else [Decimal(points)])
    assert (done.members, done.paid, done.points) == (1, len(given), {"POINTS": Decimal(points)} if points else {})


async def test_a_step_is_paid_as_one_queued_bonus_of_the_day_after(database: Database) -> None:
    club, _ = await a_race(database)
    await buys(club, 4)
    await night(club)

    [bonus] = await bonuses(club)
    assert (bonus.type, bonus.sub_type, bonus.status) == (Type.ACCRUAL, SubType.ACTION_BASED_BONUS, Status.QUEUED)
    assert (bonus.transaction_date, bonus.points, bonus.qualifying) == (MORNING_AFTER, Decimal(3000), None)
    assert (bonus.created_by_id, bonus.source) == (None, "MILEPOST")
    assert bonus.external_id == f"STEPS:SPRING:2026-04-10:{club.member.number}"
    assert (await club.balance(MORNING_AFTER)).available == 40
    await processed(club)
    assert (await club.balance(MORNING_AFTER)).available == 3040
    assert (await club.balance(MORNING_AFTER)).lifetime_qualifying == 40


async def test_nothing_is_paid_until_the_day_after_the_final_date(database: Database) -> None:
    club, _ = await a_race(database)
    await buys(club, 6)

    assert (await night(club, LAST + timedelta(1))).members == 0
    assert (await night(club, FINAL)).members == 0
    assert await bonuses(club) == []
    assert [total.points for total in (await club.earn(LAST, 10)).totals] == [10]


async def test_a_late_row_counts_until_the_final_date_and_not_after_it(database: Database) -> None:
    club, _ = await a_race(database)
    await buys(club, 2)
    await club.earn(FINAL, 10, dated=LAST)
    late = await club.earn(MORNING_AFTER, 10, dated=LAST)

    await night(club, MORNING_AFTER + timedelta(5))

    assert [each.points for each in await bonuses(club)] == [1000]
    async with club.database.read() as reader:
        [said] = await explanations(reader, EVERYTHING, late)
    assert any(
        "SPRING (A promotion) did not apply: it counted what was processed through 2026-04-10." in each for each in said
    )


async def test_what_is_dated_outside_of_the_promotion_does_not_count(database: Database) -> None:
    club, _ = await a_race(database)
    for day in (FIRST - timedelta(1), FIRST, LAST, LAST + timedelta(1)):
        await club.earn(FINAL, 10, dated=day)

    await night(club)

    [payout] = await payouts(club)
    assert (payout.counted, payout.step, payout.transaction_id) == (2, None, None)


async def payouts(club: Club) -> Sequence[Any]:
    """What was closed for the member, the oldest first."""
    mine = select(t.promotion_payout).where(t.promotion_payout.c.member_id == club.member.id)
    async with club.database.read() as reader:
        return (await reader.execute(mine.order_by(t.promotion_payout.c.final_on))).all()


async def test_without_a_later_final_date_the_last_day_is_the_last_to_count(database: Database) -> None:
    club, _ = await a_race(database, steps=Steps(FLIGHTS, GOLDEN))
    await buys(club, 3)
    await club.earn(LAST + timedelta(1), 10, dated=LAST)

    await night(club, LAST + timedelta(1))

    assert [(each.points, each.transaction_date) for each in await bonuses(club)] == [
        (Decimal(1000), LAST + timedelta(1))
    ]


async def test_running_the_job_again_and_at_once_pays_nobody_twice(database: Database) -> None:
    club, _ = await a_race(database)
    others = [await a_member(database, club.program) for _ in range(8)]
    for member in others:
        await buys(club, 3, member)

    await asyncio.gather(*(night(club) for _ in range(4)))
    again = await night(club)
    next_year = await night(club, date(2027, 4, 11))

    assert [each.points for each in await bonuses(club, *others)] == [1000] * 8
    assert (again.members, next_year.members) == (0, 0)
    assert (await rows(club, t.promotion_payout), await rows(club, t.promotion_settlement)) == (8, 1)


async def test_a_job_that_slept_for_days_pays_as_if_it_had_run_in_time(database: Database) -> None:
    club, _ = await a_race(database)
    await buys(club, 5)

    await night(club, MORNING_AFTER + timedelta(40))

    [bonus] = await bonuses(club)
    assert (bonus.points, bonus.transaction_date) == (Decimal(3000), MORNING_AFTER)


async def test_a_member_who_is_busy_is_paid_the_next_night(database: Database) -> None:
    club, _ = await a_race(database)
    other = await a_member(database, club.program)
    await buys(club, 3)
    await buys(club, 3, other)

    async with holding(database, members=[club.member.id]):
        first = await night(club)
    settled = await rows(club, t.promotion_settlement)
    second = await night(club)

    assert (first.members, settled, second.members) == (1, 0, 1)
    assert [each.points for each in await bonuses(club, club.member, other)] == [1000, 1000]
    assert await rows(club, t.promotion_settlement) == 1


async def test_a_promotion_that_is_deactivated_before_pays_once_it_is_active_again(database: Database) -> None:
    club, promotion = await a_race(database)
    await buys(club, 3)
    await deactivated(database, club.program, promotion)
    without = await night(club)
    await activated(database, club.program, promotion)

    assert (without.members, (await night(club)).paid) == (0, 1)
    assert [each.points for each in await bonuses(club)] == [1000]


async def test_a_program_that_is_not_active_pays_once_it_is_again(database: Database) -> None:
    club, _ = await a_race(database)
    await buys(club, 3)
    await program_deactivate(database, ENGINE, ProgramDeactivate(club.program.code))
    without = await night(club)
    assert (without.members, await bonuses(club)) == (0, [])
    await program_activate(database, ENGINE, ProgramActivate(club.program.code))

    assert (await night(club)).paid == 1


async def test_who_left_for_good_is_given_nothing(database: Database) -> None:
    club, _ = await a_race(database)
    await buys(club, 3)
    command = MemberStatusChange(
        member=MemberReference(id=club.member.id), status=MemberStatus.CANCELLED, reason="as asked"
    )
    await member_status_change(database, ENGINE, command)

    done = await night(club)

    assert (done.members, await bonuses(club), await rows(club, t.promotion_settlement)) == (0, [], 1)


async def test_the_next_round_begins_at_zero(database: Database) -> None:
    club, promotion = await a_race(database)
    await buys(club, 4)
    await night(club)
    await deactivated(database, club.program, promotion)
    may = {"starts_on": date(2026, 5, 1), "ends_on": date(2026, 5, 31)}
    second = await updated(database, club.program, promotion, **may, steps=Steps(FLIGHTS, GOLDEN))
    await activated(database, club.program, second)
    await buys(club, 3, day=date(2026, 5, 2))

    await night(club, date(2026, 6, 1))

    assert [(each.points, each.transaction_date) for each in await bonuses(club)] == [
        (Decimal(3000), MORNING_AFTER),
        (Decimal(1000), date(2026, 6, 1)),
    ]
    assert [(each.final_on, each.counted, each.step, each.version) for each in await payouts(club)] == [
        (FINAL, 4, 2, 1),
        (date(2026, 5, 31), 3, 1, 2),
    ]


async def test_taking_back_what_was_paid_for_does_not_touch_the_count_that_began_since(database: Database) -> None:
    club, promotion = await a_race(database)
    counted = await club.earn(LAST, 10)
    await buys(club, 3)
    await night(club)
    await deactivated(database, club.program, promotion)
    may = {"starts_on": date(2026, 5, 1), "ends_on": date(2026, 5, 31)}
    await activated(
        database, club.program, await updated(database, club.program, promotion, **may, steps=Steps(FLIGHTS, GOLDEN))
    )
    again = await club.earn(date(2026, 5, 2), 10)
    await buys(club, 3, day=date(2026, 5, 2))
    await taken_back(club, counted)
    assert await count_of(club) == 4
    await taken_back(club, again)
    assert await count_of(club) == 3


async def test_a_count_is_paid_though_its_member_is_merged_into_one_who_was_paid_before(
    fresh_database: Database,
) -> None:
    club, _ = await a_race(fresh_database)
    twin = await a_member(fresh_database, club.program)
    await buys(club, 3)
    await buys(club, 4, twin)
    async with holding(fresh_database, members=[twin.id]):
        assert (await night(club)).members == 1
    async with club.on(MORNING_AFTER) as desk:
        command = MemberMerge(
            idempotency_key="merge", member=by_number(twin), into=by_number(club.member), reason="twice",
            program=club.program.code,
        )  # fmt: skip
        await member_merge(desk.database, desk.programs, ENGINE, command)
    assert [each.points for each in await bonuses(club)] == [Decimal(1000), Decimal(3000)]
    assert (await night(club)).members == 0
    await processed(club)
    assert (await club.balance(MORNING_AFTER)).available == 70 + 4000
    async with fresh_database.read() as reader:
        assert "flights" not in (await member_rows.read(reader, member_rows.BY_IDS, [club.member.id]))[0].counters
    assert [found.invariant.name async for found in verify(fresh_database) if found.violations] == []


async def test_counts_that_are_both_open_are_added_by_a_merge(database: Database) -> None:
    club, _ = await a_race(database)
    twin = await a_member(database, club.program)
    await buys(club, 2)
    await buys(club, 1, twin)
    async with club.on(MORNING_AFTER) as desk:
        command = MemberMerge(
            idempotency_key=f"merge {twin.id}", member=by_number(twin), into=by_number(club.member), reason="twice",
            program=club.program.code,
        )  # fmt: skip
        await member_merge(desk.database, desk.programs, ENGINE, command)
    await night(club)
    assert [each.points for each in await bonuses(club)] == [Decimal(1000)]


async def taken_back(club: Club, original: Transaction) -> None:
    limit = Decimal(1000)
    manager = acting(
        await a_person(club.database, Role.MANAGER, program=club.program.code, transaction_approval_limit=limit)
    )
    async with club.on(date(2026, 5, 3)) as desk:
        command = TransactionCancel(idempotency_key=f"back {original.id}", original=original.id)
        result_of(await transaction_cancel(desk, manager, command))


async def count_of(club: Club) -> int:
    async with club.database.read() as reader:
        [row] = await member_rows.read(reader, member_rows.BY_IDS, [club.member.id])
    return int(row.counters["flights"])


async def test_points_of_another_kind_that_count_towards_a_tier(database: Database) -> None:
    program = await a_program(database)
    await a_point_type(database, program, code="MILES", decimals=2, is_default=False)
    steps = Steps(FLIGHTS, (Step(Decimal("1.5"), Decimal("10.25")),), FINAL, "MILES", qualifying=True)
    await a_promotion(database, program, COUNT, starts_on=FIRST, ends_on=LAST, steps=steps)
    club = Club(database, program, await a_member(database, program))
    await buys(club, 2)

    done = await night(club)
    await processed(club)

    [bonus] = await bonuses(club)
    assert done.points == {"MILES": Decimal("10.25")}
    assert [(each.point_type, each.points, each.qualifying) for each in bonus.totals] == [
        ("MILES", Decimal("10.25"), Decimal("10.25"))
    ]


async def test_the_explanation_says_which_step_and_how_many(database: Database) -> None:
    club, _ = await a_race(database)
    await buys(club, 4)
    counting = await club.earn(LAST, 10)
    await night(club)
    await processed(club)
    [bonus] = await bonuses(club)

    async with club.database.read() as reader:
        [said] = await explanations(reader, EVERYTHING, bonus)
        [counted] = await explanations(reader, EVERYTHING, counting)
        [payout] = await promotion_steps.of_transactions(reader, [bonus.id])

    assert said[1:3] == [
        "Promotion SPRING (A promotion): counters.flights had reached 5 by 2026-04-10; from 4 on, step 2, it is worth 3,000 POINTS.",
        "Base points: 3,000 named by the transaction -> 3,000 POINTS (bonus), without expiry.",
    ]
    assert (
        "Promotion SPRING (A promotion) applied by rule 1; it counts through 2026-04-10, "
        "and is paid afterwards by the step that counters.flights has reached."
    ) in counted
    assert counted[-2] == (
        "Promotion SPRING (A promotion) changed counters.flights from 4 to 5: step 2 of 3, worth 3,000 points after 2026-04-10."
    )
    assert payout is not None
    assert (payout.promotion, payout.step) == ("SPRING", 2)
    assert (payout.count, payout.at_least, payout.points) == (Decimal(5), Decimal(4), Decimal(3000))


async def test_a_simulation_says_how_far_the_count_would_come(database: Database) -> None:
    club, _ = await a_race(database)
    await buys(club, 1)
    said = []
    async with club.on(LAST) as desk:
        for _ in range(2):
            entry = NewTransaction(program=club.program.code, member="", type=Type.ACCRUAL, amount=Decimal(10))
            asked = TransactionSimulate(program=club.program.code, member=by_number(club.member), entry=entry)
            simulation = await transaction_simulate(desk.database, desk.programs, ENGINE, asked)
            said.append([(str(each.before), str(each.after)) for each in simulation.decisions[-1].changes])
    assert said == [[("1", "2")]] * 2
    assert await bonuses(club) == []


async def test_a_bonus_shows_the_count_that_it_pays_for(database: Database) -> None:
    club, _ = await a_race(database)
    await buys(club, 3)
    await night(club)
    await processed(club)
    client = Client(database, herself(club.member))
    shown = "payout { promotion name finalOn counter count step atLeast points pointType }"

    data = await client.ask(
        f'{{ member(program: "{club.program.code}", reference: {{ number: "{club.member.number}" }}) '
        f"{{ transactions(first: 10, orderBy: {{ direction: ASC }}) {{ edges {{ node {{ {shown} decision {{ text }} }} }} }} }} }}"
    )

    *counting, bonus = [edge["node"] for edge in data["member"]["transactions"]["edges"]]
    assert [each["payout"] for each in counting] == [None, None, None]
    assert bonus["payout"] == {
        "promotion": "SPRING", "name": "A promotion", "finalOn": "2026-04-10", "counter": FLIGHTS, "count": "3",
        "step": 1, "atLeast": "3", "points": "1000", "pointType": "POINTS",
    }  # fmt: skip
    assert "counters.flights had reached 3 by 2026-04-10" in bonus["decision"]["text"][1]


async def test_what_promotions_have_given_includes_what_they_paid_by_steps(database: Database) -> None:
    club, _ = await a_race(database)
    await a_promotion(database, club.program, gives(7), code="EASY", name="Seven")
    await buys(club, 3)
    await night(club)
    async with database.read() as reader:
        point_type = (await point_types.of_program(reader, club.program.id))["POINTS"]
        before = await statistics.by_promotion(reader, point_type)
    await processed(club)

    easy = PointsOfPromotion("EASY", "Seven", 3, Decimal(21))
    async with database.read() as reader:
        after = await statistics.by_promotion(reader, point_type)
    assert (before, after) == ([easy], [easy, PointsOfPromotion("SPRING", "A promotion", 1, Decimal(1000))])


async def claimed(database: Database, club: Club) -> str:
    """The job of the program, to be run by hand."""
    return (await jobs.job_claim(database, ENGINE, f"STEPS {club.program.code}")).name


async def test_the_nights_job_says_what_it_did(fresh_database: Database) -> None:
    club, _ = await a_race(fresh_database)
    await buys(club, 4)
    after = at(fresh_database, noon(MORNING_AFTER))
    async with club.on(MORNING_AFTER) as desk:
        said = [await jobs.perform(after, desk.programs, await claimed(after, club), lambda: True) for _ in range(2)]
    await after.close()

    assert said == ["counts of 1 members closed: 1 are given 3,000 POINTS", "nothing to do"]


async def test_a_payout_that_is_not_what_its_step_says_is_found_by_verify(fresh_database: Database) -> None:
    club, _ = await a_race(fresh_database)
    await buys(club, 4)
    await night(club)

    async def found() -> list[str]:
        return [
            each.place
            async for one in verify(fresh_database)
            if one.invariant is invariants.PAYOUTS
            for each in one.violations
        ]

    assert await found() == []
    async with fresh_database.write() as writer:
        await writer.execute(text("alter table promotion_payout disable trigger all"))
        await writer.execute(text("update promotion_payout set points = 3001"))
        await writer.execute(text("alter table promotion_payout enable always trigger promotion_payout_append_only"))
    assert await found() == [f"payout of member {club.member.id} for SPRING by 2026-04-10"]
