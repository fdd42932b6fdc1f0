"""Tin nhắn: messages that no gateway took, and what a controller does about each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.sending import NoSuchMessage
from postal.queries import messages as message_queries
from postal.queries.messages import FailedLine
from postal.services import messages
from postal.web import render
from postal.web.deps import Now, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Looking = Annotated[Actor, acting(Permission.SEE_MESSAGES)]


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageView:
    """One message with its forms, what was typed into them and what was wrong with it."""

    line: FailedLine
    typed: dict[str, str]
    errors: dict[str, str]


@router.get("/messages")
def show(request: Request, store: StoreDep, now: Now, actor: Looking) -> Response:
    """Show what could not be sent."""
    return render.page(request, "messages/list.html", message_queries.messages_page(store, actor=actor, at=now))


@router.post("/messages/again")
def send_all_again(store: StoreDep, now: Now, actor: Looking) -> Response:
    """Send everything on the list again, after a gateway was out of order."""
    lines = message_queries.messages_page(store, actor=actor, at=now).lines
    count = sum(_again(store, line.id, by=actor, at=now) for line in lines)
    return _done(f"Sẽ gửi lại {count} tin.")


@router.get("/messages/{notice}")
def show_one(request: Request, notice: str, store: StoreDep, now: Now, actor: Looking) -> Response:
    """Show one message and what can be done about it."""
    return _one(request, store, notice, actor=actor, at=now)


@router.post("/messages/{notice}/{step}")
def look_after(
    request: Request, notice: str, step: str, store: StoreDep, now: Now, actor: Looking, typed: Typed
) -> Response:
    """Carry out one of the three steps; a refusal shows the same page with what was typed and the sentence."""
    if step not in _STEPS:
        raise NoSuchMessage
    carry_out, field, said = _STEPS[step]
    try:
        carry_out(store, notice, typed, actor, now)
    except NoSuchMessage:
        raise
    except Refused as refused:
        return _one(request, store, notice, actor=actor, at=now, typed=typed, errors={field: str(refused)}, why=refused)
    return _done(said)


def _told(store: StoreDep, notice: str, typed: Typed, by: Actor, at: datetime) -> None:
    messages.note_told(store, notice, note=typed.get("note", ""), by=by, at=at)


def _given_up(store: StoreDep, notice: str, typed: Typed, by: Actor, at: datetime) -> None:
    messages.give_up(store, notice, reason=typed.get("reason", ""), by=by, at=at)


def _tried_again(store: StoreDep, notice: str, _: Typed, by: Actor, at: datetime) -> None:
    messages.try_again(store, notice, by=by, at=at)


_STEPS: dict[str, tuple[Callable[[StoreDep, str, Typed, Actor, datetime], None], str, str]] = {
    "again": (_tried_again, "main", "Sẽ gửi lại tin này."),
    "told": (_told, "note", "Đã ghi: đã gọi điện báo."),
    "give-up": (_given_up, "reason", "Đã ghi: không báo nữa."),
}
"""What each form does, the field a refusal stands beside, and what is said afterwards."""


def _again(store: StoreDep, notice: str, *, by: Actor, at: datetime) -> bool:
    """Send a message again; False when somebody else was first."""
    try:
        messages.try_again(store, notice, by=by, at=at)
    except NoSuchMessage:
        return False
    return True


def _done(said: str) -> Response:
    return RedirectResponse(f"/messages?said={said}", status_code=303)


def _one(
    request: Request,
    store: StoreDep,
    notice: str,
    *,
    actor: Actor,
    at: datetime,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    why: Refused | None = None,
) -> Response:
    line = message_queries.failed_message(store, notice, actor=actor, at=at)
    view = MessageView(line=line, typed={"note": "", "reason": "", **(typed or {})}, errors=errors or {})
    return render.page(request, "messages/one.html", view, status=status_of(why) if why else 200)
