"""Campaigns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from domain.store import triggers

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "campaign",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", _choice("status", "DRAFT PROPOSED AGREED RUNNING DONE CANCELLED"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("promotions", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("audience", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("partner_message", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("partner_owner_id", sa.BigInteger(), nullable=True),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("reached_member_id", sa.BigInteger(), nullable=False),
        sa.Column("reached_all_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_campaign_dates")),
        sa.CheckConstraint("told between 0 and reached", name=op.f("ck_campaign_reached")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_campaign_owner_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_campaign_partner_id")),
        sa.ForeignKeyConstraint(["partner_owner_id"], ["person.id"], name=op.f("fk_campaign_partner_owner_id")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_campaign_program_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("program_id", "code", name=op.f("uq_campaign_program_id_code")),
    )
    op.create_index(
        "ix_campaign_due",
        "campaign",
        ["program_id"],
        unique=False,
        postgresql_where=sa.text("status in ('AGREED', 'RUNNING')"),
    )
    op.create_index(op.f("ix_campaign_partner_id"), "campaign", ["partner_id"], unique=False)
    op.create_table(
        "campaign_member",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_member_campaign_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_campaign_member_member_id")),
        sa.PrimaryKeyConstraint("campaign_id", "member_id", name=op.f("pk_campaign_member")),
    )
    op.create_index(op.f("ix_campaign_member_member_id"), "campaign_member", ["member_id"], unique=False)
    op.create_table(
        "campaign_move",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column("move", _choice("move", "CREATE EDIT EDIT_SIDE PROPOSE AGREE START END CANCEL NOTE"), nullable=False),
        sa.Column("from_status", _choice("from_status", "DRAFT PROPOSED AGREED RUNNING DONE CANCELLED"), nullable=True),
        sa.Column("to_status", _choice("to_status", "DRAFT PROPOSED AGREED RUNNING DONE CANCELLED"), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_move_campaign_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_campaign_move_partner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_campaign_move_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_move")),
    )
    op.create_index(op.f("ix_campaign_move_campaign_id"), "campaign_move", ["campaign_id"], unique=False)
    for table in ("campaign_member", "campaign_move"):
        for statement in triggers.append_only(table):
            op.execute(statement)


def downgrade() -> None:
    """Take it away again."""
    op.drop_index(op.f("ix_campaign_move_campaign_id"), table_name="campaign_move")
    op.drop_table("campaign_move")
    op.drop_index(op.f("ix_campaign_member_member_id"), table_name="campaign_member")
    op.drop_table("campaign_member")
    op.drop_index(op.f("ix_campaign_partner_id"), table_name="campaign")
    op.drop_index("ix_campaign_due", table_name="campaign", postgresql_where=sa.text("status in ('AGREED', 'RUNNING')"))
    op.drop_table("campaign")


def _choice(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
