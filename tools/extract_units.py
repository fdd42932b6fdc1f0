"""Extract the administrative units the product ships from the data files of `vietnamadminunits` 1.0.4 (MIT).

    pip install --no-deps --target BUILD/vnu vietnamadminunits==1.0.4
    python tools/extract_units.py BUILD/vnu

Only the package's two data files are read; its code is never imported. Running it twice gives the same bytes.
Writes `postal/data/units/units.csv.gz`, the licence notice beside it, and `postal/data/places/commune_desks.csv`.
"""

import argparse
import csv
import gzip
import hashlib
import io
import json
import math
import shutil
import sqlite3
import statistics
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

NEW_ERA = "2025"
OLD_ERA = "old"
HEADER = ("era", "level", "code", "name", "province", "district", "lat", "lon", "area_km2", "successors")
CHECKSUMS = {
    "dataset.db": "147cbbf81c8964bb594e1dda7ebab5649bce21efbfd6cb508cab7fefca62257d",
    "converter_2025.json": "84f0848bf401b047775cbb49768c181a9271f77e4a4ec706d293b09bcb4faddd",
}
# Every commune of these provinces gets its one-stop desk and its people's committee; of Hà Nội only a few.
FULL_PROVINCES = ("48",)
FEW_COMMUNES = {"01": ("00004", "00070", "00082", "00166", "00235")}

# The package puts eight communes at the place of a namesake in another province. A centre farther than this from the
# middle of the commune's own old communes is wrong, except for the two archipelagos, whose sea is that wide.
MISPLACED_KM = 60
ARCHIPELAGOS = ("20333", "22736")

Row = tuple[str, ...]
Point = tuple[float, float]


def main() -> None:
    """Read the package's data folder and write the product's files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", type=Path, help="folder given to `pip install --target`")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "postal" / "data")
    arguments = parser.parse_args()
    extract(arguments.target, out=arguments.out)


def extract(target: Path, *, out: Path) -> None:
    """Write the units, the notice and the communes' desks under `out`."""
    data = target / "vietnamadminunits" / "data"
    _check(data)
    rows = sorted(_units(data), key=lambda row: (row[0], _LEVELS.index(row[1]), row[2]))
    (out / "units").mkdir(parents=True, exist_ok=True)
    (out / "places").mkdir(parents=True, exist_ok=True)
    _write_gzip(out / "units" / "units.csv.gz", _csv((HEADER, *rows)))
    notice = target / "vietnamadminunits-1.0.4.dist-info" / "licenses" / "LICENSE"
    shutil.copyfile(notice, out / "units" / "LICENSE-vietnamadminunits-MIT.txt")
    (out / "places" / "commune_desks.csv").write_bytes(_csv(_desks(rows)))


_LEVELS = ("province", "district", "commune")


def _check(data: Path) -> None:
    for name, expected in CHECKSUMS.items():
        found = hashlib.sha256((data / name).read_bytes()).hexdigest()
        if found != expected:
            raise SystemExit(f"{name}: sha256 {found}, expected {expected}. Install exactly vietnamadminunits==1.0.4.")


def _units(data: Path) -> Iterator[Row]:
    with sqlite3.connect(f"file:{data / 'dataset.db'}?mode=ro", uri=True) as database:
        database.row_factory = sqlite3.Row
        new = list(database.execute("SELECT * FROM admin_units"))
        old = list(database.execute("SELECT * FROM admin_units_legacy"))
    converter = json.loads((data / "converter_2025.json").read_text(encoding="utf-8"))
    successors = _successors(new, converter)
    middles = _middles(old, successors)
    yield from _new_provinces(new)
    yield from (_new_commune(row, middles.get(row["wardCode"])) for row in new)
    yield from _old_provinces(old, new, converter)
    yield from _old_districts(old, successors)
    yield from (_old_commune(row, successors) for row in old if row["wardCode"])


def _new_provinces(new: list[sqlite3.Row]) -> Iterator[Row]:
    for code, row in {row["provinceCode"]: row for row in new}.items():
        area = sum(commune["wardAreaKm2"] or 0 for commune in new if commune["provinceCode"] == code)
        yield _row(
            NEW_ERA,
            "province",
            code,
            row["province"],
            lat=row["provinceLat"],
            lon=row["provinceLon"],
            area=f"{area:.2f}",
        )


