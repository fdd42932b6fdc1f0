"""Lists, ways and figures to take along: of a planned run, and of a route that is only proposed yet."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.printing import records
from postal.queries import charts, runsheets
from postal.queries import runs as run_queries
from postal.queries.charts import Chart
from postal.queries.runsheets import SheetPage
from postal.services import navigation
from postal.web import deps, downloads
from postal.web.deps import Now, StoreDep, acting

router = APIRouter(include_in_schema=False)

Planning = Annotated[Actor, acting(Permission.PLAN_RUN)]
Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]
SeeingPeople = Annotated[Actor, acting(Permission.SEE_PERSONAL_DATA)]


# --- a planned run ----------------------------------------------------------------------------------------------------


@router.get("/runs/{code}/sheet.csv")
def sheet_csv(code: str, store: StoreDep, now: Now, actor: SeeingPeople) -> Response:
    """Give the list of a run as plain rows, with names and doors."""
    page = runsheets.sheet_page(store, _parsed(code), actor=actor, at=now)
    deps.note_view(store, actor=actor, subject=page.code, what="run_printed", at=now)
    return downloads.answer(records.runsheet_csv(page), name=f"{page.code}.csv")


@router.get("/runs/{code}/route.gpx")
def run_gpx(code: str, store: StoreDep, now: Now, actor: Seeing) -> Response:
    """Give the way of a run to a navigation device: points and communes, nobody's name."""
    return _way_of_run(store, code, kind="gpx", actor=actor, at=now)


@router.get("/runs/{code}/route.geojson")
def run_geojson(code: str, store: StoreDep, now: Now, actor: Seeing) -> Response:
    """Give the way of a run to a map: points, communes and times, nobody's name."""
    return _way_of_run(store, code, kind="geojson", actor=actor, at=now)


# --- a proposed route -------------------------------------------------------------------------------------------------


@router.get("/runs/proposals/{number}/routes/{route}.csv")
def draft_csv(number: str, route: int, store: StoreDep, now: Now, actor: Planning) -> Response:
    """Give the list of a proposed route as plain rows; names and doors only to those near it."""
    page = _draft(store, number, route, actor=actor, at=now)
    return downloads.answer(records.runsheet_csv(page), name=f"tuyen-{route + 1}.csv")


@router.get("/runs/proposals/{number}/routes/{route}.xlsx")
def draft_xlsx(number: str, route: int, store: StoreDep, now: Now, actor: Planning) -> Response:
    """Give the same list as a workbook."""
    page = _draft(store, number, route, actor=actor, at=now)
    return downloads.answer(records.runsheet_xlsx(page), name=f"tuyen-{route + 1}.xlsx")


@router.get("/runs/proposals/{number}/routes/{route}.gpx")
def draft_gpx(number: str, route: int, store: StoreDep, now: Now, actor: Planning) -> Response:
    """Give the way of a proposed route to a navigation device."""
    return _way_of_draft(store, number, route, kind="gpx", actor=actor, at=now)


@router.get("/runs/proposals/{number}/routes/{route}.geojson")
def draft_geojson(number: str, route: int, store: StoreDep, now: Now, actor: Planning) -> Response:
    """Give the way of a proposed route to a map."""
    return _way_of_draft(store, number, route, kind="geojson", actor=actor, at=now)


# --- figures ----------------------------------------------------------------------------------------------------------


@router.get("/runs/proposals/{number}/charts/{key}.csv")
def chart_csv(number: str, key: str, store: StoreDep, now: Now, actor: Planning) -> Response:
    """Give the table of a chart as plain rows."""
    return downloads.answer(records.chart_csv(_chart(store, number, key, actor=actor, at=now)), name=f"{key}.csv")


@router.get("/runs/proposals/{number}/charts/{key}.xlsx")
def chart_xlsx(number: str, key: str, store: StoreDep, now: Now, actor: Planning) -> Response:
    """Give the same table as a workbook."""
    return downloads.answer(records.chart_xlsx(_chart(store, number, key, actor=actor, at=now)), name=f"{key}.xlsx")


def _chart(store: StoreDep, number: str, key: str, *, actor: Actor, at: datetime) -> Chart:
    return charts.proposal_chart(store, number, key, actor=actor, at=at)


def _draft(store: StoreDep, number: str, route: int, *, actor: Actor, at: datetime) -> SheetPage:
    """Return the list of a proposed route; one with names and doors leaves an audit line."""
    page = runsheets.draft_page(store, number, route, actor=actor, at=at)
    if page.with_people:
        deps.note_view(store, actor=actor, subject=number, what="draft_printed", at=at)
    return page


def _way_of_draft(store: StoreDep, number: str, route: int, *, kind: str, actor: Actor, at: datetime) -> Response:
    is_near = _draft(store, number, route, actor=actor, at=at).with_people
    text = navigation.of_draft(store, number, route, kind=kind, is_near=is_near)
    return downloads.answer(text.encode(), name=f"tuyen-{route + 1}.{kind}")


def _way_of_run(store: StoreDep, code: str, *, kind: str, actor: Actor, at: datetime) -> Response:
    page = run_queries.run_page(store, _parsed(code), actor=actor, at=at)
    if page.with_people:
        deps.note_view(store, actor=actor, subject=page.code, what="run_printed", at=at)
    text = navigation.of_run(store, page.code, kind=kind, is_near=page.with_people)
    return downloads.answer(text.encode(), name=f"{page.code}.{kind}")


def _parsed(code: str) -> str:
    return codes.parse(code, kind=CodeKind.RUN).text
