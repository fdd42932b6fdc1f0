"""Saying sorry before it is late: the list, the letter, the dossier's clocks, the choice of counting, the citizen."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from httpx2 import Response
from playwright.sync_api import Page
from starlette.testclient import TestClient

from postal.domain.clocks import PausePolicy
from postal.domain.people import Account, Role
from postal.services import accounts
from postal.store import Store
from tests import cast
from tests.services.cases import Case
from tests.web import test_citizen_browser
from tests.web.conftest import MONDAY, PASSWORD, Clock
from tests.web.test_citizen_browser import AXE_TAGS, Site

Open = Callable[[str], TestClient]
site = test_citizen_browser.site


def with_head(store: Store) -> None:
    """Let somebody lead the commune's desk."""
    roles = frozenset({Role.DESK_OFFICER, Role.CONTROLLER})
    account = Account(
        username="yen", name="Hà Hải Yến", place=cast.COMMUNE_DESK, roles=roles, entitled=(cast.commune_desk.key,)
    )
    accounts.create(store, account, password=PASSWORD, at=MONDAY)


@pytest.fixture
def case(web_store: Store) -> Case:
    """Return a dossier that the desk received on Monday for five working days."""
    with_head(web_store)
    return Case(web_store).with_policy(PausePolicy.PAUSE).received()


@pytest.fixture
def head(case: Case, signed_in: Open, clock: Clock) -> TestClient:
    """Return the browser of the head of the desk on Friday, the last day for an apology."""
    clock.at = cast.after(days=4)
    return signed_in("yen")


def send(browser: TestClient, path: str, **fields: str) -> Response:
    text = browser.get("/desk").text
    token = text.split('name="csrf" value="', 1)[1].split('"', 1)[0]
    return browser.post(path, data={"csrf": token, **fields})


def test_the_list_has_the_dossier_with_its_drafted_cause(head: TestClient, case: Case) -> None:
    assert "Sắp trễ, cần xin lỗi (1)" in head.get("/desk").text
    page = head.get("/apologies").text
    assert f"{case.code[:5]}-{case.code[5:]}" in page
    assert "chờ chuyển cơ quan giải quyết" in page
    assert "23/11/2026" in page


def test_nobody_of_the_post_sees_the_list(case: Case, signed_in: Open) -> None:
    assert signed_in("lan").get("/apologies").status_code == 403


def test_the_head_signs_and_the_citizen_reads_the_new_day(
    head: TestClient, case: Case, visitor: TestClient, clock: Clock
) -> None:
    form = head.get(f"/desk/{case.code}").text
    assert "Ký xin lỗi và hẹn lại" in form
    wrong = send(head, f"/desk/{case.code}/extend", new_due_on="28/11/2026", cause="chờ xác minh")
    assert (wrong.status_code, "là ngày nghỉ" in wrong.text, "chờ xác minh" in wrong.text) == (422, True, True)
    done = send(head, f"/desk/{case.code}/extend", new_due_on="27/11/2026", cause="chờ xác minh nơi cư trú")
    assert done.status_code == 303
    page = head.get(f"/desk/{case.code}").text
    assert "Đã xin lỗi và hẹn lại thứ Sáu, 27/11/2026" in page
    assert "Hà Hải Yến" in page
    assert "Không có hồ sơ nào sắp đến hạn" in head.get("/apologies").text
    clock.at = cast.after(days=9)
    told = visitor.get(f"/{case.made.receipt.secret}").text
    assert "Đã quá ngày hẹn 1 ngày làm việc." in told
    assert "xin lỗi ông/bà và hẹn lại: thứ Sáu, 27/11/2026." in told
    assert "Lý do: nhập mã PIN để xem." in told
    assert "chờ xác minh" not in told
    receipt = case.made.receipt
    by_qr = visitor.post("/api/v1/track", json={"secret": receipt.secret}).json()
    assert (by_qr["moved"]["was_on"], by_qr["moved"]["new_on"]) == ("2026-11-23", "2026-11-27")
    assert "cause" not in by_qr
    by_pin = visitor.post("/api/v1/track", json={"code": case.code, "pin": receipt.pin}).json()
    assert by_pin["cause"] == "chờ xác minh nơi cư trú"


