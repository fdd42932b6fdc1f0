"""The way back: money from hand to hand with its books, home pickups, doors that deliveries taught, channels."""

import sqlalchemy as sa
from alembic import op

from postal.store.tables import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables of the way back. What they say of the past is folded again afterwards (`refolding`)."""
    _cash()
    _home_pickups()
    _books()
    op.create_table(
        "address_point",
        sa.Column("lookup", sa.LargeBinary(length=32), nullable=False),
        _words("commune", 8),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("learnt_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("lookup"),
    )
    op.create_index("ix_address_point_commune", "address_point", ["commune"])
    _notices()


def _cash() -> None:
    op.create_table(
        "cash",
        _words("code", 64),
        sa.Column("version", sa.Integer(), nullable=False),
        _words("cash_state", 16),
        _words("giver_key", 64),
        _words("giver_place", 64),
        _words("receiver_key", 64),
        _words("receiver_place", 64),
        _words("run", 10),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    for column in ("giver_key", "giver_place", "receiver_key", "receiver_place", "at"):
        op.create_index(f"ix_cash_{column}", "cash", [column])


def _home_pickups() -> None:
    op.create_table(
        "home_pickup",
        _words("code", 10),
        sa.Column("version", sa.Integer(), nullable=False),
        _words("pickup_state", 16),
        _words("dossier", 10),
        _words("office", 64),
        _words("commune", 8),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index("ix_home_pickup_dossier", "home_pickup", ["dossier"])
    op.create_index("ix_home_pickup_office_day", "home_pickup", ["office", "day"])


def _books() -> None:
    op.create_table(
        "posting",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        _words("account", 80),
        _words("ledger", 8),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        _words("dossier", 10),
        _words("stream", 64),
        sa.Column("version", sa.Integer(), nullable=False),
        _words("place", 64),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    for name, columns in (("account", ["account", "ledger"]), ("event", ["stream", "version"])):
        op.create_index(f"ix_posting_{name}", "posting", columns)
    for column in ("dossier", "place", "at"):
        op.create_index(f"ix_posting_{column}", "posting", [column])
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def _guards(dialect: str) -> list[str]:
    """Let nobody edit the books, whatever program asks."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER posting_no_{verb.lower()} BEFORE {verb} ON posting "
            "BEGIN SELECT RAISE(ABORT, 'posting is insert-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        (
            "CREATE FUNCTION posting_insert_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'posting is insert-only'; END $$"
        ),
        (
            "CREATE TRIGGER posting_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON posting "
            "FOR EACH STATEMENT EXECUTE FUNCTION posting_insert_only()"
        ),
    ]


def _notices() -> None:
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel", sa.String(length=8), nullable=False, server_default="sms"))
        batch_op.add_column(sa.Column("about", sa.String(length=10), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("owed_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("trouble", sa.String(length=128), nullable=False, server_default=""))
        batch_op.drop_constraint("uq_notice_fact", type_="unique")
        batch_op.create_unique_constraint("uq_notice_fact", ["dossier", "fact", "channel"])


def _words(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)
