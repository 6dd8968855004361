"""Warnings of points that lapse soon: the words of the email."""

from collections.abc import Sequence

from domain.deliveries import Email
from domain.members import ExpiringPoints, Member
from domain.programs import Program


def letter(program: Program, member: Member, lapsing: Sequence[ExpiringPoints]) -> Email | None:
    """What a member is told; None for one without an address."""
    if member.email is None:
        return None
    lines = [f"    {each.points:,f} {each.point_type}: until {each.expires_on}" for each in lapsing]
    said = f"some of your points at {program.name} lapse soon. They can be used up to and including the day named here:"
    text = [f"Hello {member.name},", "", said, "", *lines, "", program.name]
    subject = " ".join(f"Your points at {program.name} lapse soon".split())
    return Email(member.email, subject, "\n".join(text) + "\n", program.id)
