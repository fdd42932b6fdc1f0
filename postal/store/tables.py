"""The tables. Private to the store and to queries. Rules live in the domain; facts that must hold are constraints."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Refuse a naive time: nobody could tell when it was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give the zone back where the database forgot it."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def table_of(row: type[SQLModel]) -> Table:
    """Return the table behind a row class."""
    table: Table = getattr(row, "__table__")  # noqa: B009 - SQLModel sets it, its type does not say so
    return table


def _key(length: int = 64) -> Any:
    return Field(sa_column=Column(String(length), primary_key=True))


def _text(length: int = 64, *, index: bool = False) -> Any:
    return Field(sa_column=Column(String(length), nullable=False, default="", index=index))


def _long() -> Any:
    return Field(sa_column=Column(Text, nullable=False))


def _sealed() -> Any:
    return Field(sa_column=Column(LargeBinary, nullable=False))


def _instant(*, index: bool = False) -> Any:
    return Field(sa_column=Column(Instant, nullable=False, index=index))


def _instant_or_none() -> Any:
    return Field(default=None, sa_column=Column(Instant, nullable=True))


def _big() -> Any:
    return BigInteger().with_variant(Integer, "sqlite")


# --- the ledger -------------------------------------------------------------------------------------------------------


class EventRow(SQLModel, table=True):
    """What happened. Insert-only, also by trigger. `seq` is the order of arrival on this machine and may have gaps.

    `device_seq` and `fingerprint` are set for what a device sent: its own count, and a keyed digest of what it wrote.
    `parents` are the numbers of the events it knew, 16 bytes each, one after the other; None where it did not say.
    """

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("stream", "version", name="uq_event_stream_version"),
        UniqueConstraint("id", name="uq_event_id"),
        CheckConstraint("version > 0", name="ck_event_version"),
    )

    seq: int | None = Field(default=None, sa_column=Column(_big(), primary_key=True, autoincrement=True))
    id: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    stream: str = Field(sa_column=Column(String(64), nullable=False))
    version: int
    family: str = _text(16)
    kind: str = _text(32, index=True)
    data: str = _long()
    occurred_at: datetime = _instant()
    recorded_at: datetime = _instant(index=True)
    account: str = _text()
    place: str = _text()
    device: str = _text()
    device_seq: int | None = Field(default=None, sa_column=Column(_big(), nullable=True))
    fingerprint: bytes | None = Field(default=None, sa_column=Column(LargeBinary(32), nullable=True))
    parents: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class ItemRow(SQLModel, table=True):
    """An item as its events left it; `state` is the whole of it, the other columns are there to search by."""

    __tablename__ = "item"
    __table_args__ = (
        Index("ix_item_holder", "custodian_key", "custody"),
        Index("ix_item_offered_to", "offered_to"),
        CheckConstraint("custody IN ('held','offered','bagged','delivered','voided')", name="ck_item_custody"),
    )

    code: str = _key(10)
    version: int
    kind: str = _text(16)
    dossier: str = _text(10, index=True)
    custody: str = _text(16)
    custodian_key: str = _text()
    custodian_place: str = _text(index=True)
    offered_to: str = _text()
    destination: str = _text(index=True)
    trouble: str = _text(16)
    bag: str = _text(10, index=True)
    postal_number: str = _text(16, index=True)
    last_at: datetime = _instant()
    state: str = _long()


class BagRow(SQLModel, table=True):
    """A bag as its events left it."""

    __tablename__ = "bag"
    __table_args__ = (Index("ix_bag_holder", "custodian_key", "bag_state"),)

    code: str = _key(10)
    version: int
    bag_state: str = _text(16)
    custodian_key: str = _text()
    custodian_place: str = _text(index=True)
    offered_to: str = _text(index=True)
    origin: str = _text(index=True)
    destination: str = _text(index=True)
    seal: str = _text(32)
    last_at: datetime = _instant()
    state: str = _long()


class DispatchRow(SQLModel, table=True):
    """A trip as its events left it."""

    __tablename__ = "dispatch"

    code: str = _key(10)
    version: int
    dispatch_state: str = _text(16)
    origin: str = _text(index=True)
    destination: str = _text(index=True)
    made_at: datetime = _instant(index=True)
    state: str = _long()


class IncidentRow(SQLModel, table=True):
    """The record of an incident as its events left it. `fact` is the number of the event that does not fit, in hex."""

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_owner", "owner", "incident_state"),)

    code: str = _key(10)
    version: int
    incident_state: str = _text(16)
    kind: str = _text(32)
    about: str = _text(10, index=True)
    bag: str = _text(10, index=True)
    owner: str = _text()
    other: str = _text(index=True)
    fact: str = _text(32)
    due_at: datetime = _instant(index=True)
    state: str = _long()


class DeviceRow(SQLModel, table=True):
    """A workstation or phone that may tell facts; its code begins with M. `seen_at` is when it spoke to us last.

    `digest` is all that is kept of the secret by which its browser proves itself.
    """

    __tablename__ = "device"

    code: str = _key(10)
    kind: str = _text(16)
    place: str = _text(index=True)
    account: str = _text(index=True)
    name: str = _text(128)
    enrolled_at: datetime = _instant()
    enrolled_by: str = _text()
    revoked_at: datetime | None = _instant_or_none()
    revoked_by: str = _text()
    seen_at: datetime | None = _instant_or_none()
    digest: bytes | None = Field(default=None, sa_column=Column(LargeBinary(32), nullable=True))


class DeviceEntryRow(SQLModel, table=True):
    """What a device did as a whole (a delivery, a registration), kept sealed and carried out when it can be.

    `state` is waiting, done or settled by a person; `outcome` the code it became or the refusal of the last try, whose
    sentence is `why`, sealed. `claimed_at` is what a clock said that nobody trusts, `sent_at` what the device's clock
    said when it sent. `incident` is the record that somebody answers, `note` the number of a sealed text.
    """

    __tablename__ = "device_entry"
    __table_args__ = (Index("ix_device_entry_waiting", "state", "device", "device_seq"),)

    id: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
    fingerprint: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    device: str = _text()
    device_seq: int = Field(sa_column=Column(_big(), nullable=False))
    account: str = _text(index=True)
    place: str = _text(index=True)
    kind: str = _text(32)
    subject: str = _text(10, index=True)
    occurred_at: datetime = _instant()
    recorded_at: datetime = _instant(index=True)
    state: str = _text(16)
    outcome: str = _text(128)
    tries: int
    sealed: bytes = _sealed()
    claimed_at: datetime | None = _instant_or_none()
    sent_at: datetime | None = _instant_or_none()
    tried_at: datetime | None = _instant_or_none()
    incident: str = _text(10)
    why: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    settled_at: datetime | None = _instant_or_none()
    settled_by: str = _text()
    note: str = _text(32)


class BlankCodeRow(SQLModel, table=True):
    """A code kept ahead for a workstation, with the item's; a registration without network binds both."""

    __tablename__ = "blank_code"

    code: str = _key(10)
    item: str = _text(10, index=True)
    device: str = _text(index=True)
    issued_at: datetime = _instant()
    bound_at: datetime | None = _instant_or_none()


