"""Incidents written by hand: who must answer, how they end, and what is found again."""

import pytest

from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import Condition, Destination, IncidentKind, Outcome
from postal.domain.incident import (
    Incident,
    NeedsSecondPerson,
    NotSightedYet,
    NotYourIncident,
    open_incident,
)
from postal.domain.item import NotCustodian, Trouble
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor
from postal.domain.permissions import Forbidden
from postal.services import bags, corrections, custody, incidents, rerouting, verification
from postal.services.incidents import AlreadyOpen, KnownAfterAll, NoAmount, NothingSaid, StillMissing
from postal.services.rerouting import BelongsHere
from postal.store import Store
from tests import cast, envelopes

TO_HOA_KHANH = Destination(place=cast.SMALL_OFFICE, name=cast.UNIT_NAMES[cast.SMALL_OFFICE])


def opened(store: Store, kind: IncidentKind, about: str, *, by: Actor = cast.hoa, seed: int = 5) -> Incident:
    return incidents.open_by_hand(
        store, kind, about=about, note="Thấy trên bàn.", by=by, at=cast.after(hours=3), below=cast.below(seed)
    )


def at_the_desk(store: Store) -> str:
    """Bring an envelope from Lan's counter to Hoa's desk by Tài."""
    (item,) = envelopes.at_the_counter(store, 1)
    for to, giver, receiver, minutes in (
        (cast.transport, cast.lan, cast.tai, 10),
        (cast.desk, cast.tai, cast.hoa, 60),
    ):
        custody.hand_over_together(
            store, [item], to=to, giver=giver, receiver=receiver, at=cast.after(minutes=minutes),
            below=cast.below(minutes),
        )  # fmt: skip
    return item


# --- opening ----------------------------------------------------------------------------------------------------------


def test_who_gave_a_damaged_envelope_answers_and_who_found_it_is_the_other_side(store: Store) -> None:
    item = at_the_desk(store)
    record = opened(store, IncidentKind.DAMAGED, item)
    assert (record.owner, record.other) == (cast.OFFICE, cast.DESK)
    assert record.holder is not None
    assert record.holder.is_same_as(cast.desk)
    with store.read() as reader:
        assert reader.texts.get([record.note])[record.note] == "Thấy trên bàn."


def test_the_holder_answers_for_a_loss(store: Store) -> None:
    item = at_the_desk(store)
    record = opened(store, IncidentKind.LOST, item, by=cast.minh)
    assert (record.owner, record.other) == (cast.DESK, cast.OFFICE)


def test_an_unknown_item_belongs_to_who_found_it_and_a_known_one_is_no_unknown_item(store: Store) -> None:
    (item,) = envelopes.at_the_counter(store, 1)
    with pytest.raises(KnownAfterAll):
        opened(store, IncidentKind.UNKNOWN_ITEM, item)
    other = next(cast.codes_of(CodeKind.ITEM, seed=77))
    record = opened(store, IncidentKind.UNKNOWN_ITEM, other)
    assert (record.about, record.owner, record.other) == (other, cast.DESK, "")
    with pytest.raises(UnknownCode):
        opened(store, IncidentKind.DAMAGED, next(cast.codes_of(CodeKind.ITEM, seed=78)))


def test_one_thing_has_one_open_record_of_a_kind(store: Store) -> None:
    item = at_the_desk(store)
    first = opened(store, IncidentKind.DAMAGED, item)
    with pytest.raises(AlreadyOpen, match=first.code[:5]):
        opened(store, IncidentKind.DAMAGED, item, seed=6)


def test_the_same_form_sent_twice_opens_one_record(store: Store) -> None:
    item = at_the_desk(store)
    fields = {"about": item, "by": cast.hoa, "at": cast.after(hours=3), "request": "r1"}
    first = incidents.open_by_hand(store, IncidentKind.DAMAGED, **fields, below=cast.below(1))  # type: ignore[arg-type] # fields by name
    again = incidents.open_by_hand(store, IncidentKind.DAMAGED, **fields, below=cast.below(2))  # type: ignore[arg-type] # fields by name
    assert first.code == again.code


# --- answering and ending ---------------------------------------------------------------------------------------------


def test_both_sides_answer_and_nobody_else(store: Store) -> None:
    record = opened(store, IncidentKind.DAMAGED, at_the_desk(store))
    incidents.answer(store, record.code, note="Bì còn nguyên khi rời quầy.", by=cast.lan, at=cast.after(hours=4))
    after = incidents.answer(store, record.code, note="Rách ở góc.", by=cast.hoa, at=cast.after(hours=5))
    assert len(after.answers) == 2
    with pytest.raises(NotYourIncident):
        incidents.answer(store, record.code, note="Không rõ.", by=cast.sen, at=cast.after(hours=5))
    with pytest.raises(NothingSaid):
        incidents.answer(store, record.code, note="  ", by=cast.hoa, at=cast.after(hours=5))


