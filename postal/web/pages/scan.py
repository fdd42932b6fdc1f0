"""The scan box and the search: one instruction for one thing, a list for several, a sentence for slips."""

import hashlib
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from postal.domain import permissions, scans
from postal.domain.codes import CodeKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import scans as scan_queries
from postal.queries.scans import OPENS_AT_ONCE, Answer, FoundList, Lookup, NotInSystem
from postal.services import audit, custody
from postal.web import camera, render, security
from postal.web.deps import Now, Posted, StoreDep, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]

LONGEST_ECHO = 40
"""So many characters of what was scanned are shown again."""


TOLD = "keyboard_told"
"""The cookie of who was told this session that a keyboard rewrites scans; it names nobody and opens nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ScanPage:
    """What a scan answers: an instruction, a list, or the sentence that says what is wrong."""

    answer: Answer | None
    found: FoundList | None
    problem: str
    scanned: str
    may_register: bool
    card: str = ""
    """The text of an identity card from which the one who scanned it may begin a dossier."""
    may_set_aside: bool = False
    """The code is well formed and nobody knows it: whoever has the envelope writes that down."""
    was_repaired: bool = False
    """A Vietnamese keyboard had rewritten the code, and this session has not been told so yet."""


@router.get("/scan")
def scan(request: Request, store: StoreDep, now: Now, actor: Seeing, q: str = "") -> Response:
    """Answer a scan with one instruction, or with a list when it means several dossiers.

    Whoever scans what is on his own run comes to its door at once; a bag or a trip opens its bench.
    """
    return _answer(request, store, q, actor=actor, at=now, only_list=False)


@router.post("/scan/photo")
def scan_photo(request: Request, store: StoreDep, now: Now, actor: Seeing, posted: Posted) -> Response:
    """Answer a photo of a code as if the code had been scanned; the photo is not kept."""
    photo = posted.get("photo")
    content = photo.file.read() if isinstance(photo, UploadFile) else b""
    try:
        q = camera.code_in(content)
    except Refused as refused:
        return _page(request, Lookup(), actor=actor, problem=str(refused), status=status_of(refused))
    return _answer(request, store, q, actor=actor, at=now, only_list=False)


@router.get("/search")
def search(request: Request, store: StoreDep, now: Now, actor: Seeing, q: str = "") -> Response:
    """List the dossiers somebody looks for, even when it is one."""
    return _answer(request, store, q, actor=actor, at=now, only_list=True)


def _answer(request: Request, store: StoreDep, q: str, *, actor: Actor, at: Now, only_list: bool) -> Response:
    try:
        reading = scans.read(q)
        looked_up = scan_queries.look_up(store, reading.scan, actor=actor, at=at)
    except Refused as refused:
        is_unknown = isinstance(refused, NotInSystem) and permissions.may(actor, Permission.ANSWER_INCIDENT)
        return _page(
            request,
            Lookup(),
            actor=actor,
            problem=str(refused),
            scanned=q,
            may_set_aside=is_unknown,
            status=status_of(refused),
        )
    if looked_up.audited:
        audit.note(
            store,
            account=actor.account,
            place=actor.place,
            what="people_searched",
            subject="",
            detail=looked_up.audited,
            at=at,
        )
    if looked_up.answer and looked_up.answer.unseen and _is_label(reading.scan):
        custody.sight(store, looked_up.answer.unseen, by=actor, at=at)
    if looked_up.answer and looked_up.answer.situation in OPENS_AT_ONCE:
        return RedirectResponse(looked_up.answer.instruction.href, status_code=303)
    if only_list and looked_up.found:
        looked_up = Lookup(found=looked_up.found)
    return _page(request, looked_up, actor=actor, card=_card(q, reading, actor), is_repaired=reading.is_repaired)


def _is_label(scan: scans.Scan) -> bool:
    """Tell whether a scan is of an envelope itself; a citizen's copy or a list names it from afar."""
    is_ours = isinstance(scan, scans.OurCode) and scan.code.kind is CodeKind.ITEM
    return is_ours or isinstance(scan, scans.PostalNumber)


def _card(q: str, reading: scans.Reading, actor: Actor) -> str:
    """Return the card that was scanned, for whoever may register; of a repaired one only the number is known."""
    if not isinstance(reading.scan, scans.Card) or not permissions.may(actor, Permission.REGISTER):
        return ""
    return reading.scan.card.number if reading.is_repaired else q.strip()


def _session(request: Request) -> str:
    """Return what tells this session from the next one at the same browser, and nothing else."""
    return hashlib.sha256(security.session_token(request).encode()).hexdigest()[:16]


def _page(
    request: Request,
    looked_up: Lookup,
    *,
    actor: Actor,
    problem: str = "",
    scanned: str = "",
    card: str = "",
    is_repaired: bool = False,
    may_set_aside: bool = False,
    status: int = 200,
) -> Response:
    tells = is_repaired and request.cookies.get(TOLD) != _session(request)
    page = ScanPage(
        answer=looked_up.answer,
        found=None if looked_up.answer else looked_up.found,
        problem=problem,
        scanned=scanned.strip()[:LONGEST_ECHO],
        may_register=permissions.may(actor, Permission.REGISTER),
        card=card,
        may_set_aside=may_set_aside,
        was_repaired=tells,
    )
    response = render.page(request, "scan/answer.html", page, status=status)
    if tells:
        secure = request.app.state.settings.is_https
        response.set_cookie(TOLD, _session(request), secure=secure, httponly=True, samesite="strict", path="/")
    return response
