"""What the engine must know of members' tiers: what they hold as of today, and their progress in the period of today."""

from collections.abc import Mapping
from datetime import date

from msgspec.structs import replace

from domain.engine import EngineProgram, MemberState
from domain.store import member_tiers
from domain.store.database import Reader
from domain.tiers import qualifying_period, timeline


async def with_tiers(
    reader: Reader, program: EngineProgram, states: Mapping[int, MemberState], today: date
) -> dict[int, MemberState]:
    """The members with their tiers; a program without tiers asks nothing."""
    if not program.tiers or not states:
        return dict(states)
    held = await member_tiers.held(reader, list(states))
    periods = {
        (key, tier_class.code): qualifying_period(tier_class, state.facts["enrolledOn"], today)
        for key, state in states.items()
        for tier_class in program.tier_classes.values()
    }
    absorbed = {key: state.absorbed for key, state in states.items() if state.absorbed}
    sums = await member_tiers.progress(reader, [(*owner, period) for owner, period in periods.items()], absorbed)
    return {
        key: replace(
            state,
            held=timeline(program.tiers, held.get(key, ()), state.facts["enrolledOn"], today),
            progress={code: sums.get((key, code, periods[key, code].starts_on), {}) for code in program.tier_classes},
        )
        for key, state in states.items()
    }
