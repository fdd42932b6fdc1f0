"""What devices did while nobody heard them: kept first, carried out in turn, never twice, never dropped."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from postal.domain import calendars, codes
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import Claimed, Delivered, DossierOpened, IncidentKind, Receiver
from postal.domain.incident import Incident
from postal.domain.item import Custody, Item
from postal.domain.people import Actor
from postal.queries import timeline
from postal.services import blanks, carrying, custody, delivery, devices, entries, shift, uploads, verification
from postal.services.facts import Answer, Outcome
from postal.store import Store
from postal.store.devices import Blank, Device, Entry
from tests import arrivals, cast, envelopes
from tests.acting import FORM, PHOTO, SHA, Phone, below, register, sealed
from tests.cast import hoa, lan, minh, monday, tai, transport


def of(answers: Sequence[Answer]) -> list[tuple[Outcome, bool | None]]:
    return [(each.outcome, each.fits) for each in answers]


def item_of(store: Store, code: str) -> Item:
    with store.read() as reader:
        return reader.many(Item, [code])[code]


def happened(store: Store, code: str) -> list[Any]:
    with store.read() as reader:
        return [event for *_, event in reader.events([code])]


def waiting(store: Store) -> list[Entry]:
    with store.read() as reader:
        return reader.entries.waiting_at(None)


def incidents(store: Store, kind: IncidentKind) -> list[Incident]:
    with store.begin(at=monday) as ledger:
        found = ledger.incidents_about(_everything(ledger))
    return [each for each in found if each.kind is kind]


def _everything(ledger: Any) -> set[str]:
    from sqlalchemy import text

    return set(ledger.connection.execute(text("SELECT about FROM incident")).scalars())


def must_be_sound(store: Store) -> None:
    assert verification.told(verification.verify(store))[-1].startswith("Mọi sổ khớp")


def enrolled(store: Store, *, at: datetime = monday) -> Device:
    return devices.enrol(store, kind="counter", name="Quầy 1", account="", secret="s", by=minh, at=at, below=below)


def block(store: Store, device: Device, *, by: Actor = lan) -> list[Blank]:
    return blanks.refill(store, device.code, by=by, at=monday, below=below)


@pytest.fixture
def on_the_way(seeded: Store) -> tuple[Store, str, str]:
    """Return a store with a result on the run of a postman who has left, the run and the item."""
    arrivals.keep_postmen(seeded)
    keep_accounts(seeded)
    run = arrivals.on_the_way(seeded, arrivals.hanh)
    return seeded, run.code, run.items[0]


def keep_accounts(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        for who in (lan, tai, minh, hoa):
            ledger.accounts.put(cast.account_of(who), password_hash="")
    for who in (lan, tai, minh, hoa):
        shift.take_free_positions(store, entitled=tuple(who.positions), by=who, at=monday - timedelta(days=1))


def send_photo(store: Store, *, by: Actor = arrivals.binh) -> None:
    uploads.keep(store, SHA, content=PHOTO, media_type="image/jpeg", by=by, at=monday)


def give(phone: Phone, run: str, item: str, *, when: datetime, **more: Any) -> dict[str, Any]:
    said = {"run": run, "item": item, "receiver": "addressee", "identity": "1", "request": "f" * 32, **more}
    return phone.did("delivered", when=when, photo=True, **said)


# --- doors ------------------------------------------------------------------------------------------------------------


def test_a_delivery_told_later_happened_when_the_postman_was_at_the_door(on_the_way: tuple[Store, str, str]) -> None:
    store, run, item = on_the_way
    phone = Phone(arrivals.binh)
    line = give(phone, run, item, when=cast.after(hours=2))
    send_photo(store)
    assert of(phone.send(store, at=cast.after(hours=6))) == [(Outcome.CREATED, True)]
    assert item_of(store, item).custody is Custody.DELIVERED
    given = happened(store, item)[-1]
    assert isinstance(given, Delivered)
    assert (given.occurred_at, given.by.account) == (cast.after(hours=2), "buuta1")
    assert given.proof
    assert of(phone.send(store, line, line, at=cast.after(hours=7))) == [(Outcome.EXISTS, True)] * 2
    assert sum(isinstance(each, Delivered) for each in happened(store, item)) == 1
    with store.begin(at=monday) as ledger:
        assert bytes.fromhex(line["id"]) in ledger.recorded([bytes.fromhex(line["id"])])
    must_be_sound(store)


def test_a_delivery_waits_for_its_photo_and_goes_when_that_has_come(on_the_way: tuple[Store, str, str]) -> None:
    store, run, item = on_the_way
    phone = Phone(arrivals.binh)
    give(phone, run, item, when=cast.after(hours=2))
    (answer,) = phone.send(store, at=cast.after(hours=3))
    assert (answer.outcome, answer.fits, answer.reason) == (Outcome.CREATED, False, "photo_not_here")
    assert item_of(store, item).custody is Custody.HELD
    send_photo(store)
    assert entries.look_after(store, at=cast.after(hours=4), below=below) == 1
    assert item_of(store, item).custody is Custody.DELIVERED
    assert of(phone.send(store, at=cast.after(hours=5))) == [(Outcome.EXISTS, True)]


def test_given_twice_is_given_once_and_somebody_looks_at_the_second(on_the_way: tuple[Store, str, str]) -> None:
    store, run, item = on_the_way
    send_photo(store)
    first, second = Phone(arrivals.binh), Phone(arrivals.binh, seed=2)
    give(first, run, item, when=cast.after(hours=2))
    give(second, run, item, when=cast.after(hours=3), request="e" * 32)
    first.send(store, at=cast.after(hours=6))
    (answer,) = second.send(store, at=cast.after(hours=7))
    assert (answer.outcome, answer.fits) == (Outcome.CREATED, False)
    assert answer.detail.startswith("hồ sơ này đã phát lúc 11:00")
    assert sum(isinstance(each, Delivered) for each in happened(store, item)) == 1
    (opened,) = incidents(store, IncidentKind.SCAN_AFTER_DELIVERY)
    assert (opened.about, opened.owner) == (item, cast.OFFICE)
    assert waiting(store) == []
    must_be_sound(store)


def test_a_form_that_went_through_on_line_is_not_carried_out_again(on_the_way: tuple[Store, str, str]) -> None:
    store, run, item = on_the_way
    send_photo(store)
    delivery.deliver(
        store,
        item,
        run_code=run,
        receiver=Receiver.ADDRESSEE,
        identity_checked=True,
        authorisation_shown=False,
        proof=b"another encoding of the same picture",
        media_type="image/jpeg",
        by=arrivals.binh,
        at=cast.after(hours=2),
        request="f" * 32,
    )
    phone = Phone(arrivals.binh)
    give(phone, run, item, when=cast.after(hours=2))
    assert of(phone.send(store, at=cast.after(hours=3))) == [(Outcome.CREATED, True)]
    assert incidents(store, IncidentKind.SCAN_AFTER_DELIVERY) == []


def test_a_visit_in_vain_and_an_invitation_are_told_later(on_the_way: tuple[Store, str, str]) -> None:
    store, run, item = on_the_way
    phone = Phone(arrivals.binh)
    phone.did(
        "attempt_failed",
        when=cast.after(hours=2),
        run=run,
        item=item,
        reason="nobody_there",
        day="2026-11-17",
        request="a1",
    )
    answers = phone.send(store, at=cast.after(hours=6))
    assert of(answers) == [(Outcome.CREATED, True)]
    found = item_of(store, item)
    assert found.next_attempt_on is not None
    assert found.next_attempt_on.isoformat() == "2026-11-17"


# --- bad lines, clocks, numbers ---------------------------------------------------------------------------------------


def test_a_bad_line_keeps_the_good_ones_and_is_named(on_the_way: tuple[Store, str, str]) -> None:
    store, run, item = on_the_way
    send_photo(store)
    phone = Phone(arrivals.binh)
    give(phone, run, item, when=cast.after(hours=2))
    phone.did("delivered", item="nonsense")
    phone.lines.append({"id": "?"})
    answers = phone.send(store, at=cast.after(hours=3))
    assert [each.outcome.value for each in answers] == ["created", "quarantined", "quarantined"]
    assert item_of(store, item).custody is Custody.DELIVERED


def test_another_content_under_the_same_number_is_a_mismatch(on_the_way: tuple[Store, str, str]) -> None:
    store, run, item = on_the_way
    send_photo(store)
    phone = Phone(arrivals.binh)
    line = give(phone, run, item, when=cast.after(hours=2))
    other = {**line, "fields": {**line["fields"], "receiver": "delegate"}}
    answers = phone.send(store, line, other, at=cast.after(hours=3))
    assert [each.outcome.value for each in answers] == ["created", "mismatch"]
    assert [each.outcome.value for each in phone.send(store, other, line, at=cast.after(hours=4))] == [
        "mismatch",
        "exists",
    ]


def test_a_clock_years_off_is_flagged_and_not_trusted(on_the_way: tuple[Store, str, str]) -> None:
    store, run, item = on_the_way
    send_photo(store)
    phone, wrong, now = Phone(arrivals.binh), datetime(2031, 1, 5, 3, 0, tzinfo=monday.tzinfo), cast.after(hours=5)
    line = give(phone, run, item, when=wrong)
    assert of(phone.send(store, at=now, sent_at=wrong)) == [(Outcome.CREATED, True)]
    with store.read() as reader:
        entry = reader.entries.get(bytes.fromhex(line["id"]))
    assert entry is not None
    assert (entry.occurred_at, entry.claimed_at) == (now, wrong)
    assert happened(store, item)[-1].occurred_at == now


def test_killed_between_keeping_and_carrying_out_nothing_is_lost(
    on_the_way: tuple[Store, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, run, item = on_the_way
    send_photo(store)
    phone = Phone(arrivals.binh)
    give(phone, run, item, when=cast.after(hours=2))

    class Killed(BaseException):
        """The process ends here."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    monkeypatch.setattr(carrying, "carry_out", die)
    with pytest.raises(Killed):
        phone.send(store, at=cast.after(hours=3))
    monkeypatch.undo()
    assert [entry.subject for entry in waiting(store)] == [item]
    assert entries.look_after(store, at=cast.after(hours=4), below=below) == 1
    assert item_of(store, item).custody is Custody.DELIVERED
    assert of(phone.send(store, at=cast.after(hours=5))) == [(Outcome.EXISTS, True)]
    assert sum(isinstance(each, Delivered) for each in happened(store, item)) == 1


