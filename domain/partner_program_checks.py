"""What makes a partner program of one: dates forward, windows that fit into a membership, templates without doubles."""

from collections.abc import Iterator, Sequence
from datetime import date

from domain.calendars import UnknownTimeZone, valid_time_zone
from domain.codes import MAX_NAME, code_problems, name_problems
from domain.partner_program_problems import DatesBackward, WindowTooLong
from domain.partner_programs import EntitlementTemplate, LineTemplate, shortest
from domain.problems import AlreadyExists, Invalid, Problem, TooMany
from domain.values import shown

MAX_MONTHS = 120
MAX_TEMPLATES = 50
LAST_DAY = date(2999, 12, 31)
"""Far enough for any program, and near enough to count on from."""


def date_problems(starts_on: date, ends_on: date, *path: str) -> Iterator[Problem]:
    """A program ends on or after the day on which it starts."""
    for name, day in (("startsOn", starts_on), ("endsOn", ends_on)):
        if day > LAST_DAY:
            yield Invalid(value=str(day), expected=f"a date through {LAST_DAY}", path=(*path, name))
    if ends_on < starts_on:
        yield DatesBackward(starts_on=starts_on, ends_on=ends_on, path=(*path, "endsOn"))


def place_problems(time_zone: str, *path: str) -> Iterator[Problem]:
    """The time zone is one of the IANA database."""
    if not valid_time_zone(time_zone):
        yield UnknownTimeZone(value=shown(time_zone), path=(*path, "timeZone"))


def length_problems(months: int, renewal_days: int, grace_days: int, *path: str) -> Iterator[Problem]:
    """A membership has a length, and the windows of renewal and of grace fit into the shortest of that length."""
    if not 1 <= months <= MAX_MONTHS:
        yield Invalid(value=str(months), expected=f"1 to {MAX_MONTHS} months", path=(*path, "membershipMonths"))
        return
    for name, days, longest in (
        ("renewalDays", renewal_days, shortest(months) - 1),
        ("graceDays", grace_days, shortest(months)),
    ):
        if days < 0:
            yield Invalid(value=str(days), expected="0 or more days", path=(*path, name))
        elif days > longest:
            yield WindowTooLong(days=days, longest=longest, path=(*path, name))


def line_problems(lines: Sequence[LineTemplate], months: int, *path: str) -> Iterator[Problem]:
    """Lines of an agreement run no longer than the membership."""
    yield from _template_problems(lines, *path)
    for index, each in enumerate(lines):
        if each.months is not None and not 1 <= each.months <= months:
            expected = f"1 to {months} months, as long as the membership at most"
            yield Invalid(value=str(each.months), expected=expected, path=(*path, str(index), "months"))


def entitlement_problems(entitlements: Sequence[EntitlementTemplate], *path: str) -> Iterator[Problem]:
    """What members are entitled to."""
    yield from _template_problems(entitlements, *path)


def _template_problems(templates: Sequence[LineTemplate | EntitlementTemplate], *path: str) -> Iterator[Problem]:
    if len(templates) > MAX_TEMPLATES:
        yield TooMany(what="templates", limit=MAX_TEMPLATES, found=len(templates), path=path)
    seen: set[str] = set()
    for index, each in enumerate(templates):
        place = (*path, str(index))
        yield from code_problems(each.code, *place, "code")
        yield from name_problems(each.description, *place, "description", longest=MAX_NAME)
        if each.code in seen:
            yield AlreadyExists(what="template", key=shown(each.code), path=(*place, "code"))
        seen.add(each.code)
