"""What the desk asks for and what it sends home: form 02, halves that came, originals owed, the slip, closing."""

from collections.abc import Callable

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from postal.domain import originals
from postal.domain.dossier import AgencyStatus
from postal.domain.events import ItemKind
from postal.services import supplements
from postal.services.supplements import BroughtPaper
from postal.store import Store
from tests import cast
from tests.labels import paper
from tests.web import filling
from tests.web.conftest import Clock
from tests.web.way import Way, gone_to, lan

Open = Callable[[str], TestClient]
Begin = Callable[[str], tuple[TestClient, Way]]


@pytest.fixture
def at(web_store: Store, signed_in: Open, clock: Clock) -> Begin:
    """Return what brings a dossier to a stage and opens the desk's browser an hour later."""

    def begin(stage: str) -> tuple[TestClient, Way]:
        way = gone_to(web_store, stage)
        clock.at = way.later()
        return signed_in("xuan"), way

    return begin


def send(browser: TestClient, way: Way, step: str, **typed: str) -> Response:
    """Fill one form of the desk's page and send it as a browser would."""
    path = f"/desk/{way.code}/{step}"
    form = filling.FormOnPage(path)
    form.feed(browser.get(f"/desk/{way.code}").text)
    assert "csrf" in form.fields, f"no form {step}"
    return browser.post(path, data={**form.fields, **typed})


def items_of(way: Way, kind: ItemKind) -> list[str]:
    with way.store.begin(at=way.at) as ledger:
        return [item.code for item in ledger.items_of(way.code) if item.kind is kind]


# --- asking -----------------------------------------------------------------------------------------------------------


def test_the_desk_ticks_papers_of_the_list_and_adds_its_own(at: Begin) -> None:
    browser, way = at("received")
    form = browser.get(f"/desk/{way.code}").text
    assert 'name="paper-1"' in form
    typed = {"paper-1": "Tờ khai", "paper-1-why": "chưa ký", "other-2": "Ảnh 3×4", "other-2-why": "thiếu"}
    answer = send(browser, way, "ask-supplement", **typed, due_on="30/11/2026")
    assert answer.status_code == 303, answer.text
    page = browser.get(f"/desk/{way.code}").text
    for said in ("Tờ khai", "chưa ký", "Ảnh 3×4", "thiếu", "thứ Hai, 30/11/2026", "Chưa có"):
        assert said in page
    assert way.dossier().asked_papers == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"other-1": "Ảnh", "due_on": "22/11/2026"}, "là ngày nghỉ"),
        ({"other-1": "Ảnh", "due_on": "1/1/2026"}, "đã qua hoặc là hôm nay"),
        ({"other-1": "Ảnh", "due_on": "mai"}, "không phải là ngày"),
        ({"other-1": "", "due_on": "30/11/2026"}, "Chưa ghi giấy tờ nào"),
    ],
    ids=["a Sunday", "a day gone by", "no day", "no paper"],
)
def test_a_request_that_cannot_stand_is_said_and_kept(at: Begin, typed: dict[str, str], said: str) -> None:
    browser, way = at("received")
    answer = send(browser, way, "ask-supplement", **typed, **{"other-2-why": "giữ lại dòng này"})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="giữ lại dòng này"' in answer.text


def test_asking_again_is_said_to_need_the_head_of_the_desk(at: Begin) -> None:
    browser, way = at("supplemented")
    assert "do người phụ trách thực hiện" in browser.get(f"/desk/{way.code}").text
    typed = {"other-1": "Ảnh", "due_on": "30/11/2026", "reason": "thẩm định"}
    assert send(browser, way, "ask-supplement", **typed).status_code == 422


