"""What proves a visit: a picture tied by a hash to the one thing it proves, and the place where it was taken."""

import hashlib
import math
import re
from dataclasses import dataclass
from datetime import datetime

from postal.domain.refusals import Refused

SURE_WITHIN_M = 100
"""A place that a phone is surer of than this tells where a door is."""

LONGEST_STAY_S = 86_400

_POINT = r"(-?\d+\.\d{6}) (-?\d+\.\d{6}) ±(\d+)"
_WRITTEN = re.compile(rf"{_POINT}(?: (\d+)s)?(?: \| {_POINT})?")


class NoInk(Refused):
    """A signature is a line that somebody drew."""

    code = "no_ink"
    vi = "Ô chữ ký còn trống. Mời người nhận ký vào ô, hoặc chụp ảnh người nhận đã ký rồi lưu."
    en = "The signature is empty. Ask for a signature, or take a photo."


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """Where a phone was, in degrees (WGS 84), as sure as `accuracy_m` metres.

    `stayed_s` is for how many seconds the page of the door was open on it, None where it did not say.
    """

    lat: float
    lon: float
    accuracy_m: int
    stayed_s: int | None = None

    @property
    def is_sure(self) -> bool:
        """Tell whether it says which door it was."""
        return self.accuracy_m <= SURE_WITHIN_M


def binding(*, item: str, run: str, at: datetime, content: bytes) -> str:
    """Return the hash (SHA-256, hex) that stands in the event; the same picture for another item has another one."""
    parts = (item, run, at.isoformat(), hashlib.sha256(content).hexdigest())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def spot(lat: float, lon: float, accuracy_m: float, *, stayed_s: int | None = None) -> Spot | None:
    """Return a place on earth, None for numbers that are none; a stay longer than a day is not told.

    >>> spot(16.06778, 108.22083, 12.4)
    Spot(lat=16.06778, lon=108.22083, accuracy_m=13, stayed_s=None)
    >>> spot(91.0, 108.0, 5.0) is None
    True
    """
    on_earth = abs(lat) <= 90 and abs(lon) <= 180  # false for what is no number, too
    stayed = stayed_s if stayed_s is not None and 0 <= stayed_s <= LONGEST_STAY_S else None
    if not (on_earth and 0 <= accuracy_m < 1e6):
        return None
    return Spot(lat=lat, lon=lon, accuracy_m=math.ceil(accuracy_m), stayed_s=stayed)


def written(spot: Spot, *, planned: Spot | None = None) -> str:
    """Return a place as the sealed text keeps it, with the point where the door was thought to be at that time.

    That point is kept because the delivery itself may teach the door a better one, which would agree with itself.

    >>> written(Spot(lat=16.06778, lon=108.22083, accuracy_m=13, stayed_s=45))
    '16.067780 108.220830 ±13 45s'
    """
    stayed = f" {spot.stayed_s}s" if spot.stayed_s is not None else ""
    return f"{_point(spot)}{stayed}{f' | {_point(planned)}' if planned else ''}"


def read(text: str) -> Spot | None:
    """Return the place of a text that `written` made, None for an erased one."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    stayed = int(found[4]) if found[4] else None
    return Spot(lat=float(found[1]), lon=float(found[2]), accuracy_m=int(found[3]), stayed_s=stayed)


def planned_point(text: str) -> Spot | None:
    """Return where the door was thought to be when a text was written, None where nobody knew."""
    found = _WRITTEN.fullmatch(text)
    if found is None or not found[5]:
        return None
    return Spot(lat=float(found[5]), lon=float(found[6]), accuracy_m=int(found[7]))


def _point(spot: Spot) -> str:
    return f"{spot.lat:.6f} {spot.lon:.6f} ±{spot.accuracy_m}"
