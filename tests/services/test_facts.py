"""Facts from devices that were offline: any order, any number of times, one holder, nothing dropped."""

import json
import random
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postal.domain import facts, item, oracle
from postal.domain.events import Claimed, DeclineReason, Event, Evidence, HandedOver, Misfit, Moved, TakenOver
from postal.domain.facts import Doubt, Sent
from postal.domain.handover import HandoverRecord, RecordState
from postal.domain.item import Custody, Item
from postal.domain.oracle import Fact
from postal.domain.people import Account, Actor, Role
from postal.services import accounts, custody, shift, verification
from postal.services import facts as fact_services
from postal.services.facts import Answer, Outcome
from postal.store import Store
from tests import cast, databases, envelopes
from tests import oracle as independent
from tests.cast import counter, desk, hoa, lan, monday, sen, small_sorting, sorting, tai, transport

chance = cast.below(seed=11)


def numbers(seed: int = 1) -> random.Random:
    """Return what a device draws its numbers from."""
    return random.Random(seed)


class Device:
    """A device that writes down what happens while it is offline."""

    def __init__(self, owner: Actor, *, seed: int = 1) -> None:
        self.owner = owner
        self.draw = numbers(seed)
        self.lines: list[dict[str, Any]] = []

    def note(self, kind: str, code: str, *, when: datetime = monday, **more: Any) -> dict[str, Any]:
        """Write down one fact."""
        line = {
            "id": self.draw.randbytes(16).hex(),
            "kind": kind,
            "item": code,
            "occurred_at": when.isoformat(),
            "device_seq": len(self.lines) + 1,
            **more,
        }
        self.lines.append(line)
        return line

    def send(self, store: Store, *, at: datetime | None = None) -> list[Answer]:
        """Send everything that was written down."""
        return told(store, self.lines, by=self.owner, at=at)


def told(store: Store, lines: Sequence[object], *, by: Actor, at: datetime | None = None) -> list[Answer]:
    """Send lines as somebody and return the answers."""
    sent = [facts.read(line) for line in lines]
    return fact_services.record_facts(store, sent, by=by, at=at or cast.after(hours=8))


def outcomes(answers: Sequence[Answer]) -> list[Outcome]:
    """Return what became of each line."""
    return [answer.outcome for answer in answers]


def found(store: Store, code: str) -> Item:
    """Return an item as it is now."""
    with store.read() as reader:
        return reader.many(Item, [code])[code]


def happened(store: Store, code: str) -> list[Event]:
    """Return everything that happened to an item."""
    with store.read() as reader:
        return [event for *_, event in reader.events([code])]


def quarantined(store: Store) -> list[object]:
    """Return what is kept aside, as it was sent."""
    with store.read() as reader:
        return [json.loads(content) for content in reader.quarantine.contents()]


def must_be_sound(store: Store) -> None:
    """Check that the rows fit the events and that both judges see one holder at every instant."""
    assert verification.told(verification.verify(store))[-1].startswith("Mọi sổ khớp")
    url = store.database.engine.url.render_as_string(hide_password=False)  # type: ignore[attr-defined]
    assert independent.judge_database(url) == []


# --- honest sequences -------------------------------------------------------------------------------------------------


