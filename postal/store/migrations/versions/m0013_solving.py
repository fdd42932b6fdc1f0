"""Plans that are worked out in a process of their own: who asked, how far it has come, what came of it."""

import sqlalchemy as sa
from alembic import op

from postal.store.tables import Instant

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the table of solving; `improves` keeps two from improving one proposal at a time."""
    op.create_table(
        "solving",
        _words("id", 32),
        _words("proposal", 32),
        _words("improves", 32, nullable=True),
        _words("stage", 16),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        _words("worker", 64),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("beat_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        _words("fate", 16),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("improves", name="uq_solving_improves"),
    )
    op.create_index("ix_solving_proposal", "solving", ["proposal"])
    op.create_index("ix_solving_stage", "solving", ["stage"])


def _words(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)