def _new_commune(row: sqlite3.Row, middle: Point | None) -> Row:
    centre, area = (row["wardLat"], row["wardLon"]), row["wardAreaKm2"]
    if middle and row["wardCode"] not in ARCHIPELAGOS and _km(centre, middle) > MISPLACED_KM:
        centre, area = middle, None  # the area came with the wrong place
    return _row(
        NEW_ERA,
        "commune",
        row["wardCode"],
        row["ward"],
        province=row["provinceCode"],
        lat=round(centre[0], 6),
        lon=round(centre[1], 6),
        area=f"{area:.2f}" if area else "",
    )


def _middles(old: list[sqlite3.Row], successors: dict[str, list[str]]) -> dict[str, Point]:
    """Return, for each new commune, the median point of the old communes it was made of."""
    points: dict[str, list[Point]] = {}
    for row in old:
        kind = "ward" if row["wardCode"] else "district"
        if row[f"{kind}Lat"] is not None:
            for code in successors[_key(row)]:
                points.setdefault(code, []).append((row[f"{kind}Lat"], row[f"{kind}Lon"]))
    return {
        code: (statistics.median(p[0] for p in own), statistics.median(p[1] for p in own))
        for code, own in points.items()
    }


def _km(a: Point, b: Point) -> float:
    """Return the distance in km, flat-earth: enough to tell 5 from 60."""
    return math.hypot(a[0] - b[0], (a[1] - b[1]) * math.cos(math.radians(a[0]))) * 111.2


def _old_provinces(
    old: list[sqlite3.Row], new: list[sqlite3.Row], converter: dict[str, dict[str, Any]]
) -> Iterator[Row]:
    new_codes = {row["provinceKey"]: row["provinceCode"] for row in new}
    successor = {
        old_key: new_codes[new_key] for new_key, old_keys in converter["DICT_PROVINCE"].items() for old_key in old_keys
    }
    for code, row in {row["provinceCode"]: row for row in old}.items():
        yield _row(OLD_ERA, "province", code, row["province"], successors=[successor[row["provinceKey"]]])


def _old_districts(old: list[sqlite3.Row], successors: dict[str, list[str]]) -> Iterator[Row]:
    """Yield each district; only those that had no communes (islands) have successors of their own."""
    for code, row in {row["districtCode"]: row for row in old}.items():
        own = [] if row["wardCode"] else successors[_key(row)]
        yield _row(OLD_ERA, "district", code, row["district"], province=row["provinceCode"], successors=own)


def _old_commune(row: sqlite3.Row, successors: dict[str, list[str]]) -> Row:
    return _row(
        OLD_ERA,
        "commune",
        row["wardCode"],
        row["ward"],
        province=row["provinceCode"],
        district=row["districtCode"],
        successors=successors[_key(row)],
    )


def _successors(new: list[sqlite3.Row], converter: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """Map the package's key of an old commune to the codes of its successors, the larger part first."""
    codes = {(row["provinceKey"], row["wardKey"]): row["wardCode"] for row in new}
    found: dict[str, list[str]] = {}
    for province, communes in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for commune, old_keys in communes.items():
            found.update({key: [codes[province, commune]] for key in old_keys})
    for province, divided in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for key, parts in divided.items():
            default_first = sorted(parts, key=lambda part: not part["isDefaultNewWard"])
            found[key] = [codes[province, part["newWardKey"]] for part in default_first]
    return found


def _key(row: sqlite3.Row) -> str:
    return "_".join((row["provinceKey"], row["districtKey"], row["wardKey"] or ""))


def _row(
    era: str,
    level: str,
    code: str,
    name: str,
    *,
    province: str = "",
    district: str = "",
    lat: float | str = "",
    lon: float | str = "",
    area: str = "",
    successors: Iterable[str] = (),
) -> Row:
    text = unicodedata.normalize("NFC", name)
    return (era, level, code, text, province, district, str(lat), str(lon), area, " ".join(successors))


def _desks(rows: list[Row]) -> Iterator[Row]:
    """Yield the one-stop desk and the people's committee of each commune the selection covers."""
    yield ("commune", "province", "commune_name")
    for era, level, code, name, province, *_ in rows:
        wanted = province in FULL_PROVINCES or code in FEW_COMMUNES.get(province, ())
        if era == NEW_ERA and level == "commune" and wanted:
            yield (code, province, name)


def _csv(rows: Iterable[Row]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _write_gzip(path: Path, content: bytes) -> None:
    with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=9, mtime=0) as packed:
        packed.write(content)


if __name__ == "__main__":
    main()
