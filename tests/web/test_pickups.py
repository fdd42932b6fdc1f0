"""At the office: results put on piles, kept for their citizens, given by the same rules as at the door."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from starlette.testclient import TestClient

from postal.domain.item import Custody, Item
from postal.services import accounts, custody, invitations
from postal.store import Store
from tests import arrivals, cast
from tests.arrivals import hanh, tam
from tests.web import delivering
from tests.web.conftest import PASSWORD, Clock
from tests.web.delivering import sent

Open = Callable[[str], TestClient]
FRIDAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def password_hash() -> str:
    return accounts.hash_password(PASSWORD)


@pytest.fixture
def office(web_store: Store, password_hash: str) -> Store:
    """Return the seeded store with the postmen of the central office."""
    arrivals.keep_postmen(web_store, password_hash=password_hash)
    return web_store


@pytest.fixture
def kept(office: Store) -> str:
    """Return a result that waits at Lan's counter until Friday."""
    (code,) = arrivals.arrived(office, hanh)
    record = custody.offer(office, [code], to=cast.counter, by=cast.hung, at=cast.monday, below=arrivals.below(6))
    custody.accept(office, record.code, by=cast.lan, at=cast.monday)
    invitations.hold_for_pickup(office, code, until=FRIDAY, by=cast.lan, at=cast.monday)
    return code


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
    assert stray.code in page.split("Chưa có tuyến phát", 1)[1].split("<h2>", 1)[0]
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


def test_after_two_invitations_it_goes_back_to_the_authority(
    office: Store, kept: str, signed_in: Open, clock: Clock
) -> None:
    invitations.hold_for_pickup(office, kept, until=date(2026, 11, 23), by=cast.lan, at=cast.after(days=2))
    clock.at = cast.after(days=9)
    page = signed_in("lan").get("/pickups").text
    assert "Đã quá hạn giữ" in page
    assert "Đã mời 2 lần không nhận: bàn giao trả lại cơ quan." in page
    assert "Mời lần nữa" not in page


def test_an_unreadable_day_of_an_invitation_is_named(office: Store, kept: str, signed_in: Open) -> None:
    answer = sent(signed_in("lan"), f"/pickups/{kept}/invite", page="/counter", until="mai")
    assert (answer.status_code, "không phải là ngày" in answer.text) == (422, True)


def test_another_office_and_other_roles_give_nothing(office: Store, kept: str, signed_in: Open) -> None:
    assert signed_in("be").get(f"/pickups/{kept}").status_code == 403
    assert kept not in signed_in("be").get("/pickups").text
    assert [signed_in(name).get("/pickups").status_code for name in ("khoa", "buuta1", "son", "dung")] == [403] * 4


def test_a_code_nobody_knows_is_a_miss(office: Store, signed_in: Open) -> None:
    clerk = signed_in("lan")
    assert clerk.get("/pickups/P222222222").status_code in (404, 422)
    assert clerk.get(f"/pickups/{cast.ITEM}").status_code == 404
