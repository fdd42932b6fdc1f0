"""Asking a server where an address is: what is asked, what it may answer, and when an answer counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from postal.domain.points import Middle, Source, Told, Word

ASK_AGAIN = timedelta(days=60)
"""A server that did not know an address is asked again after so long: its map grows."""

LEAST_M = 30
"""A house on a map is no better than this: the door may be on either side of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressAsked:
    """An address as a server is asked for it: without anybody's name."""

    address: str
    commune: str
    province: str

    @property
    def line(self) -> str:
        """Return the address on one line."""
        return ", ".join(part for part in (self.address, self.commune, self.province, "Việt Nam") if part)


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressFound:
    """Where a server believes an address to be, and how large the thing is that it found, in metres."""

    lat: float
    lon: float
    accuracy_m: int


def is_due(told: Told, *, at: datetime) -> bool:
    """Tell whether a server should be asked for a door: nobody knows more than its commune, and it was not asked."""
    if told.correction or any(told.of(source) for source in (Source.DELIVERY, Source.PLUS_CODE, Source.GEOCODER)):
        return False
    return told.asked_at is None or at - told.asked_at >= ASK_AGAIN


def word_of(found: AddressFound, *, middle: Middle, at: datetime) -> Word | None:
    """Return what a server said, None when it cannot be right or says no more than the commune does."""
    accuracy = max(found.accuracy_m, LEAST_M)
    if not middle.reaches(found.lat, found.lon) or (middle.radius_m and accuracy >= middle.radius_m):
        return None
    return Word(source=Source.GEOCODER, lat=found.lat, lon=found.lon, accuracy_m=accuracy, at=at)
