"""Every table, by noun. `metadata` knows them all; migrations must agree with it (a test compares)."""

from domain.store.tables.base import metadata
from domain.store.tables.ledger import balance, decision, lot, lot_extension, lot_use
from domain.store.tables.members import member, member_change, member_identifier
from domain.store.tables.operation import idempotency_key, job
from domain.store.tables.partners import partner, partner_terms
from domain.store.tables.people import person
from domain.store.tables.programs import point_type, product, product_price, program, program_version
from domain.store.tables.promotions import (
    promotion,
    promotion_enrollment,
    promotion_total,
    promotion_usage,
    promotion_version,
)
from domain.store.tables.tiers import member_tier, tier, tier_class, tier_request, tier_request_move
from domain.store.tables.transactions import approval, external_id, queued, transaction

__all__ = [
    "approval",
    "balance",
    "decision",
    "external_id",
    "idempotency_key",
    "job",
    "lot",
    "lot_extension",
    "lot_use",
    "member",
    "member_change",
    "member_identifier",
    "member_tier",
    "metadata",
    "partner",
    "partner_terms",
    "person",
    "point_type",
    "product",
    "product_price",
    "program",
    "program_version",
    "promotion",
    "promotion_enrollment",
    "promotion_total",
    "promotion_usage",
    "promotion_version",
    "queued",
    "tier",
    "tier_class",
    "tier_request",
    "tier_request_move",
    "transaction",
]

APPEND_ONLY = (
    "program_version",
    "promotion_version",
    "promotion_enrollment",
    "member_change",
    "lot_use",
    "lot_extension",
    "decision",
    "approval",
    "tier_request_move",
)
"""Tables whose rows are never changed or removed; besides `lot` and `member_tier`, where a few columns may change."""
