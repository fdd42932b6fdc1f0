"""How values are written for people: days, times, money, codes. Vietnam's time, Vietnam's habits."""

from datetime import date, datetime

from markupsafe import Markup

from postal.domain import calendars, codes
from postal.printing import drawings
from postal.queries.charts import Chart
from postal.queries.sketches import Sketch

_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day(value: date | datetime | None) -> str:
    """Return `thứ Sáu, 28/11/2025`; empty for nothing."""
    return calendars.written(_date(value)) if value is not None else ""


def day_en(value: date | datetime | None) -> str:
    """Return `Friday, 28/11/2025`; empty for nothing."""
    if value is None:
        return ""
    on = _date(value)
    return f"{_WEEKDAYS_EN[on.weekday()]}, {on:%d/%m/%Y}"


def short_day(value: date | datetime | None) -> str:
    """Return `28/11/2025`; empty for nothing."""
    return f"{_date(value):%d/%m/%Y}" if value is not None else ""


def clock(value: datetime | None) -> str:
    """Return `14:05`; empty for nothing."""
    return f"{calendars.local(value):%H:%M}" if value is not None else ""


def instant(value: datetime | None) -> str:
    """Return `14:05 28/11/2025`; empty for nothing."""
    return f"{calendars.local(value):%H:%M %d/%m/%Y}" if value is not None else ""


def machine(value: date | datetime | None) -> str:
    """Return what a `<time datetime>` holds."""
    if isinstance(value, datetime):
        return calendars.local(value).isoformat(timespec="seconds")
    return value.isoformat() if value is not None else ""


def money(value: int | None) -> str:
    """Return `30.000 đ`; empty for nothing."""
    return f"{value:,}".replace(",", ".") + " đ" if value is not None else ""


def code(value: str) -> str:
    """Return `7K2M4-9RTBQ`."""
    return codes.shown(value)


def drawing(value: Sketch | Chart) -> Markup:
    """Return a sketch or a chart as an SVG element; whoever draws escapes what stands in it."""
    return Markup(drawings.drawing(value))  # noqa: S704 - written by an XML writer, so texts are escaped


def _date(value: date | datetime) -> date:
    return calendars.local(value).date() if isinstance(value, datetime) else value


FILTERS = {
    "day": day,
    "day_en": day_en,
    "short_day": short_day,
    "clock": clock,
    "instant": instant,
    "machine": machine,
    "money": money,
    "code": code,
    "drawing": drawing,
}
