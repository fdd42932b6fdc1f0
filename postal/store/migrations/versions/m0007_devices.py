"""Devices prove themselves; what they did waits with its last answer; a controller settles what was kept aside."""

import sqlalchemy as sa
from alembic import op

from postal.store.tables import Instant

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add what proves a device, the tries of what it did, and how a line kept aside was settled."""
    op.add_column("device", sa.Column("digest", sa.LargeBinary(length=32), nullable=True))
    with op.batch_alter_table("device_entry") as entry:
        for name in ("claimed_at", "sent_at", "tried_at", "settled_at"):
            entry.add_column(sa.Column(name, Instant(), nullable=True))
        for name, length in (("incident", 10), ("settled_by", 64), ("note", 32)):
            entry.add_column(sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
        entry.add_column(sa.Column("why", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("quarantine") as quarantine:
        quarantine.add_column(sa.Column("state", sa.String(length=16), nullable=False, server_default="open"))
        for name in ("sent_at", "settled_at"):
            quarantine.add_column(sa.Column(name, Instant(), nullable=True))
        for name, length in (("settled_by", 64), ("note", 32)):
            quarantine.add_column(sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    op.create_index("ix_quarantine_open", "quarantine", ["place", "state"])
