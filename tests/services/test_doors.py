"""At the door: money, papers for the authority, delegates, invitations, pickups; and the proof of every visit."""

import hashlib
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text, update

from postal.domain import cash, item, proofs, run
from postal.domain.events import (
    AttemptFailed,
    AttemptReason,
    Collected,
    Delivered,
    Event,
    InvitationLeft,
    ItemKind,
    MoneyLedger,
    Payment,
    PlannedStop,
    Receiver,
)
from postal.domain.handover import NothingToHandOver
from postal.domain.home_pickup import PickupState
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import LabelBound, NotNow
from postal.domain.people import CustodianKind
from postal.domain.proofs import Spot
from postal.domain.run import DeliveryRun
from postal.services import custody, delivery, invitations, proving, registration, verification
from postal.services.delivery import Delegate
from postal.services.proving import Proof
from postal.services.recovered import GotBack, RecoveredUnsealed
from postal.store import Store
from postal.store.registers import RequestMismatch
from postal.store.tables import FileRow, table_of
from tests import arrivals, cast
from tests.arrivals import binh, hanh, tam
from tests.services.test_registration import BIRTH_NOTICE, DECLARATION, form

AT = cast.after(hours=1)
EVENING = cast.after(hours=8)
OLD_PAPERS = ("Giấy phép lái xe cũ", "Giấy hẹn trả kết quả")
HERE = Spot(lat=16.06778, lon=108.22083, accuracy_m=12)
TUESDAY = date(2026, 11, 17)


@pytest.fixture
def office(seeded: Store) -> Store:
    """Return a store with the postmen of the central office."""
    arrivals.keep_postmen(seeded)
    return seeded


def give(store: Store, driven: DeliveryRun, code: str = "", **changed: Any) -> Item:
    """Give an item at the door as it should be done, but for what is changed."""
    how: dict[str, Any] = {
        "receiver": Receiver.ADDRESSEE,
        "identity_checked": True,
        "authorisation_shown": False,
        "proof": b"a signature",
        "media_type": "image/png",
        "by": binh,
        "at": AT,
        "below": arrivals.below(driven.code),
        **changed,
    }
    return delivery.deliver(store, code or driven.items[0], run_code=driven.code, **how)


def miss(store: Store, driven: DeliveryRun, **changed: Any) -> Item:
    how: dict[str, Any] = {
        "reason": AttemptReason.NOBODY_THERE,
        "next_on": TUESDAY,
        "proof": b"",
        "media_type": "",
        "by": binh,
        "at": AT,
        **changed,
    }
    return delivery.fail_attempt(store, driven.items[0], run_code=driven.code, **how)


def item_of(store: Store, code: str) -> Item:
    with store.read() as reader:
        found = reader.thing(Item, code)
    assert found is not None
    return found


def happened(store: Store, stream: str, kind: type[Event]) -> list[Any]:
    with store.read() as reader:
        return [event for _, _, _, event in reader.events([stream]) if isinstance(event, kind)]


def text_of(store: Store, number: str) -> str:
    with store.read() as reader:
        return reader.texts.get([number]).get(number, "")


def in_hand(store: Store, kind: ItemKind) -> list[Item]:
    with store.begin(at=EVENING) as ledger:
        return [held for held in ledger.items_held_by(binh.account) if held.kind is kind]


# --- money ------------------------------------------------------------------------------------------------------------


def test_a_result_with_a_fee_stays_with_the_postman_until_it_is_paid(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, fee=135_000, fee_basis="Lệ phí cấp bản sao")
    with pytest.raises(delivery.NotPaid, match=r"Chưa thu 135\.000 đ"):
        give(office, started)
    assert item_of(office, started.items[0]).custody is Custody.HELD
    assert money_of(office) == 0
    with pytest.raises(delivery.NotPaid):
        give(office, started, paid=135_000, payment=Payment.LATER)
    give(office, started, paid=135_000)
    assert item_of(office, started.items[0]).custody is Custody.DELIVERED
    assert money_of(office) == 135_000


def money_of(store: Store) -> int:
    """Return what the postman carries."""
    with store.begin(at=EVENING) as ledger:
        return sum(ledger.books.balance(f"{cash.TILL}{binh.account}", account) for account in MoneyLedger)


