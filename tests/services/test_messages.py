"""Messages owed to citizens: sent once, tried again, given up in the end, and never longer than one segment."""

from datetime import timedelta

import pytest

from postal.domain import codes
from postal.domain.dossier import Dossier
from postal.services import messages
from postal.store import Store
from postal.store.registers import Notice, Receipt
from tests import cast


class Gateway:
    """A gateway that remembers what it was sent, and is out of order for the first few messages."""

    def __init__(self, *, broken_for: int = 0) -> None:
        self.sent: list[Notice] = []
        self._broken_for = broken_for

    def __call__(self, notice: Notice) -> None:
        if self._broken_for:
            self._broken_for -= 1
            raise OSError("out of order")
        self.sent.append(notice)


@pytest.fixture
def owing(store: Store) -> Store:
    """Return a store that owes Khánh the PIN of his dossier."""
    with store.begin(at=cast.monday) as ledger:
        ledger.begin(Dossier, cast.DOSSIER, cast.opened())
        ledger.people.put(cast.DOSSIER, "sender", cast.khanh)
        messages.owe_pin(ledger, Receipt(dossier=cast.DOSSIER, serial=1, secret="", pin="123456"))
    return store


def test_a_pin_goes_to_the_sender_and_names_the_dossier(owing: Store) -> None:
    gateway = Gateway()
    assert messages.pay(owing, gateway, at=cast.monday) == 1
    (notice,) = gateway.sent
    assert notice.to == cast.khanh.phone
    assert notice.text == f"Buu dien: ho so {codes.shown(cast.DOSSIER)} ma PIN 123456. Khong dua ma PIN cho nguoi la."


def test_what_was_sent_is_not_sent_again(owing: Store) -> None:
    gateway = Gateway()
    messages.pay(owing, gateway, at=cast.monday)
    assert messages.pay(owing, gateway, at=cast.after(days=3)) == 0
    assert len(gateway.sent) == 1


def test_the_same_fact_is_owed_once(owing: Store) -> None:
    with owing.begin(at=cast.monday) as ledger:
        dossier = ledger.dossier(cast.DOSSIER)
        for _ in range(2):
            messages.owe_sender(ledger, dossier, fact="delivered", words="da giao ket qua")
    gateway = Gateway()
    messages.pay(owing, gateway, at=cast.monday)
    assert sorted(notice.fact for notice in gateway.sent) == ["delivered", "pin_1"]


def test_a_message_the_gateway_did_not_take_is_tried_again_later(owing: Store) -> None:
    gateway = Gateway(broken_for=1)
    assert messages.pay(owing, gateway, at=cast.monday) == 0
    assert messages.pay(owing, gateway, at=cast.monday + messages.AGAIN - timedelta(seconds=1)) == 0
    assert messages.pay(owing, gateway, at=cast.monday + messages.AGAIN) == 1


def test_a_message_claimed_by_another_worker_is_left_to_it(owing: Store) -> None:
    with owing.read(at=cast.monday) as reader:
        (seen,) = reader.notices.due(limit=10)
    with owing.begin(at=cast.monday) as ledger:
        assert ledger.notices.claim(seen, until=cast.monday + messages.CLAIM)
    with owing.begin(at=cast.monday) as ledger:
        assert not ledger.notices.claim(seen, until=cast.monday + messages.CLAIM)
    assert messages.pay(owing, Gateway(), at=cast.monday) == 0


def test_a_message_whose_worker_died_is_sent_once_the_claim_has_run_out(owing: Store) -> None:
    with owing.read(at=cast.monday) as reader:
        (seen,) = reader.notices.due(limit=10)
    with owing.begin(at=cast.monday) as ledger:
        ledger.notices.claim(seen, until=cast.monday + messages.CLAIM)
    assert messages.pay(owing, Gateway(), at=cast.monday + messages.CLAIM) == 1


def test_after_forty_eight_tries_a_person_must_look(owing: Store) -> None:
    gateway, at = Gateway(broken_for=1000), cast.monday
    for _ in range(messages.MOST_TRIES):
        messages.pay(owing, gateway, at=at)
        at += messages.AGAIN
    assert messages.pay(owing, Gateway(), at=at + timedelta(days=30)) == 0


def test_nobody_without_a_phone_is_owed_a_message(store: Store) -> None:
    with store.begin(at=cast.monday) as ledger:
        dossier = ledger.begin(Dossier, cast.DOSSIER, cast.opened())
        messages.owe_sender(ledger, dossier, fact="delivered", words="da giao ket qua")
    assert messages.pay(store, Gateway(), at=cast.monday) == 0
