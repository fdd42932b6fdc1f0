"""A sketch of rounds: where their doors lie to each other and in which order, drawn without a map."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from postal.domain.events import PlannedStop

WIDTH, HEIGHT, MARGIN = 640, 400, 48
SMALLEST_SPAN_KM = 1.0
ARCHIPELAGOS: tuple[tuple[str, float, float], ...] = (
    ("Quần đảo Hoàng Sa (Việt Nam)", 16.5, 112.0),
    ("Quần đảo Trường Sa (Việt Nam)", 10.0, 114.0),
)
"""What every map of ours writes on the sea wherever its view reaches there: the name, latitude and longitude."""

_KM_PER_DEGREE = 111.2
_BARS_KM = (200, 100, 50, 20, 10, 5, 2, 1)
_LEAST_RADIUS = 4
_APART, _MOST_APART = 36, 180
_LONGEST_LABEL = 9

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """How a round is told from the others: a colour, and dashes for eyes and printers that see none."""

    colour: str
    dash: str


_COLOURS = ("#0b4f8a", "#b93c0b", "#00735a", "#8f2d74", "#16191d", "#7d5a00", "#0e6f86", "#a3180d")
_DASHES = ("", "10 5", "2 4", "14 4 2 4", "18 7")


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """A round to be drawn: its name, where it begins and ends, its doors in their order."""

    key: str
    name: str
    depot: Point
    office: str
    stops: Sequence[PlannedStop]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A point with the stops that lie there; `reach` is how far off it may be, drawn to scale."""

    x: int
    y: int
    reach: int
    label: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A round as it is drawn: the way from its office through its marks and back."""

    key: str
    name: str
    style: Style
    way: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """A name on the sea, at its place; `anchor` is the end of the text that stands there."""

    x: int
    y: int
    text: str
    anchor: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sketch:
    """A drawing in a box of `width` by `height`: offices, rounds, names on the sea, a bar for the scale.

    `title` and `says` tell in words what it shows, for those who do not see it.
    """

    title: str
    says: str
    width: int
    height: int
    depots: tuple[Mark, ...]
    lines: tuple[Line, ...]
    names: tuple[Name, ...]
    bar: int
    bar_km: int


@dataclass(frozen=True)
class _Scale:
    """Turns degrees into dots, north up, as far apart in both directions."""

    lon: float
    lat: float
    shrink: float
    dots_per_km: float

    def x(self, lon: float) -> int:
        return round(WIDTH / 2 + (lon - self.lon) * self.shrink * _KM_PER_DEGREE * self.dots_per_km)

    def y(self, lat: float) -> int:
        return round(HEIGHT / 2 + (self.lat - lat) * _KM_PER_DEGREE * self.dots_per_km)


def sketch(ways: Sequence[Way], *, title: str, communes: Mapping[str, str]) -> Sketch:
    """Return the drawing of rounds, `communes` by their codes; stops whose place nobody knows are not on it."""
    groups = [_groups(way.stops) for way in ways]
    scale = _scale([*(way.depot for way in ways), *(point for found in groups for point in found)])
    places = _places(groups)
    bar_km = next((km for km in _BARS_KM if km * scale.dots_per_km <= WIDTH / 3), _BARS_KM[-1])
    return Sketch(
        title=title,
        says=_says(ways),
        width=WIDTH,
        height=HEIGHT,
        depots=tuple(_depot(scale, point, office) for point, office in {w.depot: w.office for w in ways}.items()),
        lines=tuple(
            _line(way, found, number=n, scale=scale, places=places, communes=communes, is_alone=len(ways) == 1)
            for n, (way, found) in enumerate(zip(ways, groups, strict=True))
        ),
        names=tuple(_names(scale)),
        bar=round(bar_km * scale.dots_per_km),
        bar_km=bar_km,
    )


def style_of(number: int) -> Style:
    """Return how the round with this number, from 0, is drawn everywhere; forty in a row differ."""
    return Style(colour=_COLOURS[number % len(_COLOURS)], dash=_DASHES[number % len(_DASHES)])


def label_of(numbers: Iterable[int]) -> str:
    """Return the numbers of stops at one point, in short.

    >>> label_of([1, 2, 3, 7]), label_of([4]), label_of([1, 3, 5, 7, 9, 11])
    ('1–3, 7', '4', '6 điểm')
    """
    found = sorted(numbers)
    spans = [[n for _, n in run] for _, run in groupby(enumerate(found), key=lambda pair: pair[1] - pair[0])]
    text = ", ".join(str(span[0]) if len(span) == 1 else f"{span[0]}–{span[-1]}" for span in spans)
    return text if len(text) <= _LONGEST_LABEL else f"{len(found)} điểm"


def _says(ways: Sequence[Way]) -> str:
    stops = [stop for way in ways for stop in way.stops]
    unknown = sum(stop.lat is None for stop in stops)
    lost = f" {unknown} điểm chưa rõ vị trí nên không vẽ." if unknown else ""
    return f"{len(ways)} chuyến, {len(stops)} điểm theo thứ tự đi; bắc ở phía trên.{lost} Danh sách đầy đủ ở bảng."


def _groups(stops: Iterable[PlannedStop]) -> dict[Point, list[PlannedStop]]:
    """Return the stops by their point, in the order in which the round comes there first."""
    groups: dict[Point, list[PlannedStop]] = {}
    for stop in stops:
        if stop.lat is not None and stop.lon is not None:
            groups.setdefault((stop.lat, stop.lon), []).append(stop)
    return groups


def _places(groups: Sequence[Mapping[Point, object]]) -> dict[Point, list[int]]:
    """Return by point which rounds come there, so that their marks stand side by side."""
    places: dict[Point, list[int]] = {}
    for number, found in enumerate(groups):
        for point in found:
            places.setdefault(point, []).append(number)
    return places


def _scale(points: Sequence[Point]) -> _Scale:
    lats, lons = [lat for lat, _ in points] or [0.0], [lon for _, lon in points] or [0.0]
    shrink = math.cos(math.radians(sum(lats) / len(lats)))
    high = max((max(lats) - min(lats)) * _KM_PER_DEGREE, SMALLEST_SPAN_KM)
    wide = max((max(lons) - min(lons)) * _KM_PER_DEGREE * shrink, SMALLEST_SPAN_KM)
    dots = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    return _Scale(lon=(max(lons) + min(lons)) / 2, lat=(max(lats) + min(lats)) / 2, shrink=shrink, dots_per_km=dots)


def _depot(scale: _Scale, point: Point, office: str) -> Mark:
    return Mark(x=scale.x(point[1]), y=scale.y(point[0]), reach=0, label="", title=office)


def _line(
    way: Way,
    groups: Mapping[Point, Sequence[PlannedStop]],
    *,
    number: int,
    scale: _Scale,
    places: Mapping[Point, Sequence[int]],
    communes: Mapping[str, str],
    is_alone: bool,
) -> Line:
    marks = []
    for point, here in groups.items():
        rank = places[point].index(number) - (len(places[point]) - 1) / 2
        label = label_of(stop.number for stop in here)
        where = f"Điểm {label}: {communes.get(here[0].commune, '')}"
        marks.append(
            Mark(
                x=scale.x(point[1]) + round(rank * min(_APART, _MOST_APART / len(places[point]))),
                y=scale.y(point[0]),
                reach=max(_LEAST_RADIUS, round((here[0].uncertainty_m or 0) / 1000 * scale.dots_per_km)),
                label=label,
                title=where if is_alone else f"{way.name}. {where}",
            )
        )
    home = _depot(scale, way.depot, way.office)
    corners = [home, *marks, home] if marks else []
    return Line(
        key=way.key,
        name=way.name,
        style=style_of(number),
        way=" ".join(f"{corner.x},{corner.y}" for corner in corners),
        marks=tuple(marks),
    )


def _names(scale: _Scale) -> Iterable[Name]:
    """Yield the names on the sea that the drawing reaches to, each wholly inside it."""
    for text, lat, lon in ARCHIPELAGOS:
        x, y = scale.x(lon), scale.y(lat)
        if 0 <= x <= WIDTH and 0 <= y <= HEIGHT:
            anchor = "start" if x < WIDTH / 3 else "end" if x > WIDTH * 2 / 3 else "middle"
            yield Name(x=x, y=min(max(y, 14), HEIGHT - 6), text=text, anchor=anchor)
