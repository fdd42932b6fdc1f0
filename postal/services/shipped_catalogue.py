"""Who decides, from the data the product ships alone: for a question at a terminal that has no database."""

from collections.abc import Iterable, Sequence
from datetime import date

from postal.domain import calendars, competence, gazetteer, places
from postal.domain.calendars import WorkCalendar
from postal.domain.competence import Competence, Subject
from postal.domain.gazetteer import Found, Gazetteer
from postal.domain.lineage import Succession
from postal.domain.places import Era, Lane, Place, PlaceKind, Unit, UnknownPlace
from postal.domain.procedures import ProcedureVersion
from postal.services import shipped


class ShippedCatalogue:
    """Units, places and lanes as they are delivered; nobody has entered a delegation or a later merger there.

    `besides` are places to know as well.
    """

    def __init__(self, *, on: date, besides: Iterable[Place] = ()) -> None:
        found = shipped.units().units
        self._on = on
        self._units = {unit.code: unit for unit in found if unit.era is Era.SINCE_2025 and _begun(unit, on)}
        self._gazetteer = Gazetteer(gazetteer.names_of(found))
        self._places = {place.code: place for place in (*shipped.places(), *besides)}
        self._around = _by_province(self._places.values())
        self._lanes = shipped.lanes()

    def read(self, address: str) -> Found:
        """Return what an address says of its commune."""
        return self._gazetteer.read(address)

    def commune(self, code: str) -> Unit | None:
        """Return a commune of today's list, or None."""
        return self._units.get(code)

    def province(self, code: str) -> str:
        """Return the name of a province, empty for an unknown code."""
        return self._units[code].name if code in self._units else ""

    def successions(self) -> Sequence[Succession]:
        """Return nothing: what came after the present list is entered by those who keep the catalogue."""
        return ()

    def competent(self, procedure: ProcedureVersion, commune: str, subject: Subject) -> Competence:
        """Return who decides. Raises: NoCompetentPlace."""
        province = self._units[commune].province_code
        in_commune = competence.is_decided_in_commune(procedure, subject)
        return competence.decide(
            procedure,
            commune=commune,
            province=province,
            places=self._around.get((province, commune if in_commune else ""), ()),
            on=self._on,
            subject=subject,
        )

    def place(self, code: str) -> Place:
        """Return an office or a desk. Raises: UnknownPlace."""
        if code not in self._places:
            raise UnknownPlace(place=code)
        return self._places[code]

    def lane(self, origin: Place, destination: Place) -> Lane:
        """Return the lane from one place to another. Raises: NoLane."""
        return places.best_lane(self._lanes, origin=origin, destination=destination, on=self._on)

    def post_calendar(self) -> WorkCalendar:
        """Return the working calendar of the post."""
        return calendars.from_csv(shipped.calendars()["post"])


def _by_province(found: Iterable[Place]) -> dict[tuple[str, str], list[Place]]:
    """Return the desks and departments of each province, and of each commune of it."""
    around: dict[tuple[str, str], list[Place]] = {}
    for place in found:
        if place.kind is not PlaceKind.OFFICE and place.province_code:
            for unit in {"", place.unit or ""}:
                around.setdefault((place.province_code, unit), []).append(place)
    return around


def _begun(unit: Unit, on: date) -> bool:
    return unit.valid_from is None or unit.valid_from <= on
