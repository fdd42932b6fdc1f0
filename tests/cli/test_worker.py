"""The worker: pays what is owed, goes on after a bad round, and keeps true PINs off the screen."""

import threading
from datetime import datetime

import pytest

from postal import worker
from postal.gateways.sms import UnsafeGateway
from postal.settings import Settings
from postal.store import Store
from postal.store.registers import Notice
from tests import cast, databases

HERE = Settings(secret_key=databases.SECRET_KEY)


def owe(store: Store) -> None:
    """Owe Khánh a PIN."""
    with store.begin(at=cast.monday) as ledger:
        ledger.notices.owe(cast.DOSSIER, fact="pin_1", to=cast.khanh.phone, text="ma PIN 123456")


def test_what_is_owed_goes_to_the_console_when_there_is_no_gateway(store: Store) -> None:
    owe(store)
    written: list[str] = []
    assert worker.pay_once(store, worker.sender(HERE, write=written.append), clock=lambda: cast.monday) == 1
    assert "123456" in written[0]


def test_in_production_messages_wait_for_a_gateway(store: Store) -> None:
    owe(store)
    written: list[str] = []
    production = Settings(production=True, secret_key="x" * 40)
    stop = threading.Event()
    assert worker.start_as_set(store, production, clock=lambda: cast.monday, stop=stop, write=written.append) is None
    assert "POSTAL_SMS_URL" in written[0]
    with store.read(at=cast.monday) as reader:
        assert len(reader.notices.due(limit=10)) == 1


def test_a_gateway_that_is_not_encrypted_is_refused_at_the_start() -> None:
    with pytest.raises(UnsafeGateway):
        worker.sender(Settings(sms_url="http://sms.example.vn"), write=print)


def test_the_settings_can_keep_the_worker_out_of_the_server(store: Store) -> None:
    stop = threading.Event()
    quiet = Settings(worker=False)
    assert worker.start_as_set(store, quiet, clock=lambda: cast.monday, stop=stop, write=print) is None


def test_a_round_that_breaks_is_told_without_personal_data_and_tried_again(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    owe(store)
    stop, rounds = threading.Event(), 0
    sent: list[Notice] = []

    def clock() -> datetime:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise RuntimeError(f"lost {cast.khanh.phone}")
        if sent:
            stop.set()
        return cast.monday

    worker.run(store, sent.append, clock=clock, stop=stop, seconds=0)
    assert len(sent) == 1
    assert "RuntimeError" in caplog.text
    assert cast.khanh.phone not in caplog.text


def test_the_thread_inside_the_server_pays_and_stops(store: Store) -> None:
    owe(store)
    stop, written = threading.Event(), threading.Event()
    thread = worker.start_as_set(store, HERE, clock=lambda: cast.monday, stop=stop, write=lambda _: written.set())
    assert thread is not None
    assert written.wait(10)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