# --- waiting ----------------------------------------------------------------------------------------------------------


def test_facts_about_an_item_wait_until_it_is_registered(seeded: Store) -> None:
    keep_accounts(seeded)
    workstation = enrolled(seeded)
    blank = block(seeded, workstation)[0]
    counter_, van = Phone(lan, device=workstation), Phone(tai, seed=2)
    counter_line = register(seeded, counter_, blank)
    counter_.saw("handed_over", blank.item, when=cast.after(minutes=30), to=transport.key)
    taken = van.saw("accepted", blank.item, when=cast.after(minutes=40))
    (first,) = van.send(seeded, at=cast.after(hours=5))
    assert (first.outcome, first.fits, first.reason) == (Outcome.CREATED, False, "waits_for_item")
    assert "tự ghi khi" in first.detail
    assert of(counter_.send(seeded, at=cast.after(hours=6))) == [(Outcome.CREATED, True)] * 2
    assert item_of(seeded, blank.item).custodian.key == transport.key
    assert of(van.send(seeded, at=cast.after(hours=7))) == [(Outcome.EXISTS, True)]
    with seeded.begin(at=monday) as ledger:
        known = ledger.recorded([bytes.fromhex(taken["id"]), bytes.fromhex(counter_line["id"])])
    assert {each.kind for each in known.values()} == {"Claimed", "Registered"}
    assert waiting(seeded) == []
    must_be_sound(seeded)


