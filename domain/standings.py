"""Where a partner stands in a partner program today: what its moves and its applications are judged by.

It is always made of memberships as the calendar has them, so whether the daily job has run makes no difference.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from domain.applications import OPEN, Application, ApplicationKind
from domain.memberships import (
    LIVE,
    MOVES,
    Membership,
    MembershipMove,
    MembershipStatus,
    WrongMembershipStatus,
    renewal_of,
    side_problem,
)
from domain.partner_program_problems import (
    AlreadyMember,
    AlreadyRenewed,
    NotEligible,
    PartnerProgramClosed,
    RenewalAsked,
    RenewalClosed,
)
from domain.partner_programs import Admission, EligibilityList, PartnerProgram, is_open, status_on
from domain.partners import Partner
from domain.people import Principal
from domain.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A partner in a program, as of today. `memberships`: all that are not final, and those asked about; `renewals`: its
    applications for renewal.
    """

    program: PartnerProgram
    partner: Partner
    today: date
    memberships: tuple[Membership, ...]
    renewals: tuple[Application, ...]
    lists: Collection[EligibilityList]

    @property
    def live(self) -> Membership | None:
        """The membership by which the partner is a member today."""
        return next((each for each in self.memberships if each.status in LIVE), None)

    @property
    def approved(self) -> Membership | None:
        """The renewed membership that has not begun."""
        return next((each for each in self.memberships if each.status is MembershipStatus.APPROVED), None)

    def membership(self, key: int) -> Membership:
        """One of those asked about."""
        return next(each for each in self.memberships if each.id == key)

    def renewal(self, key: int) -> Application | None:
        """The application for the renewal of a membership: there is at most one."""
        return next((each for each in self.renewals if each.renews_id == key), None)

    def closed_problem(self) -> Problem | None:
        """Why the program takes nobody today."""
        return closed_problem(self.program, self.today)

    def member_problem(self) -> Problem | None:
        """Why the partner cannot apply anew."""
        standing = self.live or self.approved
        return None if standing is None else AlreadyMember(partner=self.partner.code, ends_on=standing.ends_on)

    def eligible_problem(self, kind: ApplicationKind) -> Problem | None:
        """Why the partner may not apply, or renew, at all."""
        program = self.program
        who, needs = (
            (program.may_apply, EligibilityList.MAY_APPLY)
            if kind is ApplicationKind.NEW
            else (program.may_renew, EligibilityList.MAY_RENEW)
        )
        if who is Admission.EVERYBODY or needs in self.lists:
            return None
        return NotEligible(partner=self.partner.code, needs=needs.value)

    def renewal_problem(self, key: int) -> Problem | None:
        """Why a membership cannot be renewed today; None if it can."""
        membership, asked = self.membership(key), self.renewal(key)
        if membership.status not in LIVE:
            return WrongMembershipStatus(status=membership.status, move=MembershipMove.RENEW, allowed=())
        renewed = renewal_of(membership, self.memberships)
        if renewed is not None:
            return AlreadyRenewed(begins_on=renewed.begins_on)
        if asked is not None and asked.status in OPEN:
            return RenewalAsked()
        if not membership.renewal_opens_on <= self.today <= membership.renewal_ends_on:
            return RenewalClosed(
                opens_on=membership.renewal_opens_on, ends_on=membership.renewal_ends_on, today=self.today
            )
        return self.closed_problem() or self.eligible_problem(ApplicationKind.RENEWAL)


def closed_problem(program: PartnerProgram, today: date) -> Problem | None:
    """Why a program takes no applications, members or renewals today; None if it does."""
    if is_open(program, today):
        return None
    status = status_on(program, today)
    return PartnerProgramClosed(status=status, starts_on=program.starts_on, ends_on=program.ends_on)


def membership_problem(standing: Standing, key: int, move: MembershipMove, actor: Principal) -> Problem | None:
    """Why somebody may not make a move of a membership now; None if they may."""
    membership = standing.membership(key)
    rows = [row for row in MOVES if row.status is membership.status and row.move in PRESSED]
    row = next((each for each in rows if each.move is move), None)
    if row is None:
        allowed = tuple(each.move for each in rows)
        return WrongMembershipStatus(status=membership.status, move=move, allowed=allowed)
    problem = side_problem(row.by, actor, membership.partner_id, move.value)
    if problem is None and move is MembershipMove.RENEW:
        return standing.renewal_problem(key)
    return problem


def membership_moves(standing: Standing, key: int, actor: Principal) -> tuple[MembershipMove, ...]:
    """The moves that would not be refused to this person now."""
    return tuple(move for move in PRESSED if membership_problem(standing, key, move, actor) is None)


def invitation_is_due(standing: Standing, membership: Membership) -> bool:
    """Whether a member is to be asked by email to renew: in its window, once, if it may and has not."""
    invited = membership.invited_on is not None or standing.renewal(membership.id) is not None
    return membership.status in LIVE and not invited and standing.renewal_problem(membership.id) is None


PRESSED = (MembershipMove.RENEW, MembershipMove.REMOVE)
"""The moves of a membership that people press."""
