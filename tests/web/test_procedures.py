"""The catalogue in the browser: looked through by everybody, changed and imported by who manages it."""

import csv
import html
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from postal.domain import calendars
from postal.domain.clocks import Limit, Unit
from postal.domain.people import Actor, Role
from postal.domain.procedures import ProcedureStatus
from postal.services import changing, exporting
from postal.store import Store
from tests.cast import OFFICE
from tests.web.conftest import MONDAY, Clock
from tests.web.filling import sit_down

Sign = Callable[[str], TestClient]
CODE = "1.004837"
OLD_BASIS = (
    "Danh mục TTHC quốc gia 2025 (mã, cấp, thời hạn kênh Dịch vụ bưu chính); danh mục công bố kênh Dịch vụ bưu chính"
)


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    return found[1]


def fields_of(page: str) -> dict[str, str]:
    """Return what the form of a change would send as it stands."""
    form = page[page.index('action="/procedures/') :]
    sent = dict(re.findall(r'<input id="[^"]+" name="([^"]+)"[^>]*? value="([^"]*)"', form))
    sent |= dict(re.findall(r'<textarea id="[^"]+" name="([^"]+)"[^>]*>([^<]*)</textarea>', form))
    for name, options in re.findall(r'<select id="[^"]+" name="([^"]+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        sent[name] = chosen[1] if chosen else ""
    return {name: html.unescape(value) for name, value in sent.items()} | {"csrf": csrf_of(page)}


def test_everybody_finds_a_procedure_by_words_and_filters(signed_in: Sign) -> None:
    lan = signed_in("lan")
    found = lan.get("/procedures", params={"q": "giam ho"}).text
    assert f'href="/procedures/{CODE}"' in found
    assert "Nhập danh mục" not in found
    off_the_post = lan.get("/procedures", params={"carriable": "no"}).text
    assert "1.000894" in off_the_post
    assert CODE not in off_the_post
    land = lan.get("/procedures", params={"field": "Đất đai", "boundary": "online_only"}).text
    assert "Có 2 thủ tục" in land
    assert "Không có thủ tục nào khớp" in lan.get("/procedures", params={"q": "zzz"}).text
    assert "Có 0" not in lan.get("/procedures", params={"status": "abolished"}).text


def test_an_abolished_procedure_says_so_on_its_page_and_to_the_clerk_who_types_it(
    signed_in: Sign, web_store: Store
) -> None:
    dung = Actor(account="dung", name="Dũng", place=OFFICE, roles=frozenset({Role.COORDINATOR}))
    with web_store.read() as reader:
        newest = reader.reference.versions("2.000635")[-1]
    on = calendars.local(MONDAY).date()
    gone = replace(newest, status=ProcedureStatus.ABOLISHED, valid_from=on, basis="QĐ 5/QĐ-UBND")
    changing.draft(web_store, gone, draft_id="d1", by=dung, at=MONDAY)
    changing.publish(web_store, "d1", by=dung, at=MONDAY)
    lan = signed_in("lan")
    page = lan.get("/procedures/2.000635").text
    assert "đang áp dụng" not in page
    for typed in ("2.000635", "trích lục"):
        told = sit_down(lan).press("look", procedure_q=typed).page.text
        assert "theo QĐ 5/QĐ-UBND. Tìm thủ tục thay thế trong danh mục." in told
    assert "Chưa thấy thủ tục “zzz”" in sit_down(lan).press("look", procedure_q="zzz").page.text


def test_a_procedure_tells_its_doubts_the_cut_off_and_its_papers(signed_in: Sign) -> None:
    lan = signed_in("lan")
    page = lan.get("/procedures/2.000635").text
    assert "nhận sau 15:00 thì trả vào ngày làm việc tiếp theo" in page
    assert "NĐ 61/2018/NĐ-CP Điều 18" in page
    assert "Danh sách giấy tờ chưa xác minh, đối chiếu Cổng Dịch vụ công" in page
    assert "Soạn thay đổi" not in page
    assert lan.get("/procedures/9.999999").status_code == 404


@pytest.mark.parametrize(
    "path", ["/procedure-drafts", "/procedure-imports", f"/procedures/{CODE}/draft", "/procedure-imports/x/file"]
)
def test_only_who_manages_the_catalogue_changes_it(signed_in: Sign, path: str) -> None:
    assert signed_in("lan").get(path).status_code == 403


def test_a_change_is_drafted_previewed_and_published_without_scripts(
    signed_in: Sign, web_store: Store, clock: Clock
) -> None:
    dung = signed_in("dung")
    sent = fields_of(dung.get(f"/procedures/{CODE}/draft").text)
    assert sent["limit_amount"] == "3"
    changed = {
        **sent,
        "limit_amount": "2",
        "statutory_amount": "3",
        "statutory_unit": "working",
        "cut_basis": "QĐ 12/QĐ-UBND của tỉnh mẫu",
        "basis": "QĐ 12/QĐ-UBND",
    }
    kept = dung.post(f"/procedures/{CODE}/draft", data=changed)
    assert kept.status_code == 303
    preview = dung.get(kept.headers["location"]).text
    assert "3 ngày làm việc</del>" in preview
    assert "Nếu đã áp dụng trong tháng vừa qua" in preview
    with web_store.read() as reader:
        assert len(reader.reference.versions(CODE)) == 1
    done = dung.post(f"{kept.headers['location']}/publish", data={"csrf": csrf_of(preview)})
    assert done.status_code == 303
    page = dung.get(f"/procedures/{CODE}").text
    assert "từ 3 ngày làm việc còn 2 ngày làm việc" in page
    assert "QĐ 12/QĐ-UBND của tỉnh mẫu" in page
    assert "sẽ áp dụng" in page
    with web_store.read() as reader:
        old, new = reader.reference.versions(CODE)
    assert new.limit_text == "2 ngày làm việc"
    assert (new.limit, new.statutory_limit) == (Limit(2, Unit.WORKING_DAYS), Limit(3, Unit.WORKING_DAYS))
    assert new.valid_from is not None
    assert old.valid_to == new.valid_from - timedelta(days=1)
    assert new.papers == old.papers
    again = dung.post(f"{kept.headers['location']}/publish", data={"csrf": csrf_of(preview)})
    assert "đã công bố hoặc đã bỏ" in again.text
    assert "Công bố phiên bản thủ tục" in signed_in("quantri").get("/audit").text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"limit_amount": "0", "basis": "QĐ"}, "Thời hạn không thể bằng 0"),
        ({"valid_from": "2026-11-01", "basis": "QĐ"}, "đã qua"),
        ({"valid_from": "", "basis": "QĐ"}, "Chưa có ngày hiệu lực"),
        (
            {"limit_amount": "2", "basis": "QĐ", "statutory_amount": "3", "statutory_unit": "working"},
            "chưa có căn cứ cắt giảm",
        ),
        ({"basis": ""}, "Thiếu căn cứ"),
        ({"paper_0_originals": "ba", "basis": "QĐ"}, "Giấy tờ 1:"),
        ({"basis": OLD_BASIS, "status": "published"}, "không khác phiên bản 1"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_nothing_typed_is_lost(
    signed_in: Sign, typed: dict[str, str], says: str
) -> None:
    dung = signed_in("dung")
    sent = fields_of(dung.get(f"/procedures/{CODE}/draft").text)
    answer = dung.post(f"/procedures/{CODE}/draft", data={**sent, **typed})
    assert answer.status_code == 422
    assert says in answer.text
    assert "<title>Lỗi: " in answer.text
    assert fields_of(answer.text) == {**sent, **typed, "csrf": csrf_of(answer.text)}


def test_where_the_agencys_portal_differs_both_are_shown_and_the_agency_wins(signed_in: Sign, clock: Clock) -> None:
    dung = signed_in("dung")
    sent = fields_of(dung.get(f"/procedures/{CODE}/draft").text)
    said = {
        "limit_amount": "5",
        "basis": "QĐ mẫu",
        "agency_source": "Cổng của Bộ Tư pháp",
        "agency_seen_on": "15/11/2026",
    }
    kept = dung.post(f"/procedures/{CODE}/draft", data={**sent, **said}).headers["location"]
    dung.post(f"{kept}/publish", data={"csrf": sent["csrf"]})
    page = dung.get(f"/procedures/{CODE}").text
    beside = page[page.index("theo cổng của cơ quan</caption>") :]
    assert "Cổng của Bộ Tư pháp, xem ngày 15/11/2026" in beside
    assert "khác nhau" in beside[: beside.index("Giấy tờ")]
    assert beside.index("<td>3 ngày làm việc</td><td>5 ngày làm việc</td>") < beside.index("Giấy tờ")
    clock.at += timedelta(days=2)
    assert "5 ngày làm việc" in signed_in("dung").get("/procedures", params={"q": CODE}).text


def test_a_draft_can_be_dropped_and_a_new_procedure_begun(signed_in: Sign, web_store: Store) -> None:
    dung = signed_in("dung")
    assert "không đúng dạng" in dung.get("/procedure-drafts", params={"code": "abc"}).text
    begun = dung.get("/procedure-drafts", params={"code": "1.999999"})
    assert begun.headers["location"] == "/procedures/1.999999/draft"
    sent = fields_of(dung.get("/procedures/1.999999/draft").text)
    kept = dung.post("/procedures/1.999999/draft", data={**sent, "name": "Thủ tục mới", "basis": "QĐ mẫu"})
    where = kept.headers["location"]
    token = csrf_of(dung.get(where).text)
    assert "1.999999" in dung.get("/procedure-drafts").text
    dung.post(f"{where}/drop", data={"csrf": token})
    assert "1.999999" not in dung.get("/procedure-drafts").text
    with web_store.read() as reader:
        assert reader.reference.versions("1.999999") == []
    assert dung.get("/procedure-drafts/khong-co").status_code == 404


def test_a_file_is_tried_then_applied_and_its_bad_rows_come_back_with_reasons(
    signed_in: Sign, web_store: Store
) -> None:
    dung = signed_in("dung")
    token = csrf_of(dung.get("/procedure-imports").text)
    header = "code,name,issuer,executor,field\n"
    text = header + "1.999998,Thủ tục tốt,Bộ mẫu,,Hộ tịch\n1.99,Mã sai,Bộ mẫu,,Hộ tịch\n"
    sent = dung.post("/procedure-imports", data={"csrf": token}, files={"file": ("muc.csv", text.encode("utf-16"))})
    where = sent.headers["location"]
    tried = dung.get(where).text
    assert "Chưa ghi gì vào danh mục" in tried
    with web_store.read() as reader:
        assert reader.reference.versions("1.999998") == []
    errors = dung.get(f"{where}/errors/0.csv").content.decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(errors)))
    assert (row["name"], "không đúng dạng" in row["Lỗi"]) == ("Mã sai", True)
    done = dung.post(f"{where}/apply", data={"csrf": token})
    assert done.status_code == 303
    with web_store.read() as reader:
        assert reader.reference.versions("1.999998")[0].name == "Thủ tục tốt"
    again = dung.post(f"{where}/apply", data={"csrf": token})
    assert (again.status_code, "đã nhập rồi" in again.text) == (409, True)
    assert dung.get(f"{where}/file").content == text.encode("utf-16")
    assert dung.get(f"{where}/errors/0.csv").content.decode("utf-8-sig") == errors


def test_no_file_and_an_unreadable_one_are_answered_with_a_sentence(signed_in: Sign) -> None:
    dung = signed_in("dung")
    token = csrf_of(dung.get("/procedure-imports").text)
    nothing = dung.post("/procedure-imports", data={"csrf": token}, files={"file": ("", b"")})
    assert (nothing.status_code, "Chưa chọn tệp" in nothing.text) == (422, True)
    sent = dung.post("/procedure-imports", data={"csrf": token}, files={"file": ("x.csv", b"code\n\xb8\xb5\xb6")})
    page = dung.get(sent.headers["location"]).text
    assert "Tệp chưa đọc được" in page
    assert "Nhập vào danh mục" not in page


def test_what_is_downloaded_is_the_whole_catalogue(signed_in: Sign, web_store: Store) -> None:
    lan = signed_in("lan")
    versions = exporting.all_versions(web_store)
    assert lan.get("/procedures/export/procedures.csv").content == exporting.procedures_csv(versions)
    assert lan.get("/procedures/export/papers.csv").content == exporting.papers_csv(versions)
    assert lan.get("/procedures/export/catalogue.zip").content == exporting.catalogue_zip(versions)
    assert lan.get("/procedures/export/catalogue.xlsx").content.startswith(b"PK")