class PlacePolicyRow(SQLModel, table=True):
    """How a place handles something that offices decide for themselves, since when, on which basis."""

    __tablename__ = "place_policy"

    place: str = _key()
    name: str = _key(32)
    value: str = _text(32)
    basis: str = _text(256)
    since: datetime = _instant()
    account: str = _text()


class DossierRow(SQLModel, table=True):
    """A dossier as its events left it."""

    __tablename__ = "dossier"
    __table_args__ = (Index("ix_dossier_office_opened", "office", "opened_at"),)

    code: str = _key(10)
    version: int
    status: int = Field(sa_column=Column(Integer, nullable=False, index=True))
    procedure: str = _text(32)
    office: str = _text()
    desk: str = _text(index=True)
    department: str = _text(index=True)
    official_code: str = _text(48, index=True)
    opened_at: datetime = _instant(index=True)
    state: str = _long()


class HandoverRow(SQLModel, table=True):
    """A hand-over record as its events left it."""

    __tablename__ = "handover"

    code: str = _key(10)
    version: int
    record_state: str = _text(16)
    giver_key: str = _text(index=True)
    giver_place: str = _text(index=True)
    receiver_key: str = _text(index=True)
    receiver_place: str = _text(index=True)
    offered_at: datetime = _instant(index=True)
    state: str = _long()


