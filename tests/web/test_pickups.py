"""At the office: results put on piles, kept for their citizens, given by the same rules as at the door."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from starlette.testclient import TestClient

from postal.domain.events import Ground, MoneyLedger, Payment
from postal.domain.item import Custody, Item
from postal.queries.scans import Situation, situation_of_item
from postal.services import custody, invitations, returning
from postal.store import Store
from tests import arrivals, cast
from tests.arrivals import hanh, tam
from tests.labels import paper
from tests.web import delivering
from tests.web.conftest import Clock
from tests.web.delivering import sent

Open = Callable[[str], TestClient]
FRIDAY = date(2026, 11, 20)


@pytest.fixture
def kept(office: Store) -> str:
    """Return a result that waits at Lan's counter until Friday."""
    (code,) = arrivals.arrived(office, hanh)
    record = custody.offer(office, [code], to=cast.counter, by=cast.hung, at=cast.monday, below=arrivals.below(6))
    custody.accept(office, record.code, by=cast.lan, at=cast.monday)
    invitations.hold_for_pickup(office, code, until=FRIDAY, by=cast.lan, at=cast.monday)
    return code


def run_out(store: Store, code: str) -> datetime:
    """Invite a second time, until Monday 23/11; return the Wednesday after."""
    invitations.hold_for_pickup(store, code, until=date(2026, 11, 23), by=cast.lan, at=cast.after(days=2))
    return cast.after(days=9)


def item_of(store: Store, code: str) -> Item:
    with store.read() as reader:
        found = reader.thing(Item, code)
    assert found is not None
    return found


# --- sorting ----------------------------------------------------------------------------------------------------------


def test_results_lie_on_the_pile_of_their_round(office: Store, signed_in: Open) -> None:
    here, there = arrivals.arrived(office, hanh, replace(hanh, commune="20209"))
    page = signed_in("khoa").get("/sorting").text
    first, second = page.split("Hải Châu – Hòa Cường", 1)[1].split("Thanh Khê – An Khê", 1)
    assert (here in first, there in second) == (True, True)
    assert (there in first, here in second) == (False, False)
    assert "Trương Công Bính · 1 kết quả chờ" in page


def test_the_sorting_table_names_no_citizen(office: Store, signed_in: Open) -> None:
    arrivals.arrived(office, hanh)
    page = signed_in("khoa").get("/sorting").text
    assert hanh.name not in page
    assert "Bạch Đằng" not in page


def test_what_no_round_visits_and_what_is_fetched_lie_apart(office: Store, signed_in: Open) -> None:
    with office.begin(at=cast.monday) as ledger:
        visited = {commune for round_ in ledger.reference.territories() for commune in round_.communes}
        unvisited = next(
            code
            for code, province in sorted(ledger.reference.commune_provinces().items())
            if province == "48" and code not in visited
        )
    (stray,) = arrivals.registered(office, replace(hanh, commune=unvisited))
    assert stray.destination.place == cast.OFFICE
    arrivals.sorted_in(office, [stray])
    (fetched,) = arrivals.sorted_in(office, [arrivals.for_the_counter(office, tam)])
    page = signed_in("khoa").get("/sorting").text
    assert stray.code in page.split("Ngoài mọi tuyến", 1)[1].split("<h2>", 1)[0]
    assert fetched in page.split("Người dân đến nhận tại bưu cục", 1)[1].split("<h2>", 1)[0]


def test_only_who_may_plan_is_offered_to_plan(office: Store, signed_in: Open) -> None:
    arrivals.arrived(office, hanh)
    assert "Lập chuyến hôm nay" not in signed_in("khoa").get("/sorting").text
    head = signed_in("hung")
    assert "Lập chuyến hôm nay" in head.get("/sorting").text
    assert sent(head, "/runs", page="/sorting", territory="551000-01").status_code == 303


