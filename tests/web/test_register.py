"""The register of a desk and its forms in the browser: look, print, take as a file, close; nothing axe finds."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, ViewportSize
from sqlalchemy import select
from starlette.testclient import TestClient

from postal.domain.events import Receiver, ReceptionMode, ReturnWay, Service
from postal.domain.people import Account, Role
from postal.services import accounts, delivery, registration, verification
from postal.services.registration import PaperEntry, Registration
from postal.store import Store
from postal.store.tables import AuditRow, table_of
from tests import cast
from tests.labels import paper
from tests.web import filling, test_citizen_browser
from tests.web.conftest import MONDAY, PASSWORD, Clock
from tests.web.test_asking_browser import faults
from tests.web.test_citizen_browser import Site
from tests.web.way import Way, gone_to, lan

Open = Callable[[str], TestClient]
site = test_citizen_browser.site
WIDE = ViewportSize(width=1280, height=900)
BOOK = "/register/so-theo-doi"


def make_head(store: Store) -> None:
    """Give the desk of Hải Châu its head."""
    roles = frozenset({Role.DESK_OFFICER, Role.CONTROLLER})
    account = Account(username="hien", name="Phan Thu Hiền", place=cast.COMMUNE_DESK, roles=roles)
    accounts.create(store, account, password=PASSWORD, at=MONDAY)


@pytest.fixture
def way(web_store: Store, clock: Clock) -> Way:
    gone = gone_to(web_store, "received")
    clock.at = gone.later()
    return gone


def close(browser: TestClient, **typed: str) -> int:
    form = filling.FormOnPage("/register/close")
    form.feed(browser.get("/register").text)
    return browser.post("/register/close", data={**form.fields, **typed}).status_code


def test_the_desk_looks_at_its_register_and_takes_it_as_paper_workbook_and_csv(way: Way, signed_in: Open) -> None:
    browser = signed_in("xuan")
    page = browser.get("/register?year=2026&month=11").text
    for said in ("Sổ theo dõi hồ sơ", "Mẫu số 07", way.official, "Mâyxanh Camngọt", "Tháng 11 (1)", "Đang ghi"):
        assert said in page
    query = "year=2026&book=1&month=11"
    words = paper.text(browser.get(f"{BOOK}.pdf?{query}").content)
    for said in (way.official, "Năm 2026 · Quyển số 01 · Tháng 11", "Tháng 11 có 1 hồ sơ, từ số 01 đến số 01."):
        assert paper.squeezed(said) in paper.squeezed(words)
    assert browser.get(f"{BOOK}.xlsx?{query}").content.startswith(b"PK")
    _, only = csv.reader(io.StringIO(browser.get(f"{BOOK}.csv?{query}").content.decode("utf-8-sig"), newline=""))
    assert only[:2] == ["01", way.official]
    assert only[4:7] == ["Mâyxanh Camngọt", "Ngách Nhãnlồng", "0905000002"]
    assert only[8:10] == ["16/11/2026", "19/11/2026"]


def test_every_look_and_every_file_leaves_a_line_in_the_audit_trail(way: Way, signed_in: Open) -> None:
    browser = signed_in("xuan")
    browser.get("/register")
    browser.get(f"{BOOK}.csv?year=2026")
    browser.get(f"/forms/{way.code}/giay-tiep-nhan.pdf")
    with way.store.read() as reader:
        table = table_of(AuditRow)
        whats = [tuple(row) for row in reader.rows(select(table.c.what, table.c.subject))]
    assert ("register_seen", cast.COMMUNE_DESK) in whats
    assert ("register_exported", cast.COMMUNE_DESK) in whats
    assert ("form_printed", way.code) in whats


def test_only_the_desk_has_a_register(signed_in: Open, visitor: TestClient) -> None:
    for name in ("lan", "son", "quantri"):
        assert signed_in(name).get("/register").status_code == 403
        assert signed_in(name).get(f"{BOOK}.csv?year=2026").status_code == 403
    assert visitor.get("/register").status_code == 303
    assert "chưa tiếp nhận hồ sơ nào" in signed_in("mai").get("/register").text
    assert signed_in("mai").get(f"{BOOK}.pdf?year=2026").status_code == 422
    assert signed_in("mai").get(f"{BOOK}.pdf?year=rác&month=99").status_code == 422


def test_the_head_closes_the_book_and_what_comes_later_goes_into_the_next_one(
    way: Way, signed_in: Open, clock: Clock
) -> None:
    make_head(way.store)
    head = signed_in("hien")
    before = head.get(f"{BOOK}.pdf?year=2026&book=1").content
    assert close(head) == 422, "nobody closes a book by a slip of the hand"
    assert close(head, sure="1") == 303
    page = head.get("/register").text
    assert "Đã khóa" in page
    assert "Phan Thu Hiền" in page
    assert head.post("/register/close", data={"year": "2026", "book": "1", "sure": "1"}).status_code == 403
    closed = head.get(f"{BOOK}.pdf?year=2026&book=1").content
    assert closed != before
    assert "Phan Thu Hiền" in paper.text(closed)

    later = gone_to(way.store, "received", seed=12)
    clock.at = later.later(days=30)
    with way.store.read() as reader:
        entry = reader.register.of_dossiers([later.code])[later.code]
    assert (entry.serial, entry.number) == (2, 2)
    assert verification.verify(way.store).is_sound


def test_a_closed_book_is_printed_the_same_whatever_happens_later(
    web_store: Store, signed_in: Open, clock: Clock
) -> None:
    way = gone_to(web_store, "at_office")
    make_head(web_store)
    clock.at = way.later()
    head = signed_in("hien")
    assert close(head, sure="1") == 303
    closed = head.get(f"{BOOK}.csv?year=2026&book=1").content
    way._pass(way.result, giver=cast.hung, receiver=lan, to=cast.counter)
    delivered(way)
    clock.at = way.later(days=400)
    head = signed_in("hien")
    assert head.get(f"{BOOK}.csv?year=2026&book=1").content == closed
    assert way.dossier().returned_at is not None


def delivered(way: Way) -> None:
    delivery.deliver_at_counter(
        way.store,
        way.result,
        receiver=Receiver.ADDRESSEE,
        identity_checked=True,
        authorisation_shown=False,
        proof=b"signature",
        media_type="image/png",
        by=lan,
        at=way.later(),
    )


def test_who_is_not_the_head_does_not_close_a_book(way: Way, signed_in: Open) -> None:
    browser = signed_in("xuan")
    assert "Khóa sổ</button>" not in browser.get("/register").text
    form = filling.FormOnPage("/find")
    form.feed(browser.get("/find").text)
    answer = browser.post(
        "/register/close", data={"csrf": form.fields.get("csrf", ""), "year": "2026", "book": "1", "sure": "1"}
    )
    assert answer.status_code in (403, 422)
    with way.store.read() as reader:
        (book,) = reader.register.books(cast.COMMUNE_DESK)
    assert not book.is_closed


def test_a_book_of_a_year_that_is_over_asks_to_be_closed(way: Way, signed_in: Open, clock: Clock) -> None:
    clock.at = datetime(2027, 1, 4, 2, 0, tzinfo=UTC)
    page = signed_in("xuan").get("/register?year=2026").text
    assert "Chưa khóa" in page


def test_the_forms_that_apply_are_links_on_the_desks_page_one_click_each(way: Way, signed_in: Open) -> None:
    browser = signed_in("xuan")
    page = browser.get(f"/desk/{way.code}").text
    for kind, label in (("giay-tiep-nhan", "In Mẫu 01"), ("phieu-kiem-soat", "In Mẫu 06")):
        assert f'href="/forms/{way.code}/{kind}.pdf"' in page
        assert label in page
        answer = browser.get(f"/forms/{way.code}/{kind}.pdf")
        assert answer.headers["content-type"] == "application/pdf"
        assert "inline" in answer.headers["content-disposition"]
    assert 'data-key="F8"' in page
    assert browser.get(f"/forms/{way.code}/tu-choi.pdf").status_code == 422
    assert browser.get(f"/forms/{way.code}/khong-co.pdf").status_code in (404, 422)
    assert signed_in("mai").get(f"/forms/{way.code}/giay-tiep-nhan.pdf").status_code == 404
    assert signed_in("dung").get(f"/forms/{way.code}/giay-tiep-nhan.pdf").status_code == 403


def test_the_hand_over_of_results_is_printed_for_its_two_sides(web_store: Store, signed_in: Open, clock: Clock) -> None:
    way = gone_to(web_store, "collected")
    clock.at = way.later()
    browser = signed_in("xuan")
    assert f'href="/forms/results/{way.handover}.pdf"' in browser.get(f"/handovers/{way.handover}").text
    answer = browser.get(f"/forms/results/{way.handover}.pdf")
    assert paper.squeezed("PHIẾU BÀN GIAO KẾT QUẢ") in paper.squeezed(paper.text(answer.content))
    assert signed_in("mai").get(f"/forms/results/{way.handover}.pdf").status_code == 404


@pytest.mark.slow
def test_nothing_is_in_the_way_of_a_head_who_closes_the_book(page: Page, site: Site) -> None:
    way = site.way("received")
    make_head(site.store)
    page.set_viewport_size(WIDE)
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("Tên đăng nhập").fill("hien")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    found: dict[str, list[str]] = {}
    for path in (f"/desk/{way.code}", "/register"):
        page.goto(site.url + path)
        found[path] = faults(page)
    page.locator("summary", has_text="Khóa sổ").click()
    page.get_by_role("button", name="Khóa sổ").click()
    assert page.locator(".problems").is_visible()
    found["refused"] = faults(page)
    page.get_by_label("Tôi là người phụ trách và ký khóa sổ này").check()
    page.get_by_role("button", name="Khóa sổ").click()
    assert page.get_by_text("Đã khóa sổ năm 2026, quyển 01.").is_visible()
    found["closed"] = faults(page)
    assert found == {name: [] for name in found}


def test_an_office_that_receives_for_the_authority_prints_form_01_with_one_click(
    web_store: Store, signed_in: Open
) -> None:
    form = Registration(
        service=Service.BOTH,
        procedure="1.004873",
        sender=cast.khanh,
        case_commune="20242",
        return_way=ReturnWay.HOME,
        papers=(PaperEntry(name="Tờ khai", originals=1),),
        why_incomplete="Khách nộp đủ theo trang của cơ quan",
        seal="881245",
        mode=ReceptionMode.B,
        official_code="H48.17-261116-0777",
    )
    made = registration.register(web_store, form, by=lan, at=cast.monday, below=cast.below(41))
    href = f"/forms/{made.dossier.code}/giay-tiep-nhan.pdf"
    browser = signed_in("lan")
    assert f'href="{href}"' in browser.get(f"/dossiers/{made.dossier.code}").text
    words = paper.squeezed(paper.text(browser.get(href).content))
    for said in ("H48.17-261116-0777", "Nguyễn Văn Khánh", "049205000137", "Số thứ tự: 01"):
        assert paper.squeezed(said) in words
