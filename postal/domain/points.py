"""Where a door is: every source's word is kept, one table says whose counts, and several deliveries are taken together.

A person's correction counts before deliveries, these before a code in the address, that before a server's answer; the
middle of the commune is what remains. Metres and degrees (WGS 84).
"""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from postal.domain.refusals import Refused


class Source(Enum):
    """Who says where a door is; the earlier counts before the later."""

    HAND = "hand"
    DELIVERY = "delivery"
    PLUS_CODE = "plus_code"
    GEOCODER = "geocoder"
    COMMUNE = "commune"


SOURCE_NAMES: dict[Source, str] = {
    Source.HAND: "Người sửa",
    Source.DELIVERY: "Các lần phát",
    Source.PLUS_CODE: "Plus Code trong địa chỉ",
    Source.GEOCODER: "Máy chủ tìm tọa độ",
    Source.COMMUNE: "Giữa xã, phường",
}

SURE_M = 100
"""A door known to so many metres is found without asking."""

MOST_KEPT = 20
"""The latest words of each source that are kept; a door that moved is learned anew in so many deliveries."""

EARTH_RADIUS_M = 6_371_009.0
LEAST_M = 5
"""No device knows better, whatever it says."""

_FAR_M = 150.0
_FAR_TIMES = 4.0
"""A delivery farther from the others than both is somewhere else: typed in later, or at another door."""

_REACH_TIMES, _REACH_BESIDES_M = 3, 1000
"""How far from its middle a commune may reach, in radii of the circle of its area and in metres."""


class NothingToTakeBack(Refused):
    """Nobody corrected this door, or it was taken back already."""

    code = "no_correction_to_take_back"
    vi = "Địa chỉ này không có điểm do người sửa để bỏ. Mở lại trang để xem điểm đang dùng."
    en = "There is no correction of this door to take back."


class DoorElsewhere(Refused):
    """The thing for this door lies at another office."""

    code = "door_elsewhere"
    vi = "Bưu gửi {thing} không ở bưu cục của tài khoản này. Nhờ bưu cục đang giữ sửa vị trí."
    en = "Item {thing} is not at the office of this account. Ask the office that has it."


class NoAddress(Refused):
    """Without an address there is no door to remember."""

    code = "no_address_to_place"
    vi = "{thing} không có địa chỉ nhà, nên không có vị trí để sửa. Hỏi người nhận rồi ghi địa chỉ vào hồ sơ."
    en = "{thing} has no address of a house, so there is no point to correct."


