"""What people say of a member besides its profile and its transactions."""

from decimal import Decimal

from domain.commands.loans import MemberMaxLoanSet
from domain.commands.members import MemberReference
from domain.commands.tiers import MemberTierRequest, MemberTierRequestReject
from domain.commands.vouchers import VoucherIssue
from domain.members import Member
from domain.people import Role
from domain.services.maximum_loans import member_max_loan_set
from domain.services.tier_requests import member_tier_request, member_tier_request_reject
from domain.services.vouchers import voucher_issue
from domain.vouchers import VoucherTerms
from tests.support.factories import a_product, result_of
from tests.support.transactions import Stage, a_key
from tests.tiers.club import a_class, a_tier

COMMENTS = ("whisper of a voucher", "whisper of a loan", "whisper of a tier", "whisper of a rejection")


async def asked_for(stage: Stage, member: Member) -> None:
    """Let comments be said about a tier, a maximum loan and a voucher of the member."""
    database, code, reference = stage.database, stage.program.code, MemberReference(id=member.id)
    kind = await a_product(database, stage.program, voucher=VoucherTerms())
    issue = VoucherIssue(
        idempotency_key=a_key(), program=code, member=reference, voucher_type=kind.code, comment="whisper of a voucher"
    )
    result_of(await voucher_issue(database, stage.desk.programs, stage.msr, issue))
    maximum = MemberMaxLoanSet(member=reference, program=code, points=Decimal(10), comment="whisper of a loan")
    result_of(await member_max_loan_set(database, stage.desk.programs, stage.director, maximum))
    await a_class(database, stage.program)
    for place, tier in enumerate(("BASIC", "GOLD"), 1):
        await a_tier(database, stage.program, tier, place)
    request = MemberTierRequest(member=reference, program=code, tier="GOLD", reason="whisper of a tier")
    asked = result_of(await member_tier_request(database, stage.desk.programs, stage.msr, request))
    approver = await stage.person(Role.MANAGER, tier_approver=True)
    reject = MemberTierRequestReject(id=asked.id, comment="whisper of a rejection")
    result_of(await member_tier_request_reject(database, approver, reject))
