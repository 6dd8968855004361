"""Every table, by noun. `metadata` knows them all; migrations must agree with it (a test compares)."""

from domain.store.tables.activities import activity
from domain.store.tables.api_keys import api_key
from domain.store.tables.base import metadata
from domain.store.tables.blocks import (
    billing_entry,
    block_debit,
    partner_statement,
    partner_transaction,
    point_block,
    point_block_move,
)
from domain.store.tables.campaigns import campaign, campaign_member, campaign_move
from domain.store.tables.deliveries import expiry_warning, outbox, webhook_endpoint
from domain.store.tables.families import family_membership
from domain.store.tables.holds import point_hold, point_hold_lot
from domain.store.tables.joint_promotions import joint_promotion, joint_promotion_move, joint_promotion_side
from domain.store.tables.ledger import balance, decision, lot, lot_extension, lot_reversal, lot_use
from domain.store.tables.loans import loan, maximum_loan, maximum_loan_move, unconsidered_accrual
from domain.store.tables.members import member, member_change, member_identifier
from domain.store.tables.memberships import (
    agreement_line,
    application,
    application_move,
    entitlement,
    membership,
    membership_move,
    partner_program,
    partner_program_list,
)
from domain.store.tables.operation import batch_count, batch_rejection, batch_run, idempotency_key, job, requeue
from domain.store.tables.partners import (
    billing_rate,
    partner,
    partner_terms,
    pricing_range,
    pricing_rule,
    terms_conversion,
)
from domain.store.tables.people import person
from domain.store.tables.programs import point_type, product, product_price, program, program_version
from domain.store.tables.promotions import (
    promotion,
    promotion_enrollment,
    promotion_payout,
    promotion_settlement,
    promotion_total,
    promotion_usage,
    promotion_version,
)
from domain.store.tables.seals import seal, seal_part
from domain.store.tables.tiers import member_tier, tier, tier_class, tier_request, tier_request_move
from domain.store.tables.transactions import approval, external_id, queued, transaction
from domain.store.tables.vouchers import voucher, voucher_move

__all__ = [
    "activity",
    "agreement_line",
    "api_key",
    "application",
    "application_move",
    "approval",
    "balance",
    "batch_count",
    "batch_rejection",
    "batch_run",
    "billing_entry",
    "billing_rate",
    "block_debit",
    "campaign",
    "campaign_member",
    "campaign_move",
    "decision",
    "entitlement",
    "expiry_warning",
    "external_id",
    "family_membership",
    "idempotency_key",
    "job",
    "joint_promotion",
    "joint_promotion_move",
    "joint_promotion_side",
    "loan",
    "lot",
    "lot_extension",
    "lot_reversal",
    "lot_use",
    "maximum_loan",
    "maximum_loan_move",
    "member",
    "member_change",
    "member_identifier",
    "member_tier",
    "membership",
    "membership_move",
    "metadata",
    "outbox",
    "partner",
    "partner_program",
    "partner_program_list",
    "partner_statement",
    "partner_terms",
    "partner_transaction",
    "person",
    "point_block",
    "point_block_move",
    "point_hold",
    "point_hold_lot",
    "point_type",
    "pricing_range",
    "pricing_rule",
    "product",
    "product_price",
    "program",
    "program_version",
    "promotion",
    "promotion_enrollment",
    "promotion_payout",
    "promotion_settlement",
    "promotion_total",
    "promotion_usage",
    "promotion_version",
    "queued",
    "requeue",
    "seal",
    "seal_part",
    "terms_conversion",
    "tier",
    "tier_class",
    "tier_request",
    "tier_request_move",
    "transaction",
    "unconsidered_accrual",
    "voucher",
    "voucher_move",
    "webhook_endpoint",
]

APPEND_ONLY = (
    "program_version",
    "promotion_version",
    "promotion_enrollment",
    "promotion_payout",
    "promotion_settlement",
    "lot_use",
    "lot_extension",
    "lot_reversal",
    "requeue",
    "application_move",
    "membership_move",
    "point_hold_lot",
    "point_block_move",
    "partner_transaction",
    "block_debit",
    "billing_entry",
    "partner_statement",
    "joint_promotion_move",
    "seal",
    "seal_part",
    "campaign_move",
    "campaign_member",
)
"""Tables whose rows are never changed or removed; besides those of which a few columns may change."""
