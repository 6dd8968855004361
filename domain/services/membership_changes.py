"""How memberships begin and end: added, renewed, removed. Every way in and every way out goes through here."""

from collections.abc import Sequence

from domain.activities import About
from domain.agreements import LineStatus, renewed
from domain.applications import OPEN, ApplicationMove, ApplicationStatus
from domain.memberships import (
    FINAL,
    LIVE,
    Membership,
    MembershipMove,
    MembershipStatus,
    Step,
    renewal_of,
)
from domain.partner_programs import DAY, MEMBERSHIP_LINE, Period, period
from domain.people import ENGINE, Scope
from domain.services.standings import Held, carry_out
from domain.store import activities, agreements, applications, memberships
from domain.store.memberships import NewMembership

EVERYTHING = Scope()
REMOVED = "The membership was terminated."


async def add(held: Held, partner_ids: Sequence[int], of: Period, comment: str | None = None) -> dict[int, Membership]:
    """Make partners members, who are not: CURRENT, with what the program gives to every member."""
    lines = held.program.lines or (MEMBERSHIP_LINE,)
    new = [
        NewMembership(partner_id=each, status=MembershipStatus.CURRENT, move=MembershipMove.ADD, period=of, lines=lines)
        for each in partner_ids
    ]
    return await _begin(held, new, comment)


async def admit(held: Held, partner_id: int) -> Membership:
    """What comes of an application that is approved: the membership that the partner has, or else a new one."""
    standing = held.standings[partner_id]
    known = standing.live or standing.approved
    if known is not None:
        return known
    return (await add(held, [partner_id], period(held.program, held.today)))[partner_id]


async def renew(held: Held, partner_id: int, old_id: int) -> Membership:
    """What comes of an approved renewal: the membership after the old one, dated to the period after it.

    While the old one runs it waits; from the old one's end on it is CURRENT at once, and the old one is over. Whoever is a
    member by another application meanwhile keeps that membership.
    """
    standing = held.standings[partner_id]
    old = standing.membership(old_id)
    known = renewal_of(old, standing.memberships) or (None if old.status in LIVE else standing.live)
    if known is not None:
        return known
    if old.status is MembershipStatus.IN_GRACE_PERIOD:
        step = Step(old.id, MembershipMove.EXPIRE, old.status, MembershipStatus.EXPIRED, held.today)
        await carry_out(held.writer, ENGINE, held.now, [old], [step])
    [[*lines]] = await agreements.load_lines(held.writer, EVERYTHING, [old.id])
    new = NewMembership(
        partner_id=partner_id,
        status=MembershipStatus.APPROVED if old.status is MembershipStatus.CURRENT else MembershipStatus.CURRENT,
        move=MembershipMove.APPROVE_RENEWAL,
        period=period(held.program, old.ends_on + DAY),
        lines=renewed(lines),
        renews_id=old.id,
    )
    return (await _begin(held, [new]))[partner_id]


async def remove(held: Held, partner_ids: Sequence[int], comment: str | None = None) -> None:
    """Terminate every membership of these partners that is not final, and reject what asks for a renewal."""
    mine = [held.standings[each] for each in partner_ids]
    ending = [each for standing in mine for each in standing.memberships if each.status not in FINAL]
    steps = [
        Step(each.id, MembershipMove.REMOVE, each.status, MembershipStatus.TERMINATED, held.today) for each in ending
    ]
    await carry_out(held.writer, held.actor, held.now, ending, steps, comment=comment)
    for standing in mine:
        for each in standing.renewals:
            if each.status in OPEN:
                rejected = await applications.change(held.writer, each.id, status=ApplicationStatus.REJECTED)
                move = (rejected, each.status, ApplicationMove.REJECT)
                await applications.record(held.writer, ENGINE, held.now, [move], REMOVED)
                await activities.see_to(held.writer, ENGINE, held.now, About("Application", each.id))


async def _begin(held: Held, new: Sequence[NewMembership], comment: str | None = None) -> dict[int, Membership]:
    writer, now, program = held.writer, held.now, held.program
    added = await memberships.add(writer, program.id, new, now)
    moves = [(added[each.partner_id], each.move) for each in new]
    await memberships.record_new(writer, held.actor, now, held.today, moves, comment=comment)
    for status, line_status in LINES_OF.items():
        mine = [(added[each.partner_id], each.lines) for each in new if each.status is status]
        await agreements.add(writer, now, mine, line_status, program.entitlements)
    return added


LINES_OF = {MembershipStatus.APPROVED: LineStatus.PENDING, MembershipStatus.CURRENT: LineStatus.CURRENT}
"""The status of the lines of a membership that begins."""
