"""Where doors are: as taught where that can be true, else the middle of the commune, with how far off that may be."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from postal.domain.doors import Door
from postal.domain.places import Place, Unit
from postal.store import Reader
from routes import plausible_points
from routes.model import Place as Point

FURTHEST_M = 150_000
"""As far from its delivery office as a door can be: twice the way across a large province. Our own measure."""


def points_of(reader: Reader, all_doors: Sequence[Door], *, on: date) -> dict[str, Point | None]:
    """Return where doors are, by their keys: as taught where that can be true, else the middle of the commune."""
    taught = reader.points.of([(door.commune, door.address) for door in all_doors])
    communes = reader.reference.units([door.commune for door in all_doors], on=on)
    return {
        door.key: Point(point.lat, point.lon, uncertainty_m=point.accuracy_m)
        if (point := taught.get((door.commune, door.address)))
        else middle_of(communes.get(door.commune))
        for door in all_doors
    }


def reachable(points: Mapping[str, Point | None], office: Place, keys: Collection[str]) -> dict[str, Point | None]:
    """Return the points of some doors of an office; one it cannot serve there is as good as none."""
    own = {key: points[key] for key in keys}
    if office.lat is None or office.lon is None:
        return own
    depot = Point(office.lat, office.lon)
    return {
        key: None if plausible_points.misplaced(point, depot, furthest_m=FURTHEST_M) else point
        for key, point in own.items()
    }


def doubted(
    reader: Reader, doors: Sequence[Door], *, before: Mapping[str, Point | None], now: Mapping[str, Point | None]
) -> int:
    """Return how many doors are planned elsewhere than was said of them, because that cannot be true."""
    impossible = reader.points.disbelieved([(door.commune, door.address) for door in doors])
    return sum(
        (door.commune, door.address) in impossible or (before[door.key] is not None and now[door.key] is None)
        for door in doors
    )


def middle_of(unit: Unit | None) -> Point | None:
    """Return the middle of a commune: all that is known of a door until a delivery teaches more."""
    if unit is None or unit.lat is None or unit.lon is None:
        return None
    return Point(unit.lat, unit.lon, uncertainty_m=unit.radius_m or 0)
