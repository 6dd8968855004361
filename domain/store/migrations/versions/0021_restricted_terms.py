"""An index to tell at once whether terms of some partner name the point types that it may give."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_index(
        "ix_partner_terms_restricted",
        "partner_terms",
        ["program_id"],
        unique=False,
        postgresql_where=sa.text("point_types <> '{}'"),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_index(
        "ix_partner_terms_restricted", table_name="partner_terms", postgresql_where=sa.text("point_types <> '{}'")
    )
