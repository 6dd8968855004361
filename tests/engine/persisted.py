"""What a database makes of outcomes, on a page: the member as the next transaction finds it. The engine's own pages play no part."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from msgspec import structs

from domain.engine import LotState, MemberState, Outcome, Outcomes
from domain.engine.snapshot import LotKey
from domain.members import MemberStatus
from domain.points import from_units
from domain.tiers import HeldTier
from tests.engine.generated import Case

ONE_DAY = timedelta(1)


@dataclass
class Persisted:
    """A member's rows between two chunks, and what limited promotions have paid to everybody."""

    case: Case
    member: MemberState
    paid: dict[int, Decimal] = field(default_factory=dict)

    def take_up(self, done: Outcomes) -> None:
        """Write what a chunk did."""
        for outcome in done.outcomes:
            self._ledger(outcome)
        owner = self.member.id
        balances = {kind: balance for (_, kind), balance in done.balances.items()}
        bags = done.attributes.get(owner)
        facts = self.member.facts if bags is None else {**self.member.facts, "attributes": bags.attributes}
        self.member = structs.replace(
            self.member,
            balances={**self.member.balances, **balances},
            facts=facts,
            counters=self.member.counters if bags is None else bags.counters,
            status=MemberStatus.ACTIVE if owner in done.woken else self.member.status,
            lots=self._left({key: left for (_, key), left in done.remaining.items()}),
        )
        self.paid.update(done.paid)

    def _ledger(self, outcome: Outcome) -> None:
        member = self.member
        granted, earned = dict(member.granted), {kind: dict(days) for kind, days in member.earned.items()}
        for each in outcome.granted:
            key = each.promotion_id, each.span
            granted[key] = granted.get(key, Decimal(0)) + each.points
        for lot in outcome.lots:
            dates = earned.setdefault(lot.point_type_id, {})
            dates[lot.transaction_date] = dates.get(lot.transaction_date, 0) + lot.points
        until = {(each.lot_transaction_id, each.lot_position): each.expires_on for each in outcome.extensions}
        new = [
            LotState(lot.transaction_id, lot.position, lot.point_type_id, lot.qualifying, lot.origin, lot.points,
                     lot.transaction_date, lot.effective_on, lot.expires_on, lot.extends_by)
            for lot in outcome.lots
        ]  # fmt: skip
        lots = tuple(
            structs.replace(lot, expires_on=_later(lot.expires_on, until.get(lot.key)))
            for lot in (*(member.lots or ()), *new)
        )
        self.member = structs.replace(
            member,
            granted=granted,
            earned=earned,
            lots=lots,
            held=_held(member, outcome),
            progress=self._progress(outcome),
        )

    def _left(self, remaining: Mapping[LotKey, int]) -> tuple[LotState, ...]:
        lots = (structs.replace(lot, remaining=remaining.get(lot.key, lot.remaining)) for lot in self.member.lots or ())
        return tuple(lot for lot in lots if lot.remaining)

    def _progress(self, outcome: Outcome) -> dict[str, dict[str, Decimal]]:
        """Qualifying points of the year, which is the ladder's qualifying period."""
        kinds = {1: ("POINTS", self.case.decimals[0]), 2: ("MILES", self.case.decimals[1])}
        sums = dict(self.member.progress.get("STATUS", {}))
        for lot in outcome.lots:
            if lot.qualifying:
                code, decimals = kinds[lot.point_type_id]
                sums[code] = sums.get(code, Decimal(0)) + from_units(lot.points, decimals)
        return {"STATUS": sums}


def _later(one: date | None, other: date | None) -> date | None:
    return one if other is None or one is None else max(one, other)


def _held(member: MemberState, outcome: Outcome) -> tuple[HeldTier, ...]:
    held = member.held
    for change in outcome.tier_changes:
        *before, last = held
        held = (
            *before,
            replace(last, ends_on=change.starts_on - ONE_DAY),
            HeldTier(change.after, change.starts_on, change.ends_on),
        )
    return held
