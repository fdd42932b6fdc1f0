"""Biểu đồ tuyến phát: the runs of a day in charts, each with its table as a file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.printing import records
from postal.queries import day_charts
from postal.queries.charts import Chart
from postal.queries.day_charts import ChartsPage
from postal.web import downloads, forms, printing, render
from postal.web.deps import Now, StoreDep, acting

router = APIRouter(include_in_schema=False)

Planning = Annotated[Actor, acting(Permission.PLAN_RUN)]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartsView:
    """The charts of a day, with what was wrong with the day that was asked for."""

    charts: ChartsPage
    problems: dict[str, str]


@router.get("/runs/charts")
def show(request: Request, store: StoreDep, now: Now, actor: Planning, day: str = "", office: str = "") -> Response:
    """Show the runs of an office on a day in charts."""
    problems: dict[str, str] = {}
    page = day_charts.charts_page(store, actor=actor, at=now, day=forms.day_asked(day, "day", problems), office=office)
    view = ChartsView(charts=page, problems=problems)
    return render.page(request, "runs/charts.html", view, status=422 if problems else 200)


@router.get("/runs/charts.pdf")
def as_pdf(store: StoreDep, now: Now, actor: Planning, day: str = "", office: str = "") -> Response:
    """Print every chart of the page with its table."""
    page = day_charts.charts_page(store, actor=actor, at=now, day=forms.day_asked(day, "day", {}), office=office)
    return printing.answer(records.charts_pdf(page), name=f"bieu-do-{page.day}")


@router.get("/runs/charts/{key}.csv")
def as_csv(key: str, store: StoreDep, now: Now, actor: Planning, day: str = "", office: str = "") -> Response:
    """Give the table of a chart as plain rows."""
    found = _chart(store, key, actor=actor, at=now, day=day, office=office)
    return downloads.answer(records.chart_csv(found), name=f"{key}.csv")


@router.get("/runs/charts/{key}.xlsx")
def as_xlsx(key: str, store: StoreDep, now: Now, actor: Planning, day: str = "", office: str = "") -> Response:
    """Give the same table as a workbook."""
    found = _chart(store, key, actor=actor, at=now, day=day, office=office)
    return downloads.answer(records.chart_xlsx(found), name=f"{key}.xlsx")


def _chart(store: StoreDep, key: str, *, actor: Actor, at: datetime, day: str, office: str) -> Chart:
    return day_charts.chart(store, key, actor=actor, at=at, day=forms.day_asked(day, "day", {}), office=office)
