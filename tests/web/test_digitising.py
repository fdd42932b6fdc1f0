"""Digitising in the browser: one press a paper, nothing typed is lost, who may see what, and how it is served."""

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote

import pytest
from fastapi import FastAPI
from httpx2 import Response
from sqlalchemy import text
from starlette.testclient import TestClient

from postal.domain.dossier import Dossier
from postal.domain.procedures import PaperRequired
from postal.gateways import files
from postal.services import registration, sheets
from postal.store import Store
from postal.web import security
from tests import cast, scanned
from tests.scanned import Sheet
from tests.web.conftest import STAFF
from tests.web.way import Way, gone_to
from tests.web.way import lan as clerk

Open = Callable[[str], TestClient]


@pytest.fixture(autouse=True)
def shelf(app: FastAPI) -> files.ObjectFiles:
    """Give the application a place for files."""
    app.state.shelf = files.in_memory()
    found: files.ObjectFiles = app.state.shelf
    return found


@pytest.fixture
def way(web_store: Store) -> Way:
    """Return a dossier of two papers, registered at the counter."""
    return gone_to(web_store, "", seed=4)


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    return found[1]


def send(client: TestClient, path: str, *, stack: bytes | None = None, **typed: object) -> Response:
    """Send a form of a page, with a file or without."""
    fields = {"csrf": csrf(client.get(path).text), **typed}
    sent = {"stack": ("quet.pdf", stack, "application/pdf")} if stack is not None else {"none": ("", b"")}
    return client.post(path, data=fields, files=sent)


def waiting(page: str) -> list[str]:
    return re.findall(r'name="page" value="([0-9a-f]{64})"', page)


def said(answer: Response) -> str:
    assert answer.status_code == 303, answer.text
    return unquote(answer.headers["location"])


def dossier(store: Store, code: str) -> Dossier:
    with store.read() as reader:
        found = reader.thing(Dossier, code)
    assert found is not None
    return found


# --- the way of a paper -----------------------------------------------------------------------------------------------


def test_one_upload_and_one_press_a_paper_digitise_a_dossier(signed_in: Open, web_store: Store, way: Way) -> None:
    lan, path = signed_in("lan"), f"/digitise/{way.code}"
    stack = scanned.stack([Sheet(label=way.item), Sheet(text="Trang hai"), Sheet(text="Sổ cũ")])
    assert f"{path}?said=Đã nhận 3 trang." in said(send(lan, "/digitise", stack=stack))
    pages = waiting(lan.get(path).text)
    assert len(pages) == 3
    assert "2 trang vào giấy tờ số 1. Còn 1 giấy tờ." in said(send(lan, path, line="1", upto=pages[1]))
    page = lan.get(path).text
    assert '<option value="2" selected>' in page, "the next paper is chosen already"
    assert "Mọi giấy tờ cần số hóa đã xong." in said(send(lan, path, line="2", upto=pages[2]))
    page = lan.get(path).text
    assert "Đã số hóa 2/2 giấy tờ" in page
    assert waiting(page) == []
    assert dossier(web_store, way.code).is_digitised
    assert "Đã số hóa" in lan.get(f"/dossiers/{way.code}").text
    assert "Số hóa giấy tờ số 1: 2 trang." in lan.get(f"/dossiers/{way.code}").text


def test_ticked_pages_are_filed_in_their_order_and_the_rest_waits(signed_in: Open, web_store: Store, way: Way) -> None:
    lan, path = signed_in("lan"), f"/digitise/{way.code}"
    send(lan, path, step="upload", stack=scanned.stack([Sheet(), Sheet(), Sheet()]))
    pages = waiting(lan.get(path).text)
    send(lan, path, step="file", line="2", page=[pages[2], pages[0]], valid_to="31/12/2027")
    scan = dossier(web_store, way.code).scan_of(2)
    assert scan is not None
    assert (scan.pages, f"{scan.valid_to:%d/%m/%Y}") == (2, "31/12/2027")
    assert waiting(lan.get(path).text) == [pages[1]]


