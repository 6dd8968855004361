"""Partner feeds: what a partner may bring in by itself. What its terms do not allow is refused line by line.

A line of a feed is an activity of that partner: a purchase, a redemption or a gift. Points by hand draw no block, so they are not
for feeds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from domain.engine.rejections import LateReport, PointTypeNotAgreed
from domain.entries import NewTransaction
from domain.partners import PartnerTerms
from domain.problems import Problem
from domain.transactions import SubType

SUB_TYPES = frozenset({SubType.PRODUCT, SubType.GIFT})


@dataclass(frozen=True, slots=True, kw_only=True)
class NotInFeeds(Problem):
    """A sub-type that a partner does not bring in by itself."""

    code = "NOT_IN_FEEDS"
    sub_type: SubType

    @property
    def message(self) -> str:
        allowed = " and ".join(sorted(each.value for each in SUB_TYPES))
        return f"A partner's file holds {allowed}, not {self.sub_type.value}: ask the host to record it."


@dataclass(frozen=True, slots=True)
class FeedTerms:
    """What the terms of a partner (by its code) allow of its lines, on a day."""

    partner: str
    terms: PartnerTerms
    default_point_type: str
    today: date

    def problems(self, entry: NewTransaction) -> Iterator[Problem]:
        """Everything about an entry that they do not allow."""
        if entry.sub_type not in SUB_TYPES:
            yield NotInFeeds(sub_type=entry.sub_type, path=("subType",))
        agreed, days = self.terms.point_types, self.terms.report_within_days
        wanted = entry.point_type or self.default_point_type
        if agreed and wanted not in agreed:
            yield PointTypeNotAgreed(point_type=wanted, partner=self.partner, allowed=agreed, path=("pointType",))
        if days is not None and entry.transaction_date is not None:
            earliest = self.today - timedelta(days)
            if entry.transaction_date < earliest:
                yield LateReport(days=days, earliest=earliest, path=("transactionDate",))
