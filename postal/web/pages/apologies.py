"""What will be late before it is, with the apology drafted: for whoever leads a desk or department."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.queries import apologies
from postal.web import render
from postal.web.deps import Now, StoreDep, acting

router = APIRouter(include_in_schema=False)

Deciding = Annotated[Actor, acting(Permission.DECIDE)]


@router.get("/apologies")
def show(request: Request, store: StoreDep, now: Now, actor: Deciding) -> Response:
    """Show which dossiers need an apology; causes name places and times, nobody."""
    return render.page(request, "apologies/list.html", apologies.apologies_page(store, actor=actor, at=now))
