"""Papers that were asked for, brought to any counter with no more than a photo of the slip."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from postal.domain import codes
from postal.domain.supplements import AskedPaper
from postal.services import accounts, agency
from postal.store import Store
from tests import cast
from tests.web import delivering, filling
from tests.web.conftest import Clock
from tests.web.way import Way, gone_to

Open = Callable[[str], TestClient]


@pytest.fixture
def asked(web_store: Store, signed_in: Open, clock: Clock) -> Way:
    """Return a dossier whose desk asked for two papers; clerks of two offices are at work."""
    signed_in("be")
    signed_in("lan")
    way = gone_to(web_store, "asked")
    clock.at = way.later()
    return way


def take_in(browser: TestClient, way: Way, **typed: str) -> Response:
    path = f"/dossiers/{way.code}/supplement"
    form = filling.FormOnPage(path)
    form.feed(browser.get(path).text)
    return browser.post(path, data={**form.fields, **typed})


# --- the photo alone --------------------------------------------------------------------------------------------------


def test_the_photo_of_a_slip_shows_how_many_papers_and_not_which(asked: Way, visitor: TestClient) -> None:
    page = visitor.get(f"/{asked.secret}").text
    assert "Ông/bà cần bổ sung 2 giấy tờ." in page
    for kept in ("Giấykhám", "Lýdobổsung", "Ảnh 3×4", "Hạn: "):
        assert kept not in page
    assert "cần bổ sung 2" not in visitor.get(f"/{asked.code}").text, "the bare code says no more than the step"


def test_the_pin_opens_names_reasons_day_and_what_becomes_of_the_clock(asked: Way, visitor: TestClient) -> None:
    page = visitor.post("/track", data={"code": asked.code, "pin": asked.pin}).text
    for said in (
        "Giấykhám sức khỏe – vì Lýdobổsung hết hạn",
        "Ảnh 3×4",
        "Nộp tại bất kỳ bưu cục nào, đưa phiếu gửi này.",
        "Hạn: thứ Ba, 01/12/2026.",
        "Thời hạn giải quyết được tính lại từ ngày nhận đủ giấy tờ.",
    ):
        assert said in page


# --- finding ----------------------------------------------------------------------------------------------------------


def test_any_counter_finds_the_dossier_by_whatever_stands_on_the_slip(asked: Way, signed_in: Open) -> None:
    browser = signed_in("be")
    shown = codes.shown(asked.code)
    for typed in (asked.code, shown.lower(), f"HTTPS://TESTSERVER/{asked.secret}", asked.official, asked.item):
        answer = browser.get(f"/supplements?q={quote(typed)}")
        assert (answer.status_code, answer.headers.get("location")) == (303, f"/dossiers/{asked.code}/supplement")


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("7K2M4-9RTBQ", 404, "7K2M4-9RTBQ"),
        ("7K2M4-9RTBP", 422, ""),
        ("nguyễn văn an", 422, "Quét mã QR trên phiếu gửi"),
        ("G5R2X-6VTHC", 422, "Quét mã QR trên phiếu gửi"),
    ],
    ids=["unknown", "a slip of the finger", "a name", "a record"],
)
def test_what_is_no_slip_is_said_and_kept(asked: Way, signed_in: Open, typed: str, status: int, said: str) -> None:
    assert asked.code
    answer = signed_in("be").get(f"/supplements?q={quote(typed)}")
    assert answer.status_code == status
    assert said in answer.text
    assert f'value="{typed}"' in answer.text
    assert "<title>Lỗi: " in answer.text


def test_the_desk_does_not_take_papers_in_for_the_post(asked: Way, signed_in: Open) -> None:
    assert signed_in("xuan").get(f"/dossiers/{asked.code}/supplement").status_code == 403


# --- taking in --------------------------------------------------------------------------------------------------------


def test_the_clerk_reads_the_names_and_leaves_a_line_in_the_log(asked: Way, signed_in: Open, web_store: Store) -> None:
    page = signed_in("be").get(f"/dossiers/{asked.code}/supplement").text
    assert "Giấykhám sức khỏe" in page
    assert "C*** Q***" in page
    assert "Chimvàng" not in page, "who brings the papers may be anybody"
    assert ("be", "supplement_seen", asked.code) in delivering.audited(web_store)


def test_halves_are_taken_in_one_after_the_other(asked: Way, signed_in: Open, visitor: TestClient) -> None:
    browser = signed_in("be")
    first = take_in(browser, asked, **{"1-originals": "1", "1-return": "1", "seal": "4401", "postage": "18.000"})
    assert first.status_code == 303, first.text
    page = browser.get(first.headers["location"]).text
    assert "Đã nhận 1 giấy tờ bổ sung" in page
    assert "Còn thiếu 1 giấy tờ" in page
    assert "Ông/bà cần bổ sung 1 giấy tờ." in visitor.get(f"/{asked.secret}").text
    form = browser.get(f"/dossiers/{asked.code}/supplement").text
    assert "Đã nhận 1/2" in form
    assert 'name="1-originals"' not in form
    second = take_in(signed_in("lan"), asked, **{"2-copies": "2"})
    assert "Đã đủ giấy tờ" in signed_in("lan").get(second.headers["location"]).text
    assert "Bưu điện đã nhận đủ 2 giấy tờ bổ sung" in visitor.get(f"/{asked.secret}").text


def test_sent_twice_it_is_taken_in_once(asked: Way, signed_in: Open) -> None:
    browser, path = signed_in("be"), f"/dossiers/{asked.code}/supplement"
    form = filling.FormOnPage(path)
    form.feed(browser.get(path).text)
    typed = {**form.fields, "1-originals": "1", "seal": "4401"}
    first, again = browser.post(path, data=typed), browser.post(path, data=typed)
    assert first.headers["location"] == again.headers["location"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Chưa có giấy tờ nào"),
        ({"1-originals": "một"}, "không phải là số"),
        ({"1-originals": "1", "postage": "-5"}, "không phải là số"),
    ],
    ids=["nothing", "letters", "negative money"],
)
def test_what_cannot_be_taken_in_is_said_and_nothing_typed_is_lost(
    asked: Way, signed_in: Open, typed: dict[str, str], said: str
) -> None:
    answer = take_in(signed_in("be"), asked, **typed, seal="4401")
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="4401"' in answer.text
    assert "<title>Lỗi: " in answer.text


def test_a_dossier_that_waits_for_nothing_takes_nothing(web_store: Store, signed_in: Open) -> None:
    for name in ("lan", "be"):
        signed_in(name)
    way = gone_to(web_store, "in_work")
    page = signed_in("be").get(f"/dossiers/{way.code}/supplement").text
    assert "cơ quan không chờ giấy tờ nào" in page
    assert '<form method="post" action="/dossiers/' not in page


def test_papers_that_were_brought_by_mistake_go_back(asked: Way, signed_in: Open) -> None:
    browser = signed_in("be")
    item = take_in(browser, asked, **{"1-originals": "1"}).headers["location"]
    token = delivering.token_of(browser, item)
    answer = browser.post(f"{item}/give-back", data={"csrf": token, "reason": "nhầm"})
    assert answer.status_code == 303
    assert "Còn thiếu 2 giấy tờ" in browser.get(f"/dossiers/{asked.code}/supplement").text


def test_what_was_asked_for_twice_over_is_counted_anew(
    asked: Way, signed_in: Open, web_store: Store, clock: Clock
) -> None:
    """A request that is answered and then repeated waits for its own papers only."""
    browser = signed_in("be")
    take_in(browser, asked, **{"1-originals": "1", "2-originals": "1"})
    agency.complete_supplement(web_store, asked.code, by=cast.xuan, at=asked.later(days=1))
    head = cast.actor(
        "yen", "Yến", cast.commune_desk, place=cast.COMMUNE_DESK, roles={*cast.xuan.roles, *cast.minh.roles}
    )
    agency.ask_supplement(
        web_store,
        asked.code,
        papers=[AskedPaper(name="Bản đồ")],
        due_on=cast.post_calendar.add_working_days(asked.at.date(), 5),
        reason="thẩm định",
        by=head,
        at=asked.later(days=1),
    )
    clock.at = asked.later()
    assert "Còn thiếu 1 giấy tờ" in signed_in("be").get(f"/dossiers/{asked.code}/supplement").text


def test_an_envelope_of_a_withdrawn_dossier_turns_round_where_it_is(
    web_store: Store, signed_in: Open, clock: Clock, visitor: TestClient
) -> None:
    driver = signed_in("van")
    for name in ("lan", "xuan"):
        signed_in(name)
    way = Way(web_store).register()
    way.hand_to_driver(accounts.actor(web_store, "van"))
    assert "Quay về người dân" not in driver.get(f"/items/{way.item}").text
    agency.withdraw(web_store, way.code, reason="đổi ý", by=cast.xuan, at=way.later())
    clock.at = way.later()
    driver = signed_in("van")
    assert "Quay về người dân" in driver.get(f"/items/{way.item}").text
    answer = delivering.sent(driver, f"/items/{way.item}/turn-round", page=f"/items/{way.item}")
    assert answer.status_code == 303
    assert "Giấy tờ đang được gửi trả cho ông/bà." in visitor.get(f"/{way.secret}").text
