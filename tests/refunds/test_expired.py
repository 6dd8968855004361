"""Points that have expired count as returned; a balance never falls twice for one point."""

from datetime import date

from domain.services.expiry import expire
from tests.refunds.ledgers import ints, on, violations
from tests.refunds.test_redemptions import lapsing, night
from tests.support.factories import result_of
from tests.support.transactions import Stage

__all__ = ["lapsing"]
BOUGHT, LAPSED = date(2026, 1, 15), date(2026, 3, 1)


async def test_a_purchase_whose_points_have_expired_takes_nothing_else(lapsing: Stage) -> None:
    then = on(lapsing, BOUGHT)
    bought = result_of(await then.earn(100))
    await then.database.close()
    late = on(lapsing, LAPSED)
    await night(late)
    result_of(await late.earn(50))
    cancellation = result_of(await late.cancel(bought))
    assert cancellation.totals == ()
    balance = await late.balance()
    assert ints(balance.available, balance.earned, balance.redeemed, balance.expired) == (50, 150, 0, 100)
    assert balance.lifetime_qualifying == 50
    assert await violations(late.database) == []
    await late.database.close()


async def test_before_the_nightly_run_it_is_the_same(lapsing: Stage) -> None:
    then = on(lapsing, BOUGHT)
    bought = result_of(await then.earn(100))
    await then.database.close()
    late = on(lapsing, LAPSED)
    result_of(await late.earn(50))
    result_of(await late.cancel(bought))
    assert (await late.balance()).available == 50
    assert [done.transactions async for done in expire(late.database, late.desk.programs, late.program.id)] == []
    assert await violations(late.database) == []
    await late.database.close()


async def test_what_was_spent_before_it_expired_is_taken_of_others_once(lapsing: Stage) -> None:
    then = on(lapsing, BOUGHT)
    bought = result_of(await then.earn(100))
    result_of(await then.redeem(60))
    await then.database.close()
    late = on(lapsing, LAPSED)
    await night(late)
    result_of(await late.earn(80))
    parts = [result_of(await late.refund(bought, amount=amount)) for amount in (50, 50)]
    assert [[total.points for total in part.totals] for part in parts] == [[10], [50]]
    balance = await late.balance()
    assert ints(balance.available, balance.earned, balance.redeemed, balance.expired) == (20, 120, 60, 40)
    assert await violations(late.database) == []
    await late.database.close()


async def test_a_balance_does_not_fall_twice_when_a_spent_lot_expires(lapsing: Stage) -> None:
    then = on(lapsing, BOUGHT)
    bought = result_of(await then.earn(100))
    result_of(await then.refund(bought, amount=40))
    result_of(await then.redeem(60))
    await then.database.close()
    late = on(lapsing, LAPSED)
    result_of(await late.earn(10))
    await night(late)
    balance = await late.balance()
    assert ints(balance.available, balance.earned, balance.redeemed, balance.expired) == (10, 70, 60, 0)
    assert await violations(late.database) == []
    await late.database.close()
