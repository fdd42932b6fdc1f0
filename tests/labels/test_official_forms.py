"""Forms 01 to 07 and the hand-over of results: every field of the law, on A5 or A4, nothing clipped, pages numbered."""

import csv
import dataclasses
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from labels import (
    apology,
    control_slip,
    reception_slip,
    refusal_slip,
    register_book,
    result_handover,
    stop_notice,
    supplement_request,
)
from labels.control_slip import Hop
from labels.official_form import Applicant, Head
from labels.payload import Unprintable
from labels.reception_slip import HandedIn
from tests.labels import forms, mau, paper

A5, A4, ACROSS = (148.0, 210.0), (210.0, 297.0), (297.0, 210.0)

PRINTS: dict[str, tuple[Callable[[Any], bytes], Any, tuple[float, float]]] = {
    "01": (reception_slip.reception_slip_pdf, mau.RECEPTION, A5),
    "01 of 2018": (
        reception_slip.reception_slip_pdf,
        dataclasses.replace(mau.RECEPTION, counts_apart=True),
        A5,
    ),
    "02": (supplement_request.supplement_request_pdf, mau.SUPPLEMENT, A5),
    "03": (refusal_slip.refusal_slip_pdf, mau.REFUSAL, A5),
    "04": (apology.apology_pdf, mau.APOLOGY, A5),
    "05": (stop_notice.stop_notice_pdf, mau.STOP, A5),
    "06": (control_slip.control_slip_pdf, mau.CONTROL, A4),
    "07": (register_book.register_pdf, mau.REGISTER, ACROSS),
    "results": (result_handover.result_handover_pdf, mau.RESULTS, ACROSS),
}

HEADED = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", forms.LONGEST_DESK)
OF_A_DOSSIER = (
    *HEADED,
    "Ủy ban nhân dân phường Hải Châu",
    "Đà Nẵng, ngày 17 tháng 11 năm 2026",
    mau.OFFICIAL,
    mau.BASIS,
)
OWNER, ADDRESS = mau.APPLICANT.owner, mau.APPLICANT.address

