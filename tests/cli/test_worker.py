"""The worker: claims, asks whether it is still true, sends, settles; sleeps at night; goes on after a bad round."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import text

from postal import worker
from postal.domain import calendars
from postal.domain.dossier import Dossier
from postal.domain.events import ReceiptIssued
from postal.domain.people import Person
from postal.domain.sending import PATIENCE, Channel, NeverTaken, NotTaken, QuietHours, WrongQuietHours
from postal.gateways.mail import NoMailFrom, UnsafeMailServer
from postal.gateways.sms import UnsafeGateway
from postal.services import catalogue, messages
from postal.settings import Settings
from postal.store import Store
from postal.store.registers import Notice, Receipt
from postal.worker import NoGateway, Round, Sender
from tests import cast, databases
from tests.web.way import gone_to

HERE = Settings(secret_key=databases.SECRET_KEY, quiet_hours="")
PRODUCTION = Settings(production=True, secret_key="x" * 40, quiet_hours="")
PIN = "123456"
NIGHT = QuietHours(time(21), time(7))


class Gateway:
    """A gateway that remembers what it was sent; a test may give it a fault."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.sent: list[Notice] = []

    def __call__(self, notice: Notice, at: datetime) -> None:
        assert at.tzinfo is not None
        if self.fault is not None:
            raise self.fault
        self.sent.append(notice)


def owe(store: Store, *, email: str = "") -> None:
    """Open Khánh's dossier and owe him the PIN of its receipt, and that it was received."""
    with store.begin(at=cast.monday) as ledger:
        dossier = ledger.begin(Dossier, cast.DOSSIER, cast.opened())
        ledger.people.put(cast.DOSSIER, "sender", replace(cast.khanh, email=email))
        ledger.append(dossier, ReceiptIssued(serial=1, reason="", by=cast.lan.as_author(), occurred_at=cast.monday))
        messages.owe_pin(ledger, Receipt(dossier=cast.DOSSIER, serial=1, secret="", pin=PIN))
        messages.owe_sender(ledger, dossier, fact="other_1", words="có thông báo mới")


def standing(at: datetime) -> Callable[[], datetime]:
    """Return a clock that stands."""
    return lambda: at


def paid(store: Store, gateway: Gateway, *, at: datetime = cast.monday, quiet: QuietHours = NIGHT) -> list[str]:
    """Pay what is due at a moment and return the facts that went out."""
    worker.pay_once(store, Sender(send=gateway, quiet=quiet), clock=standing(at))
    return sorted(notice.fact for notice in gateway.sent)


def states(store: Store) -> dict[str, str]:
    """Return how far each message is."""
    with store.read() as reader:
        return {row.fact: row.state for row in reader.rows(text("SELECT fact, state FROM notice"))}


def night(hour: int, minute: int = 0, *, day: int = 16) -> datetime:
    """Return a time of the clock in Vietnam."""
    return datetime(2026, 11, day, hour, minute, tzinfo=calendars.VIETNAM).astimezone(UTC)


# --- paying -----------------------------------------------------------------------------------------------------------


def test_what_is_owed_goes_to_the_console_when_there_is_no_gateway(store: Store) -> None:
    owe(store, email="khanh@example.vn")
    written: list[str] = []
    by = worker.sender(HERE, write=written.append)
    assert worker.pay_once(store, by, clock=standing(cast.monday)) == 2
    assert any(f"ma PIN {PIN}" in line for line in written)
    assert not any(PIN in line for line in written if line.startswith("[thư"))


def test_a_message_says_where_to_look_by_the_address_people_open(store: Store) -> None:
    owe(store)
    written: list[str] = []
    settings = replace(HERE, public_url="https://hoso.example.vn", hotline="1900 1234")
    worker.pay_once(store, worker.sender(settings, write=written.append), clock=standing(cast.monday))
    other = next(line for line in written if "thong bao" in line)
    assert "Xem: hoso.example.vn Khong cung cap ma OTP" in other
    assert other.endswith("Can giup goi 1900 1234")


def test_who_has_no_phone_reads_his_mail(store: Store) -> None:
    owe(store)
    with store.begin(at=cast.monday) as ledger:
        ledger.people.put(cast.DOSSIER, "sender", Person(name="Khánh", email="khanh@example.vn"))
        messages.owe_sender(ledger, ledger.dossier(cast.DOSSIER), fact="other_2", words="có tin thứ hai")
    written: list[str] = []
    worker.pay_once(store, worker.sender(HERE, write=written.append), clock=standing(cast.monday))
    (mail,) = [line for line in written if line.startswith("[thư")]
    assert "Hồ sơ 7K2M4-9RTBQ: Thông báo khác" in mail
    assert "Bưu điện: hồ sơ 7K2M4-9RTBQ có tin thứ hai." in mail


