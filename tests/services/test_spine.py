"""The whole way of one dossier through the services, from the counter to the door, and where the clock starts."""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from postal.domain import codes, status
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import (
    AttemptReason,
    DeclineReason,
    MoneyLedger,
    Payment,
    Receiver,
    ReceptionMode,
    ReturnWay,
    Service,
)
from postal.domain.item import Item, Trouble
from postal.domain.people import Account, Person, Role, person_custodian
from postal.domain.procedures import NotCarriable
from postal.domain.supplements import AskedPaper
from postal.services import agency, custody, delivery, planning, registration, results
from postal.services.registration import MissingPaper, PaperEntry, Registration
from postal.services.results import ResultEntry
from postal.store import Store
from tests import cast

CODE = "H48.17-261116-0001"
NHAT = Person(
    name="Trần Văn Nhất",
    identity_number="048203001234",
    phone="+84905000001",
    address="12 Lê Lợi",
    commune="20242",
)


@pytest.fixture
def below() -> Callable[[int], int]:
    return random.Random(7).randrange


def form(**changes: Any) -> Registration:
    given: dict[str, Any] = {
        "service": Service.BOTH,
        "procedure": "1.004873",
        "sender": NHAT,
        "case_commune": "20242",
        "return_way": ReturnWay.HOME,
        "papers": (
            PaperEntry(name="Tờ khai", originals=1),
            PaperEntry(name="Sổ hộ tịch cũ", originals=1, to_return=True),
        ),
        "why_incomplete": "Khách nộp đủ theo trang của cơ quan",
        "seal": "881245",
        "postage": 30000,
        "postage_basis": "ví dụ",
        "fees": 15000,
        "fees_basis": "ví dụ",
        "weight_g": 120,
    }
    return Registration(**{**given, **changes})


buuta1 = cast.actor("buuta1", "Một", place=cast.OFFICE, roles={Role.POSTMAN})


def keep_postman(store: Store) -> None:
    """Keep the account of the postman whose round covers the commune."""
    account = Account(username=buuta1.account, name=buuta1.name, place=buuta1.place, roles=buuta1.roles)
    with store.begin(at=cast.monday) as ledger:
        ledger.accounts.put(account, password_hash="")


def dossier_of(store: Store, code: str) -> Dossier:
    with store.read() as reader:
        found = reader.thing(Dossier, code)
    assert found is not None
    return found


def word_of(store: Store, code: str) -> status.Status:
    with store.begin(at=cast.monday) as ledger:
        return status.word(ledger.dossier(code), ledger.items_of(code))


def to_the_desk(store: Store, item: str, below: Callable[[int], int], *, at: datetime) -> None:
    """Carry an item from the counter to the commune's desk, signed by both at `at`."""
    record = custody.offer(store, [item], to=cast.transport, by=cast.lan, at=at - timedelta(hours=1), below=below)
    custody.accept(store, record.code, by=cast.tai, at=at - timedelta(minutes=50))
    record = custody.offer(store, [item], to=cast.commune_desk, by=cast.tai, at=at - timedelta(minutes=5), below=below)
    custody.accept(store, record.code, by=cast.xuan, at=at)


def test_a_dossier_goes_from_the_counter_to_the_door(  # noqa: PLR0915 - one story, told in one go
    seeded: Store, below: Callable[[int], int]
) -> None:
    made = registration.register(seeded, form(), by=cast.lan, at=cast.monday, below=below)
    assert made.item is not None
    code, envelope = made.dossier.code, made.item.code
    assert word_of(seeded, code) is status.Status.ACCEPTED

    signed_at = cast.after(hours=3)
    to_the_desk(seeded, envelope, below, at=signed_at)
    assert word_of(seeded, code) is status.Status.HANDED_OVER

    received = agency.receive(seeded, code, official_code=CODE, by=cast.xuan, at=cast.after(hours=4))
    assert received.started_at == signed_at, "the clock starts when both signed at the desk"
    assert received.promised_at is not None
    agency.take_into_work(seeded, code, by=cast.xuan, at=cast.after(hours=5))
    assert word_of(seeded, code) is status.Status.PROCESSING

    entry = ResultEntry(code=CODE, papers=(PaperEntry(name="Kết quả", originals=1),), seal="990001")
    (result,) = results.register_results(seeded, [entry], by=cast.xuan, at=cast.after(days=1), below=below)
    assert result.destination.place == cast.OFFICE
    assert word_of(seeded, code) is status.Status.RESULT_READY

    record = custody.offer(seeded, [result.code], to=cast.transport, by=cast.xuan, at=cast.after(days=1), below=below)
    custody.accept(seeded, record.code, by=cast.tai, at=cast.after(days=1, hours=1))
    record = custody.offer(
        seeded, [result.code], to=cast.sorting, by=cast.tai, at=cast.after(days=1, hours=2), below=below
    )
    custody.accept(seeded, record.code, by=cast.hung, at=cast.after(days=1, hours=2))
    assert word_of(seeded, code) is status.Status.RESULT_COLLECTED

    day = date(2026, 11, 18)
    keep_postman(seeded)
    planned = planning.plan_run(seeded, "551000-01", day=day, by=cast.minh, at=cast.after(days=2), below=below)
    assert planned.items == (result.code,)
    postman = person_custodian(buuta1.account, place=cast.OFFICE, name=buuta1.name)
    record = custody.offer(seeded, planned.items, to=postman, by=cast.hung, at=cast.after(days=2), below=below)
    custody.accept(seeded, record.code, by=buuta1, at=cast.after(days=2))
    delivery.start_run(seeded, planned.code, by=buuta1, at=cast.after(days=2))
    assert word_of(seeded, code) is status.Status.OUT_FOR_DELIVERY
    delivery.fail_attempt(
        seeded,
        result.code,
        run_code=planned.code,
        reason=AttemptReason.NOBODY_THERE,
        next_on=day,
        proof=b"",
        media_type="",
        by=buuta1,
        at=cast.after(days=2, hours=1),
    )
    assert word_of(seeded, code) is status.Status.DELIVERY_FAILED
    delivery.deliver(
        seeded,
        result.code,
        run_code=planned.code,
        receiver=Receiver.ADDRESSEE,
        identity_checked=True,
        authorisation_shown=False,
        proof=b"signature",
        media_type="image/png",
        by=buuta1,
        at=cast.after(days=2, hours=6),
    )
    assert word_of(seeded, code) is status.Status.DELIVERED
    assert dossier_of(seeded, code).status is AgencyStatus.RETURNED
    closed = delivery.close_run(seeded, planned.code, by=buuta1, at=cast.after(days=2, hours=7))
    assert (closed.delivered, closed.returned) == (1, 0)