FIELDS: dict[str, tuple[str, ...]] = {
    "01": (
        *OF_A_DOSSIER,
        "Mẫu số 01",
        "Quyển số: 01",
        "Số thứ tự: 1204",
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        "(Liên: Lưu)",
        "(Liên: Giao khách hàng)",
        f"Bộ phận Tiếp nhận và Trả kết quả: {forms.LONGEST_DESK}",
        f"Tiếp nhận hồ sơ của: {OWNER}",
        "Người nộp: Nguyễn Thị Hồng Nhung",
        f"Địa chỉ: {ADDRESS}",
        "Số điện thoại: 0905 123 456",
        "Email: hongnhung@example.vn",
        "Số CMND/CC/Hộ chiếu: 048190001234",
        f"Nội dung yêu cầu giải quyết: {mau.PROCEDURE}",
        "1. Thành phần hồ sơ",
        "STT Tên giấy tờ Loại giấy tờ Số lượng",
        "2 Giấy ủy quyền có chứng thực Bản chính Bản chứng thực 1 1",
        "3 Căn cước của người ủy quyền Bản photo 2",
        "2. Số lượng hồ sơ (bộ): .....",
        "3. Thời gian giải quyết theo quy định: 3 ngày làm việc",
        "4. Thời gian nhận hồ sơ: 10 giờ 20 phút, ngày 17 tháng 11 năm 2026",
        "5. Thời gian trả kết quả: 17 giờ 00 phút, ngày 20 tháng 11 năm 2026",
        "6. Thời gian nhận hồ sơ giai đoạn 2: .....",
        "7. Thời gian trả kết quả giai đoạn 2: .....",
        "Đăng ký nhận kết quả tại: Trả tận nhà qua bưu điện",
        "Phí, lệ phí: 8.000 đ",
        "Vào Sổ theo dõi hồ sơ, Quyển số: 01 Số thứ tự: 1204",
        "NGƯỜI NỘP HỒ SƠ",
        "NGƯỜI TIẾP NHẬN HỒ SƠ",
        "(Ký, ghi rõ họ tên)",
        "Khi đến nhận kết quả, mang theo giấy này",
        "Số điện thoại hỗ trợ: 1900 0000",
    ),
    "01 of 2018": (
        "TT Tên giấy tờ Số bản chính Số bản chứng thực Số bản photo",
        "2 Giấy ủy quyền có chứng thực 1 1 –",
        "3 Căn cước của người ủy quyền – – 2",
    ),
    "02": (
        *OF_A_DOSSIER,
        "Mẫu số 02",
        "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ",
        f"Hồ sơ của (chủ hồ sơ): {OWNER}",
        f"Địa chỉ: {ADDRESS}",
        "Số điện thoại: 0905 123 456",
        "Email: hongnhung@example.vn",
        f"Nội dung yêu cầu giải quyết: {mau.PROCEDURE}",
        "bổ sung, hoàn thiện 2 giấy tờ",
        "1 Giấy khám sức khỏe (bản chính, trong 12 tháng) bản đã nộp hết hạn",
        "2 Ảnh 3×4 thiếu",
        "Lý do: phát hiện khi thẩm định",
        "Hạn bổ sung: thứ Hai, 30/11/2026",
        "bất kỳ bưu cục nào",
        "Thời hạn giải quyết được tính lại từ ngày nhận đủ giấy tờ.",
        "Website: hoso.example.vn",
        "Cán bộ hướng dẫn: Lý Thanh Xuân",
        "Số điện thoại: 0236 3000 000",
        "Tổng đài: 1900 0000",
        "NGƯỜI HƯỚNG DẪN",
    ),
    "03": (
        *OF_A_DOSSIER,
        "Mẫu số 03",
        "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ",
        f"Hồ sơ của (chủ hồ sơ): {OWNER}",
        f"Địa chỉ: {ADDRESS}",
        "Số điện thoại: 0905 123 456",
        "Email: hongnhung@example.vn",
        f"Nội dung yêu cầu giải quyết: {mau.PROCEDURE}",
        "Lý do từ chối: Hồ sơ không thuộc thẩm quyền giải quyết của phường.",
        "Website: hoso.example.vn",
        "Cán bộ hướng dẫn: Lý Thanh Xuân",
        "NGƯỜI NỘP HỒ SƠ",
        "NGƯỜI TỪ CHỐI",
    ),
    "04": (
        *OF_A_DOSSIER,
        "Mẫu số 04",
        "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN",
        f"Kính gửi: {OWNER}",
        f"Mã hồ sơ: {mau.OFFICIAL}",
        "Ngày tiếp nhận hồ sơ: 17/11/2026",
        "Ngày hẹn trả kết quả: 17:00, 20/11/2026",
        "Lý do quá hạn: phải xác minh tại nơi đăng ký khai sinh cũ",
        "hẹn lại ngày trả kết quả: 17:00, 27/11/2026",
        "Chúng tôi xin lỗi ông/bà, tổ chức",
        "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",
        "(Ký tên, đóng dấu)",
        "Trần Văn Hòa",
    ),
    "05": (
        *OF_A_DOSSIER,
        "Mẫu số 05",
        "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ",
        f"Mã hồ sơ: {mau.OFFICIAL}",
        "Người đề nghị dừng: Nguyễn Thị Hồng Nhung",
        "Ngày đề nghị: 18/11/2026",
        "Kênh đề nghị: Trực tiếp x Qua bưu chính Trực tuyến",
        "Lý do dừng: Người nộp đổi ý, không còn nhu cầu.",
        "Căn cứ: Nghị định 118/2025/NĐ-CP, Điều 21",
        "Giấy tờ trả lại:",
        "1 Tờ khai cấp bản sao trích lục hộ tịch 1",
        "Phí, lệ phí hoàn trả (nếu có): 8.000 đ",
        "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",
    ),
    "06": (
        *OF_A_DOSSIER,
        "Mẫu số 06",
        "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ",
        f"Kèm theo hồ sơ của: {OWNER}",
        f"Mã hồ sơ: {mau.OFFICIAL}",
        "Ngày nhận: 10:20, 17/11/2026",
        "Ngày, giờ hẹn trả: 17:00, 20/11/2026",
        "Cơ quan (bộ phận) giải quyết hồ sơ: Ủy ban nhân dân phường Hải Châu",
        "Cơ quan phối hợp giải quyết hồ sơ: .....",
        "TÊN CƠ QUAN THỜI GIAN GIAO, NHẬN HỒ SƠ (1) KẾT QUẢ GIẢI QUYẾT HỒ SƠ (2) GHI CHÚ",
        "1. Giao: Bưu điện trung tâm Đà Nẵng",
        f"2. Nhận: {forms.LONGEST_DESK}",
        "10 giờ 20 phút, ngày 17 tháng 11 năm 2026",
        "Người giao Võ Đức Tài",
        "Người nhận Lý Thanh Xuân",
        "xTrước hạn",
        "Đúng hạn",
        "Quá hạn",
        "Biên bản G5R2X-6VTHC",
        "Quyết định số 45/2016/QĐ-TTg",
        "do bên nhận hồ sơ ghi",
    ),
    "07": (
        *HEADED,
        "Mẫu số 07",
        "SỔ THEO DÕI HỒ SƠ",
        "Năm 2026 · Quyển số 01 · Tháng 11",
        *(name for name, *_ in register_book.COLUMNS),
        "1204 H48.17-261116-0001",
        "0905 123 456",
        "17/11/2026 20/11/2026 19/11/2026 Tận nhà Lý Thanh Xuân",
        "Tháng này có 2 hồ sơ, từ số 1204 đến số 1205.",
        "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",
        "(Ký tên, đóng dấu)",
    ),
    "results": (
        *HEADED,
        "G5R2X-6VTHC",
        "PHIẾU BÀN GIAO KẾT QUẢ GIẢI QUYẾT HỒ SƠ",
        "Bên giao: Sở Tư pháp thành phố Đà Nẵng",
        f"Bên nhận: {forms.LONGEST_DESK}",
        "TT Mã hồ sơ Nội dung Kết quả Chủ hồ sơ Địa chỉ Phí, lệ phí (X) Đăng ký trả qua bưu điện (X)",
        "Trích lục khai sinh (1 bản chính)",
        f"{ADDRESS} X X",
        "Tổng cộng: 1 kết quả.",
        "NGƯỜI GIAO",
        "NGƯỜI NHẬN",
        "Đỗ Minh Quân",
    ),
}  # fmt: skip


