"""The envelope: one custodian at every instant, and what may happen to it next."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, datetime

import pytest
from hypothesis import given

from postal.domain import events, item
from postal.domain.events import (
    Accepted,
    AttemptReason,
    Condition,
    Declined,
    DeclineReason,
    Event,
    Evidence,
    Ground,
    Recalled,
    Receiver,
)
from postal.domain.item import LIFECYCLE, Custody, Item, Trouble
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor, Custodian, CustodianKind, Side
from postal.domain.refusals import Refused
from tests import cast, chance
from tests.cast import counter, department, desk, hoa, lan, monday, nam, sen, tai, transport

STATES: dict[Custody, Item] = {
    Custody.HELD: cast.envelope(),
    Custody.OFFERED: cast.envelope(cast.envelope().hand_over(to=transport, record=cast.RECORD, by=lan, at=monday)),
    Custody.BAGGED: cast.envelope(cast.envelope().pack(bag=cast.empty_bag(), by=lan, at=monday)),
    Custody.DELIVERED: replace(cast.envelope(), custody=Custody.DELIVERED),
    Custody.VOIDED: replace(cast.envelope(), custody=Custody.VOIDED),
}

ACTIONS: dict[type[Event], Callable[[Item, Actor], Event]] = {
    events.Sealed: lambda i, by: i.close_seal(seal="7", by=by, at=monday),
    events.HandedOver: lambda i, by: i.hand_over(to=desk, record=cast.RECORD, by=by, at=monday),
    events.Accepted: lambda i, by: i.accept(by=by, at=monday),
    events.Declined: lambda i, by: i.decline(reason=DeclineReason.NOT_MINE, by=by, at=monday),
    events.Recalled: lambda i, by: i.recall(by=by, at=monday),
    events.SignedOnPaper: lambda i, by: i.sign_on_paper(evidence=Evidence.B, by=by, at=monday),
    events.Moved: lambda i, by: i.move(to=i.custodian, by=by, at=monday),
    events.TakenOver: lambda i, by: i.take_over(to=transport, reason="t", by=by, at=monday),
    events.Rerouted: lambda i, by: i.reroute(destination=cast.to_the_citizen, by=by, at=monday),
    events.AttemptFailed: lambda i, by: i.fail_attempt(
        run=cast.RUN, reason=AttemptReason.NO_ANSWER, next_on=None, proof="", by=by, at=monday
    ),
    events.HeldForPickup: lambda i, by: i.hold_for_pickup(
        until=date(2026, 11, 30), calendar=cast.post_calendar, by=by, at=monday
    ),
    events.InvitationLeft: lambda i, by: i.leave_invitation(run=cast.RUN, proof="", by=by, at=monday),
    events.DeclaredUndeliverable: lambda i, by: i.declare_undeliverable(
        ground=Ground.REFUSED, destination=cast.to_the_desk, reason="t", by=by, at=monday
    ),
    events.Delivered: lambda i, by: _deliver(i, by=by),
    events.ReportedMissing: lambda i, by: i.report_missing(by=by, at=monday),
    events.ReportedDamaged: lambda i, by: i.report_damaged(by=by, at=monday),
    events.Found: lambda i, by: replace(i, trouble=Trouble.DAMAGED).find(by=by, at=monday),
    events.Voided: lambda i, by: i.void(reason="t", by=by, at=monday),
    events.Packed: lambda i, by: i.pack(bag=cast.empty_bag(), by=by, at=monday),
    events.Unpacked: lambda i, by: i.unpack(bag=cast.sealed_bag(), condition=Condition.SOUND, by=by, at=monday),
    events.Disputed: lambda i, by: i.dispute(bag=cast.sealed_bag(), by=by, at=monday),
    events.FoundInBag: lambda i, by: i.find_in_bag(bag=cast.sealed_bag(), condition=Condition.SOUND, by=by, at=monday),
    events.Sighted: lambda i, by: i.sight(by=by, at=monday),
}
"""Every step of the life cycle but the first and a correction, as the action that makes it."""

BY_ANYBODY = (events.InvitationLeft, events.Unpacked, events.Disputed, events.FoundInBag, events.Sighted)
"""The postman leaves a paper while the office answers for the item; a bag is counted by who answers for the bag, whom
its own guard asks; whoever sees an envelope may say so."""

BY_ADDRESSEE = (events.Accepted, events.Declined, events.TakenOver)
PAIRS = [(state, kind) for state in Custody for kind in ACTIONS]


def _deliver(
    thing: Item,
    *,
    by: Actor,
    receiver: Receiver = Receiver.ADDRESSEE,
    identity_checked: bool = True,
    authorisation_shown: bool = False,
    proof: str = "photo",
) -> events.Delivered:
    return thing.deliver(
        receiver=receiver,
        identity_checked=identity_checked,
        authorisation_shown=authorisation_shown,
        proof=proof,
        run="",
        by=by,
        at=monday,
    )


def offered(to: Custodian = transport) -> Item:
    """Return the envelope while it is offered by Lan."""
    return cast.envelope(cast.envelope().hand_over(to=to, record=cast.RECORD, by=lan, at=monday))


def with_transport() -> Item:
    """Return the envelope in the hands of Tài."""
    return offered().evolve(offered().accept(by=tai, at=monday))


# --- the table --------------------------------------------------------------------------------------------------------


def test_every_step_of_the_life_cycle_has_an_action() -> None:
    assert {kind for _, kind in LIFECYCLE} == {*ACTIONS, events.Registered, events.Corrected}


@pytest.mark.parametrize(("state", "kind"), PAIRS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_an_action_is_possible_exactly_where_the_table_says(state: Custody, kind: type[Event]) -> None:
    thing = STATES[state]
    by = tai if kind in BY_ADDRESSEE else lan
    assert thing.may(kind) is ((state, kind) in LIFECYCLE)
    if thing.may(kind):
        event = ACTIONS[kind](thing, by)
        assert type(event) is kind
        assert thing.evolve(event).custody is LIFECYCLE[state, kind]
    else:
        with pytest.raises(NotNow, match="P3FHJ-8QXV9"):
            ACTIONS[kind](thing, by)


@pytest.mark.parametrize(("state", "kind"), [key for key in LIFECYCLE if key[1] in {*ACTIONS} - {*BY_ANYBODY}])
def test_only_who_answers_for_it_acts_on_an_item(state: Custody, kind: type[Event]) -> None:
    with pytest.raises((item.NotCustodian, item.NotAddressee)):
        ACTIONS[kind](STATES[state], cast.quan)


def test_nothing_happens_to_an_item_that_reached_the_citizen_or_was_voided() -> None:
    ends = {Custody.DELIVERED, Custody.VOIDED}
    later = {kind for state, kind in LIFECYCLE if state in ends}
    assert later == {events.Corrected}, "only that something before was written wrong"
    assert all(STATES[state].is_final for state in ends)


def test_somebody_registers_only_what_is_in_his_own_hands() -> None:
    with pytest.raises(item.NotCustodian):
        cast.registered(by=hoa)


# --- handing over -----------------------------------------------------------------------------------------------------


def test_custody_stays_with_the_giver_until_the_offer_is_accepted() -> None:
    assert offered().custodian == counter
    assert offered().offered_to == transport
    assert with_transport().custodian == transport
    assert with_transport().offered_to is None


@pytest.mark.parametrize("kind", [Recalled, Declined])
def test_custody_stays_with_the_giver_when_the_offer_ends_without_acceptance(kind: type[Event]) -> None:
    ended = offered().evolve(ACTIONS[kind](offered(), tai if kind is Declined else lan))
    assert (ended.custody, ended.custodian, ended.offered_to) == (Custody.HELD, counter, None)


def test_nobody_takes_what_was_offered_to_somebody_else() -> None:
    with pytest.raises(item.NotAddressee, match="Vận chuyển"):
        offered().accept(by=hoa, at=monday)


def test_nobody_takes_what_was_not_offered() -> None:
    with pytest.raises(NotNow):
        cast.envelope().accept(by=tai, at=monday)


def test_giver_and_receiver_are_two_people() -> None:
    both = replace(lan, positions=frozenset({counter.key, transport.key}))
    with pytest.raises(item.SamePerson):
        offered().accept(by=both, at=monday)
    with pytest.raises(item.SamePerson):
        offered().decline(reason=DeclineReason.DAMAGED, by=both, at=monday)


def test_only_the_giver_recalls_an_offer() -> None:
    with pytest.raises(item.NotCustodian):
        offered().recall(by=tai, at=monday)


def test_what_leaves_the_hands_of_the_post_is_sealed() -> None:
    unsealed = item.begin(cast.ITEM, cast.registered())
    with pytest.raises(item.NotSealed):
        unsealed.hand_over(to=transport, record=cast.RECORD, by=lan, at=monday)


def test_what_the_authority_gives_needs_no_seal_of_the_post() -> None:
    assert cast.result().hand_over(to=transport, record=cast.RECORD, by=hoa, at=monday).to == transport


def test_an_item_is_not_offered_to_who_has_it() -> None:
    with pytest.raises(NotNow, match="đã do"):
        cast.envelope().hand_over(to=counter, record=cast.RECORD, by=lan, at=monday)


def test_between_her_own_positions_an_item_moves_in_one_step() -> None:
    thing = item.begin(cast.ITEM, cast.registered(custodian=cast.small_counter, by=sen))
    moved = thing.evolve(thing.move(to=cast.small_sorting, by=sen, at=monday))
    assert (moved.custody, moved.custodian) == (Custody.HELD, cast.small_sorting)


def test_nobody_moves_an_item_to_a_position_of_somebody_else() -> None:
    with pytest.raises(item.NotOwnPosition):
        cast.envelope().move(to=transport, by=lan, at=monday)


def test_a_signature_on_paper_gives_the_item_to_whom_it_was_offered_with_its_grade_of_evidence() -> None:
    signing_time = cast.after(minutes=20)
    to_the_desk = offered(to=desk)
    signed = to_the_desk.evolve(to_the_desk.sign_on_paper(evidence=Evidence.C, by=lan, at=signing_time))
    assert (signed.custodian, signed.evidence, signed.last_at) == (desk, Evidence.C, signing_time)


def test_the_legal_submission_time_is_when_the_authority_signed() -> None:
    thing = with_transport()
    thing = thing.evolve(thing.hand_over(to=desk, record=cast.RECORD, by=tai, at=cast.after(hours=1)))
    assert thing.signed_over_at is None
    thing = thing.evolve(thing.accept(by=hoa, at=cast.after(hours=2)))
    assert thing.signed_over_at == cast.after(hours=2)
    thing = thing.evolve(thing.hand_over(to=department, record=cast.RECORD, by=hoa, at=cast.after(hours=3)))
    thing = thing.evolve(thing.accept(by=cast.quan, at=cast.after(hours=4)))
    assert thing.signed_over_at == cast.after(hours=2)


def test_who_takes_an_item_over_takes_it_for_a_position_of_his_own() -> None:
    with pytest.raises(item.NotCustodian):
        cast.envelope().take_over(to=desk, reason="t", by=lan, at=monday)


def test_taking_over_ends_an_open_offer() -> None:
    taken = offered(to=desk).evolve(offered(to=desk).take_over(to=transport, reason="t", by=tai, at=monday))
    assert (taken.custody, taken.custodian, taken.offered_to) == (Custody.HELD, transport, None)


def test_a_correction_moves_nothing_by_itself() -> None:
    for state, thing in STATES.items():
        wrong = events.Corrected(
            version=1, reason="t", second=hoa.as_author(), by=lan.as_author(), occurred_at=cast.after(hours=1)
        )
        after = thing.evolve(wrong)
        assert after == replace(thing, version=thing.version + 1), state


# --- in a bag ---------------------------------------------------------------------------------------------------------


def test_what_is_taken_over_out_of_a_bag_is_no_longer_in_it() -> None:
    bagged = STATES[Custody.BAGGED].inside(cast.sealed_bag())
    taken = bagged.evolve(bagged.take_over(to=transport, reason="t", by=tai, at=monday))
    assert (taken.custody, taken.custodian, taken.bag, taken.loose) == (Custody.HELD, transport, "", None)


def test_what_was_put_into_a_bag_and_taken_out_again_has_not_left() -> None:
    bagged = STATES[Custody.BAGGED]
    out = bagged.evolve(bagged.unpack(bag=cast.empty_bag(), condition=Condition.SOUND, by=lan, at=monday))
    assert (out.custody, out.custodian, out.has_left) == (Custody.HELD, counter, False)


# --- leaving, trouble -------------------------------------------------------------------------------------------------


def test_an_item_has_left_once_transport_has_it_even_of_the_same_office() -> None:
    assert not cast.envelope().has_left
    assert with_transport().has_left


def test_an_item_has_left_once_a_one_woman_office_carries_it_herself() -> None:
    thing = item.begin(cast.ITEM, cast.registered(custodian=cast.small_counter, by=sen))
    assert not thing.evolve(thing.move(to=cast.small_sorting, by=sen, at=monday)).has_left
    assert thing.evolve(thing.move(to=cast.small_transport, by=sen, at=monday)).has_left


def test_what_has_left_the_counter_is_not_voided() -> None:
    with pytest.raises(item.AlreadyLeft):
        with_transport().void(reason="t", by=tai, at=monday)


@pytest.mark.parametrize(
    ("reason", "trouble"),
    [
        (DeclineReason.MISSING, Trouble.MISSING),
        (DeclineReason.DAMAGED, Trouble.DAMAGED),
        (DeclineReason.WRONG_PLACE, Trouble.MISROUTED),
        (DeclineReason.NOT_MINE, None),
    ],
)
def test_why_an_item_was_declined_says_what_is_wrong_with_it(reason: DeclineReason, trouble: Trouble | None) -> None:
    assert offered().evolve(offered().decline(reason=reason, by=tai, at=monday)).trouble is trouble


def test_whoever_counts_a_missing_item_has_found_it() -> None:
    thing = offered().evolve(offered().decline(reason=DeclineReason.MISSING, by=tai, at=monday))
    thing = thing.evolve(thing.hand_over(to=transport, record=cast.RECORD, by=lan, at=monday))
    assert thing.trouble is Trouble.MISSING
    assert thing.evolve(thing.accept(by=tai, at=monday)).trouble is None


def test_an_item_that_was_brought_to_the_wrong_place_is_astray_until_it_is_where_it_must_end() -> None:
    thing = with_transport()
    thing = thing.evolve(thing.hand_over(to=department, record=cast.RECORD, by=tai, at=monday))
    thing = thing.evolve(thing.decline(reason=DeclineReason.WRONG_PLACE, by=cast.quan, at=monday))
    assert thing.trouble is Trouble.MISROUTED
    thing = thing.evolve(thing.hand_over(to=desk, record=cast.RECORD, by=tai, at=monday))
    assert thing.trouble is Trouble.MISROUTED
    assert thing.evolve(thing.accept(by=hoa, at=monday)).trouble is None


def test_damage_stays_until_it_is_settled() -> None:
    thing = cast.envelope(cast.envelope().report_damaged(by=lan, at=monday))
    thing = thing.evolve(thing.hand_over(to=transport, record=cast.RECORD, by=lan, at=monday))
    thing = thing.evolve(thing.accept(by=tai, at=monday))
    assert thing.trouble is Trouble.DAMAGED
    assert thing.evolve(thing.find(by=tai, at=monday)).trouble is None


def test_nothing_is_found_that_was_not_missed() -> None:
    with pytest.raises(NotNow, match="không có sự cố"):
        cast.envelope().find(by=lan, at=monday)


def test_a_new_destination_ends_being_astray() -> None:
    astray = replace(cast.envelope(), trouble=Trouble.MISROUTED)
    thing = astray.evolve(astray.reroute(destination=cast.to_the_citizen, by=lan, at=monday))
    assert (thing.destination, thing.trouble) == (cast.to_the_citizen, None)


# --- delivery ---------------------------------------------------------------------------------------------------------


def test_a_delivered_item_is_in_the_hands_of_the_citizen_who_is_not_named() -> None:
    delivered = cast.result(_deliver(cast.result(), by=hoa))
    assert (delivered.custody, delivered.custodian.kind) == (Custody.DELIVERED, CustodianKind.CITIZEN)
    assert (delivered.custodian.side, delivered.custodian.key) == (Side.CITIZEN, cast.DOSSIER)


def test_nobody_receives_whose_identity_paper_was_not_looked_at() -> None:
    with pytest.raises(item.NoIdentityCheck):
        _deliver(cast.result(), by=hoa, identity_checked=False)


@pytest.mark.parametrize("receiver", [Receiver.DELEGATE, Receiver.ORGANISATION])
def test_who_receives_for_another_shows_an_authorisation(receiver: Receiver) -> None:
    with pytest.raises(item.NoAuthorisation):
        _deliver(cast.result(), by=hoa, receiver=receiver)
    assert _deliver(cast.result(), by=hoa, receiver=receiver, authorisation_shown=True).receiver is receiver


def test_a_delivery_without_signature_or_photo_is_none() -> None:
    with pytest.raises(item.NoProof):
        _deliver(cast.result(), by=hoa, proof="")


def test_a_failed_visit_is_counted_and_forgotten_when_the_next_run_starts() -> None:
    on_run = replace(cast.result(), custodian=cast.nam_on_his_run)
    event = on_run.fail_attempt(
        run=cast.RUN, reason=AttemptReason.NOBODY_THERE, next_on=cast.today, proof="", by=nam, at=monday
    )
    visited = on_run.evolve(event)
    assert (visited.attempts, visited.attempt_reason) == (1, AttemptReason.NOBODY_THERE)
    back = visited.evolve(visited.take_over(to=counter, reason="t", by=lan, at=monday))
    assert back.attempt_reason is AttemptReason.NOBODY_THERE
    again = back.evolve(back.take_over(to=cast.nam_on_his_run, reason="t", by=nam, at=monday))
    assert (again.attempts, again.attempt_reason) == (1, None)


def test_an_invitation_to_the_office_holds_while_the_item_stays_in_the_house() -> None:
    waiting = replace(cast.result(), custodian=counter, pickup_until=cast.today)
    assert waiting.evolve(waiting.take_over(to=cast.sorting, reason="t", by=cast.hung, at=monday)).pickup_until
    assert not waiting.evolve(waiting.take_over(to=desk, reason="t", by=hoa, at=monday)).pickup_until
    assert not waiting.evolve(waiting.take_over(to=cast.nam_on_his_run, reason="t", by=nam, at=monday)).pickup_until


# --- invitations and the way back -------------------------------------------------------------------------------------


FRIDAY = cast.after(days=4)
"""Friday 20/11/2026; Tuesday 24/11 is a day off."""


def at_counter(*happened: Event) -> Item:
    """Return a result at Lan's counter, for its citizen, after what else happened to it."""
    thing = replace(cast.result(), custodian=counter)
    for event in happened:
        thing = thing.evolve(event)
    return thing


