"""Merges."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make what this revision adds."""
    op.add_column("member", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.add_column("member", sa.Column("absorbed", postgresql.ARRAY(sa.BigInteger()), nullable=True))
    op.create_index(
        "ix_member_merged_into_id",
        "member",
        ["merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id is not null"),
    )
    op.create_check_constraint(op.f("ck_member_merged"), "member", "(status = 'MERGED') = (merged_into_id is not null)")
    _reasons("THRESHOLD", "PROMOTION", "REQUEST", "RENEWAL", "DOWNGRADE", "MERGE")


def downgrade() -> None:
    """Take it away again."""
    _reasons("THRESHOLD", "PROMOTION", "REQUEST", "RENEWAL", "DOWNGRADE")
    op.drop_constraint(op.f("ck_member_merged"), "member", type_="check")
    op.drop_index(
        "ix_member_merged_into_id", table_name="member", postgresql_where=sa.text("merged_into_id is not null")
    )
    op.drop_column("member", "absorbed")
    op.drop_column("member", "merged_into_id")


def _reasons(*values: str) -> None:
    """Why a tier may begin."""
    listed = ", ".join(f"'{each}'" for each in values)
    op.drop_constraint(op.f("ck_member_tier_reason"), "member_tier", type_="check")
    op.create_check_constraint(op.f("ck_member_tier_reason"), "member_tier", f"reason in ({listed})")
