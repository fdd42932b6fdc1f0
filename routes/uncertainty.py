"""What it costs to look for a door: the less is known of where it is, the longer a stop takes."""

from __future__ import annotations

from datetime import timedelta

from routes.model import Place

SEEN_FROM_M = 50
"""A door this near is found without looking for it."""

LOOKING_KMH = 10.0
"""How fast somebody drives who reads house numbers."""

LONGEST = timedelta(minutes=10)
"""Who knows his round asks somebody rather than look any longer."""


def slack(
    place: Place | None,
    *,
    seen_from_m: int = SEEN_FROM_M,
    looking_kmh: float = LOOKING_KMH,
    longest: timedelta = LONGEST,
) -> timedelta:
    """Return how much longer a stop takes because of where it might be: whole seconds, never less where less is known.

    The way from the point to where the door may be, driven slowly, at most `longest`; all of it where nothing is known.

    >>> slack(Place(16.0678, 108.2208, uncertainty_m=12))
    datetime.timedelta(0)
    >>> slack(Place(16.0678, 108.2208, uncertainty_m=1050))
    datetime.timedelta(seconds=360)
    >>> slack(Place(16.0678, 108.2208, uncertainty_m=9000)) == slack(None) == LONGEST
    True
    """
    if looking_kmh <= 0:
        raise ValueError("a speed is above 0")
    if place is None:
        return longest
    beyond = max(place.uncertainty_m - seen_from_m, 0)
    return min(timedelta(seconds=round(beyond / (looking_kmh / 3.6))), longest)
