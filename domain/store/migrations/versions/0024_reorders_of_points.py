"""Reorders of points."""

from alembic import op

revision = "0024"
down_revision = "0023"

MOVES = "FORWARD APPROVE REJECT CARVE CLOSE"


def upgrade() -> None:
    """Let a block begin by a reorder."""
    _allow(f"PURCHASE REORDER {MOVES}")


def downgrade() -> None:
    """Take it away again."""
    _allow(f"PURCHASE {MOVES}")


def _allow(moves: str) -> None:
    op.drop_constraint(op.f("ck_point_block_move_move"), "point_block_move", type_="check")
    listed = ", ".join(f"'{move}'" for move in moves.split())
    op.create_check_constraint(op.f("ck_point_block_move_move"), "point_block_move", f"move in ({listed})")
