"""Whatever happens to a member: statements add up, join, and agree with the balances at both ends."""

import asyncio
from datetime import timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.transactions import Transaction
from tests.holds.kit import hold
from tests.statements.kit import NOON, Diary, a_diary

FIRST = NOON.date()
STEP = st.tuples(
    st.sampled_from(["earn", "earn", "redeem", "refund", "send", "hold", "job"]),
    st.integers(1, 200),
    st.integers(0, 40),
    st.integers(0, 12 * 24),
)
"""What, how many points, how many days ago (or which transaction), and so many hours later."""


async def _step(diary: Diary, done: list[Transaction], what: str, points: int, which: int) -> None:
    """One thing that happens; what the engine refuses has not happened."""
    stage = diary.stage
    if what == "earn":
        receipt = await stage.earn(points, transaction_date=diary.now.date() - timedelta(which))
        done += [receipt.result] if receipt.result else []
    elif what == "redeem":
        receipt = await stage.redeem(points)
        done += [receipt.result] if receipt.result and not receipt.errors else []
    elif what == "refund" and done:
        await stage.refund(done[which % len(done)], points=Decimal(points))
    elif what == "send":
        await diary.send(points)
    elif what == "hold" and (available := int((await stage.balance()).available)):
        await hold(stage, min(points, available), minutes=30)
    elif what == "job":
        await diary.job()


async def _lived(url: str, steps: list[tuple[str, int, int, int]], cuts: set[int]) -> None:
    async with a_diary(url, time_zone="America/St_Johns") as diary:
        done: list[Transaction] = []
        for what, points, which, hours in steps:
            diary.now += timedelta(hours=hours, minutes=7)
            await _step(diary, done, what, points, which)
        diary.now += timedelta(days=1)
        for member in (diary.stage.member, diary.grace):
            last = diary.now.date() - timedelta(1)
            ends = sorted({min(FIRST + timedelta(cut), last) for cut in cuts} | {last})
            parts = []
            for starts_on, ends_on in zip([FIRST, *(day + timedelta(1) for day in ends)], ends, strict=False):
                parts.append(await diary.statement(starts_on, ends_on, member))
            whole = await diary.statement(FIRST, last, member)
            assert [one.closing for one in parts[:-1]] == [one.opening for one in parts[1:]]
            assert (parts[0].opening, parts[-1].closing) == (whole.opening, whole.closing)
            found = [(line.processed_at, line.points, line.balance) for one in parts for line in one.lines]
            assert found == [(line.processed_at, line.points, line.balance) for line in whole.lines]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=4, max_size=14), cuts=st.sets(st.integers(0, 120), max_size=4))
def test_statements_of_any_history_add_up_and_join(
    migrated_url: str, steps: list[tuple[str, int, int, int]], cuts: set[int]
) -> None:
    asyncio.run(_lived(migrated_url, steps, cuts))
