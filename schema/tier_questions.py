"""What a member's fields ask about its tiers as of today: the dominant one, the history, and the progress in every class."""

from dataclasses import dataclass, field
from typing import Any

import domain.tier_progress as p
import domain.tiers as d
from schema.base import direct
from schema.context import Context, Load


@dataclass(frozen=True, slots=True)
class TiersAsked:
    """The tiers of a member today. The request's context has the clock."""

    context: Context = field(compare=False)
    member_id: int


TIER_OF_MEMBER: Load[TiersAsked, d.Tier | None] = Load("dominant tier of a member")
TIERS_OF_MEMBER: Load[TiersAsked, list[d.MemberTier]] = Load("tiers of a member")
TIER_PROGRESS_OF_MEMBER: Load[TiersAsked, list[p.TierProgress]] = Load("tier progress of a member")


def asked(load: Load[TiersAsked, Any], description: str) -> Any:
    """A field of a member that is loaded as of today."""
    made = direct(lambda member, info: info.context.load(load, TiersAsked(info.context, member.id)), description)
    made.load = load
    return made
