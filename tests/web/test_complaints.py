"""A complaint in a browser without scripts: taken at the counter, answered by the chief, told to the citizen."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request
from starlette.testclient import TestClient

from postal.domain.incident import Incident
from postal.store import Store
from postal.store import complaints as measured
from tests import cast
from tests.web import test_citizen_browser
from tests.web.conftest import PASSWORD, Clock
from tests.web.test_citizen_browser import AXE_TAGS, BUDGET, PHONE, Site
from tests.web.test_incidents import post
from tests.web.way import Way

Open = Callable[[str], TestClient]
site = test_citizen_browser.site
WORDS = "Khách báo giấy tờ đến trễ, yêu cầu hoàn cước."


@pytest.fixture
def way(web_store: Store, clock: Clock) -> Way:
    """Return a dossier at the desk, and let the clock stand then."""
    made = Way(web_store).register().to_desk()
    clock.at = made.at
    return made


def form(way: Way) -> str:
    return f"/complaints/new?about={way.code}"


def taken(client: TestClient, way: Way, store: Store) -> Incident:
    fields = {"about": way.code, "topic": "late", "note": WORDS, "request": "a" * 32}
    answer = post(client, "/complaints/new", fields, at=form(way))
    assert answer.status_code == 303, answer.text
    with store.read() as reader:
        (found,) = measured.of_things(reader, [way.code])
    assert answer.headers["location"].startswith(f"/incidents/{found.code}?said=")
    return found


def test_the_dossier_leads_to_the_form_which_says_by_when_and_why(signed_in: Open, way: Way) -> None:
    lan = signed_in("lan")
    assert f'href="{form(way)}"' in lan.get(f"/dossiers/{way.code}").text
    page = lan.get(form(way)).text
    assert "Trả lời chậm nhất, nếu nhận bây giờ" in page
    assert "thứ Hai, 23/11/2026" in page
    assert "Được khiếu nại đến thứ Hai, 17/05/2027" in page
    assert "TT 17/2017/TT-BTTTT Đ.8" in page


def test_a_complaint_is_taken_answered_and_ended_on_the_pages_of_incidents(
    signed_in: Open, way: Way, web_store: Store
) -> None:
    lan, hung = signed_in("lan"), signed_in("hung")
    record = taken(lan, way, web_store)
    here = f"/incidents/{record.code}"
    page = lan.get(here).text
    assert "Khiếu nại của khách hàng" in page
    assert WORDS in page
    assert f'href="/dossiers/{way.code}"' in page
    dossier = lan.get(f"/dossiers/{way.code}").text
    assert "chậm nhất 23/11/2026" in dossier
    assert f'href="{here}"' in dossier
    offered = hung.get(here).text
    assert 'value="rejected"' in offered
    assert 'value="relabelled"' not in offered
    assert lan.get(f"{here}/record.pdf").content.startswith(b"%PDF")
    ended = post(hung, f"{here}/settle", {"outcome": "rejected", "note": "Đã gọi khách, nhật ký đúng hẹn."}, at=here)
    assert ended.status_code == 303
    assert "Không chấp nhận khiếu nại" in lan.get(f"/dossiers/{way.code}").text


def test_nothing_typed_is_lost_and_the_sentence_stands_beside_its_field(signed_in: Open, way: Way) -> None:
    lan = signed_in("lan")
    again = post(lan, "/complaints/new", {"about": way.code, "topic": "", "note": WORDS}, at=form(way))
    assert again.status_code in (409, 422)
    assert "Chưa chọn khách khiếu nại việc gì" in again.text
    assert WORDS in again.text
    assert "<title>Lỗi: " in again.text


def test_after_six_months_the_form_says_so_and_nothing_is_taken(signed_in: Open, way: Way, clock: Clock) -> None:
    clock.at = cast.after(days=190)
    lan = signed_in("lan")
    assert "Đã hết thời hiệu khiếu nại." in lan.get(form(way)).text
    refused = post(lan, "/complaints/new", {"about": way.code, "topic": "late", "note": WORDS}, at=form(way))
    assert refused.status_code in (409, 422)
    assert "đã hết ngày 17/05/2027" in refused.text


def test_an_officer_takes_no_complaint_and_another_office_sees_no_form(signed_in: Open, way: Way) -> None:
    assert signed_in("xuan").get(form(way)).status_code == 403
    assert signed_in("be").get(form(way)).status_code == 403


def test_the_citizen_reads_by_when_the_post_answers_also_from_the_api(
    signed_in: Open, visitor: TestClient, way: Way, web_store: Store, clock: Clock
) -> None:
    record = taken(signed_in("lan"), way, web_store)
    assert "Bưu điện trả lời khiếu nại chậm nhất ngày 23/11/2026." in visitor.get(f"/{way.secret}").text
    assert "The post answers your complaint by 23/11/2026." in visitor.get(f"/{way.secret}?lang=en").text
    assert WORDS not in visitor.get(f"/{way.secret}").text
    assert "khiếu nại chậm nhất" not in visitor.get(f"/{way.code}").text, "the code alone tells no such thing"
    clock.at = record.due_at + timedelta(days=1)
    assert "đã quá ngày 23/11/2026. Bưu điện xin lỗi" in visitor.get(f"/{way.secret}").text


# --- in Chromium ------------------------------------------------------------------------------------------------------


@pytest.fixture
def gone(site: Site) -> Way:
    """Return a dossier at the desk of the running server."""
    return site.way("to_desk")


@pytest.fixture
def clerk(browser: Browser, site: Site, gone: Way) -> Iterator[Page]:
    """Return the browser of a counter clerk who signs in once the dossier is at the desk."""
    context = browser.new_context(locale="vi-VN")
    page = context.new_page()
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    yield page
    context.close()


@pytest.mark.slow
def test_axe_finds_nothing_and_the_citizens_page_stays_within_its_bytes(
    clerk: Page, browser: Browser, site: Site, gone: Way
) -> None:
    clerk.goto(f"{site.url}{form(gone)}")
    assert violations(clerk) == []
    clerk.get_by_label("Chậm").check()
    clerk.get_by_label("Nội dung").fill(WORDS)
    clerk.get_by_role("button", name="Nhận khiếu nại").click()
    assert clerk.get_by_text("Báo khách: bưu điện trả lời chậm nhất").is_visible()
    assert violations(clerk) == []
    clerk.goto(f"{site.url}/dossiers/{gone.code}")
    assert violations(clerk) == []
    phone = browser.new_context(viewport=PHONE, locale="vi-VN", java_script_enabled=False).new_page()
    requests: list[Request] = []
    phone.on("requestfinished", lambda request: requests.append(request))  # noqa: PLW0108 - it marks what it is given
    phone.goto(f"{site.url}/{gone.secret}")
    assert phone.get_by_text(re.compile("trả lời khiếu nại chậm nhất ngày")).is_visible()
    sizes = [request.sizes() for request in requests]
    assert sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes) < BUDGET
    phone.context.close()


def violations(page: Page) -> list[str]:
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
    return [violation["id"] for violation in results.response["violations"]]
