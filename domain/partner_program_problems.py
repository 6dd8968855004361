"""What can be wrong with partner programs, applications and memberships, each by name."""

from dataclasses import dataclass
from datetime import date

from domain.partner_programs import PartnerProgramStatus
from domain.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class DatesBackward(Problem):
    """An end before the beginning."""

    code = "DATES_BACKWARD"
    starts_on: date
    ends_on: date

    @property
    def message(self) -> str:
        return f"It would end on {self.ends_on}, before it begins on {self.starts_on}: the end is on or after the beginning."


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowTooLong(Problem):
    """A window of renewal or of grace that does not fit into a membership."""

    code = "WINDOW_TOO_LONG"
    days: int
    longest: int

    @property
    def message(self) -> str:
        return (
            f"A window of {self.days} days is longer than a membership: at most {self.longest} days fit into the shortest "
            "membership of this length."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerProgramReadOnly(Problem):
    """An edit of a partner program that was activated."""

    code = "PARTNER_PROGRAM_READ_ONLY"
    status: PartnerProgramStatus

    @property
    def message(self) -> str:
        return (
            f"This partner program is {self.status.value}: only a PENDING one is edited or activated. Make another one."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerProgramClosed(Problem):
    """A partner program that takes no applications, members or renewals today."""

    code = "PARTNER_PROGRAM_CLOSED"
    status: PartnerProgramStatus
    starts_on: date
    ends_on: date

    @property
    def message(self) -> str:
        return (
            f"This partner program is {self.status.value}: it takes applications, members and renewals while it is ACTIVE, "
            f"from {self.starts_on} through {self.ends_on}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyMember(Problem):
    """An application by a partner that is a member."""

    code = "ALREADY_MEMBER"
    partner: str
    ends_on: date

    @property
    def message(self) -> str:
        return f"{self.partner} is a member already, through {self.ends_on}: a member does not apply anew, it renews."


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMember(Problem):
    """Somebody to be removed who is not a member."""

    code = "NOT_MEMBER"
    partner: str

    @property
    def message(self) -> str:
        return f"{self.partner} is not a member of this partner program: there is nothing to remove."


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEligible(Problem):
    """A partner that is not on the list that this needs."""

    code = "NOT_ELIGIBLE"
    partner: str
    needs: str

    @property
    def message(self) -> str:
        return f"{self.partner} is not eligible: it is not on the list {self.needs} of this partner program."


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalClosed(Problem):
    """A renewal outside its window."""

    code = "RENEWAL_CLOSED"
    opens_on: date
    ends_on: date
    today: date

    @property
    def message(self) -> str:
        return f"It may be renewed from {self.opens_on} through {self.ends_on}; today is {self.today}."


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyRenewed(Problem):
    """A membership that was renewed already."""

    code = "ALREADY_RENEWED"
    begins_on: date

    @property
    def message(self) -> str:
        return f"It is renewed already: the new membership begins on {self.begins_on}."


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalAsked(Problem):
    """A membership whose renewal waits for a decision."""

    code = "RENEWAL_ASKED"

    @property
    def message(self) -> str:
        return "Its renewal was asked for already, and waits for a decision."


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalOver(Problem):
    """An approval so late that the new membership would have ended."""

    code = "RENEWAL_OVER"
    ends_on: date

    @property
    def message(self) -> str:
        return f"The renewed membership would have ended on {self.ends_on}: reject this application; the partner may apply anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class NotInTheFuture(Problem):
    """A membership that would begin after today."""

    code = "NOT_IN_THE_FUTURE"
    day: date
    today: date

    @property
    def message(self) -> str:
        return f"A membership does not begin in the future: {self.day} is after today, {self.today}."


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipOver(Problem):
    """A membership dated back so far that it would have ended."""

    code = "MEMBERSHIP_OVER"
    begins_on: date
    ends_on: date

    @property
    def message(self) -> str:
        return f"A membership from {self.begins_on} on would have ended on {self.ends_on} already."


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipOverlap(Problem):
    """A membership dated back into an earlier one of the same partner."""

    code = "MEMBERSHIP_OVERLAP"
    partner: str
    free_from: date

    @property
    def message(self) -> str:
        return f"{self.partner} was a member before: another membership may begin on {self.free_from} at the earliest."
