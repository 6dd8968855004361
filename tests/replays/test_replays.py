"""Stored decisions, run again under the versions of the program that they name: the same, changed by hand, or not to be told."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import pytest_asyncio
from sqlalchemy import text

from domain.commands.members import MemberUpdate
from domain.engine.decision import Decision, decode, encode
from domain.people import ENGINE
from domain.programs import PriceKind
from domain.promotions import Criterion, Operator
from domain.replays import Incomparable
from domain.services import replays
from domain.services.engine_programs import EnginePrograms
from domain.services.member_updates import member_update
from domain.services.posting import Desk
from domain.store import decisions
from domain.store.database import Database
from domain.transactions import Transaction
from tests.replays.kit import named, replayed
from tests.seals.kit import by_force
from tests.simulation.asking import a_rich_program
from tests.support.factories import a_price, a_product, result_of
from tests.support.members import a_member, by_number
from tests.support.promotions import a_promotion, deactivated, gives, joins
from tests.support.stock import Hotel, a_hotel
from tests.support.transactions import Stage, a_stage

CHANGE = text("update decision set body = :body where transaction_id = :id")
DEARER = text("""
update promotion set definition = replace(definition::text, '"constant": 25', '"constant": 26')::jsonb where id = :id
""")


@pytest_asyncio.fixture
async def stage(fresh_database: Database) -> AsyncIterator[Stage]:
    desk = Desk(fresh_database, EnginePrograms())
    yield await a_stage(desk)
    await desk.close()


async def a_history(stage: Stage) -> list[Transaction]:
    """Members who buy, spend and give back, in any order of dates, while the program changes again and again."""
    database, program = stage.database, stage.program
    made = await a_rich_program(stage)
    tea = await a_product(database, program)
    await a_price(database, program, tea, "0.7")
    await a_price(database, program, tea, 3, kind=PriceKind.REDEMPTION)
    people = [stage.member, *[await a_member(database, program) for _ in range(2)]]
    await joins(database, program, people[1], made[4])
    bought = []
    for step in range(9):
        for place, member in enumerate(people):
            day = datetime.now(UTC).date() - timedelta((step * 13 + place * 5) % 60)
            bought.append(result_of(await stage.earn(step * 9, member=member, transaction_date=day)))
        if step in {2, 5}:
            await deactivated(database, program, made[step - 2])
        if step == 4:
            await a_promotion(database, program, gives(11), always_apply=True)
    for member in people:
        result_of(await stage.redeem(20, member=member))
        result_of(await stage.earn(3, member=member, product=tea.code, quantity=Decimal(7)))
        result_of(await stage.redeem(6, member=member, product=tea.code, quantity=Decimal(2)))
    result_of(await stage.refund(bought[7], amount=5))
    result_of(await stage.cancel(bought[3]))
    return bought


async def test_a_history_under_many_versions_is_the_same_when_it_is_run_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought = await a_history(stage)
    found = await replayed(stage.database)
    assert (found.differences, found.differ) == ([], 0)
    assert found.compared >= len(bought) + 3
    assert found.incomparable[Incomparable.CANCELLATION] == 2
    assert found.seen == found.all == found.compared + found.incomparable.total()
    assert set(found.incomparable) == {Incomparable.CANCELLATION, Incomparable.MADE_BY_ENGINE}
    monkeypatch.setattr(replays, "AT_ONCE", 1)
    monkeypatch.setattr(replays, "KEPT", 1)
    assert await replayed(stage.database) == found


async def test_only_what_was_processed_since_a_moment_is_run(stage: Stage) -> None:
    bought = await a_history(stage)
    last = result_of(await stage.earn(8))
    assert (await replayed(stage.database, last.processed_at)).all == 1
    found = await replayed(stage.database, bought[13].processed_at)
    assert (found.differ, found.all < (await replayed(stage.database)).all) == (0, True)
    assert found.compared > 13


async def test_what_a_partner_paid_for_and_what_was_held_is_run_again(fresh_database: Database) -> None:
    desk = Desk(fresh_database, EnginePrograms())
    hotel = await a_hotel(desk)
    await _busy(hotel)
    found = await replayed(fresh_database)
    assert (found.differ, found.compared) == (0, 4)
    await desk.close()


async def _busy(hotel: Hotel) -> None:
    await hotel.block(10_000)
    for dollars in (100, 50, 7):
        result_of(await hotel.earn(dollars))
    result_of(await hotel.redeem(60))


@pytest.mark.parametrize(
    ("units", "part"), [({"limited": 26}, "awards"), ({"paid": False}, "awards"), ({"qualifying": False}, "awards")]
)
async def test_an_award_that_was_changed_by_hand_is_named(
    stage: Stage, units: dict[str, int | bool], part: str
) -> None:
    await a_promotion(stage.database, stage.program, gives(25, qualifying=True))
    made = [result_of(await stage.earn(10)) for _ in range(3)]
    then = await _decision(stage, made[1])
    [award] = then.awards
    fields = {name: units.get(name, getattr(award, name)) for name in award.__struct_fields__}
    changed = type(then)(
        **{**{name: getattr(then, name) for name in then.__struct_fields__}, "awards": (type(award)(**fields),)}
    )
    async with by_force(stage.database, "decision") as writer:
        await writer.execute(CHANGE, {"body": encode(changed), "id": made[1].id})
    assert await named(stage.database) == [(made[1].id, part)]


async def _decision(stage: Stage, transaction: Transaction) -> Decision:
    async with stage.database.read() as reader:
        return decode((await decisions.latest(reader, [transaction.id]))[transaction.id])


async def test_an_amount_that_was_changed_by_hand_is_named_with_what_it_should_have_given(stage: Stage) -> None:
    made = result_of(await stage.earn(10))
    async with by_force(stage.database, "transaction") as writer:
        await writer.execute(text("update transaction set amount = 12 where id = :id"), {"id": made.id})
    first, *_ = (await replayed(stage.database)).differences
    assert (first.part, first.expected, first.found) == ("base points", "12.00 POINTS", "10.00 POINTS")
    assert (first.transaction_id, first.member_id) == (made.id, stage.member.id)


async def test_a_rule_that_was_changed_without_a_new_version_is_found(stage: Stage) -> None:
    """The engine reads the promotion itself; the version, which nobody touched, says what it should have been."""
    promotion = await a_promotion(stage.database, stage.program, gives(25))
    before = result_of(await stage.earn(10))
    async with stage.database.write() as writer:
        await writer.execute(DEARER, {"id": promotion.id})
    another = replace(stage, desk=Desk(stage.database, EnginePrograms()))
    after = result_of(await another.earn(10))
    await another.desk.close()
    assert await named(stage.database) == [(after.id, "awards"), (after.id, "totals")]
    [awards, _] = (await replayed(stage.database)).differences
    assert awards.expected == f"{promotion.code} POINTS bonus 25 25 paid"
    assert awards.found == f"{promotion.code} POINTS bonus 26 26 paid"
    assert before.id < after.id


async def test_a_version_that_is_gone_is_named(stage: Stage) -> None:
    made = result_of(await stage.earn(10))
    async with by_force(stage.database, "program_version") as writer:
        await writer.execute(
            text("delete from program_version where version = (select max(version) from program_version)")
        )
    [found] = (await replayed(stage.database)).differences
    assert (found.transaction_id, found.part, found.found) == (made.id, "program version", "no such version")


async def test_a_rule_that_read_what_the_member_changed_since_cannot_be_told(stage: Stage) -> None:
    german = Criterion("member.language", Operator.EQUALS, ("de",))
    await a_promotion(stage.database, stage.program, gives(25, german))
    member = await a_member(stage.database, stage.program, language="de")
    result_of(await stage.earn(10, member=member))
    assert (await replayed(stage.database)).compared == 1
    change = MemberUpdate(
        member=by_number(member), program=stage.program.code, expected_version=member.version, phone="+4930123456"
    )
    changed = result_of(await member_update(stage.database, ENGINE, change))
    assert (await replayed(stage.database)).compared == 1, "no rule reads a phone"
    change = MemberUpdate(
        member=by_number(member), program=stage.program.code, expected_version=changed.version, language="fr"
    )
    result_of(await member_update(stage.database, ENGINE, change))
    found = await replayed(stage.database)
    assert (found.compared, found.differences, found.incomparable) == (0, [], {Incomparable.PROFILE: 1})
    result_of(await stage.earn(10, member=member))
    assert (await replayed(stage.database)).compared == 1, "this one found the member as it is"
