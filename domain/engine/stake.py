"""How many points a transaction is about, where only the engine can tell: what approval limits are compared with.

Only its content counts. Whether the member, partner and program are active now plays no part: it may be otherwise tomorrow.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from msgspec import structs

from domain.engine.base import cost_of
from domain.engine.program import EngineProgram
from domain.engine.run import run
from domain.engine.snapshot import Entry, MemberState
from domain.members import MemberStatus
from domain.points import from_units, round_half_up
from domain.programs import ProgramStatus
from domain.transactions import Type

NOTHING = Decimal(0)


def stake_of(program: EngineProgram, member: MemberState, entry: Entry, now: datetime) -> Decimal:
    """The price of a redemption, or what an accrual would give now; nothing for one that its own content makes impossible."""
    if entry.type is Type.REDEMPTION:
        return _price(program, entry)
    willing = structs.replace(member, status=MemberStatus.ACTIVE, flow=None)
    done = run(_willing(program), {member.id: willing}, [_accepted(entry)], now).outcomes[0]
    return sum((from_units(each.points, each.decimals) for each in done.totals), NOTHING)


def _price(program: EngineProgram, entry: Entry) -> Decimal:
    cost = cost_of(entry)
    if cost is None:
        return NOTHING
    price, points = cost
    decimals = program.point_types[price.point_type_id].decimals
    return from_units(round_half_up(points, decimals), decimals)


def _willing(program: EngineProgram) -> EngineProgram:
    settings = replace(program.program.settings, required_for_accrual=())
    return replace(program, program=replace(program.program, status=ProgramStatus.ACTIVE, settings=settings))


def _accepted(entry: Entry) -> Entry:
    partner = entry.partner and structs.replace(entry.partner, active=True, report_within_days=None)
    return structs.replace(entry, partner=partner)
