"""Partner programs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from domain.store import triggers

revision = "0009"
down_revision = "0008"

FINAL = {
    "membership": ("old.status in ('EXPIRED', 'TERMINATED')", "a membership that has ended never changes"),
    "agreement_line": ("old.status in ('EXPIRED', 'CANCELLED')", "a line that has ended never changes"),
    "entitlement": ("old.ends_on is not null", "an entitlement that has ended never changes"),
    "application": (
        "old.status = 'APPROVED' or (old.status = 'REJECTED' and old.kind = 'NEW')",
        "an application that is decided never changes",
    ),
}


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_index("ix_activity_about", "activity", ["about_type", "about_id"], unique=False)
    op.create_table(
        "partner_program",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("status", _choice("status", "PENDING ACTIVE INACTIVE"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("approval_method", _choice("approval_method", "APPROVE_ALL APPROVAL_LIST MANUAL"), nullable=False),
        sa.Column("membership_months", sa.SmallInteger(), nullable=False),
        sa.Column("renewal_days", sa.SmallInteger(), nullable=False),
        sa.Column("grace_days", sa.SmallInteger(), nullable=False),
        sa.Column("may_apply", _choice("may_apply", "EVERYBODY LISTED"), nullable=False),
        sa.Column("may_renew", _choice("may_renew", "EVERYBODY LISTED"), nullable=False),
        sa.Column("lines", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("entitlements", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("expire_lines_at_end", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_partner_program_dates")),
        sa.CheckConstraint(
            "membership_months > 0 and renewal_days >= 0 and grace_days >= 0", name=op.f("ck_partner_program_lengths")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_partner_program_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_program")),
        sa.UniqueConstraint("code", name=op.f("uq_partner_program_code")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("partner_program_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("status", _choice("status", "APPROVED CURRENT IN_GRACE_PERIOD EXPIRED TERMINATED"), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("renewal_opens_on", sa.Date(), nullable=False),
        sa.Column("renewal_ends_on", sa.Date(), nullable=False),
        sa.Column("renews_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("invited_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(status in ('EXPIRED', 'TERMINATED')) = (closed_on is not null)", name=op.f("ck_membership_closed")
        ),
        sa.CheckConstraint(
            "begins_on <= renewal_opens_on and renewal_opens_on <= ends_on and ends_on <= renewal_ends_on",
            name=op.f("ck_membership_dates"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_membership_partner_id")),
        sa.ForeignKeyConstraint(
            ["partner_program_id"], ["partner_program.id"], name=op.f("fk_membership_partner_program_id")
        ),
        sa.ForeignKeyConstraint(["renews_id"], ["membership.id"], name=op.f("fk_membership_renews_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("renews_id", name=op.f("uq_membership_renews_id")),
    )
    op.create_index("ix_membership_partner_id", "membership", ["partner_id", "id"], unique=False)
    op.create_index(
        "ix_membership_partner_program_id", "membership", ["partner_program_id", "partner_id"], unique=False
    )
    op.create_index(
        "uq_membership_approved",
        "membership",
        ["partner_program_id", "partner_id"],
        unique=True,
        postgresql_where=sa.text("status = 'APPROVED'"),
    )
    op.create_index(
        "uq_membership_live",
        "membership",
        ["partner_program_id", "partner_id"],
        unique=True,
        postgresql_where=sa.text("status in ('CURRENT', 'IN_GRACE_PERIOD')"),
    )
    op.create_table(
        "partner_program_list",
        sa.Column("partner_program_id", sa.BigInteger(), nullable=False),
        sa.Column("list", _choice("list", "MAY_APPLY APPROVED_AUTOMATICALLY MAY_RENEW"), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_program_list_partner_id")),
        sa.ForeignKeyConstraint(
            ["partner_program_id"], ["partner_program.id"], name=op.f("fk_partner_program_list_partner_program_id")
        ),
        sa.PrimaryKeyConstraint("partner_program_id", "list", "partner_id", name=op.f("pk_partner_program_list")),
    )
    op.create_table(
        "agreement_line",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("membership_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("months", sa.SmallInteger(), nullable=True),
        sa.Column("status", _choice("status", "PENDING CURRENT EXPIRED CANCELLED"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_agreement_line_dates")),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_agreement_line_membership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_line")),
        sa.UniqueConstraint("membership_id", "code", name=op.f("uq_agreement_line_membership_id_code")),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("partner_program_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", _choice("kind", "NEW RENEWAL"), nullable=False),
        sa.Column("status", _choice("status", "SAVED SUBMITTED PENDING APPROVED REJECTED"), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("renews_id", sa.BigInteger(), nullable=True),
        sa.Column("membership_id", sa.BigInteger(), nullable=True),
        sa.Column("accepted_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(kind = 'RENEWAL') = (renews_id is not null)", name=op.f("ck_application_renews")),
        sa.CheckConstraint(
            "(status = 'APPROVED') = (membership_id is not null)", name=op.f("ck_application_membership")
        ),
        sa.CheckConstraint("status = 'SAVED' or submitted_at is not null", name=op.f("ck_application_submitted")),
        sa.ForeignKeyConstraint(["accepted_by_id"], ["person.id"], name=op.f("fk_application_accepted_by_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_application_created_by_id")),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_application_membership_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_application_partner_id")),
        sa.ForeignKeyConstraint(
            ["partner_program_id"], ["partner_program.id"], name=op.f("fk_application_partner_program_id")
        ),
        sa.ForeignKeyConstraint(["renews_id"], ["membership.id"], name=op.f("fk_application_renews_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("renews_id", name=op.f("uq_application_renews_id")),
    )
    op.create_index(
        "ix_application_inbox",
        "application",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status in ('SUBMITTED', 'PENDING')"),
    )
    op.create_index("ix_application_partner_id", "application", ["partner_id", "id"], unique=False)
    op.create_index(
        "ix_application_partner_program_id", "application", ["partner_program_id", "partner_id"], unique=False
    )
    op.create_table(
        "entitlement",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("membership_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on - 1", name=op.f("ck_entitlement_dates")),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_entitlement_membership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlement")),
        sa.UniqueConstraint("membership_id", "code", name=op.f("uq_entitlement_membership_id_code")),
    )
    op.create_table(
        "membership_move",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("membership_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("move", _choice("move", "ADD APPROVE_RENEWAL RENEW REMOVE BEGIN ENTER_GRACE EXPIRE"), nullable=False),
        sa.Column(
            "from_status", _choice("from_status", "APPROVED CURRENT IN_GRACE_PERIOD EXPIRED TERMINATED"), nullable=True
        ),
        sa.Column(
            "to_status", _choice("to_status", "APPROVED CURRENT IN_GRACE_PERIOD EXPIRED TERMINATED"), nullable=False
        ),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_membership_move_membership_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_move_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_move")),
    )
    op.create_index(op.f("ix_membership_move_membership_id"), "membership_move", ["membership_id"], unique=False)
    op.create_table(
        "application_move",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("move", _choice("move", "SAVE SUBMIT ACCEPT APPROVE REJECT"), nullable=False),
        sa.Column("from_status", _choice("from_status", "SAVED SUBMITTED PENDING APPROVED REJECTED"), nullable=True),
        sa.Column("to_status", _choice("to_status", "SAVED SUBMITTED PENDING APPROVED REJECTED"), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_move_application_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_application_move_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_move")),
    )
    op.create_index(op.f("ix_application_move_application_id"), "application_move", ["application_id"], unique=False)
    for table in ("application_move", "membership_move"):
        for statement in triggers.append_only(table):
            op.execute(statement)
    for table, (when, rule) in FINAL.items():
        for statement in triggers.final(table, when, rule):
            op.execute(statement)


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("ix_activity_about", table_name="activity")
    op.drop_index(op.f("ix_application_move_application_id"), table_name="application_move")
    op.drop_table("application_move")
    op.drop_index(op.f("ix_membership_move_membership_id"), table_name="membership_move")
    op.drop_table("membership_move")
    op.drop_table("entitlement")
    op.drop_index("ix_application_partner_program_id", table_name="application")
    op.drop_index("ix_application_partner_id", table_name="application")
    op.drop_index(
        "ix_application_inbox", table_name="application", postgresql_where=sa.text("status in ('SUBMITTED', 'PENDING')")
    )
    op.drop_table("application")
    op.drop_table("agreement_line")
    op.drop_table("partner_program_list")
    op.drop_index(
        "uq_membership_live",
        table_name="membership",
        postgresql_where=sa.text("status in ('CURRENT', 'IN_GRACE_PERIOD')"),
    )
    op.drop_index("uq_membership_approved", table_name="membership", postgresql_where=sa.text("status = 'APPROVED'"))
    op.drop_index("ix_membership_partner_program_id", table_name="membership")
    op.drop_index("ix_membership_partner_id", table_name="membership")
    op.drop_table("membership")
    op.drop_table("partner_program")


def _choice(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
