"""What a program may decide for itself: changes of its settings and of the attributes it declares, and what can be wrong with them.

Settings are checked as they will be, not as they are sent: a required attribute must be declared in the same program.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from decimal import Decimal

from domain.attributes import AttributeType, is_declarable
from domain.bonuses import bonus_problems
from domain.commands.programs import SettingsChange
from domain.expiry import policy_problems
from domain.points import MAX_DECIMALS
from domain.problems import Invalid, Problem, TooMany
from domain.programs import ProgramSettings
from domain.transactions import ENGINE_ONLY
from domain.values import number_problems, shown, text_problems

MEMBER_FIELDS = (
    "email", "phone", "birthDate", "language", "address", "address.lines", "address.city", "address.region",
    "address.postalCode", "address.country",
)  # fmt: skip
"""What a program may require of its members, besides the attributes it declares for them."""

DECLARED_PREFIX = "member."
MAX_ATTRIBUTES = 200
MAX_REQUIRED = 50
MAX_APPROVAL = Decimal(10**15)
MAX_DAYS_BACK = 36_500
MAX_DAYS_AHEAD = 3_650
MAX_UNTRUSTED = 50
MAX_KIND = 64
SHORTEST_MS, LONGEST_MS = 10, 10_000
"""What an untrusted rule may take for one transaction."""

Attributes = Mapping[str, AttributeType]


def changed(settings: ProgramSettings, change: SettingsChange) -> ProgramSettings:
    """The settings after a change."""
    values = {one.name: getattr(change, one.name) for one in fields(change)}
    return replace(settings, **{name: value for name, value in values.items() if value is not None})


def settings_problems(settings: ProgramSettings, attributes: Attributes, *path: str) -> Iterator[Problem]:
    """Everything wrong with settings in a program that declares these attributes; `path` is the place of the settings."""
    yield from policy_problems(settings.expiry, *path, "expiry")
    yield from _approval_problems(settings, *path, "approvalAbove")
    yield from _required_problems(settings.required_for_accrual, attributes, *path, "requiredForAccrual")
    yield from _required_problems(settings.required_for_redemption, attributes, *path, "requiredForRedemption")
    yield from _days_problems(settings.earliest_days_back, MAX_DAYS_BACK, *path, "earliestDaysBack")
    yield from _days_problems(settings.max_days_ahead, MAX_DAYS_AHEAD, *path, "maxDaysAhead")
    yield from _untrusted_problems(settings, *path)
    yield from bonus_problems(settings.bonuses, *path, "bonuses")
    yield from _field_problems(tuple(settings.bonuses.profile), attributes, "field", *path, "bonuses", "profile")


def _untrusted_problems(settings: ProgramSettings, *path: str) -> Iterator[Problem]:
    named, limit = settings.untrusted_rule_kinds, settings.rule_time_limit_ms
    if len(named) > MAX_UNTRUSTED:
        yield TooMany(what="rule kinds", limit=MAX_UNTRUSTED, found=len(named), path=(*path, "untrustedRuleKinds"))
    for index, name in enumerate(named):
        yield from text_problems(name, MAX_KIND, *path, "untrustedRuleKinds", str(index))
    if not SHORTEST_MS <= limit <= LONGEST_MS:
        expected = f"{SHORTEST_MS} to {LONGEST_MS} milliseconds"
        yield Invalid(value=str(limit), expected=expected, path=(*path, "ruleTimeLimitMs"))


def attributes_problems(attributes: Attributes, *path: str) -> Iterator[Problem]:
    """Everything wrong with the attributes that a program declares."""
    if len(attributes) > MAX_ATTRIBUTES:
        yield TooMany(what="attributes", limit=MAX_ATTRIBUTES, found=len(attributes), path=path)
    for index, name in enumerate(attributes):
        if not is_declarable(name):
            expected = (
                "transaction.attributes.NAME, line.attributes.NAME, member.attributes.NAME, product.attributes.NAME "
                "or counters.NAME, with a NAME of letters, digits and _"
            )
            yield Invalid(value=shown(name), expected=expected, path=(*path, str(index), "path"))


def _approval_problems(settings: ProgramSettings, *path: str) -> Iterator[Problem]:
    for index, (sub_type, points) in enumerate(settings.approval_above.items()):
        if sub_type in ENGINE_ONLY:
            expected = "a sub-type that people record: the engine makes this one itself"
            yield Invalid(value=sub_type.value, expected=expected, path=(*path, str(index), "subType"))
        yield from number_problems(points, MAX_APPROVAL, MAX_DECIMALS, *path, str(index), "points")


def _required_problems(names: tuple[str, ...], attributes: Attributes, *path: str) -> Iterator[Problem]:
    yield from _field_problems(names, attributes, None, *path)


def _field_problems(
    names: tuple[str, ...], attributes: Attributes, within: str | None, *path: str
) -> Iterator[Problem]:
    """What is wrong with names of member data; each is at its place in a list, or `within` what is there."""
    if len(names) > MAX_REQUIRED:
        yield TooMany(what="fields", limit=MAX_REQUIRED, found=len(names), path=path)
    for index, name in enumerate(names):
        if name not in MEMBER_FIELDS and f"{DECLARED_PREFIX}{name}" not in attributes:
            expected = f"one of {', '.join(MEMBER_FIELDS)}, or attributes.NAME of a declared member.attributes.NAME"
            place = (str(index),) if within is None else (str(index), within)
            yield Invalid(value=shown(name), expected=expected, path=(*path, *place))


def _days_problems(days: int, most: int, *path: str) -> Iterator[Problem]:
    if not 0 <= days <= most:
        yield Invalid(value=str(days), expected=f"0 to {most} days", path=path)
