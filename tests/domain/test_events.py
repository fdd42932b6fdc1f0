"""Events: each has its place, is folded, carries no personal data, and never changes."""

import dataclasses
import importlib
import typing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postal.domain import bag, cash, dispatch, dossier, events, handover, home_pickup, incident, item, run, shift
from postal.domain.events import Event
from tests import cast, chance

WITH_STATES = (item, bag, dispatch, incident, dossier, handover, run, cash, home_pickup)
BEGINNINGS = {
    events.Registered,
    events.BagStarted,
    events.DispatchMade,
    events.IncidentOpened,
    events.DossierOpened,
    events.TurnedBack,
    events.RecordOffered,
    events.RunPlanned,
    events.PositionTaken,
    events.PickupAsked,
    events.CashOffered,
    events.TillCounted,
}
CUSTODY = {
    events.HandedOver,
    events.Accepted,
    events.Declined,
    events.Recalled,
    events.SignedOnPaper,
    events.Moved,
    events.TakenOver,
    events.ReportedMissing,
    events.Found,
    events.Sighted,
    events.Corrected,
}
"""What happens to whatever has a custodian: an envelope and a bag alike."""
OF_A_POSITION = {events.PositionTaken, events.ShiftHandedOver}
NO_NAMES = {"name", "phone", "address", "identity", "passport", "email", "birth", "citizen", "person"}


def _kinds_of(module: ModuleType) -> set[type[Event]]:
    return {kind for _, kind in module.LIFECYCLE}


def test_every_event_belongs_to_one_thing_but_those_of_custody_which_envelopes_and_bags_share() -> None:
    tables = [_kinds_of(module) for module in WITH_STATES] + [OF_A_POSITION]
    placed = [kind for table in tables for kind in table]
    assert {kind for kind in placed if placed.count(kind) > 1} == CUSTODY
    assert {module for module in WITH_STATES if not CUSTODY.isdisjoint(_kinds_of(module))} == {item, bag}
    assert {*placed, events.Claimed} == set(chance.EVENT_KINDS), "a claim of an item moves nothing, so no table has it"


def test_every_life_cycle_is_listed_here() -> None:
    folder = Path(events.__file__).parent
    modules = {importlib.import_module(f"postal.domain.{path.stem}") for path in folder.glob("[a-z]*.py")}
    assert {module for module in modules if hasattr(module, "LIFECYCLE")} == set(WITH_STATES)


def test_what_begins_a_thing_begins_nothing_else_and_never_comes_again() -> None:
    starts = {kind for module in WITH_STATES for before, kind in module.LIFECYCLE if before is None}
    later = {kind for module in WITH_STATES for before, kind in module.LIFECYCLE if before is not None}
    assert starts | {events.PositionTaken} == BEGINNINGS
    assert starts & later == {events.TillCounted}, "a till has no beginning: its first count is a count"


@settings(max_examples=10)
@given(st.data())
@pytest.mark.parametrize("kind", chance.EVENT_KINDS)
def test_every_event_is_folded_where_it_may_happen(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(chance.things(kind))
    for module in WITH_STATES:
        for before, allowed in module.LIFECYCLE:
            if allowed is kind and before is not None:
                assert _in_state(module, before).evolve(event).misfits == 0


def _in_state(module: ModuleType, state: Any) -> Any:
    """Return a thing in a state, however it got there."""
    if module is item:
        offered = cast.counter if state is item.Custody.OFFERED else None
        return dataclasses.replace(cast.envelope(), custody=state, offered_to=offered)
    if module is bag:
        offered = cast.counter if state is bag.BagState.OFFERED else None
        return dataclasses.replace(cast.sealed_bag(), state=state, offered_to=offered)
    if module is dispatch:
        made = dispatch.make(
            code=cast.TRIP, origin=cast.OFFICE, destination=cast.to_the_desk, by=cast.lan, at=cast.monday
        )
        return dataclasses.replace(dispatch.begin(cast.TRIP, made), state=state)
    if module is incident:
        opened = incident.open_incident(
            events.IncidentKind.EXTRA, about=cast.ITEM, owner="a", other="b", by=cast.lan, at=cast.monday
        )
        return dataclasses.replace(incident.begin(cast.INCIDENT, opened), state=state)
    if module is dossier:
        return dataclasses.replace(cast.case(), status=state)
    if module is handover:
        event = handover.offer(giver=cast.counter, receiver=cast.desk, items=("P",), by=cast.lan, at=cast.monday)
        return dataclasses.replace(handover.begin(cast.RECORD, event), state=state)
    if module is cash:
        fee = cash.InTill(fees={cast.DOSSIER: 1})
        on_its_way = cash.offer(
            giver=cast.counter, receiver=cast.desk, money=fee, held=fee, run="", by=cast.lan, at=cast.monday
        )
        return dataclasses.replace(cash.begin("B", on_its_way), state=state)
    if module is home_pickup:
        return dataclasses.replace(home_pickup.begin("H", cast.pickup_asked()), state=state)
    stop = events.PlannedStop(number=1, commune="20242", items=("P",))
    planned = run.plan(
        office=cast.OFFICE,
        territory="551000-01",
        day=cast.today,
        postman="nam",
        stops=(stop,),
        metres=1,
        by=cast.minh,
        at=cast.monday,
    )
    return dataclasses.replace(run.begin(cast.RUN, planned), state=state)


def test_a_position_folds_both_of_its_events() -> None:
    taken = shift.take(cast.counter.key, held_by="", by=cast.lan, at=cast.monday)
    assert shift.begin(cast.counter.key, taken).holder == "lan"


@pytest.mark.parametrize("kind", chance.EVENT_KINDS)
def test_an_event_says_who_when_and_in_the_past_tense(kind: type[Event]) -> None:
    names = [field.name for field in dataclasses.fields(kind)]
    assert names[:2] == ["by", "occurred_at"]
    assert kind.__doc__
    assert not kind.__doc__.startswith(kind.__name__), "says what happened"


@pytest.mark.parametrize("kind", chance.EVENT_KINDS)
def test_an_event_has_no_field_for_personal_data(kind: type[Event]) -> None:
    hints = typing.get_type_hints(kind)
    texts = {field.name for field in dataclasses.fields(kind) if hints[field.name] is str}
    assert not {name for name in texts if set(name.split("_")) & NO_NAMES}


@pytest.mark.parametrize("kind", chance.EVENT_KINDS)
def test_an_event_never_changes(kind: type[Event]) -> None:
    options = kind.__dataclass_params__  # type: ignore[attr-defined]
    assert options.frozen
    assert "__slots__" in vars(kind)
