"""The catalogue is announced, amended and abolished; it can be filtered, drafted, and imported in steps."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from postal.store.tables import Instant

revision = "0010"
down_revision = "0009"

_RENAMED = {"in_force": "published", "repealed": "abolished"}
_FILTERS = (("field", 512), ("level", 256), ("status", 16), ("carriable", 8), ("boundary", 16))
_CARRIABLE = {True: "yes", False: "no", None: ""}


def upgrade() -> None:
    """Add what is filtered by, call the states of a version by their new names, and make room for drafts and files."""
    for name, length in _FILTERS:
        op.add_column("procedure", sa.Column(name, sa.String(length), nullable=False, server_default=""))
    _rewrite_versions(op.get_bind())
    for name, _ in _FILTERS:
        op.create_index(f"ix_procedure_{name}", "procedure", [name])
    _drafts()
    _uploads()


def _rewrite_versions(connection: sa.Connection) -> None:
    table = sa.table("procedure", *map(sa.column, ("code", "version", "state", *(name for name, _ in _FILTERS))))
    same = sa.and_(table.c.code == sa.bindparam("of_code"), table.c.version == sa.bindparam("of_version"))
    rows = [
        {"of_code": row.code, "of_version": row.version, **_rewritten(json.loads(row.state))}
        for row in connection.execute(sa.select(table.c.code, table.c.version, table.c.state))
    ]
    if rows:
        fields: dict[str, Any] = {
            name: sa.bindparam(f"new_{name}") for name in ("state", *(name for name, _ in _FILTERS))
        }
        connection.execute(sa.update(table).where(same).values(**fields), rows)


def _rewritten(state: dict[str, Any]) -> dict[str, str]:
    status = _RENAMED.get(state["status"], state["status"])
    return {
        "new_state": json.dumps({**state, "status": status}, ensure_ascii=False, separators=(",", ":")),
        "new_field": state["field"][:512],
        "new_level": state["level"][:256],
        "new_status": status,
        "new_carriable": _CARRIABLE[state["carriable"]],
        "new_boundary": state.get("boundary") or "",
    }


def _drafts() -> None:
    op.create_table(
        "procedure_draft",
        _words("id", 16),
        _words("code", 32),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        _words("decided", 16),
        _words("drafted_by", 64),
        sa.Column("drafted_at", Instant(), nullable=False),
        _words("decided_by", 64),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("published_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_procedure_draft_code", "procedure_draft", ["code"])
    op.create_index("ix_procedure_draft_decided", "procedure_draft", ["decided"])


def _uploads() -> None:
    op.create_table(
        "catalogue_upload",
        _words("id", 16),
        _words("name", 256),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _words("sent_by", 64),
        sa.Column("sent_at", Instant(), nullable=False),
        _words("applied_by", 64),
        sa.Column("applied_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_catalogue_upload_sent_at", "catalogue_upload", ["sent_at"])


def _words(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)
