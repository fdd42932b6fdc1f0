"""The post takes results over at a centre: thirty at once, counted, signed on the screen or in ink."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from postal.domain import codes, handover, originals, status
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import Evidence, ItemKind, ReturnWay, Service
from postal.domain.handover import HandoverRecord, RecordState
from postal.domain.item import Custody, Item, NotAddressee, NotCustodian, SamePerson
from postal.domain.lifecycle import NotNow
from postal.domain.official import WrongOfficialCode
from postal.domain.people import Actor, Role
from postal.domain.permissions import Forbidden
from postal.domain.procedures import ProcedureStatus
from postal.domain.refusals import Refused
from postal.domain.status import Status
from postal.services import agency, changing, custody, destinations, intake, registration, results
from postal.services.intake import Intake
from postal.services.registration import PaperEntry, Registration
from postal.services.results import OwedBack, ResultEntry
from postal.store import Store
from postal.store.registers import RequestMismatch
from tests import arrivals, cast
from tests.arrivals import hanh, tam

AT = cast.after(days=1)
SIGNED = cast.after(days=1, minutes=-20)
PHOTO = b"a photo of the signed list"
RESULT = PaperEntry(name="Kết quả", originals=1)
BOOK = PaperEntry(name="Sổ hộ khẩu", originals=1, to_return=True)


def unknown(serial: int, **changed: object) -> ResultEntry:
    """Return a result of the centre for a dossier the post never carried."""
    given = {"code": f"H48.17-261102-{serial:04d}", "papers": (RESULT,), "seal": f"77{serial:04d}", "receiver": hanh}
    return ResultEntry(**{**given, **changed})  # type: ignore[arg-type]


def carried(store: Store, serial: int, *, return_way: ReturnWay = ReturnWay.HOME) -> Dossier:
    """Return a dossier that Lan registered, which the commune's centre received under its own code."""
    form = Registration(
        service=Service.BOTH,
        procedure=arrivals.PROCEDURE,
        sender=replace(hanh, phone=""),
        case_commune="20242",
        return_way=return_way,
        papers=(RESULT, BOOK),
        why_incomplete="Đối chiếu trang của cơ quan",
    )
    made = registration.register(store, form, by=cast.lan, at=cast.monday, below=arrivals.below(serial))
    code = f"H48.17-261116-{serial:04d}"
    return agency.receive(store, made.dossier.code, official_code=code, by=cast.xuan, at=cast.after(hours=5))


def book_of(store: Store, dossier: Dossier, *, count: int = 1) -> OwedBack:
    with store.begin(at=AT) as ledger:
        (outbound,) = ledger.items_of(dossier.code)
    return OwedBack(source=originals.source_of(outbound.code, 2), count=count)


def form(*lines: ResultEntry, request: str = "") -> Intake:
    return Intake(desk=cast.commune_desk, to=cast.transport, lines=lines, request=request)


def on_paper(store: Store, given: Intake, **changed: object) -> HandoverRecord:
    signing = {"signed_at": SIGNED, "signer": "Nguyễn Thị Hải", "photo": PHOTO, "by": cast.tai, "at": AT, **changed}
    return intake.take_on_paper(store, given, below=arrivals.below(repr(given)), **signing)  # type: ignore[arg-type]


def together(store: Store, given: Intake, **changed: object) -> HandoverRecord:
    people = {"officer": cast.xuan, "by": cast.tai, "at": AT, **changed}
    return intake.take_together(store, given, below=arrivals.below(repr(given)), **people)  # type: ignore[arg-type]


def items_of(store: Store, record: HandoverRecord) -> list[Item]:
    with store.begin(at=AT) as ledger:
        return ledger.items(record.items)


def dossier_of(store: Store, item: Item) -> Dossier:
    with store.begin(at=AT) as ledger:
        return ledger.dossier(item.dossier)


def told(store: Store, given: Intake) -> dict[int, Refused]:
    """Return what the refused lines say; nothing was recorded."""
    with pytest.raises(results.LinesRefused) as refused:
        on_paper(store, given)
    return refused.value.lines


# --- both ways of signing ---------------------------------------------------------------------------------------------


def test_thirty_results_of_which_twenty_two_were_never_ours_come_in_one_signature(seeded: Store) -> None:
    known = [carried(seeded, serial) for serial in range(1, 9)]
    ours = [
        ResultEntry(code=each.code if each is known[0] else each.official_code, owed=(book_of(seeded, each),))
        for each in known
    ]
    record = together(seeded, form(*ours, *(unknown(serial) for serial in range(1, 23))))
    items = items_of(seeded, record)
    assert (len(items), record.state, record.evidence) == (30, RecordState.ACCEPTED, Evidence.A)
    assert {item.custodian.key for item in items} == {cast.transport.key}
    assert {item.origin for item in items} == {cast.COMMUNE_DESK}
    assert {dossier_of(seeded, item).status for item in items} == {AgencyStatus.RESOLVED}
    assert [item.dossier for item in items[:8]] == [each.code for each in known]


