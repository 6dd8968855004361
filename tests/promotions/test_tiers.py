"""Promotions and tiers: what one names of the other must exist, and stays while it is needed."""

from decimal import Decimal

import pytest

from domain.commands.promotions import PromotionDeactivate
from domain.commands.tiers import TierClassCreate, TierCreate, TierThreshold
from domain.people import ENGINE
from domain.programs import Program
from domain.promotion_problems import PromotionNeeded
from domain.promotions import AttributeOperation, ChangeTier, Rule, TierDirection, UpdateAttribute
from domain.services.promotion_checks import activation_problems
from domain.services.promotions import promotion_deactivate
from domain.services.tiers import tier_class_create, tier_create
from domain.store.database import Database
from domain.tiers import TierModel
from tests.support.factories import a_program
from tests.support.members import a_member
from tests.support.promotions import a_draft_promotion, a_promotion, activated, deactivated, gives
from tests.support.refusals import places, problems_of
from tests.support.transactions import Stage

FLIGHTS = "counters.flights"
COUNT = Rule((UpdateAttribute(FLIGHTS, AttributeOperation.ADD, 1),))


async def ladder(database: Database, program: Program, *, counter: str | None = None) -> None:
    """STATUS with BASIC and GOLD, and another class SERVICE with VIP."""
    for place, code in enumerate(("STATUS", "SERVICE"), start=1):
        made = TierClassCreate(program=program.code, code=code, name=code, sequence=place, model=TierModel.ROLLING)
        await tier_class_create(database, ENGINE, made)
    threshold = TierThreshold(at_least=Decimal(3), point_type=None if counter else "POINTS", counter=counter)
    for tier_class, code, sequence in (("STATUS", "BASIC", 1), ("STATUS", "GOLD", 2), ("SERVICE", "VIP", 1)):
        tier = TierCreate(
            program=program.code, tier_class=tier_class, code=code, name=code, sequence=sequence,
            thresholds=(threshold,) if code == "GOLD" else (),
        )  # fmt: skip
        await tier_create(database, ENGINE, tier)


@pytest.mark.parametrize(
    ("action", "place"),
    [
        (ChangeTier("STATUS", TierDirection.UP), None),
        (ChangeTier("STATUS", TierDirection.KEEP), None),
        (ChangeTier("STATUS", TierDirection.UP, "GOLD"), None),
        (ChangeTier("STATUS", TierDirection.UP, "VIP"), "tier"),
        (ChangeTier("STATUS", TierDirection.UP, "SILVER"), "tier"),
        (ChangeTier("GOLD", TierDirection.UP), "tierClass"),
        (ChangeTier("STATUS", TierDirection.KEEP, "GOLD"), "tier"),
    ],
)
async def test_a_change_of_tier_names_a_class_and_a_tier_of_it(
    database: Database, action: ChangeTier, place: str | None
) -> None:
    program = await a_program(database)
    await ladder(database, program)
    draft = await a_draft_promotion(database, program, Rule((action,)))

    async with database.read() as reader:
        found = await activation_problems(reader, draft)

    assert [".".join(problem.path) for problem in found] == ([f"rules.0.actions.0.{place}"] if place else [])


async def test_a_promotion_is_for_tiers_that_exist(database: Database) -> None:
    program = await a_program(database)
    await ladder(database, program)
    draft = await a_draft_promotion(database, program, tiers=("VIP", "SILVER", "GOLD"))

    async with database.read() as reader:
        found = await activation_problems(reader, draft)

    assert places(found) == [("NOT_FOUND", "tiers.1")]


async def test_a_tier_keeps_the_promotion_active_that_counts_for_it(database: Database) -> None:
    program = await a_program(database)
    counting = await a_promotion(database, program, COUNT)
    await ladder(database, program, counter=FLIGHTS)
    command = PromotionDeactivate(program=program.code, promotion=counting.code)

    found = await problems_of(promotion_deactivate(database, ENGINE, command))

    path = ("input", "promotion")
    assert found == [PromotionNeeded(promotion=counting.code, attributes=(FLIGHTS,), by=("tier GOLD",), path=path)]
    await a_promotion(database, program, COUNT)
    assert not (await deactivated(database, program, counting)).active


async def test_a_promotion_moves_a_member_up_and_pays_those_above(stage: Stage) -> None:
    database, program = stage.database, stage.program
    await ladder(database, program)
    up = await a_draft_promotion(database, program, Rule((ChangeTier("STATUS", TierDirection.UP, "GOLD"),)))
    await a_promotion(database, program, gives(100), tiers=("GOLD",))
    other = await a_member(database, program)
    before = await stage.earn(1)
    await activated(database, program, up)
    during = await stage.earn(1)
    await deactivated(database, program, up)

    after = [await stage.earn(1), await stage.earn(1, member=other)]

    paid = [[total.points for total in receipt.result.totals] for receipt in (before, during, *after) if receipt.result]
    assert paid == [[1], [1], [101], [1]]
