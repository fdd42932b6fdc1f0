"""Bảng kê of a bag and of a trip: every code a line with a box to tick, counted in all, no citizen named."""

import dataclasses
import itertools
import re

import pytest

from labels import manifest, payload
from labels.manifest import Manifest, ManifestLine, TripLine, TripList
from tests.labels import forms, paper

HAI_CHAU = "Trung tâm Phục vụ hành chính công phường Hải Châu, thành phố Đà Nẵng"
PAIRS = ["".join(pair) for pair in itertools.product(payload.ALPHABET, repeat=2)]


def bag_of(count: int, **changes: object) -> Manifest:
    bag = Manifest(
        code="T2K4M-9RTBQ",
        origin="Bưu cục Trung tâm Đà Nẵng",
        destination=HAI_CHAU,
        seal="881245",
        weight_g=4250,
        trip="CXXXX-XXXXX",
        time="15:30, 22/11/2026",
        packer="Trần Thị Lan",
        lines=tuple(
            ManifestLine(item_code=f"P3FHJ8Q{pair}9", dossier_code=f"7K2M49R{pair}Q", carries="Hồ sơ nộp", sheets=3)
            for pair in PAIRS[:count]
        ),
    )
    return dataclasses.replace(bag, **changes)  # type: ignore[arg-type] # fields by name


def trip_of(count: int, **changes: object) -> TripList:
    trip = TripList(
        code="CXXXX-XXXXX",
        origin="Bưu điện trung tâm Đà Nẵng",
        destination="Bưu cục khai thác Hà Nội",
        carrier="Lê Văn Tài",
        departure="15:45, 22/11/2026",
        giver="Trần Thị Lan",
        lines=tuple(
            TripLine(bag_code=f"T3FHJ8Q{pair}9", destination=HAI_CHAU, seal="881245", count=10, weight_g=1500)
            for pair in PAIRS[:count]
        ),
    )
    return dataclasses.replace(trip, **changes)  # type: ignore[arg-type] # fields by name


@pytest.mark.parametrize("dpi", [203.2, 300])
@pytest.mark.parametrize("sheet", [bag_of(3), trip_of(3)], ids=["bag", "trip"])
def test_the_first_page_is_a4_and_carries_the_code_as_a_symbol(sheet: Manifest | TripList, dpi: float) -> None:
    pdf = manifest.manifest_pdf(sheet)
    assert paper.sizes_mm(pdf) == [(210.0, 297.0)]
    assert paper.symbols(paper.pages(pdf, dpi=dpi)[0]) == [payload.item_code(sheet.code)]


@pytest.mark.parametrize(
    "expected",
    [
        "BẢNG KÊ TÚI HỒ SƠ",
        "T2K4M-9RTBQ",
        "Từ Bưu cục Trung tâm Đà Nẵng",
        f"Đến {HAI_CHAU}",
        "Niêm phong 881245 Khối lượng 4,25 kg",
        "Đóng túi 15:30, 22/11/2026",
        "1 P3FHJ-8Q229 7K2M4-9R22Q Hồ sơ nộp 3",
        "Tổng cộng: 50 bưu gửi 150",
        "NGƯỜI ĐÓNG TÚI",
        "NGƯỜI MỞ TÚI",
        "Trần Thị Lan",
    ],
)
def test_the_manifest_says_what_the_bag_holds(expected: str) -> None:
    assert paper.squeezed(expected) in paper.squeezed(paper.text(manifest.manifest_pdf(bag_of(50))))


@pytest.mark.parametrize(
    "expected",
    [
        "BẢNG KÊ CHUYẾN THƯ",
        "Vận chuyển Lê Văn Tài Khởi hành 15:45, 22/11/2026",
        "Tổng cộng: 7 túi 70 10,5 kg",
        "BÊN GIAO",
        "NGƯỜI VẬN CHUYỂN",
    ],
)
def test_the_list_of_a_trip_says_which_bags_go(expected: str) -> None:
    assert paper.squeezed(expected) in paper.squeezed(paper.text(manifest.manifest_pdf(trip_of(7))))


