"""A delivery run: planned, driven by its postman, closed when nothing is left in his hands."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given

from postal.domain import events, run
from postal.domain.events import Event, ItemKind, PlannedStop, ReturnWay
from postal.domain.lifecycle import NotNow
from postal.domain.run import LIFECYCLE, DeliveryRun, RunState
from tests import cast, chance
from tests.cast import minh, monday, nam

STOPS = (
    PlannedStop(number=1, commune="20242", items=("P3FHJ8QXV9", "P222222222")),
    PlannedStop(number=2, commune="20257", items=("P333333335",)),
)


def _plan(postman: str = "nam", stops: tuple[PlannedStop, ...] = STOPS) -> events.RunPlanned:
    return run.plan(
        office=cast.OFFICE,
        territory="551000-01",
        day=cast.today,
        postman=postman,
        stops=stops,
        metres=9400,
        by=minh,
        at=monday,
    )


def planned() -> DeliveryRun:
    """Return Nam's run of two doors."""
    return run.begin(cast.RUN, _plan())


def started() -> DeliveryRun:
    """Return Nam's run while he drives."""
    return planned().evolve(planned().start(by=nam, at=cast.after(minutes=30)))


STATES: dict[RunState, DeliveryRun] = {
    RunState.PLANNED: planned(),
    RunState.STARTED: started(),
    RunState.CLOSED: started().evolve(started().close(delivered=2, returned=1, left=0, by=nam, at=monday)),
}
ACTIONS: dict[type[Event], Callable[[DeliveryRun], Event]] = {
    events.RunStarted: lambda r: r.start(by=nam, at=monday),
    events.RunClosed: lambda r: r.close(delivered=2, returned=1, left=0, by=nam, at=monday),
}


@pytest.mark.parametrize("state", list(RunState))
@pytest.mark.parametrize("kind", list(ACTIONS))
def test_a_run_takes_exactly_the_steps_of_its_life_cycle(state: RunState, kind: type[Event]) -> None:
    thing = STATES[state]
    assert thing.may(kind) is ((state, kind) in LIFECYCLE)
    if thing.may(kind):
        assert thing.evolve(ACTIONS[kind](thing)).state is LIFECYCLE[state, kind]
    else:
        with pytest.raises(NotNow, match="Chuyến R8G3K-5PQJT"):
            ACTIONS[kind](thing)


def test_a_run_needs_a_postman_and_a_stop() -> None:
    with pytest.raises(run.NoPostman):
        _plan(postman="")
    with pytest.raises(run.NothingToDeliver):
        _plan(stops=())


def test_a_run_lists_its_items_in_the_order_of_the_doors() -> None:
    assert planned().items == ("P3FHJ8QXV9", "P222222222", "P333333335")


def test_a_run_is_driven_by_its_own_postman() -> None:
    with pytest.raises(run.NotPostman, match="nam"):
        planned().start(by=minh, at=monday)


def test_a_day_does_not_end_with_items_in_the_postmans_hands() -> None:
    with pytest.raises(run.StillOnRun, match="còn 1 bưu gửi"):
        started().close(delivered=2, returned=0, left=1, by=nam, at=monday)


def test_a_closed_run_says_when_and_how_it_ended() -> None:
    closed = started().evolve(started().close(delivered=2, returned=1, left=0, by=nam, at=cast.after(hours=8)))
    assert (closed.started_at, closed.closed_at) == (cast.after(minutes=30), cast.after(hours=8))
    assert (closed.delivered, closed.returned) == (2, 1)


def test_what_went_back_is_not_given_and_the_sentence_says_whom_to_ask() -> None:
    event = events.DeclaredUndeliverable(
        ground=events.Ground.MOVED, destination=cast.to_the_desk, by=cast.lan.as_author(), occurred_at=monday
    )
    here = replace(cast.result(), custodian=cast.counter).evolve(event)
    run.must_be_for_citizen(here)
    with pytest.raises(run.GoneBack, match=f"nay do {cast.transport} giữ. Mời người dân hỏi {cast.to_the_desk.name}"):
        run.must_be_for_citizen(replace(here, custodian=cast.transport))


@given(chance.histories(events.RunStarted, events.RunClosed))
def test_the_fold_of_a_run_never_fails_and_counts_what_does_not_fit(history: list[Event]) -> None:
    thing = planned()
    for version, event in enumerate(history, start=2):
        before, thing = thing, thing.evolve(event)
        assert thing.version == version
        assert thing.misfits == before.misfits + ((before.state, type(event)) not in LIFECYCLE)
    assert run.replay(cast.RUN, [_plan(), *history]) == thing


def test_a_run_begins_with_its_plan() -> None:
    with pytest.raises(AssertionError, match="does not begin"):
        run.begin(cast.RUN, cast.registered())


@pytest.mark.parametrize(("kind", "goes"), [(ItemKind.SLIP, True), (ItemKind.RESULT, False)])
def test_a_slip_goes_to_the_door_also_of_somebody_who_fetches_the_result_himself(kind: ItemKind, goes: bool) -> None:
    fetched_here = replace(cast.case(), return_way=ReturnWay.POST_OFFICE)
    envelope = replace(cast.result(), kind=kind, custodian=cast.sorting)
    assert run.waits_for_its_door(envelope, fetched_here, on=cast.today) is goes