def test_a_planned_run_takes_the_place_of_its_pile(office: Store, signed_in: Open) -> None:
    (code,) = arrivals.arrived(office, hanh)
    run = arrivals.planned(office)
    sorter = signed_in("khoa")
    page = sorter.get("/sorting").text
    assert "Bàn giao 1 bưu gửi cho bưu tá" in page
    assert code not in page
    sent(sorter, f"/runs/{run.code}/hand-over", page="/sorting")
    assert "1 bưu gửi chờ bưu tá ký nhận" in sorter.get("/sorting").text


def test_ticked_results_are_kept_and_their_citizens_invited(office: Store, signed_in: Open) -> None:
    first, second = arrivals.arrived(office, hanh, tam)
    sorter = signed_in("khoa")
    assert 'value="2026-11-20"' in sorter.get("/sorting").text, "two invitations, two working days each"
    answer = sent(sorter, "/sorting/keep", page="/sorting", items=[first, second], until="2026-11-20")
    assert answer.status_code == 303
    assert [item_of(office, code).pickup_until for code in (first, second)] == [FRIDAY, FRIDAY]


def test_a_wrong_day_keeps_nothing_and_loses_no_tick(office: Store, signed_in: Open) -> None:
    (code,) = arrivals.arrived(office, hanh)
    sorter = signed_in("khoa")
    answer = sent(sorter, "/sorting/keep", page="/sorting", items=[code], until="2026-11-15")
    assert (answer.status_code, "15/11/2026 đã qua" in answer.text) == (422, True)
    row = answer.text.split(f'value="{code}"', 1)[1].split("</td>", 1)[0]
    assert "checked" in row
    assert item_of(office, code).pickup_until is None
    assert "Đánh dấu ít nhất một dòng" in sent(sorter, "/sorting/keep", page="/sorting", until="2026-11-20").text


def test_a_day_off_at_the_sorting_table_is_refused_beside_its_field(office: Store, signed_in: Open) -> None:
    (code,) = arrivals.arrived(office, hanh)
    answer = sent(signed_in("khoa"), "/sorting/keep", page="/sorting", items=[code], until="2026-11-24")
    field = answer.text.split('id="until-problem"', 1)[1].split("</p>", 1)[0]
    assert (answer.status_code, "thứ Tư, 25/11/2026" in field) == (422, True)


def test_the_sorting_table_is_the_posts(office: Store, signed_in: Open) -> None:
    opened = {name: signed_in(name).get("/sorting").status_code for name in ("lan", "khoa", "buuta1", "xuan", "dung")}
    assert opened == {"lan": 200, "khoa": 200, "buuta1": 403, "xuan": 403, "dung": 403}


# --- at the counter ---------------------------------------------------------------------------------------------------


def test_what_waits_is_listed_with_its_end_and_who_holds_it(office: Store, kept: str, signed_in: Open) -> None:
    page = signed_in("lan").get("/pickups").text
    row = page.split(f"/items/{kept}", 1)[1].split("</tr>", 1)[0]
    assert all(words in row for words in (hanh.name, "0905 550 101", "thứ Sáu, 20/11/2026", "1 lần", "Quầy giao dịch"))
    assert f"/pickups/{kept}" in row
    assert delivering.audited(office) == [("lan", "pickups_seen", cast.OFFICE)]


def test_what_another_position_holds_is_listed_and_not_given(office: Store, signed_in: Open) -> None:
    (code,) = arrivals.arrived(office, hanh)
    invitations.hold_for_pickup(office, code, until=FRIDAY, by=cast.hung, at=cast.monday)
    clerk = signed_in("lan")
    assert "Bàn giao về quầy rồi trả" in clerk.get("/pickups").text
    assert "đang do Khai thác – Bưu cục Trung tâm Đà Nẵng giữ" in clerk.get(f"/pickups/{code}").text


