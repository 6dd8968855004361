"""Commands about joint promotions: the moves of the talks, each about a promotion named by its code within its program."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class JointPromotionMoved:
    """A move or a note; with `expected_version`, only about the version of the promotion that the caller has read."""

    program: str
    promotion: str
    comment: str | None = None
    expected_version: int | None = None
