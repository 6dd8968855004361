"""Which tables the database must guard, and how: read by the tests of the triggers and by whoever writes a migration."""

from domain.store.tables import metadata

ERASABLE = {
    "approval": "comment",
    "decision": "body",
    "maximum_loan_move": "comment",
    "member_change": "reason",
    "point_hold": "comment",
    "tier_request_move": "comment",
    "voucher_move": "comment",
}
"""What may be taken away where the member is erased, and only there."""

CHANGING = {
    "approval": ("comment",),
    "decision": ("body",),
    "maximum_loan_move": ("comment",),
    "member_change": ("reason",),
    "tier_request_move": ("comment",),
    "voucher_move": ("comment",),
    "lot": ("remaining", "open", "extended", "reversed"),
    "member_tier": ("ends_on", "open"),
    "point_block": ("status", "remaining", "submit_to_id", "version", "approved_at", "closed_at"),
    "point_hold": ("member_id", "status", "captured", "ended_at", "transaction_id", "comment"),
    "voucher": ("member_id", "status", "reserved_until", "used_by_id"),
}
"""Tables whose rows stay, and the only columns of them that may change."""


def fixed_columns(table: str) -> tuple[str, ...]:
    """All columns of a table but those that may change."""
    return tuple(column.name for column in metadata.tables[table].columns if column.name not in CHANGING[table])
