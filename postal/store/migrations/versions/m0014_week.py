"""What is put off to another day, and the weeks that were proposed."""

import sqlalchemy as sa
from alembic import op

from postal.store.tables import Instant

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the days things are put off to, each change a row of its own, and the proposed weeks."""
    op.create_table(
        "put_off",
        sa.Column("thing", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("put_by", sa.String(length=64), nullable=False),
        sa.Column("put_at", Instant(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("thing", "number"),
    )
    op.create_table(
        "week_plan",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("accepted_by", sa.String(length=64), nullable=False),
        sa.Column("accepted_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_week_plan_made_at", "week_plan", ["made_at"])
