"""Bags, trips and incidents; devices with what they did offline, their blank codes; how offices receive bags."""

import sqlalchemy as sa
from alembic import op

from postal.store.tables import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables; an item may lie in a bag, and a device may say which events it knew."""
    with op.batch_alter_table("item") as item:
        item.add_column(sa.Column("bag", sa.String(length=10), nullable=False, server_default=""))
        item.drop_constraint("ck_item_custody", type_="check")
        item.create_check_constraint("ck_item_custody", "custody IN ('held','offered','bagged','delivered','voided')")
    op.create_index("ix_item_bag", "item", ["bag"])
    op.add_column("event", sa.Column("parents", sa.LargeBinary(), nullable=True))
    _bags()
    _incidents()
    _devices()
    op.create_table(
        "place_policy",
        *(_words(name, length) for name, length in (("place", 64), ("name", 32), ("value", 32), ("basis", 256))),
        _instant("since"),
        _words("account", 64),
        sa.PrimaryKeyConstraint("place", "name"),
    )


def _bags() -> None:
    op.create_table(
        "bag",
        _words("code", 10),
        _version(),
        _words("bag_state", 16),
        _words("custodian_key", 64),
        _words("custodian_place", 64),
        _words("offered_to", 64),
        _words("origin", 64),
        _words("destination", 64),
        _words("seal", 32),
        _instant("last_at"),
        _state(),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index("ix_bag_holder", "bag", ["custodian_key", "bag_state"])
    for column in ("custodian_place", "offered_to", "origin", "destination"):
        op.create_index(f"ix_bag_{column}", "bag", [column])
    op.create_table(
        "dispatch",
        _words("code", 10),
        _version(),
        _words("dispatch_state", 16),
        _words("origin", 64),
        _words("destination", 64),
        _instant("made_at"),
        _state(),
        sa.PrimaryKeyConstraint("code"),
    )
    for column in ("origin", "destination", "made_at"):
        op.create_index(f"ix_dispatch_{column}", "dispatch", [column])


def _incidents() -> None:
    op.create_table(
        "incident",
        _words("code", 10),
        _version(),
        _words("incident_state", 16),
        _words("kind", 32),
        _words("about", 10),
        _words("bag", 10),
        _words("owner", 64),
        _words("other", 64),
        _words("fact", 32),
        _instant("due_at"),
        _state(),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index("ix_incident_owner", "incident", ["owner", "incident_state"])
    for column in ("about", "bag", "other", "due_at"):
        op.create_index(f"ix_incident_{column}", "incident", [column])


def _devices() -> None:
    op.create_table(
        "device",
        *(_words(name, length) for name, length in (("code", 10), ("kind", 16), ("place", 64), ("account", 64))),
        _words("name", 128),
        _instant("enrolled_at"),
        _words("enrolled_by", 64),
        _instant("revoked_at", is_known=False),
        _words("revoked_by", 64),
        _instant("seen_at", is_known=False),
        sa.PrimaryKeyConstraint("code"),
    )
    for column in ("place", "account"):
        op.create_index(f"ix_device_{column}", "device", [column])
    _entries()
    op.create_table(
        "blank_code",
        *(_words(name, 10) for name in ("code", "item")),
        _words("device", 64),
        _instant("issued_at"),
        _instant("bound_at", is_known=False),
        sa.PrimaryKeyConstraint("code"),
    )
    for column in ("item", "device"):
        op.create_index(f"ix_blank_code_{column}", "blank_code", [column])


def _entries() -> None:
    op.create_table(
        "device_entry",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        _words("device", 64),
        sa.Column("device_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *(_words(name, length) for name, length in (("account", 64), ("place", 64), ("kind", 32), ("subject", 10))),
        _instant("occurred_at"),
        _instant("recorded_at"),
        _words("state", 16),
        _words("outcome", 128),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_device_entry_waiting", "device_entry", ["state", "device", "device_seq"])
    for column in ("account", "place", "subject", "recorded_at"):
        op.create_index(f"ix_device_entry_{column}", "device_entry", [column])


def _words(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer(), nullable=False)


def _state() -> sa.Column[str]:
    return sa.Column("state", sa.Text(), nullable=False)


def _instant(name: str, *, is_known: bool = True) -> sa.Column[object]:
    return sa.Column(name, Instant(), nullable=not is_known)
