"""A sketch of a round: where its doors lie to each other, drawn without a map."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from postal.domain.events import PlannedStop

WIDTH, HEIGHT, MARGIN = 640, 400, 48
SMALLEST_SPAN_KM = 1.0
_KM_PER_DEGREE = 111.2
_BARS_KM = (20, 10, 5, 2, 1)
_LEAST_RADIUS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A point with the stops that lie there; `reach` is how far off it may be, drawn to scale."""

    x: int
    y: int
    reach: int
    label: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sketch:
    """A drawing in a box of `width` by `height`: the office, marks in their order, the way, a bar for the scale."""

    width: int
    height: int
    depot: Mark
    marks: tuple[Mark, ...]
    way: str
    bar: int
    bar_km: int


@dataclass(frozen=True)
class _Scale:
    """Turns degrees into dots, north up, as far apart in both directions."""

    west: float
    north: float
    shrink: float
    dots_per_km: float
    left: float
    top: float

    def x(self, lon: float) -> int:
        return round(self.left + (lon - self.west) * self.shrink * _KM_PER_DEGREE * self.dots_per_km)

    def y(self, lat: float) -> int:
        return round(self.top + (self.north - lat) * _KM_PER_DEGREE * self.dots_per_km)


def sketch(stops: Sequence[PlannedStop], *, depot: tuple[float, float], office: str, names: dict[str, str]) -> Sketch:
    """Return the drawing of a round; stops whose place nobody knows are not on it."""
    groups = _groups(stops)
    points = [depot, *groups]
    scale = _scale(points)
    marks = tuple(_mark(point, here, scale=scale, names=names) for point, here in groups.items())
    home = Mark(x=scale.x(depot[1]), y=scale.y(depot[0]), reach=0, label="", title=office)
    corners = [home, *marks, home]
    bar_km = next((km for km in _BARS_KM if km * scale.dots_per_km <= WIDTH / 3), _BARS_KM[-1])
    return Sketch(
        width=WIDTH,
        height=HEIGHT,
        depot=home,
        marks=marks,
        way=" ".join(f"{corner.x},{corner.y}" for corner in corners),
        bar=round(bar_km * scale.dots_per_km),
        bar_km=bar_km,
    )


def _groups(stops: Iterable[PlannedStop]) -> dict[tuple[float, float], list[PlannedStop]]:
    """Return the stops by their point, in the order in which the round comes there first."""
    groups: dict[tuple[float, float], list[PlannedStop]] = {}
    for stop in stops:
        if stop.lat is not None and stop.lon is not None:
            groups.setdefault((stop.lat, stop.lon), []).append(stop)
    return groups


def _scale(points: Sequence[tuple[float, float]]) -> _Scale:
    lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
    shrink = math.cos(math.radians(sum(lats) / len(lats)))
    high = max((max(lats) - min(lats)) * _KM_PER_DEGREE, SMALLEST_SPAN_KM)
    wide = max((max(lons) - min(lons)) * _KM_PER_DEGREE * shrink, SMALLEST_SPAN_KM)
    dots = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    middle_lat, middle_lon = (max(lats) + min(lats)) / 2, (max(lons) + min(lons)) / 2
    return _Scale(west=middle_lon, north=middle_lat, shrink=shrink, dots_per_km=dots, left=WIDTH / 2, top=HEIGHT / 2)


def _mark(point: tuple[float, float], here: Sequence[PlannedStop], *, scale: _Scale, names: dict[str, str]) -> Mark:
    first, last = here[0].number, here[-1].number
    reach = (here[0].uncertainty_m or 0) / 1000 * scale.dots_per_km
    label = str(first) if first == last else f"{first}–{last}"
    return Mark(
        x=scale.x(point[1]),
        y=scale.y(point[0]),
        reach=max(_LEAST_RADIUS, round(reach)),
        label=label,
        title=f"Điểm {label}: {names.get(here[0].commune, '')}",
    )