def test_what_is_paid_at_the_door_has_a_receipt_and_names_the_run(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, fee=135_000, fee_basis="Lệ phí cấp bản sao")
    delivered = give(office, started, paid=135_000)
    (paid,) = happened(office, delivered.dossier, Collected)
    assert (paid.ledger, paid.amount, paid.payment) == (MoneyLedger.FEES, 135_000, Payment.CASH)
    assert (paid.run, paid.into) == (started.code, binh.account)
    assert paid.receipt.startswith("B")


def test_postage_on_delivery_and_fees_are_two_receipts(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, fee=135_000, fee_basis="Lệ phí cấp bản sao")
    with office.begin(at=cast.monday) as ledger:
        dossier = ledger.dossier(ledger.item(started.items[0]).dossier)
        later = dossier.collect(
            ledger=MoneyLedger.POSTAGE, amount=30_000, payment=Payment.LATER, basis="COD", by=binh, at=cast.monday
        )
        ledger.append(dossier, later)
    delivered = give(office, started, paid=165_000)
    paid = [event for event in happened(office, delivered.dossier, Collected) if event.receipt]
    assert {(event.ledger, event.amount) for event in paid} == {
        (MoneyLedger.POSTAGE, 30_000),
        (MoneyLedger.FEES, 135_000),
    }
    assert len({event.receipt for event in paid}) == 2
    assert verification.verify(office).is_sound


@pytest.mark.parametrize("paid", [1, 134_999, 270_000])
def test_another_sum_than_what_is_owed_is_not_taken(office: Store, paid: int) -> None:
    started = arrivals.on_the_way(office, hanh, fee=135_000, fee_basis="Lệ phí cấp bản sao")
    with pytest.raises(delivery.OtherSum, match=r"nay là 135\.000 đ"):
        give(office, started, paid=paid)
    assert money_of(office) == 0


