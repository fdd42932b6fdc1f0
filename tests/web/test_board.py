"""The coordinator's board as a page: what it shows, what its forms change, what it refuses and keeps."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from postal.store import Store
from tests import arrivals, cast
from tests.arrivals import hanh, tam, vy
from tests.web.delivering import sent

Open = Callable[[str], TestClient]
WEST = "20209"


@pytest.fixture
def office(web_store: Store, password_hash: str) -> Store:
    """Return the seeded store with the postmen of the central office and three results for two rounds."""
    arrivals.keep_postmen(web_store, password_hash=password_hash)
    arrivals.arrived(web_store, hanh, tam, replace(vy, commune=WEST))
    return web_store


def board(browser: TestClient) -> str:
    """Return the address of a proposal for today."""
    answer = sent(browser, "/runs/proposals", page="/runs", place=cast.OFFICE, office=cast.OFFICE, day="2026-11-16")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def stops(text: str) -> list[tuple[str, str]]:
    """Return the stops of a page with their routes, in their order."""
    return re.findall(r'<tr data-stop="(\w+)" data-route="(\d*)"', text)


def change(browser: TestClient, address: str, **fields: object) -> Response:
    """Press a button of the board; `stop` may be several, what is ticked stays ticked."""
    text = browser.get(address).text
    seen = re.search(r'name="seen" value="(\d+)"', text)
    assert seen is not None
    said = {"seen": seen[1], "draft": re.findall(r'name="draft" value="(\d+)"[^>]* checked', text)}
    path = address.partition("?")[0]
    return sent(browser, f"{path}/change", page=address, **said | fields)


def test_the_board_shows_routes_and_stops_and_nobodys_name_or_door(office: Store, signed_in: Open) -> None:
    head = signed_in("hung")
    page = head.get(board(head)).text
    assert [route for _, route in stops(page)] == ["0", "0", "1"]
    assert page.count("Hải Châu – Hòa Cường") >= 2
    assert "±" in page
    assert re.search(r"<td>0[789]:\d\d</td>", page), "arrivals"
    for private in (hanh.name, hanh.address, tam.name, "Bạch Đằng"):
        assert private not in page


def test_a_stop_moves_to_another_route_and_the_page_says_what_it_costs(office: Store, signed_in: Open) -> None:
    head = signed_in("hung")
    address = board(head)
    first = stops(head.get(address).text)[0][0]
    answer = change(head, address, act="move", stop=first, to="2")
    assert answer.status_code == 303, answer.text
    page = head.get(answer.headers["location"]).text
    assert (first, "1") in stops(page)
    assert re.search(r"Đã chuyển 1 điểm sang tuyến Thanh Khê[^:]*: [+−]\d+ phút, [+−]\d+,\d km\.", page)
    assert f'value="{first}"' in page.split("checked", 1)[0] or f'value="{first}" aria-label' in page
    undone = change(head, address, act="undo")
    assert "Đã hoàn tác" in head.get(undone.headers["location"]).text
    assert (first, "0") in stops(head.get(address).text)


def test_order_locks_and_the_next_working_day_without_any_script(office: Store, signed_in: Open) -> None:
    head = signed_in("hung")
    address = board(head)
    first, second = (name for name, route in stops(head.get(address).text) if route == "0")
    change(head, address, act="down", stop=first)
    assert [name for name, route in stops(head.get(address).text) if route == "0"] == [second, first]
    change(head, address, act="lock", stop=first)
    page = head.get(address).text
    assert page.count("<td>cố định</td>") == 1
    refused = change(head, address, act="next_day", stop=[first, second])
    assert (refused.status_code, "đang giữ cố định trên tuyến. Bỏ giữ cố định rồi chuyển" in refused.text) == (
        422,
        True,
    )
    change(head, address, act="unlock", stop=first)
    change(head, address, act="next_day", stop=[first, second])
    page = head.get(address).text
    assert page.count("điều phối chuyển sang ngày 17/11/2026") == 2
    assert [route for _, route in stops(page)] == ["1", "", ""]
    assert "Chuyển sang ngày làm việc kế tiếp (2 điểm)" in page


def test_what_cannot_be_keeps_everything_that_was_ticked_and_typed(office: Store, signed_in: Open) -> None:
    head = signed_in("hung")
    address = board(head)
    first = stops(head.get(address).text)[0][0]
    typed = {"postman-1": "buuta1", "draft": ["0"], "position": "7"}
    refused = change(head, address, act="move", stop=first, to="", **typed)
    assert refused.status_code == 422
    assert "<title>Lỗi: Bảng tuyến" in refused.text
    assert "Chọn một tuyến trong danh sách" in refused.text
    assert re.search(rf'value="{first}"[^>]* checked', refused.text)
    assert 'name="position" inputmode="numeric" class="short" value="7"' in refused.text
    west = refused.text.split('name="postman-1"', 1)[1].split("</select>", 1)[0]
    assert '<option value="buuta1" selected>' in west
    assert re.findall(r'name="draft" value="(\d)"[^>]* checked', refused.text) == ["0"]
    nothing = change(head, address, act="lock")
    assert (nothing.status_code, "Chưa chọn điểm nào" in nothing.text) == (422, True)
    unknown = change(head, address, act="lock", stop="PXXXXXXXXX")
    assert (unknown.status_code, "không có trong phương án này" in unknown.text) == (422, True)


def test_a_postman_who_was_chosen_stays_chosen_over_a_change(office: Store, signed_in: Open) -> None:
    head = signed_in("hung")
    address = board(head)
    first = stops(head.get(address).text)[0][0]
    answer = change(head, address, act="lock", stop=first, **{"postman-1": "buuta1", "draft": ["1"]})
    page = head.get(answer.headers["location"]).text
    assert '<option value="buuta1" selected>' in page.split('name="postman-1"', 1)[1].split("</select>", 1)[0]
    assert re.findall(r'name="draft" value="(\d)"[^>]* checked', page) == ["1"]


def test_of_two_who_change_one_board_the_second_is_told_and_sees_what_stands(office: Store, signed_in: Open) -> None:
    head, coordinator = signed_in("hung"), signed_in("dung")
    address = board(head)
    first, second, _ = (name for name, _ in stops(head.get(address).text))
    change(coordinator, address, act="lock", stop=first)
    late = change(head, address, act="lock", stop=second, seen="0")
    assert late.status_code == 409
    assert re.search(r"vừa sửa phương án lúc \d\d:\d\d \(giữ cố định\)", late.text)
    assert late.text.count("<td>cố định</td>") == 1
    assert 'name="seen" value="1"' in late.text
    accepted = sent(head, f"{address}/accept", page=address, seen="0", draft=["0", "1"])
    assert accepted.status_code == 409


def test_one_postman_is_not_sent_on_two_runs_at_once(office: Store, signed_in: Open) -> None:
    head = signed_in("hung")
    address = board(head)
    fields = {"draft": ["0", "1"], "postman-0": "buuta1", "postman-1": "buuta1", "seen": "0"}
    twice = sent(head, f"{address}/accept", page=address, **fields)
    assert twice.status_code == 422
    assert "Hai chuyến cùng một bưu tá/xe" in twice.text
    fine = sent(head, f"{address}/accept", page=address, **fields | {"postman-1": "buuta2"})
    assert fine.status_code == 303
    assert "Phương án này đã được chấp nhận" in head.get(address).text
    late = change_of_accepted(head, address)
    assert (late.status_code, "Phương án này đã được chấp nhận. Mở chuyến" in late.text) == (409, True)


def change_of_accepted(browser: TestClient, address: str) -> Response:
    """Send a change from a page that stood open while somebody accepted."""
    return sent(browser, f"{address}/change", page=address, act="undo", seen="0")


def test_only_planners_of_the_office_open_and_change_the_board(office: Store, signed_in: Open) -> None:
    address = board(signed_in("hung"))
    for name in ("lan", "buuta1", "be"):
        assert signed_in(name).get(address).status_code == 403, name
    elsewhere = signed_in("be")
    assert sent(elsewhere, f"{address}/change", page="/runs", act="undo", seen="0").status_code == 403


def test_the_stops_of_one_route_are_looked_at_alone(office: Store, signed_in: Open) -> None:
    head = signed_in("hung")
    page = head.get(board(head) + "?route=1").text
    assert [route for _, route in stops(page)] == ["1"]
    assert "ẩn 2" in page


def test_the_board_says_how_evenly_hours_lie_between_postmen(office: Store, signed_in: Open) -> None:
    head = signed_in("hung")
    page = head.get(board(head)).text
    words = "Chênh lệch giờ giữa bưu tá nhiều nhất và ít nhất trong ngày"
    assert words in page
    assert re.search(r"nhiều nhất Trương Công Bính \d+ phút, ít nhất Cao Thị Yến \d+ phút", page)
    assert re.search(r"Mức lệch giờ: <strong>\d+,\d%</strong>", page)


def test_one_postman_alone_is_even_and_nothing_is_said_of_it(
    web_store: Store, password_hash: str, signed_in: Open
) -> None:
    arrivals.keep_postmen(web_store, password_hash=password_hash)
    arrivals.arrived(web_store, hanh)
    head = signed_in("hung")
    assert "Mức lệch giờ" not in head.get(board(head)).text


def test_a_board_that_waits_for_an_answer_is_linked_from_the_day_and_planned_again_with_its_locks(
    office: Store, signed_in: Open
) -> None:
    head = signed_in("hung")
    address = board(head)
    first = stops(head.get(address).text)[0][0]
    change(head, address, act="move", stop=first, to="2")
    change(head, address, act="lock", stop=first)
    assert f'href="{address}"' in head.get("/runs").text
    again = sent(head, "/runs/proposals", page=address, since=address.rpartition("/")[2], place=cast.OFFICE)
    assert again.status_code == 303
    page = head.get(again.headers["location"]).text
    assert (first, "1") in stops(page)
    assert page.count("<td>cố định</td>") == 1
