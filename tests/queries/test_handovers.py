"""Hand-over records: what waits, what each scanned line is answered with, who may receive, who may look."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.events import DeclineReason, Sealed
from postal.domain.item import Item
from postal.domain.people import Actor, Custodian
from postal.queries import handovers, receivers
from postal.queries.handovers import Counting, Draft, NewPage
from postal.queries.items import NotParty
from postal.services import accounts, custody
from postal.store import Store
from tests import cast, envelopes

PASSWORD = "mật khẩu chạy thử"
COUNTER = f"position:{cast.counter.key}"
TRANSPORT = f"position:{cast.transport.key}"
DESK = f"position:{cast.desk.key}"


def staff(store: Store, *people: Actor) -> None:
    """Keep the accounts of some people."""
    for somebody in people:
        accounts.create(store, cast.account_of(somebody), password=PASSWORD, at=cast.monday)


def offered(store: Store, items: Iterable[str], *, to: Custodian = cast.transport, seed: int = 1) -> str:
    """Return the code of a record Lan offers."""
    record = custody.offer(store, list(items), to=to, by=cast.lan, at=cast.monday, below=cast.below(seed))
    return record.code


# --- lists ------------------------------------------------------------------------------------------------------------


def test_a_record_waits_for_its_receiver_and_is_waited_for_by_its_giver(seeded: Store) -> None:
    items = envelopes.at_the_counter(seeded, 3)
    record = offered(seeded, items[:2])
    mine, theirs = (handovers.handovers_page(seeded, actor=who) for who in (cast.lan, cast.tai))
    assert [line.code for line in mine.waiting] == [line.code for line in theirs.to_sign] == [record]
    assert (mine.to_sign, theirs.waiting) == ((), ())
    assert [(holding.held, holding.offered) for holding in mine.holdings] == [(1, 2)]


def test_a_signed_record_is_among_the_recent_ones_of_both(seeded: Store) -> None:
    items = envelopes.at_the_counter(seeded, 2)
    record = offered(seeded, items)
    custody.accept(seeded, record, by=cast.tai, at=cast.after(minutes=5), declined={items[0]: DeclineReason.MISSING})
    for who in (cast.lan, cast.tai):
        page = handovers.handovers_page(seeded, actor=who)
        assert [(line.code, line.accepted, line.count) for line in page.recent] == [(record, 1, 2)]
        assert page.waiting == page.to_sign == ()


# --- scanned lines ----------------------------------------------------------------------------------------------------


def form(store: Store, *lines: str, items: tuple[str, ...] = (), actor: Actor = cast.lan, **draft: str) -> NewPage:
    """Return the form after some lines were scanned."""
    return handovers.new_page(store, actor=actor, draft=Draft(items=items, scanned="\n".join(lines), **draft))


def test_each_scanned_line_gets_one_answer(seeded: Store) -> None:
    good, offered_one, elsewhere, loose = (
        envelopes.at_the_counter(seeded, 1, seed=1)[0],
        envelopes.at_the_counter(seeded, 1, seed=2)[0],
        envelopes.at_the_counter(seeded, 1, seed=3, by=cast.sen, custodian=cast.small_counter)[0],
        envelopes.at_the_counter(seeded, 1, seed=4, sealed=False)[0],
    )
    record = offered(seeded, [offered_one])
    page = form(
        seeded,
        good.lower(),
        codes.shown(good),
        good[:9] + _other(good[9]),
        elsewhere,
        loose,
        offered_one,
        cast.ITEM,
        "xin chào",
    )
    assert [answer.tone for answer in page.answers] == ["done", "moving"] + ["problem"] * 6
    said = [answer.sentence for answer in page.answers]
    assert said[0] == f"Đã chọn {codes.shown(good)} · 1"
    assert said[1] == "Đã quét ở dòng 1 – không cộng thêm"
    assert said[2].startswith("Mã sai 1 ký tự")
    assert str(cast.small_counter) in said[3]
    assert "chưa niêm phong" in said[4]
    assert codes.shown(record) in said[5]
    assert said[6].startswith(f"Chưa có mã {codes.shown(cast.ITEM)}")
    assert "không phải mã bưu gửi" in said[7]
    assert page.chosen == (good,)
    assert page.has_bad_lines


def test_what_was_ticked_before_is_not_counted_twice(seeded: Store) -> None:
    first, second = envelopes.at_the_counter(seeded, 2)
    page = form(seeded, first, second, items=(first,))
    assert [answer.sentence for answer in page.answers] == [
        "Đã quét ở lần trước – không cộng thêm",
        f"Đã chọn {codes.shown(second)} · 2",
    ]
    assert set(page.chosen) == {first, second}


def test_the_dossier_code_on_the_receipt_finds_its_envelope(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    assert form(seeded, cast.DOSSIER).chosen == (code,)


def test_a_postal_number_that_a_keyboard_rewrote_finds_its_envelope(seeded: Store) -> None:
    code = next(cast.codes_of(CodeKind.ITEM, seed=31))
    with seeded.begin(at=cast.monday) as ledger:
        first = replace(cast.registered(code=code), postal_number="CC123456785VN")
        ledger.append(ledger.begin(Item, code, first), Sealed(seal="1", by=first.by, occurred_at=cast.monday))
    page = form(seeded, "CH123456785VN")
    assert page.chosen == (code,)


def test_a_tick_for_what_somebody_else_holds_is_dropped(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1, by=cast.sen, custodian=cast.small_counter)
    assert form(seeded, items=(code,)).chosen == ()


def _other(symbol: str) -> str:
    return next(other for other in codes.ALPHABET if other != symbol)


# --- receivers --------------------------------------------------------------------------------------------------------


def values(found: Iterable[receivers.Receiver]) -> list[str]:
    return [receiver.value for receiver in found]


def test_the_counter_is_offered_its_own_office_first_then_the_destination(seeded: Store) -> None:
    staff(seeded, cast.lan, cast.hung, cast.tai)
    envelopes.at_the_counter(seeded, 2)
    assert values(form(seeded).likely) == [f"position:{cast.sorting.key}", TRANSPORT, DESK]


def test_whoever_drives_is_offered_the_destination_first(seeded: Store) -> None:
    staff(seeded, cast.lan, cast.hung, cast.tai)
    envelopes.at_the_counter(seeded, 2, by=cast.tai, custodian=cast.transport)
    first = form(seeded, actor=cast.tai).likely[0]
    assert (first.value, first.why) == (DESK, "2 bưu gửi phải đến đây")


def test_a_desk_is_offered_the_office_that_delivers_its_results(seeded: Store) -> None:
    staff(seeded, cast.hung, cast.tai, cast.hoa)
    envelopes.at_the_counter(seeded, 1, by=cast.hoa, custodian=cast.desk, destination=cast.to_the_citizen)
    assert values(form(seeded, actor=cast.hoa).likely)[:2] == [f"position:{cast.sorting.key}", TRANSPORT]


def test_results_at_their_office_are_offered_to_its_postmen(seeded: Store) -> None:
    staff(seeded, cast.hung, cast.nam)
    envelopes.at_the_counter(seeded, 1, by=cast.hung, custodian=cast.sorting, destination=cast.to_the_citizen)
    first = form(seeded, actor=cast.hung).likely[0]
    assert (first.value, first.name, first.why) == ("person:nam", cast.nam_on_his_run.name, "đi phát")


def test_ones_own_other_position_says_that_nobody_has_to_sign(seeded: Store) -> None:
    envelopes.at_the_counter(seeded, 1, by=cast.sen, custodian=cast.small_counter)
    staff(seeded, cast.sen)
    own = [receiver for receiver in form(seeded, actor=cast.sen).likely if receiver.is_own]
    assert {receiver.value for receiver in own} == {
        f"position:{cast.small_sorting.key}",
        f"position:{cast.small_transport.key}",
    }
    assert all("không cần ký" in receiver.why for receiver in own)


def test_any_place_is_found_by_its_name_without_accents(seeded: Store) -> None:
    envelopes.at_the_counter(seeded, 1)
    found = form(seeded, words="so tu phap da nang").found
    assert f"position:{cast.department.key}" in values(found)


def test_a_receiver_once_chosen_stays_in_the_list(seeded: Store) -> None:
    envelopes.at_the_counter(seeded, 1)
    wanted = f"position:{cast.department.key}"
    assert wanted in values(form(seeded, receiver=wanted).likely)


@pytest.mark.parametrize(
    "value", ["position:551000:desk.9", "position:nowhere:counter", "person:lan", "x", "position:551000"]
)
def test_a_receiver_that_is_not_there_is_refused(seeded: Store, value: str) -> None:
    staff(seeded, cast.lan)
    with pytest.raises(receivers.UnknownReceiver):
        receivers.custodian_of(seeded, value)


# --- one record -------------------------------------------------------------------------------------------------------


def test_only_the_two_parties_and_who_coordinates_see_a_record(seeded: Store) -> None:
    record = offered(seeded, envelopes.at_the_counter(seeded, 1))
    for who in (cast.lan, cast.tai, cast.thu):
        assert handovers.record_page(seeded, record, actor=who).total == 1
    for stranger in (cast.hoa, cast.sen):
        with pytest.raises(NotParty):
            handovers.record_page(seeded, record, actor=stranger)


def test_each_side_may_do_what_is_its_own(seeded: Store) -> None:
    record = offered(seeded, envelopes.at_the_counter(seeded, 1))
    giver, receiver = (handovers.record_page(seeded, record, actor=who) for who in (cast.lan, cast.tai))
    assert (giver.can_recall, giver.can_enter_paper, giver.can_accept) == (True, True, False)
    assert (receiver.can_recall, receiver.can_enter_paper, receiver.can_accept) == (False, False, True)


def test_the_button_says_what_is_signed_for(seeded: Store) -> None:
    items = envelopes.at_the_counter(seeded, 50)
    record = offered(seeded, items)
    missing = dict.fromkeys(items[:2], "missing")
    page = handovers.record_page(seeded, record, actor=cast.tai, counting=Counting(choices=missing))
    assert (page.taken, page.total, page.signing) == (48, 50, "Ký nhận 48/50, thiếu 2")


def test_what_was_not_scanned_is_missing_and_a_second_batch_adds_to_the_first(seeded: Store) -> None:
    items = envelopes.at_the_counter(seeded, 4)
    record = offered(seeded, items)
    first = handovers.record_page(
        seeded, record, actor=cast.tai, counting=Counting(scanned="\n".join([items[0], items[0], items[1]]))
    )
    assert first.signing == "Ký nhận 2/4, thiếu 2"
    assert [answer.tone for answer in first.answers] == ["done", "moving", "done"]
    choices = {line.code: line.choice for line in first.lines}
    second = handovers.record_page(
        seeded, record, actor=cast.tai, counting=Counting(choices=choices, scanned=items[2], by_scanning=True)
    )
    assert second.signing == "Ký nhận 3/4, thiếu 1"
    assert second.answers[0].sentence == f"Đã nhận {codes.shown(items[2])} · 3/4"


def test_an_envelope_of_another_record_is_said_so(seeded: Store) -> None:
    items = envelopes.at_the_counter(seeded, 2)
    record, other = offered(seeded, items[:1], seed=1), offered(seeded, items[1:], seed=2)
    page = handovers.record_page(seeded, record, actor=cast.tai, counting=Counting(scanned=items[1]))
    assert page.answers[0].tone == "problem"
    assert codes.shown(other) in page.answers[0].sentence


def test_who_comes_too_late_reads_who_was_first(seeded: Store) -> None:
    staff(seeded, cast.lan, cast.tai)
    record = offered(seeded, envelopes.at_the_counter(seeded, 2))
    custody.accept(seeded, record, by=cast.tai, at=cast.after(hours=1, minutes=41))
    sentence = handovers.signed_by(handovers.record_page(seeded, record, actor=cast.tai))
    assert sentence == f"{cast.tai.name} đã ký nhận biên bản này lúc 10:41 16/11/2026: 2/2 bưu gửi."


def test_the_name_on_the_paper_is_for_the_parties(seeded: Store) -> None:
    record = offered(seeded, envelopes.at_the_counter(seeded, 1), to=cast.desk)
    custody.sign_on_paper(
        seeded,
        record,
        signed_at=cast.after(hours=1),
        signer="Lê Thị Cúc",
        photo=b"",
        by=cast.lan,
        at=cast.after(hours=2),
    )
    seen = {who.account: handovers.record_page(seeded, record, actor=who) for who in (cast.lan, cast.hoa, cast.tai)}
    assert {account: page.signer for account, page in seen.items()} == {
        "lan": "Lê Thị Cúc",
        "hoa": "Lê Thị Cúc",
        "tai": "",
    }
    assert seen["hoa"].can_confirm
    assert seen["hoa"].signed_at == cast.after(hours=1)
    assert seen["hoa"].is_legal_submission


def test_a_line_taken_over_meanwhile_is_shown_as_gone(seeded: Store) -> None:
    items = envelopes.at_the_counter(seeded, 2)
    record = offered(seeded, items)
    custody.take_over(seeded, items[0], to=cast.second_counter, reason="rút", by=cast.minh, at=cast.after(minutes=1))
    outcomes = [line.outcome for line in handovers.record_page(seeded, record, actor=cast.tai).lines]
    assert outcomes == ["Nơi khác đã nhận thay", "Chờ ký nhận"]