def test_the_officer_registers_and_gives_and_the_driver_accepts(seeded: Store) -> None:
    record = together(seeded, form(unknown(1)))
    assert (record.giver_account, record.receiver_account) == ("xuan", "tai")
    (item,) = items_of(seeded, record)
    assert (item.received_from, item.evidence, item.seal) == (None, Evidence.A, "770001")


def test_an_officer_without_an_account_signs_on_paper(seeded: Store) -> None:
    record = on_paper(seeded, form(unknown(1), unknown(2)))
    assert (record.state, record.evidence, record.signed_at) == (RecordState.ON_PAPER, Evidence.B, SIGNED)
    for item in items_of(seeded, record):
        assert item.custodian.key == cast.transport.key
        assert (item.received_from, item.record, item.evidence) == (cast.commune_desk, record.code, Evidence.B)
        assert (item.origin, item.registered_at, item.has_left) == (cast.COMMUNE_DESK, SIGNED, True)
    with seeded.read() as reader:
        assert reader.texts.get([record.signer])[record.signer] == "Nguyễn Thị Hải"
        photo = reader.files.get(record.photo)
    assert photo is not None
    assert photo.content == PHOTO


def test_paper_without_a_photo_proves_least(seeded: Store) -> None:
    record = on_paper(seeded, form(unknown(1)), photo=b"")
    (item,) = items_of(seeded, record)
    assert (record.evidence, item.evidence, record.photo) == (Evidence.C, Evidence.C, "")


def test_the_desk_confirms_later_what_its_officer_signed_on_paper(seeded: Store) -> None:
    record = on_paper(seeded, form(unknown(1)))
    with pytest.raises(NotAddressee):
        custody.confirm(seeded, record.code, by=cast.tai, at=AT)
    confirmed = custody.confirm(seeded, record.code, by=cast.xuan, at=cast.after(days=2))
    assert (confirmed.state, confirmed.evidence, confirmed.giver_account) == (
        RecordState.CONFIRMED,
        Evidence.A,
        "xuan",
    )
    assert confirmed.receiver_account == "tai"


def test_nobody_signed_a_paper_tomorrow(seeded: Store) -> None:
    with pytest.raises(handover.SignedInFuture):
        on_paper(seeded, form(unknown(1)), signed_at=cast.after(days=2))


def test_no_result_was_given_before_the_dossier_was_received(seeded: Store) -> None:
    known = carried(seeded, 1)
    early = form(ResultEntry(code=known.code, papers=(RESULT,), seal="7001"))
    with pytest.raises(results.LinesRefused, match="sang bước “Được tiếp nhận”"):
        on_paper(seeded, early, signed_at=cast.after(hours=1))
    (item,) = items_of(seeded, on_paper(seeded, early, signed_at=known.status_at))
    after = dossier_of(seeded, item)
    assert after.started_at is not None
    assert after.ended_at is not None
    assert after.started_at <= after.ended_at


def test_a_paper_has_no_seconds_and_still_follows_what_happened_in_its_minute(seeded: Store) -> None:
    known = carried(seeded, 1)
    agency.take_into_work(seeded, known.code, by=cast.xuan, at=cast.after(hours=6) + timedelta(seconds=40))
    given = form(ResultEntry(code=known.code, papers=(RESULT,), seal="7001"))
    assert on_paper(seeded, given, signed_at=cast.after(hours=6)).signed_at == cast.after(hours=6)


def test_one_person_cannot_sign_for_both_sides(seeded: Store) -> None:
    both = replace(
        cast.xuan, positions=cast.xuan.positions | {cast.transport.key}, roles=cast.xuan.roles | cast.tai.roles
    )
    with pytest.raises(SamePerson):
        together(seeded, form(unknown(1)), officer=both, by=both)


def test_the_officer_must_answer_for_that_desk_and_the_driver_for_that_van(seeded: Store) -> None:
    with pytest.raises(NotCustodian):
        together(seeded, form(unknown(1)), officer=cast.hoa)
    with pytest.raises(NotCustodian):
        on_paper(seeded, replace(form(unknown(1)), to=cast.counter))


def test_results_come_from_an_authority_to_those_who_may_take_them(seeded: Store) -> None:
    with pytest.raises(intake.NotAnAuthority):
        on_paper(seeded, replace(form(unknown(1)), desk=cast.counter))
    with pytest.raises(Forbidden):
        on_paper(seeded, form(unknown(1)), by=arrivals.binh)
    with pytest.raises(Forbidden):
        together(seeded, form(unknown(1)), officer=cast.lan)