def test_what_comes_later_waits_for_what_the_device_did_before(seeded: Store) -> None:
    keep_accounts(seeded)
    (code,) = envelopes.at_the_counter(seeded, 1)
    bag = codes.mint(CodeKind.BAG, below=below).text
    phone = Phone(lan)
    phone.did("bag_packed", bag=bag, items=[code, codes.mint(CodeKind.ITEM, below=below).text], destination=cast.DESK)
    phone.did("bag_sealed", when=cast.after(minutes=5), bag=bag, seal="551")
    phone.saw("handed_over", code, when=cast.after(minutes=9), to=transport.key)
    answers = phone.send(seeded, at=cast.after(hours=2))
    assert [each.reason for each in answers] == ["unknown_code", "waits_in_turn", "waits_in_turn"]
    assert item_of(seeded, code).custody is Custody.HELD
    first = waiting(seeded)[0]
    entries.settle(seeded, first.id, note="Túi không đóng, thư đi rời", by=minh, at=cast.after(hours=3))
    entries.settle(seeded, waiting(seeded)[0].id, note="Như trên", by=minh, at=cast.after(hours=3))
    assert entries.look_after(seeded, at=cast.after(hours=4), below=below) == 1
    assert item_of(seeded, code).offered_to == transport


def test_what_waits_for_a_day_is_somebodys_to_answer_and_ends_when_it_goes(seeded: Store) -> None:
    keep_accounts(seeded)
    phone = Phone(tai)
    item = codes.mint(CodeKind.ITEM, below=below).text
    phone.saw("accepted", item)
    phone.send(seeded, at=monday)
    entries.look_after(seeded, at=cast.after(hours=23), below=below)
    assert incidents(seeded, IncidentKind.NOT_CARRIED_OUT) == []
    entries.look_after(seeded, at=cast.after(hours=25), below=below)
    entries.look_after(seeded, at=cast.after(hours=26), below=below)
    (opened,) = incidents(seeded, IncidentKind.NOT_CARRIED_OUT)
    assert (opened.about, opened.owner, opened.is_open) == (item, cast.OFFICE, True)
    with seeded.begin(at=cast.after(hours=27)) as ledger:
        ledger.begin(Item, item, cast.registered(code=item))
    entries.look_after(seeded, at=cast.after(hours=28), below=below)
    assert waiting(seeded) == []
    assert not incidents(seeded, IncidentKind.NOT_CARRIED_OUT)[0].is_open