def invited(thing: Item, *, until: date, at: datetime = FRIDAY) -> Item:
    return thing.evolve(thing.hold_for_pickup(until=until, calendar=cast.post_calendar, by=lan, at=at))


def undeliverable(thing: Item, *, ground: Ground = Ground.MOVED, reason: str = "t", at: datetime = FRIDAY) -> Item:
    event = thing.declare_undeliverable(ground=ground, destination=cast.to_the_desk, reason=reason, by=lan, at=at)
    return thing.evolve(event)


def taken(thing: Item) -> Item:
    return thing.evolve(_deliver(thing, by=lan))


def test_two_invitations_lie_two_working_days_apart_and_a_day_off_is_none() -> None:
    first = invited(at_counter(), until=date(2026, 11, 27))
    with pytest.raises(item.InvitedTooSoon, match=r"từ thứ Tư, 25/11/2026"):
        invited(first, until=date(2026, 11, 27), at=cast.after(days=7))
    twice = invited(first, until=date(2026, 11, 30), at=cast.after(days=9))
    assert twice.invited_on == (date(2026, 11, 20), date(2026, 11, 25))


def test_nobody_is_invited_until_a_day_off_and_the_next_working_day_is_named() -> None:
    with pytest.raises(item.InvitedOnDayOff, match=r"thứ Ba, 24/11/2026.*thứ Tư, 25/11/2026"):
        invited(at_counter(), until=date(2026, 11, 24))


