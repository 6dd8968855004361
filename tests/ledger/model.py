"""What the points of members are, on a page or two: lots in lists, and everything that can happen to them.

Nothing here is shared with the engine. What cannot be done is answered with the code of the refusal, and changes nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from domain.calendars import add_months

INSUFFICIENT, TOO_HIGH, CANCELLED = "INSUFFICIENT_POINTS", "REFUND_TOO_HIGH", "ALREADY_CANCELLED"
MERGED, HELD = "OF_MERGED_MEMBER", "MERGE_HELD"
NOT_LENT, TOO_MUCH, OVER = "LOAN_NOT_ALLOWED", "REPAYMENT_EXCEEDS_LOAN", "HOLD_ENDED"
NO_VOUCHER, STUCK, IN_USE = "VOUCHER_INVALID", "VOUCHER_NOT_RETURNED", "LOAN_IN_USE"


@dataclass(slots=True, eq=False)
class Lot:
    """Points of one grant; `held` of them are kept for a checkout, `lapsed` were taken by the nightly job."""

    expires_on: date | None
    given_on: date
    number: int
    remaining: int
    qualifying: bool = True
    lent: bool = False
    held: int = 0
    lapsed: int = 0

    def usable(self, today: date) -> bool:
        return self.expires_on is None or self.expires_on >= today

    def order(self) -> tuple[date, date, int]:
        return self.expires_on or date.max, self.given_on, self.number


class Figures(NamedTuple):
    """What a balance must show."""

    available: int
    held: int
    earned: int
    redeemed: int
    expired: int
    owed: int
    qualifying: int
    vouchers: int


Taken = list[tuple[Lot, int]]


@dataclass(slots=True, eq=False)
class Loan:
    """What is left to be repaid of what `lot` lent."""

    outstanding: int
    lot: Lot
    points: int
    cancelled: bool = False


@dataclass(slots=True, eq=False)
class Voucher:
    """Pays once; `gone`: for good, because what bought it was taken back."""

    used: bool = False
    gone: bool = False


@dataclass(slots=True, eq=False)
class Hold:
    """Points kept until a moment."""

    until: datetime
    parts: Taken


@dataclass(slots=True, eq=False)
class Bought:
    """An accrual that can be taken back: of `lot`, `back` points came back, `forgiven` of them because they had lapsed. What
    rolled up of it is `there`, at `parent`.
    """

    lot: Lot
    points: int
    share: Fraction = Fraction(0)
    back: int = 0
    forgiven: int = 0
    parent: "Member | None" = None
    there: "Bought | None" = None

    @property
    def lapsed(self) -> int:
        return self.lot.lapsed + (self.there.lapsed if self.there else 0)


@dataclass(slots=True, eq=False)
class Spent:
    """A redemption that can be taken back: what it took of each lot, and how much of it was put back; what was lent for it,
    and the voucher that it bought or used.
    """

    parts: Taken
    restored: list[int]
    share: Fraction = Fraction(0)
    loan: Loan | None = None
    bought: Voucher | None = None
    used: Voucher | None = None

    @property
    def points(self) -> int:
        return sum(points for _, points in self.parts)


@dataclass(slots=True, eq=False)
class Member:
    """Points expire a month after the transaction; `repays`: percent of an accrual that go to loans; `grace`: days; `lends`:
    what a redemption may leave owed.
    """

    repays: int = 0
    grace: int = 0
    lends: int = 0
    lots: list[Lot] = field(default_factory=list)
    loans: list[Loan] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    vouchers: list[Voucher] = field(default_factory=list)
    parent: "Member | None" = None
    merged: bool = False
    earned: int = 0
    redeemed: int = 0
    qualifying: int = 0

    def add(self, lot: Lot) -> Lot:
        """One more lot; the order in which they come breaks ties."""
        lot.number = len(self.lots)
        self.lots.append(lot)
        self.earned += lot.remaining
        self.qualifying += lot.remaining * lot.qualifying
        return lot

    def earn(self, points: int, day: date, today: date, *, gift: bool = False) -> Bought:
        """Of what an accrual gives, a share repays loans, and what is left rolls up to the parent."""
        lot = self.add(Lot(add_months(day, 1), day, 0, points, qualifying=not gift))
        share = points * self.repays // 100
        for loan in self.loans:
            part = min(share, loan.outstanding, lot.remaining * lot.usable(today))
            share, loan.outstanding = share - part, loan.outstanding - part
            self.take([(lot, part)])
        bought = Bought(lot, points)
        if self.parent and (rest := lot.remaining):
            [there] = self.send([(lot, rest)], self.parent)
            bought.parent, bought.there = self.parent, Bought(there, rest)
        return bought

    def send(self, parts: Taken, other: "Member", day: date | None = None) -> list[Lot]:
        """Points keep their expiry; a transfer (with a `day` of its own) moves no progress. The lots that they become."""
        self.take(parts)
        kinds = [(lot.qualifying and day is None, day or lot.given_on) for lot, _ in parts]
        return [
            other.add(Lot(lot.expires_on, given, 0, points, qualifying))
            for (lot, points), (qualifying, given) in zip(parts, kinds, strict=True)
        ]

    def choose(self, points: int, today: date, order: Callable[[Lot], Any] = Lot.order) -> Taken:
        """All or nothing, nearest expiry first."""
        usable = sorted((lot for lot in self.lots if lot.usable(today)), key=order)
        parts = split(usable, points)
        return parts if sum(part for _, part in parts) == points else []

    def take(self, parts: Taken) -> None:
        for lot, points in parts:
            lot.remaining -= points
            self.redeemed += points

    def redeem(self, points: int, today: date) -> Spent | str:
        """What is lacking is lent, if that leaves no more owed than is allowed."""
        lacking = points - self.available(today)
        lent = self.lend(lacking, today) if 0 < lacking <= self.lends - self.owed else None
        parts = self.choose(points, today)
        self.take(parts)
        return Spent(parts, [0] * len(parts), loan=lent) if parts else INSUFFICIENT

    def buy_voucher(self, price: int, today: date) -> Spent | str:
        spent = self.redeem(price, today)
        if isinstance(spent, Spent):
            spent.bought = Voucher()
            self.vouchers.append(spent.bought)
        return spent

    def pay_with_voucher(self, rest: int, today: date) -> Spent | str:
        """The oldest one that is free pays first, and points the rest."""
        voucher = next((each for each in self.vouchers if not each.used and not each.gone), None)
        spent = NO_VOUCHER if voucher is None else self.redeem(rest, today)
        if isinstance(spent, Spent) and voucher is not None:
            spent.used, voucher.used = voucher, True
        return spent

    def transfer(self, points: int, today: date, other: "Member") -> str | None:
        parts = self.choose(points, today)
        self.send(parts, other, today)
        return None if parts else INSUFFICIENT

    def borrow(self, points: int, today: date, maximum: int) -> Loan | str:
        return NOT_LENT if self.owed + points > maximum else self.lend(points, today)

    def lend(self, points: int, today: date) -> Loan:
        lot = self.add(Lot(None, today, 0, points, qualifying=False, lent=True))
        self.loans.append(Loan(points, lot, points))
        return self.loans[-1]

    def unlend(self, loan: Loan) -> str | None:
        """As if it had never been lent, while nothing of it is spent, held or repaid."""
        if loan.cancelled or self.merged:
            return CANCELLED if loan.cancelled else MERGED
        if not loan.points == loan.outstanding == loan.lot.remaining:
            return IN_USE
        self.take([(loan.lot, loan.points)])
        self.earned, self.redeemed = self.earned - loan.points, self.redeemed - loan.points
        loan.outstanding, loan.cancelled = 0, True
        return None

    @property
    def owed(self) -> int:
        return sum(loan.outstanding for loan in self.loans)

    def repay(self, loan: Loan, points: int, today: date) -> str | None:
        """Points that were not lent go first."""
        if points > loan.outstanding:
            return TOO_MUCH
        parts = self.choose(points, today, lambda lot: (lot.lent, lot.order()))
        loan.outstanding -= points if parts else 0
        self.take(parts)
        return None if parts else INSUFFICIENT

    def hold(self, points: int, now: datetime, minutes: int) -> Hold | str:
        parts = self.choose(points, now.date())
        for lot, part in parts:
            lot.remaining, lot.held = lot.remaining - part, lot.held + part
        self.holds += [Hold(now + timedelta(minutes=minutes), parts)] if parts else []
        return self.holds[-1] if parts else INSUFFICIENT

    def release(self, hold: Hold) -> None:
        self.holds.remove(hold)
        for lot, part in hold.parts:
            lot.remaining, lot.held = lot.remaining + part, lot.held - part

    def capture(self, hold: Hold, points: int) -> Spent:
        """Also of what has lapsed meanwhile; the rest is free."""
        self.release(hold)
        parts = split([replace(lot, remaining=part) for lot, part in hold.parts], points)
        taken = [(lot, part) for (lot, _), (_, part) in zip(hold.parts, parts, strict=False)]
        self.take(taken)
        return Spent(taken, [0] * len(taken))

    def settle(self, now: datetime) -> None:
        """Holds end by themselves."""
        for hold in [each for each in self.holds if each.until <= now]:
            self.release(hold)

    def expire(self, today: date) -> None:
        """The nightly job."""
        for lot in self.lots:
            if not lot.usable(today):
                lot.lapsed, lot.remaining = lot.lapsed + lot.remaining, 0

    def unearn(self, bought: Bought, part: Fraction | None, today: date) -> str | None:
        """First the parent gives back what it got and the member lacks, then the member gives all that is due."""
        share, refused = self.grown(bought.share, part)
        due = half_up(bought.points * share) - bought.back
        if refused or not self.give_up(bought, due, today):
            return refused or INSUFFICIENT
        bought.share = share
        return None

    def give_up(self, bought: Bought, due: int, today: date) -> bool:
        """First what is left of its own lot, then nearest expiry; what has expired counts as returned. All or nothing."""
        lot, came, wanted = bought.lot, 0, 0
        if bought.parent and bought.there:
            wanted = max(0, min(due - lot.remaining, bought.there.points - bought.there.back))
            given = bought.parent.planned(bought.there, wanted, today)
            if given is None:
                return False
            came = sum(points for _, points in given)
        lot.remaining += came
        parts = self.planned(bought, due, today)
        if parts is None:
            lot.remaining -= came
            return False
        if bought.parent and bought.there and wanted:
            assert bought.parent.give_up(bought.there, wanted, today)
        self.take(parts)
        need = sum(points for _, points in parts)
        self.earned, self.redeemed = self.earned - need, self.redeemed - need - came
        self.qualifying -= due * lot.qualifying
        bought.back, bought.forgiven = bought.back + due, bought.forgiven + due - need
        return True

    def planned(self, bought: Bought, due: int, today: date) -> Taken | None:
        """What would give so much, if there is as much."""
        lot = bought.lot
        need = due - min(due - min(due, lot.remaining), bought.lapsed - bought.forgiven)
        others = sorted((each for each in self.lots if each.usable(today) and each is not lot), key=Lot.order)
        parts = split([lot, *others], need)
        return parts if sum(points for _, points in parts) == need else None

    def unspend(self, spent: Spent, part: Fraction | None, today: date) -> str | None:
        """Back into the same lots in proportion; in one that has lapsed, only that may be used for the days of grace."""
        share, refused = self.grown(spent.share, part)
        if refused or (spent.bought and spent.bought.used):
            return refused or STUCK
        due = half_up(spent.points * share) - sum(spent.restored)
        left = [points - restored for (_, points), restored in zip(spent.parts, spent.restored, strict=True)]
        back = in_proportion(due, left)
        for index, ((lot, _), points) in enumerate(zip(spent.parts, back, strict=True)):
            if points and self.grace and not lot.usable(today):
                lot.lapsed, lot.remaining = lot.lapsed + lot.remaining, 0
                lot.expires_on = today + timedelta(days=self.grace)
            lot.remaining += points
            self.redeemed -= points
            spent.restored[index] += points
        self.give_back(spent)
        spent.share = share
        return None

    def give_back(self, spent: Spent) -> None:
        """What came back of the points that were lent repays them; the voucher that it bought is gone, the one that paid is free."""
        if loan := spent.loan:
            part = min(loan.outstanding, loan.lot.remaining)
            loan.outstanding -= part
            self.take([(loan.lot, part)])
        if spent.bought:
            spent.bought.gone = True
        if spent.used:
            spent.used.used = False

    def grown(self, share: Fraction, part: Fraction | None) -> tuple[Fraction, str | None]:
        """The share after one more part (None: the rest), and why it cannot be."""
        if share == 1:
            return share, CANCELLED
        after = Fraction(1) if part is None else share + part
        if after > 1:
            return share, TOO_HIGH
        return after, MERGED if self.merged else None

    def merge_into(self, other: "Member", today: date) -> str | None:
        """All that has not lapsed goes where it counts as it was earned."""
        if self.holds or self.owed:
            return HELD
        parts = sorted(
            ((lot, lot.remaining) for lot in self.lots if lot.usable(today)), key=lambda part: part[0].order()
        )
        self.send([part for part in parts if part[1]], other)
        other.vouchers += [each for each in self.vouchers if not each.used and not each.gone]
        self.vouchers = [each for each in self.vouchers if each.used or each.gone]
        self.merged, self.parent = True, None
        return None

    def available(self, today: date) -> int:
        return sum(lot.remaining for lot in self.lots if lot.usable(today))

    def figures(self, today: date) -> Figures:
        """Lapsed points count as expired from the day after, whether or not anything has run."""
        usable, held = self.available(today), sum(lot.held for lot in self.lots)
        vouchers = sum(not each.used and not each.gone for each in self.vouchers)
        expired = sum(lot.lapsed + lot.remaining * (not lot.usable(today)) for lot in self.lots)
        return Figures(usable, held, self.earned, self.redeemed, expired, self.owed, self.qualifying, vouchers)

    def left(self) -> list[tuple[date, int]]:
        """What every lot still holds."""
        return sorted((lot.given_on, lot.remaining + lot.held) for lot in self.lots if lot.remaining + lot.held)


def split(lots: Iterable[Lot], need: int) -> Taken:
    parts: Taken = []
    for lot in lots:
        if part := min(need, lot.remaining):
            parts.append((lot, part))
            need -= part
    return parts


def half_up(number: Fraction) -> int:
    return int(number + Fraction(1, 2))


def in_proportion(units: int, over: list[int]) -> list[int]:
    """Whole units that add up, each sum from the left rounded."""
    sums = [half_up(Fraction(units * sum(over[:count]), sum(over))) for count in range(1, len(over) + 1)]
    return [upto - before for before, upto in zip([0, *sums], sums, strict=False)]
