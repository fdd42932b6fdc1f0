"""The map of a proposed day: what its script needs besides the rows of the table, and the sketch for who has none."""

from collections.abc import Sequence
from dataclasses import dataclass

from postal.domain.places import Place
from postal.domain.proposal import Draft, Proposal
from postal.queries import charts, sketches
from postal.queries.sketches import ARCHIPELAGOS, Point, Sketch, Style, Way
from postal.store import Reader


@dataclass(frozen=True, kw_only=True, slots=True)
class MapRoute:
    """A route of the map: its key as rows name it, how it is drawn, and where it begins."""

    key: str
    name: str
    postman: str
    stops: int
    style: Style
    office: str
    lat: float
    lon: float


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardMap:
    """The map of a board. `names` are written on it at their places whatever its background shows."""

    routes: tuple[MapRoute, ...]
    names: tuple[tuple[str, float, float], ...]
    sketch: Sketch


def of_proposal(reader: Reader, found: Proposal) -> BoardMap:
    """Return the map of a proposed day; a route's key is its number in the proposal, from 0."""
    names = charts.named(reader, found.drafts)
    offices = reader.reference.places({draft.office for draft in found.drafts})
    people = reader.accounts.names()
    communes = reader.reference.units({s.commune for draft in found.drafts for s in draft.stops}, on=found.day)
    ways = [
        Way(
            key=str(number),
            name=name,
            depot=depot(offices.get(draft.office), draft),
            office=offices[draft.office].name if draft.office in offices else draft.office,
            stops=draft.stops,
        )
        for number, (name, draft) in enumerate(zip(names, found.drafts, strict=True))
    ]
    return BoardMap(
        routes=tuple(
            _route(way, draft, postman=people.get(draft.postman, ""), number=number)
            for number, (way, draft) in enumerate(zip(ways, found.drafts, strict=True))
        ),
        names=ARCHIPELAGOS,
        sketch=sketches.sketch(
            ways,
            title=f"Sơ đồ các chuyến ngày {found.day:%d/%m/%Y}",
            communes={code: unit.name for code, unit in communes.items()},
        ),
    )


def depot(office: Place | None, draft: Draft) -> Point:
    """Return where a route begins; of an office nobody has located, at its first door."""
    if office is not None and office.lat is not None and office.lon is not None:
        return office.lat, office.lon
    return _first(draft)


def _first(draft: Draft) -> Point:
    located: Sequence[Point] = [(s.lat, s.lon) for s in draft.stops if s.lat is not None and s.lon is not None]
    return located[0] if located else (0.0, 0.0)


def _route(way: Way, draft: Draft, *, postman: str, number: int) -> MapRoute:
    return MapRoute(
        key=way.key,
        name=way.name,
        postman=postman,
        stops=len(draft.stops),
        style=sketches.style_of(number),
        office=way.office,
        lat=way.depot[0],
        lon=way.depot[1],
    )