def test_the_citizen_gets_the_result_against_identity_and_signature(office: Store, kept: str, signed_in: Open) -> None:
    clerk = signed_in("lan")
    path = f"/pickups/{kept}"
    page = clerk.get(path).text
    assert "…0016" in page, "enough to compare with the card"
    assert hanh.identity_number not in page
    form = {"receiver": "addressee", "signature": delivering.signature()}
    refused = sent(clerk, path, **form)
    assert (refused.status_code, "Chữ ký hoặc ảnh vừa lấy vẫn còn" in refused.text) == (422, True)
    assert sent(clerk, path, identity="1", **form).status_code == 303
    assert item_of(office, kept).custody is Custody.DELIVERED
    assert "đã giao" in clerk.get(path).text


def test_a_delegate_without_paper_is_asked_politely_what_to_bring(office: Store, kept: str, signed_in: Open) -> None:
    form = {"receiver": "delegate", "identity": "1", "signature": delivering.signature()}
    answer = sent(signed_in("lan"), f"/pickups/{kept}", **form)
    assert "phải có giấy ủy quyền và giấy tờ tùy thân. Mời mang đủ rồi đến nhận; kết quả vẫn được giữ." in answer.text


def test_a_second_invitation_comes_two_working_days_later(
    office: Store, kept: str, signed_in: Open, clock: Clock
) -> None:
    assert "Mời lần nữa" not in signed_in("lan").get("/pickups").text
    clock.at = cast.after(days=2)
    clerk = signed_in("lan")
    assert "Mời lần nữa, giữ đến 25/11/2026" in clerk.get("/pickups").text, "24/11 is a day off"
    assert sent(clerk, f"/pickups/{kept}/invite", page="/pickups", until="2026-11-25").status_code == 303
    assert "2 lần" in clerk.get("/pickups").text


def test_an_unanswered_result_is_offered_to_go_back_and_not_to_be_invited_for_again(
    office: Store, kept: str, signed_in: Open, clock: Clock
) -> None:
    clock.at = run_out(office, kept)
    page = signed_in("lan").get("/pickups").text
    over = page.split("Đã mời 2 lần, hết hạn nhận (1)", 1)[1]
    assert all(words in over for words in (kept, "Đã quá hạn giữ", "Chuyển trả cơ quan 1 bưu gửi", "Trả cho người dân"))
    assert "Mời lần nữa" not in page


def test_an_unreadable_day_of_an_invitation_is_named(office: Store, kept: str, signed_in: Open) -> None:
    answer = sent(signed_in("lan"), f"/pickups/{kept}/invite", page="/counter", until="mai")
    assert (answer.status_code, "không phải là ngày" in answer.text) == (422, True)


def test_another_office_and_other_roles_give_nothing(office: Store, kept: str, signed_in: Open) -> None:
    assert signed_in("be").get(f"/pickups/{kept}").status_code == 403
    assert kept not in signed_in("be").get("/pickups").text
    assert [signed_in(name).get("/pickups").status_code for name in ("mai", "buuta1", "son", "dung")] == [403] * 4


# --- everything that is due, letters ----------------------------------------------------------------------------------


def test_one_button_invites_everything_that_is_due_and_the_letters_are_printed(
    office: Store, kept: str, signed_in: Open, clock: Clock
) -> None:
    clerk = signed_in("lan")
    assert "Cần mời lần 2 hôm nay" not in clerk.get("/pickups").text
    clock.at = cast.after(days=2)
    clerk = signed_in("lan")
    page = clerk.get("/pickups").text
    assert "Cần mời lần 2 hôm nay (1)" in page
    assert "Mời lần 2 cả 1 bưu gửi, giữ đến 25/11/2026" in page
    assert clerk.get("/pickups/invitations.pdf").status_code == 422, "nobody was invited today yet"
    assert sent(clerk, "/pickups/invite-due", page="/pickups").status_code == 303
    assert item_of(office, kept).invited_on == (date(2026, 11, 16), date(2026, 11, 18))
    assert "In giấy mời hôm nay (1)" in clerk.get("/pickups").text
    assert "Cần mời lần 2 hôm nay" not in clerk.get("/pickups").text


