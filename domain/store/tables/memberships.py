"""Partner programs, what partners are and were in them, and what they asked for. What is final is never changed again."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)

from domain.agreements import LineStatus
from domain.applications import ApplicationKind, ApplicationMove, ApplicationStatus
from domain.memberships import MembershipMove, MembershipStatus
from domain.partner_programs import Admission, ApprovalMethod, EligibilityList, PartnerProgramStatus
from domain.store.tables.base import choice, created, document, key, metadata, moment, reference, words

partner_program = Table(
    "partner_program",
    metadata,
    key(),
    words("code"),
    words("name"),
    words("kind"),
    words("time_zone"),
    choice("status", PartnerProgramStatus),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    choice("approval_method", ApprovalMethod),
    Column("membership_months", SmallInteger, nullable=False),
    Column("renewal_days", SmallInteger, nullable=False),
    Column("grace_days", SmallInteger, nullable=False),
    choice("may_apply", Admission),
    choice("may_renew", Admission),
    document("lines"),
    document("entitlements"),
    Column("expire_lines_at_end", Boolean, nullable=False),
    reference("owner_id", "person", optional=True),
    Column("version", Integer, nullable=False),
    created(),
    UniqueConstraint("code"),
    CheckConstraint("ends_on >= starts_on", name="dates"),
    CheckConstraint("membership_months > 0 and renewal_days >= 0 and grace_days >= 0", name="lengths"),
)

partner_program_list = Table(
    "partner_program_list",
    metadata,
    reference("partner_program_id", "partner_program", primary=True),
    Column("list", choice("list", EligibilityList).type, primary_key=True),
    reference("partner_id", "partner", primary=True),
    created(),
)

membership = Table(
    "membership",
    metadata,
    key(),
    reference("partner_program_id", "partner_program"),
    reference("partner_id", "partner"),
    choice("status", MembershipStatus),
    Column("begins_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("renewal_opens_on", Date, nullable=False),
    Column("renewal_ends_on", Date, nullable=False),
    reference("renews_id", "membership", optional=True),
    Column("closed_on", Date),
    Column("invited_on", Date),
    created(),
    UniqueConstraint("renews_id"),
    CheckConstraint(
        "begins_on <= renewal_opens_on and renewal_opens_on <= ends_on and ends_on <= renewal_ends_on", name="dates"
    ),
    CheckConstraint("(status in ('EXPIRED', 'TERMINATED')) = (closed_on is not null)", name="closed"),
    Index("ix_membership_partner_id", "partner_id", "id"),
    Index("ix_membership_partner_program_id", "partner_program_id", "partner_id"),
    Index(
        "uq_membership_live",
        "partner_program_id",
        "partner_id",
        unique=True,
        postgresql_where=text("status in ('CURRENT', 'IN_GRACE_PERIOD')"),
    ),
    Index(
        "uq_membership_approved",
        "partner_program_id",
        "partner_id",
        unique=True,
        postgresql_where=text("status = 'APPROVED'"),
    ),
)

membership_move = Table(
    "membership_move",
    metadata,
    key(),
    reference("membership_id", "membership"),
    reference("person_id", "person", optional=True),
    choice("move", MembershipMove),
    choice("from_status", MembershipStatus, optional=True),
    choice("to_status", MembershipStatus),
    Column("effective_on", Date, nullable=False),
    words("comment", optional=True),
    created(),
    Index(None, "membership_id"),
)

agreement_line = Table(
    "agreement_line",
    metadata,
    key(),
    reference("membership_id", "membership"),
    words("code"),
    words("description"),
    Column("months", SmallInteger),
    choice("status", LineStatus),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    created(),
    UniqueConstraint("membership_id", "code"),
    CheckConstraint("ends_on >= starts_on", name="dates"),
)

entitlement = Table(
    "entitlement",
    metadata,
    key(),
    reference("membership_id", "membership"),
    words("code"),
    words("description"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    created(),
    UniqueConstraint("membership_id", "code"),
    # What ends before it has begun was in force on no day.
    CheckConstraint("ends_on >= starts_on - 1", name="dates"),
)

application = Table(
    "application",
    metadata,
    key(),
    reference("partner_program_id", "partner_program"),
    reference("partner_id", "partner"),
    choice("kind", ApplicationKind),
    choice("status", ApplicationStatus),
    words("note", optional=True),
    document("attributes"),
    reference("renews_id", "membership", optional=True),
    reference("membership_id", "membership", optional=True),
    reference("accepted_by_id", "person", optional=True),
    reference("created_by_id", "person", optional=True),
    moment("submitted_at", optional=True),
    Column("version", Integer, nullable=False),
    created(),
    UniqueConstraint("renews_id"),
    CheckConstraint("(kind = 'RENEWAL') = (renews_id is not null)", name="renews"),
    CheckConstraint("(status = 'APPROVED') = (membership_id is not null)", name="membership"),
    CheckConstraint("status = 'SAVED' or submitted_at is not null", name="submitted"),
    Index("ix_application_partner_id", "partner_id", "id"),
    Index("ix_application_partner_program_id", "partner_program_id", "partner_id"),
    Index("ix_application_inbox", "id", postgresql_where=text("status in ('SUBMITTED', 'PENDING')")),
)

application_move = Table(
    "application_move",
    metadata,
    key(),
    reference("application_id", "application"),
    reference("person_id", "person", optional=True),
    choice("move", ApplicationMove),
    choice("from_status", ApplicationStatus, optional=True),
    choice("to_status", ApplicationStatus),
    words("comment", optional=True),
    created(),
    Index(None, "application_id"),
)