def test_settling_asks_for_a_note_and_for_the_controller_of_the_place(seeded: Store) -> None:
    keep_accounts(seeded)
    phone = Phone(tai)
    phone.saw("accepted", codes.mint(CodeKind.ITEM, below=below).text)
    phone.send(seeded, at=monday)
    (entry,) = waiting(seeded)
    with pytest.raises(entries.NoSettlingNote):
        entries.settle(seeded, entry.id, note=" ", by=minh, at=monday)
    with pytest.raises(entries.UnknownEntry):
        entries.settle(seeded, entry.id, note="Không phải nơi này", by=hoa, at=monday)
    entries.settle(seeded, entry.id, note="Nhãn hỏng, đã thay nhãn khác", by=minh, at=monday)
    assert waiting(seeded) == []
    assert of(phone.send(seeded, at=cast.after(hours=1))) == [(Outcome.EXISTS, True)]


# --- the counter ------------------------------------------------------------------------------------------------------


def test_a_registration_without_network_has_the_code_on_its_label(seeded: Store) -> None:
    keep_accounts(seeded)
    workstation = enrolled(seeded)
    blank = block(seeded, workstation)[0]
    phone = Phone(lan, device=workstation)
    line = register(seeded, phone, blank, when=cast.after(hours=1))
    assert "Khánh" not in json.dumps(line, ensure_ascii=False)
    assert of(phone.send(seeded, at=cast.after(days=2))) == [(Outcome.CREATED, True)]
    opened = happened(seeded, blank.code)[0]
    assert isinstance(opened, DossierOpened)
    assert (opened.occurred_at, opened.offline_origin, opened.by.device) == (
        cast.after(hours=1),
        True,
        workstation.code,
    )
    assert item_of(seeded, blank.item).seal == "881245"
    with seeded.read() as reader:
        first = timeline.lines(reader, [blank.code])[0]
        assert first.sentence.endswith("Đăng ký tại máy quầy lúc mất mạng.")
        assert first.is_late, "heard two days later"
        dossier = reader.many(Dossier, [blank.code])[blank.code]
        assert reader.people.of([blank.code])[blank.code, "sender"].name == "Nguyễn Văn Khánh"
    assert dossier.postage.collected == 30_000
    assert of(phone.send(seeded, at=cast.after(days=3))) == [(Outcome.EXISTS, True)]
    assert blank.code not in {each.code for each in block(seeded, workstation)}
    must_be_sound(seeded)


