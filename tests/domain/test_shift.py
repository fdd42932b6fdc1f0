"""Who holds a position: one person at a time, passed on by a counted hand-over."""

from dataclasses import replace

import pytest
from hypothesis import given

from postal.domain import events, shift
from postal.domain.events import Event
from postal.domain.item import SamePerson
from postal.domain.people import Role
from postal.domain.shift import PositionHolding
from tests import cast, chance
from tests.cast import counter, hung, lan, minh, monday


def held_by_lan() -> PositionHolding:
    """Return the counter while Lan holds it."""
    return shift.begin(counter.key, shift.take(counter.key, held_by="", by=lan, at=monday))


def test_who_takes_a_free_position_holds_it() -> None:
    assert (held_by_lan().holder, held_by_lan().since) == ("lan", monday)


def test_a_position_that_somebody_holds_is_not_taken() -> None:
    with pytest.raises(shift.PositionHeld, match="lan"):
        shift.take(counter.key, held_by="lan", by=hung, at=monday)


def test_the_holder_passes_the_position_on_with_everything_in_it() -> None:
    event = held_by_lan().pass_on(holder="minh", expected=40, counted=39, by=lan, at=cast.after(hours=8))
    passed = held_by_lan().evolve(event)
    assert (event.giver, passed.holder, passed.since) == ("lan", "minh", cast.after(hours=8))
    assert (passed.expected, passed.counted) == (40, 39)


def test_a_stranger_does_not_pass_on_what_he_does_not_hold() -> None:
    with pytest.raises(shift.NotPositionHolder, match="hung"):
        held_by_lan().pass_on(holder="hung", expected=0, counted=0, by=hung, at=monday)


def test_for_somebody_who_fell_ill_the_head_of_the_same_office_passes_it_on() -> None:
    assert held_by_lan().pass_on(holder="sen", expected=1, counted=1, by=minh, at=monday).giver == "lan"
    elsewhere = replace(minh, place=cast.SMALL_OFFICE)
    with pytest.raises(shift.NotPositionHolder):
        held_by_lan().pass_on(holder="sen", expected=1, counted=1, by=elsewhere, at=monday)
    not_a_head = replace(minh, roles=frozenset({Role.SORTING}))
    with pytest.raises(shift.NotPositionHolder):
        held_by_lan().pass_on(holder="sen", expected=1, counted=1, by=not_a_head, at=monday)


def test_nobody_hands_a_position_to_himself() -> None:
    with pytest.raises(SamePerson):
        held_by_lan().pass_on(holder="lan", expected=0, counted=0, by=lan, at=monday)


@given(chance.histories(events.ShiftHandedOver, events.PositionTaken))
def test_the_fold_of_a_position_never_fails_and_always_names_one_holder(history: list[Event]) -> None:
    holding = held_by_lan()
    for version, event in enumerate(history, start=2):
        before, holding = holding, holding.evolve(event)
        assert holding.version == version
        fits = isinstance(event, events.ShiftHandedOver)
        assert holding.misfits == before.misfits + (not fits)
        assert holding.holder == (event.holder if isinstance(event, events.ShiftHandedOver) else before.holder)
    first = shift.take(counter.key, held_by="", by=lan, at=monday)
    assert shift.replay(counter.key, [first, *history]) == holding


def test_a_holding_begins_when_the_position_is_taken() -> None:
    with pytest.raises(AssertionError, match="does not begin"):
        shift.begin(counter.key, cast.registered())
