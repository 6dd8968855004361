"""The working page of one member within a chunk: balances and lots that each transaction finds as the one before left them.

Nothing is written to it before a transaction's outcome is certain, so a rejected one leaves no trace.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.engine.limits import GrantKey, Stock
from domain.engine.outcome import NewLot
from domain.engine.snapshot import BalanceState, LotKey, LotState, MemberState
from domain.engine.updates import AttributeChange
from domain.members import MemberStatus
from domain.tiers import HeldTier

NOTHING = BalanceState()


def is_usable(lot: LotState, today: date) -> bool:
    """A lot is usable from the day it becomes effective through its expiry date."""
    return (lot.effective_on is None or lot.effective_on <= today) and not has_lapsed(lot, today)


def has_lapsed(lot: LotState, today: date) -> bool:
    """The day after its expiry date a lot is unusable, whether or not the nightly job has run."""
    return lot.expires_on is not None and lot.expires_on < today


def is_pending(lot: LotState, today: date) -> bool:
    """A lot is pending until the day from which it is effective, unless it lapses before."""
    return lot.effective_on is not None and lot.effective_on > today and not has_lapsed(lot, today)


def change_date(lot: LotState, today: date) -> date | None:
    """The next date on which this lot changes a balance; for one that has lapsed, the past one that the job still has to see."""
    begins = lot.effective_on if is_pending(lot, today) else None
    return earliest((begins, None if lot.expires_on is None else lot.expires_on + timedelta(days=1)))


def earliest(dates: Iterable[date | None]) -> date | None:
    """The earliest date there is."""
    return min((each for each in dates if each is not None), default=None)


class MoreLots(Exception):
    """The first few lots of a member do not cover what the balance could: run the chunk again with all of them."""

    def __init__(self, member_id: int) -> None:
        super().__init__(member_id)
        self.member_id = member_id


class Book:
    """Balances by point type and open lots by key, as of today.

    `stock` is shared with the other members of the chunk. Where only the first few lots are known, `changes_on` stays as it is: too early at worst, which costs a second look.
    """

    def __init__(self, member: MemberState, today: date, stock: Stock) -> None:
        self.member = member
        self.status: MemberStatus = member.status
        self.today = today
        self.stock = stock
        self.lots: dict[LotKey, LotState] = {lot.key: lot for lot in member.lots or ()}
        self.balances: dict[int, BalanceState] = dict(member.balances)
        self.attributes: Mapping[str, Any] = member.facts["attributes"]
        self.counters: Mapping[str, Any] = member.counters
        self.granted: dict[GrantKey, Decimal] = dict(member.granted)
        self.earned: dict[int, dict[date, int]] = {each: dict(days) for each, days in member.earned.items()}
        self.held: tuple[HeldTier, ...] = member.held
        self.progress: dict[str, dict[str, Decimal]] = {each: dict(mine) for each, mine in member.progress.items()}
        self.complete = member.complete
        if member.lots is not None and member.complete:
            for point_type_id in self.balances:
                self.balances[point_type_id] = self._summed(point_type_id)

    @property
    def facts(self) -> Mapping[str, Any]:
        """The member's fields as rules read them now."""
        return {**self.member.facts, "attributes": self.attributes}

    def change(self, made: Sequence[AttributeChange]) -> None:
        """Take up changes of attributes and counters."""
        for change in made:
            bag, _, name = change.path.rpartition(".")
            if bag == "counters":
                self.counters = {**self.counters, name: change.after}
            else:
                self.attributes = {**self.attributes, name: change.after}

    def balance(self, point_type_id: int) -> BalanceState:
        """What the member has of one point type."""
        return self.balances.get(point_type_id, NOTHING)

    def usable(self, point_type_id: int) -> list[LotState]:
        """The lots that may pay today, in the order in which they pay: nearest expiry first, none last; then date, then key."""
        mine = (lot for lot in self.lots.values() if lot.point_type_id == point_type_id and lot.remaining)
        return sorted((lot for lot in mine if is_usable(lot, self.today)), key=paying_order)

    def add(self, lots: Iterable[NewLot]) -> None:
        """Take up lots that an accrual made."""
        for new in lots:
            lot = LotState(
                new.transaction_id, new.position, new.point_type_id, new.qualifying, new.origin, new.points,
                new.transaction_date, new.effective_on, new.expires_on, new.extends_by,
            )  # fmt: skip
            self.lots[lot.key] = lot
            days = self.earned.setdefault(lot.point_type_id, {})
            days[lot.transaction_date] = days.get(lot.transaction_date, 0) + lot.remaining
            self._credit(lot)

    def _credit(self, lot: LotState) -> None:
        before = self.balance(lot.point_type_id)
        self.balances[lot.point_type_id] = replace(
            before,
            available=before.available + lot.remaining * is_usable(lot, self.today),
            pending=before.pending + lot.remaining * is_pending(lot, self.today),
            earned=before.earned + lot.remaining,
            lifetime_qualifying=before.lifetime_qualifying + lot.remaining * lot.qualifying,
            changes_on=earliest((before.changes_on, change_date(lot, self.today))),
        )

    def take(self, point_type_id: int, taken: Mapping[LotKey, int], *, expired: bool = False) -> None:
        """Take units from lots: they leave what is available or pending, and count as redeemed or expired."""
        before, total, usable, pending = self.balance(point_type_id), 0, 0, 0
        for key, units in taken.items():
            lot = self.lots[key]
            usable += units * is_usable(lot, self.today)
            pending += units * is_pending(lot, self.today)
            total += units
            self.lots[key] = replace(lot, remaining=lot.remaining - units)
        self.balances[point_type_id] = replace(
            before,
            available=before.available - usable,
            pending=before.pending - pending,
            redeemed=before.redeemed + total * (not expired),
            expired=before.expired + total * expired,
            changes_on=self._next_change(point_type_id) if self.complete else before.changes_on,
        )

    def extend(self, key: LotKey, expires_on: date) -> None:
        """Let a lot lapse later; one that had lapsed already, and is not yet taken, is usable again."""
        before = self.lots[key]
        self.lots[key] = lot = replace(before, expires_on=expires_on)
        balance, revived = self.balance(lot.point_type_id), is_usable(lot, self.today) - is_usable(before, self.today)
        self.balances[lot.point_type_id] = replace(
            balance,
            available=balance.available + lot.remaining * revived,
            changes_on=self._next_change(lot.point_type_id),
        )

    def _next_change(self, point_type_id: int) -> date | None:
        mine = (lot for lot in self.lots.values() if lot.point_type_id == point_type_id and lot.remaining)
        return earliest(change_date(lot, self.today) for lot in mine)

    def _summed(self, point_type_id: int) -> BalanceState:
        mine = [lot for lot in self.lots.values() if lot.point_type_id == point_type_id]
        before = self.balances[point_type_id]
        usable = sum(lot.remaining for lot in mine if is_usable(lot, self.today))
        pending = sum(lot.remaining for lot in mine if is_pending(lot, self.today))
        return replace(
            before, available=usable - before.held, pending=pending, changes_on=self._next_change(point_type_id)
        )


def paying_order(lot: LotState) -> tuple[date, date, LotKey]:
    """Law 4: nearest effective expiry first (none last), then the transaction date, then the key."""
    return lot.expires_on or date.max, lot.transaction_date, lot.key
