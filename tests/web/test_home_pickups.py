"""Thu gom tại nhà: a clerk promises a visit, the office sees its day, and a double click does no harm."""

import random
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from postal.services import home_pickups, registration
from postal.store import Store
from tests import cast
from tests.services.test_home_pickups import LISTED, asked_for_more
from tests.services.test_registration import form
from tests.web.conftest import Clock
from tests.web.filling import sit_down

TUESDAY = "17/11/2026"
SUNDAY = "22/11/2026"


@pytest.fixture
def lan(signed_in: Callable[[str], TestClient], clock: Clock) -> TestClient:
    clock.at = cast.after(hours=3)
    return signed_in("lan")


@pytest.fixture
def asked(web_store: Store, clock: Clock) -> str:
    """Return a dossier whose desk asked for two more papers."""
    clock.at = cast.after(hours=3)
    return asked_for_more(web_store, random.Random(5).randrange)


def csrf(client: TestClient) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/shift").text)
    assert found
    return found[1]


def promise(client: TestClient, dossier: str, **changes: str) -> Any:
    given = {"csrf": csrf(client), "dossier": dossier, "day": TUESDAY, "request": "r-1"}
    return client.post("/home-pickups", data=given | changes)


def test_a_clerk_promises_a_visit_and_the_office_sees_it_on_its_day(lan: TestClient, asked: str) -> None:
    shown = lan.get(f"/home-pickups/new?dossier={asked}")
    assert "Giấy xác nhận cư trú" in shown.text
    assert "Phường Hải Châu" in shown.text
    answer = promise(lan, asked, opens="08:00", closes="10:00", note="nhà cuối ngõ")
    assert answer.status_code == 303
    page = lan.get("/home-pickups?day=2026-11-17").text
    for word in ("Nguyễn Văn Khánh", "12 Trần Phú", "08:00 – 10:00", "nhà cuối ngõ", "chờ bưu tá đến lấy"):
        assert word in page
    assert "Không có hẹn" in lan.get("/home-pickups").text
    one = lan.get(answer.headers["location"])
    assert "Ảnh chân dung" in one.text


def test_a_counter_that_may_not_read_the_dossier_promises_and_comes_back_to_its_list(
    signed_in: Callable[[str], TestClient], asked: str
) -> None:
    elsewhere = signed_in("be")
    answer = promise(elsewhere, asked)
    assert answer.status_code == 303
    assert elsewhere.get(answer.headers["location"]).status_code == 200
    assert answer.headers["location"].startswith("/home-pickups?said=")


def test_the_form_sent_twice_is_one_promise(lan: TestClient, asked: str) -> None:
    first, again = promise(lan, asked), promise(lan, asked)
    assert first.headers["location"] == again.headers["location"]


def test_a_form_that_cannot_be_used_comes_back_as_it_was_typed(lan: TestClient, asked: str) -> None:
    for typed, sentence in (
        ({"day": SUNDAY}, "nghỉ, bưu tá không đi"),
        ({"day": "1/1/2026"}, "đã qua"),
        ({"day": "mai"}, "không phải là ngày"),
        ({"opens": "10:00", "closes": "08:00"}, "Khung giờ"),
        ({"opens": "mười giờ"}, "không phải là ngày"),
    ):
        answer = promise(lan, asked, note="nhà cuối ngõ", **typed)
        assert answer.status_code in (409, 422), typed
        assert sentence in answer.text
        assert "nhà cuối ngõ" in answer.text
        assert "<title>Lỗi: " in answer.text


def test_a_dossier_that_waits_for_nothing_says_so(lan: TestClient, web_store: Store) -> None:
    made = registration.register(web_store, form(), by=cast.lan, at=cast.monday, below=random.Random(9).randrange)
    assert "không chờ giấy tờ nào" in lan.get(f"/home-pickups/new?dossier={made.dossier.code}").text
    assert promise(lan, made.dossier.code).status_code == 422