def test_nobody_else_binds_a_code_of_a_block(seeded: Store) -> None:
    keep_accounts(seeded)
    workstation, other = enrolled(seeded), enrolled(seeded)
    blank = block(seeded, workstation)[0]
    stranger = Phone(lan, device=other)
    register(seeded, stranger, blank)
    (answer,) = stranger.send(seeded, at=cast.after(hours=1))
    assert (answer.fits, answer.reason) == (False, "not_your_block")
    with pytest.raises(Exception, match="Lấy nhãn mới"), seeded.begin(at=monday) as ledger:
        ledger.begin(Item, blank.item, cast.registered(code=blank.item))


def test_a_block_has_a_hundred_codes_and_is_filled_up_again(seeded: Store) -> None:
    keep_accounts(seeded)
    workstation = enrolled(seeded)
    first = block(seeded, workstation)
    assert len(first) == blanks.BLOCK
    phone = Phone(lan, device=workstation)
    register(seeded, phone, first[0])
    phone.send(seeded, at=cast.after(hours=1))
    again = block(seeded, workstation)
    assert len(again) == blanks.BLOCK
    assert {each.code for each in first[1:]} < {each.code for each in again}


def test_the_same_sender_twice_on_a_day_is_two_dossiers_and_one_record(seeded: Store) -> None:
    keep_accounts(seeded)
    workstation = enrolled(seeded)
    one, two, *_ = block(seeded, workstation)
    phone = Phone(lan, device=workstation)
    register(seeded, phone, one)
    register(seeded, phone, two, when=cast.after(minutes=20))
    answers = phone.send(seeded, at=cast.after(hours=3))
    assert of(answers) == [(Outcome.CREATED, True), (Outcome.CREATED, False)]
    assert [each.about for each in incidents(seeded, IncidentKind.DUPLICATE_REGISTRATION)] == [two.code]


def test_a_form_that_was_not_sealed_to_us_waits_for_a_person(seeded: Store) -> None:
    keep_accounts(seeded)
    workstation = enrolled(seeded)
    blank, other, *_ = block(seeded, workstation)
    phone = Phone(lan, device=workstation)
    phone.did("registered", dossier=blank.code, item=blank.item, sealed=sealed(seeded, FORM, about=other.code))
    phone.did("registered", dossier=other.code, item=other.item, sealed={"point": "AAAA", "iv": "", "data": ""})
    assert [each.reason for each in phone.send(seeded, at=cast.after(hours=3))] == ["sealed_otherwise"] * 2