def test_a_letter_names_the_citizen_and_the_code_and_nothing_of_what_is_inside(
    office: Store, kept: str, signed_in: Open
) -> None:
    clerk = signed_in("lan")
    assert f"/pickups/{kept}/invitation.pdf" in clerk.get(f"/pickups/{kept}").text
    for path in (f"/pickups/{kept}/invitation.pdf", "/pickups/invitations.pdf"):
        answer = clerk.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        words = paper.text(answer.content)
        assert all(part in words for part in (hanh.name, "15 Bạch Đằng", "Phường Hải Châu", "Lần 1/2"))
        assert all(part in words for part in ("07:30–11:30 và 13:30–17:00, thứ Hai đến thứ Sáu", "thứ Sáu, 20/11/2026"))
        assert not any(part in words for part in (hanh.identity_number, "550 101", "H48.17", "trích lục"))
        assert paper.symbols(paper.pages(answer.content)[0]) == [kept]
    assert ("lan", "invitation_printed", kept) in delivering.audited(office)


def test_who_may_not_see_people_invites_without_a_name_and_prints_no_letter(
    office: Store, signed_in: Open, clock: Clock
) -> None:
    (code,) = arrivals.arrived(office, hanh)
    invitations.hold_for_pickup(office, code, until=FRIDAY, by=cast.hung, at=cast.monday)
    clock.at = cast.after(days=2)
    sorter = signed_in("khoa")
    page = sorter.get("/pickups").text
    assert (code in page, hanh.name in page, "550 101" in page) == (True, False, False)
    assert sorter.get(f"/pickups/{code}/invitation.pdf").status_code == 403
    refused = sent(sorter, f"/pickups/{code}/invite", page="/pickups", until="2026-11-24")
    assert (refused.status_code, hanh.name in refused.text) == (422, False)
    assert "gần nhất là thứ Tư, 25/11/2026" in refused.text
    assert sent(sorter, "/pickups/invite-due", page="/pickups").status_code == 303
    assert len(item_of(office, code).invited_on) == 2


def test_a_day_off_is_refused_beside_the_field_with_the_next_working_day(
    office: Store, kept: str, signed_in: Open, clock: Clock
) -> None:
    clock.at = cast.after(days=2)
    answer = sent(signed_in("lan"), f"/pickups/{kept}/invite", page=f"/pickups/{kept}", until="2026-11-24")
    field = answer.text.split('id="until-problem"', 1)[1].split("</p>", 1)[0]
    assert (answer.status_code, "thứ Ba, 24/11/2026" in field, "thứ Tư, 25/11/2026" in field) == (422, True, True)
    assert 'value="2026-11-24"' in answer.text, "what was typed is kept"
    assert len(item_of(office, kept).invited_on) == 1


# --- delegates, money, papers -----------------------------------------------------------------------------------------


DELEGATE = {
    "receiver": "delegate",
    "identity": "1",
    "authorisation": "1",
    "delegate_name": "Trần Hữu Nghĩa",
    "delegate_paper": "UQ 12/2026",
    "delegate_until": "2026-11-16",
}


def test_a_delegate_whose_authorisation_expired_is_refused_and_the_result_kept(
    office: Store, kept: str, signed_in: Open
) -> None:
    clerk, path = signed_in("lan"), f"/pickups/{kept}"
    late = {**DELEGATE, "delegate_until": "2026-11-15", "signature": delivering.signature()}
    answer = sent(clerk, path, **late)
    field = answer.text.split('id="delegate_until-problem"', 1)[1].split("</p>", 1)[0]
    assert (answer.status_code, "đã hết hạn" in field, "kết quả vẫn được giữ" in field) == (422, True, True)
    assert "UQ 12/2026" in answer.text, "what was typed is kept"
    assert sent(clerk, path, **{**late, "delegate_until": "2026-11-16"}).status_code == 303, "its last day counts"


