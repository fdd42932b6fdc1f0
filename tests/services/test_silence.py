"""Silence becomes a question to the last holder, once, and any news ends it."""

from datetime import datetime, timedelta

from postal import worker
from postal.domain import dispatch as dispatches
from postal.domain import dwell
from postal.domain.codes import CodeKind
from postal.domain.dispatch import Dispatch
from postal.domain.events import (
    Arrived,
    BagsLoaded,
    Delivered,
    Departed,
    Destination,
    DispatchMade,
    HeldForPickup,
    IncidentKind,
    Outcome,
    Receiver,
)
from postal.domain.incident import Incident
from postal.queries import silence as silence_queries
from postal.services import bags, custody, incidents
from postal.store import Store
from postal.worker import Watch
from tests import cast, databases, envelopes

BELOW = cast.below(7)
TO_HOA_KHANH = Destination(place=cast.SMALL_OFFICE, name=cast.UNIT_NAMES[cast.SMALL_OFFICE])


def look(store: Store, at: datetime, watch: Watch | None = None) -> None:
    """Let the worker look at everything at a moment."""
    watch = watch or Watch()
    while True:
        worker.look_for_silence(store, watch, clock=lambda: at, below=BELOW)
        if not watch.last:
            return


def questions(store: Store, about: str) -> list[Incident]:
    with store.begin(at=cast.monday) as ledger:
        return ledger.incidents_about([about])


def bag_on_the_road(store: Store, *, expected_at: datetime | None) -> tuple[str, str, list[str]]:
    """Pack two envelopes at the counter of Lan and let Tài drive off with the bag; returns trip, bag and envelopes."""
    items = envelopes.at_the_counter(store, 2, destination=TO_HOA_KHANH)
    bag = next(cast.codes_of(CodeKind.BAG, seed=3))
    bags.start(store, code=bag, destination=TO_HOA_KHANH, custodian=cast.counter, by=cast.lan, at=cast.monday)
    bags.seal(store, bag, seal="771", items=items, by=cast.lan, at=cast.monday)
    custody.hand_over_together(
        store, [bag], to=cast.transport, giver=cast.lan, receiver=cast.tai, at=cast.after(minutes=5),
        below=cast.below(4),
    )  # fmt: skip
    return depart(store, [bag], expected_at=expected_at), bag, items


def depart(store: Store, loaded: list[str], *, expected_at: datetime | None, seed: int = 5) -> str:
    """Let Tài leave with bags at six past nine and return the trip."""
    code, by, at = next(cast.codes_of(CodeKind.DISPATCH, seed=seed)), cast.tai.as_author(), cast.after(minutes=6)
    made = DispatchMade(origin=cast.OFFICE, destination=TO_HOA_KHANH, expected_at=expected_at, by=by, occurred_at=at)
    with store.begin(at=at) as ledger:
        trip = ledger.begin(Dispatch, code, made)
        trip = ledger.append(trip, BagsLoaded(bags=tuple(loaded), by=by, occurred_at=at))
        ledger.append(trip, Departed(record="", carrier=cast.transport, expected_at=expected_at, by=by, occurred_at=at))
    return code


def arrive(store: Store, trip: str, *, at: datetime) -> None:
    with store.begin(at=at) as ledger:
        made = ledger.dispatch(trip)
        ledger.append(made, Arrived(bags=made.bags, by=cast.tai.as_author(), occurred_at=at))


def test_a_lost_bag_is_seen_within_fifteen_minutes_after_its_time_and_grace(seeded: Store) -> None:
    due = cast.after(hours=2)
    trip, bag, _ = bag_on_the_road(seeded, expected_at=due)
    look(seeded, due + dispatches.GRACE)
    assert questions(seeded, trip) == []
    seen = None
    for minute in range(16):
        at = due + dispatches.GRACE + timedelta(minutes=minute, seconds=3)
        look(seeded, at)
        if questions(seeded, trip):
            seen = at
            break
    assert seen is not None
    assert seen - (due + dispatches.GRACE) <= timedelta(minutes=15)
    (asked,) = questions(seeded, trip)
    assert asked.kind is IncidentKind.BAG_OVERDUE
    assert asked.holder is not None
    assert asked.holder.is_same_as(cast.transport), "the last who signed for the bags is named"
    assert (asked.owner, asked.other) == (cast.OFFICE, cast.SMALL_OFFICE)
    assert questions(seeded, bag) == [], "the trip is asked about, not each of its bags"


def test_one_bag_lost_among_fifty_trips_is_never_silent(seeded: Store) -> None:
    due = cast.after(hours=2)
    bags_ = [next(cast.codes_of(CodeKind.BAG, seed=100 + number)) for number in range(50)]
    trips = [depart(seeded, [bag], expected_at=due, seed=200 + number) for number, bag in enumerate(bags_)]
    for number, trip in enumerate(trips):
        if number != 17:
            arrive(seeded, trip, at=due)
    look(seeded, due + dispatches.GRACE + timedelta(minutes=1))
    assert [code for code in trips if questions(seeded, code)] == [trips[17]]


