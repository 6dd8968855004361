"""The working page of one member within a chunk: balances and lots that each transaction finds as the one before left them.

Nothing is written to it before a transaction's outcome is certain, so a rejected one leaves no trace.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from domain.engine.limits import GrantKey, Stock
from domain.engine.originals import OriginalState
from domain.engine.outcome import NewLot
from domain.engine.snapshot import BalanceState, HoldState, LoanState, LotKey, LotState, MemberState, VoucherState
from domain.engine.updates import AttributeChange, bag_of
from domain.lots import NOT_EARNED
from domain.members import MemberStatus
from domain.tiers import HeldTier
from domain.vouchers import MOVES, VoucherMove, VoucherStatus

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


def _sooner(known: date | None, begins: date | None, ends: date | None) -> date | None:
    """The next change of a balance when there is one more lot, which begins later, or ends, or neither."""
    change = begins if begins is not None else None if ends is None else _day_after(ends)
    if begins is not None and ends is not None:
        change = min(begins, _day_after(ends))
    return known if change is None or (known is not None and known <= change) else change


@lru_cache(maxsize=4096)
def _day_after(day: date) -> date:
    return day + timedelta(days=1)


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
        self._lots: dict[LotKey, LotState] = {lot.key: lot for lot in member.lots} if member.lots else {}
        self._added: list[NewLot] = []
        self.balances: dict[int, BalanceState] = dict(member.balances)
        self.attributes: Mapping[str, Any] = member.facts["attributes"]
        self.counters: Mapping[str, Any] = member.counters
        self.granted: dict[GrantKey, Decimal] = dict(member.granted) if member.granted else {}
        self.sent: dict[int, int] = dict(member.sent) if member.sent else {}
        self.left_today: dict[int, int] = dict(member.left_today) if member.left_today else {}
        self.left_since_change = None if member.left_since_change is None else dict(member.left_since_change)
        self.earned: dict[int, dict[date, int]] = {each: dict(days) for each, days in member.earned.items()}
        self.held: tuple[HeldTier, ...] = member.held
        self.progress: dict[str, dict[str, Decimal]] = {each: dict(mine) for each, mine in member.progress.items()}
        self.vouchers = member.vouchers
        self.loans: dict[int, LoanState] = {loan.id: loan for loan in member.loans}
        self.holds: dict[int, HoldState] = {hold.id: hold for hold in member.holds}
        self.complete = member.complete
        self.originals: dict[int, OriginalState] = {}
        if member.lots is not None and member.complete:
            for point_type_id in self.balances:
                self.balances[point_type_id] = self._summed(point_type_id)

    @property
    def lots(self) -> dict[LotKey, LotState]:
        """Open lots by key. Those that were added are looked at when they are asked for: nobody asks most of them."""
        for new in self._added:
            self._lots[new.transaction_id, new.position] = LotState(
                new.transaction_id, new.position, new.point_type_id, new.qualifying, new.origin, new.points,
                new.transaction_date, new.effective_on, new.expires_on, new.extends_by,
            )  # fmt: skip
        self._added.clear()
        return self._lots

    @lots.setter
    def lots(self, lots: dict[LotKey, LotState]) -> None:
        self._lots = lots
        self._added.clear()

    @property
    def facts(self) -> Mapping[str, Any]:
        """The member's fields as rules read them now."""
        facts = self.member.facts
        return facts if self.attributes is facts["attributes"] else {**facts, "attributes": self.attributes}

    def change(self, made: Sequence[AttributeChange]) -> None:
        """Take up changes of attributes and counters."""
        counters: dict[str, Any] | None = None
        attributes: dict[str, Any] | None = None
        for change in made:
            bag, name = bag_of(change.path)
            if bag == "counters":
                if counters is None:
                    self.counters = counters = dict(self.counters)
                counters[name] = change.after
            else:
                if attributes is None:
                    self.attributes = attributes = dict(self.attributes)
                attributes[name] = change.after

    def balance(self, point_type_id: int) -> BalanceState:
        """What the member has of one point type."""
        return self.balances.get(point_type_id, NOTHING)

    def usable(self, point_type_id: int) -> list[LotState]:
        """The lots that may pay today, in the order in which they pay: nearest expiry first, none last; then date, then key."""
        mine = (lot for lot in self.lots.values() if lot.point_type_id == point_type_id and lot.remaining)
        return sorted((lot for lot in mine if is_usable(lot, self.today)), key=paying_order)

    def add(self, lots: Iterable[NewLot]) -> None:
        """Take up lots that an accrual made."""
        balances, today = self.balances, self.today
        for lot in lots:
            self._added.append(lot)
            before = balances.get(lot.point_type_id, NOTHING)
            points, begins, ends = lot.points, lot.effective_on, lot.expires_on
            lasts = ends is None or ends >= today
            waits = begins is not None and begins > today
            balances[lot.point_type_id] = BalanceState(
                before.available + points if lasts and not waits else before.available,
                before.held,
                before.pending + points if lasts and waits else before.pending,
                before.earned + points,
                before.redeemed,
                before.expired,
                before.lifetime_qualifying + points if lot.qualifying else before.lifetime_qualifying,
                before.loan_outstanding,
                _sooner(before.changes_on, begins if lasts and waits else None, ends),
            )
            if lot.origin not in NOT_EARNED:
                days = self.earned.setdefault(lot.point_type_id, {})
                days[lot.transaction_date] = days.get(lot.transaction_date, 0) + points

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

    def use(self, used: Iterable[VoucherState]) -> None:
        """Vouchers that have paid pay no more."""
        gone = {each.id for each in used}
        self.vouchers = tuple(
            replace(each, status=VoucherStatus.USED) if each.id in gone else each for each in self.vouchers
        )

    def return_vouchers(self, moves: Mapping[int, VoucherMove]) -> None:
        """Vouchers that a cancellation has moved are where that leads."""
        self.vouchers = tuple(
            replace(each, status=MOVES[each.status, moves[each.id]]) if each.id in moves else each
            for each in self.vouchers
        )

    def take_back(self, point_type_id: int, taken: Mapping[LotKey, int]) -> None:
        """Take units from lots as if so many had never been earned."""
        units = sum(taken.values())
        self.take(point_type_id, taken)
        before = self.balance(point_type_id)
        self.balances[point_type_id] = replace(before, earned=before.earned - units, redeemed=before.redeemed - units)

    def unearn(self, lot: LotState, units: int) -> None:
        """Let progress and what was earned on the lot's date fall, whether or not there was something to take."""
        before = self.balance(lot.point_type_id)
        qualifying = before.lifetime_qualifying - units * lot.qualifying
        self.balances[lot.point_type_id] = replace(before, lifetime_qualifying=qualifying)
        if lot.origin not in NOT_EARNED:
            days = self.earned.setdefault(lot.point_type_id, {})
            days[lot.transaction_date] = days.get(lot.transaction_date, 0) - units

    def put_back(self, point_type_id: int, units_of: Mapping[LotKey, int]) -> None:
        """Put units back into the lots from which they were taken; what is past its last day is there, and unusable."""
        before, usable, pending = self.balance(point_type_id), 0, 0
        for key, units in units_of.items():
            lot = self.lots[key]
            usable += units * is_usable(lot, self.today)
            pending += units * is_pending(lot, self.today)
            self.lots[key] = replace(lot, remaining=lot.remaining + units)
        self.balances[point_type_id] = replace(
            before,
            available=before.available + usable,
            pending=before.pending + pending,
            redeemed=before.redeemed - sum(units_of.values()),
            changes_on=self._next_change(point_type_id),
        )

    def page(self) -> tuple[Any, ...]:
        """The page as it is, to come back to it."""
        return (
            dict(self.lots), dict(self.balances), self.attributes, self.counters, dict(self.granted), dict(self.originals),
            {key: dict(days) for key, days in self.earned.items()}, {key: dict(mine) for key, mine in self.progress.items()},
            dict(self.stock.paid), dict(self.stock.left), dict(self.loans), self.vouchers, self.held,
        )  # fmt: skip

    def come_back(self, page: tuple[Any, ...]) -> None:
        """Forget what was written since."""
        (
            self.lots, self.balances, self.attributes, self.counters, self.granted, self.originals, self.earned,
            self.progress, self.stock.paid, self.stock.left, self.loans, self.vouchers, self.held,
        ) = page  # fmt: skip

    def owe(self, loan: LoanState, units: int) -> LoanState:
        """So much more (or, if negative, less) is outstanding of a loan; the loan as it was. What is repaid whole is forgotten."""
        before = self.loans.get(loan.id, loan)
        self.loans[loan.id] = after = replace(before, outstanding=before.outstanding + units)
        if not after.outstanding:
            del self.loans[loan.id]
        balance = self.balance(loan.point_type_id)
        self.balances[loan.point_type_id] = replace(balance, loan_outstanding=balance.loan_outstanding + units)
        return before

    def keep(self, hold: HoldState) -> None:
        """Take up a hold: what it keeps is no longer available, and not gone either."""
        self.holds[hold.id] = hold
        self._shift(hold, 1)

    def release(self, hold: HoldState) -> None:
        """Let a hold go: what it kept is available again, as far as it has not lapsed."""
        del self.holds[hold.id]
        self._shift(hold, -1)

    def _shift(self, hold: HoldState, sign: int) -> None:
        before, usable = self.balance(hold.point_type_id), 0
        for key, units in hold.lots:
            lot = self.lots[key]
            usable += units * is_usable(lot, self.today)
            self.lots[key] = replace(lot, remaining=lot.remaining - sign * units, kept=lot.kept + sign * units)
        self.balances[hold.point_type_id] = replace(
            before, available=before.available - sign * usable, held=before.held + sign * hold.points
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
        mine = (lot for lot in self.lots.values() if lot.point_type_id == point_type_id and lot.remaining + lot.kept)
        return earliest(change_date(lot, self.today) for lot in mine)

    def _summed(self, point_type_id: int) -> BalanceState:
        mine = [lot for lot in self.lots.values() if lot.point_type_id == point_type_id]
        before = self.balances[point_type_id]
        usable = sum(lot.remaining for lot in mine if is_usable(lot, self.today))
        pending = sum(lot.remaining for lot in mine if is_pending(lot, self.today))
        held = sum(hold.points for hold in self.holds.values() if hold.point_type_id == point_type_id)
        return replace(
            before, available=usable, held=held, pending=pending, changes_on=self._next_change(point_type_id)
        )


def paying_order(lot: LotState) -> tuple[date, date, LotKey]:
    """Law 4: nearest effective expiry first (none last), then the transaction date, then the key."""
    return lot.expires_on or date.max, lot.transaction_date, lot.key
