"""Every desk has a register: books, and a number for each dossier that it received."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from postal.domain import register
from postal.store.tables import Instant

revision = "0008"
down_revision = "0007"

_EVENT = sa.table(
    "event",
    *(sa.column(name, kind) for name, kind in (("seq", sa.BigInteger()), ("recorded_at", Instant()))),
    *(sa.column(name, sa.String()) for name in ("stream", "kind", "account")),
)
_DOSSIER = sa.table("dossier", *(sa.column(name, sa.String()) for name in ("code", "desk")))
BATCH = 1000


def upgrade() -> None:
    """Make the tables, and number what was received before, in the order in which it was."""
    books = op.create_table(
        "register_book",
        _words("desk", 64),
        *(_number(name) for name in ("year", "serial", "first", "last")),
        _instant("opened_at"),
        sa.Column("closed_at", Instant(), nullable=True),
        _words("closed_by", 64),
        sa.PrimaryKeyConstraint("desk", "year", "serial"),
        sa.CheckConstraint("last >= first - 1", name="ck_register_book_numbers"),
    )
    entries = op.create_table(
        "register_entry",
        _words("desk", 64),
        *(_number(name) for name in ("year", "number", "serial")),
        _words("dossier", 10),
        _words("account", 64),
        _instant("at"),
        sa.PrimaryKeyConstraint("desk", "year", "number"),
        sa.UniqueConstraint("desk", "year", "dossier", name="uq_register_entry_dossier"),
        sa.CheckConstraint("number > 0", name="ck_register_entry_number"),
    )
    op.create_index("ix_register_entry_at", "register_entry", ["desk", "at"])
    op.create_index("ix_register_entry_dossier", "register_entry", ["dossier"])
    _number_what_was_received(books, entries)
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def _number_what_was_received(books: sa.Table, entries: sa.Table) -> None:
    made = list(_lines())
    for start in range(0, len(made), BATCH):
        op.bulk_insert(entries, made[start : start + BATCH])
    opened: dict[tuple[str, int], dict[str, Any]] = {}
    for line in made:
        book = opened.setdefault((line["desk"], line["year"]), _book(line))
        book["last"] = line["number"]
    if opened:
        op.bulk_insert(books, list(opened.values()))


def _lines() -> Iterator[dict[str, Any]]:
    numbers: dict[tuple[str, int], int] = {}
    query = (
        sa.select(_EVENT.c.stream, _EVENT.c.account, _EVENT.c.recorded_at, _DOSSIER.c.desk)
        .join_from(_EVENT, _DOSSIER, _EVENT.c.stream == _DOSSIER.c.code)
        .where(_EVENT.c.kind == "OfficiallyReceived")
        .order_by(_EVENT.c.seq)
    )
    for row in op.get_bind().execute(query):
        key = (row.desk, register.year_of(row.recorded_at))
        numbers[key] = numbers.get(key, 0) + 1
        yield {
            "desk": row.desk,
            "year": key[1],
            "number": numbers[key],
            "serial": 1,
            "dossier": row.stream,
            "account": row.account,
            "at": row.recorded_at,
        }


def _book(line: dict[str, Any]) -> dict[str, Any]:
    key = {"desk": line["desk"], "year": line["year"], "serial": 1}
    return {**key, "first": 1, "last": 1, "opened_at": line["at"], "closed_at": None, "closed_by": ""}


def _guards(dialect: str) -> list[str]:
    """Let nobody change or take away a number, whatever program asks."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER register_entry_no_{verb.lower()} BEFORE {verb} ON register_entry "
            "BEGIN SELECT RAISE(ABORT, 'register_entry is insert-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        (
            "CREATE FUNCTION register_entry_insert_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'register_entry is insert-only'; END $$"
        ),
        (
            "CREATE TRIGGER register_entry_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON register_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION register_entry_insert_only()"
        ),
    ]


def _words(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, Instant(), nullable=False)
