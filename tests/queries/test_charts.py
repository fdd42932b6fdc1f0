"""Charts of a day's rounds: what they count, what they say in words, and how they are drawn without colour."""

from dataclasses import replace
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from postal.domain import calendars
from postal.domain.events import PlannedStop
from postal.printing import drawings
from postal.queries import charts, sketches
from postal.queries.charts import Bar, Bars, Driven, Fill
from postal.queries.sketches import Way

SEVEN = datetime(2026, 11, 16, 7, 0, tzinfo=calendars.VIETNAM)
SVG = "{http://www.w3.org/2000/svg}"


def stop(number: int, *, minutes: int, closes: int | None = None) -> PlannedStop:
    """Return a stop reached so many minutes after seven, promised until so many."""
    return PlannedStop(
        number=number,
        commune="20242",
        items=(f"P{number}", f"PX{number}"),
        lat=16.07,
        lon=108.2,
        arrives_at=SEVEN + timedelta(minutes=minutes),
        closes_at=SEVEN + timedelta(minutes=closes) if closes is not None else None,
    )


NAM = Driven(
    name="Hải Châu <1>",
    postman="Hồ Hoài Nam",
    metres=12_345,
    seconds=5 * 3600,
    longest_minutes=480,
    begins_at=SEVEN,
    ends_at=SEVEN + timedelta(hours=5),
    stops=(stop(1, minutes=20), stop(2, minutes=60, closes=30)),
    late=((2, 30),),
)
YEN = replace(NAM, name="Hòa Cường", postman="Cao Thị Yến", metres=4_000, seconds=9 * 3600, late=(),
              ends_at=SEVEN + timedelta(hours=9))  # fmt: skip
DAY = (NAM, YEN)


def test_distance_says_the_total_and_the_longest() -> None:
    chart = charts.distance(DAY)
    assert chart.says == "Tổng 16,3 km; dài nhất là Hải Châu <1>, 12,3 km."
    assert chart.rows == (("Hải Châu <1>", "Hồ Hoài Nam", "2", "12,3"), ("Hòa Cường", "Cao Thị Yến", "2", "4,0"))


def test_hours_are_counted_by_postman_beside_what_he_may_work() -> None:
    second = replace(NAM, name="Thanh Khê", seconds=2 * 3600)
    chart = charts.hours((NAM, YEN, second))
    nam, yen = chart.bars
    assert (nam.value, nam.limit, nam.fill) == (7.0, 8.0, Fill.USUAL)
    assert (yen.value, yen.fill, yen.shown) == (9.0, Fill.OVER, "9 giờ 00 (quá giờ)")
    assert chart.says == "Nhiều nhất 9 giờ 00, ít nhất 7 giờ 00, chênh 2 giờ 00. 1 người quá giờ cho phép."


def test_load_counts_things_and_marks_what_is_over_full() -> None:
    chart = charts.load(DAY)
    assert [(bar.value, bar.fill, bar.shown) for bar in chart.bars] == [
        (62, Fill.USUAL, "62%, 4 việc"),
        (112, Fill.OVER, "112%, 4 việc"),
    ]


def test_lateness_names_each_late_stop() -> None:
    chart = charts.lateness(DAY)
    assert chart.says == "1 điểm đến muộn, tổng 30 phút."
    assert chart.rows[0] == ("Hải Châu <1>", "Hồ Hoài Nam", "1", "30", "điểm 2: 30 phút")
    assert charts.lateness((YEN,)).says == "Không điểm nào đến muộn giờ hẹn."


def test_what_a_plan_misses_is_counted_in_whole_minutes_from_the_promised_hour() -> None:
    late = replace(stop(2, minutes=60, closes=30), arrives_at=SEVEN + timedelta(minutes=30, seconds=1))
    assert charts.missed((stop(1, minutes=20), late, stop(3, minutes=30, closes=30))) == ((2, 1),)


def test_the_plan_of_the_day_lies_between_full_hours() -> None:
    chart = charts.day_plan(DAY)
    assert (chart.opens, chart.closes) == (7 * 60, 16 * 60)
    nam, _ = chart.lanes
    assert (nam.stops, nam.late, nam.shown) == ((440,), (480,), "07:00 – 12:00")
    assert chart.says == "Chuyến xong sau cùng là Hòa Cường, lúc 16:00."
    unknown = charts.day_plan((replace(NAM, begins_at=None, ends_at=None),))
    assert unknown.rows[0][2:4] == ("", "")


