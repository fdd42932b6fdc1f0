"""The places a clerk chooses from."""

from postal.domain.places import Place, PlaceKind
from postal.queries import counter
from postal.web.registering import communes
from postal.web.registering.drafts import Draft

Options = tuple[tuple[str, str], ...]
"""Code and name of each place offered."""


def offices(draft: Draft) -> Options:
    """Return the offices to fetch a result at: those of the sender's province, then of this one."""
    province = communes.province_of(draft, draft.form.typed.get("sender_commune", ""))
    near = [counter.places_near(draft.store, each, PlaceKind.OFFICE) for each in dict.fromkeys((province, draft.here))]
    return tuple(option for places in near for option in _options(places))


def desks(draft: Draft) -> Options:
    """Return the desks of the case's province, none where the way is known."""
    return _near_the_case(draft, PlaceKind.DESK)


def departments(draft: Draft) -> Options:
    """Return the authorities of the case's province, none where the way is known."""
    return _near_the_case(draft, PlaceKind.DEPARTMENT)


def _near_the_case(draft: Draft, kind: PlaceKind) -> Options:
    if not draft.must_choose:
        return ()
    province = communes.province_of(draft, communes.of_case(draft))
    return _options(counter.places_near(draft.store, province, kind))


def _options(places: tuple[Place, ...]) -> Options:
    return tuple((place.code, place.name) for place in places)
