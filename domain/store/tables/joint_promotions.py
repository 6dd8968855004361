"""Joint promotions: where the talks about each stand, who must agree, and every move and note."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Table, UniqueConstraint

from domain.joint_promotions import JointMove, JointStatus
from domain.store.tables.base import choice, created, key, metadata, moment, reference, words

joint_promotion = Table(
    "joint_promotion",
    metadata,
    reference("promotion_id", "promotion", primary=True),
    reference("program_id", "program"),
    choice("status", JointStatus),
    reference("drafted_by_partner_id", "partner", optional=True),
    Column("version", Integer),
    moment("proposed_at", optional=True),
    created(),
    CheckConstraint("status = 'DRAFT' or proposed_at is not null and version is not null", name="proposed"),
    Index(None, "program_id"),
    Index(None, "drafted_by_partner_id"),
)

joint_promotion_side = Table(
    "joint_promotion_side",
    metadata,
    key(),
    reference("promotion_id", "promotion"),
    reference("partner_id", "partner", optional=True),
    Column("agrees", Boolean),
    reference("person_id", "person", optional=True),
    moment("answered_at", optional=True),
    UniqueConstraint("promotion_id", "partner_id", postgresql_nulls_not_distinct=True),
    CheckConstraint("(agrees is null) = (answered_at is null)", name="answered"),
    Index(None, "partner_id"),
)

joint_promotion_move = Table(
    "joint_promotion_move",
    metadata,
    key(),
    reference("promotion_id", "promotion"),
    reference("person_id", "person", optional=True),
    reference("partner_id", "partner", optional=True),
    choice("move", JointMove),
    choice("from_status", JointStatus, optional=True),
    choice("to_status", JointStatus),
    Column("version", Integer, nullable=False),
    words("comment", optional=True),
    created(),
    Index(None, "promotion_id"),
)
