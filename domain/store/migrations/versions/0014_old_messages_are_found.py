"""Old messages are found."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_index("ix_outbox_created_at", "outbox", ["created_at"], unique=False, postgresql_using="brin")


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("ix_outbox_created_at", table_name="outbox", postgresql_using="brin")