def test_an_officer_reads_the_draft_and_may_not_sign(case: Case, signed_in: Open, clock: Clock) -> None:
    clock.at = cast.after(days=4)
    browser = signed_in("xuan")
    page = browser.get(f"/desk/{case.code}").text
    assert "Người phụ trách đơn vị ký" in page
    assert "Ký xin lỗi và hẹn lại" not in page
    refused = send(browser, f"/desk/{case.code}/extend", new_due_on="27/11/2026", cause="x")
    assert refused.status_code in (403, 422)


def test_the_dossier_page_has_every_clock_with_its_steps_and_who_spent_the_time(case: Case, signed_in: Open) -> None:
    page = signed_in("lan").get(f"/dossiers/{case.code}").text
    for name in ("Thời hạn giải quyết của cơ quan", "Chuyển hồ sơ đến cơ quan", "Xin lỗi và hẹn lại"):
        assert name in page
    assert "Đồng hồ chưa chạy" in page
    assert "Người dân được khiếu nại đến" in page
    assert "Ai đã dùng thời gian" in page
    assert "Theo ngày của Bộ luật Dân sự" in page
    assert "TT 17/2017/TT-BTTTT Đ.7" in page


def test_a_desk_chooses_how_it_counts_and_a_post_office_does_not(head: TestClient, signed_in: Open) -> None:
    page = head.get("/policies").text
    assert "Đếm ngày thế nào" in page
    assert "chưa xác minh" in page
    assert "Đếm ngày thế nào" not in signed_in("hung").get("/policies").text
    refused = send(head, "/policies/counting", value="hours_practice", basis="")
    assert (refused.status_code, "Chưa ghi căn cứ" in refused.text) == (422, True)
    assert send(head, "/policies/counting", value="hours_practice", basis="QC 12").status_code == 303
    wrong = send(head, "/policies/hours", value="7 giờ", basis="QC 12")
    assert (wrong.status_code, "Không đọc được giờ" in wrong.text) == (422, True)
    assert send(head, "/policies/hours", value="08:00-12:00,13:00-17:00", basis="QC 12").status_code == 303
    assert send(head, "/policies/bừa", value="x").status_code == 422
    page = head.get("/policies").text
    assert 'value="hours_practice" checked' in page
    assert "08:00-12:00,13:00-17:00" in page


def sign_in(page: Page) -> None:
    page.get_by_label("Tên đăng nhập").fill("yen")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()


@pytest.mark.slow
def test_axe_finds_nothing_and_a_phone_shows_every_column(page: Page, site: Site) -> None:
    with_head(site.store)
    case = Case(site.store, seed=77).with_policy(PausePolicy.PAUSE).received()
    site.clock.at = cast.after(days=4)
    page.goto(f"{site.url}/sign-in")
    sign_in(page)
    found: dict[str, list[str]] = {}
    for path in ("/apologies", f"/desk/{case.code}", f"/dossiers/{case.code}", "/policies"):
        page.goto(f"{site.url}{path}")
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        results = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
        found[path] = [each["id"] for each in results.response["violations"]]
    assert not any(found.values()), found
    site.clock.at = cast.after(days=9)
    page.set_viewport_size({"width": 390, "height": 844})
    for path, column in (("/apologies", "Lý do soạn sẵn"), ("/late", "Trạng thái")):
        page.goto(f"{site.url}{path}")
        if "/sign-in" in page.url:
            sign_in(page)
        box = page.locator(f'td[data-column="{column}"]').first.bounding_box()
        assert box is not None
        assert (box["x"] >= 0, box["x"] + box["width"] <= 390, box["width"] > 300) == (True, True, True), path
        results = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
        assert [each["id"] for each in results.response["violations"]] == []