def test_a_day_without_rounds_has_no_charts() -> None:
    assert charts.of_day(()) == ()
    assert [chart.key for chart in charts.of_day(DAY)] == list(charts.CHARTS)


# --- the drawings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(len(charts.CHARTS)))
def test_a_chart_is_told_in_words_and_holds_its_texts_as_texts(number: int) -> None:
    chart = charts.of_day(DAY)[number]
    root = ET.fromstring(drawings.drawing(chart))  # noqa: S314 - our own drawing
    title, desc, *_ = root
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert (title.text, desc.text) == (chart.title, chart.says)
    assert "style" not in {name for element in root.iter() for name in element.attrib}
    assert len({len(row) for row in chart.rows} | {len(chart.header)}) == 1


def test_bars_that_are_over_or_late_differ_by_pattern_not_only_by_colour() -> None:
    for chart, pattern in ((charts.load(DAY), "url(#load-over)"), (charts.lateness(DAY), "url(#lateness-late)")):
        root = ET.fromstring(drawings.drawing(chart))  # noqa: S314 - our own drawing
        fills = [bar.get("fill") for bar in root.findall(f"./{SVG}g/{SVG}rect")]
        assert fills.count(pattern) == 1
        assert f"{pattern[5:-1]}" in {element.get("id") for element in root.iter(f"{SVG}pattern")}


def test_bars_are_as_long_as_what_they_count() -> None:
    root = ET.fromstring(drawings.drawing(charts.distance(DAY)))  # noqa: S314 - our own drawing
    first, second = (float(bar.get("width", 0)) for bar in root.findall(f"./{SVG}g/{SVG}rect"))
    assert first / second == pytest.approx(12_345 / 4_000, abs=0.01)
    assert max(float(text.get("x", 0)) for text in root.iter(f"{SVG}text")) <= drawings.WIDTH - 60


def test_empty_bars_are_drawn_too() -> None:
    nothing = replace(NAM, metres=0, seconds=0, longest_minutes=0, late=())
    for chart in charts.of_day((nothing,)):
        assert drawings.drawing(chart).startswith("<svg")
        if isinstance(chart, Bars):
            assert chart.bars[0].value == 0


def test_a_sketch_draws_every_round_with_its_dashes_and_names_the_sea() -> None:
    way = Way(key="0", name="Tuyến 1", depot=(16.07, 108.2), office="Bưu cục", stops=NAM.stops)
    island = PlannedStop(number=1, commune="20333", items=("P9",), lat=16.6, lon=112.3)
    ways = [way, replace(way, key="1", name="Tuyến 2", stops=(island,))]
    root = ET.fromstring(drawings.drawing(sketches.sketch(ways, title="Sơ đồ", communes={})))  # noqa: S314 - ours
    lines = root.findall(f"./{SVG}g/{SVG}polyline")
    assert [line.get("stroke-dasharray") for line in lines] == [None, "10 5"]
    assert "Quần đảo Hoàng Sa (Việt Nam)" in {text.text for text in root.iter(f"{SVG}text")}


def test_names_that_differ_at_their_end_stay_apart_and_no_figure_runs_out_of_the_drawing() -> None:
    desks = [f"Quầy tiếp nhận – Trung tâm Phục vụ hành chính công phường {name}" for name in ("Hải Châu", "An Hải")]
    shown = "6 hồ sơ, chuyển hồ sơ đi, chờ liên thông"
    bars = tuple(Bar(label=name, value=6, shown=shown) for name in desks)
    found = Bars(key="late", title="Trễ", says="", bars=bars, limit_name="", header=(), rows=())
    root = ET.fromstring(drawings.drawing(found))  # noqa: S314 - our own output
    texts = [(each.text or "", float(each.attrib["x"])) for each in root.iter(f"{SVG}text")]
    labels = [text for text, _ in texts if text != shown]
    assert [label.split("…")[1] for label in labels] == ["phường Hải Châu", "phường An Hải"]
    assert len(set(labels)) == 2
    assert all(x + 7 * len(shown) <= drawings.WIDTH for text, x in texts if text == shown)