def test_what_has_stopped_being_true_is_dropped_unsent(store: Store) -> None:
    owe(store)
    with store.begin(at=cast.monday) as ledger:
        reprinted = ReceiptIssued(serial=2, reason="", by=cast.lan.as_author(), occurred_at=cast.monday)
        ledger.append(ledger.dossier(cast.DOSSIER), reprinted)
    assert paid(store, Gateway()) == ["other_1"]
    assert states(store) == {"pin_1": "dropped", "other_1": "sent"}


def test_a_busy_gateway_is_asked_again_and_a_wrong_number_is_not(store: Store) -> None:
    owe(store)
    assert paid(store, Gateway(NotTaken("busy"))) == []
    assert set(states(store).values()) == {"owed"}
    assert paid(store, Gateway(), at=cast.monday + PATIENCE.first_pause) == ["other_1", "pin_1"]


def test_a_number_that_is_refused_waits_for_a_person_at_once(store: Store) -> None:
    owe(store)
    paid(store, Gateway(NeverTaken("wrong")))
    assert set(states(store).values()) == {"failed"}


def test_a_fault_of_ours_counts_as_a_try_and_holds_up_nobody(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    owe(store)
    paid(store, Gateway(KeyError(cast.khanh.phone)))
    assert set(states(store).values()) == {"owed"}
    assert "KeyError" in caplog.text
    assert cast.khanh.phone not in caplog.text


def test_a_worker_killed_after_sending_sends_again_under_the_same_number(store: Store) -> None:
    owe(store)
    (killed, _) = messages.waiting(store, at=cast.monday)
    assert messages.claim(store, killed, at=cast.monday)
    gateway = Gateway()
    paid(store, gateway, at=cast.monday + PATIENCE.claim)
    assert killed.id in [notice.id for notice in gateway.sent]


# --- the night --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "goes_out"),
    [
        (night(20, 59), ["other_1", "pin_1"]),
        (night(21), ["pin_1"]),
        (night(23, 59), ["pin_1"]),
        (night(0, day=17), ["pin_1"]),
        (night(6, 59, day=17), ["pin_1"]),
        (night(7, day=17), ["other_1", "pin_1"]),
    ],
    ids=["20:59", "21:00", "23:59", "00:00", "06:59", "07:00"],
)
def test_at_night_only_a_pin_goes_out(store: Store, at: datetime, goes_out: list[str]) -> None:
    owe(store)
    assert paid(store, Gateway(), at=at) == goes_out


def test_a_round_that_begins_in_the_evening_ends_with_the_evening(store: Store) -> None:
    owe(store)
    times = iter([night(20, 59)])
    gateway = Gateway()
    sender = Sender(send=gateway, quiet=NIGHT)
    worker.pay_once(store, sender, clock=lambda: next(times, night(21)))
    assert [notice.fact for notice in gateway.sent] == ["pin_1"]
    assert states(store)["other_1"] == "owed"


def test_quiet_hours_nobody_can_read_stop_the_start() -> None:
    with pytest.raises(WrongQuietHours):
        worker.sender(replace(HERE, quiet_hours="đêm"), write=print)


# --- late -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def seeded(store: Store) -> Store:
    """Return a store with the reference data, on which lateness is counted."""
    catalogue.seed(store, at=cast.monday)
    return store


def late_told(store: Store) -> list[str]:
    """Return the facts of lateness that were ever owed to a phone, one for each dossier."""
    asked = text("SELECT fact FROM notice WHERE fact LIKE 'late_%' AND channel = 'sms'")
    with store.read() as reader:
        return [row.fact for row in reader.rows(asked)]


def test_who_is_late_is_told_once_a_day_and_once_for_each_date(seeded: Store) -> None:
    gone_to(seeded, "to_transport", seed=81_001)
    round_ = Round()
    for days in (1, 2, 2, 3):
        worker.look_for_late(seeded, round_, clock=standing(cast.after(days=days)))
    assert round_ == Round(day=date(2026, 11, 19), last="", is_done=True)
    assert late_told(seeded) == ["late_post_out_2026-11-17"]


