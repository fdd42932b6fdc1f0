"""The audit trail: who looked at whose data. It holds no personal data itself."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.queries import audit as audit_queries
from postal.web import render
from postal.web.deps import StoreDep, acting

router = APIRouter(include_in_schema=False)

SeeingAudit = Annotated[Actor, acting(Permission.SEE_AUDIT)]


@router.get("/audit")
def show(request: Request, store: StoreDep, actor: SeeingAudit, account: str = "", subject: str = "") -> Response:
    """Show the last lines, of one account or about one subject if asked."""
    page = audit_queries.audit_page(store, actor=actor, account=account.strip(), subject=subject.strip())
    return render.page(request, "audit/list.html", page)