def test_an_unknown_dossier_is_asked_for_again(lan: TestClient) -> None:
    assert "Chưa có mã 22222-22222" in lan.get("/home-pickups/new?dossier=2222222222").text
    assert lan.get("/home-pickups/new?dossier=xyz").status_code == 422
    assert promise(lan, "").status_code == 422


def test_a_visit_is_cancelled_with_a_reason_and_only_once(lan: TestClient, asked: str) -> None:
    code = promise(lan, asked).headers["location"].partition("?")[0]
    empty = lan.post(f"{code}/cancel", data={"csrf": csrf(lan), "reason": ""})
    assert empty.status_code == 422
    assert "Chưa ghi lý do" in empty.text
    done = lan.post(f"{code}/cancel", data={"csrf": csrf(lan), "reason": "khách tự mang"})
    assert done.status_code == 303
    assert "đã hủy hẹn" in lan.get(code).text
    again = lan.post(f"{code}/cancel", data={"csrf": csrf(lan), "reason": "khách tự mang"})
    assert again.status_code == 409


def test_the_slip_of_a_promise_opens_it_and_tells_another_office_whose_it_is(
    lan: TestClient, signed_in: Callable[[str], TestClient], asked: str
) -> None:
    code = promise(lan, asked).headers["location"].partition("?")[0].rsplit("/", 1)[1]
    assert f"/home-pickups/{code}" in lan.get(f"/scan?q={code}").text
    assert "/today" in signed_in("phat").get(f"/scan?q={code}").text
    stranger = signed_in("be")
    answer = stranger.get(f"/scan?q={code}").text
    assert "Bưu cục Trung tâm Đà Nẵng" in answer
    assert stranger.get(f"/home-pickups/{code}").status_code == 403
    assert "Nguyễn Văn Khánh" not in answer


def test_who_arranges_no_visits_sees_none(signed_in: Callable[[str], TestClient], asked: str) -> None:
    for username in ("phat", "khoa", "mai", "quantri"):
        assert signed_in(username).get("/home-pickups").status_code == 403


def test_a_missed_day_stays_in_sight_until_somebody_comes(
    signed_in: Callable[[str], TestClient], web_store: Store, clock: Clock, asked: str
) -> None:
    below = random.Random(3).randrange
    home_pickups.ask(web_store, dossier=asked, day=date(2026, 11, 17), by=cast.lan, at=clock.at, below=below)
    clock.at = cast.after(days=2)
    assert "Quá ngày hẹn 17/11/2026" in signed_in("lan").get("/home-pickups").text


def test_a_dossier_is_registered_on_the_phone_with_the_day_of_the_visit(web_store: Store, lan: TestClient) -> None:
    below = random.Random(4).randrange
    told = form(papers=LISTED, seal="", weight_g=None, pickup_on=date(2026, 11, 17))
    made = registration.register(web_store, told, by=cast.lan, at=cast.monday, below=below)
    page = lan.get(f"/dossiers/{made.dossier.code}").text
    assert "Chờ lấy giấy tờ tại nhà" in page
    assert made.pickup
    assert f"/home-pickups/{made.pickup.code}" in page


def test_the_registration_form_takes_the_day_of_the_visit_instead_of_counts(lan: TestClient) -> None:
    sitting = sit_down(lan).press("look", card="049205000137||Nguyễn Văn Khánh|01012005|Nam|12 Trần Phú, Hải Châu|")
    sitting.press("look", sender_phone="0912345678", procedure_q="khai sinh", sender_commune_q="Hải Châu")
    if 'name="step" value="commune:sender:20242"' in sitting.page.text:
        sitting.press("commune:sender:20242")
    sitting.press("save", postage="0", pickup_on=SUNDAY)
    assert "nghỉ, bưu tá không đi" in sitting.page.text
    sitting.press("save", pickup_on=TUESDAY, weight="120")
    assert "chưa đếm, cân, niêm phong được" in sitting.page.text
    sitting.press("save", weight="")
    assert sitting.page.status_code == 303, sitting.page.text
    page = lan.get(sitting.page.headers["location"]).text
    assert "đếm, niêm phong tại nhà người gửi" in page
