"""Messages owed to citizens: once for each fact, tried with an end, and then looked after by a person."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from postal.domain.dossier import Dossier
from postal.domain.events import PaymentAsked
from postal.domain.item import Item
from postal.domain.notices import LateFact
from postal.domain.people import Person
from postal.domain.permissions import Forbidden
from postal.domain.sending import PATIENCE, Channel, NeverTaken, NoSuchMessage, NoticeState, NotTaken
from postal.services import messages
from postal.services.messages import MessageElsewhere, NotTold, PinNotTold
from postal.store import Store
from postal.store.registers import Notice, Receipt
from tests import cast

MAILBOX = "khanh@example.vn"
BUSY = NotTaken("Cổng tin nhắn đang bận (HTTP 503).")


def register(store: Store, *, phone: str = cast.khanh.phone, email: str = "", receiver: Person | None = None) -> None:
    """Open Khánh's dossier with the ways he can be told by."""
    with store.begin(at=cast.monday) as ledger:
        ledger.begin(Dossier, cast.DOSSIER, cast.opened())
        ledger.people.put(cast.DOSSIER, "sender", replace(cast.khanh, phone=phone, email=email))
        if receiver is not None:
            ledger.people.put(cast.DOSSIER, "receiver", receiver)


def owe(store: Store, fact: str = "delivered", words: str = "đã giao kết quả") -> None:
    """Owe the sender of Khánh's dossier a message."""
    with store.begin(at=cast.monday) as ledger:
        messages.owe_sender(ledger, ledger.dossier(cast.DOSSIER), fact=fact, words=words)


def owe_pin(store: Store) -> None:
    """Owe Khánh the PIN of his first receipt."""
    with store.begin(at=cast.monday) as ledger:
        messages.owe_pin(ledger, Receipt(dossier=cast.DOSSIER, serial=1, secret="", pin="123456"))


def due(store: Store, *, minutes: int = 0, days: int = 0) -> list[Notice]:
    """Return what is due some time after that Monday at nine."""
    return messages.waiting(store, at=cast.after(minutes=minutes, days=days))


def ways(notices: Sequence[Notice]) -> set[tuple[str, str]]:
    """Return by which channel which address is written to."""
    return {(notice.channel, notice.to) for notice in notices}


def fail(store: Store, error: OSError = BUSY) -> Notice:
    """Let a gateway refuse the only message that is due, and return it as it was before."""
    (notice,) = due(store)
    assert messages.claim(store, notice, at=cast.monday)
    messages.settle_not_taken(store, notice, error=error, at=cast.monday)
    return notice


def failed(store: Store) -> Notice:
    """Owe a message that a gateway refuses for ever, and return it as it is now."""
    register(store)
    owe(store)
    notice = fail(store, NeverTaken("Cổng tin nhắn không nhận tin này (HTTP 422)."))
    with store.read() as reader:
        now = reader.notices.get(notice.id)
    assert now is not None
    return now


def state(store: Store, notice_id: str) -> tuple[str, str]:
    """Return the state and the trouble of a message."""
    asked = text("SELECT state, trouble FROM notice WHERE id = :id").bindparams(id=notice_id)
    with store.read() as reader:
        (row,) = reader.rows(asked)
    return str(row.state), str(row.trouble)


# --- owed -------------------------------------------------------------------------------------------------------------


def test_a_pin_goes_to_the_senders_phone_and_names_the_dossier(store: Store) -> None:
    register(store, email=MAILBOX)
    owe_pin(store)
    (notice,) = due(store)
    assert (notice.channel, notice.to) == (Channel.SMS.value, cast.khanh.phone)
    assert notice.text == "Bưu điện: hồ sơ 7K2M4-9RTBQ mã PIN 123456. Không đưa mã PIN cho người lạ."


def test_a_pin_never_goes_by_mail(store: Store) -> None:
    register(store, phone="", email=MAILBOX)
    owe_pin(store)
    assert due(store) == []


