"""A partner enrols its customers: the profile is captured, and the member is the program's from that commit on."""

from dataclasses import replace

from domain.commands.members import MemberEnroll
from domain.members import Member, MemberStatus
from domain.people import PARTNER, Principal
from domain.problems import NotAllowed, Refused
from domain.receipts import Receipt
from domain.services.checks import INPUT
from domain.services.member_enrollment import member_enroll
from domain.store.database import Database


async def partner_member_enroll(database: Database, actor: Principal, command: MemberEnroll) -> Receipt[Member]:
    """A partner's user enrols a member for its own company; administrators hear of it, and an activity is recorded."""
    if not actor.has(*PARTNER) or actor.scope.partner_id is None:
        why = "it is for the users of a partner; employees use memberEnroll"
        raise Refused(NotAllowed(why=why, path=(INPUT,)))
    own = replace(command, number=None, status=MemberStatus.ACTIVE, enrolled_by_partner=None)
    return await member_enroll(database, actor, own)
