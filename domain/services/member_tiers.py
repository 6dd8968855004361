"""The tiers of members as they are read: the dominant one now, the history, and the progress in every class."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.calendars import business_date
from domain.people import Scope
from domain.store import member_tiers, tier_definitions
from domain.store.database import Reader
from domain.store.tier_definitions import Ladders
from domain.tier_progress import TierProgress, progress_in
from domain.tiers import HeldTier, MemberTier, Tier, dominant, qualifying_period, timeline


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is to know of one member's tiers today."""

    program_id: int
    member_id: int
    enrolled_on: date
    today: date
    ladders: Ladders
    stored: tuple[MemberTier, ...]
    counters: Mapping[str, Decimal]
    absorbed: tuple[int, ...]

    @property
    def held(self) -> tuple[HeldTier, ...]:
        """The timeline of every class."""
        rows = [HeldTier(each.tier, each.starts_on, each.ends_on) for each in self.stored]
        return timeline(self.ladders.tiers, rows, self.enrolled_on, self.today)

    @property
    def tier(self) -> Tier | None:
        """The dominant tier of today."""
        return dominant(self.ladders.tiers, self.ladders.classes, self.held, self.today, self.today)

    @property
    def history(self) -> list[MemberTier]:
        """What was held when and why, the latest first; the default tier of enrolment has no reason."""
        stored = {(each.tier, each.starts_on) for each in self.stored}
        defaults = [self._default(each) for each in self.held if (each.tier, each.starts_on) not in stored]
        kept = [each for each in self.stored if each.ends_on is None or each.starts_on <= each.ends_on]
        return sorted([*defaults, *kept], key=lambda each: each.starts_on, reverse=True)

    def _default(self, held: HeldTier) -> MemberTier:
        return MemberTier(
            program_id=self.program_id,
            member_id=self.member_id,
            tier_class=self.ladders.tiers[held.tier].tier_class,
            tier=held.tier,
            starts_on=held.starts_on,
            ends_on=held.ends_on,
        )


async def standings(reader: Reader, scope: Scope, ids: Sequence[int], now: datetime) -> dict[int, Standing]:
    """The standing of every member whom the scope shows."""
    ladders: dict[int, Ladders] = {}
    members = await member_tiers.load_members(reader, scope, ids)
    history = await member_tiers.load_history(reader, scope, ids)
    for program_id in {member.program_id for member in members}:
        ladders[program_id] = await tier_definitions.of_program(reader, program_id)
    return {
        member.id: Standing(
            member.program_id,
            member.id,
            member.enrolled_on,
            business_date(now, member.time_zone),
            ladders[member.program_id],
            tuple(history.get(member.id, ())),
            member.counters,
            member.absorbed,
        )
        for member in members
    }


async def load_dominant(reader: Reader, scope: Scope, ids: Sequence[int], now: datetime) -> list[Tier | None]:
    """The dominant tier of each member now; None in a program without tiers that are shown."""
    found = await standings(reader, scope, ids, now)
    return [found[each].tier if each in found else None for each in ids]


async def load_history(reader: Reader, scope: Scope, ids: Sequence[int], now: datetime) -> list[list[MemberTier]]:
    """The tiers that each member holds and held, the latest first."""
    found = await standings(reader, scope, ids, now)
    return [found[each].history if each in found else [] for each in ids]


async def load_progress(reader: Reader, scope: Scope, ids: Sequence[int], now: datetime) -> list[list[TierProgress]]:
    """The progress of each member in every class, the most senior class first."""
    found = await standings(reader, scope, ids, now)
    periods = {
        (member_id, code): qualifying_period(tier_class, one.enrolled_on, one.today)
        for member_id, one in found.items()
        for code, tier_class in one.ladders.classes.items()
    }
    absorbed = {member_id: one.absorbed for member_id, one in found.items()}
    sums = await member_tiers.progress(reader, [(*owner, period) for owner, period in periods.items()], absorbed)
    made: dict[int, list[TierProgress]] = defaultdict(list)
    for (member_id, code), period in periods.items():
        one = found[member_id]
        points = sums.get((member_id, code, period.starts_on), {})
        standing = progress_in(
            one.ladders.classes[code], one.ladders.tiers, held=one.held, points=points, counters=one.counters,
            period=period, today=one.today,
        )  # fmt: skip
        made[member_id] += [standing] if standing is not None else []
    return [made[each] for each in ids]
