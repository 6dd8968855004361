"""A property: whatever is bought, given, taken back, overdrawn and closed, in whatever order, every block has what a model that fits on
a page says, and the sums of the ledger hold.
"""

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.blocks import BlockKind, BlockStatus
from domain.services import batch
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import Desk
from domain.store.database import Database
from tests.refunds.ledgers import violations
from tests.support.factories import result_of
from tests.support.stock import Hotel, a_hotel, answer_of, close_block

T = TypeVar("T")
EXAMPLES = int(os.environ.get("MILEPOST_EXAMPLES", "5"))
"""Runs of 30 steps; set it higher by hand for a long search."""

RATE, ZERO = Decimal("0.25"), Decimal(0)
TODAY = datetime.now(UTC).date()
RANKS = {BlockKind.NORMAL: 0, BlockKind.RESERVE: 1, BlockKind.OVERDRAFT: 2}


def cents(points: Decimal) -> Decimal:
    return points.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass
class Shelf:
    """The model: what each open block has, and the order in which they pay."""

    kinds: dict[int, tuple[BlockKind, date]] = field(default_factory=dict)
    left: dict[int, Decimal] = field(default_factory=dict)
    credit: Decimal = ZERO

    def take(self, need: Decimal) -> list[tuple[int, Decimal]] | None:
        """From which blocks so much comes; None: there is too little."""
        found = []
        for key in sorted(self.left, key=lambda each: (RANKS[self.kinds[each][0]], self.kinds[each][1], each)):
            floor = -self.credit if self.kinds[key][0] is BlockKind.OVERDRAFT else ZERO
            part = min(need, max(ZERO, self.left[key] - floor))
            if part:
                found.append((key, part))
                need -= part
        if need:
            return None
        for key, part in found:
            self.left[key] -= part
        return found

    def refuge(self) -> int | None:
        lasting = (key for key in self.left if self.kinds[key][0] is not BlockKind.OVERDRAFT)
        return min(lasting, key=lambda key: (self.kinds[key][1], key), default=None)


@dataclass
class Stay:
    """What a stay drew from which block, and how much of each and of its dollars came back."""

    number: int
    dollars: int
    drawn: list[tuple[int, Decimal]]
    refunded: int = 0
    back: list[Decimal] = field(default_factory=list)


