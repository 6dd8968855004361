"""What a program may decide for itself: changes of its settings and of the attributes it declares, and what can be wrong with them.

Settings are checked as they will be, not as they are sent: a required attribute must be declared in the same program.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from decimal import Decimal

from domain import leaving
from domain.attributes import AttributeType, OnReversal, is_declarable
from domain.bonuses import bonus_problems
from domain.codes import code_problems
from domain.commands.programs import SettingsChange
from domain.expiry import policy_problems
from domain.points import MAX_DECIMALS
from domain.problems import Invalid, Problem, TooMany
from domain.programs import ProgramSettings
from domain.transactions import ENGINE_ONLY
from domain.transfers import limit_problems
from domain.values import number_problems, shown, text_problems

MEMBER_FIELDS = (
    "email", "phone", "birthDate", "language", "address", "address.lines", "address.city", "address.region",
    "address.postalCode", "address.country",
)  # fmt: skip
"""What a program may require of its members, besides the attributes it declares for them."""

DECLARED_PREFIX = "member."
CHANGED_BY_RULES = ("member.attributes.", "counters.")
MAX_ATTRIBUTES = 200
MAX_REQUIRED = 50
MAX_APPROVAL = Decimal(10**15)
MAX_DAYS_BACK = 36_500
MAX_DAYS_AHEAD = 3_650
MAX_WARNING_DAYS = 366
MAX_GRACE_DAYS = 3_650
MAX_DORMANT_MONTHS = 1_200
MAX_PERCENT = 100
MAX_UNTRUSTED = 50
MAX_PARTNER_PROGRAMS = 50
MAX_REFUND_REASONS = 100
MAX_KIND = 64
SHORTEST_MS, LONGEST_MS = 10, 10_000
"""What an untrusted rule may take for one transaction."""

LONGEST_HOLD_MINUTES = 31 * 24 * 60
MAX_TENDER_RATE = Decimal(10**9)
TENDER_RATE_DECIMALS = 6

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
    yield from _days_problems(settings.expiry_warning_days, MAX_WARNING_DAYS, *path, "expiryWarningDays")
    yield from _days_problems(settings.refund_grace_days, MAX_GRACE_DAYS, *path, "refundGraceDays")
    if not 0 <= settings.dormant_after_months <= MAX_DORMANT_MONTHS:
        value, expected = str(settings.dormant_after_months), f"0 to {MAX_DORMANT_MONTHS} months"
        yield Invalid(value=value, expected=expected, path=(*path, "dormantAfterMonths"))
    if not 1 <= settings.repayment_percent <= MAX_PERCENT:
        percent = str(settings.repayment_percent)
        yield Invalid(value=percent, expected=f"1 to {MAX_PERCENT} percent", path=(*path, "repaymentPercent"))
    yield from _untrusted_problems(settings, *path)
    if len(settings.partner_programs) > MAX_PARTNER_PROGRAMS:
        found = len(settings.partner_programs)
        place = (*path, "partnerPrograms")
        yield TooMany(what="partner programs", limit=MAX_PARTNER_PROGRAMS, found=found, path=place)
    yield from _reason_problems(settings.refund_reasons, *path, "refundReasons")
    yield from limit_problems(settings.transfer_limits, *path, "transferLimits")
    yield from leaving.limit_problems(settings.leaving_limits, *path, "leavingLimits")
    yield from _hold_problems(settings, *path)
    if settings.tender_rate is not None:
        yield from number_problems(settings.tender_rate, MAX_TENDER_RATE, TENDER_RATE_DECIMALS, *path, "tenderRate")
    yield from bonus_problems(settings.bonuses, *path, "bonuses")
    yield from _field_problems(tuple(settings.bonuses.profile), attributes, "field", *path, "bonuses", "profile")


def _hold_problems(settings: ProgramSettings, *path: str) -> Iterator[Problem]:
    if not 1 <= settings.longest_hold_minutes <= LONGEST_HOLD_MINUTES:
        value, expected = str(settings.longest_hold_minutes), f"1 to {LONGEST_HOLD_MINUTES} minutes"
        yield Invalid(value=value, expected=expected, path=(*path, "longestHoldMinutes"))
    elif not 1 <= settings.hold_minutes <= settings.longest_hold_minutes:
        expected = f"1 to {settings.longest_hold_minutes} minutes, the longest hold of the program"
        yield Invalid(value=str(settings.hold_minutes), expected=expected, path=(*path, "holdMinutes"))


def _reason_problems(reasons: tuple[str, ...], *path: str) -> Iterator[Problem]:
    if len(reasons) > MAX_REFUND_REASONS:
        yield TooMany(what="refund reasons", limit=MAX_REFUND_REASONS, found=len(reasons), path=path)
    for index, reason in enumerate(reasons):
        yield from code_problems(reason, *path, str(index))
        if reason in reasons[:index]:
            yield Invalid(value=shown(reason), expected="every reason once", path=(*path, str(index)))


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


def reversals_problems(attributes: Attributes, reversals: Mapping[str, OnReversal], *path: str) -> Iterator[Problem]:
    """Everything wrong with what becomes of declared attributes: only a number can be undone, only what rules change comes back."""
    for index, name in enumerate(attributes):
        place = (*path, str(index), "onReversal")
        wanted = reversals.get(name)
        if wanted is OnReversal.UNDO and not attributes[name].numeric:
            expected = f"LEAVE or RESTORE: {name} is {attributes[name].value}, and only a number can be undone"
            yield Invalid(value=wanted.value, expected=expected, path=place)
        if wanted is not None and not name.startswith(CHANGED_BY_RULES):
            expected = "nothing: rules change attributes of members and counters, and no others"
            yield Invalid(value=wanted.value, expected=expected, path=place)


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
