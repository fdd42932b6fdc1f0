"""The coordinator's board: the steps by which a proposal is changed."""

import sqlalchemy as sa
from alembic import op

from postal.store.tables import Instant

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the steps of a proposal, and how many there are."""
    op.create_table(
        "proposal_step",
        sa.Column("proposal", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("proposal", "number"),
    )
    with op.batch_alter_table("proposal") as proposals:
        proposals.add_column(sa.Column("steps", sa.Integer(), nullable=False, server_default="0"))
