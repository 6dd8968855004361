"""What can be wrong with a tier class or a tier, among the others of its program.

Every class has exactly one default tier, the lowest, and whoever loses a tier falls to one below it in the same class.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal

from domain.codes import code_problems, name_problems
from domain.expiry import policy_problems
from domain.points import MAX_DECIMALS
from domain.problems import AlreadyExists, Invalid, Missing, NotFound, Problem, TooMany
from domain.tiers import Threshold, Tier, TierClass, TierLoan
from domain.values import number_problems

MAX_CLASSES = 20
MAX_TIERS = 100
MAX_THRESHOLDS = 20
MAX_SEQUENCE = 1_000_000
MAX_MONTHS = 1_200
MAX_AT_LEAST = Decimal(10**15)
MAX_PERCENT = Decimal(1000)

Path = tuple[str, ...]


def class_problems(tier_class: TierClass, others: Collection[TierClass], *path: str) -> Iterator[Problem]:
    """A class as it is to be, beside the other classes of its program."""
    yield from name_problems(tier_class.name, *path, "name")
    yield from _within(tier_class.sequence, 1, MAX_SEQUENCE, (*path, "sequence"))
    yield from _within(tier_class.period_months, 1, MAX_MONTHS, (*path, "periodMonths"))
    yield from _within(tier_class.starts_month, 1, 12, (*path, "startsMonth"))
    yield from _within(tier_class.starts_day, 1, 31, (*path, "startsDay"))
    taken = {other.sequence: other.code for other in others}
    yield from _taken(tier_class.sequence, taken, "class", (*path, "sequence"))


def new_class_problems(code: str, known: Collection[str], *path: str) -> Iterator[Problem]:
    """What only matters for a class that is added."""
    yield from _code_problems(code, known, "tier class", path)
    if len(known) >= MAX_CLASSES:
        yield TooMany(what="tier classes", limit=MAX_CLASSES, found=len(known) + 1, path=path)


def new_tier_problems(code: str, known: Collection[str], *path: str) -> Iterator[Problem]:
    """What only matters for a tier that is added."""
    yield from _code_problems(code, known, "tier", path)
    if len(known) >= MAX_TIERS:
        yield TooMany(what="tiers", limit=MAX_TIERS, found=len(known) + 1, path=path)


def tier_problems(
    tier: Tier, rungs: Sequence[Tier], point_types: Collection[str], counters: Collection[str], *path: str
) -> Iterator[Problem]:
    """A tier as it is to be; `rungs` are the others of its class."""
    yield from name_problems(tier.name, *path, "name")
    yield from _within(tier.sequence, 1, MAX_SEQUENCE, (*path, "sequence"))
    yield from _within(tier.minimum_months, 1, MAX_MONTHS, (*path, "minimumMonths"))
    yield from _taken(tier.sequence, {rung.sequence: rung.code for rung in rungs}, "tier", (*path, "sequence"))
    if tier.expiry is not None:
        yield from policy_problems(tier.expiry, *path, "expiry")
    if tier.loan is not None:
        yield from _loan_problems(tier.loan, (*path, "loan"))
    yield from _threshold_problems(tier.thresholds, point_types, counters, (*path, "thresholds"))
    yield from _default_problems(tier, path) if tier.is_default else _above_default(tier, rungs, path)
    yield from _downgrade_problems(tier, rungs, path)


def _loan_problems(loan: TierLoan, path: Path) -> Iterator[Problem]:
    if loan.cap is None and loan.percent is None:
        yield Missing(why="a loan at redemption has a cap, a percentage of the balance, or both", path=path)
    if loan.cap is not None:
        yield from number_problems(loan.cap, MAX_AT_LEAST, MAX_DECIMALS, *path, "cap")
    if loan.percent is not None:
        yield from number_problems(loan.percent, MAX_PERCENT, MAX_DECIMALS, *path, "percent")


def _default_problems(tier: Tier, path: Path) -> Iterator[Problem]:
    """Everybody is in the default tier who is in no other: there is nothing to reach, to lose, or to wait for."""
    why = f"for {tier.code}: it is the default of its class, where everybody begins"
    if tier.thresholds:
        yield Invalid(value=f"{len(tier.thresholds)} thresholds", expected=f"none {why}", path=(*path, "thresholds"))
    if tier.downgrade_to is not None:
        yield Invalid(value=tier.downgrade_to, expected=f"none {why}", path=(*path, "downgradeTo"))
    if tier.suspends_expiry:
        expected = f"false {why} and nothing ends; points that never lapse need an expiry of their own"
        yield Invalid(value="true", expected=expected, path=(*path, "suspendsExpiry"))


def _above_default(tier: Tier, rungs: Sequence[Tier], path: Path) -> Iterator[Problem]:
    for rung in rungs:
        if rung.is_default and tier.sequence < rung.sequence:
            expected = f"more than {rung.sequence}, that of {rung.code}, the default of the class"
            yield Invalid(value=str(tier.sequence), expected=expected, path=(*path, "sequence"))


def _downgrade_problems(tier: Tier, rungs: Sequence[Tier], path: Path) -> Iterator[Problem]:
    by_code = {rung.code: rung for rung in rungs}
    if tier.downgrade_to is not None and not tier.is_default:
        target = by_code.get(tier.downgrade_to)
        if target is None or target.sequence >= tier.sequence:
            expected = f"a tier of {tier.tier_class} below {tier.code}"
            yield Invalid(value=tier.downgrade_to, expected=expected, path=(*path, "downgradeTo"))
    for rung in rungs:
        if (rung.downgrade_to == tier.code or tier.is_default) and rung.sequence < tier.sequence:
            expected = f"less than {rung.sequence}: {rung.code} stands above it"
            yield Invalid(value=str(tier.sequence), expected=expected, path=(*path, "sequence"))


def _threshold_problems(
    thresholds: Sequence[Threshold], point_types: Collection[str], counters: Collection[str], path: Path
) -> Iterator[Problem]:
    if len(thresholds) > MAX_THRESHOLDS:
        yield TooMany(what="thresholds", limit=MAX_THRESHOLDS, found=len(thresholds), path=path)
    for index, threshold in enumerate(thresholds[:MAX_THRESHOLDS]):
        where = (*path, str(index))
        if threshold.at_least == 0:
            yield Invalid(value="0", expected="more than 0", path=(*where, "atLeast"))
        yield from number_problems(threshold.at_least, MAX_AT_LEAST, MAX_DECIMALS, *where, "atLeast")
        if (threshold.point_type is None) == (threshold.counter is None):
            yield Missing(why="a threshold names either a point type or a counter", path=where)
        yield from _known(threshold.point_type, point_types, "point type", (*where, "pointType"))
        yield from _known(threshold.counter, counters, "counter", (*where, "counter"))


def _known(code: str | None, known: Collection[str], what: str, path: Path) -> Iterator[Problem]:
    if code is not None and code not in known:
        yield NotFound(what=what, key=code, path=path)


def _code_problems(code: str, known: Iterable[str], what: str, path: Path) -> Iterator[Problem]:
    yield from code_problems(code, *path, "code")
    if code in known:
        yield AlreadyExists(what=what, key=code, path=(*path, "code"))


def _within(value: int, least: int, most: int, path: Path) -> Iterator[Problem]:
    if not least <= value <= most:
        yield Invalid(value=str(value), expected=f"{least} to {most}", path=path)


def _taken(sequence: int, taken: dict[int, str], what: str, path: Path) -> Iterator[Problem]:
    if sequence in taken:
        expected = f"a sequence that no other {what} has: {taken[sequence]} has it"
        yield Invalid(value=str(sequence), expected=expected, path=path)