def printed(name: str, **changes: Any) -> bytes:
    make, value, _ = PRINTS[name]
    return make(dataclasses.replace(value, **changes))


@pytest.mark.parametrize("name", PRINTS)
def test_every_field_of_the_form_is_on_it(name: str) -> None:
    words = paper.squeezed(paper.text(printed(name)))
    lacking = [field for field in FIELDS[name] if paper.squeezed(field).replace(".....", "") not in words]
    assert lacking == []


@pytest.mark.parametrize("name", PRINTS)
def test_the_form_has_the_size_the_circular_asks_for_and_every_page_says_which_it_is(name: str) -> None:
    pdf = printed(name)
    assert set(paper.sizes_mm(pdf)) == {PRINTS[name][2]}
    pages = paper.texts(pdf)
    copies = len(pages) // 2 if name.startswith("01") else len(pages)
    assert [re.findall(r"Trang (\d+/\d+)", page) for page in pages] == [
        [f"{number % copies + 1}/{copies}"] for number in range(len(pages))
    ]


@pytest.mark.parametrize("name", PRINTS)
def test_every_font_is_embedded_and_the_words_are_set_with_serifs(name: str) -> None:
    fonts = paper.fonts(printed(name))
    assert all(fonts.values()), fonts
    assert any("LibertinusSerif" in font for font in fonts)


@pytest.mark.parametrize("name", [name for name in PRINTS if name != "07"])
def test_the_symbol_carries_the_code_alone(name: str) -> None:
    expected = "G5R2X6VTHC" if name == "results" else "7K2M49RTBQ"
    assert paper.symbols(paper.pages(printed(name))[0]) == [expected]


@pytest.mark.parametrize("name", PRINTS)
@pytest.mark.parametrize("text", [*forms.OVERLONG, *forms.HOSTILE])
def test_no_text_runs_off_the_paper_or_is_read_as_markup(name: str, text: str) -> None:
    pdf = printed(name, **_filled(PRINTS[name][1], text))
    for page in paper.pages(pdf):
        assert min(paper.ink_mm(page)) >= 4.5
    assert paper.squeezed(text)[:12] in paper.squeezed(paper.text(pdf))


