"""What is late or about to be: four numbers, then the dossiers by who holds them."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.queries import late as late_queries
from postal.web import render
from postal.web.deps import Now, StoreDep, acting

router = APIRouter(include_in_schema=False)

Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]


@router.get("/late")
def show(request: Request, store: StoreDep, now: Now, actor: Seeing, only: str = "") -> Response:
    """Show what is late, about to be late, or nowhere to be found; no personal data."""
    return render.page(request, "late/list.html", late_queries.late_page(store, actor=actor, at=now, only=only))
