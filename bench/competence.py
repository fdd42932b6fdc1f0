"""Who decides, for every commune and fifty procedures, as one JSON line: `python -m bench.competence`.

Every answer must either name desk, authority and lane with a reason and a basis at each step, or say plainly that
nobody published the rule or the authority, with the next step. Asked twice: of what the product ships, and as if every
province had entered its desks and authorities. With the public lists beside the project the fifty procedures come from
the national list too, and every old ward of that list is read: right, asked about, or wrong (there must be none).
"""

import csv
import functools
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from postal.domain import gazetteer, who_decides
from postal.domain.calendars import VIETNAM, WorkCalendar
from postal.domain.gazetteer import Found, Gazetteer, Reading
from postal.domain.places import Era, Level, Place, PlaceKind, Unit
from postal.domain.procedures import ProcedureVersion
from postal.domain.search import fold
from postal.domain.who_decides import Answer, Outcome, Question
from postal.services import importing, shipped
from postal.services.shipped_catalogue import ShippedCatalogue

PROCEDURES = 50
AT = datetime(2026, 11, 23, 9, 0, tzinfo=VIETNAM)
LISTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "vn"

Ward = tuple[str, str]


class _Asked(ShippedCatalogue):
    """What the product ships, which reads each address once; `besides` are desks and authorities entered later."""

    def __init__(self, *, on: date, besides: Iterable[Place] = ()) -> None:
        super().__init__(on=on, besides=besides)
        self._read = functools.cache(super().read)
        self._calendar = functools.cache(super().post_calendar)

    def read(self, address: str) -> Found:
        """Return what an address says of its commune."""
        return self._read(address)

    def post_calendar(self) -> WorkCalendar:
        """Return the working calendar of the post."""
        return self._calendar()


def main() -> None:
    """Print the figures."""
    print(json.dumps(measure(), ensure_ascii=False))


def measure() -> dict[str, Any]:
    """Return how many answers there were of each kind, how fast, and what became of the old wards."""
    units = [unit for unit in shipped.units().units if unit.era is Era.SINCE_2025]
    communes = list({unit.code: unit for unit in units if unit.level is Level.COMMUNE}.values())
    provinces = {unit.code: unit for unit in units if unit.level is Level.PROVINCE}
    procedures = _procedures()
    as_shipped = _ask(_Asked(on=AT.date()), communes, provinces, procedures)
    entered = _entered(communes, provinces, procedures)
    all_entered = _ask(_Asked(on=AT.date(), besides=entered), communes, provinces, procedures)
    read = old_wards(LISTS / "vn_wards_old_to_new.csv")
    unclear = as_shipped["unclear"] + all_entered["unclear"]
    return {
        "ok": not unclear and len(procedures) == PROCEDURES and not read.get("one, wrong", 0),
        "communes": len(communes),
        "procedures": len(procedures),
        "as_shipped": as_shipped,
        "all_entered": all_entered,
        "old_wards": read,
    }


def _ask(
    catalogue: ShippedCatalogue,
    communes: Sequence[Unit],
    provinces: Mapping[str, Unit],
    procedures: Sequence[ProcedureVersion],
) -> dict[str, Any]:
    begun = time.perf_counter()
    told: Counter[str] = Counter()
    for commune in communes:
        address = f"{commune.name}, {provinces[commune.province_code].name}"
        for procedure in procedures:
            answer = who_decides.answer(catalogue, Question(procedure=procedure, address=address, at=AT))
            told[answer.outcome.value if _is_clear(answer, commune) else "unclear"] += 1
    took = time.perf_counter() - begun
    outcomes = {name: told[name] for name in (*(each.value for each in Outcome), "unclear")}
    return outcomes | {"seconds": round(took, 1), "a_second": round(told.total() / took)}


def _is_clear(answer: Answer, commune: Unit) -> bool:
    """Tell whether an answer about a commune is one: about that commune, explained, or with what to do next."""
    if answer.commune is None or answer.commune.code != commune.code or not answer.steps:
        return False
    if answer.outcome is Outcome.NOT_PUBLISHED:
        return bool(answer.next_step) and answer.competence is None
    is_carried = answer.procedure.carriable is not False
    is_whole = answer.competence is not None and (answer.lane is not None) is is_carried
    return is_whole and all(step.text and step.basis for step in answer.steps)


def _procedures() -> list[ProcedureVersion]:
    """Return the shipped procedures, then evenly spread ones of the national list, fifty in all."""
    found = {version.code: version for version in shipped.procedures()}
    path = LISTS / "tthc_catalogue_2026.csv"
    if path.exists():
        listed = [row for row in importing.read_procedures(path.read_bytes()).rows if row.code not in found]
        missing = max(PROCEDURES - len(found), 0)
        found |= {row.code: row for row in listed[:: max(len(listed) // max(missing, 1), 1)][:missing]}
    return list(found.values())[:PROCEDURES]


def _entered(
    communes: Sequence[Unit], provinces: Mapping[str, Unit], procedures: Sequence[ProcedureVersion]
) -> Iterator[Place]:
    """Yield a desk and the departments the procedures name for every commune and province; made for this measure."""
    rules = [version.competence for version in procedures if version.competence is not None]
    kinds = {level: sorted({r.department for r in rules if r.level is level}) for level in Level}
    for level, units in ((Level.COMMUNE, communes), (Level.PROVINCE, provinces.values())):
        for unit in units:
            yield _place(unit, level, f"MC-{unit.code}-X", PlaceKind.DESK, None)
            for number, kind in enumerate(kinds[level]):
                yield _place(unit, level, f"CQ-{unit.code}-{number}", PlaceKind.DEPARTMENT, kind)


def _place(unit: Unit, level: Level, code: str, kind: PlaceKind, department: str | None) -> Place:
    return Place(
        code=code,
        kind=kind,
        name=f"{department or 'Một cửa'} {unit.name}",
        unit=unit.code if level is Level.COMMUNE else None,
        province_code=unit.province_code,
        level=level,
        department=department,
        basis="Dựng để đo",
    )


# --- old wards --------------------------------------------------------------------------------------------------------


def old_wards(path: Path) -> dict[str, int]:
    """Return how many old wards of a list are read right, asked about, or read wrong; empty where there is no list."""
    if not path.exists():
        return {}
    units = shipped.units().units
    book = Gazetteer(gazetteer.names_of(units))
    todays = {unit.code: unit for unit in units if unit.era is Era.SINCE_2025}
    told: Counter[str] = Counter()
    for written, right in _wanted(path).items():
        found = book.read(written)
        got = {_ward(todays[code].name, todays[todays[code].province_code].name) for code in found.communes}
        told[_verdict(found.reading, got, right)] += 1
    return {"wards": told.total(), **dict(sorted(told.items()))}


def _wanted(path: Path) -> dict[str, set[Ward]]:
    wanted: dict[str, set[Ward]] = {}
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        written = ", ".join((row["old_ward"], row["old_district"], row["old_province"]))
        wanted.setdefault(written, set()).add(_ward(row["new_ward"], row["new_province"]))
    return wanted


def _ward(name: str, province: str) -> Ward:
    return gazetteer.short_name(fold(name)), gazetteer.short_name(fold(province))


def _verdict(reading: Reading, got: set[Ward], right: set[Ward]) -> str:
    if reading is Reading.ONE:
        return "one, right" if got <= right else "one, wrong"
    if not got & right:
        return "asks, right not among them"
    return "asks, divided" if reading is Reading.SPLIT else "asks, right among them"


if __name__ == "__main__":
    main()
