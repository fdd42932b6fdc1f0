"""Files may lie outside the database; pages that were scanned wait to become part of a paper."""

import sqlalchemy as sa
from alembic import op

from postal.store.tables import Instant

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the name of what lies outside, and the registers of stacks and their pages."""
    op.add_column("file", sa.Column("blob", sa.String(length=64), nullable=False, server_default=""))
    op.create_index("ix_file_blob", "file", ["blob"])
    op.create_table(
        "stack",
        sa.Column("id", sa.String(length=64), primary_key=True),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
    )
    op.create_table(
        "sheet",
        sa.Column("file", sa.String(length=64), primary_key=True),
        sa.Column("picture", sa.String(length=64), nullable=False),
        sa.Column("stack", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("dossier", sa.String(length=10), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("held", sa.String(length=16), nullable=False),
        sa.Column("begins", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
    )
    op.create_index("ix_sheet_stack", "sheet", ["stack"])
    op.create_index("ix_sheet_dossier", "sheet", ["dossier"])
    op.create_index("ix_sheet_held", "sheet", ["place", "dossier"])
