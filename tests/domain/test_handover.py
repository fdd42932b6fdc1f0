"""The hand-over record: two parties, counted lines, a signing time."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given

from postal.domain import events, handover
from postal.domain.events import DeclineReason, Event, Evidence
from postal.domain.handover import LIFECYCLE, HandoverRecord, RecordState
from postal.domain.item import NotAddressee, NotCustodian, SamePerson
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor
from tests import cast, chance
from tests.cast import counter, hoa, lan, monday, tai, transport

FIRST, SECOND, STRANGER = "P3FHJ8QXV9", "P222222222", "PXXXXXXXXX"


def offered() -> HandoverRecord:
    """Return a record over two items that Lan offers to transport."""
    event = handover.offer(giver=counter, receiver=transport, items=(FIRST, SECOND), by=lan, at=monday)
    return handover.begin(cast.RECORD, event)


def signed_on_paper(photo: str = "photo") -> HandoverRecord:
    """Return a record both signed in ink."""
    return offered().evolve(_paper(offered(), by=lan, photo=photo))


def _paper(record: HandoverRecord, *, by: Actor, photo: str = "photo", minutes: int = 5) -> Event:
    return record.sign_on_paper(
        declined={},
        photo=photo,
        signer="text",
        signed_at=cast.after(minutes=minutes),
        by=by,
        at=cast.after(hours=1),
    )


STATES: dict[RecordState, HandoverRecord] = {
    RecordState.OFFERED: offered(),
    RecordState.ACCEPTED: offered().evolve(offered().accept(declined={}, by=tai, at=monday)),
    RecordState.RECALLED: offered().evolve(offered().recall(by=lan, at=monday)),
    RecordState.ON_PAPER: signed_on_paper(),
    RecordState.CONFIRMED: signed_on_paper().evolve(signed_on_paper().confirm(by=tai, at=cast.after(hours=2))),
}
ACTIONS: dict[type[Event], Callable[[HandoverRecord], Event]] = {
    events.RecordAccepted: lambda r: r.accept(declined={}, by=tai, at=monday),
    events.RecordRecalled: lambda r: r.recall(by=lan, at=monday),
    events.RecordSignedOnPaper: lambda r: _paper(r, by=lan),
    events.RecordConfirmed: lambda r: r.confirm(by=tai, at=monday),
    events.RecordExtended: lambda r: events.RecordExtended(bags=(cast.BAG,), by=lan.as_author(), occurred_at=monday),
}
PAIRS = [(state, kind) for state in RecordState for kind in ACTIONS]


@pytest.mark.parametrize(("state", "kind"), PAIRS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_record_takes_exactly_the_steps_of_its_life_cycle(state: RecordState, kind: type[Event]) -> None:
    record = STATES[state]
    assert record.state is state
    assert record.may(kind) is ((state, kind) in LIFECYCLE)
    if record.may(kind):
        assert record.evolve(ACTIONS[kind](record)).state is LIFECYCLE[state, kind]
    elif kind is not events.RecordExtended:  # a device's later lines are added by the service that hears them
        with pytest.raises(NotNow, match="Biên bản G5R2X-6VTHC"):
            ACTIONS[kind](record)


def test_a_record_needs_a_line() -> None:
    with pytest.raises(handover.NothingToHandOver):
        handover.offer(giver=counter, receiver=transport, items=(), by=lan, at=monday)


def test_a_bag_is_a_line_beside_the_items_and_enough_for_a_record() -> None:
    event = handover.offer(
        giver=counter, receiver=transport, items=(), bags=(cast.BAG,), dispatch=cast.TRIP, by=lan, at=monday
    )
    record = handover.begin(cast.RECORD, event)
    assert (record.lines, record.dispatch) == ((cast.BAG,), cast.TRIP)
    assert record.accept(declined={}, by=tai, at=monday).accepted == (cast.BAG,)
    both = handover.begin(cast.RECORD, replace(event, items=(FIRST,)))
    declined = both.accept(declined={cast.BAG: DeclineReason.MISSING}, by=tai, at=monday)
    assert (declined.accepted, declined.declined) == ((FIRST,), ((cast.BAG, DeclineReason.MISSING),))


def test_more_lines_of_the_same_hand_over_are_counted_with_the_first() -> None:
    more = events.RecordExtended(items=(STRANGER,), bags=(cast.BAG,), by=lan.as_author(), occurred_at=monday)
    assert offered().evolve(more).lines == (FIRST, SECOND, STRANGER, cast.BAG)


def test_an_offer_ends_when_the_envelope_turns_up_in_a_bag() -> None:
    given = cast.envelope().hand_over(to=transport, record=cast.RECORD, by=lan, at=monday)
    found = cast.envelope().find_in_bag(bag=cast.sealed_bag(), condition=events.Condition.SOUND, by=lan, at=monday)
    end = handover.end_of([given, found], record=cast.RECORD)
    assert end is found
    assert not handover.is_taken(end)


def test_what_was_not_taken_is_named_with_its_reason() -> None:
    accepted = offered().accept(declined={SECOND: DeclineReason.MISSING}, by=tai, at=cast.after(minutes=3))
    record = offered().evolve(accepted)
    assert (record.accepted, record.declined) == ((FIRST,), ((SECOND, DeclineReason.MISSING),))
    assert (record.receiver_account, record.signed_at) == ("tai", cast.after(minutes=3))
    assert record.evidence is Evidence.A


def test_only_what_stands_on_the_record_is_counted() -> None:
    with pytest.raises(handover.NotOnRecord, match="PXXXX-XXXXX"):
        offered().accept(declined={STRANGER: DeclineReason.DAMAGED}, by=tai, at=monday)


def test_only_the_receiver_signs_and_only_the_giver_recalls() -> None:
    with pytest.raises(NotAddressee):
        offered().accept(declined={}, by=hoa, at=monday)
    with pytest.raises(NotCustodian):
        offered().recall(by=tai, at=monday)
    with pytest.raises(NotCustodian):
        _paper(offered(), by=tai)
    with pytest.raises(NotAddressee):
        signed_on_paper().confirm(by=lan, at=monday)


def test_nobody_signs_on_both_sides() -> None:
    both = replace(lan, positions=frozenset({counter.key, transport.key}))
    with pytest.raises(SamePerson):
        offered().accept(declined={}, by=both, at=monday)


def test_the_legal_time_is_the_one_written_on_the_paper() -> None:
    assert signed_on_paper().signed_at == cast.after(minutes=5)


@pytest.mark.parametrize("minutes", [-1, 61])
def test_nobody_signed_before_the_record_was_drawn_up_or_in_the_future(minutes: int) -> None:
    with pytest.raises(handover.SignedTooEarly):
        _paper(offered(), by=lan, minutes=minutes)


@pytest.mark.parametrize(("photo", "grade"), [("photo", Evidence.B), ("", Evidence.C)])
def test_ink_is_weaker_evidence_until_the_receiver_confirms(photo: str, grade: Evidence) -> None:
    record = signed_on_paper(photo)
    assert record.evidence is grade
    confirmed = record.evolve(record.confirm(by=tai, at=cast.after(days=1)))
    assert (confirmed.evidence, confirmed.receiver_account) == (Evidence.A, "tai")
    assert confirmed.signed_at == record.signed_at


@given(chance.histories(*(kind for _, kind in LIFECYCLE)))
def test_the_fold_of_a_record_never_fails_and_counts_what_does_not_fit(history: list[Event]) -> None:
    record = offered()
    for version, event in enumerate(history, start=2):
        before, record = record, record.evolve(event)
        assert record.version == version
        assert record.misfits == before.misfits + ((before.state, type(event)) not in LIFECYCLE)
        assert (record.giver, record.receiver, record.items[:2]) == (counter, transport, (FIRST, SECOND))


def test_a_record_begins_with_its_offer() -> None:
    with pytest.raises(AssertionError, match="does not begin"):
        handover.begin(cast.RECORD, cast.registered())


# --- the receiving side wrote it --------------------------------------------------------------------------------------


def from_the_desk() -> HandoverRecord:
    """Return a record that the driver wrote because the desk's officer has no account."""
    event = handover.offer(
        giver=cast.desk, receiver=transport, items=(FIRST, SECOND), by=tai, at=monday, by_receiver=True
    )
    return handover.begin(cast.RECORD, event)


def test_the_receiver_enters_a_paper_that_the_receiver_wrote_and_the_giver_confirms_it() -> None:
    record = from_the_desk()
    with pytest.raises(NotCustodian):
        _paper(record, by=hoa)
    on_paper = record.evolve(_paper(record, by=tai))
    with pytest.raises(NotAddressee):
        on_paper.confirm(by=tai, at=cast.after(hours=2))
    confirmed = on_paper.evolve(on_paper.confirm(by=hoa, at=cast.after(hours=2)))
    assert (confirmed.giver_account, confirmed.receiver_account) == ("hoa", "tai")
    assert (confirmed.state, confirmed.evidence) == (RecordState.CONFIRMED, Evidence.A)


def test_a_signing_time_lies_behind_us() -> None:
    handover.must_be_over(monday, at=monday)
    with pytest.raises(handover.SignedInFuture, match="chưa đến"):
        handover.must_be_over(cast.after(minutes=1), at=monday)
