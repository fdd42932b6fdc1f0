"""What driven rounds taught the plans of an office, and where the usual figures were put in its stead."""

import sqlalchemy as sa
from alembic import op

from postal.store.tables import Instant

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the learned figures, one row a day, and what was pinned back."""
    op.create_table(
        "learned_figures",
        _words("office", 64),
        _words("territory", 64),
        _words("kind", 16),
        sa.Column("worked_on", sa.Date(), nullable=False),
        sa.Column("worked_at", Instant(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office", "territory", "kind", "worked_on"),
    )
    op.create_table(
        "pinned_figures",
        _words("office", 64),
        _words("kind", 16),
        _words("account", 64),
        sa.Column("since", Instant(), nullable=False),
        _words("reason", 256),
        sa.PrimaryKeyConstraint("office", "kind"),
    )


def _words(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)