def test_the_second_invitation_is_due_until_it_was_made() -> None:
    first = invited(at_counter(), until=date(2026, 11, 27))
    due = {day: first.is_to_be_invited(on=date(2026, 11, day), calendar=cast.post_calendar) for day in (23, 24, 25, 26)}
    assert due == {23: False, 24: False, 25: True, 26: True}
    twice = invited(first, until=date(2026, 11, 30), at=cast.after(days=9))
    assert not twice.is_to_be_invited(on=date(2026, 12, 10), calendar=cast.post_calendar)


def test_what_nobody_was_invited_for_needs_no_second_invitation() -> None:
    assert not at_counter().is_to_be_invited(on=date(2026, 11, 25), calendar=cast.post_calendar)


def test_two_invitations_are_a_ground_once_their_time_is_over_and_never_before() -> None:
    once = invited(at_counter(), until=date(2026, 11, 27))
    with pytest.raises(item.GroundNotPicked, match="mới mời 1 lần"):
        undeliverable(once, ground=Ground.TWO_INVITATIONS, reason="", at=cast.after(days=20))
    twice = invited(once, until=date(2026, 11, 30), at=cast.after(days=9))
    with pytest.raises(item.GroundNotPicked):
        undeliverable(twice, ground=Ground.TWO_INVITATIONS, reason="", at=cast.after(days=14))
    back = undeliverable(twice, ground=Ground.TWO_INVITATIONS, reason="", at=cast.after(days=15))
    assert (back.goes_back, back.destination, back.was_for) == (True, cast.to_the_desk, cast.to_the_citizen)
    assert not back.is_unanswered(on=date(2026, 12, 10)), "it is declared once"


