"""Jobs by kind and program."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make what this revision adds. The next worker makes the jobs anew; all are safe to run twice."""
    op.execute("DELETE FROM job")
    op.add_column("job", sa.Column("kind", sa.Text(), nullable=False))
    op.add_column("job", sa.Column("program_id", sa.BigInteger(), nullable=True))
    op.add_column("job", sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("job", sa.Column("begun", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("job", sa.Column("last_outcome", _choice("last_outcome", "DONE FAILED SKIPPED"), nullable=True))
    op.add_column("job", sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_index(op.f("ix_job_next_run_at"), "job", ["next_run_at"], unique=False)
    op.create_foreign_key(op.f("fk_job_program_id"), "job", "program", ["program_id"], ["id"])
    op.drop_column("job", "every")


def downgrade() -> None:
    """Take it away again."""
    op.execute("DELETE FROM job")
    op.add_column("job", sa.Column("every", postgresql.INTERVAL(), autoincrement=False, nullable=False))
    op.drop_constraint(op.f("fk_job_program_id"), "job", type_="foreignkey")
    op.drop_index(op.f("ix_job_next_run_at"), table_name="job")
    op.drop_column("job", "failures")
    op.drop_column("job", "last_outcome")
    op.drop_column("job", "begun")
    op.drop_column("job", "claimed_until")
    op.drop_column("job", "program_id")
    op.drop_column("job", "kind")


def _choice(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