def _filled(value: Any, text: str) -> dict[str, Any]:
    """Return changes that put a text into every field that takes one, also those of what lies inside."""
    kept = ("head", "form", "basis", "channel")
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        now = getattr(value, field.name)
        if isinstance(now, str) and field.name not in kept:
            changes[field.name] = text
        elif isinstance(now, Applicant):
            changes[field.name] = Applicant(**{each.name: text for each in dataclasses.fields(Applicant)})
        elif isinstance(now, Head):
            changes[field.name] = dataclasses.replace(
                now, authority=text, desk=text, place_and_day=text, official_code=text
            )
        elif isinstance(now, tuple) and now and dataclasses.is_dataclass(now[0]):
            changes[field.name] = tuple(dataclasses.replace(each, **_filled(each, text)) for each in now)
    return changes


# --- what is not known ------------------------------------------------------------------------------------------------


def test_what_nobody_knows_is_a_line_to_write_on() -> None:
    bare = Head(form="Mẫu số 01", desk="Một cửa", code="7K2M4-9RTBQ")
    pdf = printed("01", head=bare, applicant=mau.NOBODY, papers=(), limit="", due_at="", officer="", submitter="")
    words = paper.squeezed(paper.text(pdf))
    for label in ("Quyểnsố:", "Sốthứtự:", "Mãhồsơ:", "Ngườinộp:", "Sốđiệnthoại:", "5.Thờigiantrảkếtquả:"):
        assert re.search(re.escape(label) + r"\.{5,}", words), label
    assert paper.squeezed("......, ngày ...... tháng ...... năm ........") in words


def test_an_apology_that_nobody_signed_is_a_draft() -> None:
    words = paper.text(printed("04", is_draft=True, cause="", new_due_at="", signer=""))
    assert "(Dự thảo, chưa ký)" in words
    assert re.search(r"Lý do quá hạn: \.{9,}", words)
    assert "Dự thảo" not in paper.text(printed("04"))


def test_older_forms_bear_their_older_titles() -> None:
    assert "NGƯỜI TIẾP NHẬN" in paper.text(printed("03", refuser_title="NGƯỜI TIẾP NHẬN"))
    assert apology.OLD_TITLE in paper.text(printed("04", title=apology.OLD_TITLE))


def test_a_hop_that_is_still_to_come_has_lines_and_three_empty_boxes() -> None:
    words = paper.squeezed(paper.text(printed("06", hops=(), blank_rows=1)))
    assert re.search(r"1\.Giao:\.{5,}2\.Nhận:\.{5,}", words)
    assert re.search(r"\.{3,}giờ\.{3,}phút,ngày\.{3,}tháng\.{3,}năm\.{3,}", words)
    assert "x" not in words.partition("GHICHÚ")[2].partition("Ghichú")[0]


# --- long ones --------------------------------------------------------------------------------------------------------


def test_sixty_papers_flow_on_with_the_header_repeated_on_both_copies() -> None:
    papers = tuple(HandedIn(name=f"Giấy tờ thứ {n}.", originals=1, copies=2) for n in range(1, 61))
    for name, heads in (("01", "STT Tên giấy tờ"), ("01 of 2018", "TT Tên giấy tờ")):
        pages = paper.texts(printed(name, papers=papers))
        half = len(pages) // 2
        assert half >= 3
        for page in pages:
            assert (heads in page) == ("Giấy tờ thứ" in page)
        found = [int(number) for number in re.findall(r"Giấy tờ thứ (\d+)\.", " ".join(pages[:half]))]
        assert found == list(range(1, 61))


def test_twenty_five_hops_flow_on_with_the_header_repeated() -> None:
    hops = tuple(Hop(giver=f"Nơi {n}.", receiver=f"Nơi {n + 1}.", note=f"chặng {n}.") for n in range(1, 26))
    pages = paper.texts(printed("06", hops=hops))
    assert len(pages) >= 3
    for number, page in enumerate(pages, start=1):
        assert f"Trang {number}/{len(pages)}" in page
        assert ("TÊN CƠ QUAN" in page) == ("chặng" in page)
    assert [int(n) for n in re.findall(r"chặng (\d+)\.", " ".join(pages))] == list(range(1, 26))


