"""When points lapse: every kind of policy, snapping, and what a policy may not say."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.expiry import (
    NEVER,
    ExpiryKind,
    ExpiryPolicy,
    PeriodUnit,
    Snap,
    expires_on,
    first_policy,
    later,
    policy_from_dict,
    policy_problems,
    policy_to_dict,
)
from domain.problems import Invalid

DAYS = st.dates(date(1990, 1, 1), date(2200, 12, 31))
POLICIES = st.builds(
    ExpiryPolicy,
    kind=st.sampled_from(ExpiryKind),
    length=st.integers(1, 100),
    unit=st.sampled_from(PeriodUnit),
    month=st.integers(1, 12),
    day=st.integers(1, 31),
    snap=st.sampled_from(Snap),
)


def period(length: int, unit: PeriodUnit, snap: Snap = Snap.NONE) -> ExpiryPolicy:
    return ExpiryPolicy(ExpiryKind.PERIOD, length, unit, snap=snap)


def fixed(month: int, day: int, years: int = 0, snap: Snap = Snap.NONE) -> ExpiryPolicy:
    return ExpiryPolicy(ExpiryKind.FIXED_DAY, years, month=month, day=day, snap=snap)


@pytest.mark.parametrize(
    ("policy", "day", "expected"),
    [
        (period(30, PeriodUnit.DAY), "2025-01-31", "2025-03-02"),
        (period(12, PeriodUnit.MONTH), "2025-01-15", "2026-01-15"),
        (period(1, PeriodUnit.MONTH), "2025-01-31", "2025-02-28"),
        (period(1, PeriodUnit.MONTH), "2024-01-31", "2024-02-29"),
        (period(1, PeriodUnit.YEAR), "2024-02-29", "2025-02-28"),
        (period(4, PeriodUnit.YEAR), "2024-02-29", "2028-02-29"),
        (period(12, PeriodUnit.MONTH, Snap.END_OF_MONTH), "2017-01-15", "2018-01-31"),
        (period(12, PeriodUnit.MONTH, Snap.END_OF_MONTH), "2017-01-31", "2018-01-31"),
        (period(12, PeriodUnit.MONTH, Snap.END_OF_MONTH), "2023-02-28", "2024-02-29"),
        (period(3, PeriodUnit.MONTH, Snap.END_OF_QUARTER), "2025-04-01", "2025-09-30"),
        (period(3, PeriodUnit.MONTH, Snap.END_OF_QUARTER), "2025-12-31", "2026-03-31"),
        (period(24, PeriodUnit.MONTH, Snap.END_OF_YEAR), "2025-01-01", "2027-12-31"),
        (fixed(12, 31), "2025-06-01", "2025-12-31"),
        (fixed(12, 31), "2025-12-31", "2025-12-31"),
        (fixed(3, 31), "2025-03-31", "2025-03-31"),
        (fixed(3, 31), "2025-04-01", "2026-03-31"),
        (fixed(3, 31, years=1), "2025-03-31", "2026-03-31"),
        (fixed(3, 31, years=2), "2025-04-01", "2028-03-31"),
        (fixed(2, 31), "2025-01-01", "2025-02-28"),
        (fixed(2, 29), "2023-03-01", "2024-02-29"),
        (fixed(2, 29), "2024-02-29", "2024-02-29"),
        (fixed(2, 29), "2025-02-28", "2025-02-28"),
        (fixed(2, 15, snap=Snap.END_OF_QUARTER), "2025-03-01", "2026-03-31"),
        (ExpiryPolicy(ExpiryKind.INACTIVITY, 18, PeriodUnit.MONTH), "2025-08-31", "2027-02-28"),
        (ExpiryPolicy(ExpiryKind.INACTIVITY, 90, PeriodUnit.DAY, snap=Snap.END_OF_MONTH), "2025-01-01", "2025-04-30"),
    ],
)
def test_the_last_day_on_which_points_can_be_used(policy: ExpiryPolicy, day: str, expected: str) -> None:
    assert expires_on(policy, date.fromisoformat(day)) == date.fromisoformat(expected)


@pytest.mark.parametrize("snap", Snap)
def test_points_that_never_expire(snap: Snap) -> None:
    assert expires_on(ExpiryPolicy(snap=snap), date(2025, 1, 1)) is None


@given(POLICIES, DAYS, DAYS)
def test_points_of_a_later_day_never_lapse_earlier(policy: ExpiryPolicy, one: date, other: date) -> None:
    first, second = (expires_on(policy, day) for day in sorted((one, other)))
    if policy.kind is ExpiryKind.NEVER:
        assert (first, second) == (None, None)
    else:
        assert first is not None
        assert second is not None
        assert min(one, other) <= first <= second


@given(POLICIES)
def test_a_policy_survives_storage(policy: ExpiryPolicy) -> None:
    assert policy_from_dict(policy_to_dict(policy)) == policy


def test_a_policy_is_stored_by_names() -> None:
    stored = {"kind": "PERIOD", "length": 12, "unit": "MONTH", "month": 12, "day": 31, "snap": "END_OF_MONTH"}
    assert policy_to_dict(period(12, PeriodUnit.MONTH, Snap.END_OF_MONTH)) == stored


def test_what_a_stored_policy_does_not_say_has_its_default() -> None:
    assert policy_from_dict({}) == NEVER
    assert policy_from_dict({"kind": "PERIOD", "length": 1}) == period(1, PeriodUnit.MONTH)


def test_the_most_specific_policy_wins() -> None:
    award, tier, point_type, program = (period(length, PeriodUnit.DAY) for length in (1, 2, 3, 4))
    assert first_policy(award, tier, point_type, program) is award
    assert first_policy(None, tier, point_type, program) is tier
    assert first_policy(None, None, point_type, program) is point_type
    assert first_policy(None, None, None, program) is program


def test_an_extension_only_ever_moves_expiry_later() -> None:
    assert later(date(2025, 1, 1), date(2025, 2, 1)) == date(2025, 2, 1)
    assert later(date(2025, 3, 1), date(2025, 2, 1)) == date(2025, 3, 1)
    assert later(None, date(2025, 2, 1)) is None
    assert later(date(2025, 2, 1), None) is None


@pytest.mark.parametrize(
    ("policy", "field", "value", "expected"),
    [
        (period(-1, PeriodUnit.MONTH), "length", "-1", "1 to 1200"),
        (period(0, PeriodUnit.MONTH), "length", "0", "1 to 1200"),
        (period(101, PeriodUnit.YEAR), "length", "101", "1 to 100"),
        (period(36_501, PeriodUnit.DAY), "length", "36501", "1 to 36500"),
        (ExpiryPolicy(ExpiryKind.INACTIVITY, 0), "length", "0", "1 to 1200"),
        (ExpiryPolicy(length=-5), "length", "-5", "0 to 1200"),
        (fixed(12, 31, years=-1), "length", "-1", "0 to 100"),
        (fixed(0, 31), "month", "0", "1 to 12"),
        (fixed(13, 31), "month", "13", "1 to 12"),
        (fixed(1, 32), "day", "32", "1 to 31"),
        (fixed(1, 0), "day", "0", "1 to 31"),
    ],
)
def test_a_policy_that_cannot_be(policy: ExpiryPolicy, field: str, value: str, expected: str) -> None:
    problems = policy_problems(policy, "input", "expiry")
    assert problems == (Invalid(value=value, expected=expected, path=("input", "expiry", field)),)


def test_all_problems_of_a_policy_are_named_at_once() -> None:
    assert [problem.path for problem in policy_problems(fixed(0, 0, years=-1))] == [("length",), ("month",), ("day",)]


@given(POLICIES)
def test_sane_policies_have_no_problems(policy: ExpiryPolicy) -> None:
    assert policy_problems(policy) == ()