def test_signing_on_paper_sets_the_legal_time_entered_the_next_morning(
    seeded: Store, below: Callable[[int], int]
) -> None:
    made = registration.register(seeded, form(), by=cast.lan, at=cast.monday, below=below)
    assert made.item is not None
    record = custody.offer(seeded, [made.item.code], to=cast.transport, by=cast.lan, at=cast.monday, below=below)
    custody.accept(seeded, record.code, by=cast.tai, at=cast.after(minutes=10))
    record = custody.offer(
        seeded, [made.item.code], to=cast.commune_desk, by=cast.tai, at=cast.after(hours=1), below=below
    )
    signed_at, entered_at = cast.after(hours=2), cast.after(days=1)
    custody.sign_on_paper(
        seeded,
        record.code,
        signed_at=signed_at,
        signer="Cán bộ Một cửa",
        photo=b"a photo",
        by=cast.tai,
        at=entered_at,
    )
    received = agency.receive(seeded, made.dossier.code, official_code=CODE, by=cast.xuan, at=cast.after(days=2))
    assert received.started_at == signed_at


def test_a_line_that_was_not_there_stays_with_the_giver(seeded: Store, below: Callable[[int], int]) -> None:
    first, second = (
        registration.register(seeded, form(request=n), by=cast.lan, at=cast.monday, below=below).item for n in "ab"
    )
    assert first is not None
    assert second is not None
    record = custody.offer(
        seeded, [first.code, second.code], to=cast.transport, by=cast.lan, at=cast.monday, below=below
    )
    custody.accept(seeded, record.code, by=cast.tai, at=cast.monday, declined={second.code: DeclineReason.MISSING})
    with seeded.read() as reader:
        missing = reader.thing(Item, second.code)
    assert missing is not None
    assert (missing.custodian.key, missing.trouble) == (cast.counter.key, Trouble.MISSING)


def test_the_same_form_sent_twice_registers_once(seeded: Store, below: Callable[[int], int]) -> None:
    first = registration.register(seeded, form(request="r1"), by=cast.lan, at=cast.monday, below=below)
    again = registration.register(seeded, form(request="r1"), by=cast.lan, at=cast.monday, below=below)
    assert again.dossier.code == first.dossier.code


def test_voiding_gives_every_dong_back(seeded: Store, below: Callable[[int], int]) -> None:
    made = registration.register(seeded, form(), by=cast.lan, at=cast.monday, below=below)
    voided = registration.void(seeded, made.dossier.code, reason="Khách đổi ý", by=cast.lan, at=cast.after(minutes=5))
    assert voided.status is AgencyStatus.VOIDED
    assert [voided.money(account).balance for account in MoneyLedger] == [0, 0]
    assert word_of(seeded, made.dossier.code) is status.Status.VOIDED
    with seeded.read() as reader:
        assert reader.receipts.dossier_of(made.receipt.secret) is None


def test_mode_b_has_its_code_and_its_clock_at_the_counter(seeded: Store, below: Callable[[int], int]) -> None:
    made = registration.register(
        seeded,
        form(mode=ReceptionMode.B, official_code=CODE, promised_at=cast.after(days=3)),
        by=cast.lan,
        at=cast.monday,
        below=below,
    )
    assert made.dossier.status is AgencyStatus.RECEIVED
    assert made.dossier.started_at == cast.monday
    assert made.dossier.official_code == CODE


