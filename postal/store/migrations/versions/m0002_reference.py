"""Reference data: units and their names, places, lanes, rounds, procedures, calendars."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of reference data."""
    _units()
    _places()
    op.create_table(
        "procedure",
        _words("code", 32),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("short_names", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "version"),
    )
    op.create_table(
        "calendar",
        _words("key", 32),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _units() -> None:
    op.create_table(
        "unit",
        _words("era", 8),
        _words("code", 8),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        _words("level", 16),
        _words("province_code", 8),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("era", "code", "serial"),
    )
    op.create_index("ix_unit_province", "unit", ["era", "level", "province_code"])
    op.create_table(
        "unit_name",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        _words("commune", 8),
        _words("province_code", 8),
        sa.Column("is_old", sa.Boolean(), nullable=False),
        _words("short", 128),
        _words("full", 128),
        _words("folded", 512),
        _words("label", 256),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_unit_name_commune", "unit_name", ["commune"])


def _places() -> None:
    op.create_table(
        "place",
        _words("code", 32),
        _words("kind", 16),
        _words("unit", 8),
        _words("province_code", 8),
        _words("folded", 512),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index("ix_place_province", "place", ["province_code", "kind"])
    op.create_index("ix_place_unit", "place", ["unit"])
    op.create_table(
        "lane",
        _words("code", 64),
        _words("origin", 32),
        _words("destination", 32),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index("ix_lane_ends", "lane", ["origin", "destination"])
    op.create_table(
        "territory",
        _words("code", 32),
        _words("office", 32),
        _words("postman", 64),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index("ix_territory_office", "territory", ["office"])
    op.create_index("ix_territory_postman", "territory", ["postman"])


def _words(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)