def test_a_controller_ends_it_and_compensation_says_how_much(store: Store) -> None:
    record = opened(store, IncidentKind.LOST, at_the_desk(store), by=cast.minh)
    end = {"note": "Hai bên đã thống nhất.", "at": cast.after(days=1)}
    with pytest.raises(Forbidden):
        incidents.settle(store, record.code, outcome=Outcome.EXPLAINED, by=cast.lan, **end)  # type: ignore[arg-type] # fields by name
    with pytest.raises(NoAmount):
        incidents.settle(store, record.code, outcome=Outcome.COMPENSATED, by=cast.minh, **end)  # type: ignore[arg-type] # fields by name
    settled = incidents.settle(
        store,
        record.code,
        outcome=Outcome.COMPENSATED,
        amount=120_000,
        by=cast.minh,
        **end,  # type: ignore[arg-type] # fields by name
    )
    assert (settled.outcome, settled.amount) == (Outcome.COMPENSATED, 120_000)


def test_two_holders_are_settled_after_a_fresh_scan_by_another_person(store: Store) -> None:
    (item,) = envelopes.at_the_counter(store, 1)
    code = next(cast.codes_of(CodeKind.INCIDENT, seed=3))
    event = open_incident(
        IncidentKind.DOUBLE_CUSTODY, about=item, owner=cast.OFFICE, other=cast.DESK, by=cast.lan, at=cast.monday
    )
    with store.begin(at=cast.monday) as ledger:
        ledger.begin(Incident, code, event)
    end = {"outcome": Outcome.EXPLAINED, "note": "Một nhãn.", "at": cast.after(hours=2)}
    with pytest.raises(NotSightedYet):
        incidents.settle(store, code, by=cast.minh, **end)  # type: ignore[arg-type] # fields by name
    incidents.sight(store, item, by=cast.minh, at=cast.after(hours=1))
    with pytest.raises(NeedsSecondPerson):
        incidents.settle(store, code, by=cast.minh, **end)  # type: ignore[arg-type] # fields by name
    assert incidents.settle(store, code, by=cast.hoa, **end).outcome is Outcome.EXPLAINED  # type: ignore[arg-type] # fields by name


# --- found after lost -------------------------------------------------------------------------------------------------


def test_a_report_of_loss_opens_a_record_and_finding_it_ends_it(store: Store) -> None:
    (item,) = envelopes.at_the_counter(store, 1)
    record = incidents.report(store, item, IncidentKind.LOST, by=cast.lan, at=cast.after(hours=1), below=cast.below(3))
    assert (record.owner, record.other) == (cast.OFFICE, cast.DESK)
    with pytest.raises(StillMissing):
        incidents.settle(store, record.code, outcome=Outcome.FOUND, note="Thấy.", by=cast.minh, at=cast.after(hours=2))
    after = incidents.found(store, item, to=cast.counter, by=cast.lan, at=cast.after(hours=2))
    assert not incidents.is_missing(after)
    with store.begin(at=cast.after(hours=2)) as ledger:
        assert ledger.incident(record.code).outcome is Outcome.FOUND


def test_only_who_holds_it_reports_it_missing(store: Store) -> None:
    (item,) = envelopes.at_the_counter(store, 1)
    with pytest.raises(NotCustodian):
        incidents.report(store, item, IncidentKind.LOST, by=cast.hung, at=cast.after(hours=1), below=cast.below(3))


def test_whoever_finds_what_a_bag_lacked_holds_it_from_then_on(store: Store) -> None:
    items = envelopes.at_the_counter(store, 2, destination=TO_HOA_KHANH)
    bag = next(cast.codes_of(CodeKind.BAG, seed=3))
    bags.start(store, code=bag, destination=TO_HOA_KHANH, custodian=cast.counter, by=cast.lan, at=cast.monday)
    bags.seal(store, bag, seal="771", items=items, by=cast.lan, at=cast.monday)
    custody.hand_over_together(
        store, [bag], to=cast.small_sorting, giver=cast.lan, receiver=cast.sen, at=cast.after(hours=1),
        below=cast.below(4),
    )  # fmt: skip
    received = bags.receive(
        store, bag, seal_seen="771", is_intact=True, found={items[0]: Condition.SOUND}, by=cast.sen,
        at=cast.after(hours=2), below=cast.below(5),
    )  # fmt: skip
    (missing,) = received.incidents
    assert missing.owner == cast.OFFICE, "the packer answers, the seal was intact"
    found = incidents.found(store, items[1], to=cast.desk, by=cast.hoa, at=cast.after(hours=3))
    assert found.custodian.is_same_as(cast.desk)
    with store.begin(at=cast.after(hours=3)) as ledger:
        assert ledger.item(items[1]).trouble is not Trouble.MISSING
        assert ledger.incident(missing.code).outcome is Outcome.FOUND
    assert verification.verify(store).is_sound


