"""Charts on paper, A4: each with what it says in words, and its figures as a table under it."""

from dataclasses import dataclass

from labels import typesetting


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartOnPaper:
    """One chart: its drawing as SVG, the same in one sentence and as a table."""

    title: str
    says: str
    drawing: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSheet:
    """Some charts of one place and day."""

    title: str
    place: str
    day: str
    charts: tuple[ChartOnPaper, ...]


def charts_pdf(sheet: ChartSheet) -> bytes:
    """Return the charts on A4, drawing and table of each together where they fit on a page."""
    return typesetting.pdf("charts", _typeset(sheet))


def _typeset(sheet: ChartSheet) -> dict[str, typesetting.Json]:
    return {
        "title": sheet.title,
        "place": sheet.place,
        "day": sheet.day,
        "charts": [
            {
                "title": chart.title,
                "says": chart.says,
                "drawing": chart.drawing,
                "header": list(chart.header),
                "rows": [list(row) for row in chart.rows],
            }
            for chart in sheet.charts
        ],
    }
