"""The reference data in `postal/data`, as domain values. Read from files of the product; nothing is written."""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib import resources
from typing import TypeVar

from postal.domain.places import (
    NEW_UNITS_SINCE,
    Era,
    Lane,
    Level,
    Place,
    PlaceKind,
    Precision,
    Territory,
    Unit,
    UnitKey,
    radius_of,
)
from postal.domain.procedures import PaperRequired, ProcedureVersion
from postal.services import importing
from postal.services.importing import ImportReport

_DATA = resources.files("postal") / "data"

# What every listed commune has, by the prefix of its code: title, department (none for the desk), basis.
_COMMUNE_PLACES = {
    "MC": (
        "Trung tâm Phục vụ hành chính công",
        None,
        "Nghị định 118/2025/NĐ-CP: Trung tâm Phục vụ hành chính công cấp xã",
    ),
    "UB": ("Ủy ban nhân dân", "UBND_XA", "Chính quyền địa phương hai cấp từ 01/7/2025: Ủy ban nhân dân cấp xã"),
    "CX": ("Công an", "CONG_AN_XA", "Danh mục TTHC quốc gia 2026: Công an cấp xã"),
}

T = TypeVar("T")


class Damaged(Exception):
    """A shipped file does not say what it should; the product was not installed whole."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Units:
    """Every unit, names in order of time, and further names to be found by whose day nobody has verified."""

    units: tuple[Unit, ...]
    aliases: tuple[tuple[UnitKey, str], ...]


def units() -> Units:
    """Return the administrative units of both eras."""
    changes: dict[UnitKey, list[Mapping[str, str]]] = {}
    for row in _rows("units/designations.csv"):
        changes.setdefault(UnitKey(era=Era(row["era"]), code=row["code"]), []).append(row)
    more: dict[str, list[str]] = {}
    for row in _rows("units/more_successors.csv"):
        more.setdefault(row["old"], []).append(row["successor"])
    found: list[Unit] = []
    for row in _unit_rows():
        found.extend(_with_later_names(_unit(row, more), changes))
    undated = ((key, row["name"]) for key, rows in changes.items() for row in rows if not row["valid_from"])
    return Units(units=tuple(found), aliases=tuple(undated))


def _unit_rows() -> Iterator[Mapping[str, str]]:
    packed = (_DATA / "units" / "units.csv.gz").read_bytes()
    return csv.DictReader(io.StringIO(gzip.decompress(packed).decode()))


def _unit(row: Mapping[str, str], more: Mapping[str, list[str]]) -> Unit:
    era, level = Era(row["era"]), Level(row["level"])
    is_old = era is Era.OLD
    further = more.get(row["code"], ()) if is_old and level is Level.COMMUNE else ()
    return Unit(
        era=era,
        code=row["code"],
        name=row["name"],
        level=level,
        province_code=row["code"] if level is Level.PROVINCE else row["province"],
        district_code=row["district"] or None,
        lat=float(row["lat"]) if row["lat"] else None,
        lon=float(row["lon"]) if row["lon"] else None,
        radius_m=radius_of(float(row["area_km2"])) if row["area_km2"] else None,
        valid_from=None if is_old else NEW_UNITS_SINCE,
        valid_to=NEW_UNITS_SINCE - timedelta(days=1) if is_old else None,
        successors=(*row["successors"].split(), *further),
    )


def _with_later_names(unit: Unit, changes: Mapping[UnitKey, list[Mapping[str, str]]]) -> Iterator[Unit]:
    dated = sorted((row for row in changes.get(unit.key, ()) if row["valid_from"]), key=lambda row: row["valid_from"])
    for row in dated:
        begins = date.fromisoformat(row["valid_from"])
        yield replace(unit, valid_to=begins - timedelta(days=1))
        unit = replace(unit, name=row["name"], valid_from=begins)
    yield unit


def places() -> tuple[Place, ...]:
    """Return the post offices, the desks and the departments."""
    offices = _all(importing.read_offices(_bytes("places/offices.csv")))
    return (*offices, *map(_department, _rows("places/departments.csv")), *_commune_places())


def _department(row: Mapping[str, str]) -> Place:
    return Place(
        code=row["code"],
        kind=PlaceKind(row["kind"]),
        name=row["name"],
        unit=row["unit"],
        province_code=row["province"],
        address=row["address"],
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        precision=Precision.COMMUNE,
        level=Level.PROVINCE,
        department=row["department"] or None,
        basis=row["basis"],
    )


def _commune_places() -> Iterator[Place]:
    """Yield the one-stop desk, the people's committee and the police post of each listed commune."""
    centres = {row["code"]: row for row in _unit_rows() if row["era"] == Era.SINCE_2025.value}
    for row in _rows("places/commune_desks.csv"):
        centre = centres[row["commune"]]
        for prefix, (title, department, basis) in _COMMUNE_PLACES.items():
            yield Place(
                code=f"{prefix}-{row['commune']}",
                kind=PlaceKind.DEPARTMENT if department else PlaceKind.DESK,
                name=f"{title} {_inside(row['commune_name'])}",
                unit=row["commune"],
                province_code=row["province"],
                lat=float(centre["lat"]),
                lon=float(centre["lon"]),
                precision=Precision.COMMUNE,
                level=Level.COMMUNE,
                department=department,
                parent=f"MC-{row['commune']}" if department else None,
                basis=f"{basis}; địa chỉ chưa xác minh, vị trí là tâm xã, phường",
                valid_from=NEW_UNITS_SINCE,
            )


def _inside(name: str) -> str:
    """Return a unit's name as it stands inside a longer one: phường Hải Châu."""
    return name[:1].lower() + name[1:]


def lanes() -> tuple[Lane, ...]:
    """Return the lanes."""
    return _all(importing.read_lanes(_bytes("places/lanes.csv")))


def territories() -> tuple[Territory, ...]:
    """Return the postmen's rounds."""
    return _all(importing.read_territories(_bytes("places/territories.csv")))


def procedures() -> tuple[ProcedureVersion, ...]:
    """Return the selected procedures with their papers."""
    papers: dict[str, list[PaperRequired]] = {}
    for code, _, paper in _all(importing.read_papers(_bytes("procedures/procedure_papers.csv"))):
        papers.setdefault(code, []).append(paper)
    versions = _all(importing.read_procedures(_bytes("procedures/procedures.csv")))
    return tuple(replace(version, papers=tuple(papers.get(version.code, ()))) for version in versions)


def calendars() -> dict[str, str]:
    """Return the tables of the working calendars by key."""
    folder = _DATA / "calendars"
    files = (file for file in folder.iterdir() if file.name.endswith(".csv"))
    return {file.name.removesuffix(".csv"): file.read_text(encoding="utf-8") for file in files}


def _bytes(path: str) -> bytes:
    return _DATA.joinpath(*path.split("/")).read_bytes()


def _rows(path: str) -> Iterable[Mapping[str, str]]:
    return csv.DictReader(io.StringIO(_bytes(path).decode()))


def _all(report: ImportReport[T]) -> tuple[T, ...]:
    if report.errors:
        first = report.errors[0]
        raise Damaged(f"{report.kind}: row {first.row}, {first.column}: {first.message}")
    return report.rows
