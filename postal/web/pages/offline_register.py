"""Registering at the counter without network: a page that is kept on the machine, and what the machine takes along."""

import base64
import gzip
import json
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from labels import offline_label
from postal.domain import permissions
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.queries.offline_kit import offline_kit
from postal.services import blanks
from postal.services.devices import NotEnrolled
from postal.web import deps, render
from postal.web.deps import Chance, DeviceDep, Now, SettingsDep, StoreDep, acting
from postal.web.pages.offline import Nothing

router = APIRouter(include_in_schema=False)

Registering = Annotated[Actor, acting(Permission.REGISTER)]


@router.get("/offline/register")
def show(request: Request) -> Response:
    """Show the form that works without network; nobody's data is on it, and without a block it does nothing."""
    return render.page(request, "offline/register.html", Nothing())


@router.get("/offline/kit")
def kit(
    request: Request,
    store: StoreDep,
    now: Now,
    below: Chance,
    device: DeviceDep,
    settings: SettingsDep,
    actor: Registering,
) -> Response:
    """Return what a workstation needs to register without network, with its block of codes filled up.

    Raises: NotEnrolled, DeviceRevoked, Forbidden.
    """
    permissions.require(actor, Permission.WORK_OFFLINE)
    if device is None:
        raise NotEnrolled
    block = blanks.refill(store, device.code, by=actor, at=now, below=below)
    deps.note_view(store, actor=actor, subject=device.code, what="offline_kit_taken", at=now)
    body = {
        **offline_kit(store, actor=actor, at=now),
        "device": {"code": device.code, "name": device.name},
        "account": actor.account,
        "key": base64.b64encode(store.public_key).decode(),
        "hotline": settings.hotline,
        "public_url": settings.public_url,
        "blanks": [(each.code, each.item, "".join(offline_label.symbol_rows(each.item))) for each in block],
    }
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        content, headers = gzip.compress(content, 6), {**headers, "Content-Encoding": "gzip"}
    return Response(content, media_type="application/json", headers=headers)