def test_what_was_paid_elsewhere_meanwhile_is_not_taken_again(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    with pytest.raises(delivery.OtherSum, match="nay là 0 đ"):
        give(office, started, paid=135_000)


def test_a_transfer_is_not_in_the_postmans_hands(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, fee=135_000, fee_basis="Lệ phí cấp bản sao")
    give(office, started, paid=135_000, payment=Payment.TRANSFER)
    assert money_of(office) == 0
    closed = delivery.close_run(office, started.code, by=binh, at=EVENING)
    assert (closed.collected, closed.cash) == (135_000, "")


def test_the_same_form_sent_twice_gives_and_takes_nothing_twice(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, fee=135_000, fee_basis="Lệ phí cấp bản sao", recover=OLD_PAPERS)
    once: dict[str, Any] = {
        "paid": 135_000,
        "got_back": GotBack(lines=(1, 2), seal="R77"),
        "request": "form-1",
        "spot": HERE,
    }
    first = give(office, started, **once)
    again = give(office, started, **{**once, "at": cast.after(hours=2), "spot": None})
    assert again == first
    assert money_of(office) == 135_000
    assert len(in_hand(office, ItemKind.RECOVERED)) == 1
    with pytest.raises(RequestMismatch):
        give(office, started, **{**once, "receiver": Receiver.DELEGATE})
    with pytest.raises(NotNow):
        give(office, started, **{**once, "request": "form-2", "paid": 0})


# --- a delegate -------------------------------------------------------------------------------------------------------


def test_a_delegates_name_and_paper_are_kept_sealed(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    delegate = Delegate(name="Lê Văn Hiếu", paper="12/UQ-2026", until=date(2026, 12, 31))
    delivered = give(office, started, receiver=Receiver.DELEGATE, authorisation_shown=True, delegate=delegate)
    (event,) = happened(office, delivered.code, Delivered)
    assert text_of(office, event.signer) == "Lê Văn Hiếu, giấy 12/UQ-2026, đến 31/12/2026"
    assert "Hiếu" not in repr(event)


def test_an_authorisation_counts_until_its_last_day_and_not_after(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    how: dict[str, Any] = {"receiver": Receiver.DELEGATE, "authorisation_shown": True}
    expired = Delegate(name="Lê Văn Hiếu", paper="12/UQ-2026", until=date(2026, 11, 15))
    with pytest.raises(item.AuthorisationExpired, match=r"hết hạn từ 15/11/2026\. Mời mang giấy còn hạn"):
        give(office, started, delegate=expired, **how)
    assert item_of(office, started.items[0]).custody is Custody.HELD
    give(office, started, delegate=replace(expired, until=cast.today), **how)


def test_a_relative_without_an_authorisation_is_refused(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    with pytest.raises(item.NoAuthorisation, match="kết quả vẫn được giữ"):
        give(office, started, receiver=Receiver.DELEGATE)


# --- papers for the authority -----------------------------------------------------------------------------------------


def test_papers_got_back_travel_to_the_authority_as_an_envelope_of_their_own(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, recover=OLD_PAPERS)
    delivered = give(office, started, got_back=GotBack(lines=(1, 2), seal="R77"))
    (envelope,) = in_hand(office, ItemKind.RECOVERED)
    assert (envelope.dossier, envelope.seal, envelope.destination.place) == (delivered.dossier, "R77", "MC-20242")
    assert (envelope.custodian.kind, envelope.custodian.key) == (CustodianKind.PERSON, "buuta1")
    assert not envelope.destination.to_citizen
    assert delivered.recovered == 2
    assert all(name in text_of(office, envelope.contents) for name in OLD_PAPERS)


def test_a_label_printed_beforehand_names_the_envelope(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, tam, recover=OLD_PAPERS[:1])
    give(office, started, got_back=GotBack(lines=(1,), seal="R77", label="p3fhj-8qxv9"))
    assert [envelope.code for envelope in in_hand(office, ItemKind.RECOVERED)] == [cast.ITEM]
    with pytest.raises(LabelBound):
        give(office, started, started.items[1], got_back=GotBack(lines=(1,), seal="R78", label=cast.ITEM))
    assert item_of(office, started.items[1]).custody is Custody.HELD, "all of it or nothing"


def test_fewer_papers_than_wanted_need_a_reason(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, recover=OLD_PAPERS)
    with pytest.raises(item.NotAllRecovered, match="phải thu hồi 2 giấy tờ cho cơ quan, mới có 1"):
        give(office, started, got_back=GotBack(lines=(2,), seal="R77"))
    got = GotBack(lines=(2,), seal="R77", why_fewer="Giấy phép cũ đã mất, có đơn trình báo")
    delivered = give(office, started, got_back=got)
    (event,) = happened(office, delivered.code, Delivered)
    assert event.recovered == 1
    assert text_of(office, event.reason) == got.why_fewer
    (envelope,) = in_hand(office, ItemKind.RECOVERED)
    contents = text_of(office, envelope.contents)
    assert OLD_PAPERS[1] in contents
    assert OLD_PAPERS[0] not in contents


def test_nothing_got_back_makes_no_envelope(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, recover=OLD_PAPERS)
    give(office, started, got_back=GotBack(why_fewer="Người dân chưa tìm thấy"))
    assert in_hand(office, ItemKind.RECOVERED) == []


def test_papers_got_back_are_sealed_before_the_one_who_gave_them(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, recover=OLD_PAPERS)
    with pytest.raises(RecoveredUnsealed, match="nhập số niêm phong"):
        give(office, started, got_back=GotBack(lines=(1, 2)))
    assert item_of(office, started.items[0]).custody is Custody.HELD


def test_papers_got_back_reach_the_authority_by_hand_over_like_anything_else(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, recover=OLD_PAPERS)
    give(office, started, got_back=GotBack(lines=(1, 2), seal="R77"))
    with pytest.raises(run.StillOnRun, match="còn 1 bưu gửi"):
        delivery.close_run(office, started.code, by=binh, at=EVENING)
    back = delivery.hand_back(office, started.code, by=binh, at=EVENING, below=arrivals.below(3))
    assert back is not None
    custody.accept(office, back.code, by=cast.hung, at=EVENING)
    closed = delivery.close_run(office, started.code, by=binh, at=EVENING)
    assert closed.recovered == 2
    onward = custody.offer(office, back.items, to=cast.commune_desk, by=cast.hung, at=EVENING, below=arrivals.below(4))
    custody.accept(office, onward.code, by=cast.xuan, at=EVENING)
    assert item_of(office, back.items[0]).custodian == cast.commune_desk
    assert verification.verify(office).is_sound


# --- proof ------------------------------------------------------------------------------------------------------------


def test_the_proof_is_bound_to_the_item_the_run_and_the_time(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    delivered = give(office, started, proof=b"ink", spot=HERE)
    (event,) = happened(office, delivered.code, Delivered)
    assert event.binding == proofs.binding(item=delivered.code, run=started.code, at=AT, content=b"ink")
    assert proofs.read(text_of(office, event.where)) == HERE
    assert "16.067" not in repr(event), "the ledger does not know the place"
    assert swapped(office) == []


def test_a_picture_put_in_the_place_of_another_is_detected(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, tam)
    first, second = started.items
    give(office, started, first, proof=b"ink of Hanh")
    give(office, started, second, proof=b"ink of Tam")
    swap(office, first, b"somebody else's ink")
    (found,) = swapped(office)
    assert found.startswith(f"{first[:5]}-{first[5:]}")
    assert "không phải của lần này" in found
    assert verification.verify(office).mismatches == (found,)


def swapped(store: Store) -> list[str]:
    """Return what is not proven by the picture that is kept for it."""
    with store.read() as reader:
        return list(proving.swapped(reader))


def swap(store: Store, code: str, content: bytes) -> None:
    """Put another picture under the number of an item's proof, with the key of the house."""
    (event,) = happened(store, code, Delivered)
    with store.begin(at=EVENING) as ledger:
        sealed = ledger.files.sealer.seal(content, place=f"file|{event.proof}")
        table = table_of(FileRow)
        ledger.files.connection.execute(update(table).where(table.c.id == event.proof).values(sealed=sealed))


def test_the_hash_covers_the_picture_alone_when_one_signature_is_used_for_two(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, tam)
    first, second = (give(office, started, code, proof=b"the same ink") for code in started.items)
    bindings = {happened(office, found.code, Delivered)[0].binding for found in (first, second)}
    assert len(bindings) == 2
    assert hashlib.sha256(b"the same ink").hexdigest() not in bindings


def test_what_was_erased_by_law_is_not_called_swapped(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    give(office, started)
    with office.begin(at=EVENING) as ledger:
        ledger.files.connection.execute(text("DELETE FROM file"))
    assert swapped(office) == []


def test_a_sure_place_teaches_where_the_door_is(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, tam)
    give(office, started, started.items[0], spot=replace(HERE, accuracy_m=101))
    give(office, started, started.items[1], spot=HERE)
    with office.read() as reader:
        taught = reader.points.of([(person.commune, person.address) for person in (hanh, tam)])
    assert len(taught) == 1, "101 m is not sure enough"
    (((commune, _), point),) = taught.items()
    assert commune == item_commune(started, 1)
    assert (point.lat, point.lon, point.accuracy_m) == (HERE.lat, HERE.lon, 12)


def item_commune(started: DeliveryRun, index: int) -> str:
    code = started.items[index]
    return next(stop.commune for stop in started.stops if code in stop.items)


# --- in vain ----------------------------------------------------------------------------------------------------------


def test_a_visit_in_vain_keeps_its_photo_and_place(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    missed = miss(office, started, proof=b"a closed door", media_type="image/jpeg", spot=HERE)
    (event,) = happened(office, missed.code, AttemptFailed)
    assert event.binding == proofs.binding(item=missed.code, run=started.code, at=AT, content=b"a closed door")
    assert proofs.read(text_of(office, event.where)) == HERE
    with office.read() as reader:
        assert reader.points.of([(hanh.commune, hanh.address)]) == {}, "only a delivery teaches"


def test_a_second_attempt_is_possible_on_the_same_day(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    assert miss(office, started, next_on=cast.today).next_attempt_on == cast.today
    assert miss(office, started, next_on=TUESDAY, at=cast.after(hours=3)).attempts == 2
    assert give(office, started, at=cast.after(hours=6)).custody is Custody.DELIVERED


@pytest.mark.parametrize(
    ("day", "refusal", "sentence"),
    [
        (date(2026, 11, 15), run.DayGone, "15/11/2026 đã qua"),
        (date(2026, 11, 22), run.DayOff, "Chủ nhật, 22/11/2026 bưu tá không đi phát"),
    ],
)
def test_the_next_visit_is_on_a_working_day_ahead(
    office: Store, day: date, refusal: type[Exception], sentence: str
) -> None:
    started = arrivals.on_the_way(office, hanh)
    with pytest.raises(refusal, match=sentence):
        miss(office, started, next_on=day)
    assert item_of(office, started.items[0]).attempts == 0


def test_a_visit_in_vain_that_is_sent_twice_is_one_visit(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    first, again = (miss(office, started, request="form-3") for _ in range(2))
    assert first == again
    assert again.attempts == 1


# --- invitations ------------------------------------------------------------------------------------------------------


def test_a_printed_invitation_is_left_at_the_door_while_the_item_waits_at_the_office(office: Store) -> None:
    (code,) = arrivals.arrived(office, hanh)
    invitations.hold_for_pickup(office, code, until=date(2026, 11, 20), by=cast.hung, at=cast.monday)
    planned = arrivals.laid_out(office, PlannedStop(number=1, commune="20242", items=(), invitations=(code,)))
    started = delivery.start_run(office, planned.code, by=binh, at=cast.monday)
    photo = Proof(content=b"the letter box", media_type="image/jpeg", spot=HERE)
    first, left = (
        delivery.leave_invitation(office, code, run_code=started.code, proof=photo, request="form-4", by=binh, at=AT)
        for _ in range(2)
    )
    assert first == left
    assert left.invitations_left == 1
    assert left.custodian == cast.sorting, "the item never left the office"
    (event,) = happened(office, code, InvitationLeft)
    assert (event.number, event.run) == (1, started.code)
    assert event.binding == proofs.binding(item=code, run=started.code, at=AT, content=b"the letter box")
    closed = delivery.close_run(office, started.code, by=binh, at=EVENING)
    assert (closed.delivered, closed.returned) == (0, 0)


def test_an_invitation_is_left_only_on_the_run_that_has_it(office: Store) -> None:
    started = arrivals.on_the_way(office, tam)
    (code,) = arrivals.arrived(office, hanh, serial=50)
    invitations.hold_for_pickup(office, code, until=date(2026, 11, 20), by=cast.hung, at=cast.monday)
    with pytest.raises(run.NotOnRun):
        delivery.leave_invitation(office, code, run_code=started.code, by=binh, at=AT)


def test_a_run_with_nothing_at_all_does_not_start(office: Store) -> None:
    planned = arrivals.laid_out(office, PlannedStop(number=1, commune="20242", items=()))
    with pytest.raises(run.NothingInHand):
        delivery.start_run(office, planned.code, by=binh, at=cast.monday)


# --- fetching papers --------------------------------------------------------------------------------------------------


@pytest.fixture
def fetching(office: Store) -> DeliveryRun:
    """Return a started run on which papers are fetched at one door and nothing is given."""
    below = arrivals.below(12)
    listed = tuple(replace(paper, originals=0) for paper in (DECLARATION, BIRTH_NOTICE))
    asked = form(papers=listed, seal="", weight_g=None, pickup_on=cast.today)
    made = registration.register(office, asked, by=cast.lan, at=cast.monday, below=below)
    with office.begin(at=cast.monday) as ledger:
        (pickup,) = ledger.home_pickups_of(made.dossier.code)
    planned = arrivals.laid_out(office, PlannedStop(number=1, commune="20242", items=(), pickups=(pickup.code,)))
    return delivery.start_run(office, planned.code, by=binh, at=cast.monday)


def fetch(store: Store, driven: DeliveryRun, **changed: Any) -> Any:
    how: dict[str, Any] = {
        "papers": (DECLARATION, BIRTH_NOTICE),
        "seal": "R90",
        "proof": Proof(content=b"the sender's ink", media_type="image/jpeg", spot=HERE),
        "by": binh,
        "at": AT,
        "below": arrivals.below(13),
        **changed,
    }
    return delivery.fetch(store, driven.pickups[0], run_code=driven.code, **how)


def test_papers_fetched_at_the_door_are_an_envelope_in_the_postmans_hands(office: Store, fetching: DeliveryRun) -> None:
    made, again = (fetch(office, fetching, request="form-5") for _ in range(2))
    assert made == again
    assert made.state is PickupState.MADE
    (envelope,) = in_hand(office, ItemKind.OUTBOUND)
    assert (envelope.code, envelope.seal) == (made.item, "R90")
    assert swapped(office) == []
    with pytest.raises(run.StillOnRun, match="còn 1 bưu gửi"):
        delivery.close_run(office, fetching.code, by=binh, at=EVENING)
    back = delivery.hand_back(office, fetching.code, by=binh, at=EVENING, below=arrivals.below(14))
    assert back is not None
    custody.accept(office, back.code, by=cast.hung, at=EVENING)
    assert delivery.close_run(office, fetching.code, by=binh, at=EVENING).picked_up == 1


@pytest.mark.parametrize(("changed", "refusal"), [({"seal": ""}, item.NotSealed), ({"proof": Proof()}, item.NoProof)])
def test_papers_are_fetched_sealed_and_signed_for(
    office: Store, fetching: DeliveryRun, changed: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        fetch(office, fetching, **changed)
    assert in_hand(office, ItemKind.OUTBOUND) == []


def test_a_pickup_in_vain_is_promised_again(office: Store, fetching: DeliveryRun) -> None:
    failed = delivery.fail_fetch(
        office,
        fetching.pickups[0],
        run_code=fetching.code,
        reason=AttemptReason.NOBODY_THERE,
        next_on=TUESDAY,
        by=binh,
        at=AT,
    )
    assert (failed.attempts, failed.day) == (1, TUESDAY)
    closed = delivery.close_run(office, fetching.code, by=binh, at=EVENING)
    assert closed.picked_up == 0


def test_a_pickup_of_no_run_of_his_is_not_made(office: Store, fetching: DeliveryRun) -> None:
    with pytest.raises(run.NotPostman):
        fetch(office, fetching, by=arrivals.yen)


# --- the end of the day -----------------------------------------------------------------------------------------------


def test_the_day_does_not_end_while_money_is_in_the_postmans_hands(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, fee=135_000, fee_basis="Lệ phí cấp bản sao")
    give(office, started, paid=135_000)
    with pytest.raises(run.MoneyInHand, match=r"còn 135\.000 đ trong tay bưu tá"):
        delivery.close_run(office, started.code, by=binh, at=EVENING)
    offered = delivery.hand_in(office, started.code, by=binh, at=EVENING, below=arrivals.below(5))
    assert (offered.total, offered.run) == (135_000, started.code)
    assert offered.receiver is not None
    assert offered.receiver.key == cast.counter.key
    with pytest.raises(run.MoneyInHand):
        delivery.close_run(office, started.code, by=binh, at=EVENING)
    sign_for(office, offered.code)
    closed = delivery.close_run(office, started.code, by=binh, at=EVENING)
    assert (closed.delivered, closed.collected, closed.cash) == (1, 135_000, offered.code)
    assert verification.verify(office).is_sound


def sign_for(store: Store, code: str) -> None:
    """Let the counter count the money and sign."""
    with store.begin(at=EVENING) as ledger:
        offered = ledger.cash(code)
        ledger.append(offered, offered.accept(by=cast.lan, at=EVENING))


def test_nothing_is_handed_in_where_nothing_was_collected(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    with pytest.raises(cash.NothingToPass):
        delivery.hand_in(office, started.code, by=binh, at=EVENING, below=arrivals.below(5))
    with pytest.raises(run.NotPostman):
        delivery.hand_in(office, started.code, by=arrivals.yen, at=EVENING, below=arrivals.below(5))


def test_a_day_without_anything_left_hands_nothing_back(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    give(office, started)
    with pytest.raises(NothingToHandOver):
        delivery.hand_back(office, started.code, by=binh, at=EVENING, below=arrivals.below(3))
