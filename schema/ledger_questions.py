"""What a member's fields ask of the ledger: balances at a moment, what expires within a number of days, pages of lots."""

from dataclasses import dataclass, field
from datetime import datetime

import domain.commands.ledger as c
import domain.lots as d
import domain.members as m
from domain.pages import PageRequest
from schema.context import Context, Load
from schema.paged import Paged


@dataclass(frozen=True, slots=True)
class BalancesAsked:
    """The balances of a member: now, or at a past moment. The request's context has the clock."""

    context: Context = field(compare=False)
    member_id: int
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class ExpiringAsked:
    """What lapses for a member within so many days from today."""

    context: Context = field(compare=False)
    member_id: int
    within: int


@dataclass(frozen=True, slots=True)
class LotsAsked:
    """A page of the lots of a member."""

    member_id: int
    filter: c.LotFilter
    order: c.LotOrder
    descending: bool
    request: PageRequest


BALANCES: Load[BalancesAsked, list[m.Balance]] = Load("balances of a member")
EXPIRING: Load[ExpiringAsked, list[m.ExpiringPoints]] = Load("expiring points of a member")
LOTS: Paged[LotsAsked, d.Lot] = Paged("lots of a member")