def test_what_is_wrong_stands_beside_its_field_and_the_ticks_stay(signed_in: Open, way: Way) -> None:
    lan, path = signed_in("lan"), f"/digitise/{way.code}"
    send(lan, path, step="upload", stack=scanned.stack([Sheet()]))
    (page,) = waiting(lan.get(path).text)
    answer = send(lan, path, step="file", line="1", page=page, valid_to="31/31/2027")
    assert answer.status_code == 422
    assert "<title>Lỗi: " in answer.text
    assert f'value="{page}" checked' in answer.text
    assert 'value="31/31/2027"' in answer.text
    assert send(lan, path, step="file", line="1").status_code == 422


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "Tệp trống"), (b"PK\x03\x04", "không phải PDF, JPEG"), (b"%PDF-1.7 x", "không phải PDF")],
    ids=["empty", "zip", "no pdf"],
)
def test_a_file_that_cannot_be_taken_says_why_on_the_form(
    signed_in: Open, way: Way, content: bytes, words: str
) -> None:
    for path, more in (("/digitise", {}), (f"/digitise/{way.code}", {"step": "upload"})):
        answer = send(signed_in("lan"), path, stack=content, **more)
        assert answer.status_code == 422
        assert words in answer.text
        assert 'id="stack-problem"' in answer.text


def test_without_a_file_the_form_comes_back(signed_in: Open) -> None:
    assert "Tệp trống" in send(signed_in("lan"), "/digitise").text


def test_five_hundred_pages_are_refused_and_nothing_is_kept(
    signed_in: Open, web_store: Store, shelf: files.ObjectFiles
) -> None:
    many = scanned.plain("\n#pagebreak()\n".join("." for _ in range(500)))
    answer = send(signed_in("lan"), "/digitise", stack=many)
    assert answer.status_code == 422
    assert "500 trang, mỗi lần nhận tối đa 200" in answer.text
    assert list(shelf.names()) == []
    with web_store.read() as reader:
        assert reader.stacks.waiting_at(cast.OFFICE) == {}


def test_a_form_larger_than_a_stack_is_stopped_and_other_forms_are_no_larger_than_before(signed_in: Open) -> None:
    lan = signed_in("lan")
    answer = send(lan, "/digitise", stack=bytes(security.LARGEST_STACK))
    assert answer.status_code == 413
    assert "tối đa 60 MB" in answer.text
    too_much = {"photo": ("anh.jpg", bytes(security.LARGEST_BODY), "image/jpeg")}
    answer = lan.post("/incidents/new", data={"csrf": "x"}, files=too_much)
    assert answer.status_code == 413
    assert "ảnh nhỏ hơn 10 MB" in answer.text


def test_the_same_file_again_says_so(signed_in: Open, way: Way) -> None:
    lan, stack = signed_in("lan"), scanned.stack([Sheet(label=way.code), Sheet()])
    send(lan, "/digitise", stack=stack)
    again = said(send(lan, "/digitise", stack=stack))
    assert "đã được nhận trước đó" in again
    assert f"Đang chờ: {way.code[:5]}-{way.code[5:]}: 2 trang" in again, "whoever looks for the pages is told where"


# --- held -------------------------------------------------------------------------------------------------------------


def test_held_pages_are_shown_and_go_where_a_person_says(signed_in: Open, way: Way) -> None:
    lan = signed_in("lan")
    answer = said(send(lan, "/digitise", stack=scanned.stack([Sheet(), Sheet(label=way.code)])))
    assert "1 trang chưa biết của hồ sơ nào" in answer
    assert "Trang để riêng: 1" in lan.get("/digitise").text
    page = lan.get("/digitise/held").text
    assert "trước trang này không có nhãn nào" in page
    (held,) = waiting(page)
    wrong = send(lan, "/digitise/held", step="assign", page=held, code="7K2M4-9RTBX")
    assert wrong.status_code == 422
    assert "Mã sai" in wrong.text
    assert "Đã chuyển 1 trang" in said(send(lan, "/digitise/held", step="assign", page=held, code=way.item))
    assert len(waiting(lan.get(f"/digitise/{way.code}").text)) == 2


def test_held_pages_of_two_reasons_or_two_labels_are_moved_apart(signed_in: Open, way: Way) -> None:
    lan = signed_in("lan")
    lost, strange, also_strange = Sheet(), Sheet(label="2222222222"), Sheet(label="2222222222")
    send(lan, "/digitise", stack=scanned.stack([lost, strange, Sheet(), also_strange]))
    page = lan.get("/digitise/held").text
    parts = [re.findall(r'value="([0-9a-f]{64})" checked', each) for each in page.split('<form class="card"')[1:]]
    assert [len(each) for each in parts] == [1, 2, 1]
    assert "Trang 2 đến 3 của tệp" in page
    assert page.count("nhãn có mã chưa có trong hệ thống") == 2
    marks = re.findall(r'name="stack" value="([^"]+)"', page)
    form = {"csrf": csrf(page), "step": "assign", "stack": marks[1], "page": parts[1], "code": "xyz"}
    wrong = lan.post("/digitise/held", data=form).text
    assert re.findall(r'id="problem-([^"]+)"', wrong) == [marks[1]], "the sentence stands at its own part"
    assert "Đã chuyển 2 trang" in said(send(lan, "/digitise/held", step="assign", page=parts[1], code=way.code))