def test_what_needs_the_person_is_not_carried(seeded: Store, below: Callable[[int], int]) -> None:
    with pytest.raises(NotCarriable, match="phải cùng có mặt"):
        registration.register(seeded, form(procedure="1.000894"), by=cast.lan, at=cast.monday, below=below)


def test_a_supplement_stops_the_clock_and_completion_starts_it_again(
    seeded: Store, below: Callable[[int], int]
) -> None:
    made = registration.register(seeded, form(), by=cast.lan, at=cast.monday, below=below)
    assert made.item is not None
    to_the_desk(seeded, made.item.code, below, at=cast.after(hours=3))
    code = made.dossier.code
    agency.receive(seeded, code, official_code=CODE, by=cast.xuan, at=cast.after(hours=4))
    papers, due_on = [AskedPaper(name="Giấy khám sức khỏe")], date(2026, 11, 27)
    asked = agency.ask_supplement(seeded, code, papers=papers, due_on=due_on, by=cast.xuan, at=cast.after(days=1))
    assert asked.pauses[-1].until is None
    assert word_of(seeded, code) is status.Status.NEED_MORE
    done = agency.complete_supplement(seeded, code, by=cast.xuan, at=cast.after(days=3))
    assert done.pauses[-1].until == cast.after(days=3)
    with pytest.raises(agency.SecondSupplement):
        agency.ask_supplement(seeded, code, papers=papers, due_on=due_on, by=cast.xuan, at=cast.after(days=4))


def test_results_of_dossiers_we_never_carried_come_in_bulk(seeded: Store, below: Callable[[int], int]) -> None:
    entries = [ResultEntry(code=f"H48.17-261101-000{n}", papers=(), seal=str(n), receiver=NHAT) for n in range(1, 4)]
    made = results.register_results(seeded, entries, by=cast.xuan, at=cast.monday, below=below)
    assert len(made) == 3
    assert all(dossier_of(seeded, item.dossier).status is AgencyStatus.RESOLVED for item in made)
    with pytest.raises(results.LinesRefused, match="đã có kết quả"):
        results.register_results(seeded, entries[:1], by=cast.xuan, at=cast.monday, below=below)


def test_one_wrong_line_registers_nothing(seeded: Store, below: Callable[[int], int]) -> None:
    entries = [
        ResultEntry(code="H48.17-261101-0001", papers=(), receiver=NHAT),
        ResultEntry(code="H48.17-261101-0002", papers=()),
    ]
    with pytest.raises(results.LinesRefused, match=r"H48\.17-261101-0002"):
        results.register_results(seeded, entries, by=cast.xuan, at=cast.monday, below=below)
    with seeded.begin(at=cast.monday) as ledger:
        assert ledger.dossier_by_official_code("H48.17-261101-0001") is None


def test_another_desk_decides_nothing(seeded: Store, below: Callable[[int], int]) -> None:
    made = registration.register(seeded, form(), by=cast.lan, at=cast.monday, below=below)
    with pytest.raises(agency.NotCompetent):
        agency.refuse(seeded, made.dossier.code, reason="không thuộc thẩm quyền", by=cast.hoa, at=cast.monday)


def test_a_required_paper_that_is_missing_needs_a_reason(seeded: Store, below: Callable[[int], int]) -> None:
    with seeded.begin(at=cast.monday) as ledger:
        verified = [
            p.code
            for p in ledger.reference.procedures(on=cast.today).values()
            if p.papers_verified and p.carriable is not False and any(paper.required for paper in p.papers)
        ]
    if not verified:
        pytest.fail("the product ships at least one procedure with a verified paper list")
    papers = (PaperEntry(name="Giấy khác", originals=1),)
    with pytest.raises(MissingPaper):
        registration.register(
            seeded,
            form(procedure=verified[0], papers=papers, why_incomplete=""),
            by=cast.lan,
            at=cast.monday,
            below=below,
        )


def test_the_secret_and_the_pin_are_what_was_printed(seeded: Store, below: Callable[[int], int]) -> None:
    made = registration.register(seeded, form(), by=cast.lan, at=cast.monday, below=below)
    with seeded.read() as reader:
        assert reader.receipts.dossier_of(made.receipt.secret) == made.dossier.code
    assert len(made.receipt.secret) == codes.SECRET_LENGTH
    assert made.receipt.pin.isdigit()
    assert len(made.receipt.pin) == 6


def test_a_fee_asked_for_later_does_not_forget_what_was_owed_at_the_counter(
    seeded: Store, below: Callable[[int], int]
) -> None:
    made = registration.register(seeded, form(payment=Payment.LATER), by=cast.lan, at=cast.monday, below=below)
    assert made.item is not None
    to_the_desk(seeded, made.item.code, below, at=cast.after(hours=3))
    code = made.dossier.code
    agency.receive(seeded, code, official_code=CODE, by=cast.xuan, at=cast.after(hours=4))
    asked = agency.ask_payment(
        seeded, code, amount=135000, basis="theo thông báo", by=cast.xuan, at=cast.after(hours=5)
    )
    assert asked.fees.owed == 15000 + 135000
    assert agency.note_payment(seeded, code, by=cast.xuan, at=cast.after(hours=6)).fees.owed == 15000