def test_the_same_fact_is_owed_once_for_each_channel(store: Store) -> None:
    register(store, email=MAILBOX)
    for _ in range(3):
        owe(store, fact="need_more_4", words="cần bổ sung 2 giấy tờ")
    assert ways(due(store)) == {("sms", cast.khanh.phone), ("mail", MAILBOX)}
    assert len(due(store)) == 2


def test_what_is_kept_by_nobody_goes_to_the_phone_alone(store: Store) -> None:
    register(store, email=MAILBOX)
    owe(store)
    assert ways(due(store)) == {("sms", cast.khanh.phone)}


def test_who_has_only_a_mailbox_is_written_to(store: Store) -> None:
    register(store, phone="", email=MAILBOX)
    owe(store)
    assert ways(due(store)) == {("mail", MAILBOX)}


def test_nobody_without_phone_and_mailbox_is_owed_a_message(store: Store) -> None:
    register(store, phone="")
    owe(store)
    owe_pin(store)
    assert due(store) == []


def test_the_postman_is_announced_to_whoever_gets_the_result(store: Store) -> None:
    receiver = Person(name="Lê Thị Hà", phone="+84987654321")
    register(store, receiver=receiver)
    owe(store, fact=f"out_for_delivery_{cast.RUN}", words="hôm nay bưu tá đi phát")
    owe(store, fact="need_more_4", words="cần bổ sung 2 giấy tờ")
    assert {notice.fact[:4]: notice.to for notice in due(store)} == {"out_": receiver.phone, "need": cast.khanh.phone}


def test_a_receiver_who_cannot_be_reached_is_told_through_the_sender(store: Store) -> None:
    register(store, receiver=Person(name="Lê Thị Hà"))
    owe(store, fact=f"out_for_delivery_{cast.RUN}", words="hôm nay bưu tá đi phát")
    assert ways(due(store)) == {("sms", cast.khanh.phone)}


def test_a_fee_message_says_everything_that_is_owed(store: Store) -> None:
    register(store)
    with store.begin(at=cast.monday) as ledger:
        dossier = replace(cast.case(), version=4)
        asked = PaymentAsked(
            amount=1_250_000, basis="Thông báo nộp thuế", by=cast.quan.as_author(), occurred_at=cast.monday
        )
        messages.owe_fees(ledger, replace(dossier, fees=replace(dossier.fees, owed=30_000 + asked.amount)))
    (notice,) = due(store)
    assert notice.fact == "fee_due_4"
    assert "cần nộp 1.280.000 đ phí, lệ phí" in notice.text


def test_an_invitation_says_which_one_it_is_and_keeps_its_words() -> None:
    first = messages.invitation_words("Bưu cục Hòa Khánh", until=date(2026, 11, 20), number=1)
    second = messages.invitation_words("Bưu cục Hòa Khánh", until=date(2026, 11, 24), number=2)
    assert first == "mời đến Bưu cục Hòa Khánh nhận trước 20/11, mang căn cước"
    assert second.startswith("mời lần 2 đến")


def test_lateness_is_owed_once_for_each_day_that_was_missed(store: Store) -> None:
    register(store)
    missed = LateFact(dossier=cast.DOSSIER, fact="late_post_out_2026-11-18", words="chưa đến cơ quan")
    for _ in range(2):
        messages.owe_late(store, [missed, replace(missed, fact="late_authority_2026-12-01")], at=cast.monday)
    messages.owe_late(store, [], at=cast.monday)
    assert sorted(notice.fact for notice in due(store)) == ["late_authority_2026-12-01", "late_post_out_2026-11-18"]


# --- paid -------------------------------------------------------------------------------------------------------------


def test_what_was_sent_is_not_due_again(store: Store) -> None:
    register(store)
    owe(store)
    (notice,) = due(store)
    assert messages.claim(store, notice, at=cast.monday)
    messages.settle_sent(store, notice, at=cast.monday)
    assert due(store, days=30) == []


def test_in_quiet_hours_only_what_somebody_waits_for_at_a_counter_goes_out(store: Store) -> None:
    register(store)
    owe(store)
    owe_pin(store)
    awake, asleep = (messages.waiting(store, at=cast.monday, is_quiet=each) for each in (False, True))
    assert [notice.fact for notice in awake] == ["pin_1", "delivered"]
    assert [notice.fact for notice in asleep] == ["pin_1"]


