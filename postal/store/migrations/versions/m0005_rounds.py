"""Rounds: one run has a thing at a time, and a proposed day waits for whoever accepts it."""

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from postal.store.tables import Instant

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "planned",
        _words("thing", 10),
        _words("run", 10),
        sa.PrimaryKeyConstraint("thing"),
    )
    op.create_index("ix_planned_run", "planned", ["run"])
    op.create_table(
        "proposal",
        _words("id", 32),
        _words("place", 64),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("runs", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_proposal_made_at", "proposal", ["made_at"])
    _speak_for_what_is_planned()


def _speak_for_what_is_planned() -> None:
    """Keep for each run that waits what it was planned with; of two with the same item, the one of the later day."""
    rows = op.get_bind().execute(
        sa.text("SELECT code, state FROM run WHERE run_state = 'planned' ORDER BY day DESC, code")
    )
    planned: dict[str, str] = {}
    for code, state in rows:
        for item in _items(state):
            planned.setdefault(item, code)
    table = sa.table("planned", sa.column("thing", sa.String), sa.column("run", sa.String))
    op.bulk_insert(table, [{"thing": thing, "run": run} for thing, run in sorted(planned.items())])


def _items(state: str) -> Iterator[str]:
    for stop in json.loads(state)["stops"]:
        yield from stop["items"]


def _words(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)
