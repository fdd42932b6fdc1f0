"""The slip of what is missing: readable at once, and clearly not a paper of the authority."""

import dataclasses

import pytest

from labels import guidance
from labels.guidance import Guidance, MissingPaper
from tests.labels import forms, paper


def guidance_with(**changes: object) -> Guidance:
    return dataclasses.replace(forms.GUIDANCE, **changes)  # type: ignore[arg-type] # fields by name


def test_what_a_counter_usually_finds_is_one_page_of_a5() -> None:
    missing = tuple(MissingPaper(name=f"Giấy tờ số {n}", wanted="1 bản chính", reason="Chưa có.") for n in range(1, 6))
    assert paper.sizes_mm(guidance.guidance_pdf(guidance_with(missing=missing))) == [(148.0, 210.0)]


@pytest.mark.parametrize(
    "expected",
    [
        "PHIẾU HƯỚNG DẪN HOÀN THIỆN HỒ SƠ",
        "Ông/bà cần bổ sung 2 giấy tờ:",
        "1 bản chính, cấp trong 12 tháng",
        "Bản mang theo đã hết hạn ngày 02/10/2026.",
        "Ảnh 3×4, nền xanh",
        "Bản sao giấy phép lái xe",
        "Bưu điện chưa nhận hồ sơ và chưa thu tiền.",
        "Hướng dẫn tại quầy, không phải Mẫu 02 của cơ quan",
        "Danh mục giấy tờ: Cổng Dịch vụ công quốc gia, xem ngày 10/11/2026.",
        "Cần giúp, gọi 1900 0000",
        "Người hướng dẫn: Trần Thị Lan",
    ],
)
def test_the_slip_says_what_to_bring_and_that_nothing_was_accepted(expected: str) -> None:
    assert paper.squeezed(expected) in paper.squeezed(paper.text(guidance.guidance_pdf(forms.GUIDANCE)))


@pytest.mark.parametrize("missing", [(), forms.GUIDANCE.missing])
def test_where_the_post_may_not_carry_it_the_slip_says_why_and_sends_nobody_to_a_post_office(
    missing: tuple[MissingPaper, ...],
) -> None:
    why = "Vì hai bên phải có mặt để ký. Mời ông/bà nộp tại bộ phận Một cửa."
    words = paper.text(guidance.guidance_pdf(guidance_with(not_by_post=why, missing=missing)))
    assert f"Thủ tục này không gửi qua bưu điện. {why}" in words
    assert "bất kỳ bưu cục nào" not in words
    assert "cần bổ sung" not in words
    assert ("Giấy tờ mang theo:" in words) is bool(missing)


def test_the_slip_carries_no_symbol_for_nothing_is_registered() -> None:
    assert paper.symbols(paper.pages(guidance.guidance_pdf(forms.GUIDANCE))[0]) == []


def test_a_long_list_flows_on_with_the_header_repeated() -> None:
    pages = paper.texts(guidance.guidance_pdf(guidance_with(missing=forms.GUIDANCE.missing * 20)))
    assert len(pages) >= 3
    assert all("STT Giấy tờ Cần có" in page for page in pages if "Ảnh 3×4" in page)
    assert f"Trang 1/{len(pages)}" in pages[0]


@pytest.mark.parametrize("text", [*forms.OVERLONG, *forms.HOSTILE])
def test_no_text_runs_off_the_paper_or_is_read_as_markup(text: str) -> None:
    slip = Guidance(
        office=text, time="09:05", citizen=text, procedure=text, authority=text, source=text, hotline="1900",
        clerk=text, missing=(MissingPaper(name=text, wanted=text, reason=text),) * 2, present=(text,),
    )  # fmt: skip
    pdf = guidance.guidance_pdf(slip)
    for page in paper.pages(pdf):
        assert min(paper.ink_mm(page)) >= 4.9
    assert paper.squeezed(paper.text(pdf)).count(paper.squeezed(text)[:16]) >= 10


def test_every_font_is_embedded() -> None:
    assert all(paper.fonts(guidance.guidance_pdf(forms.GUIDANCE)).values())


def test_where_nothing_is_missing_there_is_no_slip() -> None:
    with pytest.raises(ValueError, match="Nothing is missing"):
        guidance.guidance_pdf(guidance_with(missing=()))
