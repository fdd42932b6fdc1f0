"""Labels on a sheet of 21: each in its cell, from any position on, moved by what a printer needs."""

import itertools

import pytest

from labels import payload, sheet
from labels.label import ItemLabel
from tests.labels import paper

CELL_WIDTH, CELL_HEIGHT = 63.5, 38.1
LEFT, TOP, PITCH_X = 7.25, 15.15, 66.0
DPI = 300


def some_labels(count: int) -> list[ItemLabel]:
    symbols = itertools.product(payload.ALPHABET, repeat=2)
    return [
        ItemLabel(
            code=f"P3FHJ-8Q{''.join(next(symbols))}9",
            headline="HỒ SƠ 12 tờ",
            destination="Trung tâm Phục vụ hành chính công phường Văn Miếu - Quốc Tử Giám, Thành phố Hà Nội",
            time="16/11/2026 09:05",
            office="Bưu điện trung tâm Đà Nẵng",
        )
        for _ in range(count)
    ]


def carried(labels: list[ItemLabel]) -> list[str]:
    return [payload.item_code(label.code) for label in labels]


def test_a_full_sheet_is_one_page_of_a4_read_from_left_to_right() -> None:
    labels = some_labels(21)
    pdf = sheet.sheet_pdf(labels)
    assert paper.sizes_mm(pdf) == [(210.0, 297.0)]
    assert sorted(paper.symbols(paper.pages(pdf)[0])) == sorted(carried(labels))


@pytest.mark.parametrize("start", [1, 2, 11, 21])
def test_a_started_sheet_goes_on_where_it_ended(start: int) -> None:
    labels = some_labels(22)
    first, second = paper.pages(sheet.sheet_pdf(labels, start=start))
    assert set(paper.symbols(first)) == set(carried(labels[: 22 - start]))
    assert set(paper.symbols(second)) == set(carried(labels[22 - start :]))


@pytest.mark.parametrize("position", [1, 2, 3, 4, 12, 21])
@pytest.mark.parametrize("offset", [(0, 0), (3, 3), (-3, -3), (3, -3)])
def test_a_label_stays_in_its_cell_at_every_allowed_offset(position: int, offset: tuple[int, int]) -> None:
    pdf = sheet.sheet_pdf(some_labels(1), start=position, offset_x_mm=offset[0], offset_y_mm=offset[1])
    (page,) = paper.pages(pdf, dpi=DPI)
    left, top, right, bottom = paper.ink_mm(page, dpi=DPI)
    row, column = divmod(position - 1, 3)
    cell_left, cell_top = LEFT + column * PITCH_X, TOP + row * CELL_HEIGHT
    assert cell_left < left < 210 - right < cell_left + CELL_WIDTH
    assert cell_top < top < 297 - bottom < cell_top + CELL_HEIGHT


def test_an_offset_moves_the_label_right_and_down_by_as_much() -> None:
    (still,) = paper.pages(sheet.sheet_pdf(some_labels(1)), dpi=DPI)
    (moved,) = paper.pages(sheet.sheet_pdf(some_labels(1), offset_x_mm=1.5, offset_y_mm=-2.0), dpi=DPI)
    before, after = paper.ink_mm(still, dpi=DPI), paper.ink_mm(moved, dpi=DPI)
    assert after[0] - before[0] == pytest.approx(1.5, abs=0.1)
    assert after[1] - before[1] == pytest.approx(-2.0, abs=0.1)


@pytest.mark.parametrize("wrong", [{"start": 0}, {"start": 22}, {"offset_x_mm": 3.1}, {"offset_y_mm": float("nan")}])
def test_a_position_or_an_offset_that_no_sheet_has_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"sheet|offset"):
        sheet.sheet_pdf(some_labels(1), **wrong)  # type: ignore[arg-type] # the names above are the parameters
