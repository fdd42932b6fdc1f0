"""Lanes, delegations, lineage and the question who decides, as their keepers and the clerks see them."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from postal.store import Store
from tests.web.filling import FormOnPage

Open = Callable[[str], TestClient]

LANE = {
    "origin": "551000",
    "destination": "MC-20410",
    "carrier": "Bưu điện thành phố Đà Nẵng",
    "tier_days": "1",
    "cutoff": "16:00",
    "valid_from": "01/12/2026",
    "basis": "QĐ 5/QĐ-BĐ",
}


@pytest.fixture
def admin(signed_in: Open) -> TestClient:
    return signed_in("quantri")


def post(browser: TestClient, path: str, at: str, fields: dict[str, str]) -> tuple[int, str]:
    """Send a form of a page as a browser would; return the status and what came back."""
    page = FormOnPage(action=path)
    page.feed(browser.get(at).text)
    answer = browser.post(path, data={**page.fields, **fields})
    return answer.status_code, answer.headers.get("location", answer.text)


@pytest.mark.parametrize("path", ["/lanes", "/delegations", "/successions"])
def test_only_who_keeps_the_catalogue_sees_and_changes_it(signed_in: Open, visitor: TestClient, path: str) -> None:
    assert signed_in("quantri").get(path).status_code == 200
    assert signed_in("lan").get(path).status_code == 403
    assert visitor.get(path).headers["location"].startswith("/sign-in")


def test_a_lane_is_added_filtered_and_ended(admin: TestClient, web_store: Store) -> None:
    assert post(admin, "/lanes", "/lanes", LANE)[0] == 303
    assert "551000-MC-20410" not in admin.get("/lanes?q=hoi+an").text, "it has not begun"
    shown = admin.get("/lanes?q=hoi+an&every=1").text
    assert "551000-MC-20410" in shown
    assert "từ 01/12/2026" in shown
    assert "không áp dụng hôm nay" in shown
    ended = post(admin, "/lanes/551000-MC-20410/end", "/lanes?every=1", {"last_551000-MC-20410": "31/12/2026"})
    assert ended[0] == 303
    with web_store.read() as reader:
        lane = reader.reference.lane_named("551000-MC-20410")
    assert lane is not None
    assert str(lane.valid_to) == "2026-12-31"


@pytest.mark.parametrize("tier", ["0", "-1", "J+0", "nhanh", "31", ""])
def test_a_tier_that_is_none_is_refused_and_nothing_typed_is_lost(admin: TestClient, tier: str) -> None:
    status, page = post(admin, "/lanes", "/lanes", LANE | {"tier_days": tier})
    assert status == 422
    assert "Ghi số ngày làm việc từ 1 đến 30" in page
    assert "QĐ 5/QĐ-BĐ" in page


def test_two_lanes_for_the_same_ends_on_one_day_are_refused(admin: TestClient) -> None:
    post(admin, "/lanes", "/lanes", LANE)
    status, page = post(admin, "/lanes", "/lanes", LANE | {"tier_days": "2"})
    assert status == 422
    assert "trùng ngày với tuyến 551000-MC-20410" in page


def test_a_delegation_is_added_decides_from_its_day_and_is_ended(admin: TestClient) -> None:
    fields = {
        "authority": "SO-48-XD",
        "delegate": "UB-20242",
        "procedure": "1.012910",
        "valid_from": "16/11/2026",
        "basis": "QĐ 7/QĐ-SXD",
    }
    assert post(admin, "/delegations", "/delegations", fields)[0] == 303
    assert "Thủ tục 1.012910" in admin.get("/delegations").text
    again = post(admin, "/delegations", "/delegations", fields)
    assert again[0] in (409, 422)
    assert "trùng thời gian với ủy quyền UQ-SO-48-XD" in again[1]
    told = admin.get("/competence?procedure=1.012910&address=phường Hội An, Đà Nẵng").text
    assert "ủy quyền thủ tục 1.012910" in told
    assert "QĐ 7/QĐ-SXD" in told
    ended = post(admin, "/delegations/UQ-SO-48-XD/end", "/delegations", {"last_UQ-SO-48-XD": "16/11/2026"})
    assert ended[0] == 303


def test_a_merged_commune_chosen_leads_to_the_continuing_one_and_says_so(admin: TestClient) -> None:
    fields = {"unit": "20260", "fate": "merged", "successors": "20314", "valid_from": "16/11/2026", "basis": "NQ 9"}
    assert post(admin, "/successions", "/successions", fields)[0] == 303
    assert "Nhập vào đơn vị khác" in admin.get("/successions").text
    told = admin.get("/competence?procedure=1.001193&address=phường Cẩm Lệ, Đà Nẵng").text
    assert "nhập vào đơn vị khác từ 16/11/2026" in told
    assert "NQ 9" in told
    wrong = post(admin, "/successions", "/successions", fields | {"unit": "20314", "successors": ""})
    assert wrong[0] == 422
    assert "đúng một đơn vị kế thừa" in wrong[1]


def test_a_clerk_asks_who_decides_and_chooses_for_a_divided_ward(signed_in: Open) -> None:
    clerk = signed_in("lan")
    assert clerk.get("/competence").status_code == 200
    typed = "xã Hòa Liên, huyện Hòa Vang, Đà Nẵng"
    asked = {"procedure": "khai sinh", "address": typed, "handed_in": "551000"}
    page = clerk.get("/competence", params=asked).text
    assert 'name="chosen" value="20194"' in page
    assert 'name="chosen" value="20197"' in page
    chosen = clerk.get("/competence", params={**asked, "read": typed, "chosen": "20194"}).text
    assert "Ủy ban nhân dân phường Hải Vân" in chosen
    assert typed in chosen
    other = clerk.get("/competence", params={**asked, "address": "phường Hội An", "read": typed, "chosen": "20194"})
    assert "Ủy ban nhân dân phường Hội An" in other.text, "a choice counts for the address it was made for"


def test_a_desk_of_another_province_is_told_that_the_post_carries_it(signed_in: Open) -> None:
    asked = {"procedure": "1.001193", "address": "phường Hội An, Đà Nẵng", "handed_in": "MC-00070"}
    page = signed_in("lan").get("/competence", params=asked).text
    assert "không được nhận" in page
    assert "Gửi qua bưu điện đến Trung tâm Phục vụ hành chính công phường Hội An" in page


def test_a_land_procedure_outside_its_boundary_is_taken_on_line_only_but_the_post_carries_it(signed_in: Open) -> None:
    asked = {"procedure": "1.012783", "address": "phường Hội An, Đà Nẵng", "handed_in": "MC-20410"}
    page = signed_in("lan").get("/competence", params=asked).text
    assert "chỉ nhận trên mạng" in page
    assert "3907/QĐ-BNNMT" in page
    assert "Gửi qua bưu điện đến Trung tâm Phục vụ hành chính công thành phố Đà Nẵng" in page


def test_what_cannot_be_answered_says_what_to_type(signed_in: Open) -> None:
    clerk = signed_in("lan")
    assert "Ghi địa chỉ của vụ việc" in clerk.get("/competence?procedure=1.001193").text
    assert "Ghi rõ tên xã, phường" in clerk.get("/competence?procedure=1.001193&address=Ở đâu đó").text
    unknown = clerk.get("/competence?procedure=1.001193&address=phường Hội An, Đà Nẵng&handed_in=XX")
    assert unknown.status_code == 422
    assert (
        "nhờ quản trị nhập danh mục" in clerk.get("/competence?procedure=1.001193&address=phường Sài Gòn, TP HCM").text
    )