def test_money_that_is_owed_is_taken_in_the_same_step_and_a_form_sent_twice_takes_it_once(
    office: Store, kept: str, signed_in: Open
) -> None:
    with office.begin(at=cast.monday) as ledger:
        dossier = ledger.dossier(item_of(office, kept).dossier)
        owed = dossier.collect(
            ledger=MoneyLedger.FEES, amount=15_000, payment=Payment.LATER, basis="Lệ phí", by=cast.lan, at=cast.monday
        )
        ledger.append(dossier, owed)
    clerk, path = signed_in("lan"), f"/pickups/{kept}"
    page = clerk.get(path).text
    assert "Thu 15.000 đ" in page
    form = {"identity": "1", "receiver": "addressee", "signature": delivering.signature(), "due": "15000"}
    refused = sent(clerk, path, **form)
    assert (refused.status_code, item_of(office, kept).custody) == (422, Custody.HELD)
    number = page.split('name="request" value="', 1)[1].split('"', 1)[0]
    paid = {**form, "payment": "cash", "request": number}
    token = delivering.token_of(clerk, path)
    assert [clerk.post(path, data={**paid, "csrf": token}).status_code for _ in range(2)] == [303, 303]
    with office.begin(at=cast.monday) as ledger:
        dossier = ledger.dossier(item_of(office, kept).dossier)
        assert (dossier.fees.collected, dossier.fees.owed) == (15_000, 0)
        assert ledger.books.balance("till:551000:counter", MoneyLedger.FEES) == 15_000


# --- back to the authority --------------------------------------------------------------------------------------------


def test_everything_that_ran_out_goes_back_at_once_and_waits_for_the_hand_over(
    office: Store, kept: str, signed_in: Open, clock: Clock
) -> None:
    clock.at = run_out(office, kept)
    clerk = signed_in("lan")
    assert sent(clerk, "/pickups/send-back", page="/pickups").status_code == 303
    page = clerk.get("/pickups").text
    back = page.split("Chờ chuyển trả cơ quan (1)", 1)[1]
    assert all(words in back for words in (kept, "đã mời 2 lần không nhận", "phường Hải Châu"))
    link = back.split('href="/handovers/new?destination=', 1)[1].split('"', 1)[0]
    assert link == cast.COMMUNE_DESK
    chosen = clerk.get(f"/handovers/new?destination={link}").text.split(f'value="{kept}"', 1)[1].split(">", 1)[0]
    assert "checked" in chosen


def test_the_citizen_who_comes_on_day_five_still_gets_it_if_it_is_there(
    office: Store, kept: str, signed_in: Open, clock: Clock
) -> None:
    clock.at = run_out(office, kept)
    clerk, path = signed_in("lan"), f"/pickups/{kept}"
    sent(clerk, "/pickups/send-back", page="/pickups")
    assert "người dân đến thì vẫn trả được ở đây" in clerk.get(path).text
    form = {"identity": "1", "receiver": "addressee", "signature": delivering.signature()}
    assert sent(clerk, path, **form).status_code == 303
    assert item_of(office, kept).custody is Custody.DELIVERED


def test_once_it_left_the_page_says_where_it_is_and_whom_to_ask(
    office: Store, kept: str, signed_in: Open, clock: Clock
) -> None:
    clock.at = run_out(office, kept)
    clerk = signed_in("lan")
    sent(clerk, "/pickups/send-back", page="/pickups")
    record = custody.offer(office, [kept], to=cast.commune_desk, by=cast.lan, at=clock.at, below=arrivals.below(8))
    assert "đang chờ ký nhận bàn giao" in clerk.get(f"/pickups/{kept}").text
    custody.accept(office, record.code, by=cast.xuan, at=clock.at)
    page = clerk.get(f"/pickups/{kept}").text
    assert "Không phát được nên đã chuyển trả Trung tâm Phục vụ hành chính công phường Hải Châu" in page
    assert "Mời người dân hỏi Trung tâm" in page
    assert 'name="receiver"' not in page


