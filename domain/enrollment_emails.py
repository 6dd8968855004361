"""What the administrators of a program are told by email about its members: that a partner enrolled one.

The message names the member by number alone: what is personal stays behind the log-in, and goes when the member is erased.
"""

from collections.abc import Iterable

from domain.deliveries import Email
from domain.members import Member
from domain.partners import Partner
from domain.programs import Program


def enrolled_by_partner(program: Program, partner: Partner, member: Member, addresses: Iterable[str]) -> list[Email]:
    """A partner enrolled a member."""
    subject = f"New loyalty member {member.number} in {program.name}"
    text = (
        f"{partner.name} ({partner.code}) enrolled member {member.number} in {program.name} ({program.code}) "
        f"on {member.enrolled_on}.\n\nIts profile is in the program's list of members.\n"
    )
    return [Email(each, subject, text, program.id) for each in addresses]
