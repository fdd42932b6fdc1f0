"""What waits at offices for a door on a day, and until when: read for whoever plans it and for whoever looks at it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from postal.domain import calendars, clocks, doors
from postal.domain.calendars import WorkCalendar
from postal.domain.doors import Waiting
from postal.domain.item import Item
from postal.domain.places import Lane, NoLane, Place
from postal.store import passages
from postal.store.passages import Passage
from postal.store.reader import Reader

POST = "post"
"""The calendar by which postal legs are counted."""


def at(reader: Reader, offices: Collection[str], *, on: date) -> list[Waiting]:
    """Return what waits at offices for a door on a day and is on no planned run, whoever visits the door.

    What was put off to a later day waits for that day, unless it is due before.
    """
    found = whenever(reader, offices, on=on)
    days = reader.weeks.days_of([each.code for each in found])
    return [each for each in found if each.code not in days or not days[each.code].hides(on, due_on=each.due_on)]


def whenever(reader: Reader, offices: Collection[str], *, on: date) -> list[Waiting]:
    """Return what could go out on a day and is on no planned run, also what was put off to a later day."""
    items = reader.rounds.items_for_citizens(offices)
    pickups = reader.rounds.pickups_due(offices, on=on)
    taken = reader.rounds.spoken_for([*(i.code for i in items), *(p.code for p in pickups)], on=on)
    free = [found for found in items if found.code not in taken]
    dossiers = reader.rounds.dossiers({*(i.dossier for i in free), *(p.dossier for p in pickups)})
    people = reader.people.of(sorted(dossiers))
    return [
        *doors.deliveries(free, dossiers, people, due=_legs_end(reader, free), on=on),
        *doors.invitations(free, dossiers, people, on=on),
        *doors.fetches((each for each in pickups if each.code not in taken), dossiers, people, on=on),
    ]


# --- postal legs back -------------------------------------------------------------------------------------------------


def _legs_end(reader: Reader, items: Sequence[Item]) -> dict[str, date]:
    """Return by item the last day of its postal leg back (J+n); what nobody visited yet and no lane is known for: none.

    Source: TT 17/2017/TT-BTTTT Đ.7.
    """
    first_visits = [found for found in items if not found.attempts]
    if not first_visits:
        return {}
    happened = passages.of_items(reader, [found.code for found in first_visits])
    calendar, lanes = reader.reference.calendar(POST), _Lanes(reader, first_visits)
    return {
        found.code: end
        for found in first_visits
        if (end := _leg_end(found, happened[found.code], lanes=lanes, calendar=calendar)) is not None
    }


def _leg_end(found: Item, happened: Sequence[Passage], *, lanes: "_Lanes", calendar: WorkCalendar) -> date | None:
    since = passages.first_with_post(happened)
    lane = lanes.of(found, on=calendars.local(since).date()) if since else None
    if since is None or lane is None:
        return None
    return clocks.postal_leg(lane.tier_days, accepted_at=since, cutoff=lane.cutoff, calendar=calendar).due_on


class _Lanes:
    """The lanes between the ends of some items, each looked up once."""

    def __init__(self, reader: Reader, items: Iterable[Item]) -> None:
        self._reference = reader.reference
        ends = {place for found in items for place in (found.origin, found.destination.place)}
        self._places: dict[str, Place] = reader.reference.places(ends)
        self._known: dict[tuple[str, str, date], Lane | None] = {}

    def of(self, found: Item, *, on: date) -> Lane | None:
        """Return the lane from where an item comes to where it ends, None when there is none."""
        key = (found.origin, found.destination.place, on)
        if key not in self._known:
            self._known[key] = self._lane(*key)
        return self._known[key]

    def _lane(self, origin: str, destination: str, on: date) -> Lane | None:
        try:
            return self._reference.lane(self._places[origin], self._places[destination], on=on)
        except (KeyError, NoLane):
            return None