def test_while_too_many_files_are_read_another_is_asked_to_come_again(
    signed_in: Open, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    lan, stack = signed_in("lan"), scanned.stack([Sheet(label=way.code)])
    with monkeypatch.context() as full:
        full.setattr(sheets, "_room", threading.BoundedSemaphore(1))
        with sheets._room:
            answer = send(lan, "/digitise", stack=stack)
    assert answer.status_code == 503
    assert "Gửi lại sau một phút" in answer.text
    assert "Đã nhận 1 trang" in said(send(lan, "/digitise", stack=stack))


def test_pages_can_be_dropped(signed_in: Open, shelf: files.ObjectFiles) -> None:
    lan = signed_in("lan")
    send(lan, "/digitise", stack=scanned.stack([Sheet()]))
    (held,) = waiting(lan.get("/digitise/held").text)
    assert "Đã bỏ 1 trang." in said(send(lan, "/digitise/held", step="drop", page=held))
    assert list(shelf.names()) == []
    assert send(lan, "/digitise/held", step="drop", page=held).status_code == 409


# --- used again -------------------------------------------------------------------------------------------------------


def test_a_paper_given_before_is_offered_with_its_date_and_dossier_and_needs_consent(
    signed_in: Open, web_store: Store, way: Way
) -> None:
    lan, path = signed_in("lan"), f"/digitise/{way.code}"
    send(lan, path, step="upload", stack=scanned.stack([Sheet()]))
    send(lan, path, line="2", upto=waiting(lan.get(path).text)[0])
    again = gone_to(web_store, "", seed=6)
    page = lan.get(f"/digitise/{again.code}").text
    assert "Người này đã nộp giấy tờ cùng tên" in page
    assert f"{way.code[:5]}-{way.code[5:]}" in page
    source = f"{way.code}/2"
    refused = send(lan, f"/digitise/{again.code}", step="reuse", line="2", source=source)
    assert "Chưa đánh dấu người dân đồng ý" in refused.text
    answer = said(send(lan, f"/digitise/{again.code}", step="reuse", line="2", source=source, agreed="1"))
    assert "dùng lại bản đã số hóa" in answer
    assert "Dùng lại của hồ sơ" in lan.get(f"/digitise/{again.code}").text


# --- who sees what, and how -------------------------------------------------------------------------------------------


def filed(lan: TestClient, way: Way) -> str:
    path = f"/digitise/{way.code}"
    send(lan, path, step="upload", stack=scanned.stack([Sheet(text="Nội dung kín")]))
    send(lan, path, line="1", upto=waiting(lan.get(path).text)[0])
    return f"{path}/1.pdf"


def test_a_scan_is_given_as_a_file_that_cannot_run_and_every_view_is_audited(
    signed_in: Open, web_store: Store, way: Way
) -> None:
    lan = signed_in("lan")
    answer = lan.get(filed(lan, way))
    assert "Nội dung kín" in scanned.text_of(answer.content)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{way.code}-1.pdf"'
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    with web_store.read() as reader:
        noted = [tuple(row) for row in reader.rows(text("SELECT what, subject FROM audit WHERE account = 'lan'"))]
    assert ("scan_opened", way.code) in noted
    assert ("scans_seen", way.code) in noted
    page = signed_in("hung").get("/audit").text
    assert "Tải tệp số hóa" in page
    assert "Xem giấy tờ đã số hóa" in page


MAY_OPEN = {"lan", "hung", "xuan"}
"""The office of the dossier and its desk; not who carries or coordinates, and nobody of another place."""


@pytest.mark.parametrize("who", sorted(STAFF))
def test_only_people_who_work_on_the_papers_at_the_dossiers_places_see_a_scan(
    signed_in: Open, way: Way, who: str
) -> None:
    status = 200 if who in MAY_OPEN else 403
    path = filed(signed_in("lan"), way)
    assert signed_in(who).get(path).status_code == status
    assert signed_in(who).get(f"/digitise/{way.code}").status_code == status


def test_a_page_that_waits_is_seen_by_its_place_alone(signed_in: Open) -> None:
    lan = signed_in("lan")
    send(lan, "/digitise", stack=scanned.stack([Sheet()]))
    (held,) = waiting(lan.get("/digitise/held").text)
    picture = lan.get(f"/digitise/pages/{held}.jpg")
    assert picture.headers["content-type"] == "image/jpeg"
    assert "sandbox" in picture.headers["content-security-policy"]
    assert signed_in("be").get(f"/digitise/pages/{held}.jpg").status_code == 409
    assert lan.get(f"/digitise/pages/{'0' * 64}.jpg").status_code == 409


def test_a_postman_is_shown_no_way_to_the_scans(signed_in: Open, way: Way) -> None:
    link = f'href="/digitise/{way.code}"'
    assert link in signed_in("lan").get(f"/dossiers/{way.code}").text
    page = signed_in("phat").get(f"/dossiers/{way.code}")
    assert (page.status_code, link in page.text) == (200, False)


def test_a_dossier_that_is_over_says_that_it_takes_no_scan(signed_in: Open, web_store: Store, way: Way) -> None:
    registration.void(web_store, way.code, reason="khách đổi ý", by=clerk, at=cast.after(minutes=9))
    page = signed_in("lan").get(f"/digitise/{way.code}").text
    assert "không nhận thêm bản quét" in page
    assert "Gửi tệp quét" not in page


def test_a_lost_file_says_so(signed_in: Open, way: Way, shelf: files.ObjectFiles) -> None:
    lan = signed_in("lan")
    path = filed(lan, way)
    for name, _ in list(shelf.names()):
        shelf.delete(name)
    answer = lan.get(path)
    assert answer.status_code == 404
    assert "giấy gốc vẫn còn" in answer.text


def test_without_a_place_for_files_nothing_is_taken(signed_in: Open, app: FastAPI) -> None:
    app.state.shelf = None
    answer = send(signed_in("lan"), "/digitise", stack=scanned.stack([Sheet()]))
    assert answer.status_code == 503
    assert "POSTAL_FILES" in answer.text


# --- the ratio --------------------------------------------------------------------------------------------------------


def ratio_of(page: str) -> list[str]:
    """Return the cells of the only row."""
    (row,) = re.findall(r"<tbody>\s*<tr>(.*?)</tr>\s*</tbody>", page, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]


def test_the_ratio_is_counted_from_the_ledger(signed_in: Open, web_store: Store, way: Way) -> None:
    lan = signed_in("lan")
    gone_to(web_store, "", seed=6)
    filed(lan, way)
    assert ratio_of(lan.get("/digitise/ratio").text)[1:6] == ["2", "4", "1", "0", "25,0 %"]
    assert "chưa có hồ sơ nào" in lan.get("/digitise/ratio?month=2026-10").text
    assert "25,0 %" in signed_in("dung").get("/digitise/ratio?month=2026-11").text
    assert "chưa có hồ sơ nào" in signed_in("be").get("/digitise/ratio").text


def test_beside_the_ratio_stands_which_system_takes_no_files_and_what_is_kept_out(
    signed_in: Open, web_store: Store, way: Way
) -> None:
    lan = signed_in("lan")
    filed(lan, way)
    with web_store.begin(at=cast.monday) as ledger:
        found = ledger.dossier(way.code)
        version = ledger.reference.procedure_version(found.procedure, found.procedure_version)
        papers = (PaperRequired(name="Sổ cũ", digitise=False, no_scan_reason="show_only"),)
        changed = replace(version, papers=papers, source_system="Hộ tịch điện tử", source_takes_files=False)
        ledger.reference.close_procedures([changed])
    cells = ratio_of(lan.get("/digitise/ratio").text)
    assert cells[1:6] == ["1", "1", "1", "0", "100,0 %"]
    assert "Hệ thống Hộ tịch điện tử không nhận tệp số hóa." in cells[6]
    assert "1 giấy tờ không được số hóa" in cells[6]
    page = lan.get(f"/digitise/{way.code}").text
    assert "Không số hóa: giấy tờ chỉ xuất trình để đối chiếu" in page
    assert "Thông tư 03/2025/TT-VPCP Điều 5 khoản 2, chưa đối chiếu văn bản gốc" in page
    assert "Hệ thống Hộ tịch điện tử không nhận tệp số hóa." in page


def test_a_dossier_that_was_taken_back_does_not_count(signed_in: Open, web_store: Store, way: Way) -> None:
    registration.void(web_store, way.code, reason="khách đổi ý", by=clerk, at=cast.after(minutes=9))
    assert "chưa có hồ sơ nào" in signed_in("lan").get("/digitise/ratio").text