def test_an_arrival_ends_the_question_by_itself(seeded: Store) -> None:
    due = cast.after(hours=2)
    trip, _, _ = bag_on_the_road(seeded, expected_at=due)
    look(seeded, due + timedelta(hours=1))
    arrive(seeded, trip, at=due + timedelta(hours=2))
    look(seeded, due + timedelta(hours=2, minutes=1))
    (asked,) = questions(seeded, trip)
    assert asked.outcome is Outcome.FITS_NOW
    look(seeded, due + timedelta(hours=3))
    assert len(questions(seeded, trip)) == 1


def test_an_envelope_that_lies_longer_than_usual_is_asked_about_once(seeded: Store) -> None:
    (item,) = envelopes.at_the_counter(seeded, 1)
    on_time = cast.after(days=1) - timedelta(minutes=1)
    look(seeded, on_time)
    assert questions(seeded, item) == [], "a working day at the counter is usual"
    for hours in (1, 2, 26, 50):
        look(seeded, on_time + timedelta(hours=hours))
    (asked,) = questions(seeded, item)
    assert asked.kind is IncidentKind.SILENCE
    assert asked.owner == cast.OFFICE
    assert asked.other == cast.DESK
    assert dwell.OUR_MEASURE in asked.expected, "the record says on what basis it was expected"


def test_nothing_is_asked_over_a_weekend(seeded: Store) -> None:
    friday = cast.after(days=4, hours=7)
    (item,) = envelopes.at_the_counter(seeded, 1, when=friday)
    look(seeded, cast.after(days=6, hours=8))
    assert questions(seeded, item) == []
    look(seeded, cast.after(days=7, hours=10))
    assert len(questions(seeded, item)) == 1


def test_any_later_event_ends_the_question_and_a_new_silence_is_a_new_question(seeded: Store) -> None:
    (item,) = envelopes.at_the_counter(seeded, 1)
    late = cast.after(days=1, hours=2)
    look(seeded, late)
    custody.offer(seeded, [item], to=cast.transport, by=cast.lan, at=late + timedelta(minutes=5), below=cast.below(3))
    look(seeded, late + timedelta(minutes=6))
    (asked,) = questions(seeded, item)
    assert asked.outcome is Outcome.FITS_NOW
    look(seeded, late + timedelta(days=1))  # offered and not signed for: four working hours are usual
    first, second = questions(seeded, item)
    assert second.is_open
    assert first.code != second.code


def test_in_a_bag_the_bag_is_asked_about_and_not_each_envelope(seeded: Store) -> None:
    trip, bag, items = bag_on_the_road(seeded, expected_at=None)
    look(seeded, cast.after(days=4))
    assert [q.kind for q in questions(seeded, bag)] == [IncidentKind.SILENCE]
    assert questions(seeded, trip) == []
    assert not any(questions(seeded, item) for item in items)


def test_what_waits_for_the_citizen_is_not_silent(seeded: Store) -> None:
    (item,) = envelopes.at_the_counter(seeded, 1, destination=cast.to_the_citizen)
    with seeded.begin(at=cast.monday) as ledger:
        waits = HeldForPickup(until=cast.after(days=9).date(), by=cast.lan.as_author(), occurred_at=cast.monday)
        ledger.append_all([(each, waits) for each in ledger.items([item])])
    look(seeded, cast.after(days=5))
    assert questions(seeded, item) == []


@databases.ON_SQLITE
def test_before_the_calendars_are_loaded_nothing_is_asked(store: Store) -> None:
    (item,) = envelopes.at_the_counter(store, 1)
    look(store, cast.after(days=5))
    assert questions(store, item) == []


def test_what_is_missing_without_a_record_gets_one(seeded: Store) -> None:
    (item,) = envelopes.at_the_counter(seeded, 1)
    custody.report_missing(seeded, item, by=cast.lan, at=cast.after(hours=1))
    look(seeded, cast.after(hours=4))
    look(seeded, cast.after(days=3))
    (lost,) = questions(seeded, item)
    assert (lost.kind, lost.owner, lost.other) == (IncidentKind.LOST, cast.OFFICE, cast.DESK)
    incidents.settle_trouble(seeded, item, by=cast.lan, at=cast.after(days=3, hours=1))
    look(seeded, cast.after(days=3, hours=1, minutes=1))
    assert questions(seeded, item)[0].outcome is Outcome.FOUND


def test_what_is_usual_is_measured_from_what_the_ledger_has_seen(seeded: Store) -> None:
    items = envelopes.at_the_counter(seeded, 3, destination=cast.to_the_citizen)
    given = Delivered(
        receiver=Receiver.ADDRESSEE, identity_checked=True, authorisation_shown=False, proof="x",
        by=cast.lan.as_author(), occurred_at=cast.after(hours=2),
    )  # fmt: skip
    with seeded.begin(at=cast.after(hours=2)) as ledger:
        ledger.append_all([(each, given) for each in ledger.items(items)])
    found = silence_queries.past(seeded, at=cast.after(days=1))
    assert [minutes for minutes in found[dwell.Stage.COUNTER] if minutes] == [120, 120, 120]
