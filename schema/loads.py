"""Everything that fields may load in batches, one line each: the key, and what comes back.

A noun adds its lines here and answers them in `resolvers/<noun>.py` with `@loads(...)`; fields use them with `loaded(...)`.
"""

from domain.activities import Activity
from domain.agreements import AgreementLine, Entitlement
from domain.api_keys import ApiKey
from domain.applications import Application, ApplicationRecord
from domain.approvals import Approval
from domain.batch_runs import BatchRun
from domain.blocks import PointBlock, PointBlockMove
from domain.campaigns import Campaign, CampaignRecord
from domain.cost_shares import CostShare
from domain.decisions import Decision
from domain.deliveries import Delivery
from domain.families import FamilyMembership
from domain.holds import PointHold
from domain.joint_promotions import JointPromotion, JointRecord
from domain.loans import Loan, MaximumLoan, MaximumLoanMove
from domain.lots import Lot, LotUse
from domain.members import Member
from domain.memberships import Membership, MembershipRecord
from domain.partner_programs import PartnerProgram
from domain.partner_transactions import PartnerTransaction
from domain.partners import Partner, PartnerTerms
from domain.people import Person
from domain.pricing_rules import PricingRule
from domain.problems import Problem
from domain.programs import PointType, Product, ProductPrice, Program
from domain.promotion_steps import Payout
from domain.promotions import Promotion, PromotionEnrollment
from domain.refunds import Refunds
from domain.tier_requests import TierRequest, TierRequestMove
from domain.tiers import Tier, TierClass
from domain.transactions import Transaction
from domain.vouchers import Voucher, VoucherMoved
from domain.webhooks import WebhookEndpoint
from schema.context import Load

