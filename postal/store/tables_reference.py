"""Tables of reference data: places, units, lanes, rounds, procedures, calendars. Private, as all tables are.

`state` holds the whole value; the other columns are there to search by. `folded` has a space before and after every
word, so that `LIKE '% word%'` finds words by their beginning and `LIKE '% word %'` whole ones, on both databases.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Index, Integer, LargeBinary, String, Text
from sqlmodel import Field, SQLModel

from postal.store.tables import Instant


def _key(length: int) -> Any:
    return Field(sa_column=Column(String(length), primary_key=True))


def _text(length: int, *, index: bool = False) -> Any:
    return Field(sa_column=Column(String(length), nullable=False, index=index))


def _filter(length: int) -> Any:
    return Field(sa_column=Column(String(length), nullable=False, server_default="", index=True))


def _long() -> Any:
    return Field(sa_column=Column(Text, nullable=False))


class UnitRow(SQLModel, table=True):
    """An administrative unit under one name; `serial` counts its names."""

    __tablename__ = "unit"
    __table_args__ = (Index("ix_unit_province", "era", "level", "province_code"),)

    era: str = _key(8)
    code: str = _key(8)
    serial: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    level: str = _text(16)
    province_code: str = _text(8)
    state: str = _long()


class UnitNameRow(SQLModel, table=True):
    """A name somebody may look for, and the commune of today it leads to; an old commune that was split has several."""

    __tablename__ = "unit_name"
    __table_args__ = (Index("ix_unit_name_full_key", "full_key"), Index("ix_unit_name_short_key", "short_key"))

    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    )
    commune: str = _text(8, index=True)
    province_code: str = _text(8)
    is_old: bool
    short: str = _text(128)
    full: str = _text(128)
    folded: str = _text(512)
    label: str = _text(256)
    full_key: str = _text(128)
    short_key: str = _text(128)


class PlaceRow(SQLModel, table=True):
    """A post office, a one-stop desk or a department."""

    __tablename__ = "place"
    __table_args__ = (Index("ix_place_province", "province_code", "kind"),)

    code: str = _key(32)
    kind: str = _text(16)
    unit: str = _text(8, index=True)
    province_code: str = _text(8)
    folded: str = _text(512)
    state: str = _long()


class LaneRow(SQLModel, table=True):
    """A way from one place to another."""

    __tablename__ = "lane"
    __table_args__ = (Index("ix_lane_ends", "origin", "destination"),)

    code: str = _key(64)
    origin: str = _text(32)
    destination: str = _text(32)
    state: str = _long()


class TerritoryRow(SQLModel, table=True):
    """A postman's standing round."""

    __tablename__ = "territory"

    code: str = _key(32)
    office: str = _text(32, index=True)
    postman: str = _text(64, index=True)
    state: str = _long()


class ProcedureRow(SQLModel, table=True):
    """One version of a procedure."""

    __tablename__ = "procedure"

    code: str = _key(32)
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    valid_from: date | None = Field(default=None, sa_column=Column(Date, nullable=True))
    valid_to: date | None = Field(default=None, sa_column=Column(Date, nullable=True))
    folded: str = _long()
    short_names: str = _long()
    state: str = _long()
    field: str = _filter(512)
    level: str = _filter(256)
    status: str = _filter(16)
    carriable: str = _filter(8)
    boundary: str = _filter(16)


class ProcedureDraftRow(SQLModel, table=True):
    """A change of the catalogue that somebody works on, until it is published or dropped."""

    __tablename__ = "procedure_draft"

    id: str = _key(16)
    code: str = _text(32, index=True)
    base_version: int
    state: str = _long()
    decided: str = _text(16, index=True)
    drafted_by: str = _text(64)
    drafted_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    decided_by: str = _text(64)
    decided_at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))
    published_version: int


class CatalogueUploadRow(SQLModel, table=True):
    """A file somebody sent to be imported, as it came, until and after it is applied."""

    __tablename__ = "catalogue_upload"

    id: str = _key(16)
    name: str = _text(256)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sent_by: str = _text(64)
    sent_at: datetime = Field(sa_column=Column(Instant, nullable=False, index=True))
    applied_by: str = _text(64)
    applied_at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))


class DelegationRow(SQLModel, table=True):
    """An authority lets another unit decide something between two days."""

    __tablename__ = "delegation"

    code: str = _key(32)
    authority: str = _text(32, index=True)
    state: str = _long()


class UnitSuccessionRow(SQLModel, table=True):
    """What became of a commune of today's list: renamed, merged, divided."""

    __tablename__ = "unit_succession"

    code: str = _key(32)
    unit: str = _text(8, index=True)
    state: str = _long()


class CalendarRow(SQLModel, table=True):
    """A working calendar as the table it was loaded from."""

    __tablename__ = "calendar"

    key: str = _key(32)
    content: str = _long()
