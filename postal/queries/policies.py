"""What a place decided for itself, and what it may decide."""

from dataclasses import dataclass
from datetime import datetime

from postal.domain.people import Actor
from postal.domain.places import PlaceKind
from postal.domain.policies import DEFAULTS, OPTIONS, PolicyName
from postal.queries import receivers
from postal.store import Reader, Store

STATE = "state"
"""The calendar whose hours hold where a desk has none of its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyChoice:
    """One thing a place decides: what holds now, who decided it and when, and the ways there are.

    `basis` is what was typed; `is_unverified` says that the way in force rests on nothing verified.
    """

    value: str
    basis: str
    since: datetime | None
    by: str
    options: tuple[tuple[str, str], ...]
    is_unverified: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyPage:
    """How a place works; `limits` is None for a post office, which has no time limits of its own."""

    place: str
    whole_bag: PolicyChoice
    limits: "Limits | None"
    errors: dict[str, str]
    typed: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How a desk or department counts. `usual_hours` are those of the calendar."""

    counting: PolicyChoice
    start_by_post: PolicyChoice
    hours: PolicyChoice
    usual_hours: str


def policy_page(
    store: Store, *, actor: Actor, errors: dict[str, str] | None = None, typed: dict[str, str] | None = None
) -> PolicyPage:
    """Return the policies of the actor's place."""
    with store.read() as reader:
        place = reader.reference.places([actor.place]).get(actor.place)
        is_authority = place is not None and place.kind is not PlaceKind.OFFICE
        return PolicyPage(
            place=place.name if place else actor.place,
            whole_bag=_choice(reader, actor.place, PolicyName.WHOLE_BAG),
            limits=_limits(reader, actor.place) if is_authority else None,
            errors=errors or {},
            typed=typed or {},
        )


def _limits(reader: Reader, place: str) -> Limits:
    return Limits(
        counting=_choice(reader, place, PolicyName.COUNTING),
        start_by_post=_choice(reader, place, PolicyName.START_BY_POST),
        hours=_choice(reader, place, PolicyName.HOURS),
        usual_hours=reader.reference.calendar(STATE).hours_in_words,
    )


def _choice(reader: Reader, place: str, name: PolicyName) -> PolicyChoice:
    found = reader.policies.get(place, name)
    names = receivers.names_of(reader, {found.account}) if found else {}
    basis = found.basis if found else ""
    return PolicyChoice(
        value=found.value if found else DEFAULTS[name],
        basis=basis,
        since=found.since if found else None,
        by=names.get(found.account, found.account) if found else "",
        options=tuple(OPTIONS.get(name, {}).items()),
        is_unverified=name is PolicyName.START_BY_POST and not basis,
    )