def test_an_empty_list_takes_nothing_over(seeded: Store) -> None:
    with pytest.raises(results.NothingToRegister):
        on_paper(seeded, form())


# --- sent twice -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("take", [together, on_paper])
def test_a_form_that_is_sent_twice_takes_over_once(seeded: Store, take: object) -> None:
    given = form(unknown(1, fee=20_000, fee_basis="Lệ phí"), request="one-form")
    first = take(seeded, given)  # type: ignore[operator]
    again = take(seeded, given, at=cast.after(days=2))  # type: ignore[operator]
    assert again.code == first.code
    (item,) = items_of(seeded, first)
    assert dossier_of(seeded, item).fees.owed == 20_000


def test_a_request_number_stands_for_one_list(seeded: Store) -> None:
    on_paper(seeded, form(unknown(1), request="one-form"))
    with pytest.raises(RequestMismatch):
        on_paper(seeded, form(unknown(2), request="one-form"))


def test_a_refused_form_may_be_sent_again_when_it_is_right(seeded: Store) -> None:
    given = form(unknown(1, code="H48.17-261302-0001"), request="one-form")
    assert set(told(seeded, given)) == {1}
    assert on_paper(seeded, replace(given, lines=(unknown(1),))).items


# --- per line ---------------------------------------------------------------------------------------------------------


def test_the_line_of_a_refusal_is_named_and_the_others_are_not_lost(seeded: Store) -> None:
    with seeded.begin(at=AT) as ledger:
        nowhere = next(
            code
            for code, province in sorted(ledger.reference.commune_provinces().items())
            if not [office for office in ledger.reference.places_of(province) if office.delivers]
        )
    lines = [unknown(1), unknown(2, receiver=replace(hanh, commune=nowhere)), unknown(3), unknown(4, code="sai mã")]
    refused = told(seeded, form(*lines))
    assert {number: type(refusal) for number, refusal in refused.items()} == {
        2: destinations.NoDeliveryOffice,
        4: WrongOfficialCode,
    }
    record = on_paper(seeded, form(lines[0], lines[2]))
    assert len(record.items) == 2


def test_a_result_for_a_dossier_that_has_one_says_where_it_is(seeded: Store) -> None:
    record = on_paper(seeded, form(unknown(1)))
    refused = told(seeded, form(unknown(1), unknown(2)))
    assert isinstance(refused[1], results.ResultExists)
    assert codes.shown(record.items[0]) in str(refused[1])


def test_a_result_its_citizen_fetches_at_the_desk_is_left_there(seeded: Store) -> None:
    dossier = carried(seeded, 1, return_way=ReturnWay.DESK)
    refused = told(seeded, form(ResultEntry(code=dossier.code)))
    assert isinstance(refused[1], results.StaysAtTheDesk)


def test_one_dossier_on_two_lines_is_told(seeded: Store) -> None:
    dossier = carried(seeded, 1)
    refused = told(seeded, form(ResultEntry(code=dossier.code), ResultEntry(code=dossier.official_code)))
    assert isinstance(refused[2], results.ListedTwice)


def test_more_originals_than_owed_are_not_taken_over(seeded: Store) -> None:
    dossier = carried(seeded, 1)
    refused = told(seeded, form(ResultEntry(code=dossier.code, owed=(book_of(seeded, dossier, count=2),))))
    assert isinstance(refused[1], originals.NotOwed)


def test_fee_papers_to_recover_and_the_authoritys_own_seal_are_kept_line_by_line(seeded: Store) -> None:
    record = on_paper(
        seeded,
        form(
            unknown(1, fee=50_000, fee_basis="Lệ phí cấp đổi", recover=("Giấy phép cũ",), by_authority=True), unknown(2)
        ),
    )
    first, second = items_of(seeded, record)
    assert (first.to_recover, first.pre_sealed, dossier_of(seeded, first).fees.owed) == (1, True, 50_000)
    assert dossier_of(seeded, first).fees_payee == cast.COMMUNE_DESK
    assert (second.to_recover, second.pre_sealed, dossier_of(seeded, second).fees.owed) == (0, False, 0)


def test_the_names_of_what_is_inside_stand_in_the_order_of_the_lines(seeded: Store) -> None:
    dossier = carried(seeded, 1)
    record = on_paper(seeded, form(ResultEntry(code=dossier.code, owed=(book_of(seeded, dossier),))))
    (item,) = items_of(seeded, record)
    with seeded.read() as reader:
        assert json.loads(reader.texts.get([item.contents])[item.contents]) == ["Kết quả", BOOK.name]


