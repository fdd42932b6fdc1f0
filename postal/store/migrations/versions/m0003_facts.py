"""Facts from devices: their count and fingerprint beside the event, and what was sent that nobody could take."""

import sqlalchemy as sa
from alembic import op

from postal.store.tables import Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add two columns to the ledger, empty for everything recorded before, and make the quarantine."""
    op.add_column("event", sa.Column("device_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
    op.add_column("event", sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=True))
    op.create_table(
        "quarantine",
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint"),
    )
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quarantine_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quarantine_place"), ["place"], unique=False)
