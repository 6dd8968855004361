"""Action-based bonuses: what a program gives for enrolling, for bringing somebody, and for telling more about oneself.

Each is given once: its transaction has an external id made of what it is for, so that no second one can ever be recorded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from domain.members import EARNS, Member
from domain.points import MAX_DECIMALS
from domain.problems import Invalid, Missing, Problem
from domain.values import number_problems, text_problems

SOURCE = "MILEPOST"
"""The source of transactions that the program itself brings in."""

MAX_BONUS = Decimal(10**9)
MAX_CODE = 64
REASONS = ("enrollment", "referral", "referred")


@dataclass(frozen=True, slots=True)
class Bonus:
    """So many points (of the default type, unless another is named), or what a product earns; qualifying only if it says so."""

    points: Decimal | None = None
    point_type: str | None = None
    product: str | None = None
    qualifying: bool = False


@dataclass(frozen=True, slots=True)
class Bonuses:
    """What for. `referral` goes to whoever a new member names when enrolling, `referred` to that new member.

    `profile`: by field (`email`, `address.city`, `attributes.NAME`), once each, when an update fills it in for the first time.
    """

    enrollment: Bonus | None = None
    referral: Bonus | None = None
    referred: Bonus | None = None
    profile: Mapping[str, Bonus] = field(default_factory=dict)

    def named(self) -> Iterator[tuple[tuple[str, ...], Bonus]]:
        """All of them, each with its place."""
        for reason in REASONS:
            bonus = getattr(self, reason)
            if bonus is not None:
                yield (reason,), bonus
        for index, bonus in enumerate(self.profile.values()):
            yield ("profile", str(index)), bonus


NO_BONUSES = Bonuses()


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody gets a bonus for. Nobody gets one twice for what has the same name."""

    member_id: int
    member_number: str
    name: str
    bonus: Bonus


def of_enrollment(bonuses: Bonuses, member: Member, referrer: Member | None) -> Iterator[Deed]:
    """What an enrolment is worth, once the member may earn: to the new member, and to whoever brought it and still earns."""
    if member.status not in EARNS:
        return
    if bonuses.enrollment is not None:
        yield Deed(member.id, member.number, f"ENROLLMENT:{member.number}", bonuses.enrollment)
    if referrer is None:
        return
    if bonuses.referral is not None and referrer.status in EARNS:
        yield Deed(referrer.id, referrer.number, f"REFERRAL:{member.number}", bonuses.referral)
    if bonuses.referred is not None:
        yield Deed(member.id, member.number, f"REFERRED:{member.number}", bonuses.referred)


def of_update(bonuses: Bonuses, before: Member, after: Member) -> Iterator[Deed]:
    """What an update is worth to a member who earns: every field that was empty and is filled in now."""
    for name, bonus in bonuses.profile.items():
        if after.status in EARNS and is_empty(before, name) and not is_empty(after, name):
            yield Deed(after.id, after.number, f"PROFILE:{after.number}:{name}", bonus)


def is_empty(member: Member, name: str) -> bool:
    """Whether a field of a member, named as settings do, is not filled in."""
    first, _, rest = name.partition(".")
    value: Any = getattr(member, _SNAKE.get(first, first))
    if rest and value is not None:
        value = value.get(rest) if isinstance(value, Mapping) else getattr(value, _SNAKE.get(rest, rest))
    return value is None or value in ("", (), [], {})


_SNAKE = {"birthDate": "birth_date", "postalCode": "postal_code"}


def bonus_problems(bonuses: Bonuses, *path: str) -> Iterator[Problem]:
    """What is wrong with bonuses by themselves; what they name is looked for later."""
    for place, bonus in bonuses.named():
        yield from _problems(bonus, (*path, *place))


def _problems(bonus: Bonus, path: tuple[str, ...]) -> Iterator[Problem]:
    if bonus.points is None and bonus.product is None:
        yield Missing(why="a bonus is so many points, or what a product earns", path=(*path, "points"))
    if bonus.product is not None:
        for name, value in (("points", bonus.points), ("pointType", bonus.point_type)):
            if value is not None:
                expected = "nothing here: the product has a price"
                yield Invalid(value=str(value), expected=expected, path=(*path, name))
    if bonus.points == 0:
        yield Invalid(value="0", expected="more than 0 points", path=(*path, "points"))
    yield from number_problems(bonus.points, MAX_BONUS, MAX_DECIMALS, *path, "points")
    for name, code in (("product", bonus.product), ("pointType", bonus.point_type)):
        yield from text_problems(code, MAX_CODE, *path, name)