def test_form_02_is_printed_with_the_code_alone_in_its_symbol(at: Begin, signed_in: Open) -> None:
    browser, way = at("asked")
    answer = browser.get(f"/forms/{way.code}/yeu-cau-bo-sung.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    words = paper.text(answer.content)
    for said in ("Giấykhám sức khỏe", "Lýdobổsung hết hạn", "Mâyxanh Camngọt", "Hạn bổ sung", way.official):
        assert paper.squeezed(said) in paper.squeezed(words)
    assert paper.symbols(paper.pages(answer.content)[0]) == [way.code]
    assert signed_in("mai").get(f"/forms/{way.code}/yeu-cau-bo-sung.pdf").status_code == 404


def test_there_is_no_form_02_when_nothing_is_asked_for(at: Begin) -> None:
    browser, way = at("received")
    assert browser.get(f"/forms/{way.code}/yeu-cau-bo-sung.pdf").status_code == 422


def test_the_desk_sees_which_half_is_on_its_way(at: Begin) -> None:
    browser, way = at("asked")
    supplements.take_in(
        way.store, way.code, [BroughtPaper(asked=2, originals=1)], by=lan, at=way.later(), below=cast.below(9)
    )
    page = browser.get(f"/desk/{way.code}").text
    assert "Đang chuyển đến" in page
    assert page.count("Chưa có</span>") == 1


def test_the_receipt_of_a_half_has_no_secret_and_hides_who_it_is_for(at: Begin, signed_in: Open) -> None:
    _, way = at("asked")
    browser = signed_in("lan")
    made = supplements.take_in(
        way.store, way.code, [BroughtPaper(asked=1, originals=1)], by=lan, at=way.later(), below=cast.below(9)
    )
    pdf = browser.get(f"/supplements/{made.code}/receipt.pdf").content
    words = paper.squeezed(paper.text(pdf))
    for said in ("PHIẾU GỬI GIẤY TỜ BỔ SUNG", "Giấykhám sức khỏe", "C*** Q***", "Liên 1: Người gửi giữ"):
        assert paper.squeezed(said) in words
    for kept in ("Chimvàng", "905000001", "Bưởisáng", way.secret, way.pin):
        assert kept not in words
    assert {symbol for page in paper.pages(pdf) for symbol in paper.symbols(page)} == {way.code}


# --- home -------------------------------------------------------------------------------------------------------------


def test_what_ended_without_a_result_is_listed_until_its_originals_are_on_their_way(at: Begin) -> None:
    browser, way = at("refused")
    assert "Còn giấy tờ phải trả người dân (1)" in browser.get("/desk").text
    answer = send(browser, way, "return-papers", **{"extra-1": "Tờ khai", "seal": "77"})
    assert answer.status_code == 303, answer.text
    assert "Còn giấy tờ phải trả" not in browser.get("/desk").text
    page = browser.get(f"/desk/{way.code}").text
    assert "Bì gửi về người dân" in page
    assert "1 bản chính chưa trả người dân" in page
    assert len(items_of(way, ItemKind.RETURNED)) == 1


def test_the_form_sent_twice_makes_one_envelope(at: Begin) -> None:
    browser, way = at("refused")
    path = f"/desk/{way.code}/return-papers"
    form = filling.FormOnPage(path)
    form.feed(browser.get(f"/desk/{way.code}").text)
    for _ in range(2):
        assert browser.post(path, data=form.fields).status_code == 303
    assert len(items_of(way, ItemKind.RETURNED)) == 1


@pytest.mark.parametrize(
    ("count", "said"), [("2", "chỉ còn nợ 1"), ("", "Chưa chọn giấy tờ nào"), ("một", "phải là số")]
)
def test_what_cannot_go_home_is_said_and_kept(at: Begin, count: str, said: str) -> None:
    browser, way = at("refused")
    answer = send(browser, way, "return-papers", **{f"send-{way.item}/2": count, "seal": "giữ lại"})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="giữ lại"' in answer.text


def test_an_original_handed_out_at_the_desk_closes_the_dossier(at: Begin) -> None:
    browser, way = at("withdrawn")
    assert "lý do" in send(browser, way, "settle", settle_reason="").text
    with way.store.begin(at=way.at) as ledger:
        dossier, items = ledger.dossier(way.code), ledger.items_of(way.code)
    assert originals.owed(dossier, items) == 1
    answer = send(browser, way, "settle", settle_reason="khách đến nhận")
    assert answer.status_code == 303
    page = browser.get(f"/desk/{way.code}").text
    assert "bản chính chưa trả" not in page
    assert "đ phí, lệ phí chưa nộp cơ quan" in page, "money of the authority is still with the post"
    assert way.dossier().status is AgencyStatus.WITHDRAWN


def test_the_slip_is_sent_from_the_desk_once(at: Begin) -> None:
    browser, way = at("received")
    assert send(browser, way, "relay-slip", seal="8").status_code == 303
    assert len(items_of(way, ItemKind.SLIP)) == 1
    assert "Gửi giấy hẹn" not in browser.get(f"/desk/{way.code}").text


def test_papers_that_are_missing_at_reception_are_completed_by_receiving(at: Begin) -> None:
    browser, way = at("to_desk")
    send(browser, way, "ask-supplement", **{"other-1": "Ảnh", "due_on": "30/11/2026"})
    page = browser.get(f"/desk/{way.code}").text
    assert f"/desk/{way.code}/receive" in page
    assert f"/desk/{way.code}/supplemented" not in page
