"""Generated programs in the database: what a simulation says of generated transactions is what then happens, to the last figure.

Thousands of programs go through the engine alone in `tests/engine/test_generated.py`; this is the way around it, for fewer.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import fields, replace
from datetime import UTC, datetime, time
from decimal import Decimal

from hypothesis import HealthCheck, given, settings

from domain.commands.programs import SettingsChange
from domain.commands.promotions import PromotionCreate
from domain.commands.tiers import TierThreshold
from domain.engine import Entry
from domain.entries import NewTransaction
from domain.members import Member
from domain.people import ENGINE, Role
from domain.problems import Refused
from domain.programs import Program
from domain.promotions import Promotion
from domain.services import promotions as services
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from domain.transactions import Status, SubType
from tests.engine.generated import ATTRIBUTES, JOINED, RUNGS, Case, cases
from tests.engine.samples import NOW, ONE_PER_EURO
from tests.simulation.asking import again, done, seen, simulated_entry
from tests.simulation.test_transactions import really
from tests.support.factories import a_partner, a_person, a_point_type, a_product, a_program, acting
from tests.support.members import a_member, at
from tests.support.promotions import activated, joins
from tests.support.transactions import Stage
from tests.tiers.club import a_class, a_tier

MOST = max(6, settings().max_examples // 20)
CREATED = [each.name for each in fields(PromotionCreate) if each.name != "program"]


@asynccontextmanager
async def staged(database: Database, case: Case) -> AsyncIterator[tuple[Stage, str]]:
    """The program of a case with its promotions, as far as they can be activated, and a member who joined some of them; the
    code of its hotel. It is the day of the engine's tests.
    """
    program = await a_program(
        database, decimals=case.decimals[0], currency="EUR", time_zone="Europe/Berlin", base_rules=(ONE_PER_EURO,),
        attributes=ATTRIBUTES, settings=SettingsChange(**case.settings),
    )  # fmt: skip
    await a_point_type(database, program, code="MILES", decimals=case.decimals[1])
    await _surroundings(database, program)
    hotel = (await a_partner(database, program)).code
    then, now = at(database, datetime.combine(JOINED, time(12), UTC)), at(database, NOW)
    member = await a_member(then, program, attributes=case.member.facts["attributes"])
    for promotion in case.promotions:
        partners = (hotel,) if promotion.partners else ()
        made = await _active(database, program, replace(promotion, partners=partners))
        if made is not None and made.enrollment_required and promotion.id in case.member.enrolled:
            await _joined(now, program, member, made)
    person = acting(await a_person(database, Role.MSR, program=program.code))
    desk = Desk(now, EnginePrograms())
    yield Stage(desk, program, member, person, person, person), hotel
    await desk.close()
    for each in (then, now):
        await each.close()


async def _surroundings(database: Database, program: Program) -> None:
    await a_class(database, program)
    for rung in RUNGS.values():
        thresholds = tuple(
            TierThreshold(at_least=t.at_least, point_type=t.point_type) for t in rung.thresholds if t.point_type
        )
        await a_tier(database, program, rung.code, rung.sequence, thresholds=thresholds)
    for code in ("TEA", "CAKE"):
        await a_product(database, program, code=code)


async def _joined(database: Database, program: Program, member: Member, promotion: Promotion) -> None:
    with suppress(Refused):  # it has ended by now
        await joins(database, program, member, promotion)


async def _active(database: Database, program: Program, promotion: Promotion) -> Promotion | None:
    command = PromotionCreate(program=program.code, **{name: getattr(promotion, name) for name in CREATED})
    draft = (await services.promotion_create(database, ENGINE, command)).result
    assert draft is not None
    try:
        return await activated(database, program, draft)
    except Refused:  # two that pay by one counter, or points that lapse before they begin
        return None


def said(entry: Entry, stage: Stage, hotel: str) -> NewTransaction:
    """A generated transaction, as somebody would record it."""
    return NewTransaction(
        program=stage.program.code, member="", type=entry.type, sub_type=entry.sub_type,
        transaction_date=entry.transaction_date, product=entry.product.code if entry.product else None,
        partner=hotel if entry.partner else None, amount=entry.amount, line_items=entry.line_items,
        attributes=dict(entry.attributes), points=None if entry.points is None else Decimal(entry.points),
    )  # fmt: skip


@settings(max_examples=MOST, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases())
async def test_a_simulation_equals_what_is_then_done_and_doing_it_again_differs_in_nothing(
    database: Database, case: Case
) -> None:
    async with staged(database, case) as (stage, hotel):
        made = []
        for entry in case.entries:
            if entry.sub_type is not SubType.GIFT:
                wanted = said(entry, stage, hotel)
                expected = await simulated_entry(stage, wanted)
                transaction = await really(stage, wanted)
                assert seen(expected) == await done(stage, transaction)
                made.append(transaction)
        for transaction in made:
            if transaction.status is Status.PROCESSED:
                assert (await again(stage, transaction)).differs == ()