# --- nobody knows yet who gets it -------------------------------------------------------------------------------------


@pytest.mark.parametrize("receiver", [None, replace(hanh, address=""), replace(hanh, commune="")])
def test_a_result_whose_receiver_is_not_known_waits_at_the_office_that_took_it(seeded: Store, receiver: object) -> None:
    record = on_paper(seeded, form(unknown(1, receiver=receiver)))
    (item,) = items_of(seeded, record)
    dossier = dossier_of(seeded, item)
    assert dossier.lacks_receiver
    assert (item.destination.place, item.destination.to_citizen) == (cast.OFFICE, True)
    assert status.word(dossier, [item]) is not Status.DELIVERED


def test_saying_who_gets_it_sends_it_to_his_delivery_office(seeded: Store) -> None:
    (item,) = items_of(seeded, on_paper(seeded, form(unknown(1, receiver=None))))
    far = replace(hanh, commune="20197")
    after = intake.complete_receiver(seeded, item.code, receiver=far, by=cast.tai, at=cast.after(days=2))
    assert after.destination.place == "555700"
    assert not dossier_of(seeded, item).lacks_receiver
    with seeded.read() as reader:
        assert reader.people.of([item.dossier])[item.dossier, "sender"] == far


def test_a_citizen_who_comes_himself_needs_no_address(seeded: Store) -> None:
    (item,) = items_of(seeded, on_paper(seeded, form(unknown(1, receiver=None))))
    intake.complete_receiver(
        seeded,
        item.code,
        receiver=replace(tam, address="", commune=""),
        return_way=ReturnWay.POST_OFFICE,
        by=cast.tai,
        at=cast.after(days=2),
    )
    dossier = dossier_of(seeded, item)
    assert (dossier.return_way, dossier.return_place) == (ReturnWay.POST_OFFICE, cast.OFFICE)


def test_half_an_address_completes_nothing(seeded: Store) -> None:
    (item,) = items_of(seeded, on_paper(seeded, form(unknown(1, receiver=None))))
    with pytest.raises(results.NoReceiver):
        intake.complete_receiver(
            seeded, item.code, receiver=replace(hanh, address=""), by=cast.tai, at=cast.after(days=2)
        )
    assert dossier_of(seeded, item).lacks_receiver


def test_only_the_holder_completes_and_only_what_is_incomplete(seeded: Store) -> None:
    known, waiting = items_of(seeded, on_paper(seeded, form(unknown(1), unknown(2, receiver=None))))
    with pytest.raises(intake.ReceiverKnown):
        intake.complete_receiver(seeded, known.code, receiver=hanh, by=cast.tai, at=AT)
    with pytest.raises(NotCustodian):
        intake.complete_receiver(seeded, waiting.code, receiver=hanh, by=cast.lan, at=AT)
    custody.offer(seeded, [waiting.code], to=cast.sorting, by=cast.tai, at=AT, below=arrivals.below(3))
    with pytest.raises(NotNow):
        intake.complete_receiver(seeded, waiting.code, receiver=hanh, by=cast.tai, at=AT)


def test_what_was_taken_over_goes_on_like_every_result(seeded: Store) -> None:
    (item,) = items_of(seeded, on_paper(seeded, form(unknown(1))))
    assert (item.kind, item.custody) == (ItemKind.RESULT, Custody.HELD)
    record = custody.offer(seeded, [item.code], to=cast.sorting, by=cast.tai, at=AT, below=arrivals.below(4))
    custody.accept(seeded, record.code, by=cast.hung, at=AT)
    (arrived,) = items_of(seeded, record)
    assert arrived.is_at_destination


def test_a_result_comes_in_of_a_procedure_that_was_abolished_since(seeded: Store) -> None:
    dung = Actor(account="dung", name="Dũng", place=cast.OFFICE, roles=frozenset({Role.COORDINATOR}))
    with seeded.read() as reader:
        newest = reader.reference.versions(arrivals.PROCEDURE)[-1]
    gone = replace(newest, status=ProcedureStatus.ABOLISHED, valid_from=AT.date(), basis="QĐ mẫu")
    changing.draft(seeded, gone, draft_id="d1", by=dung, at=cast.monday)
    changing.publish(seeded, "d1", by=dung, at=cast.monday)
    record = on_paper(seeded, form(unknown(1, procedure=arrivals.PROCEDURE)))
    with seeded.begin(at=AT) as ledger:
        (item,) = ledger.items(record.items)
        opened = ledger.dossier(item.dossier)
    assert (opened.procedure, opened.procedure_version) == (arrivals.PROCEDURE, newest.version)