# --- revoked devices --------------------------------------------------------------------------------------------------


def test_a_revoked_device_is_believed_up_to_then_and_no_further(seeded: Store) -> None:
    keep_accounts(seeded)
    workstation = enrolled(seeded)
    before, after, *_ = envelopes.at_the_counter(seeded, 2)
    devices.revoke(seeded, workstation.code, lost_at=cast.after(hours=2), by=minh, at=cast.after(hours=4))
    with seeded.read() as reader:
        lost = reader.devices.get(workstation.code)
    phone = Phone(lan, device=lost)
    phone.saw("handed_over", before, when=cast.after(hours=1), to=transport.key)
    phone.saw("handed_over", after, when=cast.after(hours=3), to=transport.key)
    phone.did("bag_packed", when=cast.after(hours=3), bag=codes.mint(CodeKind.BAG, below=below).text, items=[after])
    answers = phone.send(seeded, at=cast.after(hours=5))
    assert [each.outcome.value for each in answers] == ["created", "quarantined", "quarantined"]
    assert item_of(seeded, before).offered_to == transport
    assert item_of(seeded, after).offered_to is None
    (opened,) = incidents(seeded, IncidentKind.REVOKED_DEVICE)
    assert (opened.about, opened.owner) == (workstation.code, cast.OFFICE)
    phone.send(seeded, at=cast.after(hours=6))
    assert len(incidents(seeded, IncidentKind.REVOKED_DEVICE)) == 1


def test_a_revoked_device_whose_clock_is_wrong_is_not_believed_at_all(seeded: Store) -> None:
    keep_accounts(seeded)
    workstation = enrolled(seeded)
    (code,) = envelopes.at_the_counter(seeded, 1)
    lost = devices.revoke(seeded, workstation.code, lost_at=cast.after(hours=2), by=minh, at=cast.after(hours=4))
    phone = Phone(lan, device=lost)
    phone.saw("handed_over", code, when=cast.after(hours=1), to=transport.key)
    (answer,) = phone.send(seeded, at=cast.after(hours=5), sent_at=cast.after(days=40))
    assert answer.outcome is Outcome.QUARANTINED


def test_a_revoked_device_does_not_tell_of_before_its_last_contact(seeded: Store) -> None:
    keep_accounts(seeded)
    workstation = enrolled(seeded)
    (code,) = envelopes.at_the_counter(seeded, 1)
    assert devices.proven(seeded, f"{workstation.code}.s", at=cast.after(hours=2)) is not None
    lost = devices.revoke(seeded, workstation.code, lost_at=cast.after(hours=4), by=minh, at=cast.after(hours=6))
    phone = Phone(lan, device=lost)
    phone.saw("handed_over", code, when=cast.after(hours=1), to=transport.key)
    phone.saw("handed_over", code, when=cast.after(hours=3), to=transport.key)
    answers = phone.send(seeded, at=cast.after(hours=7))
    assert [each.outcome for each in answers] == [Outcome.QUARANTINED, Outcome.CREATED]


def test_a_line_that_does_not_say_since_when_is_believed_back_to_the_last_contact(seeded: Store) -> None:
    keep_accounts(seeded)
    workstation = enrolled(seeded)
    with seeded.begin(at=cast.after(hours=2)) as ledger:
        ledger.devices.touch(workstation.code, at=cast.after(hours=2))
    with seeded.read() as reader:
        device = reader.devices.get(workstation.code)
    early, later = envelopes.at_the_counter(seeded, 2)
    phone = Phone(lan, device=device)
    phone.saw("handed_over", early, when=cast.after(hours=1), to=transport.key)
    phone.saw("handed_over", later, when=cast.after(hours=3), to=transport.key)
    phone.send(seeded, at=cast.after(hours=5))
    assert happened(seeded, early)[-1].occurred_at == cast.after(hours=5), "when we heard"
    assert happened(seeded, later)[-1].occurred_at == cast.after(hours=3)


