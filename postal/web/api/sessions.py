"""Signing in for programs: a bearer token instead of a cookie."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from postal.domain import calendars
from postal.services import accounts
from postal.services.accounts import WrongSignIn
from postal.web import security
from postal.web.deps import Now, SettingsDep, StoreDep
from postal.web.problems import documented

router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"])


class SignInForm(BaseModel):
    """A user name and its password."""

    username: str = Field(max_length=64)
    password: str = Field(max_length=1024)


class SessionBody(BaseModel):
    """A session: send the token as `Authorization: Bearer …`. It ends at `expires_at`, and earlier when left idle."""

    token: str
    token_type: str = "bearer"  # noqa: S105 - the kind of token, as RFC 6750 names it
    idle_seconds: int
    expires_at: datetime


@router.post("", status_code=201, responses=documented(403, 422, 429))
def sign_in(request: Request, form: SignInForm, store: StoreDep, settings: SettingsDep, now: Now) -> SessionBody:
    """Open a session for a program."""
    name = form.username.strip().lower()
    key = (name, security.caller(request))
    security.SIGN_IN_TRIES.must_be_left(*key, hotline=settings.hotline)
    token = security.new_token()
    try:
        accounts.sign_in(store, name, password=form.password, device="api", token=token, at=now)
    except WrongSignIn:
        security.SIGN_IN_TRIES.count(*key)
        raise
    return SessionBody(
        token=token,
        idle_seconds=int(accounts.IDLE.total_seconds()),
        expires_at=calendars.local(now + accounts.LONGEST),
    )
