"""The scan box and the search: one instruction for one thing, a list for several, a sentence for slips."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import permissions, scans
from postal.domain.codes import WrongCode, WrongSecret
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import scans as scan_queries
from postal.queries.scans import Answer, FoundList, Lookup, Situation
from postal.services import audit
from postal.web import render
from postal.web.deps import Now, StoreDep, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]

LONGEST_ECHO = 40
"""So many characters of what was scanned are shown again."""


class Garbled(Refused):
    """A Vietnamese keyboard rewrote a code on its way from the scanner."""

    code = "garbled_scan"
    vi = "Bộ gõ tiếng Việt làm sai mã vừa quét. Nhấn Ctrl + Shift để tắt (biểu tượng chữ E), rồi quét lại."
    en = "A Vietnamese keyboard changed the code. Press Ctrl + Shift to switch it off, then scan again."


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


@router.get("/scan")
def scan(request: Request, store: StoreDep, now: Now, actor: Seeing, q: str = "") -> Response:
    """Answer a scan with one instruction, or with a list when it means several dossiers.

    Whoever scans what is on his own run comes to its door at once.
    """
    return _answer(request, store, q, actor=actor, at=now, only_list=False)


@router.get("/search")
def search(request: Request, store: StoreDep, now: Now, actor: Seeing, q: str = "") -> Response:
    """List the dossiers somebody looks for, even when it is one."""
    return _answer(request, store, q, actor=actor, at=now, only_list=True)


def _answer(request: Request, store: StoreDep, q: str, *, actor: Actor, at: Now, only_list: bool) -> Response:
    try:
        looked_up = scan_queries.look_up(store, _read(q), actor=actor, at=at)
    except Refused as refused:
        return _page(request, Lookup(), actor=actor, problem=str(refused), scanned=q, status=status_of(refused))
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
    if looked_up.answer and looked_up.answer.situation is Situation.MINE_ON_RUN:
        return RedirectResponse(looked_up.answer.instruction.href, status_code=303)
    if only_list and looked_up.found:
        looked_up = Lookup(found=looked_up.found)
    return _page(request, looked_up, actor=actor, card=_card(q, actor))


def _card(q: str, actor: Actor) -> str:
    """Return the card that was scanned, for whoever may register."""
    is_card = isinstance(_read(q), scans.Card) and permissions.may(actor, Permission.REGISTER)
    return q.strip() if is_card else ""


def _read(q: str) -> scans.Scan:
    """Read what was scanned; a code with Vietnamese letters in it was garbled by the keyboard. Raises: Refused."""
    try:
        return scans.read_scan(q)
    except (WrongCode, WrongSecret):
        if not q.isascii():
            raise Garbled from None
        raise


def _page(
    request: Request,
    looked_up: Lookup,
    *,
    actor: Actor,
    problem: str = "",
    scanned: str = "",
    card: str = "",
    status: int = 200,
) -> Response:
    page = ScanPage(
        answer=looked_up.answer,
        found=None if looked_up.answer else looked_up.found,
        problem=problem,
        scanned=scanned.strip()[:LONGEST_ECHO],
        may_register=permissions.may(actor, Permission.REGISTER),
        card=card,
    )
    return render.page(request, "scan/answer.html", page, status=status)