def test_what_was_not_believed_when_it_came_is_not_believed_when_it_is_released(seeded: Store) -> None:
    keep_accounts(seeded)
    workstation = enrolled(seeded, at=cast.after(hours=2))
    phone = Phone(lan, device=workstation)
    code = next(cast.codes_of(CodeKind.ITEM, seed=91))
    phone.saw("sighted", code, when=cast.after(hours=1))
    phone.send(seeded, at=cast.after(hours=5))
    assert envelopes.at_the_counter(seeded, 1, seed=91) == [code]
    entries.look_after(seeded, at=cast.after(hours=6), below=below)
    assert happened(seeded, code)[-1].occurred_at == cast.after(hours=5)


def test_a_controller_admits_what_a_revoked_device_told_with_a_note(seeded: Store) -> None:
    keep_accounts(seeded)
    workstation = enrolled(seeded)
    (code,) = envelopes.at_the_counter(seeded, 1)
    lost = devices.revoke(seeded, workstation.code, lost_at=monday, by=minh, at=cast.after(hours=1))
    phone = Phone(lan, device=lost)
    phone.saw("handed_over", code, when=cast.after(hours=1), to=transport.key)
    phone.send(seeded, at=cast.after(hours=2))
    with seeded.read() as reader:
        (kept,) = reader.quarantine.open_at(cast.OFFICE)
    with pytest.raises(entries.NoSettlingNote):
        entries.admit(seeded, kept.fingerprint, note="", by=minh, at=cast.after(hours=3), below=below)
    entries.admit(seeded, kept.fingerprint, note="Lan xác nhận", by=minh, at=cast.after(hours=3), below=below)
    assert item_of(seeded, code).offered_to == transport
    assert any(isinstance(each, Claimed) or each.by.account == "lan" for each in happened(seeded, code))
    with seeded.read() as reader:
        assert reader.quarantine.open_at(cast.OFFICE) == []
    assert of(phone.send(seeded, at=cast.after(hours=4))) == [(Outcome.EXISTS, True)]


def test_what_was_forbidden_is_admitted_once_the_account_may(seeded: Store) -> None:
    keep_accounts(seeded)
    (code,) = envelopes.at_the_counter(seeded, 1)
    nobody = Actor(account="tai", name="Tài", place=cast.OFFICE, roles=frozenset())
    phone = Phone(nobody)
    phone.saw("accepted", code)
    assert [each.outcome for each in phone.send(seeded, at=monday)] == [Outcome.QUARANTINED]
    with seeded.read() as reader:
        (kept,) = reader.quarantine.open_at(cast.OFFICE)
    entries.admit(seeded, kept.fingerprint, note="", by=minh, at=cast.after(hours=1), below=below)
    assert len(happened(seeded, code)) == 3


# --- records signed in ink --------------------------------------------------------------------------------------------


def test_the_time_in_ink_is_the_legal_one_however_late_it_is_told(seeded: Store) -> None:
    keep_accounts(seeded)
    (code,) = envelopes.at_the_counter(seeded, 1)
    record = custody.offer(seeded, [code], to=cast.desk, by=lan, at=monday, below=below)
    phone = Phone(lan)
    signed = (calendars.local(monday) + timedelta(hours=5, minutes=50)).isoformat()
    phone.did(
        "record_signed",
        when=cast.after(hours=6),
        record=record.code,
        signed_at=signed,
        signer="Đặng Thị Hoa",
        photo=True,
    )
    uploads.keep(seeded, SHA, content=PHOTO, media_type="image/jpeg", by=lan, at=monday)
    assert of(phone.send(seeded, at=cast.after(days=3))) == [(Outcome.CREATED, True)]
    found = item_of(seeded, code)
    assert found.custodian == cast.desk
    assert found.last_at == cast.after(hours=5, minutes=50)
