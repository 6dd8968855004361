"""What partners are told by email about their memberships: that one was approved, and that it may be renewed."""

from collections.abc import Iterable

from domain.deliveries import Email
from domain.memberships import Membership
from domain.partner_programs import PartnerProgram


def approved(program: PartnerProgram, membership: Membership, addresses: Iterable[str]) -> list[Email]:
    """An application was approved."""
    subject = f"Your membership in {program.name}"
    text = (
        f"Your application to {program.name} was approved.\n\n"
        f"Your membership runs from {membership.begins_on} through {membership.ends_on}. "
        f"You may renew it from {membership.renewal_opens_on} on.\n"
    )
    return [Email(each, subject, text) for each in addresses]


def renewal_opens(program: PartnerProgram, membership: Membership, addresses: Iterable[str]) -> list[Email]:
    """The window of renewal has begun."""
    subject = f"Please renew your membership in {program.name}"
    text = (
        f"Your membership in {program.name} runs through {membership.ends_on}. Please apply for its renewal: "
        f"press Renew on your membership, through {membership.renewal_ends_on} at the latest.\n"
    )
    return [Email(each, subject, text) for each in addresses]