def test_a_worker_without_a_mail_server_leaves_the_mails(store: Store) -> None:
    register(store, email=MAILBOX)
    owe(store, fact="need_more_4", words="cần bổ sung 2 giấy tờ")
    found = messages.waiting(store, at=cast.monday, channels={Channel.SMS})
    assert [notice.channel for notice in found] == ["sms"]


def test_a_message_the_gateway_did_not_take_is_tried_again_after_ever_longer_pauses(store: Store) -> None:
    register(store)
    owe(store)
    at = cast.monday
    for tries in range(1, 5):
        (notice,) = messages.waiting(store, at=at)
        assert messages.claim(store, notice, at=at)
        messages.settle_not_taken(store, notice, error=BUSY, at=at)
        pause = timedelta(minutes=2 ** (tries - 1))
        assert messages.waiting(store, at=at + pause - timedelta(seconds=1)) == []
        at += pause
    assert len(messages.waiting(store, at=at)) == 1


def test_after_the_last_try_a_person_must_look(store: Store) -> None:
    register(store)
    owe(store)
    at, (first,) = cast.monday, due(store)
    for _ in range(PATIENCE.most_tries):
        (notice,) = messages.waiting(store, at=at)
        assert messages.claim(store, notice, at=at)
        messages.settle_not_taken(store, notice, error=BUSY, at=at)
        at += PATIENCE.longest_pause
    assert messages.waiting(store, at=at + timedelta(days=30)) == []
    assert state(store, first.id) == ("failed", "Cổng tin nhắn đang bận (HTTP 503).")


def test_a_wrong_number_fails_at_once(store: Store) -> None:
    assert state(store, failed(store).id)[0] == "failed"


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (TimeoutError(f"{cast.khanh.phone} timed out"), "Cổng gửi không trả lời kịp."),
        (ConnectionRefusedError(f"{cast.khanh.phone}"), "Không nối được tới cổng gửi."),
    ],
    ids=["slow", "not there"],
)
def test_what_a_library_says_is_told_in_our_words_without_the_phone(store: Store, error: OSError, trouble: str) -> None:
    register(store)
    owe(store)
    assert state(store, fail(store, error).id) == ("owed", trouble)


def test_a_message_claimed_by_another_worker_is_left_to_it(store: Store) -> None:
    register(store)
    owe(store)
    (seen,) = due(store)
    assert messages.claim(store, seen, at=cast.monday)
    assert not messages.claim(store, seen, at=cast.monday)
    assert due(store) == []


def test_a_message_whose_worker_died_is_due_again_under_its_number_once_the_claim_has_run_out(store: Store) -> None:
    register(store)
    owe(store)
    (seen,) = due(store)
    messages.claim(store, seen, at=cast.monday)
    (again,) = messages.waiting(store, at=cast.monday + PATIENCE.claim)
    assert again.id == seen.id


def test_a_worker_that_was_given_up_for_dead_settles_nothing_any_more(store: Store) -> None:
    register(store)
    owe(store)
    (slow,) = due(store)
    messages.claim(store, slow, at=cast.monday)
    later = cast.monday + PATIENCE.claim
    (again,) = messages.waiting(store, at=later)
    assert messages.claim(store, again, at=later)
    messages.settle_sent(store, again, at=later)
    messages.settle_not_taken(store, slow, error=BUSY, at=later)
    assert state(store, slow.id) == ("sent", "")


def test_what_is_no_longer_true_is_dropped_with_its_reason(store: Store) -> None:
    register(store)
    owe(store)
    (notice,) = due(store)
    messages.claim(store, notice, at=cast.monday)
    messages.settle_dropped(store, notice, why="Hồ sơ đã hủy tại quầy.", at=cast.monday)
    assert state(store, notice.id) == ("dropped", "Hồ sơ đã hủy tại quầy.")
    assert due(store, days=30) == []


