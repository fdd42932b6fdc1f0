"""Signing in and out, and where each role begins."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import permissions
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.queries import accounts as account_queries
from postal.queries.accounts import AccountLine
from postal.services import accounts
from postal.services.accounts import WrongSignIn
from postal.web import render, security
from postal.web.deps import DeviceDep, Now, SettingsDep, SignedIn, StoreDep

router = APIRouter(include_in_schema=False)

BEGINNINGS: tuple[tuple[Permission, str], ...] = (
    (Permission.REGISTER, "/counter"),
    (Permission.DELIVER, "/today"),
    (Permission.DECIDE, "/desk"),
    (Permission.PLAN_RUN, "/runs"),
    (Permission.HAND_OVER, "/handovers"),
    (Permission.SEE_AUDIT, "/audit"),
)
"""Where somebody begins: the first whose permission he has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignInPage:
    """The sign-in form, with what was typed and what was wrong."""

    username: str
    next_path: str
    problem: str
    demo_accounts: tuple[AccountLine, ...]


@router.get("/sign-in")
def show(request: Request, store: StoreDep, settings: SettingsDep, next: str = "") -> Response:  # noqa: A002 - the URL's word
    """Show the sign-in form."""
    return _form(request, store, is_demo=settings.demo, next_path=next)


@router.post("/sign-in")
def sign_in(
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    now: Now,
    device: DeviceDep,
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",  # noqa: A002 - the form's word
) -> Response:
    """Open a session and go on to where the person was heading."""
    security.must_come_from_here(request)
    name = username.strip().lower()
    security.SIGN_IN_TRIES.must_be_left(name, security.caller(request), hotline=settings.hotline)
    token = security.new_token()
    machine = device.code if device else "web"
    try:
        actor = accounts.sign_in(store, name, password=password, device=machine, token=token, at=now)
    except WrongSignIn as wrong:
        security.SIGN_IN_TRIES.count(name, security.caller(request))
        return _form(request, store, is_demo=settings.demo, next_path=next, username=name, problem=str(wrong))
    response = RedirectResponse(_inside(next) or beginning(actor), status_code=303)
    security.set_session(request, response, token)
    return response


@router.post("/sign-out")
def sign_out(request: Request, store: StoreDep, now: Now, _actor: SignedIn) -> Response:
    """End the session."""
    accounts.sign_out(store, security.session_token(request), at=now)
    response = RedirectResponse("/sign-in", status_code=303)
    security.clear_session(request, response)
    return response


@router.get("/staff")
def staff(actor: SignedIn) -> Response:
    """Send somebody to where his work begins."""
    return RedirectResponse(beginning(actor), status_code=303)


def beginning(actor: Actor) -> str:
    """Return the page an actor's work begins on."""
    return next((path for permission, path in BEGINNINGS if permissions.may(actor, permission)), "/shift")


def _form(
    request: Request, store: StoreDep, *, is_demo: bool, next_path: str, username: str = "", problem: str = ""
) -> Response:
    lines = account_queries.accounts(store, only_demo=True) if is_demo else []
    page = SignInPage(username=username, next_path=next_path, problem=problem, demo_accounts=tuple(lines))
    return render.page(request, "session/sign_in.html", page, status=403 if problem else 200)


def _inside(path: str) -> str:
    """Return a path on this site, empty for anything that could lead elsewhere."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_ours else ""
