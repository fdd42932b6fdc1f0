"""The postman's list: in the order of his round, a box to sign at every stop."""

import dataclasses
import re

import pytest

from labels import payload, runsheet
from labels.runsheet import RunSheet, RunStop
from tests.labels import forms, paper


def run_of(*stops: RunStop) -> RunSheet:
    return dataclasses.replace(forms.RUN, stops=stops)


def test_the_list_is_a4_with_the_runs_code_as_a_symbol() -> None:
    pdf = runsheet.runsheet_pdf(forms.RUN)
    assert paper.sizes_mm(pdf) == [(210.0, 297.0)]
    assert paper.symbols(paper.pages(pdf)[0]) == [payload.item_code(forms.RUN.code)]


@pytest.mark.parametrize(
    "expected",
    [
        "DANH SÁCH PHÁT",
        "R8G3K-5PQJT",
        "Tuyến phát: Hòa Khánh 3: Nguyễn Lương Bằng, Âu Cơ",
        "Bưu tá: Võ Đình Nam",
        "1 Giao kết quả P3FHJ-8QXV9 Nguyễn Thị Hồng Nhung Tổ 5, kiệt 12 Nguyễn Lương Bằng, phường Hòa Khánh",
        "phường Hòa Khánh 0905 550 101",
        "vị trí ước lượng theo xã, ±1,5 km",
        "Thu 30.000 đ Xem căn cước hoặc hộ chiếu",
        "Hẹn 08:00 – 10:00 Thu hồi 1 giấy tờ Cần giấy ủy quyền",
        "Tổng số: 2 việc. Tiền cần thu: 30.000 đ. Giấy tờ thu hồi: 1.",
    ],
)
def test_the_list_names_every_stop_with_its_receiver(expected: str) -> None:
    assert paper.squeezed(expected) in paper.squeezed(paper.text(runsheet.runsheet_pdf(forms.RUN)))


def test_a_long_round_keeps_its_order_over_pages_and_breaks_no_row() -> None:
    stops = [dataclasses.replace(forms.STOP, order=n, receiver=f"Người nhận {n}.") for n in range(1, 61)]
    pages = paper.texts(runsheet.runsheet_pdf(run_of(*stops)))
    assert len(pages) >= 3
    assert [int(n) for n in re.findall(r"Người nhận (\d+)\.", " ".join(pages))] == [*range(1, 61)]
    for page in pages:
        assert len(re.findall(r"Người nhận \d+\.", page)) == page.count("kiệt 12") == page.count("P3FHJ-8QXV9")
        assert ("TT, giờ Việc, mã" in page) == ("kiệt 12" in page)


@pytest.mark.parametrize("text", [*forms.OVERLONG, *forms.HOSTILE])
def test_no_text_runs_off_the_paper_or_is_read_as_markup(text: str) -> None:
    stop = dataclasses.replace(forms.STOP, receiver=text, address=text, note=text)
    run = RunSheet(code="R8G3K-5PQJT", office=text, territory=text, day="23/11", postman=text[:200], stops=(stop, stop))
    pdf = runsheet.runsheet_pdf(run)
    for page in paper.pages(pdf):
        assert min(paper.ink_mm(page)) >= 4.9
    assert paper.squeezed(paper.text(pdf)).count(paper.squeezed(text)[:12]) >= 6


def test_the_list_shows_how_the_round_goes_when_it_arrives_and_how_far_it_is() -> None:
    stop = dataclasses.replace(forms.STOP, arrives="08:05")
    drawn = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 40"><rect width="64" height="40"/></svg>'
    plain = run_of(stop)
    with_sketch = dataclasses.replace(plain, facts=("12,4 km", "3 giờ 05 phút"), sketch=drawn)
    text = paper.squeezed(paper.text(runsheet.runsheet_pdf(with_sketch)))
    assert paper.squeezed("12,4 km · 3 giờ 05 phút") in text
    assert paper.squeezed("08:05") in text
    assert paper.squeezed("Trang 1/1") in text
    ink = [
        sum(page.convert("L").histogram()[:128])
        for page in (paper.pages(runsheet.runsheet_pdf(each))[0] for each in (plain, with_sketch))
    ]
    assert ink[1] > ink[0] * 2, "the drawing is on the paper"


def test_every_font_is_embedded() -> None:
    assert all(paper.fonts(runsheet.runsheet_pdf(forms.RUN)).values())


def test_a_run_without_stops_has_no_list() -> None:
    with pytest.raises(ValueError, match="without stops"):
        runsheet.runsheet_pdf(run_of())
