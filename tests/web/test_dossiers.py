"""The dossier page: three axes and one word, who may read what, taking back, a new copy, and what may be printed."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from httpx2 import Response
from sqlalchemy import text
from starlette.testclient import TestClient

from postal.domain import codes
from postal.domain.events import ReturnWay, Service
from postal.services import accounts, custody, registration
from postal.services.registration import AtCounter
from postal.store import Store
from tests import cast
from tests.labels import paper
from tests.web.conftest import Clock
from tests.web.filling import FormOnPage
from tests.web.way import SENDER

Open = Callable[[str], TestClient]


@pytest.fixture
def made(web_store: Store) -> AtCounter:
    """Return a dossier that Lan registered on Monday at nine, unsealed, with postage and fees."""
    form = registration.Registration(
        service=Service.BOTH,
        procedure="1.001193",
        sender=SENDER,
        case_commune="20242",
        return_way=ReturnWay.HOME,
        papers=(
            registration.PaperEntry(name="Tờ khai đăng ký khai sinh (theo mẫu)", originals=1),
            registration.PaperEntry(name="Giấy chứng sinh", originals=1, to_return=True),
        ),
        postage=30_000,
        postage_basis="Giá cước niêm yết",
        fees=8_000,
        fees_basis="Thông báo của phường",
        weight_g=120,
        note="Ghichúkín",
    )
    by = accounts.sign_in(web_store, "lan", password="mật khẩu chạy thử", device="test", token="t" * 43, at=cast.monday)
    return registration.register(web_store, form, by=by, at=cast.monday, below=cast.below(3))


def path(made: AtCounter, *rest: str) -> str:
    return "/".join(["/dossiers", made.dossier.code, *rest])


def send(client: TestClient, made: AtCounter, step: str, **typed: str) -> Response:
    """Fill in one of the forms at the foot of the page and send it."""
    form = FormOnPage(path(made, step))
    form.feed(client.get(path(made)).text)
    return client.post(path(made, step), data={**form.fields, **typed})


def item_of(made: AtCounter) -> str:
    assert made.item
    return made.item.code


# --- what it says -----------------------------------------------------------------------------------------------------


def test_after_saving_the_page_says_what_comes_next(signed_in: Open, made: AtCounter) -> None:
    page = signed_in("lan").get(path(made) + "?new=1").text
    assert "<h2>Đã lưu</h2>" in page
    for link in (
        f"/items/{item_of(made)}/label.pdf",
        path(made, "receipt.pdf"),
        f"/items/{item_of(made)}",
        "/handovers/new",
        f"/dossiers/new?again={made.dossier.code}",
    ):
        assert f'href="{link}"' in page, link
    assert "Đã lưu" not in signed_in("lan").get(path(made)).text


def test_the_three_axes_stand_apart_under_one_word(signed_in: Open, made: AtCounter) -> None:
    page = signed_in("lan").get(path(made)).text
    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))
    assert "→ Đã nhận tại quầy" in page
    assert facts["Ai đang giữ"] == "Quầy giao dịch – Bưu cục Trung tâm Đà Nẵng (đang giữ)"
    assert facts["Chặng bưu điện"] == "Đã nhận tại quầy"
    assert facts["Cơ quan"].startswith("Mới đăng ký, từ 09:00")
    assert facts["Nơi nhận của khách"] == "Bưu cục Trung tâm Đà Nẵng"
    assert facts["Nơi tiếp nhận chính thức"] == "Trung tâm Phục vụ hành chính công phường Hải Châu"
    assert facts["Cơ quan giải quyết"] == "Ủy ban nhân dân phường Hải Châu"
    assert facts["Dự kiến đến cơ quan"] == "thứ Ba, 17/11/2026"
    assert "chưa có, báo sau khi cơ quan tiếp nhận" in facts["Hẹn trả kết quả"]


def test_postage_and_fees_are_two_ledgers(signed_in: Open, made: AtCounter) -> None:
    page = signed_in("lan").get(path(made)).text
    assert re.search(r"Cước bưu chính \(của bưu điện\)</td><td class=\"number\">30\.000 đ<", page)
    assert re.search(r"Phí, lệ phí \(của cơ quan\)</td><td class=\"number\">8\.000 đ<", page)


def test_the_secret_and_the_pin_are_on_no_page(signed_in: Open, made: AtCounter) -> None:
    page = signed_in("lan").get(path(made) + "?new=1").text
    assert made.receipt.secret not in page
    assert made.receipt.pin not in re.sub(r"[^\d\s]\d{6}\d+", "", page)


# --- who reads what ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["lan", "hung", "xuan"])
def test_who_takes_part_reads_the_people_and_leaves_an_audit_line(
    signed_in: Open, made: AtCounter, web_store: Store, username: str
) -> None:
    page = signed_in(username).get(path(made)).text
    assert SENDER.name in page
    assert "Ghichúkín" in page
    with web_store.read() as reader:
        noted = reader.rows(text("SELECT account, subject FROM audit WHERE what = 'dossier_seen'"))
    assert [(row.account, row.subject) for row in noted] == [(username, made.dossier.code)]


@pytest.mark.parametrize("username", ["khoa", "dung", "quantri"])
def test_who_has_no_need_of_names_sees_none(signed_in: Open, made: AtCounter, web_store: Store, username: str) -> None:
    page = signed_in(username).get(path(made)).text
    for hidden in (SENDER.name, SENDER.identity_number, "905000001", "Bưởisáng", "Giấy chứng sinh", "Ghichúkín"):
        assert hidden not in page
    assert "Thông tin cá nhân chỉ hiện với nơi đang xử lý hồ sơ" in page
    with web_store.read() as reader:
        assert reader.rows(text("SELECT account FROM audit WHERE what = 'dossier_seen'")) == []


@pytest.mark.parametrize("username", ["be", "son"])
def test_who_takes_no_part_is_sent_away(signed_in: Open, made: AtCounter, username: str) -> None:
    answer = signed_in(username).get(path(made))
    assert answer.status_code == 403
    assert "không đi qua nơi làm việc của tài khoản này" in answer.text
    assert SENDER.name not in answer.text


def test_a_code_that_is_wrong_or_unknown_gets_its_sentence(signed_in: Open) -> None:
    clerk = signed_in("lan")
    assert "Mã sai 1 ký tự: 7K2M4-9RTB? Quét lại." in clerk.get("/dossiers/7K2M49RTBP").text
    assert clerk.get("/dossiers/7K2M49RTBQ").status_code == 404
    assert clerk.get("/dossiers/P3FHJ8QXV9").status_code == 422


# --- taking back ------------------------------------------------------------------------------------------------------


def test_voiding_shows_the_refund_first_and_does_it_then(signed_in: Open, made: AtCounter) -> None:
    clerk = signed_in("lan")
    assert "Hủy hồ sơ, hoàn 38.000 đ" in clerk.get(path(made)).text
    answer = send(clerk, made, "void", reason="Khách đổi ý")
    assert answer.status_code == 303
    page = clerk.get(answer.headers["location"]).text
    assert "Đã hủy hồ sơ. Trả lại khách giấy tờ và 38.000 đ." in page
    assert "Đã hủy tại quầy" in page
    assert f'action="{path(made, "void")}"' not in page
    assert clerk.get(path(made, "receipt.pdf")).status_code == 422


def test_voiding_without_a_reason_says_so_beside_the_field(signed_in: Open, made: AtCounter) -> None:
    answer = send(signed_in("lan"), made, "void", reason=" ")
    assert answer.status_code == 422
    assert "<title>Lỗi: " in answer.text
    assert "Chưa ghi lý do." in answer.text


def test_what_is_on_its_way_offers_no_voiding(signed_in: Open, made: AtCounter, web_store: Store) -> None:
    lan = accounts.actor(web_store, "lan")
    custody.seal(web_store, item_of(made), seal="881245", by=lan, at=cast.monday)
    custody.offer(web_store, [item_of(made)], to=cast.transport, by=lan, at=cast.monday, below=cast.below(9))
    page = signed_in("lan").get(path(made)).text
    assert "Hủy hồ sơ tại quầy" not in page
    assert "đã bàn giao, chờ ký nhận: Vận chuyển" in page


# --- the citizen's copy -----------------------------------------------------------------------------------------------


def test_a_new_copy_needs_a_tick_for_the_identity_paper(signed_in: Open, made: AtCounter, web_store: Store) -> None:
    clerk = signed_in("lan")
    refused = send(clerk, made, "reissue", reissue_reason="mất phiếu")
    assert refused.status_code == 422
    assert 'value="mất phiếu"' in refused.text
    done = send(clerk, made, "reissue", reissue_reason="mất phiếu", identity_checked="1")
    assert done.status_code == 303
    with web_store.read() as reader:
        new = reader.receipts.current(made.dossier.code)
        assert reader.receipts.dossier_of(made.receipt.secret) is None
    assert new
    assert new.secret != made.receipt.secret


def test_the_citizens_copy_is_printed_the_same_day_and_later_only_anew(
    signed_in: Open, made: AtCounter, clock: Clock
) -> None:
    clerk = signed_in("lan")
    assert clerk.get(path(made, "receipt.pdf")).headers["content-type"] == "application/pdf"
    clock.at += timedelta(days=1)
    later = signed_in("lan")
    out = later.get(path(made, "receipt.pdf"))
    assert out.status_code == 422
    assert "Kiểm tra giấy tờ của khách rồi chọn “Cấp lại phiếu gửi”." in out.text
    assert later.get(path(made, "receipt.pdf") + "?copy=post").status_code == 200
    assert "In phiếu gửi (2 liên)" not in later.get(path(made)).text


def test_the_posts_copy_carries_the_code_and_neither_secret_nor_pin(signed_in: Open, made: AtCounter) -> None:
    clerk = signed_in("lan")
    both = clerk.get(path(made, "receipt.pdf")).content
    post = clerk.get(path(made, "receipt.pdf") + "?copy=post").content
    address = f"HTTPS://TESTSERVER/{made.receipt.secret}"
    assert {symbol for page in paper.pages(both) for symbol in paper.symbols(page)} == {address, made.dossier.code}
    assert {symbol for page in paper.pages(post) for symbol in paper.symbols(page)} == {made.dossier.code}
    assert made.receipt.pin not in paper.text(both), "the PIN went to the phone"


def test_only_the_office_that_registered_prints_the_contract(signed_in: Open, made: AtCounter) -> None:
    answer = signed_in("be").get(path(made, "receipt.pdf"))
    assert answer.status_code == 403
    assert "Mời khách đến Bưu cục Trung tâm Đà Nẵng" in answer.text
    assert signed_in("xuan").get(path(made, "receipt.pdf")).status_code == 403


def test_a_print_of_the_contract_leaves_an_audit_line(signed_in: Open, made: AtCounter, web_store: Store) -> None:
    signed_in("lan").get(path(made, "receipt.pdf"))
    with web_store.read() as reader:
        noted = reader.rows(text("SELECT subject FROM audit WHERE what = 'receipt_printed'"))
    assert [row.subject for row in noted] == [made.dossier.code]


# --- labels -----------------------------------------------------------------------------------------------------------


def test_the_label_reads_and_names_nobody(signed_in: Open, made: AtCounter) -> None:
    answer = signed_in("lan").get(f"/items/{item_of(made)}/label.pdf")
    assert answer.headers["content-disposition"].startswith("inline")
    (page,) = paper.pages(answer.content)
    assert paper.symbols(page) == [item_of(made)]
    words = paper.text(answer.content)
    assert "HỒ SƠ 2 tờ" in words
    assert codes.shown(item_of(made)) in words
    for hidden in ("Chimvàng", "905000001", "khai sinh", made.dossier.code):
        assert hidden not in words


def test_a_sheet_holds_what_is_still_at_the_counter(signed_in: Open, made: AtCounter) -> None:
    clerk = signed_in("lan")
    everything = clerk.get("/labels/sheet.pdf?start=3")
    asked = clerk.get(f"/labels/sheet.pdf?start=3&items={codes.shown(item_of(made)).lower()}")
    assert everything.content == asked.content
    assert paper.symbols(paper.pages(asked.content)[0]) == [item_of(made)]


@pytest.mark.parametrize(
    ("username", "query", "sentence"),
    [
        ("lan", "start=22", "Tờ nhãn có 21 ô."),
        ("be", "", "Không có bưu gửi nào ở quầy để in nhãn."),
        ("lan", "items=P3FHJ8QXV9", "Chưa có mã P3FHJ-8QXV9"),
        ("lan", "items=P3FHJ8QXV8", "Mã sai 1 ký tự"),
    ],
)
def test_a_sheet_that_cannot_be_printed_says_why(
    signed_in: Open, made: AtCounter, username: str, query: str, sentence: str
) -> None:
    answer = signed_in(username).get(f"/labels/sheet.pdf?{query}")
    assert answer.status_code in (404, 422)
    assert sentence in answer.text


def test_a_label_is_not_printed_where_the_envelope_never_was(signed_in: Open, made: AtCounter) -> None:
    assert signed_in("be").get(f"/items/{item_of(made)}/label.pdf").status_code == 403
