"""Drawings as SVG, the same on a page and on paper: sketches of rounds and charts. Nothing is told by colour alone."""

from collections.abc import Sequence
from typing import assert_never
from xml.etree import ElementTree as ET

from postal.queries.charts import Bar, Bars, Chart, DayPlan, Fill, Lane
from postal.queries.sketches import Line, Mark, Sketch

SVG = "http://www.w3.org/2000/svg"
INK, SOFT, LINE, WASH, PAPER = "#16191d", "#4a535e", "#c3cad2", "#e6f0f9", "#ffffff"
BAR, PROBLEM = "#0b4f8a", "#a3180d"
FONT = "'Be Vietnam Pro', system-ui, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif"

WIDTH, LABEL, SHOWN, ROW, TOP = 760, 224, 156, 30, 12
_LONGEST = 25
_LETTER = 8
_KEY_HEIGHT = 26
_MARK_HEIGHT = 26

Svg = ET.Element


def drawing(value: Sketch | Chart) -> str:
    """Return a sketch or a chart as an SVG element with its title and description."""
    return ET.tostring(_drawn(value), encoding="unicode")


def _drawn(value: Sketch | Chart) -> Svg:
    match value:
        case Sketch():
            return _sketch(value)
        case Bars():
            return _bars(value)
        case DayPlan():
            return _day_plan(value)
        case _:
            assert_never(value)


# --- parts ------------------------------------------------------------------------------------------------------------


def _root(key: str, *, title: str, says: str, width: int, height: int) -> Svg:
    root = ET.Element(
        "svg",
        {
            "xmlns": SVG,
            "viewBox": f"0 0 {width} {height}",
            "width": str(width),
            "height": str(height),
            "role": "img",
            "aria-labelledby": f"{key}-title {key}-desc",
            "font-family": FONT,
            "font-size": "14",
            "fill": INK,
        },
    )
    ET.SubElement(root, "title", {"id": f"{key}-title"}).text = title
    ET.SubElement(root, "desc", {"id": f"{key}-desc"}).text = says
    return root


def _add(parent: Svg, tag: str, *, text: str = "", **attributes: object) -> Svg:
    """Add an element; underlines in the names of attributes are hyphens."""
    made = ET.SubElement(parent, tag, {name.rstrip("_").replace("_", "-"): str(v) for name, v in attributes.items()})
    if text:
        made.text = text
    return made


def _named(parent: Svg, title: str) -> Svg:
    group = ET.SubElement(parent, "g")
    ET.SubElement(group, "title").text = title
    return group


def _dashed(dash: str) -> dict[str, str]:
    return {"stroke-dasharray": dash} if dash else {}


# --- sketches ---------------------------------------------------------------------------------------------------------


def _sketch(value: Sketch) -> Svg:
    root = _root("sketch", title=value.title, says=value.says, width=value.width, height=value.height)
    _add(root, "rect", width=value.width, height=value.height, fill=PAPER)
    for line in value.lines:
        for mark in line.marks:
            _add(root, "circle", cx=mark.x, cy=mark.y, r=mark.reach, fill=WASH, fill_opacity=0.6, stroke=LINE)
    for line in value.lines:
        if line.way:
            way = _named(root, line.name)
            style = {"points": line.way, "fill": "none", "stroke": line.style.colour, "stroke-width": "2.5"}
            ET.SubElement(way, "polyline", style | _dashed(line.style.dash))
    for depot in value.depots:
        office = _named(root, depot.title)
        _add(
            office, "rect", x=depot.x - 18, y=depot.y - 18, width=36, height=36, fill="none", stroke=INK, stroke_width=2
        )
        _add(office, "rect", x=depot.x - 8, y=depot.y - 8, width=16, height=16)
    for line in value.lines:
        for mark in line.marks:
            _mark(root, mark, line)
    for name in value.names:
        place = {"x": name.x, "y": name.y, "text_anchor": name.anchor, "font_weight": 700}
        _add(root, "text", text=name.text, stroke=PAPER, stroke_width=5, paint_order="stroke", **place)
    scale = _add(root, "g", transform=f"translate(16 {value.height})")
    _add(scale, "path", d=f"M0 -20 v8 h{value.bar} v-8", fill="none", stroke=INK, stroke_width=2)
    _add(scale, "text", text=f"{value.bar_km} km", x=4, y=-20, font_weight=700)
    return root


def _mark(root: Svg, mark: Mark, line: Line) -> None:
    group = _named(root, mark.title)
    wide = max(_MARK_HEIGHT, 10 + 8 * len(mark.label))
    _add(
        group,
        "rect",
        x=mark.x - wide / 2,
        y=mark.y - _MARK_HEIGHT / 2,
        width=wide,
        height=_MARK_HEIGHT,
        rx=_MARK_HEIGHT / 2,
        fill=PAPER,
        stroke=line.style.colour,
        stroke_width=2.5,
    )
    _add(group, "text", text=mark.label, x=mark.x, y=mark.y + 5, text_anchor="middle", font_weight=700)


# --- charts -----------------------------------------------------------------------------------------------------------


