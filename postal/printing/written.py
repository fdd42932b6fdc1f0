"""How instants, days and amounts stand on paper, in Vietnam's time."""

from datetime import date, datetime

from postal.domain import calendars


def instant(at: datetime | None) -> str:
    """Return `14:05 28/11/2025`; empty for nothing."""
    return f"{calendars.local(at):%H:%M %d/%m/%Y}" if at is not None else ""


def clock_and_day(at: datetime) -> str:
    """Return `14:05, 28/11/2025`."""
    return f"{calendars.local(at):%H:%M, %d/%m/%Y}"


def day(at: datetime | date | None) -> str:
    """Return `28/11/2025`; empty for nothing."""
    if at is None:
        return ""
    return f"{calendars.local(at) if isinstance(at, datetime) else at:%d/%m/%Y}"


def grouped(amount: int) -> str:
    """Return `30.000`."""
    return f"{amount:,}".replace(",", ".")
