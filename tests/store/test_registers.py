"""What is kept beside the ledger: found again by whom it belongs to, and by nobody else."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from postal.domain.lifecycle import Overtaken
from postal.domain.people import Role
from postal.store import Store
from postal.store.registers import Notice, Receipt, RequestMismatch
from tests import cast
from tests.cast import khanh, monday

OTHER = "2222222222"


# --- people -----------------------------------------------------------------------------------------------------------


def test_people_are_found_by_number_phone_and_name_without_marks(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        ledger.people.put(cast.DOSSIER, "sender", khanh)
    with store.read() as reader:
        assert reader.people.find(identity="049205000137") == [cast.DOSSIER]
        assert reader.people.find(phone="+84912345678") == [cast.DOSSIER]
        assert reader.people.find(name="NGUYEN VAN  KHANH") == [cast.DOSSIER]
        assert reader.people.find(name="Nguyễn Văn Khánh", phone="+84912345678") == [cast.DOSSIER]
        assert reader.people.find(name="Nguyễn Văn Khánh", phone="+84900000000") == []
        assert reader.people.find(name="Nguyễn Văn") == []


def test_who_asks_for_nothing_finds_nobody(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        ledger.people.put(cast.DOSSIER, "sender", replace(khanh, phone="", identity_number=""))
        assert ledger.people.find() == []
        assert ledger.people.find(identity="", phone="", name="") == []


@pytest.mark.parametrize("proof", ["identity_number", "passport", "tax_code"])
def test_whatever_paper_identifies_somebody_finds_him(store: Store, proof: str) -> None:
    somebody = replace(khanh, **{"identity_number": "", proof: "0100233488"})
    with store.begin(at=monday) as ledger:
        ledger.people.put(cast.DOSSIER, "subject", somebody)
        assert ledger.people.find(identity="0100233488") == [cast.DOSSIER]


def test_one_part_of_a_dossier_has_one_person_and_comes_out_as_it_went_in(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        ledger.people.put(cast.DOSSIER, "sender", replace(khanh, name="Ai đó"))
        ledger.people.put(cast.DOSSIER, "sender", khanh)
        ledger.people.put(cast.DOSSIER, "receiver", replace(khanh, phone=""))
        ledger.people.put(OTHER, "sender", replace(khanh, name="Người khác"))
        assert ledger.people.of([cast.DOSSIER]) == {
            (cast.DOSSIER, "sender"): khanh,
            (cast.DOSSIER, "receiver"): replace(khanh, phone=""),
        }
        assert ledger.people.find(name="Ai đó") == []


def test_whoever_is_erased_is_found_by_nothing_and_the_others_stay(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        for code in (cast.DOSSIER, OTHER):
            ledger.people.put(code, "sender", khanh)
            ledger.texts.put(code, f"Ghi chú {code}")
        ledger.people.erase(cast.DOSSIER)
        ledger.texts.erase(cast.DOSSIER)
    with store.read() as reader:
        assert reader.people.find(identity=khanh.identity_number) == [OTHER]
        assert reader.people.of([cast.DOSSIER]) == {}


# --- texts and files --------------------------------------------------------------------------------------------------


def test_a_text_is_kept_under_a_number_of_its_own(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        first, second = ledger.texts.put(cast.DOSSIER, "Thiếu chữ ký"), ledger.texts.put(cast.DOSSIER, "Thiếu chữ ký")
        assert first != second
        assert ledger.texts.put(cast.DOSSIER, "") == ""
        assert ledger.texts.get([first, "", "0" * 32]) == {first: "Thiếu chữ ký"}
        ledger.texts.erase(cast.DOSSIER)
        assert ledger.texts.get([first, second]) == {}


def test_the_same_photo_is_kept_once_for_a_dossier_and_apart_for_another(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        first = ledger.files.put(cast.DOSSIER, media_type="image/png", content=b"photo")
        assert ledger.files.put(cast.DOSSIER, media_type="image/png", content=b"photo") == first
        assert ledger.files.put(OTHER, media_type="image/png", content=b"photo") != first
        kept = ledger.files.get(first)
        assert kept is not None
        assert (kept.dossier, kept.media_type, kept.content) == (cast.DOSSIER, "image/png", b"photo")
        assert ledger.files.get("0" * 64) is None


# --- receipts ---------------------------------------------------------------------------------------------------------


def _receipt(serial: int) -> Receipt:
    return Receipt(dossier=cast.DOSSIER, serial=serial, secret=str(serial) * 29, pin=f"{serial:06}")


def test_a_reprint_revokes_every_earlier_secret(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        ledger.receipts.put(_receipt(2))
        ledger.receipts.put(_receipt(3))
    with store.read() as reader:
        assert reader.receipts.dossier_of("3" * 29) == cast.DOSSIER
        assert reader.receipts.dossier_of("2" * 29) is None
        assert reader.receipts.current(cast.DOSSIER) == _receipt(3)


def test_unknown_and_revoked_secrets_open_nothing(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        ledger.receipts.put(_receipt(2))
        ledger.receipts.revoke(cast.DOSSIER)
        assert ledger.receipts.dossier_of("2" * 29) is None
        assert ledger.receipts.dossier_of("9" * 29) is None
        assert ledger.receipts.dossier_of("") is None
        assert ledger.receipts.current(cast.DOSSIER) is None


# --- accounts and sessions --------------------------------------------------------------------------------------------


def test_an_account_comes_out_as_it_went_in(store: Store) -> None:
    account = replace(cast.account_of(cast.sen), roles=frozenset({Role.COUNTER_CLERK, Role.SORTING}), is_demo=True)
    with store.begin(at=monday) as ledger:
        ledger.accounts.put(account, password_hash="hash")
        assert ledger.accounts.get("sen") == account
        assert ledger.accounts.all() == [account]
        assert ledger.accounts.password_hash("sen") == "hash"
        assert ledger.accounts.get("nobody") is None
        assert ledger.accounts.password_hash("nobody") is None


@pytest.mark.parametrize("what", ["password", "disabled", "saved again"])
def test_a_changed_account_is_out_at_once(store: Store, what: str) -> None:
    with store.begin(at=monday) as ledger:
        for somebody in (cast.lan, cast.hoa):
            ledger.accounts.put(cast.account_of(somebody), password_hash="hash")
            ledger.accounts.open_session(f"token of {somebody.account}", account=somebody.account, device="")
        match what:
            case "password":
                ledger.accounts.set_password("lan", password_hash="other")
            case "disabled":
                ledger.accounts.set_active("lan", is_active=False)
            case _:
                ledger.accounts.put(cast.account_of(cast.lan), password_hash="other")
        assert ledger.accounts.session("token of lan") is None
        assert ledger.accounts.session("token of hoa") is not None


def test_a_disabled_account_has_no_password(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        ledger.accounts.put(cast.account_of(cast.lan), password_hash="hash")
        ledger.accounts.set_active("lan", is_active=False)
        assert ledger.accounts.password_hash("lan") is None
        ledger.accounts.set_active("lan", is_active=True)
        assert ledger.accounts.password_hash("lan") == "hash"


def test_a_session_knows_when_it_was_opened_and_last_used(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        ledger.accounts.open_session("token", account="lan", device="K1")
    with store.begin(at=cast.after(minutes=5)) as ledger:
        ledger.accounts.touch_session("token")
    with store.begin(at=cast.after(minutes=6)) as ledger:
        session = ledger.accounts.session("token")
        assert session is not None
        assert (session.created_at, session.seen_at, session.device) == (monday, cast.after(minutes=5), "K1")
        assert ledger.accounts.session("other token") is None
        ledger.accounts.close_session("token")
        assert ledger.accounts.session("token") is None


# --- notices ----------------------------------------------------------------------------------------------------------


def _owe(store: Store, fact: str = "pin") -> Notice:
    with store.begin(at=monday) as ledger:
        ledger.notices.owe(cast.DOSSIER, fact=fact, to=khanh.phone, text="Ma PIN 123456")
        return next(notice for notice in ledger.notices.due(limit=100) if notice.fact == fact)


def test_a_fact_is_told_once(store: Store) -> None:
    _owe(store)
    again = _owe(store)
    with store.begin(at=monday) as ledger:
        assert ledger.notices.due(limit=10) == [again]
        assert (again.to, again.text, again.tries) == (khanh.phone, "Ma PIN 123456", 0)


def test_of_two_workers_exactly_one_sends_a_message(store: Store) -> None:
    notices = [_owe(store, fact=f"fact {n}") for n in range(20)]
    ready, taken = threading.Barrier(2), []

    def work(name: str) -> None:
        ready.wait(timeout=5)
        for notice in notices:
            with store.begin(at=cast.after(minutes=1)) as ledger:
                if ledger.notices.claim(notice, until=cast.after(minutes=6)):
                    taken.append((notice.fact, name))

    workers = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=30)
    assert sorted(fact for fact, _ in taken) == sorted(notice.fact for notice in notices)


def test_a_message_whose_worker_died_is_tried_again_later(store: Store) -> None:
    notice = _owe(store)
    with store.begin(at=monday) as ledger:
        assert ledger.notices.claim(notice, until=cast.after(minutes=5))
        assert ledger.notices.due(limit=10) == []
    with store.begin(at=cast.after(minutes=5)) as ledger:
        assert [due.tries for due in ledger.notices.due(limit=10)] == [1]


@pytest.mark.parametrize(("state", "is_due"), [("sent", False), ("failed", False), ("owed", True)])
def test_how_a_try_ended_says_whether_there_is_another(store: Store, state: str, is_due: bool) -> None:
    notice = _owe(store)
    with store.begin(at=monday) as ledger:
        assert ledger.notices.claim(notice, until=cast.after(minutes=5))
        assert ledger.notices.settle(notice, state=state, next_try_at=cast.after(hours=1))
        assert ledger.notices.due(limit=10) == []
    with store.begin(at=cast.after(hours=1)) as ledger:
        assert bool(ledger.notices.due(limit=10)) is is_due


def test_the_longest_waiting_message_comes_first(store: Store) -> None:
    for n in range(3):
        with store.begin(at=monday - timedelta(hours=n)) as ledger:
            ledger.notices.owe(cast.DOSSIER, fact=str(n), to="", text="")
    with store.begin(at=monday) as ledger:
        assert [notice.fact for notice in ledger.notices.due(limit=2)] == ["2", "1"]


# --- requests, audit --------------------------------------------------------------------------------------------------


def test_a_request_that_was_carried_out_has_its_answer_and_no_second_effect(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        assert ledger.requests.answer("r1", content="f") is None
        ledger.requests.settle("r1", content="f", answer=cast.DOSSIER)
    with store.begin(at=cast.after(days=400)) as ledger:
        assert ledger.requests.answer("r1", content="f") == cast.DOSSIER


def test_a_request_number_with_other_content_is_refused(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        ledger.requests.settle("r1", content="f", answer=cast.DOSSIER)
    with pytest.raises(RequestMismatch, match="r1"), store.begin(at=monday) as ledger:
        ledger.requests.answer("r1", content="other")


def test_a_request_that_somebody_else_carries_out_at_this_moment_is_asked_again(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        ledger.requests.settle("r1", content="f", answer=cast.DOSSIER)
    with pytest.raises(Overtaken, match="r1"), store.begin(at=monday) as ledger:
        ledger.requests.settle("r1", content="f", answer=OTHER)
    with store.read() as reader:
        assert reader.requests.answer("r1", content="f") == cast.DOSSIER


def test_a_request_without_a_number_is_always_new(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        ledger.requests.settle("", content="f", answer=cast.DOSSIER)
        assert ledger.requests.answer("", content="f") is None


@pytest.mark.parametrize("statement", ["UPDATE audit SET what = ''", "DELETE FROM audit", "UPDATE event SET kind = ''"])
def test_the_audit_trail_and_the_ledger_are_insert_only(store: Store, statement: str) -> None:
    with store.begin(at=monday) as ledger:
        ledger.audit.note(account="lan", place=cast.OFFICE, what="seen", subject=cast.DOSSIER, detail="x" * 999)
        ledger.begin(type(cast.case()), cast.DOSSIER, cast.opened())
    with pytest.raises(DatabaseError, match="insert-only"), store.database.writing() as connection:
        connection.execute(text(statement))
