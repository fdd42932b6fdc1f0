"""Charts on paper: the drawing, the sentence, the table, page by page."""

from dataclasses import replace

from labels import chart_sheet
from labels.chart_sheet import ChartOnPaper, ChartSheet
from tests.labels import paper

DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 60"><title>Giờ</title>'
    '<rect width="400" height="40" fill="#0b4f8a"/><text x="410" y="25">8 giờ 05</text></svg>'
)
CHART = ChartOnPaper(
    title="Giờ làm của mỗi bưu tá",
    says="Không ai quá giờ cho phép.",
    drawing=DRAWING,
    header=("Bưu tá", "Phút"),
    rows=(("Trương Công Bính", "485"), ("#let x = 1", "0")),
)
SHEET = ChartSheet(
    title="Biểu đồ tuyến phát", place="Bưu cục Hòa Khánh", day="thứ Hai, 23/11/2026", charts=(CHART,) * 5
)


def test_every_chart_is_drawn_told_and_tabled_on_a4() -> None:
    pdf = chart_sheet.charts_pdf(SHEET)
    assert set(paper.sizes_mm(pdf)) == {(210.0, 297.0)}
    text = paper.squeezed(paper.text(pdf))
    for words in ("Giờ làm của mỗi bưu tá", "Không ai quá giờ cho phép.", "Trương Công Bính", "#let x = 1", "8 giờ 05"):
        assert text.count(paper.squeezed(words)) == 5, words
    assert paper.squeezed(f"Trang 1/{len(paper.pages(pdf))}") in text
    assert all(paper.fonts(pdf).values())


def test_a_drawing_of_many_rounds_stays_on_the_paper() -> None:
    high = DRAWING.replace("0 0 760 60", "0 0 760 3000").replace('height="40"', 'height="2990"')
    pdf = chart_sheet.charts_pdf(replace(SHEET, charts=(replace(CHART, drawing=high),)))
    for page in paper.pages(pdf):
        assert min(paper.ink_mm(page)) >= 4.9


def test_a_day_without_charts_is_a_page_that_says_which_day_it_is() -> None:
    pdf = chart_sheet.charts_pdf(ChartSheet(title="Biểu đồ", place="Bưu cục", day="23/11/2026", charts=()))
    assert paper.squeezed("23/11/2026") in paper.squeezed(paper.text(pdf))
