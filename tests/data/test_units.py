"""The units we ship: how many, which lead where, and how far they agree with another public list."""

import csv
import gzip
import math
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from postal.domain.places import Era, Level, Unit, UnitKey
from postal.domain.search import fold
from postal.services import shipped
from postal.store import reference

UNITS_FILE = Path(__file__).parent.parent.parent / "postal" / "data" / "units" / "units.csv.gz"


@cache
def all_units() -> dict[UnitKey, Unit]:
    return {unit.key: unit for unit in shipped.units().units}


def of(era: Era, level: Level) -> dict[str, Unit]:
    return {unit.code: unit for unit in all_units().values() if unit.era is era and unit.level is level}


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def kilometres(unit: Unit, lat: float, lon: float) -> float:
    assert unit.lat is not None
    assert unit.lon is not None
    return math.hypot(unit.lat - lat, (unit.lon - lon) * math.cos(math.radians(lat))) * 111.2


def bare(name: str) -> str:
    """Return a name folded and without its kind, which changed for some since."""
    return fold(reference.short_name(name[:1].upper() + name[1:].replace("Phố", "phố").replace("Khu", "khu")))


def test_every_unit_of_both_eras_is_there() -> None:
    counts = Counter((unit.era, unit.level) for unit in all_units().values())
    assert counts == {
        (Era.SINCE_2025, Level.PROVINCE): 34,
        (Era.SINCE_2025, Level.COMMUNE): 3321,
        (Era.OLD, Level.PROVINCE): 63,
        (Era.OLD, Level.DISTRICT): 696,
        (Era.OLD, Level.COMMUNE): 10035,
    }


def test_the_same_number_means_different_provinces_before_and_after() -> None:
    for code in ("08", "15", "24", "44", "52", "80", "82", "91"):
        assert UnitKey(era=Era.OLD, code=code) in all_units()
        assert UnitKey(era=Era.SINCE_2025, code=code) in all_units()
    assert all_units()[UnitKey(era=Era.OLD, code="24")].name == "Tỉnh Bắc Giang"
    assert all_units()[UnitKey(era=Era.SINCE_2025, code="24")].name == "Tỉnh Bắc Ninh"


def test_every_old_commune_leads_to_communes_of_today() -> None:
    today = of(Era.SINCE_2025, Level.COMMUNE)
    followed: set[str] = set()
    for old in of(Era.OLD, Level.COMMUNE).values():
        assert old.successors
        assert set(old.successors) <= today.keys()
        assert len(set(old.successors)) == len(old.successors)
        followed |= set(old.successors)
    islands = [d for d in of(Era.OLD, Level.DISTRICT).values() if d.successors]
    assert sorted(d.name for d in islands) == [
        "Huyện Bạch Long Vĩ",
        "Huyện Côn Đảo",
        "Huyện Cồn Cỏ",
        "Huyện Hoàng Sa",
        "Huyện Lý Sơn",
    ]
    followed |= {code for d in islands for code in d.successors}
    assert followed == today.keys()


def test_every_old_province_leads_to_one_of_today() -> None:
    today = of(Era.SINCE_2025, Level.PROVINCE)
    assert {p.successors[0] for p in of(Era.OLD, Level.PROVINCE).values()} == today.keys()
    assert all(len(p.successors) == 1 for p in of(Era.OLD, Level.PROVINCE).values())
    assert of(Era.OLD, Level.PROVINCE)["49"].successors == ("48",)


def test_a_split_commune_keeps_all_its_successors() -> None:
    split = [unit for unit in of(Era.OLD, Level.COMMUNE).values() if len(unit.successors) > 1]
    assert len(split) == 484
    assert of(Era.OLD, Level.COMMUNE)["20296"].successors == ("20197", "20194")


def test_every_commune_has_a_centre_in_vietnam_and_nearly_every_one_a_radius() -> None:
    communes = of(Era.SINCE_2025, Level.COMMUNE).values()
    for unit in communes:
        assert unit.lat is not None
        assert unit.lon is not None
        assert 7 < unit.lat < 24
        assert 102 < unit.lon < 118
    assert sum(unit.radius_m is None for unit in communes) == 12


