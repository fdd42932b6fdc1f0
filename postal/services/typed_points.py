"""Reading a point as people paste it: coordinates, a Plus Code, a map's link. What cannot be one is refused by name.

A Vpostcode is taken where it can be read as a Plus Code; no other form of it is known for sure, so none is invented.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from postal.domain.refusals import Refused
from routes import plausible_points, plus_codes
from routes.model import Place
from routes.plausible_points import Misplaced

LONGEST = 2000
"""Letters of a link that are looked at."""

_LEAST_M = 10
"""Somebody who taps on a map does not tap better."""

_NUMBER = r"[+-]?\d{1,3}[.]\d+"
_LINKED = (
    re.compile(rf"!3d(?P<lat>{_NUMBER})!4d(?P<lon>{_NUMBER})"),
    re.compile(
        rf"[?&](?:q|query|ll|sll|destination|daddr|center|cp)=(?:loc:)?(?P<lat>{_NUMBER})[,~ +]+(?P<lon>{_NUMBER})"
    ),
    re.compile(rf"mlat=(?P<lat>{_NUMBER}).*mlon=(?P<lon>{_NUMBER})"),
    re.compile(rf"@(?P<lat>{_NUMBER}),(?P<lon>{_NUMBER})"),
    re.compile(rf"#map=\d+(?:\.\d+)?/(?P<lat>{_NUMBER})/(?P<lon>{_NUMBER})"),
    re.compile(rf"^geo:(?P<lat>{_NUMBER}),(?P<lon>{_NUMBER})"),
)
_PAIR = re.compile(
    r"^\(?\s*(?P<lat>[+-]?\d{1,3}(?:[.,]\d+)?)\s*°?\s*[NB]?\s*[,;\s]\s*(?P<lon>[+-]?\d{1,3}(?:[.,]\d+)?)\s*°?\s*[EĐ]?\s*\)?$"
)
_DEGREES = r"(\d{1,3})\s*°\s*(\d{1,2})\s*['′’]\s*(\d{1,2}(?:[.,]\d+)?)\s*(?:\"|″|”|'')\s*"
_SIXTIETHS = re.compile(rf"^{_DEGREES}[NB]?[,;\s]*{_DEGREES}[EĐ]?$")
_CODE = re.compile(rf"(?<![A-Z0-9+])[{plus_codes.ALPHABET}]{{4,8}}\+[{plus_codes.ALPHABET}]{{2,7}}(?![A-Z0-9+])")
_SHORT_LINKS = ("maps.app.goo.gl", "goo.gl/maps", "bit.ly", "zalo.me")


class NotAPoint(Refused):
    """The text says no point."""

    code = "not_a_point"
    vi = (
        "Chưa đọc được vị trí. Dán tọa độ (16.0678, 108.2208), Plus Code (3C92+4W) hoặc liên kết bản đồ đầy đủ. "
        "Mã Vpostcode chỉ đọc được khi là Plus Code."
    )
    en = "No point could be read. Paste coordinates, a Plus Code or the full link of a map."


class ShortLink(Refused):
    """A link that says where it leads only on the network."""

    code = "short_map_link"
    vi = "Liên kết rút gọn không chứa tọa độ. Mở liên kết trên máy, rồi dán liên kết đầy đủ hoặc tọa độ."
    en = "A shortened link holds no coordinates. Open it, then paste the full link."


class PointSwapped(Refused):
    """Latitude and longitude stand in each other's place."""

    code = "point_swapped"
    vi = "Hai số bị đổi chỗ: ở Việt Nam vĩ độ từ 6 đến 24, kinh độ từ 102 đến 118. Nhập {lat}, {lon}."
    en = "Latitude and longitude are swapped. Type {lat}, {lon}."


class PointNowhere(Refused):
    """Zero and zero: what devices say that do not know."""

    code = "point_nowhere"
    vi = "0, 0 là giữa biển châu Phi: máy chưa biết vị trí. Lấy lại tọa độ rồi dán."
    en = "0, 0 is what devices say that do not know. Take the coordinates again."


class PointAbroad(Refused):
    """The point is not in Vietnam."""

    code = "point_abroad"
    vi = "Điểm {lat}, {lon} ngoài Việt Nam. Xem lại tọa độ rồi dán."
    en = "The point {lat}, {lon} is not in Vietnam. Look at the coordinates again."


@dataclass(frozen=True, kw_only=True, slots=True)
class TypedPoint:
    """A point as it was typed, how sure that is, and in which form it came."""

    lat: float
    lon: float
    accuracy_m: int
    how: str


def read(text: str, *, near: Place | None) -> TypedPoint:
    """Return the point of a text; a short Plus Code is the nearest one to `near`.

    Raises: NotAPoint, ShortLink, PointSwapped, PointNowhere, PointAbroad.
    """
    plain = unquote(text.strip())[:LONGEST]
    found = _coordinates(plain) or in_words(plain, near=near)
    if found is None:
        raise ShortLink if any(link in plain for link in _SHORT_LINKS) else NotAPoint
    _must_be_here(found)
    return found


def in_words(text: str, *, near: Place | None) -> TypedPoint | None:
    """Return the point of the first Plus Code in a text, such as an address; None when there is none.

    >>> in_words("12 Lê Lợi, 7P8R368C+49 Đà Nẵng", near=None).how
    'Plus Code 7P8R368C+49'
    """
    for match in _CODE.finditer(text.upper()):
        try:
            place = plus_codes.decode(match[0], near=near).place
        except plus_codes.NoPlusCode:
            continue
        return TypedPoint(lat=place.lat, lon=place.lon, accuracy_m=place.uncertainty_m, how=f"Plus Code {match[0]}")
    return None


def _coordinates(text: str) -> TypedPoint | None:
    for how, lat, lon in _pairs(text):
        decimals = min(_decimals(lat), _decimals(lon))
        accuracy = max(math.ceil(111_195 / 2 / 10**decimals * math.sqrt(2)), _LEAST_M)
        return TypedPoint(lat=_degrees(lat), lon=_degrees(lon), accuracy_m=accuracy, how=how)
    if match := _SIXTIETHS.match(text):
        north, east = _from_sixtieths(match.groups()[:3]), _from_sixtieths(match.groups()[3:])
        return TypedPoint(lat=north, lon=east, accuracy_m=25, how="tọa độ độ, phút, giây")
    return None


def _pairs(text: str) -> Iterator[tuple[str, str, str]]:
    for pattern in _LINKED:
        if match := pattern.search(text):
            yield "liên kết bản đồ", match["lat"], match["lon"]
    if match := _PAIR.match(text):
        yield "tọa độ", match["lat"], match["lon"]


def _degrees(text: str) -> float:
    return float(text.replace(",", "."))


def _decimals(text: str) -> int:
    return len(text.replace(",", ".").partition(".")[2])


def _from_sixtieths(parts: tuple[str, ...]) -> float:
    degrees, minutes, seconds = parts
    return int(degrees) + int(minutes) / 60 + _degrees(seconds) / 3600


def _must_be_here(found: TypedPoint) -> None:
    """Raises: PointSwapped, PointNowhere, PointAbroad, NotAPoint."""
    shown = {"lat": f"{found.lat:.5f}", "lon": f"{found.lon:.5f}"}
    match plausible_points.misread(found.lat, found.lon):
        case None:
            return
        case Misplaced.SWAPPED:
            raise PointSwapped(lat=shown["lon"], lon=shown["lat"])
        case Misplaced.NOWHERE:
            raise PointNowhere
        case Misplaced.ABROAD:
            raise PointAbroad(**shown)
        case _:
            raise NotAPoint