class RunRow(SQLModel, table=True):
    """A delivery run as its events left it."""

    __tablename__ = "run"
    __table_args__ = (Index("ix_run_postman_day", "postman", "day"),)

    code: str = _key(10)
    version: int
    run_state: str = _text(16)
    office: str = _text(index=True)
    territory: str = _text()
    postman: str = _text()
    day: date = Field(sa_column=Column(Date, nullable=False))
    state: str = _long()


class PlannedRow(SQLModel, table=True):
    """Which run has an item or a home pickup. One at a time: the key keeps two planners apart."""

    __tablename__ = "planned"

    thing: str = _key(10)
    run: str = _text(10, index=True)


class ProposalRow(SQLModel, table=True):
    """A proposed day of rounds: item codes and communes, nobody's name or door. `runs` is what it became.

    `content` is as it was made; `steps` counts what was changed since.
    """

    __tablename__ = "proposal"

    id: str = _key(32)
    place: str = _text()
    day: date = Field(sa_column=Column(Date, nullable=False))
    made_at: datetime = _instant(index=True)
    content: str = _long()
    runs: str = _long()
    steps: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))


class ProposalStepRow(SQLModel, table=True):
    """A change of a proposed day, numbered from 1. Insert-only, also by trigger; taking one back is a further one."""

    __tablename__ = "proposal_step"

    proposal: str = _key(32)
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    kind: str = _text(32)
    content: str = _long()
    by: str = _long()
    at: datetime = _instant()


class SolvingRow(SQLModel, table=True):
    """A plan that is worked out in a process of its own: who asked for what, how far it has come, what came of it.

    `improves` is the proposal while it is being improved, so that two never improve the same one. `worker` names who
    has it on which try: what an earlier one still wants to write comes too late.
    """

    __tablename__ = "solving"
    __table_args__ = (UniqueConstraint("improves", name="uq_solving_improves"),)

    id: str = _key(32)
    proposal: str = _text(32, index=True)
    improves: str | None = Field(default=None, sa_column=Column(String(32), nullable=True))
    stage: str = _text(16, index=True)
    asked: str = _long()
    asked_at: datetime = _instant()
    worker: str = _text()
    tries: int
    beat_at: datetime | None = _instant_or_none()
    ended_at: datetime | None = _instant_or_none()
    progress: str = _long()
    result: str = _long()
    fate: str = _text(16)
    step: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    trouble: str = _long()


class PutOffRow(SQLModel, table=True):
    """The day a thing is put off to, each change a row of its own: the last one counts. `until` was its legal
    day. Insert-only, also by trigger.
    """

    __tablename__ = "put_off"

    thing: str = _key(10)
    number: int = Field(sa_column=Column(Integer, primary_key=True))
    day: date = Field(sa_column=Column(Date, nullable=False))
    until: date | None = Field(default=None, sa_column=Column(Date, nullable=True))
    put_by: str = _text()
    put_at: datetime = _instant()
    reason: str = _text()


class WeekPlanRow(SQLModel, table=True):
    """A proposed week of rounds: item codes and communes, nobody's name or door."""

    __tablename__ = "week_plan"

    id: str = _key(32)
    place: str = _text()
    first_on: date = Field(sa_column=Column(Date, nullable=False))
    made_at: datetime = _instant(index=True)
    content: str = _long()
    accepted_by: str = _text()
    accepted_at: datetime | None = _instant_or_none()


class LearnedFiguresRow(SQLModel, table=True):
    """What driven rounds taught by a day; without a territory for the whole office. Added up: nobody's run is in it."""

    __tablename__ = "learned_figures"

    office: str = _key()
    territory: str = _key()
    kind: str = _key(16)
    worked_on: date = Field(sa_column=Column(Date, primary_key=True))
    worked_at: datetime = _instant()
    content: str = _long()


class PinnedFiguresRow(SQLModel, table=True):
    """An office for which the usual figures were put in the stead of the learned ones, by whom and why."""

    __tablename__ = "pinned_figures"

    office: str = _key()
    kind: str = _key(16)
    account: str = _text()
    since: datetime = _instant()
    reason: str = _text(256)


class PositionRow(SQLModel, table=True):
    """Who answers for a position now."""

    __tablename__ = "position"

    code: str = _key()
    version: int
    holder: str = _text(index=True)
    state: str = _long()


