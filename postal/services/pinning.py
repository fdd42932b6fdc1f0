"""Where doors are: as deliveries taught it, else the middle of the commune, with how far off that may be."""

from collections.abc import Sequence
from datetime import date

from postal.domain.doors import Door
from postal.domain.places import Unit
from postal.store import Reader
from routes.model import Place as Point


def points_of(reader: Reader, all_doors: Sequence[Door], *, on: date) -> dict[str, Point | None]:
    """Return where doors are, by their keys: as deliveries taught it, else the middle of the commune."""
    taught = reader.points.of([(door.commune, door.address) for door in all_doors])
    communes = reader.reference.units([door.commune for door in all_doors], on=on)
    return {
        door.key: Point(point.lat, point.lon, uncertainty_m=point.accuracy_m)
        if (point := taught.get((door.commune, door.address)))
        else middle_of(communes.get(door.commune))
        for door in all_doors
    }


def middle_of(unit: Unit | None) -> Point | None:
    """Return the middle of a commune: all that is known of a door until a delivery teaches more."""
    if unit is None or unit.lat is None or unit.lon is None:
        return None
    return Point(unit.lat, unit.lon, uncertainty_m=unit.radius_m or 0)
