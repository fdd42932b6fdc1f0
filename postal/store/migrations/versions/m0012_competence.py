"""Who decides: delegations and what became of units, with dates; names of units by the way they are looked up."""

import sqlalchemy as sa
from alembic import op

from postal.domain import gazetteer

revision = "0012"
down_revision = "0011"

_ROWS = 1000


def upgrade() -> None:
    """Add the tables of delegations and of units' lineage, and the keys by which free text finds a unit's name."""
    for name, owner, length in (("delegation", "authority", 32), ("unit_succession", "unit", 8)):
        op.create_table(
            name,
            sa.Column("code", sa.String(length=32), nullable=False),
            sa.Column(owner, sa.String(length=length), nullable=False),
            sa.Column("state", sa.Text(), nullable=False),
            sa.PrimaryKeyConstraint("code"),
        )
        op.create_index(f"ix_{name}_{owner}", name, [owner])
    with op.batch_alter_table("unit_name") as names:
        for column in ("full_key", "short_key"):
            names.add_column(sa.Column(column, sa.String(length=128), nullable=False, server_default=""))
    _fill()
    for column in ("full_key", "short_key"):
        op.create_index(f"ix_unit_name_{column}", "unit_name", [column])


def _fill() -> None:
    """Give the names that are there already their keys."""
    table = sa.table("unit_name", *(sa.column(name) for name in ("id", "full", "full_key", "short_key")))
    connection = op.get_bind()
    found = connection.execute(sa.select(table.c.id, table.c.full)).all()
    change = sa.update(table).where(table.c.id == sa.bindparam("row"))
    change = change.values(full_key=sa.bindparam("whole"), short_key=sa.bindparam("short"))
    for first in range(0, len(found), _ROWS):
        keys = [
            {"row": row.id, "whole": gazetteer.key_of(row.full), "short": gazetteer.short_key_of(row.full)}
            for row in found[first : first + _ROWS]
        ]
        connection.execute(change, keys)