def test_dong_nai_is_a_city_since_30_april_2026() -> None:
    names = [unit for unit in shipped.units().units if unit.key == UnitKey(era=Era.SINCE_2025, code="75")]
    assert [(unit.name, str(unit.valid_from), str(unit.valid_to)) for unit in names] == [
        ("Tỉnh Đồng Nai", "2025-07-01", "2026-04-29"),
        ("Thành phố Đồng Nai", "2026-04-30", "None"),
    ]


def test_the_file_is_small_and_carries_no_time_of_packing() -> None:
    content = UNITS_FILE.read_bytes()
    assert len(content) < 400_000
    assert content[4:8] == b"\0\0\0\0"
    assert gzip.decompress(content).startswith(b"era,level,code,name,")


def test_todays_communes_agree_with_another_list_but_for_spelling(full_data: Path) -> None:
    """Ours writes hòa where the other writes hoà; ten communes of Đồng Nai are wards there; one code differs."""
    ours = of(Era.SINCE_2025, Level.COMMUNE)
    theirs = {row["ward_code"]: row for row in rows(full_data / "vn_wards_2025.csv")}
    assert ours.keys() ^ theirs.keys() == {"06970", "06978"}  # Xã Ba Chẽ
    assert fold(theirs["06978"]["ward"]) == fold(ours["06970"].name)
    both = ours.keys() & theirs.keys()
    assert sum(ours[code].name != theirs[code]["ward"] for code in both) == 201
    differing = {code for code in both if fold(ours[code].name) != fold(theirs[code]["ward"])}
    aliases = {key.code: name for key, name in shipped.units().aliases}
    assert {code: theirs[code]["ward"] for code in differing} == {code: aliases[code] for code in differing}
    assert len(differing) == 10
    assert all(ours[code].province_code == theirs[code]["province_code"] for code in both)


def test_centres_agree_with_another_list(full_data: Path) -> None:
    """Half within 1 km, all but islands and a handful within 15 km: no commune stands at a namesake's place."""
    ours = of(Era.SINCE_2025, Level.COMMUNE)
    apart = {
        row["ward_code"]: kilometres(ours[row["ward_code"]], float(row["lat"]), float(row["lon"]))
        for row in rows(full_data / "vn_wards_2025.csv")
        if row["ward_code"] in ours
    }
    assert sorted(apart.values())[len(apart) // 2] < 1
    far = {ours[code].name for code, distance in apart.items() if distance > 15}
    assert far == {
        "Đặc khu Trường Sa",
        "Đặc khu Hoàng Sa",
        "Đặc khu Cô Tô",
        "Xã Hoàng Văn Thụ",
        "Xã Tiên Hải",
    }


def test_successors_agree_with_another_list(full_data: Path) -> None:
    """By folded names: where both lists know an old commune, ours has every successor the other has."""
    communes, provinces = of(Era.SINCE_2025, Level.COMMUNE), of(Era.SINCE_2025, Level.PROVINCE)
    districts, old_provinces = of(Era.OLD, Level.DISTRICT), of(Era.OLD, Level.PROVINCE)
    ours: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for old in of(Era.OLD, Level.COMMUNE).values():
        assert old.district_code is not None
        names = (old.name, districts[old.district_code].name, old_provinces[old.province_code].name)
        for code in old.successors:
            commune = communes[code]
            followed = (bare(commune.name), bare(provinces[commune.province_code].name))
            ours.setdefault(tuple(map(fold, names)), set()).add(followed)
    theirs: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for row in rows(full_data / "vn_wards_old_to_new.csv"):
        names = (row["old_ward"], row["old_district"], row["old_province"])
        theirs.setdefault(tuple(map(fold, names)), set()).add((bare(row["new_ward"]), bare(row["new_province"])))
    known = ours.keys() & theirs.keys()
    assert len(known) > 9_940
    assert [key for key in known if not theirs[key] <= ours[key]] == []
    assert sum(ours[key] == theirs[key] for key in known) > 9_700
