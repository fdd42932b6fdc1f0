"""How a place works where it decides for itself: set by who leads it."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.policies import PolicyName, UnknownPolicy
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


@router.post("/policies/{name}")
def decide(request: Request, name: str, store: StoreDep, actor: Setting, now: Now, typed: Typed) -> Response:
    """Decide how the place works in one matter; a refusal keeps what was typed."""
    policy = _NAMES.get(name)
    try:
        if policy is None:
            raise UnknownPolicy
        value, basis = typed.get("value", ""), typed.get("basis", "")
        policies.set_policy(store, policy, value=value, basis=basis, by=actor, at=now)
    except Refused as refused:
        page = policy_queries.policy_page(store, actor=actor, errors={name: str(refused)}, typed=typed)
        return render.page(request, "policies/page.html", page, status=status_of(refused))
    return RedirectResponse(f"/policies?said={quote('Đã lưu cách làm.')}", status_code=303)


_NAMES: dict[str, PolicyName] = {
    "whole-bag": PolicyName.WHOLE_BAG,
    "counting": PolicyName.COUNTING,
    "start-by-post": PolicyName.START_BY_POST,
    "hours": PolicyName.HOURS,
}
"""What each form decides, by its path."""