class CashRow(SQLModel, table=True):
    """A hand-over of money, or the counts of a till, as its events left it."""

    __tablename__ = "cash"

    code: str = _key()
    version: int
    cash_state: str = _text(16)
    giver_key: str = _text(index=True)
    giver_place: str = _text(index=True)
    receiver_key: str = _text(index=True)
    receiver_place: str = _text(index=True)
    run: str = _text(10)
    at: datetime = _instant(index=True)
    state: str = _long()


class HomePickupRow(SQLModel, table=True):
    """A home pickup as its events left it."""

    __tablename__ = "home_pickup"
    __table_args__ = (Index("ix_home_pickup_office_day", "office", "day"),)

    code: str = _key(10)
    version: int
    pickup_state: str = _text(16)
    dossier: str = _text(10, index=True)
    office: str = _text()
    commune: str = _text(8)
    day: date = Field(sa_column=Column(Date, nullable=False))
    state: str = _long()


class PostingRow(SQLModel, table=True):
    """One line of the books, written with the event that moves the money. Insert-only, also by trigger."""

    __tablename__ = "posting"
    __table_args__ = (
        Index("ix_posting_account", "account", "ledger"),
        Index("ix_posting_event", "stream", "version"),
    )

    seq: int | None = Field(default=None, sa_column=Column(_big(), primary_key=True, autoincrement=True))
    account: str = _text(80)
    ledger: str = _text(8)
    amount: int = Field(sa_column=Column(BigInteger, nullable=False))
    dossier: str = _text(10, index=True)
    stream: str = _text()
    version: int
    place: str = _text(index=True)
    at: datetime = _instant(index=True)


class RegisterBookRow(SQLModel, table=True):
    """A book of a desk's register, `first` to `last`. `serial` 0 is no book: it is what entries of a year lock."""

    __tablename__ = "register_book"
    __table_args__ = (CheckConstraint("last >= first - 1", name="ck_register_book_numbers"),)

    desk: str = _key()
    year: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    serial: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    first: int
    last: int
    opened_at: datetime = _instant()
    closed_at: datetime | None = _instant_or_none()
    closed_by: str = _text()


class RegisterEntryRow(SQLModel, table=True):
    """A line of a register: the number that a dossier got when the desk received it. Insert-only, also by trigger."""

    __tablename__ = "register_entry"
    __table_args__ = (
        UniqueConstraint("desk", "year", "dossier", name="uq_register_entry_dossier"),
        CheckConstraint("number > 0", name="ck_register_entry_number"),
        Index("ix_register_entry_at", "desk", "at"),
    )

    desk: str = _key()
    year: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    serial: int
    dossier: str = _text(10, index=True)
    account: str = _text()
    at: datetime = _instant()


class AddressPointRow(SQLModel, table=True):
    """Where a door is, as deliveries taught it; sealed, found by a keyed fingerprint of the address."""

    __tablename__ = "address_point"

    lookup: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    commune: str = _text(8, index=True)
    sealed: bytes = _sealed()
    learnt_at: datetime = _instant()


class RequestRow(SQLModel, table=True):
    """A request that was carried out, so that sending it again does nothing twice. Never expires."""

    __tablename__ = "request"

    id: str = _key()
    fingerprint: str = _text()
    answer: str = _text(64)
    at: datetime = _instant()


class QuarantineRow(SQLModel, table=True):
    """What a device sent and nobody could take for a fact. Kept sealed; the controller of `place` looks at it.

    `fingerprint` is a keyed digest of who sent what, so that the same line sent again is the same row. `state` is open,
    admitted or closed; `note` the number of a sealed text.
    """

    __tablename__ = "quarantine"
    __table_args__ = (Index("ix_quarantine_open", "place", "state"),)

    fingerprint: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    event_id: str = _text(32, index=True)
    account: str = _text()
    place: str = _text(index=True)
    device: str = _text()
    reason: str = _text(32)
    at: datetime = _instant()
    sealed: bytes = _sealed()
    state: str = _text(16)
    sent_at: datetime | None = _instant_or_none()
    settled_at: datetime | None = _instant_or_none()
    settled_by: str = _text()
    note: str = _text(32)


