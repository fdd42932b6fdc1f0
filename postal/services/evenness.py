"""How evenly a plan shares the hours between postmen."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Protocol

from postal.domain.evenness import Evenness
from routes import fairness
from routes.fairness import Hours

MINUTE = timedelta(minutes=1)


class Driving(Protocol):
    """A proposed run, or the line of one: who drives it, how long it takes and how long he may work."""

    @property
    def postman(self) -> str:
        """The account; empty while nobody drives."""
        ...

    @property
    def seconds(self) -> int:
        """How long it takes."""
        ...

    @property
    def longest_minutes(self) -> int:
        """How long he may work."""
        ...


def of_drafts(drafts: Iterable[Driving]) -> Evenness:
    """Return how even the proposed runs of a day are, for those who drive them; runs without a postman do not count."""
    worked: dict[str, timedelta] = {}
    available: dict[str, timedelta] = {}
    for draft in drafts:
        if draft.postman:
            longest = draft.longest_minutes * MINUTE
            worked[draft.postman] = worked.get(draft.postman, timedelta()) + timedelta(seconds=draft.seconds)
            available[draft.postman] = max(available.get(draft.postman, timedelta()), longest)
    return of_hours(worked, available=available)


def of_hours(worked: Mapping[str, timedelta], *, available: Mapping[str, timedelta]) -> Evenness:
    """Return how even hours are between accounts; who has no hours is absent and does not count."""
    found = fairness.fairness(
        Hours(driver=name, worked=worked.get(name, timedelta()), available=hours)
        for name, hours in available.items()
        if hours
    )
    return Evenness(
        gini=round(1000 * found.gini),
        drivers=len(found.present),
        most=found.most.driver if found.most else "",
        most_minutes=round(found.most.worked / MINUTE) if found.most else 0,
        least=found.least.driver if found.least else "",
        least_minutes=round(found.least.worked / MINUTE) if found.least else 0,
    )
