"""What a phone takes along: the service worker, the manifest, the pages of the day, and the page of what waits.

Only the postman's own day leaves the server here. What a phone keeps of it is told in
docs/decisions/0011-on-the-phone.md.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.queries import stops as stop_queries
from postal.queries.stops import StopLine, TodayPage
from postal.web import deps, render, security
from postal.web.deps import Now, StoreDep, acting
from postal.web.pages import today
from postal.web.render import TEMPLATES

router = APIRouter(include_in_schema=False)

STATIC = Path(__file__).resolve().parents[1] / "static"

Delivering = Annotated[Actor, acting(Permission.DELIVER)]
Working = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]

PAGES = ("base.html", "today/*.html", "outbox/*.html", "offline/*.html")
"""Templates of the day: what they name of the static files, a phone takes along."""

_MANIFEST = {
    "name": "Hồ sơ qua bưu chính",
    "short_name": "Hồ sơ bưu chính",
    "lang": "vi",
    "start_url": "/today",
    "scope": "/",
    "display": "standalone",
    "background_color": "#ffffff",
    "theme_color": "#0b4f8a",
    "icons": [
        {"src": "/static/icon-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any maskable"},
        {"src": "/static/icon-512.png", "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
    ],
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Nothing:
    """A page that the phone fills in itself."""


@router.get("/offline.js")
def worker() -> Response:
    """Return the service worker with the names of what it keeps and a version that changes with any of it."""
    return Response(_worker(), media_type="text/javascript; charset=utf-8", headers={"Service-Worker-Allowed": "/"})


@router.get("/app.webmanifest")
def manifest() -> Response:
    """Return what makes the pages an application on the home screen."""
    return JSONResponse(_MANIFEST, media_type="application/manifest+json")


@router.get("/offline")
def away(request: Request) -> Response:
    """Show what a phone shows where there is neither network nor a downloaded list; nobody's data is on it."""
    return render.page(request, "outbox/away.html", Nothing())


@router.get("/outbox", dependencies=[acting(Permission.DELIVER)])
def outbox(request: Request) -> Response:
    """Show what waits on this phone; the phone fills the list in, the server does not have it yet."""
    return render.page(request, "outbox/list.html", Nothing())


@router.get("/offline/session")
def session(request: Request, actor: Working) -> JSONResponse:
    """Tell our own script who is signed in and what an unsafe request must carry; 401 when nobody is."""
    return JSONResponse({"account": actor.account, "csrf": security.csrf_token(request)})


@router.get("/offline/day")
def day(request: Request, store: StoreDep, now: Now, actor: Delivering) -> Response:
    """Return every page of the postman's day in one answer."""
    page = stop_queries.today_page(store, actor=actor, at=now)
    pages = [
        _kept("/today", today.show(request, store, now, actor)),
        _kept("/outbox", outbox(request)),
    ]
    for run, stop in _doors(page):
        for chosen in _choices(stop):
            shown = today.show_stop(request, run, stop.number, store, now, actor, **chosen)
            query = "".join(f"?{name}={code}" for name, code in chosen.items())
            pages.append(_kept(f"/today/{run}/{stop.number}{query}", shown, codes=_codes(stop)))
    for each in page.runs:
        deps.note_view(store, actor=actor, subject=each.code, what="run_downloaded", at=now)
    stops = sum(run.stops for run in page.runs)
    return _packed(request, {"account": actor.account, "stops": stops, "pages": pages})


# --- the day ----------------------------------------------------------------------------------------------------------


def _doors(page: TodayPage) -> Iterator[tuple[str, StopLine]]:
    """Yield every door of the day with the run it is on."""
    for run in page.runs:
        for commune in run.communes:
            for stop in commune.stops:
                yield run.code, stop


def _codes(stop: StopLine) -> list[str]:
    """Return what somebody may scan at a door."""
    things = [item.code for item in stop.items] + [invitation.code for invitation in stop.invitations]
    return things + [pickup.code for pickup in stop.pickups]


def _choices(stop: StopLine) -> Iterator[dict[str, str]]:
    """Yield what a door can be opened with: itself, and each thing to be served when there are several."""
    yield {}
    if stop.has_choice:
        yield from ({"item": item.code} for item in stop.items if item.is_in_hand)
        yield from ({"pickup": pickup.code} for pickup in stop.pickups if not pickup.is_done)


def _kept(path: str, shown: Response, *, codes: list[str] | None = None) -> dict[str, Any]:
    return {"path": path, "html": bytes(shown.body).decode(), "codes": codes or []}


def _packed(request: Request, body: dict[str, Any]) -> Response:
    """Return JSON, packed where the browser can unpack it: the pages of a day are much alike."""
    content = json.dumps(body, ensure_ascii=False).encode()
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(content, media_type="application/json")
    headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(gzip.compress(content, 6), media_type="application/json", headers=headers)


# --- the worker -------------------------------------------------------------------------------------------------------


@cache
def _worker() -> bytes:
    """Return the script with the list of what it keeps in front; it is another script whenever any of that changes."""
    templates = [path.read_text() for pattern in PAGES for path in sorted(TEMPLATES.glob(pattern))]
    names = sorted({name for text in templates for name in re.findall(r'"/static/([\w.-]+)"', text)})
    script = (STATIC / "offline.js").read_bytes()
    files = [(STATIC / name).read_bytes() for name in names]
    version = hashlib.sha256(b"\0".join([script, *files, *map(str.encode, templates)])).hexdigest()[:16]
    shell = {"version": version, "paths": ["/offline", "/offline/register", *(f"/static/{name}" for name in names)]}
    return f"const SHELL = {json.dumps(shell)};\n".encode() + script