def test_what_nobody_misses_is_not_found_but_taken_over(store: Store) -> None:
    (item,) = envelopes.at_the_counter(store, 1)
    with pytest.raises(Forbidden):
        incidents.found(store, item, to=cast.sorting, by=cast.hung, at=cast.after(hours=1))


# --- the wrong place --------------------------------------------------------------------------------------------------


def test_one_step_sends_on_what_is_at_the_wrong_place_and_the_record_says_so(store: Store) -> None:
    (item,) = envelopes.at_the_counter(store, 1, destination=TO_HOA_KHANH)
    record = rerouting.send_on(
        store, item, to=cast.transport, own=cast.second_counter, by=cast.minh, at=cast.after(hours=1),
        below=cast.below(3),
    )  # fmt: skip
    assert record is not None
    assert record.receiver.is_same_as(cast.transport)
    with store.begin(at=cast.after(hours=1)) as ledger:
        (wrong,) = ledger.incidents_about([item])
    assert (wrong.kind, wrong.outcome) == (IncidentKind.WRONG_PLACE, Outcome.SENT_ON)


def test_it_goes_into_the_bag_that_is_packed_for_its_place(store: Store) -> None:
    (item,) = envelopes.at_the_counter(store, 1, destination=TO_HOA_KHANH)
    bag = next(cast.codes_of(CodeKind.BAG, seed=3))
    bags.start(store, code=bag, destination=TO_HOA_KHANH, custodian=cast.counter, by=cast.lan, at=cast.monday)
    after = rerouting.put_into_bag(store, item, bag, by=cast.lan, at=cast.after(hours=1), below=cast.below(3))
    assert after.bag == bag


def test_what_belongs_here_is_not_sent_on(store: Store) -> None:
    item = at_the_desk(store)
    with pytest.raises(BelongsHere):
        rerouting.send_on(
            store, item, to=cast.department, own=cast.desk, by=cast.hoa, at=cast.after(hours=3), below=cast.below(3)
        )


# --- corrections ------------------------------------------------------------------------------------------------------


def test_a_correction_gives_the_envelope_back_and_the_books_still_add_up(store: Store) -> None:
    (item,) = envelopes.at_the_counter(store, 1)
    with store.begin(at=cast.monday) as ledger:
        ledger.begin(Dossier, cast.DOSSIER, cast.opened())
    custody.hand_over_together(
        store, [item], to=cast.transport, giver=cast.lan, receiver=cast.tai, at=cast.after(minutes=10),
        below=cast.below(3),
    )  # fmt: skip
    after = corrections.correct(
        store, item, version=4, reason="Quét nhầm bì bên cạnh.", by=cast.tai, second=cast.minh, at=cast.after(hours=1)
    )
    assert after.custodian.is_same_as(cast.counter)
    assert after.version == 6, "two steps were struck, none was removed"
    with store.read() as reader:
        struck = [read.step.version for _, _, read in reader.reads([item]) if read.is_struck]
    assert sorted(struck) == [3, 4]
    assert verification.verify(store).is_sound
    again = custody.offer(store, [item], to=cast.transport, by=cast.lan, at=cast.after(hours=2), below=cast.below(9))
    custody.accept(store, again.code, by=cast.tai, at=cast.after(hours=3))
    assert envelopes.holder_of(store, [item]) == {cast.transport.key}
    assert verification.verify(store).is_sound


def test_a_bag_taken_back_takes_everything_in_it_back(store: Store) -> None:
    with store.begin(at=cast.monday) as ledger:
        ledger.begin(Dossier, cast.DOSSIER, cast.opened())
    items = envelopes.at_the_counter(store, 3, destination=TO_HOA_KHANH)
    bag = next(cast.codes_of(CodeKind.BAG, seed=3))
    bags.start(store, code=bag, destination=TO_HOA_KHANH, custodian=cast.counter, by=cast.lan, at=cast.monday)
    sealed = bags.seal(store, bag, seal="771", items=items, by=cast.lan, at=cast.monday)
    custody.hand_over_together(
        store, [bag], to=cast.transport, giver=cast.lan, receiver=cast.tai, at=cast.after(hours=1),
        below=cast.below(4),
    )  # fmt: skip
    corrections.correct(
        store, bag, version=sealed.version + 2, reason="Nhầm túi.", by=cast.lan, second=cast.minh,
        at=cast.after(hours=2),
    )  # fmt: skip
    assert envelopes.holder_of(store, items) == {cast.counter.key}
    assert verification.verify(store).is_sound
