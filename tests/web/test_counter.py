"""The counter in a browser without scripts: the home page, and the form that registers a dossier."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from postal.domain import codes
from postal.domain.dossier import Dossier
from postal.domain.events import ReturnWay
from postal.domain.item import Item
from postal.store import Store
from tests.web.conftest import MONDAY
from tests.web.filling import FormOnPage, Sitting, sit_down

Open = Callable[[str], TestClient]

CARD = "049205000137||Nguyễn Văn Khánh|01012005|Nam|12 Trần Phú, Thanh Bình, Hải Châu, Đà Nẵng|01012022"
"""A made-up card from before July 2025: its ward became part of another."""

BIRTH = "khai sinh"
EMPTY = "Chưa có hồ sơ nào hôm nay. Quét căn cước của khách hoặc nhấn F2."


@pytest.fixture
def clerk(signed_in: Open) -> TestClient:
    """Return the browser of the clerk at the central office."""
    return signed_in("lan")


@pytest.fixture
def ready(clerk: TestClient) -> Sitting:
    """Return a form that could be saved as it stands."""
    sitting = sit_down(clerk).press("look", card=CARD)
    sitting.press("look", sender_phone="0912 345 678", procedure_q=BIRTH)
    return sitting.press("complete", weight="120", seal="881245", postage="30.000")


def saved(sitting: Sitting, store: Store) -> Dossier:
    """Return the dossier that a form was saved as."""
    assert sitting.page.status_code == 303, problems(sitting)
    code = re.fullmatch(r"/dossiers/(\w{10})\?new=1", sitting.page.headers["location"])
    assert code
    with store.read() as reader:
        dossier = reader.thing(Dossier, code[1])
    assert dossier
    return dossier


def item_of(store: Store, dossier: str) -> Item:
    with store.begin(at=MONDAY) as ledger:
        return ledger.items_of(dossier)[0]


def problems(sitting: Sitting) -> list[str]:
    """Return the sentences of the summary at the top."""
    summary = re.search(r'<div class="problems".*?</div>', sitting.page.text, re.DOTALL)
    return re.findall(r"<li><a[^>]*>(.*?)</a></li>", summary[0]) if summary else []


def only_problem(sitting: Sitting) -> str:
    """Return the one sentence that is said; everything else was right."""
    assert sitting.page.status_code in (403, 404, 409, 422)
    assert "<title>Lỗi: " in sitting.page.text
    (sentence,) = problems(sitting)
    return sentence


# --- home -------------------------------------------------------------------------------------------------------------


def test_an_empty_day_says_what_to_do_first(clerk: TestClient) -> None:
    page = clerk.get("/counter").text
    assert EMPTY in page
    assert "Bưu cục Trung tâm Đà Nẵng" in page


def test_the_counter_counts_what_was_taken_in_turned_back_and_left_unsealed(ready: Sitting) -> None:
    client = ready.client
    ready.press("save", seal="")
    sit_down(client).press("turn_back", procedure_q="kết hôn")
    page = client.get("/counter").text
    numbers = dict(re.findall(r"<dt>(?:<a[^>]*>)?([^<]+)(?:</a>)?</dt><dd>(\d+)</dd>", page))
    assert numbers == {
        "Hồ sơ đã nhận": "1",
        "Đã hướng dẫn, chưa nhận": "1",
        "Chưa niêm phong": "1",
        "Chờ đóng túi, bàn giao": "0",
        "Chờ ký nhận": "0",
    }
    assert EMPTY not in page


@pytest.mark.parametrize("path", ["/counter", "/dossiers/new"])
def test_only_the_counter_opens_the_counter(signed_in: Open, visitor: TestClient, path: str) -> None:
    assert signed_in("mai").get(path).status_code == 403
    assert signed_in("phat").get(path).status_code == 403
    assert visitor.get(path).headers["location"].startswith("/sign-in")


# --- the way through the form -----------------------------------------------------------------------------------------


def test_a_scanned_card_leaves_at_most_nine_fields_to_touch(clerk: TestClient, web_store: Store) -> None:
    sitting = sit_down(clerk).press("look", card=CARD)
    sitting.press("look", sender_phone="0912345678", procedure_q=BIRTH)
    sitting.press("complete", weight="120", seal="881245", postage="30000").press("save")
    assert sitting.touched <= 9
    dossier = saved(sitting, web_store)
    with web_store.read() as reader:
        sender = reader.people.of([dossier.code])[dossier.code, "sender"]
    assert (sender.name, sender.identity_number, sender.phone) == ("Nguyễn Văn Khánh", "049205000137", "+84912345678")
    assert (sender.address, sender.commune, sender.birth) == ("12 Trần Phú", "20242", "2005-01-01")


def test_the_authority_the_lane_and_the_day_are_shown_with_the_reason_before_saving(ready: Sitting) -> None:
    page = ready.page.text
    assert "Ủy ban nhân dân phường Hải Châu" in page
    assert "Trung tâm Phục vụ hành chính công phường Hải Châu" in page
    assert "cấp xã giải quyết, theo xã, phường của vụ việc" in page
    assert "thứ Ba, 17/11/2026" in page
    assert "tạm tính" not in page


def test_what_was_entered_is_what_is_kept(ready: Sitting, web_store: Store) -> None:
    ready.press("save", note="Khách vội", postal_number="RA 123 456 785 VN")
    dossier = saved(ready, web_store)
    item = item_of(web_store, dossier.code)
    assert (dossier.postage.collected, dossier.return_way) == (30_000, ReturnWay.HOME)
    assert (item.weight_g, item.seal, item.postal_number) == (120, "881245", "RA123456785VN")
    assert [paper.total for paper in item.papers] == [1, 1, 0, 0]


def test_enter_looks_up_and_saves_nothing(clerk: TestClient, web_store: Store) -> None:
    page = sit_down(clerk)
    assert page.form.buttons[0] == "look", "Enter presses the first button of a form"
    page.press("look")
    with web_store.read() as reader:
        assert reader.rows(text("SELECT code FROM dossier")) == []


def test_no_step_loses_what_was_typed(clerk: TestClient) -> None:
    typed = {
        "sender_name": "Lê Thị Bưởi",
        "sender_email": "buoi@vidu.example",
        "subject_name": "Lê Văn Cam",
        "postage": "12.345 đồng",
        "fees_basis": "căn cứ riêng",
        "note": "ghi chú\ncó hai dòng",
        "return_way": "post_office",
        "payment": "later",
        "service": "send",
        "promised_on": "31/11/2026",
        "seal": "A-17",
        "why_incomplete": "",
    }
    sitting = sit_down(clerk).press("look", procedure_q="hộ kinh doanh", **typed)
    sitting.press("more_lines", line_0_name="Đơn của tôi", line_0_copies="x")
    sitting.press("save")
    fields = sitting.form.fields
    assert {name: fields[name].replace("\r\n", "\n") for name in typed if name in fields} == {
        name: value for name, value in typed.items() if name in fields
    }
    assert (fields["line_0_name"], fields["line_0_copies"]) == ("Đơn của tôi", "x")
    assert set(typed) - set(fields) == {"why_incomplete"}


def test_lines_that_were_counted_stay_when_the_procedure_changes(ready: Sitting) -> None:
    ready.press("look", line_4_name="Giấy khai sinh của mẹ", line_4_originals="1")
    ready.press("look", procedure_q="khai tử")
    names = {value for name, value in ready.form.fields.items() if re.fullmatch(r"line_\d+_name", name)}
    assert {"Tờ khai đăng ký khai tử (theo mẫu)", "Giấy khai sinh của mẹ"} <= names


def test_several_procedures_are_offered_and_one_press_chooses(clerk: TestClient) -> None:
    sitting = sit_down(clerk).press("look", procedure_q="đất")
    offered = [value for value in sitting.form.buttons if value.startswith("procedure:")]
    assert len(offered) > 1
    sitting.press(offered[0])
    assert sitting.form.fields["procedure"] == offered[0].removeprefix("procedure:")


def test_an_unverified_list_says_so_and_lets_the_clerk_type(clerk: TestClient) -> None:
    sitting = sit_down(clerk).press("look", procedure_q="hộ kinh doanh")
    assert "chưa xác minh, đối chiếu Cổng Dịch vụ công" in sitting.page.text
    assert "line_3_name" in sitting.form.fields


def test_an_old_name_leads_to_the_commune_of_today(clerk: TestClient) -> None:
    sitting = sit_down(clerk).press("look", sender_commune_q="phường Thanh Bình, quận Hải Châu")
    assert sitting.form.fields["sender_commune"] == "20242"
    assert "trước đây: Phường Thanh Bình" in sitting.page.text


def test_a_commune_with_several_namesakes_is_left_to_the_clerk(clerk: TestClient) -> None:
    sitting = sit_down(clerk).press("look", sender_commune_q="Hải Châu")
    offered = [value for value in sitting.form.buttons if value.startswith("commune:sender:")]
    assert {"commune:sender:20242", "commune:sender:17419"} <= set(offered)
    sitting.press("commune:sender:20242")
    assert sitting.form.fields["sender_commune"] == "20242"


def test_a_district_that_looks_like_a_new_commune_is_not_taken_for_it(clerk: TestClient) -> None:
    card = CARD.replace("Thanh Bình, Hải Châu", "Xómmớilạ, Hải Châu")
    sitting = sit_down(clerk).press("look", card=card).press("look", sender_phone="0912345678")
    assert sitting.form.fields["sender_commune"] == ""
    assert "commune:sender:20242" in sitting.form.buttons


def test_a_card_scanned_elsewhere_opens_a_form_that_is_filled_in(clerk: TestClient) -> None:
    csrf = sit_down(clerk).form.fields["csrf"]
    answer = clerk.post("/dossiers/new", data={"csrf": csrf, "card": CARD})
    fields = Sitting(clerk, answer).form.fields
    assert fields["sender_name"] == "Nguyễn Văn Khánh"
    assert fields["request"]
    assert fields["card"] == ""
    assert 'value="Nguyễn Văn Khánh"' in clerk.get("/dossiers/new", params={"card": CARD}).text


def test_a_card_scanned_on_the_home_page_leads_to_the_form_by_one_press(clerk: TestClient, signed_in: Open) -> None:
    answer = clerk.get("/scan", params={"q": CARD})
    form = FormOnPage("/dossiers/new")
    form.feed(answer.text)
    sitting = Sitting(clerk, clerk.post("/dossiers/new", data={**form.fields, "step": form.buttons[0]}))
    assert sitting.form.fields["sender_number"] == "049205000137"
    assert "Hồ sơ mới từ căn cước này" not in signed_in("xuan").get("/scan", params={"q": CARD}).text


def test_a_returning_sender_is_filled_in_by_phone_with_an_audit_line(ready: Sitting, web_store: Store) -> None:
    ready.press("save")
    again = sit_down(ready.client).press("look", sender_phone="0912345678")
    assert again.form.fields["sender_name"] == "Nguyễn Văn Khánh"
    with web_store.read() as reader:
        noted = reader.rows(text("SELECT account FROM audit WHERE what = 'sender_repeated'"))
    assert [row.account for row in noted] == ["lan"]


def test_another_office_does_not_learn_who_a_phone_belongs_to(ready: Sitting, signed_in: Open) -> None:
    ready.press("save")
    elsewhere = sit_down(signed_in("be")).press("look", sender_phone="0912345678")
    assert elsewhere.form.fields["sender_name"] == ""


def test_repeating_for_the_same_person_begins_with_the_sender(ready: Sitting, web_store: Store) -> None:
    dossier = saved(ready.press("save"), web_store)
    again = sit_down(ready.client, f"/dossiers/new?again={dossier.code}")
    assert again.form.fields["sender_number"] == "049205000137"
    assert again.form.fields["sender_commune"] == "20242"


# --- sent twice, sent again -------------------------------------------------------------------------------------------


def test_the_same_form_sent_twice_is_one_dossier(ready: Sitting, web_store: Store) -> None:
    data = {**ready.form.fields, "step": "save"}
    first, second = (ready.client.post("/dossiers/new", data=data) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    with web_store.read() as reader:
        assert len(reader.rows(text("SELECT code FROM dossier"))) == 1


def test_the_same_sender_and_procedure_twice_a_day_is_asked_about(ready: Sitting, web_store: Store) -> None:
    first = saved(ready.press("save"), web_store)
    again = sit_down(ready.client, f"/dossiers/new?again={first.code}").press("look", procedure_q=BIRTH)
    again.press("complete", postage="30000").press("save")
    assert only_problem(again) == "Người này vừa gửi cùng thủ tục lúc 09:00 hôm nay."
    assert f'href="/dossiers/{first.code}"' in again.page.text
    assert saved(again.press("save", confirm_duplicate="1"), web_store).code != first.code


# --- bad input gets a sentence ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"sender_phone": "091234567"}, "Số điện thoại phải có 10 số, bắt đầu bằng 0. Đang có 9 số."),
        ({"sender_number": "04920500013"}, "Số căn cước có 12 số. Đang có 11 số."),
        ({"label": "P3FHJ-8QXV8"}, "Mã sai 1 ký tự: P3FHJ-8QXV? Quét lại."),
        ({"label": "7K2M4-9RTBQ"}, "7K2M4-9RTBQ là mã hồ sơ. Ở đây cần mã bưu gửi: quét mã bưu gửi."),
        ({"postal_number": "RA123456784VN"}, "Số hiệu bưu gửi RA123456784VN sai 1 số. Quét lại mã vạch."),
        ({"postage": ""}, "Nhập cước bưu chính. Không thu cước thì nhập 0."),
        ({"postage": "30.5"}, "“30.5” không phải là số. Nhập số nguyên, không có phần lẻ."),
        ({"sender_name": "A"}, "Họ và tên có ít nhất 2 chữ cái. Nhập đủ họ và tên."),
        ({"weight": "31000"}, "31000 quá lớn, nhiều nhất là 30000. Xem lại số vừa nhập."),
        ({"fees": "8000"}, "Ghi căn cứ thu phí, lệ phí, ví dụ: thông báo của cơ quan giải quyết."),
        (
            {"sender_phone": ""},
            "Nhập số điện thoại người gửi (10 số), hoặc chọn “Không có điện thoại”.",
        ),
        (
            {"sender_commune_q": "20227"},
            "Phường Thanh Bình không còn từ ngày 01/7/2025. Chọn một đơn vị mới: Phường Hải Châu (20242).",
        ),
        (
            {"mode": "B", "official_code": "H48.17-261116-0001"},
            "Nhập ngày hẹn trả ghi trên Giấy tiếp nhận.",
        ),
        (
            {"mode": "B", "official_code": "H48.17-261116-0001", "promised_on": "13/11/2026"},
            "Ngày hẹn trả thứ Sáu, 13/11/2026 đã qua. Xem lại Giấy tiếp nhận.",
        ),
        (
            {"mode": "B", "promised_on": "20/11/2026"},
            "Chưa có mã hồ sơ của Một cửa. Nhập đúng mã in trên giấy tiếp nhận, ví dụ H48.17-261116-0001.",
        ),
        (
            {"official_code": "H48.17-261341-0001"},
            (
                "Ngày nhận trong mã hồ sơ H48.17-261341-0001 không có thật: 261341. Sáu số này là năm, tháng, ngày, "
                "ví dụ 230116 là ngày 16/01/2023. Đối chiếu Giấy tiếp nhận rồi gõ lại."
            ),
        ),
        (
            {"receiver_name": "Lê Thị Bưởi", "receiver_address": "9 Lê Lợi"},
            "Chọn xã, phường nơi nhận kết quả.",
        ),
        ({"return_way": "post_office", "return_place": ""}, "Chọn bưu cục nơi khách đến nhận kết quả."),
        ({"subject_number": "049205000137"}, "Nhập họ và tên người được nộp thay."),
        ({"line_4_originals": "2"}, "Nhập tên giấy tờ cho dòng đã có số lượng."),
    ],
)
def test_each_wrong_field_gets_its_sentence(ready: Sitting, typed: dict[str, str], sentence: str) -> None:
    ready.press("save", **typed)
    assert sentence in problems(ready)
    assert ready.page.status_code == 422
    assert {name: ready.form.fields[name] for name in typed} == typed


def test_an_empty_form_asks_for_everything_from_top_to_bottom(clerk: TestClient) -> None:
    sentences = problems(sit_down(clerk).press("save"))
    assert [sentence.split()[0] for sentence in sentences] == ["Nhập"] * 4 + ["Chọn"] * 2 + ["Nhập"]
    assert sentences[0].startswith("Nhập số điện thoại người gửi (10 số)")


def test_a_label_that_is_bound_is_refused_and_a_new_one_taken(ready: Sitting, web_store: Store) -> None:
    first = saved(ready.press("save"), web_store)
    label = codes.shown(item_of(web_store, first.code).code)
    second = sit_down(ready.client, f"/dossiers/new?again={first.code}").press("look", procedure_q=BIRTH)
    second.press("complete", postage="0").press("save", confirm_duplicate="1", label=label)
    assert only_problem(second) == f"Nhãn {label} đã gắn với một hồ sơ khác. Lấy nhãn mới rồi lưu lại."
    saved(second.press("save", confirm_duplicate="1", label="P3FHJ-8QXV9"), web_store)


def test_a_missing_paper_offers_guidance_or_a_reason(ready: Sitting, web_store: Store) -> None:
    ready.press("save", line_1_originals="")
    assert only_problem(ready).startswith("Còn 1 giấy tờ bắt buộc chưa đủ: Giấy chứng sinh.")
    assert {"turn_back", "save"} <= set(ready.form.buttons)
    dossier = saved(ready.press("save", why_incomplete="Khách nộp sau tại Một cửa"), web_store)
    with web_store.read() as reader:
        note = reader.texts.get([dossier.note])[dossier.note]
    assert note == "Nhận khi chưa đủ giấy tờ: Khách nộp sau tại Một cửa"


def test_who_is_turned_back_takes_home_what_is_missing(clerk: TestClient) -> None:
    sitting = sit_down(clerk).press("look", procedure_q=BIRTH)
    sitting.press("turn_back", line_0_originals="1")
    assert sitting.page.status_code == 303
    path = sitting.page.headers["location"].partition("?")[0]
    page = clerk.get(path).text
    assert "Đã hướng dẫn hoàn thiện, chưa nhận" in page
    assert "<li>Giấy chứng sinh</li>" in page
    assert clerk.get(f"{path}/guidance.pdf").content.startswith(b"%PDF")
    assert clerk.get(f"{path}/receipt.pdf").status_code == 422


def test_a_procedure_the_post_may_not_carry_says_why_and_where_to_go(ready: Sitting) -> None:
    ready.press("save", procedure_q="kết hôn")
    assert only_problem(ready).startswith("Không gửi qua bưu điện thủ tục &#34;Thủ tục đăng ký kết hôn&#34;: hai bên")
    assert "Mời khách nộp tại bộ phận Một cửa của xã, phường" in only_problem(ready)
    assert ready.press("turn_back").page.status_code == 303


def test_where_no_rule_is_known_the_clerk_chooses_the_authority(ready: Sitting, web_store: Store) -> None:
    ready.press("look", procedure_q="1.014100", case_commune_q="00070", line_0_name="Đơn", line_0_originals="1")
    assert "Chọn nơi nhận và cơ quan giải quyết" in ready.page.text
    ready.press("save")
    assert "Chọn cơ quan giải quyết." in problems(ready)
    ready.press("look", desk="MC-T01", department="SO-01-TP")
    assert "Giao dịch viên chọn cơ quan" in ready.page.text
    assert saved(ready.press("save"), web_store).department == "SO-01-TP"


def test_a_day_in_an_unpublished_year_is_called_provisional(app: FastAPI, signed_in: Open, web_store: Store) -> None:
    app.state.clock.at = datetime(2026, 12, 31, 2, 0, tzinfo=UTC)
    sitting = sit_down(signed_in("lan")).press("look", card=CARD)
    sitting.press("look", sender_phone="0912345678", procedure_q=BIRTH)
    assert "Lịch làm việc của năm đó chưa công bố: ngày dự kiến là tạm tính." in sitting.page.text
    dossier = saved(sitting.press("complete", postage="0").press("save"), web_store)
    assert dossier.expected_at_desk_on
    assert dossier.expected_at_desk_on.year == 2027
    assert "(tạm tính)" in sitting.client.get(f"/dossiers/{dossier.code}").text


def test_who_holds_no_counter_is_told_and_keeps_what_was_typed(ready: Sitting, signed_in: Open) -> None:
    head = signed_in("hung")
    assert "chưa phụ trách quầy nào" in head.get("/counter").text
    fields = {**ready.form.fields, "csrf": sit_down(head).form.fields["csrf"], "step": "save"}
    answer = Sitting(head, head.post("/dossiers/new", data=fields))
    assert only_problem(answer).startswith("Hung chưa phụ trách quầy nào.")
    assert answer.form.fields["sender_name"] == "Nguyễn Văn Khánh"


def test_an_organisation_sends_with_its_tax_code(ready: Sitting, web_store: Store) -> None:
    wrong = ready.press("save", sender_kind="organisation", sender_number="0100233489", sender_name="Công ty Ví Dụ")
    assert only_problem(wrong) == "Mã số thuế sai 1 số. Đối chiếu đăng ký doanh nghiệp rồi gõ lại."
    dossier = saved(ready.press("save", sender_number="0100233488"), web_store)
    with web_store.read() as reader:
        sender = reader.people.of([dossier.code])[dossier.code, "sender"]
    assert (sender.kind, sender.tax_code) == ("organisation", "0100233488")


def test_a_result_alone_is_registered_by_the_authoritys_code(ready: Sitting, web_store: Store) -> None:
    ready.press("save", service="receive", official_code="H48.17-261110-0042")
    dossier = saved(ready, web_store)
    assert dossier.official_code == "H48.17-261110-0042"
    assert "Bưu điện không chuyển giấy tờ nào" in ready.client.get(f"/dossiers/{dossier.code}").text


def test_garbage_in_hidden_fields_is_no_fault(clerk: TestClient) -> None:
    sitting = sit_down(clerk)
    odd = {
        "line_count": "9999999999",
        "procedure": "x",
        "procedure_q": "x",
        "procedure_for": "x",
        "sender_commune": "zz",
    }
    answer = sitting.press("save", **odd, sender_commune_q="zz", sender_commune_for="zz", service="?", payment="?")
    assert answer.page.status_code == 422
    for step in ("commune:sender:99999", "commune::", "procedure:zz", "nothing"):
        assert sit_down(clerk).press(step).page.status_code == 200
