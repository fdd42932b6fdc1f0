"""Thiết bị: the machines of an office. Enrolled on the machine itself, revoked from anywhere."""

import secrets
from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes
from postal.domain.calendars import VIETNAM
from postal.domain.codes import CodeKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import devices as device_queries
from postal.queries.devices import DevicesPage
from postal.services import devices
from postal.web import forms, render, security
from postal.web.deps import Chance, DeviceDep, Now, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Managing = Annotated[Actor, acting(Permission.MANAGE_DEVICES)]

KINDS = tuple(devices.KINDS.items())


@dataclass(frozen=True, kw_only=True, slots=True)
class DevicesView:
    """The machines with the form to enrol this one, what was typed and what was wrong."""

    devices: DevicesPage
    kinds: tuple[tuple[str, str], ...]
    typed: dict[str, str]
    errors: dict[str, str]


@router.get("/devices")
def show(request: Request, store: StoreDep, now: Now, device: DeviceDep, actor: Managing) -> Response:
    """Show the machines of the office."""
    this_one = device.code if device else ""
    return _page(request, store, actor=actor, this_one=this_one, at=now)


@router.post("/devices")
def enrol(
    request: Request, store: StoreDep, now: Now, below: Chance, device: DeviceDep, actor: Managing, typed: Typed
) -> Response:
    """Enrol the machine at which the controller stands; its browser keeps the proof."""
    secret = secrets.token_urlsafe(32)
    try:
        made = devices.enrol(
            store,
            kind=typed.get("kind", ""),
            name=typed.get("name", ""),
            account=typed.get("account", ""),
            secret=secret,
            by=actor,
            at=now,
            below=below,
        )
    except Refused as refused:
        this_one = device.code if device else ""
        errors = {"name": str(refused)}
        return _page(request, store, actor=actor, this_one=this_one, at=now, typed=typed, errors=errors, why=refused)
    said = f"Đã đăng ký {made.name}. Ghi mã {codes.shown(made.code)} lên máy."
    response = RedirectResponse(f"/devices?said={quote(said)}", status_code=303)
    security.set_device(request, response, f"{made.code}.{secret}")
    return response


@router.post("/devices/{code}/revoke")
def revoke(
    request: Request, code: str, store: StoreDep, now: Now, device: DeviceDep, actor: Managing, typed: Typed
) -> Response:
    """Take a machine out of use, from the time it was lost on."""
    parsed = codes.parse(code, kind=CodeKind.WORKSTATION).text
    try:
        lost_at = _lost_at(typed)
        gone = devices.revoke(store, parsed, lost_at=lost_at, by=actor, at=now)
    except Refused as refused:
        this_one = device.code if device else ""
        errors = {f"lost_on_{parsed}": str(refused)}
        return _page(request, store, actor=actor, this_one=this_one, at=now, typed=typed, errors=errors, why=refused)
    said = f"Đã thu hồi {gone.name}. Việc làm trên máy sau giờ mất sẽ bị giữ lại để xem."
    return RedirectResponse(f"/devices?said={quote(said)}", status_code=303)


def _lost_at(typed: dict[str, str]) -> datetime | None:
    """Return when a machine was lost, None when nothing was typed. Raises: NotADay."""
    if not typed.get("lost_on"):
        return None
    clock = forms.hour(typed["lost_time"]) if typed.get("lost_time") else time()
    return datetime.combine(forms.day(typed["lost_on"]), clock, VIETNAM)


def _page(
    request: Request,
    store: StoreDep,
    *,
    actor: Actor,
    this_one: str,
    at: datetime,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    why: Refused | None = None,
) -> Response:
    page = device_queries.devices_page(store, actor=actor, this_one=this_one, at=at)
    view = DevicesView(devices=page, kinds=KINDS, typed=typed or {}, errors=errors or {})
    return render.page(request, "devices/list.html", view, status=status_of(why) if why else 200)