def test_a_restarted_worker_tells_nobody_twice(seeded: Store) -> None:
    gone_to(seeded, "to_transport", seed=81_002)
    for _ in range(2):
        worker.look_for_late(seeded, Round(), clock=standing(cast.after(days=2)))
    assert len(late_told(seeded)) == 1


def test_nobody_is_looked_for_at_night_and_the_morning_makes_up_for_it(seeded: Store) -> None:
    gone_to(seeded, "to_transport", seed=81_003)
    round_ = Round()
    worker.look_for_late(seeded, round_, clock=standing(night(0, 30, day=18)), quiet=NIGHT)
    assert late_told(seeded) == []
    worker.look_for_late(seeded, round_, clock=standing(night(7, day=18)), quiet=NIGHT)
    assert len(late_told(seeded)) == 1


def test_many_dossiers_are_looked_at_in_parts(seeded: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LATE_AT_A_TIME", 2)
    for seed in range(81_010, 81_015):
        gone_to(seeded, "to_transport", seed=seed)
    round_, at = Round(), standing(cast.after(days=2))
    worker.look_for_late(seeded, round_, clock=at)
    assert len(late_told(seeded)) == 2
    while not round_.is_done:
        worker.look_for_late(seeded, round_, clock=at)
    assert len(late_told(seeded)) == 5


# --- settings ---------------------------------------------------------------------------------------------------------


def test_in_production_messages_wait_for_a_gateway(store: Store) -> None:
    owe(store)
    written: list[str] = []
    stop = threading.Event()
    thread = worker.start_as_set(store, PRODUCTION, clock=standing(cast.monday), stop=stop, write=written.append)
    assert thread is not None, "what is silent is asked about all the same"
    stop.set()
    thread.join(timeout=30)
    assert "POSTAL_SMS_URL" in written[0]
    assert set(states(store).values()) == {"owed"}


def test_in_production_a_channel_without_a_gateway_keeps_its_messages() -> None:
    only_sms = worker.sender(replace(PRODUCTION, sms_url="https://sms.example.vn"), write=print)
    assert only_sms.channels == {Channel.SMS}
    mailing = replace(PRODUCTION, smtp_url="smtps://mail.example.vn", mail_from="a@example.vn")
    assert worker.sender(mailing, write=print).channels == {Channel.MAIL}
    with pytest.raises(NoGateway):
        worker.sender(PRODUCTION, write=print)


@pytest.mark.parametrize(
    ("unsafe", "refusal"),
    [
        (replace(HERE, sms_url="http://sms.example.vn"), UnsafeGateway),
        (replace(HERE, smtp_url="smtp://mail.example.vn", mail_from="a@example.vn"), UnsafeMailServer),
        (replace(HERE, smtp_url="smtps://mail.example.vn"), NoMailFrom),
    ],
    ids=["sms", "mail", "nobody writes"],
)
def test_a_gateway_that_is_not_encrypted_is_refused_at_the_start(unsafe: Settings, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        worker.sender(unsafe, write=print)


def test_pauses_may_be_shortened_in_proportion() -> None:
    quick = worker.patience(claim=12, pause=0.2)
    assert quick.claim == timedelta(seconds=12)
    assert quick.longest_pause == timedelta(seconds=6)
    assert worker.patience(claim=120, pause=60) == PATIENCE


def test_the_settings_can_keep_the_worker_out_of_the_server(store: Store) -> None:
    stop, quiet = threading.Event(), replace(HERE, worker=False)
    assert worker.start_as_set(store, quiet, clock=standing(cast.monday), stop=stop, write=print) is None


# --- running ----------------------------------------------------------------------------------------------------------


def test_a_round_that_breaks_is_told_without_personal_data_and_tried_again(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    owe(store)
    stop, rounds, gateway = threading.Event(), 0, Gateway()

    def clock() -> datetime:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise RuntimeError(f"lost {cast.khanh.phone}")
        if len(gateway.sent) == 2:
            stop.set()
        return cast.monday

    worker.run(store, Sender(send=gateway), clock=clock, stop=stop, seconds=0)
    assert len(gateway.sent) == 2
    assert "RuntimeError" in caplog.text
    assert cast.khanh.phone not in caplog.text


def test_the_thread_inside_the_server_pays_and_stops(store: Store) -> None:
    owe(store)
    stop, written = threading.Event(), threading.Event()
    thread = worker.start_as_set(store, HERE, clock=standing(cast.monday), stop=stop, write=lambda _: written.set())
    assert thread is not None
    assert written.wait(10)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