def _bars(value: Bars) -> Svg:
    below = _KEY_HEIGHT if value.limit_name else 0
    height = TOP + ROW * len(value.bars) + below + TOP
    root = _root(f"chart-{value.key}", title=value.title, says=value.says, width=WIDTH, height=height)
    _patterns(root, value.key)
    most = max((max(bar.value, bar.limit) for bar in value.bars), default=0) or 1
    for number, bar in enumerate(value.bars):
        _bar(root, bar, key=value.key, y=TOP + ROW * number, dots=(WIDTH - LABEL - _room(value.bars)) / most)
    _add(root, "path", d=f"M{LABEL} {TOP - 4} V{TOP + ROW * len(value.bars)}", stroke=INK, fill="none")
    if value.limit_name:
        _key_of_limit(root, value.limit_name, y=TOP + ROW * len(value.bars) + 16)
    return root


def _room(bars: Sequence[Bar]) -> int:
    """Return what is kept free beside the longest bar, so that no figure runs out of the drawing."""
    return max(SHOWN, _LETTER * max((len(bar.shown) for bar in bars), default=0) + 16)


def _patterns(root: Svg, key: str) -> None:
    """Define what tells one kind of bar from another without colour: slanted lines, and crossed ones."""
    defs = _add(root, "defs")
    for fill, colour, turn in ((Fill.OVER, "#7d5a00", 45), (Fill.LATE, PROBLEM, -45)):
        pattern = _add(defs, "pattern", id=f"{key}-{fill.value}", width=8, height=8, patternUnits="userSpaceOnUse")
        pattern.set("patternTransform", f"rotate({turn})")
        _add(pattern, "rect", width=8, height=8, fill=PAPER)
        _add(pattern, "rect", width=4, height=8, fill=colour)


def _bar(root: Svg, bar: Bar, *, key: str, y: float, dots: float) -> None:
    group = _named(root, f"{bar.label}: {bar.shown}")
    fill = BAR if bar.fill is Fill.USUAL else f"url(#{key}-{bar.fill.value})"
    end = LABEL + round(bar.value * dots, 1)
    _add(group, "text", text=_short(bar.label), x=LABEL - 8, y=y + 19, text_anchor="end")
    _add(group, "rect", x=LABEL, y=y + 5, width=round(end - LABEL, 1), height=18, fill=fill, stroke=INK)
    limit = LABEL + round(bar.limit * dots, 1)
    if bar.limit:
        _add(group, "path", d=f"M{limit} {y + 1} v26", stroke=INK, stroke_width=2.5, stroke_dasharray="5 3")
    _add(group, "text", text=bar.shown, x=max(end, limit if bar.limit else 0) + 8, y=y + 19)


def _key_of_limit(root: Svg, name: str, *, y: float) -> None:
    _add(root, "path", d=f"M{LABEL + 4} {y - 14} v18", stroke=INK, stroke_width=2.5, stroke_dasharray="5 3")
    _add(root, "text", text=f"Vạch đứng: {name}", x=LABEL + 14, y=y, fill=SOFT)


def _day_plan(value: DayPlan) -> Svg:
    rows = ROW * len(value.lanes)
    root = _root(
        f"chart-{value.key}", title=value.title, says=value.says, width=WIDTH, height=TOP + rows + 2 * _KEY_HEIGHT
    )
    dots = (WIDTH - LABEL - SHOWN) / (value.closes - value.opens)
    step = 60 if value.closes - value.opens <= 6 * 60 else 120
    for hour in range(value.opens, value.closes + 1, step):
        x = round(LABEL + (hour - value.opens) * dots, 1)
        _add(root, "path", d=f"M{x} {TOP} v{rows}", stroke=LINE, fill="none")
        _add(root, "text", text=f"{hour // 60 % 24} giờ", x=x, y=TOP + rows + 16, text_anchor="middle", fill=SOFT)
    for number, lane in enumerate(value.lanes):
        _lane(root, lane, y=TOP + ROW * number, opens=value.opens, dots=dots)
    sentence = "Mỗi vạch là một điểm dừng; tam giác đỏ là điểm đến muộn giờ hẹn."
    _add(root, "text", text=sentence, x=LABEL, y=TOP + rows + 2 * _KEY_HEIGHT - 10, fill=SOFT)
    return root


def _lane(root: Svg, lane: Lane, *, y: float, opens: int, dots: float) -> None:
    group = _named(root, f"{lane.label}: {lane.shown}")
    _add(group, "text", text=_short(lane.label), x=LABEL - 8, y=y + 19, text_anchor="end")
    left = LABEL + round((lane.begins - opens) * dots, 1)
    wide = round((lane.ends - lane.begins) * dots, 1)
    if wide > 0:
        _add(group, "rect", x=left, y=y + 6, width=wide, height=16, fill=WASH, stroke=BAR)
    for at in lane.stops:
        _add(group, "path", d=f"M{round(LABEL + (at - opens) * dots, 1)} {y + 6} v16", stroke=BAR, stroke_width=1.5)
    for at in lane.late:
        x = round(LABEL + (at - opens) * dots, 1)
        _add(group, "path", d=f"M{x - 6} {y + 3} h12 l-6 11 z", fill=PROBLEM, stroke=PAPER)
    _add(group, "text", text=lane.shown, x=WIDTH - SHOWN + 8 if wide > 0 else LABEL + 8, y=y + 19)


def _short(text: str) -> str:
    """Return a label that fits beside its bar; the whole of it is in the title of the bar.

    What tells places of one kind apart stands at the end of their names, so the middle goes.
    """
    if len(text) <= _LONGEST:
        return text
    end = text[-(_LONGEST - 9) :]
    return f"{text[:8].rstrip()}…{end.partition(' ')[2] or end}"