ACTIVITY: Load[int, Activity | None] = Load("activity")
API_KEY: Load[int, ApiKey | None] = Load("API key")
PROGRAM: Load[int, Program | None] = Load("program")
POINT_TYPE: Load[int, PointType | None] = Load("point type")
POINT_TYPES_OF_PROGRAM: Load[int, list[PointType]] = Load("point types of a program")
PRODUCT: Load[int, Product | None] = Load("product")
PRICES_OF_PRODUCT: Load[int, list[ProductPrice]] = Load("prices of a product")
PROMOTION: Load[int, Promotion | None] = Load("promotion")
PAYOUT_OF_TRANSACTION: Load[int, Payout | None] = Load("payout of a transaction")
JOINT_OF_PROMOTION: Load[int, JointPromotion | None] = Load("talks about a promotion")
RECORDS_OF_JOINT_PROMOTION: Load[int, list[JointRecord]] = Load("moves of a joint promotion")
SHARES_OF_PROMOTION: Load[int, tuple[CostShare, ...]] = Load("cost shares of a promotion")
PROBLEMS_OF_PROMOTION: Load[int, list[Problem]] = Load("problems of a promotion")
PROMOTIONS_OF_MEMBER: Load[int, list[PromotionEnrollment]] = Load("promotions of a member")
TIER_CLASS: Load[int, TierClass | None] = Load("tier class")
TIER: Load[int, Tier | None] = Load("tier")
TIER_BY_CODE: Load[tuple[int, str], Tier | None] = Load("tier of a program by code")
TIER_CLASSES_OF_PROGRAM: Load[int, list[TierClass]] = Load("tier classes of a program")
TIERS_OF_CLASS: Load[tuple[int, str], list[Tier]] = Load("tiers of a class")
TIER_REQUEST: Load[int, TierRequest | None] = Load("tier request")
TIER_REQUESTS_OF_MEMBER: Load[int, list[TierRequest]] = Load("tier requests of a member")
MOVES_OF_TIER_REQUEST: Load[int, list[TierRequestMove]] = Load("moves of a tier request")
PARTNER: Load[int, Partner | None] = Load("partner")
POINT_BLOCK: Load[int, PointBlock | None] = Load("point block")
MOVES_OF_BLOCK: Load[int, list[PointBlockMove]] = Load("moves of a point block")
PRICING_RULE: Load[int, PricingRule | None] = Load("pricing rule")
PARTNER_TRANSACTION: Load[int, PartnerTransaction | None] = Load("partner transaction")
REFUND_OF_FEE: Load[int, PartnerTransaction | None] = Load("refund of a fee")
PARTNER_TERMS: Load[tuple[int, int], PartnerTerms | None] = Load("partner terms")
TERMS_OF_PARTNER: Load[int, list[PartnerTerms]] = Load("terms of a partner")
CAMPAIGN: Load[int, Campaign | None] = Load("campaign")
RECORDS_OF_CAMPAIGN: Load[int, list[CampaignRecord]] = Load("moves of a campaign")
DELIVERY: Load[int, Delivery | None] = Load("delivery")
WEBHOOK_ENDPOINT: Load[int, WebhookEndpoint | None] = Load("webhook endpoint")
PARTNER_PROGRAM: Load[int, PartnerProgram | None] = Load("partner program")
APPLICATION: Load[int, Application | None] = Load("application")
MOVES_OF_APPLICATION: Load[int, list[ApplicationRecord]] = Load("moves of an application")
MEMBERSHIP: Load[int, Membership | None] = Load("membership")
MEMBERSHIPS_OF_PARTNER: Load[int, list[Membership]] = Load("memberships of a partner")
MOVES_OF_MEMBERSHIP: Load[int, list[MembershipRecord]] = Load("moves of a membership")
LINES_OF_MEMBERSHIP: Load[int, list[AgreementLine]] = Load("agreement lines of a membership")
ENTITLEMENTS_OF_MEMBERSHIP: Load[int, list[Entitlement]] = Load("entitlements of a membership")
PERSON: Load[int, Person | None] = Load("person")
FAMILIES_OF_MEMBER: Load[int, list[FamilyMembership]] = Load("families of a member")
MERGED_INTO_MEMBER: Load[int, list[Member]] = Load("members merged into a member")
MEMBER: Load[int, Member | None] = Load("member")
LOT: Load[tuple[int, int, int], Lot | None] = Load("lot")
LOTS_OF_TRANSACTION: Load[tuple[int, int], list[Lot]] = Load("lots of a transaction")
USES_OF_TRANSACTION: Load[tuple[int, int], list[LotUse]] = Load("lot uses of a transaction")
USES_OF_LOT: Load[tuple[int, int, int], list[LotUse]] = Load("uses of a lot")
LOAN: Load[int, Loan | None] = Load("loan")
LOANS_OF_MEMBER: Load[int, list[Loan]] = Load("loans of a member")
REPAYMENTS_OF_LOAN: Load[int, list[Transaction]] = Load("repayments of a loan")
MAXIMUM_LOAN: Load[int, MaximumLoan | None] = Load("maximum loan")
MAXIMUM_LOANS_OF_MEMBER: Load[int, list[MaximumLoan]] = Load("maximum loans of a member")
MOVES_OF_MAXIMUM_LOAN: Load[int, list[MaximumLoanMove]] = Load("moves of a maximum loan")
TRANSACTION: Load[int, Transaction | None] = Load("transaction")
REFUNDS_OF_TRANSACTION: Load[int, Refunds] = Load("refunds of a transaction")
DECISIONS_OF_TRANSACTION: Load[int, list[Decision]] = Load("decisions of a transaction")
BATCH_RUN: Load[int, BatchRun | None] = Load("batch run")
APPROVALS_OF_TRANSACTION: Load[int, list[Approval]] = Load("approvals of a transaction")
VOUCHER: Load[int, Voucher | None] = Load("voucher")
VOUCHERS_OF_TRANSACTION: Load[int, list[Voucher]] = Load("vouchers of a transaction")
MOVES_OF_VOUCHER: Load[int, list[VoucherMoved]] = Load("moves of a voucher")
HOLD: Load[int, PointHold | None] = Load("hold")
HOLDS_OF_MEMBER: Load[int, list[PointHold]] = Load("holds of a member")
