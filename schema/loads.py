"""Everything that fields may load in batches, one line each: the key, and what comes back.

A noun adds its lines here and answers them in `resolvers/<noun>.py` with `@loads(...)`; fields use them with `loaded(...)`.
"""

from domain.approvals import Approval
from domain.decisions import Decision
from domain.lots import Lot, LotUse
from domain.members import Member
from domain.partners import Partner, PartnerTerms
from domain.people import Person
from domain.problems import Problem
from domain.programs import PointType, Product, ProductPrice, Program
from domain.promotions import Promotion, PromotionEnrollment
from domain.tier_requests import TierRequest, TierRequestMove
from domain.tiers import Tier, TierClass
from domain.transactions import Transaction
from schema.context import Load

PROGRAM: Load[int, Program | None] = Load("program")
POINT_TYPE: Load[int, PointType | None] = Load("point type")
POINT_TYPES_OF_PROGRAM: Load[int, list[PointType]] = Load("point types of a program")
PRODUCT: Load[int, Product | None] = Load("product")
PRICES_OF_PRODUCT: Load[int, list[ProductPrice]] = Load("prices of a product")
PROMOTION: Load[int, Promotion | None] = Load("promotion")
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
PARTNER_TERMS: Load[tuple[int, int], PartnerTerms | None] = Load("partner terms")
TERMS_OF_PARTNER: Load[int, list[PartnerTerms]] = Load("terms of a partner")
PERSON: Load[int, Person | None] = Load("person")
MEMBER: Load[int, Member | None] = Load("member")
LOT: Load[tuple[int, int, int], Lot | None] = Load("lot")
LOTS_OF_TRANSACTION: Load[tuple[int, int], list[Lot]] = Load("lots of a transaction")
USES_OF_TRANSACTION: Load[tuple[int, int], list[LotUse]] = Load("lot uses of a transaction")
USES_OF_LOT: Load[tuple[int, int, int], list[LotUse]] = Load("uses of a lot")
TRANSACTION: Load[int, Transaction | None] = Load("transaction")
DECISIONS_OF_TRANSACTION: Load[int, list[Decision]] = Load("decisions of a transaction")
APPROVALS_OF_TRANSACTION: Load[int, list[Approval]] = Load("approvals of a transaction")
