"""The label of a bag: read across the room by people, by every sort of scanner, and silent about citizens."""

import dataclasses

import pytest
import zxingcpp
from PIL import Image

from labels import bag_label, bars, payload
from labels.bag_label import BagLabel
from tests.labels import forms, paper

HAI_CHAU = "Trung tâm Phục vụ hành chính công phường Hải Châu, thành phố Đà Nẵng"
CAPITALS = 0.738 / paper.POINTS_PER_MM
"""Height of a bold capital of the font, in millimetres a point."""
LABEL = BagLabel(
    code="T2K4M-9RTBQ",
    origin="Bưu cục Trung tâm Đà Nẵng",
    destination=HAI_CHAU,
    seal="881245",
    count=50,
    weight_g=4250,
    trip="CXXXX-XXXXX",
    time="22/11/2026 15:30",
    part="1/2",
)


def label_with(**changes: object) -> BagLabel:
    return dataclasses.replace(LABEL, **changes)  # type: ignore[arg-type] # fields by name


def mm(area: Image.Image, box: tuple[float, float, float, float]) -> Image.Image:
    """Return a part of a page drawn at 8 dots a millimetre."""
    left, top, right, bottom = (round(edge * 8) for edge in box)
    return area.crop((left, top, right, bottom))


def test_each_bag_is_one_page_of_exactly_100_by_150_millimetres() -> None:
    pdf = bag_label.bag_label_pdf([LABEL, label_with(code="TXXXX-XXXXX")])
    assert paper.sizes_mm(pdf) == [(100.0, 150.0)] * 2


@pytest.mark.parametrize("dpi", [203.2, 300])
@pytest.mark.parametrize("code", ["T2K4M-9RTBQ", "T2222-22222", "TXXXX-XXXXX", "TQRTV-23456"])
def test_both_symbols_are_read_from_a_one_bit_print(dpi: float, code: str) -> None:
    (page,) = paper.pages(bag_label.bag_label_pdf([label_with(code=code)]), dpi=dpi)
    found = zxingcpp.read_barcodes(page.convert("L"))
    assert {read.text for read in found} == {payload.item_code(code)}
    assert sorted(read.symbology.name for read in found) == ["Code128", "QRCode"]


def test_a_module_is_ten_dots_and_a_bar_three_of_a_label_printer() -> None:
    (page,) = paper.pages(bag_label.bag_label_pdf([LABEL]))
    symbol = mm(page, (5, 85.5, 31.25, 111.75))
    assert {dots % 10 for y in range(symbol.height) for _, dots in paper.runs(symbol, y=y)} == {0}
    assert (symbol.width / 8 / 21, 29 * symbol.width / 8 / 21) == (1.25, 36.25)
    lines = paper.runs(page, y=125 * 8)
    assert {dots % 3 for _, dots in lines} == {0}
    assert min(dots for _, dots in lines) == 3


def test_the_bars_stand_sixteen_millimetres_high_between_quiet_zones() -> None:
    (page,) = paper.pages(bag_label.bag_label_pdf([LABEL]))
    first = paper.runs(page, y=1000)[0][0]
    upright = [y for y in range(page.height) if not page.getpixel((first, y)) and 118 * 8 <= y < 135 * 8]
    assert len(upright) / 8 >= 16
    last = sum(paper.runs(page, y=1000)[-1])
    assert min(first, page.width - last) / 3 >= bars.QUIET_ZONE


def test_eye_and_scanner_read_the_same_code_and_the_figures_stand_beside_it() -> None:
    words = paper.squeezed(paper.text(bag_label.bag_label_pdf([LABEL])))
    for expected in (
        "T2K4M-9RTBQ",
        LABEL.origin,
        HAI_CHAU,
        "881245",
        "50",
        "4,25 kg",
        "CXXXX-XXXXX",
        LABEL.time,
        "1/2",
    ):
        assert paper.squeezed(expected) in words


def test_a_short_name_stands_in_36_points_and_a_long_one_is_still_read_at_two_metres() -> None:
    (short,) = paper.pages(bag_label.bag_label_pdf([label_with(destination="HHH")]))
    (long,) = paper.pages(bag_label.bag_label_pdf([label_with(destination=forms.LONGEST_DESK)]))
    assert first_line_mm(short) == pytest.approx(36 * CAPITALS, abs=0.2)
    assert first_line_mm(long) >= 16 * CAPITALS
    assert paper.squeezed(forms.LONGEST_DESK) in paper.squeezed(
        paper.text(bag_label.bag_label_pdf([label_with(destination=forms.LONGEST_DESK)]))
    )


def first_line_mm(page: Image.Image) -> float:
    """Return how high the first letter of the destination is, a capital without accents."""
    area = mm(page, (18, 40.5, 22, 79))
    dark = [bool(paper.runs(area, y=y)) for y in range(area.height)]
    top = dark.index(True)
    return dark[top:].index(False) / 8


def test_what_is_not_known_yet_is_a_line_to_write_on() -> None:
    (known,) = paper.pages(bag_label.bag_label_pdf([LABEL]))
    (blank,) = paper.pages(bag_label.bag_label_pdf([label_with(seal="", weight_g=None)]))
    for y in (86.6, 93.1):
        rows = range(round(y * 8) - 4, round(y * 8) + 4)
        assert max((dots for row in rows for _, dots in paper.runs(blank, y=row)), default=0) >= 30 * 8
        assert max((dots for row in rows for _, dots in paper.runs(known, y=row)), default=0) < 30 * 8


@pytest.mark.parametrize("text", [HAI_CHAU * 9, *forms.OVERLONG, *forms.HOSTILE])
def test_no_text_runs_off_the_label_into_a_symbol_or_is_read_as_markup(text: str) -> None:
    label = label_with(origin=text, destination=text, seal=text, trip=text, time=text, part=text)
    (page,) = paper.pages(bag_label.bag_label_pdf([label]))
    assert min(paper.ink_mm(page)) >= 2
    assert paper.symbols(page) == ["T2K4M9RTBQ"] * 2
    assert paper.squeezed(text)[:6] in paper.squeezed(paper.text(bag_label.bag_label_pdf([label])))


def test_the_label_has_no_place_for_people_or_procedures() -> None:
    assert {field.name for field in dataclasses.fields(BagLabel)} == {
        "code", "origin", "destination", "seal", "count", "weight_g", "trip", "time", "part",
    }  # fmt: skip


def test_every_font_is_embedded_and_the_same_label_gives_the_same_bytes() -> None:
    pdf = bag_label.bag_label_pdf([LABEL])
    assert all(paper.fonts(pdf).values())
    assert pdf == bag_label.bag_label_pdf([LABEL])


def test_a_wrong_code_or_no_label_prints_nothing() -> None:
    with pytest.raises(payload.Unprintable):
        bag_label.bag_label_pdf([label_with(code="T2K4M-9RTBO")])
    with pytest.raises(ValueError, match="no bag label"):
        bag_label.bag_label_pdf([])
