"""The label of an item: exact, sharp, readable by machine and eye, silent about people."""

import dataclasses

import pytest
from PIL import Image

from labels import label, payload
from labels.label import ItemLabel
from tests.labels import forms, paper

LABEL = ItemLabel(
    code="P3FHJ-8QXV9",
    headline="HỒ SƠ 5 tờ",
    destination="Trung tâm Phục vụ hành chính công phường Hòa Khánh, TP. Đà Nẵng",
    time="16/11/2026 09:05",
    office="Bưu điện trung tâm Đà Nẵng",
)
LONGEST_OFFICE = "Điểm GD- BĐ khu kinh tế cửa khẩu Thường Phước 1"


def label_with(**changes: str) -> ItemLabel:
    return dataclasses.replace(LABEL, **changes)


def symbol_area(image: Image.Image) -> Image.Image:
    """Return the symbol with its quiet zone at 8 dots a millimetre: 14.5 mm from (1 mm, 1 mm) on."""
    return image.crop((8, 8, 8 + 116, 8 + 116))


def test_each_label_is_one_page_of_exactly_50_by_30_millimetres() -> None:
    pdf = label.label_pdf([LABEL, label_with(code="P2222-22222"), LABEL])
    assert paper.sizes_mm(pdf) == [(50.0, 30.0)] * 3


@pytest.mark.parametrize("dpi", [203.2, 300])
def test_the_symbol_is_read_from_a_one_bit_print(dpi: float) -> None:
    codes = ["P3FHJ-8QXV9", "P2222-22222", "PXXXX-XXXXX", "PQRTV-23456"]
    pages = paper.pages(label.label_pdf([label_with(code=code) for code in codes]), dpi=dpi)
    assert [paper.symbols(page) for page in pages] == [[payload.item_code(code)] for code in codes]


def test_the_raster_of_a_label_printer_is_400_by_240_dots() -> None:
    (page,) = paper.pages(label.label_pdf([LABEL]))
    assert page.size == (400, 240)


def test_a_module_is_exactly_four_dots_of_a_label_printer() -> None:
    (page,) = paper.pages(label.label_pdf([LABEL]))
    area = symbol_area(page)
    seen = set()
    for y in range(area.height):
        line = paper.runs(area, y=y)
        assert all(begin % 4 == 0 and dots % 4 == 0 for begin, dots in line), f"line {y}: {line}"
        seen |= {dots for _, dots in line}
    assert min(seen) == 4


def test_the_symbol_has_its_quiet_zone() -> None:
    (page,) = paper.pages(label.label_pdf([LABEL]))
    left, top, right, bottom = paper.ink_mm(symbol_area(page))
    assert (left, top, right, bottom) == pytest.approx((2, 2, 2, 2))


def test_eye_and_scanner_read_the_same_code() -> None:
    pdf = label.label_pdf([LABEL])
    assert "P3FHJ-8QXV9" in paper.text(pdf)
    assert paper.symbols(paper.pages(pdf)[0]) == ["P3FHJ8QXV9"]


def test_the_label_has_no_place_for_people_or_procedures() -> None:
    assert {field.name for field in dataclasses.fields(ItemLabel)} == {
        "code", "headline", "destination", "time", "office",
    }  # fmt: skip


@pytest.mark.parametrize(
    "destination", [forms.LONGEST_DESK, "Ủy ban nhân dân phường Ấ Ẫ Ậ Ộ Ữ ỹ đ Đ", "Sở Nông nghiệp và Môi trường"]
)
def test_the_whole_destination_is_printed_however_long_its_name(destination: str) -> None:
    pdf = label.label_pdf([label_with(destination=destination, office=LONGEST_OFFICE)])
    assert destination in paper.text(pdf)
    assert LONGEST_OFFICE in paper.text(pdf)


@pytest.mark.parametrize("text", [forms.LONGEST_DESK * 9, "Ấ" * 900, "Ổ Ị " * 200, "x" * 3000, "…"])
def test_a_text_that_cannot_fit_is_shortened_and_stays_on_the_label(text: str) -> None:
    pdf = label.label_pdf([label_with(headline=text, destination=text, time=text, office=text)])
    (page,) = paper.pages(pdf)
    assert paper.text(pdf).count("…") == 4
    assert min(paper.ink_mm(page)) >= 0.7
    assert paper.symbols(page) == ["P3FHJ8QXV9"]


@pytest.mark.parametrize("text", ["Ấ" * 900, "Ổ Ị " * 200])
def test_no_text_reaches_into_the_symbol_or_another_text(text: str) -> None:
    calm = paper.pages(label.label_pdf([label_with(headline=".", destination=".", time=".", office=".")]))[0]
    full = paper.pages(label.label_pdf([label_with(headline=text, destination=text, time=text, office=text)]))[0]
    assert symbol_area(full).tobytes() == symbol_area(calm).tobytes()
    rule = [full.getpixel((x, 126)) for x in range(20, 380)]
    assert set(rule) == {0}


def test_accents_above_accents_are_not_cut_off() -> None:
    (plain,) = paper.pages(label.label_pdf([label_with(code="P2222-22222", headline="HO SO")]))
    (accented,) = paper.pages(label.label_pdf([label_with(code="P2222-22222", headline="HỔ SƠ")]))
    headline = (132, 45, 380, 90)
    assert highest(accented.crop(headline)) <= highest(plain.crop(headline)) - 8


def highest(area: Image.Image) -> int:
    """Return the first line of dots with ink."""
    return next(y for y in range(area.height) if paper.runs(area, y=y))


@pytest.mark.parametrize("text", forms.HOSTILE)
def test_what_looks_like_markup_is_printed_as_it_stands(text: str) -> None:
    assert text in paper.text(label.label_pdf([label_with(destination=text)]))


def test_a_text_that_would_turn_the_reading_order_is_printed_in_the_order_it_is_stored() -> None:
    pdf = label.label_pdf([label_with(destination="Sở \u202epáhp uT\u202c Đà Nẵng")])
    assert "Sở páhp uT Đà Nẵng" in paper.text(pdf)


def test_letters_of_any_script_and_broken_ones_do_not_stop_the_print() -> None:
    pdf = label.label_pdf([label_with(destination="שלום مرحبا 中 😀 \x00\x07 \ud800 a")])
    assert paper.symbols(paper.pages(pdf)[0]) == ["P3FHJ8QXV9"]


def test_decomposed_letters_are_printed_and_extracted_composed() -> None:
    decomposed = "Đa\u0300 Na\u0306\u0303ng"
    assert "Đà Nẵng" in paper.text(label.label_pdf([label_with(destination=decomposed)]))


def test_every_font_is_embedded() -> None:
    fonts = paper.fonts(label.label_pdf([LABEL]))
    assert len(fonts) >= 2
    assert all(fonts.values()), fonts


def test_the_same_label_gives_the_same_bytes() -> None:
    assert label.label_pdf([LABEL]) == label.label_pdf([LABEL])


def test_a_wrong_code_or_no_label_prints_nothing() -> None:
    with pytest.raises(payload.Unprintable):
        label.label_pdf([label_with(code="P3FHJ-8QXVO")])
    with pytest.raises(ValueError, match="no label"):
        label.label_pdf([])