@dataclass(frozen=True, kw_only=True, slots=True)
class Middle:
    """The middle of a commune, and the radius of the circle of its area."""

    lat: float
    lon: float
    radius_m: int

    def reaches(self, lat: float, lon: float) -> bool:
        """Tell whether a point may lie in the commune, as far as a circle can tell."""
        away = apart(self.lat, self.lon, lat, lon)
        return not self.radius_m or away <= _REACH_TIMES * self.radius_m + _REACH_BESIDES_M


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """What one source said at a time. `by` is the account of a person; `times` are deliveries told together long ago.

    `how` says how a person told it, `ended_at` when that was taken back.
    """

    source: Source
    lat: float
    lon: float
    accuracy_m: int
    at: datetime
    by: str = ""
    how: str = ""
    times: int = 1
    ended_at: datetime | None = None
    ended_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Everything that was said about a door. `asked_at` is when a server was asked last, whatever it said."""

    words: tuple[Word, ...] = ()
    asked_at: datetime | None = None

    def with_word(self, word: Word) -> "Told":
        """Return the account with a further word; of each source the latest are kept."""
        same = [number for number, each in enumerate(self.words) if each.source is word.source]
        dropped = set(same[: max(len(same) + 1 - MOST_KEPT, 0)])
        kept = (each for number, each in enumerate(self.words) if number not in dropped)
        return replace(self, words=(*kept, word))

    def taken_back(self, *, by: str, at: datetime) -> "Told":
        """Return the account without the correction that counts now. Raises: NothingToTakeBack."""
        last = self.correction
        if last is None:
            raise NothingToTakeBack
        ended = replace(last, ended_at=at, ended_by=by)
        return replace(self, words=tuple(ended if each is last else each for each in self.words))

    @property
    def correction(self) -> Word | None:
        """Return the correction that counts now."""
        return next((word for word in reversed(self.words) if word.source is Source.HAND and not word.ended_at), None)

    def of(self, source: Source) -> tuple[Word, ...]:
        """Return what a source said and nobody took back."""
        return tuple(word for word in self.words if word.source is source and not word.ended_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorPoint:
    """Where a door is believed to be, `accuracy_m` how far off that may be, whose word that is.

    `times` counts the words taken together, `apart_times` those of the same source that say somewhere else, and
    `contradicted_m` is how far from a correction the deliveries were, None when they agree or there are none.
    """

    lat: float
    lon: float
    accuracy_m: int
    source: Source
    times: int = 1
    apart_times: int = 0
    contradicted_m: int | None = None

    @property
    def is_poor(self) -> bool:
        """Tell whether somebody would look for the door."""
        return self.accuracy_m > SURE_M


def settled(told: Told, *, middle: Middle | None) -> DoorPoint | None:
    """Return where a door is believed to be, None when nobody knows.

    What lies outside the commune is not followed, unless a person said so.
    """
    correction, deliveries = told.correction, _combined(_inside(told.of(Source.DELIVERY), middle))
    if correction is not None:
        return _of_person(correction, deliveries)
    if deliveries is not None:
        lost = len(told.of(Source.DELIVERY)) - len(_inside(told.of(Source.DELIVERY), middle))
        return replace(deliveries, apart_times=deliveries.apart_times + lost)
    for source in (Source.PLUS_CODE, Source.GEOCODER):
        if inside := _inside(told.of(source), middle):
            last = inside[-1]
            return DoorPoint(lat=last.lat, lon=last.lon, accuracy_m=max(last.accuracy_m, LEAST_M), source=source)
    return of_middle(middle)


def disbelieved(told: Told, *, middle: Middle | None) -> Word | None:
    """Return the last word about a door where every one lies outside its commune; None where one can be followed."""
    said = [word for word in told.words if not word.ended_at]
    is_followed = told.correction is not None or _inside(said, middle)
    return said[-1] if said and not is_followed else None


def of_middle(middle: Middle | None) -> DoorPoint | None:
    """Return all that is known of a door before anybody says more."""
    if middle is None:
        return None
    return DoorPoint(lat=middle.lat, lon=middle.lon, accuracy_m=middle.radius_m, source=Source.COMMUNE, times=0)


def apart(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the metres between two points (great circle).

    >>> round(apart(16.0678, 108.2208, 15.8801, 108.3380))
    24343
    """
    north = math.sin(math.radians(other_lat - lat) / 2)
    east = math.sin(math.radians(other_lon - lon) / 2)
    half = north**2 + math.cos(math.radians(lat)) * math.cos(math.radians(other_lat)) * east**2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(half, 1.0)))


def _inside(words: Iterable[Word], middle: Middle | None) -> list[Word]:
    return [word for word in words if middle is None or middle.reaches(word.lat, word.lon)]


def _of_person(correction: Word, deliveries: DoorPoint | None) -> DoorPoint:
    """Return a person's word, and how far from it the deliveries were where that is no measuring error."""
    away = 0.0
    if deliveries is not None:
        away = apart(correction.lat, correction.lon, deliveries.lat, deliveries.lon)
        away = away if away > max(_FAR_M, correction.accuracy_m + deliveries.accuracy_m) else 0.0
    return DoorPoint(
        lat=correction.lat,
        lon=correction.lon,
        accuracy_m=max(correction.accuracy_m, LEAST_M),
        source=Source.HAND,
        contradicted_m=round(away) if away else None,
    )


def _combined(deliveries: Sequence[Word]) -> DoorPoint | None:
    """Return the middle of deliveries: their median, without those that were far from it.

    The more agree, the surer it is; two that disagree are as unsure as they are apart.
    """
    if not deliveries:
        return None
    told = [word for word in deliveries for _ in range(word.times)]
    lat, lon = _median(told)
    usual = statistics.median(apart(lat, lon, word.lat, word.lon) for word in told)
    near = [w for w in told if apart(lat, lon, w.lat, w.lon) <= max(_FAR_M, _FAR_TIMES * usual)]
    lat, lon = _median(near)
    spread = statistics.median(apart(lat, lon, word.lat, word.lon) for word in near)
    accuracy = statistics.median(word.accuracy_m for word in near)
    unsure = math.hypot(accuracy, 1.5 * spread) / math.sqrt(len(near))
    return DoorPoint(
        lat=lat,
        lon=lon,
        accuracy_m=max(math.ceil(unsure), LEAST_M),
        source=Source.DELIVERY,
        times=len(near),
        apart_times=len(told) - len(near),
    )


def _median(words: Sequence[Word]) -> tuple[float, float]:
    return statistics.median(word.lat for word in words), statistics.median(word.lon for word in words)
