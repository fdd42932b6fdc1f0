"""Form 02 of the authority: every missing paper with its reason, by when, and a symbol that tells nobody anything."""

import dataclasses

import pytest

from labels import supplement_request
from labels.payload import Unprintable
from labels.supplement_request import AskedPaper, SupplementRequest
from tests.labels import forms, paper

REQUEST = SupplementRequest(
    code="7K2M4-9RTBQ",
    official_code="H48.17-261116-0001",
    authority="Ủy ban nhân dân phường Hải Châu",
    desk=forms.LONGEST_DESK,
    place_and_day="Đà Nẵng, ngày 17 tháng 11 năm 2026",
    citizen="Nguyễn Thị Hồng Nhung",
    address="Tổ 5, kiệt 12 Nguyễn Lương Bằng, phường Hòa Khánh, thành phố Đà Nẵng",
    phone="0905 123 456",
    email="hongnhung@example.vn",
    asks_for="Cấp bản sao trích lục hộ tịch, bản sao Giấy khai sinh (2.000635)",
    papers=(
        AskedPaper(name="Giấy khám sức khỏe (bản chính, trong 12 tháng)", reason="bản đã nộp hết hạn"),
        AskedPaper(name="Ảnh 3×4", reason="thiếu"),
    ),
    reason="phát hiện khi thẩm định",
    due="thứ Hai, 30/11/2026",
    clock="Thời hạn giải quyết được tính lại từ ngày nhận đủ giấy tờ.",
    host="hoso.example.vn",
    hotline="1900 0000",
    officer="Lý Thanh Xuân",
    officer_phone="0236 3000 000",
)


def request_with(**changes: object) -> SupplementRequest:
    return dataclasses.replace(REQUEST, **changes)  # type: ignore[arg-type] # fields by name


def test_what_a_desk_usually_asks_for_is_one_page_of_a5() -> None:
    papers = tuple(AskedPaper(name=f"Giấy tờ số {n}", reason="thiếu") for n in range(1, 6))
    assert paper.sizes_mm(supplement_request.supplement_request_pdf(request_with(papers=papers))) == [(148.0, 210.0)]


@pytest.mark.parametrize(
    "expected",
    [
        "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Đà Nẵng, ngày 17 tháng 11 năm 2026",
        "H48.17-261116-0001",
        "Nguyễn Thị Hồng Nhung",
        "0905 123 456",
        "bổ sung, hoàn thiện 2 giấy tờ",
        "Giấy khám sức khỏe (bản chính, trong 12 tháng)",
        "bản đã nộp hết hạn",
        "Lý do yêu cầu thêm: phát hiện khi thẩm định",
        "Hạn bổ sung: thứ Hai, 30/11/2026",
        "Thời hạn giải quyết được tính lại từ ngày nhận đủ giấy tờ.",
        "bất kỳ bưu cục nào",
        "NGƯỜI HƯỚNG DẪN",
        "Lý Thanh Xuân",
        "Mẫu số 02",
        "7K2M4-9RTBQ",
    ],
)
def test_every_field_of_the_form_is_there(expected: str) -> None:
    words = paper.text(supplement_request.supplement_request_pdf(REQUEST))
    assert paper.squeezed(expected) in paper.squeezed(words)


def test_the_symbol_carries_the_code_alone() -> None:
    (page,) = paper.pages(supplement_request.supplement_request_pdf(REQUEST))
    assert paper.symbols(page) == ["7K2M49RTBQ"]


def test_what_is_not_known_leaves_no_empty_line() -> None:
    bare = request_with(address="", phone="", email="", reason="", due="", clock="", officer_phone="")
    words = paper.text(supplement_request.supplement_request_pdf(bare))
    assert not [
        name for name in ("Địa chỉ", "Điện thoại", "Email", "Lý do yêu cầu thêm", "Hạn bổ sung") if name in words
    ]


def test_a_long_list_flows_on_with_the_header_repeated() -> None:
    pages = paper.texts(supplement_request.supplement_request_pdf(request_with(papers=REQUEST.papers * 20)))
    assert len(pages) >= 3
    assert all("STT Giấy tờ Lý do" in page for page in pages if "Ảnh 3×4" in page)


@pytest.mark.parametrize("text", [*forms.OVERLONG, *forms.HOSTILE])
def test_no_text_runs_off_the_paper_or_is_read_as_markup(text: str) -> None:
    names = [field.name for field in dataclasses.fields(SupplementRequest) if field.name not in ("code", "papers")]
    full = request_with(**dict.fromkeys(names, text), papers=(AskedPaper(name=text, reason=text),) * 2)
    pdf = supplement_request.supplement_request_pdf(full)
    for page in paper.pages(pdf):
        assert min(paper.ink_mm(page)) >= 4.9
    assert paper.squeezed(paper.text(pdf)).count(paper.squeezed(text)[:16]) >= 15


def test_every_font_is_embedded_and_equal_requests_are_equal_bytes() -> None:
    pdf = supplement_request.supplement_request_pdf(REQUEST)
    assert all(paper.fonts(pdf).values())
    assert pdf == supplement_request.supplement_request_pdf(REQUEST)


def test_a_wrong_code_is_not_printed_and_nothing_asked_is_no_paper() -> None:
    with pytest.raises(Unprintable):
        supplement_request.supplement_request_pdf(request_with(code="7K2M4-9RTBA"))
    with pytest.raises(ValueError, match="Nothing is asked for"):
        supplement_request.supplement_request_pdf(request_with(papers=()))
