"""The message of a campaign, as a member gets it: the host's words, then the partner's."""

from domain.campaigns import Campaign
from domain.deliveries import Email
from domain.members import Member
from domain.programs import Program


def letter(program: Program, campaign: Campaign, member: Member) -> Email | None:
    """What a member is told; None for one without an address, or who has not agreed to be told."""
    agreed = any(each.purpose == campaign.purpose and each.given for each in member.consents)
    if member.email is None or not agreed:
        return None
    parts = [f"Hello {member.name},", campaign.message.strip()]
    if campaign.partner_message is not None:
        parts.append(campaign.partner_message.strip())
    text = "\n\n".join([*parts, program.name])
    return Email(member.email, campaign.subject, f"{text}\n", program.id)