@pytest.mark.parametrize("count", [50, 200])
@pytest.mark.parametrize("make", [bag_of, trip_of])
def test_many_lines_flow_on_with_the_header_repeated_and_pages_counted(make: type, count: int) -> None:
    sheet = make(count)
    pages = paper.texts(manifest.manifest_pdf(sheet))
    assert len(pages) >= 2
    codes = [payload.shown(getattr(line, "item_code", "") or line.bag_code) for line in sheet.lines]
    for number, page in enumerate(pages, start=1):
        assert f"Trang {number}/{len(pages)}" in page
        assert ("STT Mã" in page) == any(code in page for code in codes)
    assert re.findall(r"[PT]3FHJ-8Q\w{3}", " ".join(pages)) == codes


@pytest.mark.parametrize("count", range(31, 39))
def test_the_totals_are_never_alone_on_a_page(count: int) -> None:
    pages = paper.texts(manifest.manifest_pdf(bag_of(count)))
    (with_totals,) = [page for page in pages if "Tổng cộng" in page]
    assert f"P3FHJ-8Q{PAIRS[count - 1]}9" in with_totals


@pytest.mark.parametrize("count", [1, 30])
def test_every_line_has_a_box_to_tick(count: int) -> None:
    pdf = manifest.manifest_pdf(bag_of(count))
    page = paper.pages(pdf)[0]
    x = (210 - 12 - 38 - 6) * 8
    edges = [y for y in range(page.height) if dark_around(page.getpixel, x, y)]
    starts = [y for y in edges if y - 1 not in edges]
    # The upper and the lower edge of each box; the header's rule and the hairlines are too thin or too long.
    assert len(starts) == 2 * count


def dark_around(pixel: object, x: int, y: int) -> bool:
    """Return whether a short upright-sided box has its edge here: dark inside 3 mm, light 3 mm to either side."""
    at = pixel
    assert callable(at)
    inside = all(at((x + dx, y)) == 0 for dx in range(-10, 11))
    return inside and at((x - 24, y)) != 0 and at((x + 24, y)) != 0


def test_an_unknown_seal_weight_or_trip_is_a_line_to_write_on() -> None:
    bag = paper.squeezed(paper.text(manifest.manifest_pdf(bag_of(1, seal="", weight_g=None, trip=""))))
    assert re.search(r"Niêmphong\.{8,}Khốilượng\.{8,}", bag)
    line = TripLine(bag_code="T3FHJ-8Q229", destination="Hà Nội", count=4)
    trip = paper.squeezed(paper.text(manifest.manifest_pdf(trip_of(1, lines=(line,)))))
    assert re.search(r"HàNội\.{6,}4\.{6,}Tổngcộng:1túi4\.{6,}", trip)


@pytest.mark.parametrize("text", [HAI_CHAU * 6, *forms.OVERLONG, *forms.HOSTILE])
def test_no_text_runs_off_the_paper_or_is_read_as_markup(text: str) -> None:
    line = ManifestLine(item_code="P3FHJ-8QXV9", carries=text, sheets=0)
    bag = bag_of(1, origin=text, destination=text, seal=text, trip=text, time=text, packer=text, lines=(line, line))
    bag_line = TripLine(bag_code="T3FHJ-8Q229", destination=text, seal=text, count=1)
    trip = trip_of(1, origin=text, destination=text, carrier=text, departure=text, giver=text, lines=(bag_line,))
    for sheet in (bag, trip):
        pdf = manifest.manifest_pdf(sheet)
        for page in paper.pages(pdf):
            assert min(paper.ink_mm(page)) >= 4.9
        assert paper.squeezed(paper.text(pdf)).count(paper.squeezed(text)[:12]) >= 6


def test_no_line_has_a_place_for_people_or_procedures() -> None:
    assert {field.name for field in dataclasses.fields(ManifestLine)} == {
        "item_code", "dossier_code", "carries", "sheets",
    }  # fmt: skip
    assert {field.name for field in dataclasses.fields(TripLine)} == {
        "bag_code", "destination", "seal", "count", "weight_g",
    }  # fmt: skip


def test_every_font_is_embedded() -> None:
    fonts = paper.fonts(manifest.manifest_pdf(bag_of(2)))
    assert fonts
    assert all(fonts.values()), fonts


def test_a_list_of_nothing_or_with_a_wrong_code_is_not_printed() -> None:
    for empty in (bag_of(0), trip_of(0)):
        with pytest.raises(ValueError, match="at least one"):
            manifest.manifest_pdf(empty)
    with pytest.raises(payload.Unprintable):
        manifest.manifest_pdf(bag_of(1, code="T2K4M"))
