"""Biên bản giao nhận: every item a line, counted and totalled, both sides sign with day and hour."""

import dataclasses
import re

import pytest

from labels import handover, payload
from labels.handover import HandoverSheet
from labels.record import Party
from tests.labels import forms, paper


def record_with(**changes: object) -> HandoverSheet:
    return dataclasses.replace(forms.HANDOVER, **changes)  # type: ignore[arg-type] # fields by name


def record_of(count: int) -> HandoverSheet:
    return record_with(lines=tuple(dataclasses.replace(forms.LINE, note=f"dòng số {n}.") for n in range(1, count + 1)))


def test_the_record_is_one_page_of_a4_with_its_number_as_a_symbol() -> None:
    pdf = handover.handover_pdf(forms.HANDOVER)
    assert paper.sizes_mm(pdf) == [(210.0, 297.0)]
    assert paper.symbols(paper.pages(pdf)[0]) == [payload.item_code(forms.HANDOVER.number)]


@pytest.mark.parametrize(
    "expected",
    [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc",
        "BIÊN BẢN GIAO NHẬN HỒ SƠ",
        "G5R2X-6VTHC",
        f"Hồi {forms.HANDOVER.time}, tại {forms.LONGEST_DESK}",
        "Bên giao: Bưu điện trung tâm Đà Nẵng Lê Văn Tài, Nhân viên vận chuyển",
        f"Bên nhận: {forms.LONGEST_DESK} Phạm Thị Hoa, Bộ phận Tiếp nhận và Trả kết quả",
        "Túi và niêm phong: T9C4N-7MBKP, niêm phong 774411",
        "1 P3FHJ-8QXV9 H17.125-261116-0004 EB123456789VN 2 1 12 881245",
        "2 P2222-22222 7K2M4-9RTBQ 1 – – 881246 Đủ",
        "000.00.19.H17-261116-0123",
        "Thiếu bản sao Căn cước, hai bên cùng lập biên bản",
        "Tổng cộng: 3 bưu gửi 6 1 13",
        "Bên nhận xác nhận đã nhận đủ giấy tờ nêu trên",
        "BÊN GIAO",
        "BÊN NHẬN",
    ],
)
def test_the_record_says_what_both_sides_sign(expected: str) -> None:
    assert paper.squeezed(expected) in paper.squeezed(paper.text(handover.handover_pdf(forms.HANDOVER)))


def test_each_side_writes_hour_and_day_beside_the_signature() -> None:
    words = paper.squeezed(paper.text(handover.handover_pdf(forms.HANDOVER)))
    assert len(re.findall(r"\.{4,}giờ\.{4,}phút,ngày\.{4,}tháng\.{4,}năm\.{4,}", words)) == 2


def test_the_note_on_the_legal_time_stands_only_where_signing_is_the_submission() -> None:
    note = "là thời điểm nộp hồ sơ theo quy định (Quyết định 45/2016/QĐ-TTg, Điều 7 khoản 4)"
    assert note in paper.text(handover.handover_pdf(forms.HANDOVER))
    assert "thời điểm nộp" not in paper.text(handover.handover_pdf(record_with(is_legal_submission=False)))


def test_many_items_flow_on_with_the_header_repeated_and_pages_counted() -> None:
    pages = paper.texts(handover.handover_pdf(record_of(120)))
    assert len(pages) >= 3
    for number, page in enumerate(pages, start=1):
        assert f"Trang {number}/{len(pages)}" in page
        assert ("STT Mã bưu gửi" in page) == ("dòng số" in page)
    assert [int(number) for number in re.findall(r"dòng số (\d+)\.", " ".join(pages))] == [*range(1, 121)]


@pytest.mark.parametrize("count", range(17, 27))
def test_the_totals_are_never_alone_on_a_page(count: int) -> None:
    pages = paper.texts(handover.handover_pdf(record_of(count)))
    (with_totals,) = [page for page in pages if "Tổng cộng" in page]
    assert f"dòng số {count}." in with_totals


@pytest.mark.parametrize("text", [forms.LONGEST_DESK * 6, *forms.OVERLONG, *forms.HOSTILE])
def test_no_text_runs_off_the_paper_or_is_read_as_markup(text: str) -> None:
    party = Party(unit=text, position=text, person=text)
    line = dataclasses.replace(
        forms.LINE, slip_number=text, post_number=text, seal_number=text, counted=text, note=text
    )
    pdf = handover.handover_pdf(
        record_with(place=text, time=text, giver=party, receiver=party, lines=(line, line), bags=text, remarks=text)
    )
    for page in paper.pages(pdf):
        assert min(paper.ink_mm(page)) >= 4.9
    assert paper.squeezed(paper.text(pdf)).count(paper.squeezed(text)[:12]) >= 10


def test_every_font_is_embedded() -> None:
    fonts = paper.fonts(handover.handover_pdf(forms.HANDOVER))
    assert fonts
    assert all(fonts.values()), fonts


def test_a_record_without_items_or_with_a_wrong_code_is_not_printed() -> None:
    with pytest.raises(ValueError, match="at least one"):
        handover.handover_pdf(record_with(lines=()))
    with pytest.raises(payload.Unprintable):
        handover.handover_pdf(record_with(number="G5R2X"))


def test_originals_given_back_fees_and_papers_to_recover_stand_on_their_line() -> None:
    line = dataclasses.replace(forms.LINE, back=1, fee="135.000", to_recover=2)
    words = paper.squeezed(paper.text(handover.handover_pdf(record_with(lines=(line, forms.LINE)))))
    assert paper.squeezed("Bản chính trả lại Phải thu (đồng) Giấy tờ thu hồi") in words
    slip = "H17.125-261116-0004 · EB123456789VN"
    assert paper.squeezed(f"1 P3FHJ-8QXV9 {slip} 2 1 12 881245 1 135.000 2") in words
    assert paper.squeezed(f"2 P3FHJ-8QXV9 {slip} 2 1 12 881245 – – –") in words
    assert paper.squeezed("Tổng cộng: 2 bưu gửi 4 2 24") in words


def test_a_record_with_nothing_to_add_has_no_such_columns() -> None:
    assert "Phải thu" not in paper.text(handover.handover_pdf(forms.HANDOVER))


def test_thirty_results_with_fees_fit_on_two_pages() -> None:
    slip = "7K2M4-9RTBQ · H48.17-261116-0001"
    lines = tuple(dataclasses.replace(forms.LINE, slip_number=slip, post_number="", fee="50.000") for _ in range(30))
    assert len(paper.pages(handover.handover_pdf(record_with(lines=lines)))) == 2


@pytest.mark.parametrize("text", [*forms.OVERLONG, *forms.HOSTILE])
def test_no_text_runs_off_the_paper_beside_the_further_columns(text: str) -> None:
    line = dataclasses.replace(forms.LINE, slip_number=text, post_number=text, seal_number=text, fee=text, note=text)
    for page in paper.pages(handover.handover_pdf(record_with(lines=(line, line)))):
        assert min(paper.ink_mm(page)) >= 4.9