def test_a_hand_over_seen_by_two_devices_moves_custody_with_the_best_evidence(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    given_, taken = Device(lan), Device(tai, seed=2)
    given_.note("handed_over", code, to=transport.key)
    taken.note("accepted", code, when=cast.after(minutes=1))
    assert outcomes(given_.send(seeded)) == [Outcome.CREATED]
    assert found(seeded, code).custodian.key == counter.key
    answer = taken.send(seeded)[0]
    assert (answer.outcome, answer.version, answer.fits) == (Outcome.CREATED, 4, True)
    after = found(seeded, code)
    assert (after.custodian.key, after.evidence, after.misfits) == (transport.key, Evidence.A, 0)
    assert after.last_at == cast.after(minutes=1)
    must_be_sound(seeded)


def test_an_offline_offer_stands_on_a_record_that_can_be_signed_at_a_screen(seeded: Store) -> None:
    codes = envelopes.at_the_counter(seeded, 3)
    device = Device(lan)
    for code in codes:
        device.note("handed_over", code, to=transport.key)
    device.send(seeded)
    record = found(seeded, codes[0]).record
    assert {found(seeded, code).record for code in codes} == {record}
    taken = Device(tai, seed=2)
    taken.note("accepted", codes[0])
    taken.note("declined", codes[1], reason="damaged")
    taken.send(seeded)
    custody.accept(seeded, record, by=tai, at=cast.after(hours=9))
    assert envelopes.holder_of(seeded, [codes[0], codes[2]]) == {transport.key}
    with seeded.read() as reader:
        signed = reader.many(HandoverRecord, [record])[record]
    assert set(signed.accepted) == {codes[0], codes[2]}
    assert signed.declined == ((codes[1], DeclineReason.DAMAGED),)
    must_be_sound(seeded)


def test_a_record_is_signed_once_its_last_line_was_answered_offline(seeded: Store) -> None:
    codes = envelopes.at_the_counter(seeded, 2)
    record = custody.offer(seeded, codes, to=transport, by=lan, at=monday, below=chance)
    taken = Device(tai)
    taken.note("accepted", codes[0], when=cast.after(minutes=3))
    taken.note("declined", codes[1], reason="missing", when=cast.after(minutes=4))
    taken.send(seeded)
    with seeded.read() as reader:
        signed = reader.many(HandoverRecord, [record.code])[record.code]
    assert (signed.state, signed.accepted) == (RecordState.ACCEPTED, (codes[0],))
    assert signed.declined == ((codes[1], DeclineReason.MISSING),)
    assert signed.signed_at == cast.after(minutes=4)
    must_be_sound(seeded)


def test_the_count_and_the_name_of_the_device_stand_beside_the_event(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    device = Device(lan)
    line = device.note("handed_over", code, to=transport.key)
    with seeded.begin(at=monday) as ledger:
        assert ledger.recorded([bytes.fromhex(line["id"])]) == {}
    device.send(seeded)
    query = "SELECT device_seq, fingerprint FROM event WHERE kind = 'Claimed'"
    with seeded.database.reading() as connection:
        rows = connection.exec_driver_sql(query).all()
    assert [row[0] for row in rows] == [1]
    assert len(bytes(rows[0][1])) == 32


def test_one_who_holds_both_positions_moves_it_in_one_step(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1, by=sen, custodian=cast.small_counter)
    device = Device(sen)
    device.note("handed_over", code, to=small_sorting.key)
    device.send(seeded)
    assert isinstance(happened(seeded, code)[-1], Moved)
    assert found(seeded, code).custodian.key == small_sorting.key
    must_be_sound(seeded)


def test_who_held_the_position_then_may_tell_it_after_his_shift(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    shift.take_free_positions(seeded, entitled=(counter.key,), by=lan, at=monday)
    device = Device(lan)
    device.note("handed_over", code, to=transport.key, when=cast.after(hours=1))
    late = Device(lan, seed=2)
    late.note("handed_over", code, to=desk.key, when=cast.after(hours=5))
    shift.pass_position(seeded, counter.key, to=cast.hung, counted=1, by=lan, at=cast.after(hours=4))
    gone_home = cast.actor("lan", "Trần Thị Lan", place=cast.OFFICE, roles={Role.COUNTER_CLERK})
    assert told(seeded, late.lines, by=gone_home)[0].fits is False
    assert told(seeded, device.lines, by=gone_home)[0].fits is True
    must_be_sound(seeded)


def test_a_postman_takes_from_the_sorting_table_and_gives_back(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1, by=cast.hung, custodian=sorting)
    nam = Account(username="nam", name="Hồ Hoài Nam", place=cast.OFFICE, roles=frozenset({Role.POSTMAN}))
    accounts.create(seeded, nam, password="mật khẩu chạy thử", at=monday)
    giving = Device(cast.hung)
    giving.note("handed_over", code, to="nam")
    giving.send(seeded)
    phone = Device(cast.nam, seed=3)
    phone.note("accepted", code)
    phone.note("handed_over", code, to=sorting.key, when=cast.after(hours=3))
    assert [answer.fits for answer in phone.send(seeded)] == [True, True]
    assert found(seeded, code).offered_to == sorting
    must_be_sound(seeded)


# --- again, shuffled, at once -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_batch_sent_again_has_one_effect_and_the_first_answers(seeded: Store, times: int) -> None:
    codes = envelopes.at_the_counter(seeded, 4)
    device = Device(lan)
    for code in codes:
        device.note("handed_over", code, to=transport.key)
    device.note("handed_over", codes[0], to=desk.key)
    first = device.send(seeded)
    for repeated in range(times):
        again = device.send(seeded, at=cast.after(days=400 * (repeated + 1)))
        assert outcomes(again) == [Outcome.EXISTS] * 5
        assert [(a.version, a.fits) for a in again] == [(a.version, a.fits) for a in first]
    assert [found(seeded, code).version for code in codes] == [4, 3, 3, 3]
    must_be_sound(seeded)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_a_device_is_its_own_count(seeded: Store, seed: int) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    custody.offer(seeded, [code], to=transport, by=lan, at=monday, below=chance)
    device = Device(tai)
    device.note("accepted", code, when=cast.after(hours=2))
    device.note("handed_over", code, to=desk.key, when=cast.after(hours=1))
    device.note("handed_over", code, to=sorting.key, when=monday)
    mixed = random.Random(seed).sample(device.lines, k=3)
    answers = told(seeded, mixed, by=tai)
    assert [a.id.hex() if a.id else "" for a in answers] == [line["id"] for line in mixed]
    by_sequence = {line["device_seq"]: answer for line, answer in zip(mixed, answers, strict=True)}
    assert [by_sequence[n].version for n in (1, 2, 3)] == [4, 5, 6]
    assert [by_sequence[n].fits for n in (1, 2, 3)] == [True, True, False]
    assert found(seeded, code).offered_to == desk
    must_be_sound(seeded)


def test_the_same_batch_from_two_threads_has_one_effect(seeded: Store) -> None:
    codes = envelopes.at_the_counter(seeded, 20)
    device = Device(lan)
    for code in codes:
        device.note("handed_over", code, to=transport.key)
    device.note("handed_over", "P22222-2222", to=transport.key)
    ready = threading.Barrier(4)
    answers: list[list[Answer]] = []

    def send() -> None:
        ready.wait()
        answers.append(device.send(seeded))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for line in range(20):
        told_of_line = [each[line].outcome for each in answers]
        assert sorted(o.value for o in told_of_line) == ["created", "exists", "exists", "exists"]
    assert {each[20].outcome for each in answers} == {Outcome.QUARANTINED}
    assert len(quarantined(seeded)) == 1
    assert {found(seeded, code).version for code in codes} == {3}
    must_be_sound(seeded)


def test_two_devices_that_accept_the_same_items_at_once_leave_one_holder(seeded: Store) -> None:
    codes = envelopes.at_the_counter(seeded, 10)
    custody.offer(seeded, codes, to=desk, by=lan, at=monday, below=chance)
    devices = [Device(hoa, seed=1), Device(cast.binh, seed=2)]
    for device in devices:
        for code in codes:
            device.note("accepted", code)
    ready = threading.Barrier(2)

    def send(device: Device) -> None:
        ready.wait()
        device.send(seeded)

    threads = [threading.Thread(target=send, args=(device,)) for device in devices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {found(seeded, code).custodian.key for code in codes} == {desk.key}
    assert {found(seeded, code).misfits for code in codes} == {1}
    must_be_sound(seeded)


# --- what does not fit ------------------------------------------------------------------------------------------------


def claim_of(store: Store, code: str) -> Misfit | None:
    """Return why the last fact about an item did not fit."""
    last = happened(store, code)[-1]
    assert isinstance(last, Claimed)
    return last.why


def test_who_does_not_hold_it_gives_nothing_away(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    device = Device(hoa)
    device.note("handed_over", code, to=cast.department.key)
    answer = device.send(seeded)[0]
    assert (answer.outcome, answer.fits) == (Outcome.CREATED, False)
    after = found(seeded, code)
    assert (after.custodian, after.custody, after.misfits) == (counter, Custody.HELD, 1)
    assert claim_of(seeded, code) is Misfit.NOT_THE_HOLDER
    must_be_sound(seeded)


def test_who_was_offered_nothing_and_has_it_in_his_hands_holds_it(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    custody.offer(seeded, [code], to=transport, by=lan, at=monday, below=chance)
    device = Device(hoa)
    device.note("accepted", code)
    assert device.send(seeded)[0].fits is True
    after = found(seeded, code)
    assert (after.custodian.key, after.evidence, after.offered_to) == (desk.key, Evidence.B, None)
    taken = happened(seeded, code)[-1]
    assert isinstance(taken, TakenOver)
    assert taken.told is Misfit.ACCEPT_WITHOUT_OFFER
    must_be_sound(seeded)


def test_a_second_taking_of_the_same_offer_is_a_claim(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    custody.offer(seeded, [code], to=desk, by=lan, at=monday, below=chance)
    for device in (Device(hoa, seed=1), Device(cast.binh, seed=2)):
        device.note("accepted", code)
        device.send(seeded)
    assert claim_of(seeded, code) is Misfit.ALREADY_HOLDS
    record = custody.offer(seeded, [code], to=cast.department, by=hoa, at=cast.after(hours=9), below=chance)
    custody.accept(seeded, record.code, by=cast.quan, at=cast.after(hours=10))
    late = Device(cast.binh, seed=3)
    late.note("accepted", code, when=cast.after(minutes=5))
    late.send(seeded, at=cast.after(hours=11))
    assert claim_of(seeded, code) is Misfit.ALREADY_TAKEN
    assert found(seeded, code).custodian == cast.department
    must_be_sound(seeded)


def test_a_claim_hides_no_second_holder_from_the_judge() -> None:
    to = {"kind": "position", "key": transport.key}
    story: list[tuple[str, dict[str, object]]] = [
        ("Registered", {"custodian": {"kind": "position", "key": counter.key}}),
        ("HandedOver", {"to": to}),
        ("Claimed", {"to": None}),
        ("Accepted", {}),
        ("Claimed", {"to": to}),
    ]
    rows = [Fact(stream=cast.ITEM, version=n, kind=kind, data=data) for n, (kind, data) in enumerate(story, start=1)]
    assert oracle.custody_violations(rows) == []
    planted = Fact(stream=cast.ITEM, version=6, kind="Accepted", data={})
    assert "two holders" in oracle.custody_violations([*rows, planted])[0].what


def test_one_account_on_both_sides_proves_only_that_it_was_taken(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    giver = cast.actor("lan", "Trần Thị Lan", counter, place=cast.OFFICE, roles={Role.COUNTER_CLERK})
    custody.offer(seeded, [code], to=sorting, by=giver, at=monday, below=chance)
    device = Device(cast.actor("lan", "Trần Thị Lan", sorting, place=cast.OFFICE, roles={Role.COUNTER_CLERK}))
    device.note("accepted", code)
    device.send(seeded)
    after = found(seeded, code)
    assert (after.custodian.key, after.evidence) == (sorting.key, Evidence.B)
    must_be_sound(seeded)


@pytest.mark.parametrize(
    ("kind", "more", "why"),
    [
        ("handed_over", {"to": desk.key}, Misfit.OFFER_STANDS),
        ("declined", {"reason": "missing"}, Misfit.NOT_OFFERED),
        ("accepted", {}, Misfit.ALREADY_HOLDS),
    ],
)
def test_what_the_holder_tells_beside_the_offer_moves_nothing(
    seeded: Store, kind: str, more: dict[str, Any], why: Misfit
) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    custody.offer(seeded, [code], to=transport, by=lan, at=monday, below=chance)
    before = found(seeded, code)
    device = Device(lan)
    device.note(kind, code, **more)
    device.send(seeded)
    after = found(seeded, code)
    assert claim_of(seeded, code) is why
    assert (after.custody, after.custodian, after.offered_to) == (before.custody, before.custodian, before.offered_to)
    must_be_sound(seeded)


def test_what_the_citizen_has_does_not_move_again(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    with seeded.begin(at=monday) as ledger:
        held = ledger.item(code)
        ledger.append(held, held.void(reason="", by=lan, at=monday))
    device = Device(lan)
    device.note("handed_over", code, to=transport.key)
    device.note("accepted", code)
    device.note("declined", code, reason="missing")
    assert outcomes(device.send(seeded)) == [Outcome.CREATED] * 3
    assert (found(seeded, code).custody, found(seeded, code).misfits) == (Custody.VOIDED, 3)
    must_be_sound(seeded)


def test_who_has_no_position_takes_nothing_and_it_is_still_kept(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    nobody = cast.actor("moi", "Người mới", place=cast.OFFICE, roles={Role.SORTING})
    device = Device(nobody)
    device.note("accepted", code)
    device.send(seeded)
    assert claim_of(seeded, code) is Misfit.NO_POSITION
    assert found(seeded, code).custodian == counter


# --- what cannot be taken for true ------------------------------------------------------------------------------------


def test_a_number_used_for_something_else_changes_nothing_and_is_kept(seeded: Store) -> None:
    first, second = envelopes.at_the_counter(seeded, 2)
    device = Device(lan)
    line = device.note("handed_over", first, to=transport.key)
    device.send(seeded)
    other = {**line, "item": second}
    answer = told(seeded, [other], by=lan)[0]
    assert (answer.outcome, answer.doubt) == (Outcome.MISMATCH, Doubt.MISMATCH)
    assert found(seeded, second).custody is Custody.HELD
    assert quarantined(seeded) == [other]
    assert outcomes(told(seeded, [other, line], by=lan)) == [Outcome.MISMATCH, Outcome.EXISTS]
    assert outcomes(told(seeded, [line], by=tai)) == [Outcome.MISMATCH], "another account tells another fact"
    assert len(quarantined(seeded)) == 2
    must_be_sound(seeded)


def test_one_number_twice_in_a_batch(seeded: Store) -> None:
    first, second = envelopes.at_the_counter(seeded, 2)
    line = Device(lan).note("handed_over", first, to=transport.key)
    answers = told(seeded, [line, line, {**line, "item": second}], by=lan)
    assert outcomes(answers) == [Outcome.CREATED, Outcome.EXISTS, Outcome.MISMATCH]
    must_be_sound(seeded)


LINE = {
    "id": "0123456789abcdef0123456789abcdef",
    "kind": "handed_over",
    "item": cast.ITEM,
    "to": transport.key,
    "occurred_at": "2026-11-16T09:00:00+07:00",
    "device_seq": 1,
}


@pytest.mark.parametrize(
    ("line", "doubt"),
    [
        ({**LINE, "item": "P22222-2222"}, Doubt.UNKNOWN_ITEM),
        ({**LINE, "item": cast.DOSSIER}, Doubt.UNKNOWN_ITEM),
        ({**LINE, "kind": "lost"}, Doubt.UNKNOWN_KIND),
        ({**LINE, "to": ""}, Doubt.UNKNOWN_RECEIVER),
        ({**LINE, "to": "551000:desk"}, Doubt.UNKNOWN_RECEIVER),
        ({**LINE, "to": "nobody"}, Doubt.UNKNOWN_RECEIVER),
        ({**LINE, "to": "551000:counter.-1"}, Doubt.UNKNOWN_RECEIVER),
        ({**LINE, "kind": "declined", "reason": "too heavy"}, Doubt.UNKNOWN_REASON),
        ({**LINE, "occurred_at": "2026-11-16T09:00:00"}, Doubt.UNREADABLE),
        ({**LINE, "occurred_at": "0001-01-01T00:00:00+07:00"}, Doubt.UNREADABLE),
        ({**LINE, "occurred_at": 1763258400}, Doubt.UNREADABLE),
        ({**LINE, "device_seq": "1"}, Doubt.UNREADABLE),
        ({**LINE, "device_seq": True}, Doubt.UNREADABLE),
        ({**LINE, "device_seq": 2**63}, Doubt.UNREADABLE),
        ({**LINE, "id": "short"}, Doubt.UNREADABLE),
        ({**LINE, "item": ["\ud800"]}, Doubt.UNKNOWN_ITEM),
        ({}, Doubt.UNREADABLE),
        (None, Doubt.UNREADABLE),
        ("\ud800\x00", Doubt.UNREADABLE),
    ],
)
def test_a_line_nobody_can_take_for_true_is_kept_and_the_others_go_on(
    seeded: Store, line: object, doubt: Doubt
) -> None:
    with seeded.begin(at=monday) as ledger:
        ledger.begin(Item, cast.ITEM, cast.registered())
    good = Device(lan).note("handed_over", cast.ITEM, to=transport.key)
    answers = told(seeded, [line, good], by=lan)
    assert outcomes(answers) == [Outcome.QUARANTINED, Outcome.CREATED]
    assert answers[0].doubt is doubt
    assert quarantined(seeded) == [line]
    again = told(seeded, [line, good], by=lan, at=cast.after(days=9))
    assert (again[0].outcome, again[0].doubt) == (Outcome.QUARANTINED, doubt), "the first answer stands"
    assert len(quarantined(seeded)) == 1


@pytest.mark.parametrize(
    ("ahead", "is_trusted"),
    [
        (timedelta(minutes=5), True),
        (timedelta(minutes=6), False),
        (timedelta(days=900), False),
        (-timedelta(days=40), False),
    ],
)
def test_a_clock_that_is_off_is_flagged_and_the_fact_counts_all_the_same(
    seeded: Store, ahead: timedelta, is_trusted: bool
) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    device = Device(lan)
    claimed = cast.after(hours=8) + ahead
    device.note("handed_over", code, to=transport.key, when=claimed)
    assert outcomes(device.send(seeded)) == [Outcome.CREATED]
    with seeded.begin(at=monday) as ledger:
        told = ledger.steps([code])[code][-1].event
    assert isinstance(told, Claimed)
    assert (told.occurred_at, told.claimed_at) == ((claimed, None) if is_trusted else (cast.after(hours=8), claimed))
    assert found(seeded, code).offered_to == transport


@pytest.mark.parametrize("numbers_", [(1, 2), (2, 1)])
def test_who_was_not_asked_declines_nothing_whatever_receiver_his_device_names(
    seeded: Store, numbers_: tuple[int, int]
) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    offered, declined = (f"{number:032x}" for number in numbers_)
    line = {"item": code, "to": transport.key, "occurred_at": monday.isoformat(), "device_seq": 0}
    told(seeded, [{**line, "id": offered, "kind": "handed_over"}], by=lan)
    answer = told(seeded, [{**line, "id": declined, "kind": "declined", "reason": "not_mine"}], by=hoa)
    assert [each.fits for each in answer] == [False]
    assert found(seeded, code).offered_to == transport
    must_be_sound(seeded)


def test_who_may_neither_give_nor_take_is_kept_aside(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    device = Device(cast.thu)
    device.note("handed_over", code, to=transport.key)
    device.note("accepted", code)
    assert {answer.doubt for answer in device.send(seeded)} == {Doubt.FORBIDDEN}
    assert quarantined(seeded) == sorted(device.lines, key=lambda line: quarantined(seeded).index(line))
    assert found(seeded, code).version == 2


# --- anything at all --------------------------------------------------------------------------------------------------

WHO = {who.account: who for who in (lan, tai, cast.hung, cast.nam, hoa, cast.binh, cast.quan, sen, cast.thu)}
GIVEN_TO = ("551000:counter", "551000:sorting", "551000:transport", "MC-T48:desk", "SO-48-TP:department", "nam", "x:y")


@st.composite
def batches(draw: st.DrawFn) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return batches of several people about three items; some lines come twice, some under a used number."""
    line = st.fixed_dictionaries(
        {
            "id": st.integers(1, 40).map(lambda n: f"{n:032x}"),
            "kind": st.sampled_from(["handed_over", "accepted", "declined", "accepted", "handed_over", "lost"]),
            "item": st.integers(0, 3),
            "to": st.sampled_from(GIVEN_TO),
            "reason": st.sampled_from(["missing", "damaged", "wrong_place", "not_mine", "?"]),
            "occurred_at": st.integers(-600, 900).map(lambda n: cast.after(minutes=n).isoformat()),
            "device_seq": st.integers(0, 9),
        }
    )
    one = st.tuples(st.sampled_from(sorted(WHO)), st.lists(line, min_size=1, max_size=8))
    return draw(st.lists(one, min_size=1, max_size=6))


def check_anything(store: Store, sent: list[tuple[str, list[dict[str, Any]]]], codes: list[str]) -> None:
    """Send batches about the items, and check what must hold whatever they say."""
    before = {code: len(happened(store, code)) for code in codes}
    seen: dict[bytes, set[str]] = {}
    effects = 0
    for account, lines in sent:
        named = [{**line, "item": codes[line["item"]] if line["item"] < 3 else "P22222-2222"} for line in lines]
        answers = told(store, named, by=WHO[account])
        assert len(answers) == len(named)
        effects += sum(answer.outcome is Outcome.CREATED for answer in answers)
        for line, answer in zip(named, answers, strict=True):
            assert answer.id is not None
            seen.setdefault(answer.id, set()).add(f"{account} {json.dumps(line, sort_keys=True)}")
    assert sum(len(happened(store, code)) for code in codes) == sum(before.values()) + effects
    assert effects + len(quarantined(store)) == sum(map(len, seen.values())), "nothing that was sent is dropped"
    for code in codes:
        assert item.replay(code, happened(store, code)) == found(store, code)
        assert found(store, code).custodian.key
    must_be_sound(store)


@pytest.mark.parametrize("database_kind", databases.KINDS, indirect=True)
def test_whatever_devices_send_there_is_one_holder_and_nothing_is_dropped(
    database_factory: databases.Factory, database_kind: str
) -> None:
    from tests.conftest import _seed

    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    @given(sent=batches())
    def check(sent: list[tuple[str, list[dict[str, Any]]]]) -> None:
        url = database_factory.prepared("seeded", _seed)
        store = Store.open(url, secret_key=databases.SECRET_KEY)
        try:
            check_anything(store, sent, envelopes.at_the_counter(store, 3))
        finally:
            store.close()
            database_factory.drop(url)

    check()
    assert database_kind in databases.KINDS


def test_an_offer_that_was_recorded_names_its_record(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    device = Device(lan)
    device.note("handed_over", code, to=transport.key)
    device.send(seeded)
    offered = happened(seeded, code)[-1]
    assert isinstance(offered, HandedOver)
    with seeded.read() as reader:
        assert reader.thing(HandoverRecord, offered.record) is not None


def test_a_line_is_read_without_raising() -> None:
    assert facts.read({"id": "A" * 32}) == Sent(
        content='{"id":"' + "A" * 32 + '"}', id=b"\xaa" * 16, doubt=Doubt.UNREADABLE
    )
