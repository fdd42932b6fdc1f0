"""Biên bản of an incident: one page, what differed, both voices, and lines where nobody knows yet."""

import dataclasses
import re

import pytest

from labels import incident_record, payload
from labels.incident_record import IncidentRecord
from labels.record import Party
from tests.labels import forms, paper

INCIDENT = IncidentRecord(
    code="N2K4M-9RTBQ",
    kind="niêm phong trên túi không khớp bảng kê",
    item_codes=("P3FHJ-8QXV9", "P2222-22222"),
    bag_code="T2K4M-9RTBQ",
    trip="CXXXX-XXXXX",
    seal_on_bag="881245",
    seal_on_manifest="881254",
    found_at="10 giờ 20 phút, ngày 22 tháng 11 năm 2026",
    found_place=forms.LONGEST_DESK,
    maker=Party(unit=forms.LONGEST_DESK, position="Bộ phận Tiếp nhận và Trả kết quả", person="Phạm Thị Hoa"),
    other=Party(unit="Bưu điện trung tâm Đà Nẵng", position="Nhân viên vận chuyển", person="Lê Văn Tài"),
    description=(
        "Số niêm phong đọc trên túi khác số ghi trong bảng kê. Dây niêm phong còn nguyên, vải túi không rách.",
        "Mở túi trước mặt hai bên, đếm được 48 trên 50 bưu gửi; thiếu hai bưu gửi nêu trên.",
    ),
    maker_note="Đã nhận 48 bưu gửi, đề nghị bưu điện tìm 2 bưu gửi còn thiếu.",
    due="10 giờ 20 phút, ngày 23 tháng 11 năm 2026",
)
UNKNOWN = IncidentRecord(code="NXXXX-XXXXX", kind="bưu gửi rách vỏ", maker=Party(), other=Party())


def incident_with(**changes: object) -> IncidentRecord:
    return dataclasses.replace(INCIDENT, **changes)  # type: ignore[arg-type] # fields by name


def words_of(incident: IncidentRecord) -> str:
    return paper.squeezed(paper.text(incident_record.incident_record_pdf(incident)))


@pytest.mark.parametrize("dpi", [203.2, 300])
@pytest.mark.parametrize("incident", [INCIDENT, UNKNOWN], ids=["known", "unknown"])
def test_the_record_is_one_page_of_a4_with_its_number_as_a_symbol(incident: IncidentRecord, dpi: float) -> None:
    pdf = incident_record.incident_record_pdf(incident)
    assert paper.sizes_mm(pdf) == [(210.0, 297.0)]
    assert paper.symbols(paper.pages(pdf, dpi=dpi)[0]) == [payload.item_code(incident.code)]


@pytest.mark.parametrize(
    "expected",
    [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc",
        "BIÊN BẢN SỰ VIỆC Về việc: niêm phong trên túi không khớp bảng kê",
        "N2K4M-9RTBQ",
        f"Hồi 10 giờ 20 phút, ngày 22 tháng 11 năm 2026, tại {forms.LONGEST_DESK}",
        f"Bên lập: {forms.LONGEST_DESK} Phạm Thị Hoa, Bộ phận Tiếp nhận và Trả kết quả",
        "Bên liên quan: Bưu điện trung tâm Đà Nẵng Lê Văn Tài, Nhân viên vận chuyển",
        "Bưu gửi P3FHJ-8QXV9, P2222-22222",
        "Túi T2K4M-9RTBQ",
        "Niêm phong trên túi 881245",
        "Niêm phong theo bảng kê 881254",
        "Ý kiến của bên lập Đã nhận 48 bưu gửi",
        "Hạn giải quyết: 10 giờ 20 phút, ngày 23 tháng 11 năm 2026",
        "BÊN LẬP",
        "BÊN LIÊN QUAN",
        "Người chứng kiến (nếu có):",
    ],
)
def test_the_record_says_what_both_sides_sign(expected: str) -> None:
    assert paper.squeezed(expected) in words_of(INCIDENT)


@pytest.mark.parametrize(
    "pattern",
    [
        r"Hồi\.{4,}giờ\.{4,},ngày\.{8,},tại\.{20,},",
        r"Bênlập:\.{40,}",
        r"Bênliênquan:\.{40,}",
        r"Bưugửi\.{20,}",
        r"Nộidungsựviệc\.{200,}",
        r"Ýkiếncủabênlập\.{150,}",
        r"Ýkiếncủabênliênquan\.{150,}",
        r"Hạngiảiquyết:\.{20,}",
    ],
)
def test_what_nobody_knows_yet_is_a_line_to_write_on(pattern: str) -> None:
    assert re.search(pattern, words_of(UNKNOWN))


def test_a_bag_whose_seals_were_not_read_has_lines_for_both_numbers() -> None:
    words = words_of(incident_with(item_codes=(), seal_on_bag="", seal_on_manifest=""))
    assert re.search(r"Niêmphongtrêntúi\.{20,}Niêmphongtheobảngkê\.{20,}", words)
    assert "Niêmphong" not in words_of(UNKNOWN)


def test_a_long_story_about_many_items_is_still_one_page() -> None:
    pdf = incident_record.incident_record_pdf(
        incident_with(item_codes=("P3FHJ-8QXV9",) * 12, description=("Một.",) * 4)
    )
    assert len(paper.sizes_mm(pdf)) == 1


@pytest.mark.parametrize("text", [forms.LONGEST_DESK * 6, *forms.OVERLONG, *forms.HOSTILE])
def test_no_text_runs_off_the_paper_or_is_read_as_markup(text: str) -> None:
    party = Party(unit=text, position=text, person=text)
    pdf = incident_record.incident_record_pdf(
        incident_with(
            kind=text, trip=text, seal_on_bag=text, seal_on_manifest=text, found_at=text, found_place=text,
            maker=party, other=party, description=(text, text), maker_note=text, other_note=text, due=text,
        )
    )  # fmt: skip
    for page in paper.pages(pdf):
        assert min(paper.ink_mm(page)) >= 4.9
    assert paper.squeezed(paper.text(pdf)).count(paper.squeezed(text)[:12]) >= 14


def test_every_font_is_embedded_and_a_wrong_code_prints_nothing() -> None:
    assert all(paper.fonts(incident_record.incident_record_pdf(INCIDENT)).values())
    with pytest.raises(payload.Unprintable):
        incident_record.incident_record_pdf(incident_with(code="N2K4M"))