def test_another_ground_is_chosen_with_its_reason_and_a_refusal_with_who_refused(
    office: Store, kept: str, signed_in: Open
) -> None:
    clerk, path = signed_in("lan"), f"/pickups/{kept}/undeliverable"
    page = f"/pickups/{kept}"
    shown = clerk.get(page).text
    assert "Đã mời 2 lần không nhận" not in shown, "it is derived, never picked"
    assert "Chưa chọn lý do" in sent(clerk, path, page=page, reason="x").text
    no_reason = sent(clerk, path, page=page, ground="moved")
    assert (no_reason.status_code, 'id="reason-problem"' in no_reason.text) == (422, True)
    no_record = sent(clerk, path, page=page, ground="refused", reason="Không nhận vì sai tên")
    assert ('id="record-problem"' in no_record.text, "Không nhận vì sai tên" in no_record.text) == (True, True)
    picked = sent(clerk, path, page=page, ground="two_invitations")
    assert (picked.status_code, "mới mời 1 lần" in picked.text) == (422, True)
    done = sent(clerk, path, page=page, ground="refused", reason="Sai tên", record="Lê Thị Hạnh, đã ký")
    assert (done.status_code, item_of(office, kept).goes_back) == (303, True)


def test_a_scan_of_what_goes_back_says_to_hand_it_over_and_at_the_desk_to_keep_it(
    office: Store, kept: str, clock: Clock
) -> None:
    back = returning.declare_undeliverable(
        office, kept, ground=Ground.MOVED, reason="Đã dọn đi", by=cast.lan, at=cast.after(days=1)
    )
    assert situation_of_item(back, None, actor=cast.lan) is Situation.MINE_GOES_BACK
    assert (
        situation_of_item(replace(back, custodian=cast.transport), None, actor=cast.tai) is Situation.MINE_TO_HAND_OVER
    )
    assert (
        situation_of_item(replace(back, custodian=cast.commune_desk), None, actor=cast.xuan) is Situation.MINE_CAME_BACK
    )


def test_what_travels_back_with_it_is_named(office: Store, kept: str, signed_in: Open, clock: Clock) -> None:
    with office.begin(at=cast.monday) as ledger:
        dossier = ledger.dossier(item_of(office, kept).dossier)
        taken = dossier.collect(
            ledger=MoneyLedger.FEES, amount=15_000, payment=Payment.CASH, basis="Lệ phí", by=cast.lan, at=cast.monday
        )
        ledger.append(dossier, taken)
    clock.at = run_out(office, kept)
    clerk = signed_in("lan")
    assert "Chuyển trả kèm: 15.000 đ phí, lệ phí đã thu" in clerk.get(f"/pickups/{kept}").text
    sent(clerk, "/pickups/send-back", page="/pickups")
    assert "15.000 đ phí, lệ phí đã thu" in clerk.get("/pickups").text.split("Chuyển trả kèm", 1)[1]


def test_an_authority_that_merged_and_nobody_continues_is_named_and_nothing_sent(
    office: Store, kept: str, signed_in: Open, clock: Clock
) -> None:
    clock.at = run_out(office, kept)
    with office.begin(at=clock.at) as ledger:
        desk = ledger.reference.place(cast.COMMUNE_DESK)
        ledger.reference.put_place(replace(desk, valid_to=date(2026, 11, 20)))
    clerk = signed_in("lan")
    assert "ghi nơi kế thừa vào danh mục" in clerk.get(f"/pickups/{kept}").text
    answer = sent(clerk, "/pickups/send-back", page="/pickups")
    assert (answer.status_code, "còn 1 chưa chuyển được" in answer.text, "(MC-20242)" in answer.text) == (
        409,
        True,
        True,
    )
    assert not item_of(office, kept).goes_back


def test_a_code_nobody_knows_is_a_miss(office: Store, signed_in: Open) -> None:
    clerk = signed_in("lan")
    assert clerk.get("/pickups/P222222222").status_code in (404, 422)
    assert clerk.get(f"/pickups/{cast.ITEM}").status_code == 404