class NoticeRow(SQLModel, table=True):
    """A message owed to somebody, written with the event that owes it; the worker pays.

    `about` is the item or the run it speaks of; `trouble` the last answer of the gateway, in words, without a phone, or
    why it was dropped; once a person looked after it, the number of his sealed note.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("dossier", "fact", "channel", name="uq_notice_fact"),
        Index("ix_notice_due", "state", "next_try_at"),
    )

    id: str = _key(32)
    dossier: str = _text(10)
    fact: str = _text()
    channel: str = _text(8)
    about: str = _text(10)
    sealed: bytes = _sealed()
    state: str = _text(16)
    tries: int
    next_try_at: datetime = _instant()
    owed_at: datetime | None = _instant_or_none()
    sent_at: datetime | None = _instant_or_none()
    trouble: str = _text(128)


# --- personal data: sealed, erasable, never in the ledger -------------------------------------------------------------


class PersonRow(SQLModel, table=True):
    """A person or organisation of a dossier, sealed; the indexes are keyed fingerprints."""

    __tablename__ = "person"

    dossier: str = _key(10)
    part: str = _key(16)
    sealed: bytes = _sealed()
    identity_index: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False, index=True))
    phone_index: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False, index=True))
    name_index: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False, index=True))


class SecretTextRow(SQLModel, table=True):
    """A free text that may name people: reasons, requests, paper names, notes. Sealed."""

    __tablename__ = "secret_text"

    id: str = _key(32)
    dossier: str = _text(10, index=True)
    sealed: bytes = _sealed()


class FileRow(SQLModel, table=True):
    """A photo, signature or scan, sealed. The id is a keyed digest of the content.

    `blob` is empty where `sealed` is the whole; else it names what lies outside the database, and `sealed` is the key
    to that alone: without this row nobody opens it.
    """

    __tablename__ = "file"

    id: str = _key(64)
    dossier: str = _text(10, index=True)
    media_type: str = _text(32)
    size: int
    sealed: bytes = _sealed()
    at: datetime = _instant()
    blob: str = _text(64, index=True)


class StackRow(SQLModel, table=True):
    """A file that was taken apart into pages once. The id is a keyed digest of its content and place."""

    __tablename__ = "stack"

    id: str = _key(64)
    place: str = _text()
    account: str = _text()
    pages: int
    at: datetime = _instant()


class SheetRow(SQLModel, table=True):
    """A page that waits to become part of a paper. Without a dossier it is held; `held` says why."""

    __tablename__ = "sheet"
    __table_args__ = (Index("ix_sheet_held", "place", "dossier"),)

    file: str = _key(64)
    picture: str = _text(64)
    stack: str = _text(64, index=True)
    number: int
    dossier: str = _text(10, index=True)
    place: str = _text()
    held: str = _text(16)
    begins: bool
    at: datetime = _instant()


class ReceiptRow(SQLModel, table=True):
    """The secret and the PIN of a citizen's copy. A reprint revokes the earlier one."""

    __tablename__ = "receipt"

    lookup: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    dossier: str = _text(10, index=True)
    serial: int
    sealed: bytes = _sealed()
    revoked_at: datetime | None = _instant_or_none()


# --- accounts ---------------------------------------------------------------------------------------------------------


class AccountRow(SQLModel, table=True):
    """Somebody who may sign in. Roles and the positions he may hold are comma-separated."""

    __tablename__ = "account"

    username: str = _key()
    name: str = _text(128)
    place: str = _text(index=True)
    roles: str = _text(256)
    entitled: str = _text(512)
    password_hash: str = _text(256)
    is_active: bool = True
    is_demo: bool = False


class SessionRow(SQLModel, table=True):
    """A sign-in. Only the digest of the token is kept."""

    __tablename__ = "session"

    digest: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    account: str = _text(index=True)
    device: str = _text()
    created_at: datetime = _instant()
    seen_at: datetime = _instant()


class AuditRow(SQLModel, table=True):
    """Who looked at what personal data, or changed an account or the catalogue. Insert-only, also by trigger."""

    __tablename__ = "audit"

    seq: int | None = Field(default=None, sa_column=Column(_big(), primary_key=True, autoincrement=True))
    at: datetime = _instant(index=True)
    account: str = _text(index=True)
    place: str = _text()
    what: str = _text(32)
    subject: str = _text(index=True)
    detail: str = _text(256)