def test_messages_to_made_up_people_are_counted_as_sent(store: Store) -> None:
    register(store, email=MAILBOX)
    owe(store, fact="need_more_4", words="cần bổ sung 2 giấy tờ")
    owe_pin(store)
    messages.count_as_sent(store, at=cast.monday)
    assert due(store, days=30) == []


# --- looked after -----------------------------------------------------------------------------------------------------


def test_a_controller_tries_a_failed_message_again_as_often_as_a_new_one(store: Store) -> None:
    notice = failed(store)
    messages.try_again(store, notice.id, by=cast.minh, at=cast.after(minutes=5))
    (again,) = due(store, minutes=5)
    assert again.id == notice.id
    with pytest.raises(NoSuchMessage):
        messages.try_again(store, notice.id, by=cast.minh, at=cast.after(minutes=5))


def test_a_controller_who_rang_the_citizen_up_says_whom_he_spoke_to(store: Store) -> None:
    notice = failed(store)
    messages.note_told(store, notice.id, note="Gọi bà Hà lúc 9 giờ", by=cast.minh, at=cast.monday)
    told, kept = state(store, notice.id)
    with store.read() as reader:
        assert reader.texts.get([kept]) == {kept: "Gọi bà Hà lúc 9 giờ"}
    assert told == NoticeState.TOLD.value
    assert due(store, days=30) == []


def test_a_controller_gives_up_with_a_reason(store: Store) -> None:
    notice = failed(store)
    with pytest.raises(NotTold):
        messages.give_up(store, notice.id, reason="  ", by=cast.minh, at=cast.monday)
    messages.give_up(store, notice.id, reason="Người dân đã đến nhận", by=cast.minh, at=cast.monday)
    assert state(store, notice.id)[0] == NoticeState.GIVEN_UP.value


def test_who_rang_somebody_up_must_say_whom(store: Store) -> None:
    with pytest.raises(NotTold):
        messages.note_told(store, failed(store).id, note="", by=cast.minh, at=cast.monday)


def test_a_pin_is_not_read_out_on_the_phone(store: Store) -> None:
    register(store)
    owe_pin(store)
    notice = fail(store, NeverTaken("HTTP 422"))
    with pytest.raises(PinNotTold):
        messages.note_told(store, notice.id, note="Gọi ông Khánh", by=cast.minh, at=cast.monday)
    messages.try_again(store, notice.id, by=cast.minh, at=cast.monday)


def test_a_message_is_looked_after_where_the_dossier_takes_its_way(store: Store) -> None:
    notice = failed(store)
    elsewhere = replace(cast.minh, place=cast.SMALL_OFFICE)
    with pytest.raises(MessageElsewhere, match="7K2M4-9RTBQ"):
        messages.try_again(store, notice.id, by=elsewhere, at=cast.monday)
    with store.begin(at=cast.monday) as ledger:
        ledger.begin(Item, cast.ITEM, cast.registered(custodian=cast.small_counter, by=cast.sen))
    messages.try_again(store, notice.id, by=elsewhere, at=cast.monday)


def test_an_administrator_looks_after_every_message(store: Store) -> None:
    notice = failed(store)
    messages.try_again(store, notice.id, by=replace(cast.thu, place="000000"), at=cast.monday)


def test_who_may_not_see_messages_settles_none(store: Store) -> None:
    notice = failed(store)
    with pytest.raises(Forbidden):
        messages.try_again(store, notice.id, by=cast.lan, at=cast.monday)


def test_a_message_nobody_knows_is_not_there(store: Store) -> None:
    with pytest.raises(NoSuchMessage):
        messages.try_again(store, "0" * 32, by=cast.minh, at=cast.monday)


def test_of_two_who_settle_a_message_the_second_is_told(store: Store) -> None:
    notice = failed(store)
    messages.note_told(store, notice.id, note="Gọi ông Khánh", by=cast.minh, at=cast.monday)
    with pytest.raises(NoSuchMessage):
        messages.give_up(store, notice.id, reason="Không liên lạc được", by=cast.minh, at=cast.monday)
