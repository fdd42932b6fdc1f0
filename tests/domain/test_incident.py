"""The record of an incident: an owner, a due time, two sides, an end in words."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given

from postal.domain import chain, events, incident
from postal.domain.events import Event, IncidentKind, Outcome
from postal.domain.incident import DUE, INCIDENT_NAMES, LIFECYCLE, OUTCOME_NAMES, Incident, IncidentState
from postal.domain.lifecycle import NotNow
from tests import cast, chance
from tests.cast import hoa, lan, monday, quan


def opened(kind: IncidentKind = IncidentKind.MISSING) -> Incident:
    """Return what Hoa wrote about an envelope that was not in Lan's bag."""
    event = incident.open_incident(
        kind, about=cast.ITEM, owner=cast.OFFICE, other=cast.DESK, bag=cast.BAG, holder=cast.counter, by=hoa, at=monday
    )
    return incident.begin(cast.INCIDENT, event)


def settled(thing: Incident, **more: object) -> events.IncidentSettled:
    fields = {"outcome": Outcome.FOUND, "note": "text", "by": lan, "at": cast.after(hours=1), **more}
    return thing.settle(**fields)  # type: ignore[arg-type]


STATES = {IncidentState.OPEN: opened(), IncidentState.SETTLED: opened().evolve(settled(opened()))}
ACTIONS: dict[type[Event], Callable[[Incident], Event]] = {
    events.IncidentAnswered: lambda i: i.answer(note="text", by=lan, at=monday),
    events.IncidentSettled: settled,
}
PAIRS = [(state, kind) for state in IncidentState for kind in ACTIONS]


@pytest.mark.parametrize(("state", "kind"), PAIRS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_an_incident_takes_exactly_the_steps_of_its_life_cycle(state: IncidentState, kind: type[Event]) -> None:
    thing = STATES[state]
    assert thing.may(kind) is ((state, kind) in LIFECYCLE)
    if thing.may(kind):
        assert thing.evolve(ACTIONS[kind](thing)).state is LIFECYCLE[state, kind]
    else:
        with pytest.raises(NotNow, match="Biên bản N2345-6782M"):
            ACTIONS[kind](thing)


@given(chance.histories(*(kind for _, kind in LIFECYCLE)))
def test_the_fold_of_an_incident_never_fails_and_counts_what_does_not_fit(history: list[Event]) -> None:
    thing = opened()
    for version, event in enumerate(history, start=2):
        before, thing = thing, thing.evolve(event)
        assert thing.version == version
        assert thing.misfits == before.misfits + ((before.state, type(event)) not in LIFECYCLE)


def test_an_incident_begins_with_its_opening() -> None:
    with pytest.raises(AssertionError, match="does not begin"):
        incident.begin(cast.INCIDENT, cast.registered())


def test_every_kind_has_a_name_and_a_due_time_and_every_conflict_of_facts_a_kind() -> None:
    assert set(INCIDENT_NAMES) == set(DUE) == set(IncidentKind)
    assert set(OUTCOME_NAMES) == set(Outcome)
    assert set(incident.OF_MISFIT) == chain.CONFLICTS


def test_the_owner_answers_within_the_time_its_kind_has() -> None:
    assert opened().due_at == cast.after(hours=4)
    assert not opened().is_overdue(at=cast.after(hours=4))
    assert opened().is_overdue(at=cast.after(hours=5))
    assert not STATES[IncidentState.SETTLED].is_overdue(at=cast.after(hours=5))
    assert opened(IncidentKind.EXTRA).due_at == cast.after(days=1)


def test_both_sides_write_on_the_record_and_nobody_else() -> None:
    assert opened().concerns(cast.OFFICE)
    assert opened().concerns(cast.DESK)
    for by in (lan, hoa):
        assert opened().evolve(opened().answer(note="text", by=by, at=monday)).answers == ("text",)
    with pytest.raises(incident.NotYourIncident):
        opened().answer(note="text", by=quan, at=monday)
    with pytest.raises(incident.NotYourIncident):
        settled(opened(), by=quan)


def test_an_incident_ends_with_words() -> None:
    with pytest.raises(incident.NoOutcomeNote):
        settled(opened(), note="")
    ended = STATES[IncidentState.SETTLED]
    assert (ended.outcome, ended.outcome_note, ended.settled_by) == (Outcome.FOUND, "text", "lan")


@pytest.mark.parametrize("kind", [kind for kind in IncidentKind if kind in incident.NEEDS_SIGHT])
def test_two_holders_or_two_labels_are_settled_only_after_a_fresh_scan(kind: IncidentKind) -> None:
    with pytest.raises(incident.NotSightedYet):
        settled(opened(kind))
    with pytest.raises(incident.NotSightedYet):
        settled(replace(opened(kind), opened_at=cast.after(hours=2)), sighted_at=cast.after(hours=1))
    assert settled(opened(kind), sighted_at=cast.after(minutes=5)).outcome is Outcome.FOUND


def test_what_fits_after_all_ends_without_anybody_writing() -> None:
    ended = opened().evolve(opened().fits_now(by=hoa, at=monday))
    assert (ended.is_open, ended.outcome) == (False, Outcome.FITS_NOW)
