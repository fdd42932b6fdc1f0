"""The catalogue for everybody who works with it: the list, one procedure through its versions, the files."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from postal.domain import calendars
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.queries import catalogue as catalogue_queries
from postal.queries import procedure_history
from postal.queries.catalogue import Filters
from postal.services import exporting
from postal.web import downloads, render
from postal.web.deps import Now, StoreDep, acting

router = APIRouter(include_in_schema=False)

Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]

LONGEST_QUERY = 200


@router.get("/procedures")
def show_list(
    request: Request,
    store: StoreDep,
    actor: Seeing,
    now: Now,
    q: str = "",
    field: str = "",
    level: str = "",
    status: str = "",
    carriable: str = "",
    boundary: str = "",
    page: int = 1,
) -> Response:
    """Show the list, searched and filtered."""
    filters = Filters(
        words=q.strip()[:LONGEST_QUERY],
        field=field,
        level=level,
        status=status,
        carriable=carriable,
        boundary=boundary,
    )
    on = calendars.local(now).date()
    value = catalogue_queries.catalogue_page(store, filters, page=min(max(page, 1), 10_000), on=on, actor=actor)
    return render.page(request, "procedures/list.html", value)


@router.get("/procedures/export/procedures.csv")
def export_procedures(store: StoreDep, _actor: Seeing) -> Response:
    """Give every version as CSV."""
    content = exporting.procedures_csv(exporting.all_versions(store))
    return downloads.answer(content, name="thu-tuc.csv")


@router.get("/procedures/export/papers.csv")
def export_papers(store: StoreDep, _actor: Seeing) -> Response:
    """Give the papers of every version as CSV."""
    content = exporting.papers_csv(exporting.all_versions(store))
    return downloads.answer(content, name="giay-to.csv")


@router.get("/procedures/export/catalogue.zip")
def export_both(store: StoreDep, _actor: Seeing) -> Response:
    """Give both CSV files in one."""
    return downloads.answer(exporting.catalogue_zip(exporting.all_versions(store)), name="danh-muc.zip")


@router.get("/procedures/export/catalogue.xlsx")
def export_workbook(store: StoreDep, _actor: Seeing) -> Response:
    """Give versions and papers as a workbook."""
    return downloads.answer(exporting.catalogue_xlsx(exporting.all_versions(store)), name="danh-muc.xlsx")


@router.get("/procedures/{code}")
def show(request: Request, code: str, store: StoreDep, actor: Seeing, now: Now) -> Response:
    """Show a procedure through all its versions."""
    value = procedure_history.history_page(store, code, on=calendars.local(now).date(), actor=actor)
    return render.page(request, "procedures/page.html", value)
