"""Tiers in simulations: a processed transaction finds the tier and the lots of then, whatever the member has risen to since."""

from datetime import date
from decimal import Decimal

import pytest

from domain.commands.programs import SettingsChange
from domain.commands.simulations import ProcessedSimulate, TransactionSimulate
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.people import ENGINE
from domain.services.engine_programs import EnginePrograms
from domain.services.simulations import processed_simulate, transaction_simulate
from domain.store.database import Database
from domain.tiers import TierModel
from tests.support.promotions import a_promotion, gives
from tests.tiers.club import a_club

MONTHS = ExpiryPolicy(ExpiryKind.PERIOD, length=6, unit=PeriodUnit.MONTH)
IDLE = ExpiryPolicy(ExpiryKind.INACTIVITY, length=3, unit=PeriodUnit.MONTH)
GOLD = {"expiry": ExpiryPolicy(ExpiryKind.PERIOD, length=2, unit=PeriodUnit.YEAR), "suspends_expiry": True}


@pytest.mark.parametrize("expiry", [MONTHS, IDLE], ids=["after a time", "without activity"])
async def test_with_the_same_rules_nothing_differs_for_who_has_risen_and_fallen(
    database: Database, expiry: ExpiryPolicy
) -> None:
    club = await a_club(database, model=TierModel.FIXED_DATE, settings=SettingsChange(expiry=expiry), gold=GOLD)
    promotion = await a_promotion(database, club.program, gives(25), tiers=("GOLD",), starts_on=date(2024, 1, 1))
    made = [
        await club.earn(date(2025, 1, 10), 100),
        await club.earn(date(2025, 2, 1), 500),
        await club.earn(date(2025, 2, 1), 30),
        await club.redeem(date(2025, 3, 1), 110),
        await club.earn(date(2025, 4, 1), 600),
        await club.redeem(date(2025, 7, 20), 500),
    ]
    await club.night(date(2027, 1, 1))
    programs = EnginePrograms()
    for transaction in made:
        command = TransactionSimulate(program=club.program.code, transaction_id=transaction.id)
        simulation = await transaction_simulate(database, programs, ENGINE, command)
        assert (transaction.id, simulation.differs) == (transaction.id, ())
    everything = ProcessedSimulate(program=club.program.code)
    *_, found = [each async for each in processed_simulate(database, programs, ENGINE, everything)]
    assert (found.transactions, found.differ) == (4, 0)
    assert found.now.by_promotion == {(promotion.code, "POINTS"): Decimal(50)}