def test_a_ground_that_somebody_picks_says_what_happened() -> None:
    with pytest.raises(item.NoGroundReason):
        undeliverable(at_counter(), reason="")


def test_what_goes_back_is_neither_invited_for_nor_declared_again() -> None:
    back = undeliverable(at_counter())
    with pytest.raises(item.GoesBack, match=cast.to_the_desk.name):
        invited(back, until=date(2026, 11, 27))
    with pytest.raises(item.GoesBack):
        undeliverable(back)


def test_who_comes_while_it_still_lies_at_the_office_gets_it_and_it_goes_back_no_more() -> None:
    back = undeliverable(at_counter())
    assert back.still_lies_here
    got = taken(back)
    assert (got.custody, got.goes_back, got.destination) == (Custody.DELIVERED, False, cast.to_the_citizen)


@pytest.mark.parametrize("elsewhere", [transport, desk, cast.small_counter, cast.nam_on_his_run])
def test_once_it_left_the_office_it_lies_there_no_more(elsewhere: Custodian) -> None:
    assert not replace(undeliverable(at_counter()), custodian=elsewhere).still_lies_here


# --- the fold ---------------------------------------------------------------------------------------------------------


@given(chance.histories(*(kind for _, kind in LIFECYCLE)))
def test_whatever_happens_exactly_one_custodian_answers_at_every_instant(history: list[Event]) -> None:
    thing = item.begin(cast.ITEM, cast.registered())
    for version, event in enumerate(history, start=2):
        before, thing = thing, thing.evolve(event)
        assert thing.version == version
        assert isinstance(thing.custodian, Custodian)
        assert (thing.offered_to is not None) is (thing.custody is Custody.OFFERED)
        fits = thing.misfits == before.misfits
        assert fits or (before.custody, type(event)) not in LIFECYCLE, "what a guard allows is always folded"
        assert fits or _all_but(thing, "version") == {**_all_but(before, "version"), "misfits": before.misfits + 1}


