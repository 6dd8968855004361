"""What follows when a partner's user enrols a member: the administrators are told, and the partner has it on record.

Both happen in the unit of work of the enrolment: there is no member without them, and nothing of them without the member.
"""

from datetime import datetime

from domain.activities import About, ActivityType, NewActivity
from domain.enrollment_emails import enrolled_by_partner
from domain.members import Member
from domain.people import ENGINE, PARTNER, Principal
from domain.programs import Program
from domain.store import activities, outbox, partners, people
from domain.store.database import Writer


async def tell(writer: Writer, actor: Principal, program: Program, member: Member, now: datetime) -> None:
    """Tell of a member whom a partner's own user has enrolled; of others there is nothing to tell."""
    if member.enrolled_by_partner_id is None or not actor.has(*PARTNER):
        return
    [partner] = await partners.load_many(writer, ENGINE.scope, [member.enrolled_by_partner_id])
    assert partner is not None, "partners are never deleted"
    addresses = await people.administrators(writer, program.id)
    await outbox.add_emails(writer, enrolled_by_partner(program, partner, member, addresses), now)
    activity = NewActivity(
        type=ActivityType.NEW_LOYALTY_MEMBER,
        subject=f"New loyalty member {member.number} in {program.name}",
        partner_id=partner.id,
        program_id=program.id,
        about=About("Member", member.id),
    )
    await activities.add(writer, actor, now, activity)
