"""How a place works where it decides for itself: set by who leads it."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.policies import PolicyName
from postal.domain.refusals import Refused
from postal.queries import policies as policy_queries
from postal.services import policies
from postal.web import render
from postal.web.deps import Now, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Setting = Annotated[Actor, acting(Permission.SET_POLICY)]


@router.get("/policies")
def show(request: Request, store: StoreDep, actor: Setting) -> Response:
    """Show how the place works."""
    return render.page(request, "policies/page.html", policy_queries.policy_page(store, actor=actor))


@router.post("/policies/whole-bag")
def set_whole_bag(request: Request, store: StoreDep, actor: Setting, now: Now, typed: Typed) -> Response:
    """Decide how the place receives bags."""
    try:
        policies.set_policy(
            store, PolicyName.WHOLE_BAG, value=typed.get("value", ""), basis=typed.get("basis", ""), by=actor, at=now
        )
    except Refused as refused:
        page = policy_queries.policy_page(store, actor=actor, errors={"value": str(refused)})
        return render.page(request, "policies/page.html", page, status=status_of(refused))
    return RedirectResponse("/policies?said=Đã lưu cách nhận túi.", status_code=303)