@given(chance.histories(Accepted, events.HandedOver))
def test_custody_moves_only_by_the_steps_that_move_it(history: list[Event]) -> None:
    moving = (
        *(events.Accepted, events.SignedOnPaper, events.Moved, events.TakenOver, events.Delivered, events.Voided),
        *(events.Unpacked, events.Disputed, events.FoundInBag),
    )
    thing = item.begin(cast.ITEM, cast.registered())
    for event in history:
        before, thing = thing, thing.evolve(event)
        assert thing.custodian == before.custodian or isinstance(event, moving)


@given(chance.histories(*(kind for _, kind in LIFECYCLE)))
def test_the_replay_of_a_history_is_the_state_it_led_to(history: list[Event]) -> None:
    first = cast.registered()
    thing = item.begin(cast.ITEM, first)
    for event in history:
        thing = thing.evolve(event)
    assert item.replay(cast.ITEM, [first, *history]) == thing


def test_an_item_begins_with_its_registration() -> None:
    with pytest.raises(AssertionError, match="does not begin"):
        item.begin(cast.ITEM, cast.opened())


def test_no_action_changes_the_item_it_is_asked_of() -> None:
    thing = cast.envelope()
    same = replace(thing)
    for action in ACTIONS.values():
        try:
            action(thing, lan)
        except Refused:
            continue
    assert thing == same


def _all_but(thing: Item, *names: str) -> dict[str, object]:
    return {field.name: getattr(thing, field.name) for field in fields(thing) if field.name not in names}
