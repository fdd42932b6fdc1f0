"""The page of messages that could not be sent: who sees it, what it hides, and the three ways to look after one."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from postal.domain.notices import Kind, kind_of
from postal.domain.sending import NeverTaken
from postal.services import messages
from postal.store import Store
from tests import cast
from tests.web import way
from tests.web.way import Way, gone_to

Open = Callable[[str], TestClient]
SEEDS = iter(range(83_000, 84_000))
PHONE = way.SENDER.phone


def failed(store: Store, *kinds: Kind) -> tuple[Way, dict[Kind, str]]:
    """Return a dossier at the desk, and the numbers of its messages that a gateway refused."""
    taken, found = gone_to(store, "received", seed=next(SEEDS)), {}
    for notice in messages.waiting(store, at=cast.after(days=2)):
        kind = kind_of(notice.fact)
        if notice.dossier == taken.code and notice.channel == "sms" and kind in kinds:
            assert messages.claim(store, notice, at=cast.monday)
            error = NeverTaken("Cổng tin nhắn không nhận tin này (HTTP 422): số điện thoại có thể sai.")
            messages.settle_not_taken(store, notice, error=error, at=cast.monday)
            found[kind] = notice.id
    return taken, found


def csrf(client: TestClient, path: str = "/messages") -> str:
    """Return the token of a page's forms."""
    page = client.get(path).text
    return page.split('name="csrf" value="', 1)[1].split('"', 1)[0]


def test_nothing_to_look_after_says_so(signed_in: Open) -> None:
    assert "Không có tin nào cần xử lý." in signed_in("hung").get("/messages").text


def test_the_list_names_the_trouble_and_shows_the_end_of_the_phone_alone(signed_in: Open, web_store: Store) -> None:
    taken, _ = failed(web_store, Kind.AGENCY_RECEIVED, Kind.PIN)
    page = signed_in("hung").get("/messages").text
    assert "số điện thoại có thể sai" in page
    assert f"…{PHONE[-3:]}" in page
    assert PHONE not in page
    assert PHONE.removeprefix("+84") not in page
    assert taken.pin not in page


@pytest.mark.parametrize("username", ["lan", "mai", "phat", "dung"])
def test_who_may_not_see_messages_gets_no_page(signed_in: Open, username: str) -> None:
    assert signed_in(username).get("/messages").status_code == 403


def test_the_counter_tells_a_controller_how_many_wait_and_a_clerk_nothing(signed_in: Open, web_store: Store) -> None:
    failed(web_store, Kind.AGENCY_RECEIVED)
    assert "Tin chưa gửi được" in signed_in("hung").get("/counter").text
    assert "Tin chưa gửi được" not in signed_in("lan").get("/counter").text


def test_the_menu_leads_a_controller_and_an_administrator_there(signed_in: Open) -> None:
    assert 'href="/messages"' in signed_in("hung").get("/counter").text
    assert 'href="/messages"' in signed_in("quantri").get("/audit").text


def test_a_message_is_sent_again(signed_in: Open, web_store: Store) -> None:
    _, found = failed(web_store, Kind.AGENCY_RECEIVED)
    hung, path = signed_in("hung"), f"/messages/{found[Kind.AGENCY_RECEIVED]}"
    answer = hung.post(f"{path}/again", data={"csrf": csrf(hung, path)})
    assert answer.status_code == 303
    assert "Không có tin nào cần xử lý." in hung.get("/messages").text
    assert hung.get(path).status_code == 404


def test_everything_on_the_list_is_sent_again_at_once(signed_in: Open, web_store: Store) -> None:
    failed(web_store, Kind.AGENCY_RECEIVED, Kind.PIN)
    hung = signed_in("hung")
    answer = hung.post("/messages/again", data={"csrf": csrf(hung)})
    assert "2 tin" in hung.get(answer.headers["location"]).text
    assert "Không có tin nào cần xử lý." in hung.get("/messages").text


def test_a_call_is_noted_with_whom_one_spoke_to(signed_in: Open, web_store: Store) -> None:
    _, found = failed(web_store, Kind.AGENCY_RECEIVED)
    hung, path = signed_in("hung"), f"/messages/{found[Kind.AGENCY_RECEIVED]}"
    token = csrf(hung, path)
    empty = hung.post(f"{path}/told", data={"csrf": token, "note": " "})
    assert empty.status_code == 422
    assert "<title>Lỗi: " in empty.text
    assert "Chưa ghi đã gọi cho ai, lúc nào." in empty.text
    assert hung.post(f"{path}/told", data={"csrf": token, "note": "Gọi ông Khánh"}).status_code == 303
    assert "Không có tin nào cần xử lý." in hung.get("/messages").text


def test_giving_up_needs_a_reason(signed_in: Open, web_store: Store) -> None:
    _, found = failed(web_store, Kind.AGENCY_RECEIVED)
    hung, path = signed_in("hung"), f"/messages/{found[Kind.AGENCY_RECEIVED]}"
    token = csrf(hung, path)
    assert hung.post(f"{path}/give-up", data={"csrf": token}).status_code == 422
    assert hung.post(f"{path}/give-up", data={"csrf": token, "reason": "Đã đến nhận"}).status_code == 303


def test_a_pin_has_no_form_to_be_told_by_and_the_way_around_is_refused(signed_in: Open, web_store: Store) -> None:
    taken, found = failed(web_store, Kind.PIN)
    hung, path = signed_in("hung"), f"/messages/{found[Kind.PIN]}"
    page = hung.get(path).text
    assert "không đọc qua điện thoại" in page
    assert f"{path}/told" not in page
    assert taken.pin not in page
    refused = hung.post(f"{path}/told", data={"csrf": csrf(hung, path), "note": "Gọi ông Khánh"})
    assert refused.status_code == 422
    assert "Mã PIN không đọc qua điện thoại" in refused.text


def test_a_step_nobody_knows_and_a_message_nobody_knows_are_not_there(signed_in: Open, web_store: Store) -> None:
    _, found = failed(web_store, Kind.AGENCY_RECEIVED)
    hung = signed_in("hung")
    token = csrf(hung)
    assert hung.post(f"/messages/{found[Kind.AGENCY_RECEIVED]}/burn", data={"csrf": token}).status_code == 404
    assert hung.get("/messages/" + "0" * 32).status_code == 404


def test_a_form_of_another_site_sends_nothing(signed_in: Open, web_store: Store) -> None:
    _, found = failed(web_store, Kind.AGENCY_RECEIVED)
    answer = signed_in("hung").post(f"/messages/{found[Kind.AGENCY_RECEIVED]}/again", data={"csrf": "forged"})
    assert answer.status_code == 403
