"""The ledger, its current states, sealed registers, accounts."""

import sqlalchemy as sa
from alembic import op

from postal.store.tables import Instant

revision = "0001"
down_revision = None


def upgrade() -> None:  # noqa: PLR0915 - one statement a table
    """Make the first tables and guard the ledger."""
    op.create_table(
        "account",
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("roles", sa.String(length=256), nullable=False),
        sa.Column("entitled", sa.String(length=512), nullable=False),
        sa.Column("password_hash", sa.String(length=256), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("username"),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_place"), ["place"], unique=False)

    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.String(length=256), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_account"), ["account"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_subject"), ["subject"], unique=False)

    op.create_table(
        "dossier",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("procedure", sa.String(length=32), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("official_code", sa.String(length=48), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dossier_department"), ["department"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_desk"), ["desk"], unique=False)
        batch_op.create_index("ix_dossier_office_opened", ["office", "opened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_official_code"), ["official_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_opened_at"), ["opened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_status"), ["status"], unique=False)

    op.create_table(
        "event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("stream", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("family", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.CheckConstraint("version > 0", name="ck_event_version"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id", name="uq_event_id"),
        sa.UniqueConstraint("stream", "version", name="uq_event_stream_version"),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_recorded_at"), ["recorded_at"], unique=False)

    op.create_table(
        "file",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("dossier", sa.String(length=10), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_file_dossier"), ["dossier"], unique=False)

    op.create_table(
        "handover",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("record_state", sa.String(length=16), nullable=False),
        sa.Column("giver_key", sa.String(length=64), nullable=False),
        sa.Column("giver_place", sa.String(length=64), nullable=False),
        sa.Column("receiver_key", sa.String(length=64), nullable=False),
        sa.Column("receiver_place", sa.String(length=64), nullable=False),
        sa.Column("offered_at", Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_giver_key"), ["giver_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_handover_giver_place"), ["giver_place"], unique=False)
        batch_op.create_index(batch_op.f("ix_handover_offered_at"), ["offered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_handover_receiver_key"), ["receiver_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_handover_receiver_place"), ["receiver_place"], unique=False)

    op.create_table(
        "item",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("dossier", sa.String(length=10), nullable=False),
        sa.Column("custody", sa.String(length=16), nullable=False),
        sa.Column("custodian_key", sa.String(length=64), nullable=False),
        sa.Column("custodian_place", sa.String(length=64), nullable=False),
        sa.Column("offered_to", sa.String(length=64), nullable=False),
        sa.Column("destination", sa.String(length=64), nullable=False),
        sa.Column("trouble", sa.String(length=16), nullable=False),
        sa.Column("postal_number", sa.String(length=16), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("custody IN ('held','offered','delivered','voided')", name="ck_item_custody"),
        sa.PrimaryKeyConstraint("code"),
    )
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_custodian_place"), ["custodian_place"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_destination"), ["destination"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_dossier"), ["dossier"], unique=False)
        batch_op.create_index("ix_item_holder", ["custodian_key", "custody"], unique=False)
        batch_op.create_index("ix_item_offered_to", ["offered_to"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_postal_number"), ["postal_number"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("dossier", sa.String(length=10), nullable=False),
        sa.Column("fact", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("dossier", "fact", name="uq_notice_fact"),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_due", ["state", "next_try_at"], unique=False)

    op.create_table(
        "person",
        sa.Column("dossier", sa.String(length=10), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("identity_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name_index", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("dossier", "part"),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_identity_index"), ["identity_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_name_index"), ["name_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_phone_index"), ["phone_index"], unique=False)

    op.create_table(
        "position",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    with op.batch_alter_table("position", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_position_holder"), ["holder"], unique=False)

    op.create_table(
        "receipt",
        sa.Column("lookup", sa.LargeBinary(length=32), nullable=False),
        sa.Column("dossier", sa.String(length=10), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("lookup"),
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipt_dossier"), ["dossier"], unique=False)

    op.create_table(
        "request",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "run",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("run_state", sa.String(length=16), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("territory", sa.String(length=64), nullable=False),
        sa.Column("postman", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_office"), ["office"], unique=False)
        batch_op.create_index("ix_run_postman_day", ["postman", "day"], unique=False)

    op.create_table(
        "secret_text",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("dossier", sa.String(length=10), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("secret_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_secret_text_dossier"), ["dossier"], unique=False)

    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_account"), ["account"], unique=False)

    _guard_insert_only()


_INSERT_ONLY = ("event", "audit")


def _guard_insert_only() -> None:
    """Let nobody edit or delete what was recorded, whatever program asks."""
    for table in _INSERT_ONLY:
        for statement in _guards(table, op.get_bind().dialect.name):
            op.execute(statement)


def _guards(table: str, dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    function = f"{table}_insert_only"
    return [
        (
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is insert-only'; END $$"
        ),
        (
            f"CREATE TRIGGER {function} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        ),
    ]