def test_a_long_register_repeats_its_header_and_is_signed_on_the_last_page() -> None:
    lines = tuple(dataclasses.replace(mau.LINE, number=f"{n:02d}", note=f"dòng {n}.") for n in range(1, 61))
    pages = paper.texts(printed("07", lines=lines, signer="Trần Văn Hòa"))
    assert len(pages) >= 5
    assert all("Tên/trích yếu" in page for page in pages if "dòng" in page)
    assert [int(n) for n in re.findall(r"dòng (\d+)\.", " ".join(pages))] == list(range(1, 61))
    assert ["Trần Văn Hòa" in page for page in pages] == [False] * (len(pages) - 1) + [True]


@pytest.mark.parametrize("count", range(3, 12))
def test_nobody_signs_on_a_page_of_its_own(count: int) -> None:
    asked = tuple(supplement_request.AskedPaper(name=f"Giấy tờ thứ {n}", reason="thiếu") for n in range(count))
    (last,) = [page for page in paper.texts(printed("02", papers=asked)) if "NGƯỜI HƯỚNG DẪN" in page]
    assert "Cán bộ hướng dẫn" in last


# --- files ------------------------------------------------------------------------------------------------------------


def test_the_register_as_a_workbook_has_every_cell_as_text() -> None:
    line = dataclasses.replace(mau.LINE, number="007", owner="=1+1", phone="0905123456")
    content = register_book.register_xlsx(dataclasses.replace(mau.REGISTER, lines=(line,)))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[2][0] == "SỔ THEO DÕI HỒ SƠ · Năm 2026 · Quyển số 01 · Tháng 11"
    assert rows[3] == [name for name, *_ in register_book.COLUMNS]
    assert (rows[4][0], rows[4][4], rows[4][6]) == ("007", "=1+1", "0905123456")
    assert {type(cell) for row in rows for cell in row} == {str}


def test_the_register_as_csv_opens_in_a_spreadsheet_and_calculates_nothing() -> None:
    line = dataclasses.replace(mau.LINE, owner="=1+1", address="+84, Tổ 5\x00")
    content = register_book.register_csv(dataclasses.replace(mau.REGISTER, lines=(line,)))
    assert content.startswith("\ufeff".encode())
    heads, only = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert heads == [name for name, *_ in register_book.COLUMNS]
    assert (only[0], only[4], only[5]) == ("1204", "'=1+1", "'+84, Tổ 5")


@pytest.mark.parametrize("name", [name for name in PRINTS if name != "07"])
def test_a_form_of_no_code_is_not_printed(name: str) -> None:
    with pytest.raises(Unprintable):
        printed(name, head=dataclasses.replace(PRINTS[name][1].head, code="7K2M4"))


def test_a_request_for_nothing_and_a_hand_over_of_nothing_are_not_printed() -> None:
    with pytest.raises(ValueError, match="Nothing is asked for"):
        printed("02", papers=())
    with pytest.raises(ValueError, match="at least one"):
        printed("results", lines=())


def test_a_register_of_several_parts_is_one_file_whose_pages_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_book, "LINES_A_PART", 30)
    lines = tuple(dataclasses.replace(mau.LINE, number=f"{n:02d}", note=f"dòng {n}.") for n in range(1, 71))
    pages = paper.texts(printed("07", lines=lines))
    assert [int(n) for n in re.findall(r"dòng (\d+)\.", " ".join(pages))] == list(range(1, 71))
    assert [re.findall(r"Trang (\d+)", page) for page in pages] == [[str(n)] for n in range(1, len(pages) + 1)]
    assert [("CỘNG HÒA" in page, "NGƯỜI GHI SỔ" in page) for page in (pages[0], pages[1], pages[-1])] == [
        (True, False),
        (False, False),
        (False, True),
    ]


def test_a_line_of_the_register_stays_on_one_page() -> None:
    lines = tuple(
        dataclasses.replace(mau.LINE, number=f"{n:02d}", note=f"đầu{n}. " + "a " * 70 + f"cuối{n}.") for n in range(30)
    )
    for page in paper.texts(printed("07", lines=lines)):
        assert re.findall(r"đầu(\d+)\.", page) == re.findall(r"cuối(\d+)\.", page)