class Life(RuleBasedStateMachine):
    """A hotel that buys, gives, takes back and closes."""

    url: str
    loop: asyncio.AbstractEventLoop
    hotel: Hotel

    def __init__(self) -> None:
        super().__init__()
        self.database = Database(self.url, pool_size=2)
        self.shelf, self.stays = Shelf(), list[Stay]()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    @initialize(credit=st.sampled_from([0, 5]))
    def a_hotel_with_terms(self, credit: int) -> None:
        agreed = {"conversions": {"POINTS": RATE}, "credit_limit": Decimal(credit)}
        self.hotel = self.run(a_hotel(Desk(self.database, EnginePrograms()), agreed=agreed))
        self.shelf.credit = Decimal(credit)

    @rule(
        points=st.decimals("0.01", "20", places=2), days=st.sampled_from([None, 10, 300]),
        kind=st.sampled_from([BlockKind.NORMAL, BlockKind.RESERVE]), price=st.sampled_from(["0.01", "0.012"]),
    )  # fmt: skip
    def points_are_bought(self, points: Decimal, days: int | None, kind: BlockKind, price: str) -> None:
        ends_on = None if days is None else TODAY + timedelta(days=days)
        block = self.run(self.hotel.block(str(points), kind=kind, ends_on=ends_on, price=Decimal(price)))
        self.shelf.kinds[block.id], self.shelf.left[block.id] = (kind, ends_on or date.max), points

    @rule(dollars=st.integers(1, 60))
    def a_guest_stays(self, dollars: int) -> None:
        self._overdraft()
        answer = self.run(self.hotel.earn(dollars))
        drawn = self.shelf.take(cents(dollars * RATE))
        assert answer_of(answer) == (() if drawn is not None else ("INSUFFICIENT_POINT_BLOCKS",))
        if drawn is not None:
            self._stayed(result_of(answer).id, dollars, drawn)

    @rule(nights=st.lists(st.integers(1, 30), min_size=1, max_size=5))
    def stays_are_worked_together(self, nights: list[int]) -> None:
        self._overdraft()
        queued = [
            self.run(self.hotel.record(self.hotel.entry(amount=Decimal(dollars)), queue=True)) for dollars in nights
        ]
        self.run(self._night())
        for stay, dollars in zip(queued, nights, strict=True):
            drawn = self.shelf.take(cents(dollars * RATE))
            stored = self.run(self.hotel.stored(stay))
            assert stored is not None
            assert (stored.status.value == "PROCESSED") is (drawn is not None)
            if drawn is not None:
                self._stayed(stay.id, dollars, drawn)

    def _overdraft(self) -> None:
        """It is opened for whoever has credit when somebody stays for the first time."""
        if self.shelf.credit and not any(kind is BlockKind.OVERDRAFT for kind, _ in self.shelf.kinds.values()):
            probe = self.run(self.hotel.earn(10_000))
            assert answer_of(probe) == ("INSUFFICIENT_POINT_BLOCKS",)
            [key] = [each.id for each in self.run(self.hotel.blocks()) if each.kind is BlockKind.OVERDRAFT]
            self.shelf.kinds[key], self.shelf.left[key] = (BlockKind.OVERDRAFT, date.max), ZERO

    def _stayed(self, number: int, dollars: int, drawn: list[tuple[int, Decimal]]) -> None:
        self.stays.append(Stay(number, dollars, drawn, back=[ZERO for _ in drawn]))

    async def _night(self) -> None:
        async for _ in batch.work(self.database, self.hotel.desk.programs, self.hotel.program.id):
            pass

    @precondition(lambda self: self.stays)
    @rule(which=st.integers(0, 50), part=st.integers(1, 60), whole=st.booleans())
    def a_stay_is_taken_back(self, which: int, part: int, whole: bool) -> None:
        stay = self.stays[which % len(self.stays)]
        amount = stay.dollars - stay.refunded if whole else min(part, stay.dollars - stay.refunded)
        if not amount:
            return
        result_of(self.run(self.hotel.refund(stay.number, amount=amount)))
        stay.refunded += amount
        homeless = ZERO
        for place, (key, points) in enumerate(stay.drawn):
            upto = cents(points * stay.refunded / stay.dollars)
            homeless += self._given_back(key, upto - stay.back[place])
            stay.back[place] = upto
        known = set(self.shelf.kinds)
        new = [each for each in self.run(self.hotel.blocks()) if each.id not in known]
        assert sum((each.remaining for each in new), ZERO) == homeless
        for each in new:
            self.shelf.kinds[each.id], self.shelf.left[each.id] = (each.kind, date.max), each.remaining

    def _given_back(self, key: int, due: Decimal) -> Decimal:
        """What finds no open block."""
        if key in self.shelf.left:
            overdraft = self.shelf.kinds[key][0] is BlockKind.OVERDRAFT
            part = min(due, -self.shelf.left[key]) if overdraft else due
            self.shelf.left[key] += part
            due -= part
        refuge = self.shelf.refuge()
        if due and refuge is not None:
            self.shelf.left[refuge] += due
            due = ZERO
        return due

    @precondition(lambda self: self.shelf.refuge())
    @rule()
    def the_first_block_is_closed(self) -> None:
        key = self.shelf.refuge()
        [block] = [each for each in self.run(self.hotel.blocks()) if each.id == key]
        self.run(close_block(self.database, block))
        del self.shelf.left[block.id]

    @invariant()
    def every_block_has_what_the_model_says(self) -> None:
        if hasattr(self, "hotel"):
            open_ = (each for each in self.run(self.hotel.blocks()) if each.status is BlockStatus.APPROVED)
            assert {each.id: each.remaining for each in open_} == self.shelf.left

    def teardown(self) -> None:
        assert self.run(violations(self.database)) == []
        if hasattr(self, "hotel"):
            self.run(self.hotel.desk.close())
        self.run(self.database.close())


def test_every_block_has_what_was_bought_less_what_was_given(fresh_database_url: str) -> None:
    loop = asyncio.new_event_loop()
    names = {"url": fresh_database_url, "loop": loop}
    machine = type("Here", (Life,), names)
    profile = settings(
        max_examples=EXAMPLES, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(machine, settings=profile)
    loop.close()
