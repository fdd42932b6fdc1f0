"""Vị trí địa chỉ: who sees where doors are, how one is corrected, what is refused beside its field."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from postal.domain import codes
from postal.store import Store
from tests import arrivals, cast
from tests.arrivals import hanh, tam
from tests.web import delivering
from tests.web.conftest import Clock
from tests.web.delivering import sent

Open = Callable[[str], TestClient]


@pytest.fixture
def waits(web_store: Store, password_hash: str) -> str:
    """Return the code of a result that waits for its door; another one's door was taught by a delivery."""
    arrivals.keep_postmen(web_store, password_hash=password_hash)
    first, _ = arrivals.sorted_in(web_store, arrivals.registered(web_store, hanh, tam))
    with web_store.begin(at=cast.monday) as ledger:
        ledger.points.teach(tam.commune, tam.address, lat=16.045, lon=108.222, accuracy_m=9)
    return first


def test_the_doors_that_are_poorly_known_come_first(waits: str, signed_in: Open) -> None:
    page = signed_in("hung").get("/addresses").text
    assert page.index(hanh.address) < page.index(tam.address)
    assert "Giữa xã, phường" in page
    assert "1 lần phát" in page
    assert "±9 m" in page
    assert 'href="/addresses"' in page, "in the menu"


def test_a_door_is_corrected_and_the_correction_taken_back(waits: str, signed_in: Open, web_store: Store) -> None:
    clerk = signed_in("lan")
    door = f"/addresses/{waits}"
    assert "Chỉ biết xã, phường" in clerk.get(door).text
    answer = sent(clerk, door, point="https://www.google.com/maps/@16.0712,108.2243,18z")
    assert answer.status_code == 303
    page = clerk.get(answer.headers["location"]).text
    assert "Đã lưu vị trí." in page
    assert "16.071200, 108.224300" in page
    assert "Người sửa: Lan" in page
    answer = sent(clerk, f"{door}/take-back", page=door)
    page = clerk.get(answer.headers["location"]).text
    assert "Lan bỏ ngày 16/11/2026" in page
    assert "Chỉ biết xã, phường" in page
    assert ("lan", "door_seen", waits) in delivering.audited(web_store)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Dán tọa độ, Plus Code hoặc liên kết bản đồ"),
        ("108.2243, 16.0712", "Hai số bị đổi chỗ"),
        ("0, 0", "máy chưa biết vị trí"),
        ("60.17, 24.94", "ngoài Việt Nam"),
        ("https://maps.app.goo.gl/x", "Liên kết rút gọn"),
        ("<script>alert(1)</script>", "Chưa đọc được vị trí"),
    ],
)
def test_what_is_no_point_is_refused_beside_its_field(waits: str, signed_in: Open, typed: str, sentence: str) -> None:
    answer = sent(signed_in("hung"), f"/addresses/{waits}", point=typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<title>Lỗi: " in answer.text
    assert "<script>alert" not in answer.text


def test_a_point_far_away_is_asked_about_and_then_taken(waits: str, signed_in: Open) -> None:
    head = signed_in("hung")
    answer = sent(head, f"/addresses/{waits}", point="16.4637, 107.5909")
    assert answer.status_code == 422
    assert "Đã xem, điểm này đúng" in answer.text
    assert 'value="16.4637, 107.5909"' in answer.text, "nothing typed is lost"
    assert sent(head, f"/addresses/{waits}", point="16.4637, 107.5909", sure="1").status_code == 303


def test_a_code_leads_to_its_door_and_nothing_typed_becomes_an_address(waits: str, signed_in: Open) -> None:
    head = signed_in("hung")
    assert sent(head, "/addresses", q=codes.shown(waits).lower()).headers["location"] == f"/addresses/{waits}"
    missed = sent(head, "/addresses", q="15 Bạch Đằng")
    assert missed.status_code == 422
    assert "<title>Lỗi: " in missed.text
    assert sent(head, "/addresses", q="").status_code == 422


def test_a_dossier_leads_to_its_item_here(waits: str, signed_in: Open, web_store: Store) -> None:
    with web_store.read() as reader:
        dossier = reader.rounds.items([waits])[waits].dossier
    assert sent(signed_in("hung"), "/addresses", q=dossier).headers["location"] == f"/addresses/{waits}"
    assert sent(signed_in("be"), "/addresses", q=dossier).status_code == 422, "not at this office"


def test_only_those_who_may_see_people_at_this_office_see_its_doors(waits: str, signed_in: Open) -> None:
    for stranger in ("dung", "quantri", "khoa", "phat", "xuan"):
        assert signed_in(stranger).get("/addresses").status_code == 403
    assert signed_in("be").get(f"/addresses/{waits}").status_code == 403
    assert hanh.address not in signed_in("be").get("/addresses").text
    assert signed_in("hung").get("/addresses/P3FHJ8QXV9").status_code == 404


def test_an_office_without_anything_waiting_says_so(signed_in: Open, clock: Clock) -> None:
    assert "không có địa chỉ nào đang chờ" in signed_in("hung").get("/addresses").text
